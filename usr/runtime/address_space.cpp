#include "usr/runtime/address_space.hpp"

#include <algorithm>

#include "platform/page_table.hpp"

namespace skerry::runtime {

using base::page_size;
using Format = platform::PageTable;
namespace map_flags = capabilities::map_flags;

namespace {
uint64_t span_of(uint32_t level) {
    return Format::bytes_per_entry(level) * Format::entries;
}  // one table's reach
uint32_t entry_of(uint64_t address, uint32_t level) {
    return static_cast<uint32_t>(address / Format::bytes_per_entry(level) % Format::entries);
}
bool paged(uint64_t value) {
    return value % page_size == 0;
}
}  // namespace

Result<CapRef> AddressSpace::make_table(CapRef parent, uint32_t level, uint64_t address) {
    Table* place = nullptr;
    for (Table& table : tables_) {
        if (table.level == 0) place = &table;
    }
    if (place == nullptr) return Error::no_memory;
    Owned mapping = SKERRY_TRY(Owned::empty(*slots_));
    Object vnode = SKERRY_TRY(objects_->make(Type::vnode, level, capabilities::vnode_object_size));
    uint64_t all = map_flags::read | map_flags::write | map_flags::execute;
    Status linked = VNodeCap{parent}.map(entry_of(address, level + 1), vnode.cap, mapping.ref(), all, 0, 1);
    if (!linked.ok()) {
        objects_->destroy(vnode);
        return linked.error();
    }
    *place = {base::round_down(address, span_of(level)), level, vnode, mapping.release()};
    return vnode.cap;
}

Result<CapRef> AddressSpace::leaf_table(uint64_t address) {
    CapRef parent = root_;
    for (uint32_t level = Format::levels - 1; level >= 1; --level) {
        uint64_t start = base::round_down(address, span_of(level));
        auto known = std::find_if(tables_.begin(), tables_.end(),
                                  [&](const Table& t) { return t.level == level && t.address == start; });
        if (known != tables_.end()) {
            parent = known->vnode.cap;
        } else {
            parent = SKERRY_TRY(make_table(parent, level, address));
        }
    }
    return parent;
}

const AddressSpace::Piece* AddressSpace::overlapping(uint64_t address, uint64_t bytes) const {
    for (const Piece& piece : pieces_) {
        if (piece.bytes != 0 && piece.address < address + bytes && address < piece.address + piece.bytes) return &piece;
    }
    return nullptr;
}

Status AddressSpace::map_piece(uint64_t address, CapRef frame, uint64_t offset, uint64_t bytes, uint64_t flags) {
    CapRef table = SKERRY_TRY(leaf_table(address));
    Owned mapping = SKERRY_TRY(Owned::empty(*slots_));
    auto place = std::find_if(pieces_.begin(), pieces_.end(), [](const Piece& p) { return p.bytes == 0; });
    if (place == pieces_.end()) return Error::no_memory;
    SKERRY_CHECK(VNodeCap{table}.map(entry_of(address, 1), frame, mapping.ref(), flags, offset,
                                     static_cast<uint32_t>(bytes / page_size)));
    *place = {address, bytes, mapping.release()};
    return {};
}

Status AddressSpace::map(uint64_t address, CapRef frame, uint64_t offset, uint64_t bytes, uint64_t flags) {
    if (!paged(address) || !paged(offset) || !paged(bytes)) return Error::misaligned;
    uint64_t end = Format::bytes_per_entry(Format::levels) * Format::user_root_entries;
    if (bytes == 0 || address >= end || bytes > end - address) return Error::out_of_range;
    if (overlapping(address, bytes) != nullptr) return Error::overlaps;

    uint64_t done = 0;
    while (done < bytes) {
        uint64_t at = address + done;
        uint64_t part = std::min(bytes - done, base::round_down(at, span_of(1)) + span_of(1) - at);
        Status mapped = map_piece(at, frame, offset + done, part, flags);
        if (!mapped.ok()) {
            if (done != 0) (void)unmap(address, done).ok();
            return mapped;
        }
        done += part;
    }
    return {};
}

Result<uint64_t> AddressSpace::map_anywhere(CapRef frame, uint64_t offset, uint64_t bytes, uint64_t flags,
                                            uint64_t alignment) {
    uint64_t address = SKERRY_TRY(find_free(bytes, alignment));
    SKERRY_CHECK(map(address, frame, offset, bytes, flags));
    return address;
}

Result<uint64_t> AddressSpace::find_free(uint64_t bytes, uint64_t alignment) const {
    if (bytes == 0 || !paged(bytes) || alignment < page_size || (alignment & (alignment - 1)) != 0) {
        return Error::invalid_argument;
    }
    uint64_t at = base::round_up(free_base_, alignment);
    while (at < free_end_ && bytes <= free_end_ - at) {
        const Piece* hit = overlapping(at, bytes);
        if (hit == nullptr) return at;
        at = base::round_up(hit->address + hit->bytes, alignment);
    }
    return Error::no_memory;
}

Status AddressSpace::reserve(uint64_t address, uint64_t bytes) {
    if (!paged(address) || !paged(bytes) || bytes == 0) return Error::misaligned;
    if (overlapping(address, bytes) != nullptr) return Error::overlaps;
    auto place = std::find_if(pieces_.begin(), pieces_.end(), [](const Piece& p) { return p.bytes == 0; });
    if (place == pieces_.end()) return Error::no_memory;
    *place = {address, bytes, {}};
    return {};
}

// Whether the pieces that touch the range lie in it wholly and fill it.
bool AddressSpace::whole_pieces(uint64_t address, uint64_t bytes) const {
    uint64_t covered = 0;
    for (const Piece& piece : pieces_) {
        if (piece.bytes == 0 || piece.address >= address + bytes || address >= piece.address + piece.bytes) continue;
        if (piece.address < address || piece.address + piece.bytes > address + bytes) return false;
        covered += piece.bytes;
    }
    return bytes != 0 && covered == bytes;
}

void AddressSpace::drop(Piece& piece) {
    if (!piece.mapping.null()) Owned(piece.mapping, *slots_).reset();  // deleting the Mapping unmaps
    piece = {};
}

Status AddressSpace::unmap(uint64_t address, uint64_t bytes) {
    if (!whole_pieces(address, bytes)) return Error::not_found;
    for (Piece& piece : pieces_) {
        if (piece.bytes != 0 && piece.address >= address && piece.address < address + bytes) drop(piece);
    }
    return {};
}

Status AddressSpace::protect(uint64_t address, uint64_t bytes, uint64_t flags) {
    if (!whole_pieces(address, bytes)) return Error::not_found;
    for (Piece& piece : pieces_) {
        if (piece.bytes == 0 || piece.mapping.null()) continue;
        if (piece.address < address || piece.address >= address + bytes) continue;
        SKERRY_CHECK(MappingCap{piece.mapping}.protect(flags));
    }
    return {};
}

}  // namespace skerry::runtime
