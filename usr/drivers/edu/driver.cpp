#include "usr/drivers/edu/driver.hpp"

#include "usr/drivers/chooser.hpp"
#include "usr/drivers/edu/hold.hpp"
#include "usr/drivers/edu/protocol.hpp"

namespace skerry::usr::edu {

namespace {

constexpr uint64_t patience = 10'000'000'000;  // ns

// Sleeps until the device's message wakes the dispatcher; looks at the device only then.
class Driver final : public urpc::Polled {
  public:
    explicit Driver(console::Session& session) : session_(session), hold_(session), service_(session) {}

    Status start() {
        SKERRY_CHECK(service_.bind(service_name, patience));
        Status held = hold_.take(patience);
        if (held.ok()) held = hold_.listen();
        if (!held.ok()) {
            (void)service_.send(Failed{held.error()}).ok();
            return held;
        }
        session_.loop.set().add(*this);
        return {};
    }
    Status serve() {
        for (;;) {
            console::Pending<Order> order;
            session_.loop.start(service_.caller(), Fetch{}, order);
            // The job at hand may end meanwhile; only then is there another.
            Status waited = wait([&] { return order.done || !service_.open(); });
            if (!waited.ok()) return waited;
            if (!order.result.ok()) return order.result.error();
            if (order.result->kind == Kind::leave) return leave();
            begin(*order.result);
            SKERRY_CHECK(look_where());
        }
    }

    // A message that was taken is acknowledged before the device is looked at: a cause that comes later sends another.
    size_t poll() override {
        if (!busy_) return 0;
        uint64_t taken = hold_.acknowledge();
        if (taken == seen_) return 0;
        seen_ = taken;
        if (!look(true)) empty_++;
        return 1;
    }
    bool prepare_to_block() override { return poll() == 0; }
    void cancel_block() override {}

  private:
    // Whether there was a cause. Who clears it has the job's end, nobody else.
    bool look(bool interrupted) {
        uint32_t causes = hold_.device().causes();
        if (causes == 0) return false;
        hold_.device().clear(causes);
        if ((causes & Device::factorial_done) == 0) return true;
        busy_ = false;
        done_.push(Done{job_, hold_.device().result(), interrupted, lost_});
        return true;
    }
    void begin(const Order& order) {
        bool going = order.goes_on && (hold_.device().computing() || hold_.device().causes() != 0);
        job_ = order.job, busy_ = true, lost_ = order.goes_on && !going;
        uint64_t taken = hold_.acknowledge();
        bool message = std::exchange(seen_, taken) != taken;
        if (going) {
            (void)look(message);  // without one, it went to the old core, or is on its way
            return;
        }
        // What somebody has left behind who is gone.
        while (hold_.device().computing()) session_.loop.program().dispatcher.sleep_until(now() + 100'000);
        hold_.device().clear(hold_.device().causes());
        hold_.device().compute(order.n);
    }
    // Reports are sent from here, not while polling.
    template <typename Condition>
    Status wait(Condition&& condition) {
        for (;;) {
            auto something = [&] { return !done_.empty() || condition(); };
            SKERRY_CHECK(session_.loop.program().dispatcher.wait_until(something));
            if (done_.empty()) return {};
            SKERRY_CHECK(service_.send(done_.take()));
        }
    }
    Status leave() {
        hold_.silence();
        session_.loop.set().remove(*this);
        if (!done_.empty()) SKERRY_CHECK(service_.send(done_.take()));
        return service_.send(Left{seen_, empty_});
    }

    uint64_t now() { return session_.loop.program().dispatcher.now(); }
    // Is this still the core that the rules choose? Not asked more often than it costs little to ask.
    Status look_where() {
        constexpr uint64_t interval = 10'000'000;  // ns
        if (asked_ != 0 && now() < asked_ + interval) return {};
        auto core = chooser_.core_for(hold_.source());
        asked_ = now();
        if (!core.ok() || *core == session_.loop.program().core()) return {};
        return service_.send(Elsewhere{*core});
    }

    struct OneDone {
        bool full = false;
        Done done{};
        bool empty() const { return !full; }
        void push(const Done& d) { done = d, full = true; }
        Done take() { return full = false, done; }
    };

    console::Session& session_;
    Hold hold_;
    console::Bound<Protocol> service_;
    drivers::Chooser chooser_{session_};
    OneDone done_;  // one job at a time
    uint64_t job_ = 0, seen_ = 0, empty_ = 0, asked_ = 0;
    bool busy_ = false, lost_ = false;
};

}  // namespace

int drive(console::Session& session) {
    alignas(Driver) static constinit std::byte storage[sizeof(Driver)]{};
    auto& driver = *new (storage) Driver(session);  // never destroyed: what it holds goes with the program
    if (!driver.start().ok()) return session.finish(1);
    return session.finish(driver.serve().ok() ? 0 : 1);
}

}  // namespace skerry::usr::edu
