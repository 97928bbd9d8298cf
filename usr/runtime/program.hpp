// A program as its main function sees it: who it is, and the tools that the runtime has set up. Every program
// defines program_main; its value (0..255) is the exit status.
#pragma once

#include <optional>
#include <string_view>

#include "capabilities/interface/boot_info.hpp"
#include "usr/runtime/dispatcher.hpp"
#include "usr/runtime/heap.hpp"
#include "usr/runtime/lazy_regions.hpp"
#include "usr/runtime/memory_client.hpp"
#include "usr/runtime/start_info.hpp"
#include "usr/runtime/trace.hpp"

namespace skerry::runtime {

// Memory that comes when it is touched, beside the heap.
class FaultRepair {
  public:
    // Whether the fault is repaired. On the fault stack, enabled; may wait.
    virtual bool repair(uint64_t address, uint64_t access) = 0;

  protected:
    ~FaultRepair() = default;
};

struct Program;
using MemberMain = int(Program& self, uint64_t argument);

struct Program {
    Dispatcher dispatcher;
    Trace trace;
    SlotAllocator slots;
    std::optional<BootRam> boot_ram;        // the first program of a core
    std::optional<MemoryClient> memory;     // every other; a first program once it has a memory service
    std::optional<RamPool> ram_pool;        // use ram()
    std::optional<AddressSpace> own_space;  // use space()
    std::optional<LazyRegions> lazy;
    Heap heap;
    FaultRepair* more = nullptr;                   // asked first
    const StartInfo* start = nullptr;              // null in a core's first program
    const capabilities::BootInfo* boot = nullptr;  // null in all others

    RamPool& ram() { return *ram_pool; }
    AddressSpace& space() { return *own_space; }

    uint32_t argument_count() const { return start ? start->argument_count : 0; }
    std::string_view argument(uint32_t i) const { return start ? start->argument(i) : std::string_view{}; }
    std::string_view name() const { return start ? start->program_name() : std::string_view{"init"}; }
    base::CoreId core() { return base::CoreId{static_cast<uint32_t>(dispatcher.page().core)}; }
    base::DomainId domain() { return base::DomainId{dispatcher.page().domain}; }

    // A first program that has started its memory service: RAM comes from there from now on.
    void use_memory_service();
    // Sets up all of the above; called by the startup code on the main stack, enabled. `step`: how far it
    // came.
    Status set_up(uint32_t& step);

  private:
    Status make_heap(uint64_t base, uint64_t& bytes);

    // Records of the own address space: 128 tables reach 250 MiB. The monitor that starts all others maps a ring for each
    // of 254, beside what everybody maps.
    std::array<AddressSpace::Table, 128> tables_{};
    std::array<AddressSpace::Piece, 640> pieces_{};
};

// The program that this is.
Program& program();

}  // namespace skerry::runtime

int program_main(skerry::runtime::Program& program);
