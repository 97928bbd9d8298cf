#include "monitor/own_memory.hpp"

#include "monitor/domain_table.hpp"
#include "monitor/memory.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using capabilities::Rights;
namespace well_known = capabilities::well_known;

namespace {

constexpr uint64_t no_limit = ~uint64_t{0} / 2;  // of our own account
constexpr uint64_t worth_while = 64 * 1024;      // bytes: smaller regions cost more records than they give

// All that is left of the regions. They are few, and of one node: the starter took them there; the service is told
// node 0, its own.
Status hand_over(runtime::Program& self, Memory& memory) {
    uint64_t given = 0;
    for (uint32_t i = 0; i < self.boot_ram->regions(); ++i) {
        auto rest = self.boot_ram->take_rest(i);
        if (!rest.ok() || rest->bytes < worth_while) continue;
        Owned copy = SKERRY_TRY(copy_of(self, rest->cap));
        Status added = memory.add_region(copy.ref(), 0);
        if (added.ok()) given += rest->bytes;
    }
    if (given == 0) return Error::no_memory;
    return {};
}

}  // namespace

Result<runtime::SpawnedDomain> start_own_memory(runtime::Program& self, const image::Archive& archive,
                                                base::CoreId core) {
    SKERRY_ASSERT(self.boot_ram.has_value());
    image::ArchiveEntry file = SKERRY_TRY(archive.find("memory"));
    SKERRY_CHECK(image::verify(file));
    runtime::SpawnOptions options;
    options.name = "memory";
    options.domain = base::make_domain_id(core, domain_counter::memory_service);
    options.parent = base::make_domain_id(core, domain_counter::monitor);
    options.core = core;
    options.heap_bytes = 0;
    options.flags = runtime::start_flags::service;
    options.fault_endpoint = well_known::self_endpoint;
    auto spawned = runtime::spawn({self.slots, self.space(), *self.boot_ram}, file.contents, options);
    if (!spawned.ok()) return spawned.error();
    runtime::SpawnedDomain service = std::move(spawned).value();
    SKERRY_CHECK(runtime::CNodeCap{}.mint(well_known::memory_endpoint, service.endpoint.ref(),
                                          Rights::send | Rights::transfer, urpc::memory::monitor_badge));
    SKERRY_CHECK(
        runtime::CNodeCap{}.mint(well_known::memory_service, service.endpoint.ref(), Rights::send | Rights::transfer));
    SKERRY_CHECK(service.start());
    // From here on slots and page tables come from what was taken already, until the service has something to give.
    self.memory.emplace(self.dispatcher, self.slots);
    Memory memory(self);
    SKERRY_CHECK(memory.open_account(urpc::memory::monitor_badge, no_limit, well_known::self_endpoint));
    SKERRY_CHECK(hand_over(self, memory));
    self.use_memory_service();
    return service;
}

}  // namespace skerry::monitor
