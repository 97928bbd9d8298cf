// A service's side: takes clients as they bind, serves them with one handler, and clears up after each that leaves or
// dies, so that it may come again.
//
//   Port<Example, Handler, 8> port(self, handler);
//   Status open = port.open("example");
//   port.serve([&] { return done; });
//
// A handler that has a type Handler::Client serves each client by an object of that type of its own, made of the handler
// and of what the monitor says of the client. If that has a closing(), it is called once the channel is closed, so that its coroutines
// that wait for something else give up; a leave(), when nothing of the client is left but this; it may wait. An accept(Incoming)
// of the handler's may refuse clients.
#pragma once

#include "usr/console/channel_courier.hpp"
#include "usr/console/channel_watcher.hpp"

namespace skerry::usr::console {

template <typename Handler>
struct ServedBy {
    using Type = Handler;
    Handler& get;
    ServedBy(Handler& handler, const urpc::monitor::Incoming&) : get(handler) {}
};
template <typename Handler>
requires requires {
    typename Handler::Client;
}
struct ServedBy<Handler> {
    using Type = typename Handler::Client;
    Type get;
    ServedBy(Handler& handler, const urpc::monitor::Incoming& client) : get(handler, client) {}
};

template <typename P, typename Handler, uint32_t Clients>
class Port final : public MonitorEvents {
  public:
    // `pool`: for the frames of handlers and answers; null = the loop's.
    Port(runtime::Program& self, Handler& handler, urpc::FramePool* pool = nullptr)
        : loop_(self), link_(loop_, *this), handler_(handler), pool_(pool != nullptr ? *pool : loop_.pool()) {}

    // Errors: those of RegisterService.
    Status open(std::string_view name) {
        SKERRY_CHECK(link_.open());
        auto registered = link_.ask(urpc::monitor::RegisterService{urpc::monitor::Name::cut(name), P::hash});
        return registered.error();
    }
    // Until `done()`, which is asked whenever something has happened; `deadline` (ns, 0 = none) as in wait_until.
    template <typename Done>
    Status serve(Done&& done, uint64_t deadline = 0) {
        for (;;) {
            auto something = [&] { return done() || someone_left() != nullptr; };
            SKERRY_CHECK(loop_.program().dispatcher.wait_until(something, deadline));
            while (auto* client = someone_left()) let_go(*client);
            if (done()) return {};
        }
    }
    // Parts with all who are still there, and takes nobody any more: for a service that goes on to something else.
    void leave() {
        left_ = true;
        for (auto& client : clients_) {
            if (client) client->peer.close();
        }
        while (auto* client = someone_left()) let_go(*client);
    }
    uint32_t clients() const {
        uint32_t count = 0;
        for (const auto& client : clients_) count += client.has_value();
        return count;
    }
    uint64_t served() const { return served_; }          // clients that have come so far
    uint64_t violations() const { return violations_; }  // channels closed because their peer broke the rules
    Loop& loop() { return loop_; }
    MonitorLink& monitor() { return link_; }

    Error incoming(const urpc::monitor::Incoming& message) override {
        if constexpr (requires { handler_.accept(message); }) {
            if (Error refused = handler_.accept(message); refused != Error::none) return refused;
        }
        for (auto& place : clients_) {
            if (place || left_) continue;
            auto shared = link_.take(message.channel, message.bytes);
            if (!shared.ok()) return shared.error();
            auto* frame = platform::at<void>(shared->address);
            auto layout = urpc::ChannelLayout::of(frame, shared->bytes, urpc::Side::b);
            if (!layout.ok() || layout->longest_message() < P::max_lines) {
                link_.drop(*shared);
                return Error::invalid_argument;
            }
            place.emplace(*this, *shared, *layout, message);
            ++served_;
            return Error::none;
        }
        return left_ ? Error::closed : Error::full;
    }
    bool gone(uint64_t channel) override {
        for (auto& client : clients_) {
            if (!client || client->shared.channel != channel) continue;
            client->lost = true;
            client->peer.close();
            return false;
        }
        watchers_.lost(channel);
        return watchers_.empty();  // else it may be one that this service has bound itself
    }
    // A service may be a client, too: Bound<P, Port<...>>.
    void watch(ChannelWatcher& watcher) { watchers_.add(watcher); }
    void unwatch(ChannelWatcher& watcher) { watchers_.remove(watcher); }

  private:
    struct Client {
        Client(Port& port, const SharedFrame& frame, const urpc::ChannelLayout& layout,
               const urpc::monitor::Incoming& who)
            : shared(frame),
              poker(frame.notify),
              handler(port.handler_, who),
              peer(port.loop_.set(), layout, poker, port.pool_, handler.get) {
            if constexpr (P::has_capabilities) {
                courier.emplace(port.link_, frame.channel);
                peer.set_courier(&*courier);
            }
        }
        SharedFrame shared;
        NotifyPoker poker;
        std::optional<ChannelCourier> courier;
        ServedBy<Handler> handler;
        urpc::Server<P, typename ServedBy<Handler>::Type> peer;
        bool lost = false, told = false;
    };
    std::optional<Client>* someone_left() {
        for (auto& client : clients_) {
            if (!client || !client->peer.closed()) continue;
            if constexpr (requires { client->handler.get.closing(); }) {
                if (!std::exchange(client->told, true)) client->handler.get.closing();
            }
            if (client->peer.finished()) return &client;
        }
        return nullptr;
    }
    void let_go(std::optional<Client>& client) {
        if (client->courier) client->courier->stop();
        if constexpr (requires { client->handler.get.leave(); }) client->handler.get.leave();
        SharedFrame shared = client->shared;
        bool lost = client->lost;
        Error reason = client->peer.reason();
        violations_ += reason == Error::corrupt || reason == Error::refused;
        client.reset();
        uint64_t channel = shared.channel;
        link_.drop(shared);
        if (lost)
            link_.release(channel);
        else
            link_.close(channel);
    }

    Loop loop_;
    MonitorLink link_;
    ChannelWatchers watchers_;
    Handler& handler_;
    urpc::FramePool& pool_;
    std::array<std::optional<Client>, Clients> clients_;
    uint64_t served_ = 0, violations_ = 0;
    bool left_ = false;
};

}  // namespace skerry::usr::console
