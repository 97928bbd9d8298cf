// The typed ends of a connection. A Caller calls and sends; a Server also serves (and may call too).
//
//   Caller<Example> caller(set, layout, poker);
//   auto call = caller.call(Ping{.value = 1});            // nothing happens yet
//   Result<Pong> pong = co_await call;                    // several coroutines may do so at once
//
//   struct Handler {
//       Result<Pong> operator()(const Ping& ping);                          // at once, or
//       Task<Result<Pong>> operator()(FramePool& pool, Ping ping);          // as a coroutine
//       void operator()(const Log& log);                                    // one way
//   };
//   Server<Example, Handler> server(set, layout, poker, pool, handler);
//
// An Error that a handler yields instead of a response travels back and is what the call yields.
#pragma once

#include "urpc/capability.hpp"
#include "urpc/connection.hpp"

namespace skerry::urpc {

constexpr size_t whole_lines(size_t words) {
    return words == 0 ? payload_words : (words + payload_words - 1) / payload_words * payload_words;
}

// A call on its way: co_await yields Result<Response>. Errors: what the handler yielded; closed, corrupt,
// refused as the channel's end; no_memory if the server had no frame for it.
template <typename P, typename Request>
class [[nodiscard]] Call : public Exchange {
    using Response = typename Request::Response;

  public:
    Call(Connection& connection, const Request& request)
        : Exchange(connection, storage_, P::template opcode<Request>, P::template opcode<Response>,
                   whole_lines(P::template max_words_of<Response>)),
          request_(keep(request)) {
        if constexpr (P::template is_short<Response>) line_words_ = P::template max_words_of<Response>;
        if constexpr (!P::template is_short<Request>) marshal(request);
    }
    bool await_suspend(std::coroutine_handle<> awaiting) {
        handle = awaiting;
        if constexpr (P::template is_short<Request>) {
            if (Line* line = connection_.begin_line(*this)) [[likely]] {
                P::write(request_, *line);
                return connection_.launch(*this);
            }
        }
        if constexpr (P::template is_short<Request>) marshal(request_);
        return connection_.begin(*this);
    }
    base::Result<Response> await_resume() {
        Error error = conclude();
        if (error != Error::none) return error;
        auto response = P::template unmarshal<Response>(std::span<const uint64_t>(storage_, words_));
        Status taken = response.error();
        if constexpr (CarriesCapability<Response>) {
            if (taken.ok()) taken = connection_.claim(capability_in(response.value()));
        }
        if (taken.ok()) [[likely]]
            return response;
        connection_.close(taken.error());
        return taken.error();
    }

  private:
    struct Nothing {};
    using Kept = std::conditional_t<P::template is_short<Request>, Request, Nothing>;  // long ones are in storage_
    static Kept keep(const Request& request) {
        if constexpr (P::template is_short<Request>)
            return request;
        else
            return {};
    }
    void marshal(const Request& request) { words_ = static_cast<uint16_t>(P::marshal(request, storage_)); }

    [[no_unique_address]] Kept request_;
    uint64_t storage_[whole_lines(std::max(P::template max_words_of<Request>, P::template max_words_of<Response>))];
};

// A message one way: co_await yields Status when it is in the ring. Errors: as the channel ended.
template <typename P, typename M>
class [[nodiscard]] Sending : public Exchange {
  public:
    Sending(Connection& connection, const M& message) : Exchange(connection, storage_, P::template opcode<M>, 0, 0) {
        words_ = static_cast<uint16_t>(P::marshal(message, storage_));
    }
    Status await_resume() { return conclude(); }

  private:
    uint64_t storage_[whole_lines(P::template max_words_of<M>)];
};

// The answer to request `id`: a response or the error instead of it.
template <typename P, typename Response>
class [[nodiscard]] Answer : public Exchange {
  public:
    Answer(Connection& connection, uint16_t id, const base::Result<Response>& result)
        : Exchange(connection, storage_, P::template opcode<Response>, 0, 0) {
        id_ = id;
        answers_ = true;
        control_ = !result.ok();
        if (result.ok())
            words_ = static_cast<uint16_t>(P::marshal(result.value(), storage_));
        else
            storage_[0] = static_cast<uint64_t>(result.error()), words_ = 1;
    }
    Status await_resume() { return conclude(); }

