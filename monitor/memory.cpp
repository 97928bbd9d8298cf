#include "monitor/memory.hpp"

#include <algorithm>

namespace skerry::monitor {

namespace protocol = urpc::memory;
using base::Error;
using base::Result;
using base::Status;
using runtime::Rights;

namespace {
constexpr uint64_t regions_maximum = 256;
}

Result<RamBlock> Memory::allocate(uint64_t bytes, uint64_t alignment, uint32_t account, uint64_t node) {
    auto reply = ask(protocol::Alloc{bytes, alignment, account, node});
    if (!reply.ok()) return reply.error();
    auto granted = protocol::values_of<protocol::Granted>(reply->word);
    RamBlock block{reply->cap, granted.base, granted.bytes};
    if (!block.cap.null()) return block;
    give_back(block, account);  // no slot was ready for it
    return Error::no_memory;
}

void Memory::give_back(const RamBlock& block, uint32_t account) {
    SKERRY_ASSERT(block.bytes != 0);
    auto reply = ask(protocol::GiveBack{block.base, account});
    // The service has revoked our copy: the slot is empty. If it could not, the capability stays where it is, and
    // the memory is not used again.
    if (reply.ok() && !block.cap.null()) Owned(block.cap, self_.slots).reset();
}

Status Memory::open_account(uint32_t counter, uint64_t limit, CapRef endpoint) {
    Owned badged = SKERRY_TRY(Owned::empty(self_.slots));
    SKERRY_CHECK(
        runtime::CNodeCap{}.mint(badged.ref(), endpoint, Rights::send | Rights::transfer, protocol::service_badge));
    return ask(protocol::RegisterDomain{counter, limit}, badged.ref()).error();
}

Result<uint64_t> Memory::close_account(uint32_t counter) {
    auto reply = ask(protocol::ReleaseDomain{counter});
    if (!reply.ok()) return reply.error();
    return protocol::get<std::array<uint64_t, 1>>(reply->word, 2)[0];
}

Result<protocol::AccountState> Memory::account(uint32_t counter) {
    auto reply = ask(protocol::Account{counter});
    if (!reply.ok()) return reply.error();
    return protocol::values_of<protocol::AccountState>(reply->word);
}

Result<protocol::RegionStatistics> Memory::statistics(uint64_t region) {
    auto reply = ask(protocol::Statistics{region});
    if (!reply.ok()) return reply.error();
    return protocol::values_of<protocol::RegionStatistics>(reply->word);
}

uint64_t Memory::free_bytes(uint64_t node) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < regions_maximum; ++i) {
        auto region = statistics(i);
        if (!region.ok()) break;
        if (node == protocol::any_node || region->node == node) sum += region->free;
    }
    return sum;
}

void Memory::largest_free(std::span<uint64_t> by_node) {
    std::fill(by_node.begin(), by_node.end(), 0);
    for (uint64_t i = 0; i < regions_maximum; ++i) {
        auto region = statistics(i);
        if (!region.ok()) return;
        if (region->node >= by_node.size()) continue;
        by_node[region->node] = std::max(by_node[region->node], region->largest_free);
    }
}

uint64_t Memory::node_of(uint64_t physical) {
    for (uint64_t i = 0; i < regions_maximum; ++i) {
        auto region = statistics(i);
        if (!region.ok()) break;
        if (physical >= region->base && physical - region->base < region->size) return region->node;
    }
    return protocol::any_node;
}

Status Memory::prefer_nodes(std::span<const uint32_t> nodes) {
    protocol::PreferNodes request;
    request.nodes.fill(protocol::no_node);
    if (nodes.size() > request.nodes.size()) return Error::out_of_range;
    for (size_t i = 0; i < nodes.size(); ++i) request.nodes[i] = static_cast<uint8_t>(nodes[i]);
    return ask(request).error();
}

Status Memory::add_region(CapRef ram, uint64_t node) {
    return ask(protocol::AddRegion{node}, ram).error();
}

}  // namespace skerry::monitor
