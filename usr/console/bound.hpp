// A client's channel to a service: bound by name, with a Courier if the protocol has capabilities, and left again
// without a trace.
//
//   Bound<Example> peer(session);
//   Status bound = peer.bind("example", 5'000'000'000);
//   Result<Pong> pong = peer.call(Ping{1});               // straight-line code; coroutines use peer.caller()
//   peer.leave();                                         // or the destructor; bind() again as often as you like
#pragma once

#include "usr/console/channel_courier.hpp"
#include "usr/console/session.hpp"

namespace skerry::usr::console {

// `Home`: whose monitor link and loop it uses: a program's Session, or a service's Port.
template <typename P, typename Home = Session>
class Bound final : public ChannelWatcher {
  public:
    explicit Bound(Home& session) : session_(session) { session_.watch(*this); }
    ~Bound() {
        leave();
        session_.unwatch(*this);
    }
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;

    // Errors: those of a bind (urpc/protocols/monitor.hpp).
    Status bind(std::string_view name, uint64_t patience_ns) {
        leave();
        shared_ = SKERRY_TRY(monitor().template bind<P>(name, patience_ns));
        auto* frame = platform::at<void>(shared_.address);
        auto layout = urpc::ChannelLayout::of(frame, shared_.bytes, urpc::Side::a);
        SKERRY_ASSERT(layout.ok());  // the monitor gives what was asked for
        lost_ = false;
        poker_.emplace(shared_.notify);
        caller_.emplace(loop().set(), *layout, *poker_);
        if constexpr (P::has_capabilities) {
            courier_.emplace(monitor(), shared_.channel);
            caller_->set_courier(&*courier_);
        }
        return {};
    }
    // Waits until everybody who waits for the peer has been told. Not from within a handler.
    void leave() {
        if (!caller_) return;
        caller_->close();
        (void)loop().program().dispatcher.wait_until([&] { return caller_->finished(); }).ok();
        caller_.reset();
        courier_.reset();
        uint64_t channel = shared_.channel;
        monitor().drop(shared_);
        if (lost_)
            monitor().release(channel);
        else
            monitor().close(channel);
    }
    bool open() const { return caller_.has_value() && !caller_->closed(); }
    urpc::Caller<P>& caller() { return *caller_; }
    uint64_t channel() const { return shared_.channel; }

    template <typename Request>
    Result<typename Request::Response> call(const Request& request) {
        if (!open()) return Error::closed;
        return loop().call(*caller_, request);
    }
    template <typename M>
    Status send(const M& message) {
        if (!open()) return Error::closed;
        return loop().send(*caller_, message);
    }

    void lost(uint64_t channel) override {
        if (!caller_ || channel != shared_.channel) return;
        lost_ = true;
        caller_->close();
    }

  private:
    Loop& loop() {
        if constexpr (requires { session_.loop(); })
            return session_.loop();
        else
            return session_.loop;
    }
    MonitorLink& monitor() {
        if constexpr (requires { session_.monitor(); })
            return session_.monitor();
        else
            return session_.monitor;
    }

    Home& session_;
    SharedFrame shared_;
    bool lost_ = false;
    std::optional<NotifyPoker> poker_;
    std::optional<ChannelCourier> courier_;
    std::optional<urpc::Caller<P>> caller_;
};

}  // namespace skerry::usr::console
