#include "usr/init/pci_windows.hpp"

#include "urpc/protocols/pci.hpp"

namespace skerry::init {

using namespace capabilities;
using base::Status;

namespace {

constexpr uint64_t first_port = 0xcf8, ports = 8;
constexpr uint64_t four_gib = uint64_t{1} << 32;

struct Window {
    uint64_t start = 0, end = 0;
};

// The largest piece without RAM on either side of 4 GiB. The interrupt controllers are init's and the drivers': below 4 GiB
// devices end where the first of them begins.
Window window(const BootInfo& info, const firmware::Topology& machine, uint64_t from, uint64_t to) {
    for (const firmware::IoApic& controller : machine.io_apics) {
        uint64_t page = base::round_down(controller.address.value, base::page_size);
        if (page >= from && page < to) to = page;
    }
    Window best;
    for (uint32_t i = 0; i < info.region_count; i++) {
        const BootRegion& region = info.region[i];
        if (region.kind != static_cast<uint32_t>(RegionKind::device)) continue;
        uint64_t start = region.base > from ? region.base : from;
        uint64_t end = region.base + region.size < to ? region.base + region.size : to;
        if (start < end && end - start > best.end - best.start) best = {start, end};
    }
    return best;
}

// Where configuration space is memory: out of one of the windows, if it lies there. Errors: not_found, those of retype.
base::Result<runtime::Owned> configuration(runtime::Program& self, DeviceMemory& memory,
                                           const firmware::Topology& machine, std::span<const runtime::Owned> windows) {
    uint64_t start = machine.configuration.value;
    uint64_t bytes = machine.configuration_buses * firmware::Topology::configuration_of_a_bus;
    if (bytes == 0) return base::Error::not_found;
    for (const runtime::Owned& window : windows) {
        auto held = SKERRY_TRY(runtime::CNodeCap{}.identify(window.ref()));
        if (start < held.base || start + bytes > held.end()) continue;
        runtime::Owned made = SKERRY_TRY(runtime::Owned::empty(self.slots));
        SKERRY_CHECK(
            runtime::CNodeCap{}.retype(made.ref(), window.ref(), Type::device_memory, 0, start - held.base, bytes));
        return made;
    }
    return memory.region(start, start + bytes);
}

}  // namespace

Status start_pci(runtime::Program& self, Services& services, const firmware::Topology& machine, uint64_t tag) {
    if (!services.has("pci")) return {};
    DeviceMemory memory(self);
    Services::Lend lend[4];
    runtime::Owned held[4];
    held[0] = SKERRY_TRY(runtime::Owned::empty(self.slots));
    SKERRY_CHECK(
        runtime::CNodeCap{}.retype(held[0].ref(), well_known::ports, Type::device_ports, 0, first_port, ports));
    lend[0] = {well_known::ports.index(), held[0].ref()};
    uint32_t count = 1;
    constexpr uint64_t one_mib = 0x100000;
    Window windows[] = {window(*self.boot, machine, one_mib, four_gib),
                        window(*self.boot, machine, four_gib, ~uint64_t{0})};
    constexpr CapRef slots[] = {urpc::pci::low_window, urpc::pci::high_window};
    for (uint32_t i = 0; i < 2; i++) {
        if (windows[i].start == windows[i].end) continue;
        auto region = memory.region(windows[i].start, windows[i].end);
        if (!region.ok()) continue;
        held[count] = std::move(*region);
        lend[count] = {slots[i].index(), held[count].ref()};
        count++;
    }
    if (auto made = configuration(self, memory, machine, std::span(held).subspan(1, count - 1)); made.ok()) {
        held[count] = std::move(*made);
        lend[count] = {urpc::pci::configuration_window.index(), held[count].ref()};
        count++;
    }
    // A manager may tell the knowledge base facts. Who can make any device write anywhere needs no further power.
    namespace flags = urpc::service_start::flags;
    Status asked = services.start_by_monitor("pci", tag, flags::system | flags::manager, std::span(lend, count));
    for (runtime::Owned& cap : held) (void)cap.release();  // what it has are the monitor's copies; ours stay
    return asked;
}

}  // namespace skerry::init
