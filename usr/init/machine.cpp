#include "usr/init/machine.hpp"

#include <cstring>

#include "platform/user/cpu_topology.hpp"
#include "platforms/firmware/discover.hpp"
#include "usr/init/boot_cores.hpp"
#include "usr/init/report.hpp"

namespace skerry::init {

using capabilities::BootInfo;

void discover_machine(runtime::Program& self, DeviceMemory& memory, firmware::Topology& machine) {
    const BootInfo& boot = *self.boot;
    firmware::DiscoverOptions options{.package_shift = platform::package_shift()};
    std::span root(boot.firmware_root, boot.firmware_root_size);
    base::Status found = firmware::discover(memory, root, options, machine);
    for (const firmware::AcpiProblem& problem : machine.problems) {
        base::Buffer<120> line;
        firmware::describe(line, problem);
        report(line.view());
    }
    if (!found.ok()) report("no usable table of processors: this core runs alone");
    base::HardwareId here{boot.hardware_id};
    if (!found.ok() || machine.find(here) == nullptr) {
        machine.processors.clear();
        (void)machine.processors.add({.id = here, .firmware_uid = 0, .node = {}, .package = {}});
    }
}

void describe_machine(const BootInfo& boot, const firmware::Topology& machine, urpc::MachineInfo& info) {
    info = {};
    info.magic = urpc::machine_info_magic;
    info.node_count = machine.node_count() == 0 ? 1 : machine.node_count();
    info.poke_area = boot.poke_area;
    info.clock_multiplier = boot.clock_multiplier;
    info.timer_multiplier = boot.timer_multiplier;
    info.archive_base = boot.archive_base;
    info.archive_size = boot.archive_size;
    info.firmware_root_size = boot.firmware_root_size;
    std::memcpy(info.firmware_root, boot.firmware_root, sizeof info.firmware_root);
    std::memcpy(info.command_line, boot.command_line, sizeof info.command_line);
    // Dense index 0 is the core that booted; the others follow in the firmware's order. Ids above the interrupt
    // controller's reach (xAPIC) cannot be started.
    auto add = [&](const firmware::Processor& processor) {
        if (info.core_count == urpc::machine_cores_maximum || processor.id.value >= 255) return;
        info.core[info.core_count++] = {processor.id.value, processor.node.value, processor.package.value};
    };
    for (const firmware::Processor& processor : machine.processors) {
        if (processor.id.value == boot.hardware_id) add(processor);
    }
    for (const firmware::Processor& processor : machine.processors) {
        if (processor.id.value != boot.hardware_id) add(processor);
    }
    std::string_view line(info.command_line, sizeof info.command_line);
    base::Result<uint32_t> started = cores_at_boot(line.substr(0, line.find('\0')), info.core_count);
    info.start_count = started.ok() ? *started : info.core_count;
    if (!started.ok()) {
        base::Buffer<120> text;
        text << "online=N: N is a whole number from 1 to " << info.core_count << "; all cores are started";
        report(text.view());
    }
    for (uint32_t from = 0; from < info.node_count; from++) {
        for (uint32_t to = 0; to < info.node_count; to++) {
            info.distance[from][to] = machine.node_count() == 0 ? 10 : machine.distances[from][to];
        }
    }
}

}  // namespace skerry::init