  private:
    uint64_t storage_[whole_lines(P::template max_words_of<Response>)];
};

template <typename P>
class Caller : public Connection {
  public:
    // The layout must satisfy layout.longest_message() >= P::max_lines. `calls`: as in Connection.
    Caller(PollSet& set, const ChannelLayout& layout, Poker& poker, uint32_t calls = usual_calls)
        : Connection(set, layout, poker, assembly_, P::hash, calls) {}

    // Messages with a capability: call_with, send_with.
    template <CallMessage Request>
    Call<P, Request> call(const Request& request) {
        return Call<P, Request>(*this, request);
    }
    // auto sending = caller.send(Log{...}); Status status = co_await sending;  waits for credits
    template <typename M>
    Sending<P, M> send(const M& message) {
        static_assert(one_way<M>, "calls are made by call(), answered by the handler");
        return Sending<P, M>(*this, message);
    }
    // Without a coroutine: sends now or refuses. Errors: full, closed.
    template <typename M>
    Status try_send(const M& message) {
        static_assert(one_way<M>, "calls are made by call(), answered by the handler");
        if constexpr (P::template is_short<M>) {
            if (this->template put_line<P>(message, this->fresh_id())) return {};
        }
        uint64_t words[whole_lines(P::template max_words_of<M>)];
        size_t count = P::marshal(message, words);
        return try_send_now(P::template opcode<M>, fresh_id(), std::span(words, count));
    }

  protected:
    bool is_response(uint8_t opcode) const final { return P::is_response_opcode(opcode); }
    Status serve(const Message&) override { return Error::corrupt; }  // we serve nothing

  public:
    // Polled's.
    size_t poll() override {
        return this->poll_straight([this](uint64_t header) {
            return P::is_response_opcode(Header::opcode_in(header)) ? this->complete_line(header)
                                                                    : Status(Error::corrupt);
        });
    }

  private:
    template <typename M>
    static constexpr bool one_way = P::template contains<M> && !CallMessage<M> && !P::template is_response<M>;
    uint64_t assembly_[P::max_words];
};

// A message with a capability (capability.hpp): brings that first. Errors: those of Courier::bring, Sending.
template <typename P, CarriesCapability M>
Task<Status> send_with(FramePool& pool, Caller<P>& caller, M message) {
    Capability own = capability_in(message);
    auto bringing = caller.bring(pool, capability_in(message));
    Status status = co_await bringing;
    if (!status.ok()) co_return status;
    auto sending = caller.send(message);
    status = co_await sending;
    if (status.ok()) caller.sent(own);
    co_return status;
}
// A call whose request has a capability. When it was given away and the call fails with anything but closed, it is
// the server's. Errors: those of Courier::bring, Call.
template <typename P, CallMessage Request>
requires CarriesCapability<Request> Task<base::Result<typename Request::Response>> call_with(FramePool& pool,
                                                                                             Caller<P>& caller,
                                                                                             Request request) {
    Capability own = capability_in(request);
    auto bringing = caller.bring(pool, capability_in(request));
    Status status = co_await bringing;
    if (!status.ok()) co_return status.error();
    auto call = caller.call(request);
    auto response = co_await call;
    if (response.error() != Error::closed) caller.sent(own);
    co_return response;
}

// Sends a response, or the error instead of it; a capability in it is brought first.
template <typename P, typename Response>
Task<Status> answer_with(FramePool& pool, Connection& connection, uint16_t id, base::Result<Response> result) {
    Capability own;
    if constexpr (CarriesCapability<Response>) {
        if (result.ok()) {
            own = capability_in(result.value());
            auto bringing = connection.bring(pool, capability_in(result.value()));
            Status status = co_await bringing;
            if (!status.ok()) result = base::Result<Response>(status.error());
        }
    }
    bool whole = result.ok();
    Answer<P, Response> message(connection, id, result);
    Status status = co_await message;
    if (status.ok() && whole) connection.sent(own);
    co_return status;
}
// Runs a handler's coroutine and sends what it yields.
template <typename P, typename Response>
Task<Status> answer(FramePool& pool, Connection& connection, uint16_t id, Task<base::Result<Response>> work) {
    auto result = co_await work;
    if constexpr (CarriesCapability<Response>) {
        auto answering = answer_with<P, Response>(pool, connection, id, result);
        Status status = co_await answering;
        co_return status;
    } else {
        Answer<P, Response> message(connection, id, result);
        Status status = co_await message;
        co_return status;
    }
}

template <typename P, typename Handler>
class Server : public Caller<P> {
  public:
    // Frames of coroutine handlers come from `pool`; at most `calls` handlers live at a time.
    // handler(message) takes each message but the responses (a catch-all `(const auto&) -> Error` may refuse
    // the rest).
    Server(PollSet& set, const ChannelLayout& layout, Poker& poker, FramePool& pool, Handler& handler,
           uint32_t calls = Connection::usual_calls)
        : Caller<P>(set, layout, poker, calls), pool_(pool), handler_(handler) {}

