// questions CORE COUNT [stay]: asks its own monitor COUNT times for a domain of core CORE, whose monitor answers that. So a
// trace must show COUNT messages each way between this program and its monitor, and no others of this program. It has
// no console, which would add some; the exit status says how it went: 0, or 1 + Error of the first refusal.
// With `stay` it then waits for ever, so that it can be looked at.
#include <new>

#include "usr/console/monitor_link.hpp"

using namespace skerry;

namespace {

struct Asker final : usr::console::MonitorEvents {
    explicit Asker(runtime::Program& self) : loop(self), monitor(loop, *this) {}
    base::Status ask(base::CoreId core, uint32_t count) {
        SKERRY_CHECK(monitor.open());
        for (uint32_t i = 0; i < count; ++i) {
            auto answer = monitor.ask(urpc::monitor::NextDomain{core, base::DomainId{0}});
            if (!answer.ok()) return answer.error();
        }
        return {};
    }
    usr::console::Loop loop;
    usr::console::MonitorLink monitor;
};

// A decimal number below 10,000,000. Anything else is 0.
uint32_t number(std::string_view text) {
    uint32_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9' || text.size() > 7) return 0;
        value = value * 10 + static_cast<uint32_t>(c - '0');
    }
    return value;
}

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() < 2) return 2;
    alignas(Asker) static constinit std::byte storage[sizeof(Asker)]{};
    auto& asker = *new (storage) Asker(self);
    base::Status asked = asker.ask(base::CoreId{number(self.argument(0))}, number(self.argument(1)));
    if (self.argument_count() > 2) (void)self.dispatcher.wait_until([] { return false; }).ok();
    return asked.ok() ? 0 : 1 + static_cast<int>(asked.error());
}
