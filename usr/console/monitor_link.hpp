// A program's rings to its core's monitor, and binding by name over them.
#pragma once

#include <optional>

#include "urpc/protocols/monitor.hpp"
#include "usr/console/loop.hpp"

namespace skerry::usr::console {

// What a bind brings: a mapped frame shared with the peer, and the capability that wakes it.
struct SharedFrame {
    uint64_t channel = 0;  // its name between this program and the monitor
    uint64_t address = 0;  // 0 = none
    uint64_t bytes = 0;
    runtime::CapRef frame;
    runtime::CapRef notify;
};

// Service programs override what concerns them.
class MonitorEvents {
  public:
    virtual Error incoming(const urpc::monitor::Incoming&) { return Error::refused; }  // none = accepted
    // The peer is gone. true: the frame is unmapped already; false: MonitorLink::release() will be called
    // soon.
    virtual bool gone(uint64_t /*channel*/) { return true; }

  protected:
    ~MonitorEvents() = default;
};

class MonitorLink {
  public:
    using Protocol = urpc::monitor::Protocol;

    MonitorLink(Loop& loop, MonitorEvents& events) : loop_(loop), events_(events) {}

    // Errors: not_found (the spawner gave no rings).
    Status open();

    template <typename Request>
    Result<typename Request::Response> ask(const Request& request) {
        if (!peer_) return Error::closed;
        return loop_.call(*peer_, request);
    }
    template <typename Request>
    void ask_later(const Request& request, Pending<typename Request::Response>& pending) {
        SKERRY_ASSERT(peer_.has_value());
        loop_.start(*peer_, request, pending);
    }

    // For coroutines; only after open().
    urpc::Caller<Protocol>& peer() {
        SKERRY_ASSERT(peer_.has_value());
        return *peer_;
    }
    Loop& loop() { return loop_; }

    // Binds to a service by name; waits up to `patience_ns` for it to appear.
    template <typename P>
    Result<SharedFrame> bind(std::string_view name, uint64_t patience_ns) {
        return bind(name, patience_ns, P::hash, urpc::monitor::frame_bytes_for(P::max_lines));
    }
    Result<SharedFrame> bind(std::string_view name, uint64_t patience_ns, uint64_t protocol, uint64_t bytes);
    // The capabilities that were delivered for a channel, mapped. Errors: not_found (they did not come),
    // no_memory.
    Result<SharedFrame> take(uint64_t channel, uint64_t bytes);
    // Tells the monitor that a channel that is gone is not used any more.
    void release(uint64_t channel);
    // The same of a channel that we have given up ourselves.
    void close(uint64_t channel);
    // Unmaps the frame and forgets both capabilities.
    void drop(SharedFrame& frame);

  private:
    struct MonitorPoker final : runtime::TracingPoker {
        void poke() override;
    };
    struct Handler {
        MonitorLink& link;
        void operator()(const urpc::monitor::Incoming& message);
        void operator()(const urpc::monitor::ChannelGone& message);
        Error operator()(const auto&) { return Error::corrupt; }  // nothing else is ours to serve
    };
    runtime::CapRef take_capability(uint64_t channel, urpc::monitor::DeliveryKind kind);
    runtime::CapRef find_capability(uint64_t channel, urpc::monitor::DeliveryKind kind);

    Loop& loop_;
    MonitorEvents& events_;
    MonitorPoker poker_;
    Handler handler_{*this};
    std::optional<urpc::Server<Protocol, Handler>> peer_;
};

}  // namespace skerry::usr::console
