// The first program of the core that boots. It has every capability that there is, and gives nearly all of them away:
// RAM to the memory service, the kernel's to the monitor, the serial port to the console. Then it waits, as the
// parent of the first services and the one that can switch the machine off.
#include <new>

#include "urpc/protocols/monitor.hpp"
#include "usr/init/interrupt_route.hpp"
#include "usr/init/machine.hpp"
#include "usr/init/power.hpp"
#include "usr/init/report.hpp"
#include "usr/init/services.hpp"

namespace {

using namespace skerry;
using namespace skerry::init;
using namespace skerry::capabilities;
namespace service_start = urpc::service_start;

constinit firmware::Topology machine;  // some 16 KiB: too large for a stack
constexpr uint8_t serial_interrupt = 4;
constexpr uint32_t serial_port = 0x3f8, serial_ports = 8, serial_vector = 0x30;
enum Tag : uint64_t { tag_console = 1, tag_shell };

base::Status start_console(runtime::Program& self, Services& services, bool interrupt_works) {
    runtime::Owned ports = SKERRY_TRY(runtime::Owned::empty(self.slots));
    runtime::Owned interrupt = SKERRY_TRY(runtime::Owned::empty(self.slots));
    SKERRY_CHECK(
        runtime::CNodeCap{}.retype(ports.ref(), well_known::ports, Type::device_ports, 0, serial_port, serial_ports));
    SKERRY_CHECK(runtime::CNodeCap{}.retype(interrupt.ref(), well_known::interrupt, Type::interrupt, 0, 0, 1));
    Services::Lend lend[] = {{well_known::ports.index(), ports.ref()},
                             {well_known::interrupt.index(), interrupt.ref()}};
    base::Status asked = services.start_by_monitor("console", tag_console, service_start::flags::system,
                                                   std::span(lend, interrupt_works ? 2 : 1));
    // The monitor's copies are what counts now; ours stay, so that a later console can be given the same.
    (void)ports.release(), (void)interrupt.release();
    return asked;
}

// Serves what the monitor says, for ever.
[[noreturn]] void serve(runtime::Program& self, Services& services) {
    const firmware::PowerControl* power = machine.power ? &*machine.power : nullptr;
    for (;;) {
        runtime::Message message;
        auto any = [](const runtime::Message&) { return true; };
        (void)self.dispatcher.wait_until([&] { return self.dispatcher.take(any, message); }).ok();
        const service_start::Words& words = message.word;
        switch (static_cast<service_start::Operation>(words[0])) {
            case service_start::Operation::cores:
                (void)services
                    .start_by_monitor("shell", tag_shell, service_start::flags::system | service_start::flags::manager,
                                      {})
                    .ok();
                break;
            case service_start::Operation::started: {
                auto started = service_start::unpack<service_start::Started>(words);
                if (started.error == 0) break;
                base::Buffer<80> line;
                line << (started.tag == tag_console ? "console" : "shell")
                     << " cannot be started: " << base::text(static_cast<base::Error>(started.error));
                report(line.view());
                break;
            }
            case service_start::Operation::ended: {
                auto ended = service_start::unpack<service_start::Ended>(words);
                base::Buffer<80> line;
                line << "service " << base::core_of(base::DomainId{ended.domain}) << ':'
                     << base::counter_of(base::DomainId{ended.domain}) << " ended with status " << ended.status;
                report(line.view());
                break;
            }
            case service_start::Operation::power: {
                auto asked = service_start::unpack<service_start::Power>(words);
                if (static_cast<urpc::monitor::PowerAction>(asked.action) == urpc::monitor::PowerAction::reboot) {
                    reboot(power);
                } else {
                    power_off(power);
                }
                break;
            }
            default: {
                base::Buffer<100> line;
                line << "a service failed: words " << base::Hex{words[0]} << ' ' << base::Hex{words[1]} << ' '
                     << base::Hex{words[2]};
                report(line.view());
            }
        }
    }
}

}  // namespace

int program_main(runtime::Program& self) {
    static constinit std::byte storage[sizeof(Services)] = {};
    auto& services = *new (storage) Services(self);
    if (!services.open_archive().ok()) return 1;
    bool interrupt_works = false;
    {
        DeviceMemory memory(self);
        discover_machine(self, memory, machine);
        base::HardwareId here{self.boot->hardware_id};
        interrupt_works = route_interrupt(memory, machine, serial_interrupt, here, serial_vector).ok();
        if (!interrupt_works) report("no interrupt for the console: it polls");
    }
    if (base::Status s = services.start_memory(machine); !s.ok()) report(base::text(s.error()));
    if (base::Status s = services.start_monitor(machine); !s.ok()) report(base::text(s.error()));
    if (base::Status s = start_console(self, services, interrupt_works); !s.ok()) report(base::text(s.error()));
    serve(self, services);
}
