#include "usr/bench/message/server.hpp"

#include <optional>

#include "usr/bench/message/raw_ring.hpp"
#include "usr/console/monitor_link.hpp"

namespace skerry::bench {

namespace monitor = urpc::monitor;
using usr::console::NotifyPoker;

namespace {

constexpr uint64_t patience = 5'000'000'000;  // ns

class Server final : public usr::console::MonitorEvents {
  public:
    explicit Server(runtime::Program& self) : loop_(self), link_(loop_, *this) {}

    Status run(std::string_view service) {
        SKERRY_CHECK(link_.open());
        SKERRY_CHECK(link_.ask(monitor::RegisterService{monitor::Name::cut(service), PingProtocol::hash}));
        SKERRY_CHECK(dispatcher().wait_until([&] { return peer_.has_value(); }, dispatcher().now() + patience));
        for (;;) {
            SKERRY_CHECK(dispatcher().wait_until([&] { return gone_ || peer_->closed() || asked_.lines != 0; }));
            if (gone_ || peer_->closed()) break;
            echo();
        }
        peer_->close();
        SKERRY_CHECK(dispatcher().wait_until([&] { return peer_->finished(); }));
        peer_.reset();
        return {};
    }

    Error incoming(const monitor::Incoming& message) override {
        if (peer_) return Error::busy;
        auto shared = link_.take(message.channel, message.bytes);
        if (!shared.ok()) return shared.error();
        auto* frame = reinterpret_cast<std::byte*>(shared->address);
        auto layout = urpc::ChannelLayout::of(frame, frame_bytes / 2, urpc::Side::b);
        auto raw = urpc::ChannelLayout::of(frame + frame_bytes / 2, frame_bytes / 2, urpc::Side::b);
        if (shared->bytes != frame_bytes || !layout.ok() || !raw.ok()) {
            link_.drop(*shared);
            return Error::refused;
        }
        poker_.emplace(shared->notify);
        peer_.emplace(loop_.set(), *layout, *poker_, loop_.pool(), handler_, most_in_flight);
        raw_.emplace(*raw);
        return Error::none;
    }
    bool gone(uint64_t) override {
        gone_ = true;
        return false;  // the frame stays mapped until this program ends, soon
    }

  private:
    struct Handler {
        Server& server;
        Result<Pong> operator()(const Ping& ping) { return Pong{ping.value + 1}; }
        Result<Ready> operator()(const Echo& echo) {
            server.asked_ = echo;
            return Ready{};
        }
        Result<Ready> operator()(const PollFor& time) {
            server.dispatcher().set_poll_time(time.ns);
            return Ready{};
        }
    };

    // A client that breaks off leaves us here; the monitor ends us with the shell's `kill`.
    void echo() {
        for (; asked_.lines != 0; --asked_.lines) {
            auto word = raw_->receive(asked_.waiting);
            if (!word.ok() || !raw_->send(*word).ok()) return peer_->close(Error::corrupt);
        }
    }
    runtime::Dispatcher& dispatcher() { return loop_.program().dispatcher; }

    usr::console::Loop loop_;
    usr::console::MonitorLink link_;
    Handler handler_{*this};
    std::optional<NotifyPoker> poker_;
    std::optional<urpc::Server<PingProtocol, Handler>> peer_;
    std::optional<RawSide> raw_;
    Echo asked_{};
    bool gone_ = false;
};

}  // namespace

Status serve(runtime::Program& self, std::string_view service) {
    alignas(Server) static constinit std::byte storage[sizeof(Server)]{};
    return (new (storage) Server(self))->run(service);
}

}  // namespace skerry::bench
