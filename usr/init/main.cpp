// The first program of the core that boots. It has every capability that there is, and gives nearly all of them away:
// RAM to the memory service, the kernel's to the monitor, the serial port to the console. Then it waits, as the
// parent of the first services and the one that can switch the machine off.
#include <new>

#include "platform/user/cpu_topology.hpp"
#include "urpc/protocols/monitor.hpp"
#include "usr/init/boot_driver.hpp"
#include "usr/init/interrupt_route.hpp"
#include "usr/init/machine.hpp"
#include "usr/init/pci_windows.hpp"
#include "usr/init/power.hpp"
#include "usr/init/report.hpp"
#include "usr/init/services.hpp"

namespace {

using namespace skerry;
using namespace skerry::init;
using namespace skerry::capabilities;
namespace service_start = urpc::service_start;

constinit firmware::Topology machine;  // some 50 KiB: too large for a stack
enum Tag : uint64_t { tag_console = 1, tag_shell, tag_driver, tag_pci, tag_knowledge, tag_prices };
constexpr BootDriver serial{.name = "console", .first_port = 0x3f8, .ports = 8, .interrupt = 4};

// Drivers in the order in which they were asked for; each has the interrupt of its number.
struct Drivers {
    runtime::Program& self;
    Services& services;
    std::string_view line;  // of the boot loader, from the next one on
    uint32_t started = 0;
};

void complain(std::string_view name, const char* what, base::Error error) {
    base::Buffer<120> text;
    text << name << ": " << what << ": " << base::text(error);
    report(text.view());
}

// Lends it its ports and, if that can be routed here, its interrupt.
base::Status start_driver(Drivers& drivers, const BootDriver& driver, Tag tag, uint64_t flags) {
    DeviceMemory memory(drivers.self);
    uint32_t index = drivers.started++;
    base::Status routed = route_interrupt(memory, machine, driver.interrupt, driver.by_level, index);
    if (!routed.ok()) complain(driver.name, "no interrupt, it must poll", routed.error());
    runtime::Owned ports = SKERRY_TRY(runtime::Owned::empty(drivers.self.slots));
    runtime::Owned interrupt = SKERRY_TRY(runtime::Owned::empty(drivers.self.slots));
    SKERRY_CHECK(runtime::CNodeCap{}.retype(ports.ref(), well_known::ports, Type::device_ports, 0, driver.first_port,
                                            driver.ports));
    SKERRY_CHECK(runtime::CNodeCap{}.retype(interrupt.ref(), well_known::interrupt, Type::interrupt, 0, index, 1));
    Services::Lend lend[] = {{well_known::ports.index(), ports.ref()},
                             {well_known::interrupt.index(), interrupt.ref()}};
    base::Status asked =
        drivers.services.start_by_monitor(driver.name, tag, flags, std::span(lend, routed.ok() ? 2 : 1));
    // The monitor's copies are what counts now; ours stay, so that a later one can be given the same.
    (void)ports.release(), (void)interrupt.release();
    return asked;
}

// The monitor takes few orders at a time: each driver is asked for when the one before was started.
void start_next_driver(Drivers& drivers) {
    while (true) {
        std::string_view word = next_boot_driver(drivers.line);
        if (word.empty()) return;
        auto driver = parse_boot_driver(word);
        base::Status asked = driver.ok() ? start_driver(drivers, *driver, tag_driver, 0) : base::Status{driver.error()};
        if (asked.ok()) return;
        complain(word, "not started (driver=NAME:PORT+COUNT:INTERRUPT[:level])", asked.error());
    }
}

void start_shell(Services& services) {
    Services::Lend commands[] = {{well_known::service.index(), services.commands()}};
    bool any = !commands[0].cap.null();
    constexpr uint64_t flags = service_start::flags::system | service_start::flags::manager;
    base::Status asked = services.start_by_monitor("shell", tag_shell, flags, std::span(commands, any ? 1 : 0));
    if (!asked.ok()) complain("shell", "cannot be started", asked.error());
}

// Behind the shell, since nothing waits for it.
void start_devices(runtime::Program& self, Services& services) {
    base::Status asked = start_pci(self, services, machine, tag_pci);
    if (!asked.ok()) complain("pci", "cannot be started", asked.error());
}

// Behind the shell, since nothing waits for it; an image without it is no mistake.
void start_knowledge(Services& services) {
    if (!services.has("skb")) return;
    Services::Lend facts[] = {{well_known::service.index(), services.facts(machine)}};
    bool any = !facts[0].cap.null();
    constexpr uint64_t flags = service_start::flags::system;
    base::Status asked = services.start_by_monitor("skb", tag_knowledge, flags, std::span(facts, any ? 1 : 0));
    if (!asked.ok()) complain("skb", "cannot be started", asked.error());
}

// Behind the knowledge base, which it tells what messages cost, once; it waits for it. On an emulator it would measure that.
void start_prices(Services& services) {
    if (platform::emulated() || !services.has("prices")) return;
    constexpr uint64_t flags = service_start::flags::system | service_start::flags::manager;
    base::Status asked = services.start_by_monitor("prices", tag_prices, flags, {});
    if (!asked.ok()) complain("prices", "cannot be started", asked.error());
}

// Serves what the monitor says, for ever.
[[noreturn]] void serve(runtime::Program& self, Drivers& drivers) {
    const firmware::PowerControl* power = machine.power ? &*machine.power : nullptr;
    uint64_t measures = 0;  // domain
    for (;;) {
        runtime::Message message;
        auto any = [](const runtime::Message&) { return true; };
        (void)self.dispatcher.wait_until([&] { return self.dispatcher.take(any, message); }).ok();
        const service_start::Words& words = message.word;
        switch (static_cast<service_start::Operation>(words[0])) {
            case service_start::Operation::cores:
                start_shell(drivers.services);
                start_next_driver(drivers);
                break;
            case service_start::Operation::started: {
                auto started = service_start::unpack<service_start::Started>(words);
                constexpr const char* names[] = {"console", "shell", "driver", "pci", "skb", "prices"};
                if (started.error != 0 && started.tag >= tag_console && started.tag <= tag_prices) {
                    complain(names[started.tag - tag_console], "cannot be started",
                             static_cast<base::Error>(started.error));
                }
                if (started.tag == tag_shell) {
                    start_devices(self, drivers.services);
                    start_knowledge(drivers.services);
                }
                if (started.tag == tag_driver) start_next_driver(drivers);
                if (started.tag == tag_knowledge && started.error == 0) start_prices(drivers.services);
                if (started.tag == tag_prices) measures = started.domain;
                break;
            }
            case service_start::Operation::ended: {
                auto ended = service_start::unpack<service_start::Ended>(words);
                if (ended.domain == measures && ended.status == 0) break;  // it is done
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
    auto& services = *new (platform::static_storage<Services>()) Services(self);
    if (!services.open_archive().ok()) return 1;
    {
        DeviceMemory memory(self);
        discover_machine(self, memory, machine);
    }
    if (base::Status s = services.start_memory(machine); !s.ok()) report(base::text(s.error()));
    if (base::Status s = services.start_monitor(machine); !s.ok()) report(base::text(s.error()));
    std::string_view line(self.boot->command_line, sizeof self.boot->command_line);
    Drivers drivers{self, services, line.substr(0, line.find('\0'))};
    base::Status console = start_driver(drivers, serial, tag_console, service_start::flags::system);
    if (!console.ok()) complain(serial.name, "cannot be started", console.error());
    serve(self, drivers);
}
