// A device that interrupts without end, and a driver that serves it badly on purpose: it shows that whatever the device
// does, the core is entered at most as often as its driver acknowledges. Started by the boot loader's line, with the
// programmable interval timer (its ports begin at 0x40; edges, 12,000 a second) or the clock (at 0x70; its line is
// never lowered: to be routed by level).
#include "usr/console/session.hpp"
#include "usr/test/report.hpp"

namespace {

using namespace skerry;
using base::Error;
using runtime::InterruptCap;
using usr::test::Report;

constexpr uint64_t ms = 1'000'000;
constexpr uint64_t quiet_time = 50 * ms, storm_time = 2500 * ms;
constexpr uint32_t served = 100;
constexpr uint32_t timer_ports = 0x40, clock_ports = 0x70;

bool start_timer(const runtime::PortsCap& ports) {
    constexpr uint32_t mode = 0x34, count = 100;  // channel 0, both bytes, periodic, at 1,193,182 Hz / 100
    return ports.out(timer_ports + 3, 1, mode).ok() && ports.out(timer_ports, 1, count).ok() &&
           ports.out(timer_ports, 1, 0).ok();
}
bool start_clock(const runtime::PortsCap& ports) {
    constexpr uint32_t register_b = 0x0b, periodic_24_hours = 0x42;
    return ports.out(clock_ports, 1, register_b).ok() && ports.out(clock_ports + 1, 1, periodic_24_hours).ok();
}

struct Storm {
    runtime::Program& self;
    Report report;
    InterruptCap line{};
    uint64_t acknowledged = 0;

    uint64_t acknowledge() {
        auto taken = line.acknowledge(0);
        acknowledged += taken.ok();
        return taken.ok() ? *taken : 0;
    }
    void connect(bool (*start)(const runtime::PortsCap&)) {
        report.equal("acknowledged before it was connected", line.acknowledge(0).error(), Error::closed);
        report.equal("connected", line.connect(0, capabilities::well_known::dispatcher).error(), Error::none);
        report.equal("connected twice", line.connect(0, capabilities::well_known::dispatcher).error(), Error::busy);
        report.equal("beyond the capability", line.acknowledge(1).error(), Error::out_of_range);
        report.equal("disconnected beyond it", line.disconnect(~0u).error(), Error::out_of_range);
        report.check("device started", start(runtime::PortsCap{}));
    }
    // As a driver should: wait, acknowledge.
    void serve() {
        uint64_t taken = acknowledge(), deadline = self.dispatcher.now() + 1000 * ms;
        uint64_t end = taken + served;
        (void)self.dispatcher.wait_until([&] { return acknowledge() >= end; }, deadline).ok();
        report.check("interrupts come and are acknowledged", acknowledge() >= end);
    }
    void leave_unanswered() {
        uint64_t before = acknowledge();
        self.dispatcher.sleep_until(self.dispatcher.now() + quiet_time);
        uint64_t after = acknowledge();
        report.check("one is outstanding", after > before);
        report.check("and masks all others", after <= before + 2);  // a second may have been on its way
    }
    void storm() {
        uint64_t before = acknowledge(), asked = acknowledged, end = self.dispatcher.now() + storm_time;
        while (self.dispatcher.now() < end) acknowledge();
        uint64_t taken = acknowledge() - before, given = acknowledged - asked;
        base::Buffer<80> text;
        text << "taken " << taken << " acknowledged " << given;
        report.note(text.view());
        report.check("a storm, indeed", taken >= served);
        report.check("entries are bounded by acknowledgements", taken <= given + 1);
    }
    void disconnect() {
        report.equal("disconnected", line.disconnect(0).error(), Error::none);
        report.equal("acknowledged afterwards", line.acknowledge(0).error(), Error::closed);
        report.equal("disconnected twice", line.disconnect(0).error(), Error::closed);
    }
};

int run(runtime::Program& self, usr::console::Session& session) {
    auto write = [](void* to, std::string_view line) { static_cast<usr::console::Session*>(to)->console.write(line); };
    auto ports = runtime::CNodeCap{}.identify(capabilities::well_known::ports);
    bool timer = ports.ok() && ports->base == timer_ports;
    bool known = timer || (ports.ok() && ports->base == clock_ports);
    Storm storm{self, Report(timer ? "timer" : "clock", write, &session)};
    storm.report.check("a device that is known here", known);
    if (!known) return storm.report.finish();
    storm.connect(timer ? start_timer : start_clock);
    storm.serve();
    storm.leave_unanswered();
    storm.storm();
    storm.disconnect();
    return storm.report.finish();
}

}  // namespace

int program_main(runtime::Program& self) {
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    return session.finish(run(self, session));
}
