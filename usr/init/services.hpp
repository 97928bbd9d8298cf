// The programs that init starts: the memory service and the first monitor by itself, the others through the monitor.
#pragma once

#include "platforms/firmware/topology.hpp"
#include "platforms/image/archive.hpp"
#include "urpc/protocols/machine_info.hpp"
#include "urpc/protocols/service_start.hpp"
#include "usr/runtime/program.hpp"
#include "usr/runtime/spawn.hpp"

namespace skerry::init {

class Services {
  public:
    explicit Services(runtime::Program& self) : self_(&self) {}

    // Maps the archive and finds the programs. Errors come with a line of report.
    base::Status open_archive();
    // Takes the start frame below 1 MiB, then starts the memory service and hands it all RAM, by node.
    base::Status start_memory(const firmware::Topology& machine);
    base::Status start_monitor(const firmware::Topology& machine);
    bool has(std::string_view name) { return archive_.find(name).ok(); }
    // Asks the monitor to start a program with capabilities of ours: up to four (slot in CNode 0, capability).
    struct Lend {
        uint32_t slot;
        runtime::CapRef cap;
    };
    base::Status start_by_monitor(std::string_view name, uint64_t tag, uint64_t flags, std::span<const Lend> lend);
    // A frame with what only init knows of the machine, as facts, zeros behind them. Null: no memory.
    runtime::CapRef facts(const firmware::Topology& machine);
    // A frame with what the archive's entry `commands` says, zeros behind it: for the shell, as if it were typed. Null
    // if there is no such entry, as usual.
    runtime::CapRef commands();

  private:
    base::Result<std::span<const std::byte>> program(std::string_view name);
    base::Status take_start_frame();
    base::Status open_account(uint64_t counter, runtime::CapRef endpoint);
    base::Status hand_over(const runtime::RamBlock& block, const firmware::Topology& machine);
    base::Status add_region(runtime::CapRef ram, uint64_t node);
    base::Status tell_monitor(const urpc::service_start::Words& words, runtime::CapRef cap = {});

    runtime::Program* self_;
    std::span<const std::byte> archive_bytes_;
    image::Archive archive_;
    runtime::Owned start_frame_;
    runtime::SpawnedDomain memory_, monitor_;
    runtime::Owned to_monitor_;
    runtime::Object commands_, facts_;
};

}  // namespace skerry::init
