#include "usr/bench/message/cross_core.hpp"

#include <optional>

#include "platform/user/context.hpp"

namespace skerry::bench {

namespace monitor = urpc::monitor;
using base::Error;
using usr::console::NotifyPoker;
using usr::console::SharedFrame;

namespace {

constexpr uint64_t patience = 5'000'000'000;  // ns

// Answers the first client.
class Server final : public usr::console::MonitorEvents {
  public:
    explicit Server(runtime::Program& self) : loop_(self), link_(loop_, *this) {}

    Status run() {
        SKERRY_CHECK(link_.open());
        SKERRY_CHECK(link_.ask(monitor::RegisterService{monitor::Name::cut(ping_service), PingProtocol::hash}));
        runtime::Dispatcher& dispatcher = loop_.program().dispatcher;
        SKERRY_CHECK(dispatcher.wait_until([&] { return peer_.has_value(); }, dispatcher.now() + patience));
        SKERRY_CHECK(dispatcher.wait_until([&] { return gone_ || peer_->closed(); }));
        peer_->close();
        SKERRY_CHECK(dispatcher.wait_until([&] { return peer_->finished(); }));
        peer_.reset();
        return {};
    }

    Error incoming(const monitor::Incoming& message) override {
        if (peer_) return Error::busy;
        auto shared = link_.take(message.channel, message.bytes);
        if (!shared.ok()) return shared.error();
        auto* frame = reinterpret_cast<void*>(shared->address);
        auto layout = urpc::ChannelLayout::of(frame, shared->bytes, urpc::Side::b);
        if (!layout.ok()) {
            link_.drop(*shared);
            return layout.error();
        }
        poker_.emplace(shared->notify);
        peer_.emplace(loop_.set(), *layout, *poker_, loop_.pool(), handler_);
        return Error::none;
    }
    bool gone(uint64_t) override {
        gone_ = true;
        return false;  // the frame stays mapped until this program ends, soon
    }

  private:
    struct Handler {
        Result<Pong> operator()(const Ping& ping) { return Pong{ping.value + 1}; }
    };

    usr::console::Loop loop_;
    usr::console::MonitorLink link_;
    Handler handler_;
    std::optional<NotifyPoker> poker_;
    std::optional<urpc::Server<PingProtocol, Handler>> peer_;
    bool gone_ = false;
};

Status measure(usr::console::Session& session, urpc::Caller<PingProtocol>& peer, Samples& samples) {
    samples.clear();
    for (uint32_t i = 0; !samples.full(); ++i) {
        uint64_t before = platform::read_cycle_counter();
        Pong pong = SKERRY_TRY(session.loop.call(peer, Ping{i}));
        uint64_t after = platform::read_cycle_counter();
        if (pong.value != uint64_t{i} + 1) return Error::corrupt;
        if (i >= Samples::warm_up) samples.add(after - before);
    }
    return {};
}

}  // namespace

Result<base::CoreId> other_core(usr::console::Session& session) {
    uint32_t own = session.loop.program().core().value;
    for (uint32_t i = 0, count = 1; i < count; ++i) {
        auto info = SKERRY_TRY(session.monitor.ask(monitor::CoreStatus{base::CoreId{i}}));
        count = info.core_count;
        if (i != own && info.state == monitor::CoreState::online) return base::CoreId{i};
    }
    return Error::not_found;
}

Status call_across(usr::console::Session& session, base::CoreId core, Samples& samples) {
    monitor::Spawn spawn{core, monitor::Name::cut("bench_message"), {}, monitor::spawn_flags::background};
    for (char c : std::string_view("serve\0", 6))
        spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
    SKERRY_CHECK(session.monitor.ask(spawn));
    SharedFrame shared = SKERRY_TRY(session.monitor.bind<PingProtocol>(ping_service, patience));
    auto layout =
        SKERRY_TRY(urpc::ChannelLayout::of(reinterpret_cast<void*>(shared.address), shared.bytes, urpc::Side::a));
    NotifyPoker poker(shared.notify);
    urpc::Caller<PingProtocol> peer(session.loop.set(), layout, poker);
    Status measured = measure(session, peer, samples);
    peer.close();
    SKERRY_CHECK(session.loop.program().dispatcher.wait_until([&] { return peer.finished(); }));
    return measured;
}

Status serve(runtime::Program& self) {
    alignas(Server) static constinit std::byte storage[sizeof(Server)]{};
    return (new (storage) Server(self))->run();
}

}  // namespace skerry::bench
