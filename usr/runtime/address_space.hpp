// A user-built address space: page tables made and linked by invocations, whatever the number of levels.
// Works for the own space and for one being built for a child. All records lie in arrays that the creator
// provides.
//
//   root VNode (given) -> tables (made here as needed) -> pieces: one Mapping each, within one leaf table
#pragma once

#include <cstdint>
#include <span>

#include "usr/runtime/ram_pool.hpp"

namespace skerry::runtime {

class AddressSpace {
  public:
    struct Table {
        uint64_t address = 0;  // first address that it covers
        uint32_t level = 0;    // 1 = leaf table; 0 = this record is free
        Object vnode;
        CapRef mapping;
    };
    struct Piece {
        uint64_t address = 0;
        uint64_t bytes = 0;  // 0 = this record is free
        CapRef mapping;      // null: a range that is only reserved
    };

    // [free_base, free_end): where find_free looks. Nothing may be mapped below the same root entries by
    // others.
    AddressSpace(CapRef root, ObjectSource& objects, SlotAllocator& slots, std::span<Table> tables,
                 std::span<Piece> pieces, uint64_t free_base, uint64_t free_end)
        : root_(root),
          objects_(&objects),
          slots_(&slots),
          tables_(tables),
          pieces_(pieces),
          free_base_(free_base),
          free_end_(free_end) {}
    AddressSpace(const AddressSpace&) = delete;
    AddressSpace& operator=(const AddressSpace&) = delete;

    // Maps bytes [offset, offset + bytes) of a frame at `address`; all multiples of a page. flags: map_flags.
    // Errors: misaligned, overlaps, no_memory (also: records used up), and the driver's. On error nothing is
    // mapped.
    Status map(uint64_t address, CapRef frame, uint64_t offset, uint64_t bytes, uint64_t flags);
    // The same at an address of our choice.
    Result<uint64_t> map_anywhere(CapRef frame, uint64_t offset, uint64_t bytes, uint64_t flags,
                                  uint64_t alignment = base::page_size);
    // The range must consist of whole pieces, as mapped. `not_found` otherwise, and nothing is changed.
    Status unmap(uint64_t address, uint64_t bytes);
    Status protect(uint64_t address, uint64_t bytes, uint64_t flags);
    // Keeps find_free away from a range that others map.
    Status reserve(uint64_t address, uint64_t bytes);
    Result<uint64_t> find_free(uint64_t bytes, uint64_t alignment) const;

    // The table whose entries map the pages around this address, made if need be: for pages that the caller maps itself,
    // in a range that it has reserved. Errors: no_memory.
    Result<CapRef> leaf_table(uint64_t address);

    std::span<Table> tables() { return tables_; }
    // Of its page tables, which stay when nothing is mapped there any more.
    uint64_t table_bytes() const {
        uint64_t sum = 0;
        for (const Table& table : tables_) sum += table.vnode.piece.bytes;
        return sum;
    }
    std::span<Piece> pieces() { return pieces_; }

  private:
    Result<CapRef> make_table(CapRef parent, uint32_t level, uint64_t address);
    Status map_piece(uint64_t address, CapRef frame, uint64_t offset, uint64_t bytes, uint64_t flags);
    const Piece* overlapping(uint64_t address, uint64_t bytes) const;
    bool whole_pieces(uint64_t address, uint64_t bytes) const;
    void drop(Piece& piece);

    CapRef root_;
    ObjectSource* objects_;
    SlotAllocator* slots_;
    std::span<Table> tables_;
    std::span<Piece> pieces_;
    uint64_t free_base_, free_end_;
};

}  // namespace skerry::runtime