    size_t poll() final {
        return this->poll_straight([this](uint64_t header) { return serve_line(header); });
    }

  protected:
    Status serve(const Message& message) final {
        return P::dispatch(message, [&]<typename M>(const M& m) -> Status {
            if constexpr (P::template is_response<M>)
                return Error::corrupt;
            else
                return serve_message(m, message.id);
        });
    }

  private:
    [[gnu::always_inline]] Status serve_line(uint64_t header) {
        return P::with(Header::opcode_in(header), [&]<typename M>() -> Status {
            if constexpr (P::template is_response<M>) {
                return this->complete_line(header);
            } else if constexpr (P::template is_short<M>) {
                M message{};
                if (Error wrong = P::read(this->channel().line(), message); wrong != Error::none) return wrong;
                SKERRY_CHECK(this->taken(header));
                return serve_message(message, Header::id_in(header));
            } else {
                return this->serve_copy(header);
            }
        });
    }
    template <typename M>
    Status serve_message(const M& message, uint16_t id) {
        if constexpr (CarriesCapability<M>) {
            M claimed = message;
            SKERRY_CHECK(this->claim(capability_in(claimed)));
            return serve_claimed(claimed, id);
        } else {
            return serve_claimed(message, id);
        }
    }
    template <typename M>
    Status serve_claimed(const M& message, uint16_t id) {
        if constexpr (CallMessage<M>)
            return serve_call(message, id);
        else
            return serve_one_way(message);
    }

    template <typename M>
    Status serve_one_way(const M& message) {
        static_assert(std::is_invocable_v<Handler&, const M&>, "the handler lacks an overload for a message");
        if constexpr (std::is_void_v<decltype(handler_(message))>)
            return handler_(message), Status{};
        else
            return handler_(message);  // an error closes the channel
    }

    template <typename Request>
    Status serve_call(const Request& request, uint16_t id) {
        using Response = typename Request::Response;
        constexpr bool is_coroutine = std::is_invocable_v<Handler&, FramePool&, const Request&>;
        static_assert(is_coroutine || std::is_invocable_v<Handler&, const Request&>,
                      "the handler lacks an overload for a call");
        if constexpr (is_coroutine) {
            Task<base::Result<Response>> work = handler_(pool_, request);
            start(id, answer<P, Response>(pool_, *this, id, std::move(work)));
        } else {
            base::Result<Response> result = handler_(request);
            respond(id, result);
        }
        return {};
    }

    template <typename Response>
    void respond(uint16_t id, const base::Result<Response>& result) {
        if (!result.ok()) return this->fail_call(id, result.error());
        if constexpr (CarriesCapability<Response>) return start(id, answer_with<P, Response>(pool_, *this, id, result));
        if constexpr (P::template is_short<Response>) {
            if (this->template put_line<P>(result.value(), id)) [[likely]]
                return;
        }
        respond_slowly(id, result);
    }
    template <typename Response>
    [[gnu::noinline]] void respond_slowly(uint16_t id, const base::Result<Response>& result) {
        uint64_t words[whole_lines(P::template max_words_of<Response>)];
        size_t count = P::marshal(result.value(), words);
        auto sent = this->try_send_now(P::template opcode<Response>, id, std::span(words, count));
        if (sent.error() != Error::full) return;  // sent, or nobody is left to answer
        start(id, answer_with<P, Response>(pool_, *this, id, result));
    }

    void start(uint16_t id, Task<Status> task) {
        Status started = spawn(this->handlers(), std::move(task));
        this->handler_started();
        if (!started.ok()) this->fail_call(id, started.error());
    }

    FramePool& pool_;
    Handler& handler_;
};

}  // namespace skerry::urpc
