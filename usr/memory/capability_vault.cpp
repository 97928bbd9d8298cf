#include "usr/memory/capability_vault.hpp"

namespace skerry::usr::memory {

using base::Error;
using base::Result;
using base::Status;
using capabilities::Capability;
using capabilities::Rights;
using capabilities::SendHeader;
using capabilities::Type;
using runtime::CapRef;
using runtime::Owned;
using runtime::RamBlock;

namespace {
// CNodes for the blocks' capabilities (128 KiB) and the page tables that map the book-keeping, with some to
// spare.
constexpr uint64_t private_bytes = 1024 * 1024;
constexpr uint64_t first_region_minimum = 8 * 1024 * 1024;
}  // namespace

void PrivateRam::start(CapRef region, uint64_t region_base, uint64_t offset, uint64_t bytes) {
    SKERRY_ASSERT(!started() && !region.null());
    region_ = region;
    region_base_ = region_base;
    next_ = offset;
    end_ = offset + bytes;
}

Result<RamBlock> PrivateRam::allocate(uint64_t bytes, uint64_t alignment) {
    if (!started()) return Error::no_memory;
    if (alignment < base::page_size) alignment = base::page_size;
    uint64_t offset = base::round_up(region_base_ + next_, alignment) - region_base_;
    bytes = base::round_up(bytes, base::page_size);
    if (offset > end_ || bytes > end_ - offset) return Error::no_memory;
    CapRef slot = SKERRY_TRY(slots_.allocate());
    Status made = runtime::CNodeCap{}.retype(slot, region_, Type::ram, 0, offset, bytes);
    if (!made.ok()) {
        slots_.release(slot);
        return made.error();
    }
    next_ = offset + bytes;
    return RamBlock{slot, region_base_ + offset, bytes};
}

CapabilityVault::CapabilityVault(runtime::Program& self) : self_(self), ram_(self.slots) {
    self_.ram().set_source(ram_);  // never ask the memory service: that is we
}

Result<Capability> CapabilityVault::received(Type type) {
    if (received_.null()) return Error::no_capability;
    Capability capability = SKERRY_TRY(space_.identify(received_));
    if (capability.type != type) return Error::wrong_type;
    return capability;
}

// Deletes a capability that we hold and gives its slot back.
void CapabilityVault::forget(CapRef& cap) {
    Owned(std::exchange(cap, {}), self_.slots).reset();
}

void CapabilityVault::drop_received() {
    forget(received_);
}

Result<Range> CapabilityVault::take_region(uint32_t region) {
    SKERRY_ASSERT(region < regions_maximum && regions_[region].cap.null());
    Capability capability = SKERRY_TRY(received(Type::ram));
    regions_[region] = {std::exchange(received_, {}), {capability.base, capability.size}};
    return regions_[region].range;
}

void CapabilityVault::drop_region(uint32_t region) {
    SKERRY_ASSERT(region < regions_maximum);
    forget(regions_[region].cap);
}

Status CapabilityVault::take_endpoint(uint32_t account) {
    SKERRY_ASSERT(account < accounts_maximum && endpoints_[account].null());
    auto capability = received(Type::endpoint);
    if (!capability.ok()) return capability.error();
    endpoints_[account] = std::exchange(received_, {});
    return {};
}

void CapabilityVault::drop_endpoint(uint32_t account) {
    SKERRY_ASSERT(account < accounts_maximum);
    forget(endpoints_[account]);
}

uint64_t CapabilityVault::own_bytes(uint32_t) {
    return ram_.started() ? 0 : private_bytes;
}

Result<std::span<uint64_t>> CapabilityVault::set_aside(uint32_t region, uint64_t offset, uint64_t words) {
    const Region& from = regions_[region];
    if (!ram_.started()) {
        if (from.range.size < first_region_minimum) return Error::no_memory;
        ram_.start(from.cap, from.range.base, from.range.size - private_bytes, private_bytes);
    }
    uint64_t bytes = base::round_up(words * 8, base::page_size);
    CapRef frame = SKERRY_TRY(self_.slots.allocate());
    Status made = space_.retype(frame, from.cap, Type::frame, 0, offset, bytes);
    if (made.ok()) made = runtime::FrameCap{frame}.clean();
    if (!made.ok()) {
        forget(frame);
        return made.error();
    }
    constexpr uint64_t flags = capabilities::map_flags::read | capabilities::map_flags::write;
    Result<uint64_t> address = self_.space().map_anywhere(frame, 0, bytes, flags);
    if (!address.ok()) {
        forget(frame);
        return address.error();
    }
    return std::span<uint64_t>(platform::at<uint64_t>(*address), words);
}

Status CapabilityVault::retype(const Carved& block) {
    return space_.retype(block.cap, regions_[block.region].cap, Type::ram, 0, block.offset, block.bytes);
}

Status CapabilityVault::carve(uint32_t region, uint64_t offset, uint64_t bytes, uint32_t record) {
    SKERRY_ASSERT(record < records_maximum && carved_[record].cap.null());
    auto slot = self_.slots.allocate();
    if (!slot.ok()) return slot.error();
    Carved block{*slot, region, offset, bytes};
    Status made = retype(block);
    if (!made.ok()) {
        self_.slots.release(block.cap);
        return made;
    }
    carved_[record] = block;
    return {};
}

Status CapabilityVault::destroy(uint32_t record) {
    SKERRY_ASSERT(record < records_maximum && !carved_[record].cap.null());
    Carved block = carved_[record];
    Status revoked = space_.revoke(block.cap);
    if (revoked.error() == Error::shared) return revoked;
    if (revoked.error() == Error::no_capability) {
        // A trusted holder has revoked ours. Making it anew proves that nobody holds a part of it.
        revoked = retype(block);
    }
    carved_[record] = {};
    forget(block.cap);
    return revoked;
}

Error CapabilityVault::send(uint32_t account, const urpc::memory::Words& words, uint32_t record, bool trusted) {
    SKERRY_ASSERT(account < accounts_maximum);
    uint64_t raw[10];
    for (size_t i = 0; i < words.size(); ++i) raw[i] = words[i];
    if (record == no_record) return runtime::send(endpoints_[account], SendHeader::words(10), raw).error();
    auto slot = Owned::empty(self_.slots);
    if (!slot.ok()) return slot.error();
    Owned copy = std::move(slot).value();
    Rights rights = trusted ? Rights::all : ~Rights::revoke;
    Status made = space_.mint(copy.ref(), carved_[record].cap, rights);
    if (!made.ok()) return made.error();
    return runtime::send(endpoints_[account], SendHeader::with_cap(10, copy.ref()), raw).error();
}

}  // namespace skerry::usr::memory
