// What the monitor asks of its core's memory service. Each call waits for the answer, which comes at once: the
// service is trusted and asks nobody. Errors: those of urpc/protocols/memory.hpp.
#pragma once

#include "urpc/protocols/memory.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::monitor {

using runtime::CapRef;
using runtime::Owned;
using runtime::RamBlock;

class Memory {
  public:
    explicit Memory(runtime::Program& self) : self_(self) {}

    // RAM that a domain pays for; account 0 = the monitor itself.
    base::Result<RamBlock> allocate(uint64_t bytes, uint64_t alignment, uint32_t account, uint64_t node);
    // Takes it back, whoever holds parts of it; `block.cap` is deleted.
    void give_back(const RamBlock& block, uint32_t account);

    // `endpoint`: where the service answers the domain; unbadged. The account must be closed again.
    base::Status open_account(uint32_t counter, uint64_t limit, CapRef endpoint);
    // -> bytes that came back
    base::Result<uint64_t> close_account(uint32_t counter);
    base::Result<urpc::memory::AccountState> account(uint32_t counter);

    base::Result<urpc::memory::RegionStatistics> statistics(uint64_t region);
    // Of one node, or of all with any_node.
    uint64_t free_bytes(uint64_t node);
    // Of each node, by its number, its largest free block in bytes; 0 = it has none.
    void largest_free(std::span<uint64_t> by_node);
    // Whose memory that is; any_node = of no region.
    uint64_t node_of(uint64_t physical);

    // From which nodes it grants, the best first; those that are not named come last.
    base::Status prefer_nodes(std::span<const uint32_t> nodes);
    // A region of RAM for the service; the capability is copied.
    base::Status add_region(CapRef ram, uint64_t node);

  private:
    template <typename Request>
    base::Result<runtime::Message> ask(const Request& request, CapRef capability = {}) {
        SKERRY_ASSERT(self_.memory.has_value());
        uint32_t tag = self_.memory->next_tag();
        return self_.memory->call(urpc::memory::request(request, tag), tag, capability);
    }
    runtime::Program& self_;
};

}  // namespace skerry::monitor
