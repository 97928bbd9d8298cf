// A local sub-allocator: takes blocks of 256 KiB from a RamSource and hands out powers of two from 4 to 64
// KiB, so that page tables, CNodes and endpoints do not cost a call to the memory service each. Larger
// requests go straight to the source. Bounded: 64 blocks.
#pragma once

#include <array>
#include <cstdint>

#include "usr/runtime/ram_source.hpp"

namespace skerry::runtime {

struct RamPiece {
    CapRef ram;           // the RAM capability that it lies in
    uint64_t offset = 0;  // bytes, from that capability's base
    uint64_t bytes = 0;
    uint64_t base = 0;  // physical
};

// A kernel object or frame and the memory that it was made of.
struct Object {
    CapRef cap;
    RamPiece piece;
};

// Makes objects in fresh slots of the own space, and takes them back.
class ObjectSource {
  public:
    // `bytes`: what the type needs; frames are zeroed completely.
    virtual Result<Object> make(Type type, uint32_t level, uint64_t bytes) = 0;
    // Deletes the object and gives its slot and memory back.
    virtual void destroy(const Object& object) = 0;

  protected:
    ~ObjectSource() = default;
};

class RamPool final : public ObjectSource, public CNodeMaker {
  public:
    RamPool(RamSource& source, SlotAllocator& slots) : source_(&source), slots_(&slots) {}

    // Rounded up to a power of two of at least a page, and aligned to that.
    Result<RamPiece> take(uint64_t bytes);
    // Everything made of the piece must be deleted already.
    void give_back(const RamPiece& piece);

    Result<Object> make(Type type, uint32_t level, uint64_t bytes) override;
    void destroy(const Object& object) override;
    Result<Object> make_frame(uint64_t bytes) { return make(Type::frame, 0, bytes); }

    Status make_cnode(CapRef root_slot) override;
    Status drop_cnode(CapRef root_slot) override;
    RamSource& source() { return *source_; }
    // Bytes that it has from its sources for no object of the program's: pages of blocks in which nothing lies, and the CNodes
    // of make_cnode().
    uint64_t spare() const;
    // New blocks come from there; those that are here go back to where they came from.
    void set_source(RamSource& source) { source_ = &source; }

    static constexpr uint64_t block_bytes = 256 * 1024;
    static constexpr uint64_t largest_piece = 64 * 1024;

  private:
    struct Block {
        RamBlock ram;
        RamSource* from = nullptr;
        uint64_t free = 0;  // bit set of pages (not of large ones)
    };
    Result<RamPiece> take_from(Block& block, uint64_t pages);
    Result<RamPiece> take_large(uint64_t bytes);

    RamSource* source_;
    SlotAllocator* slots_;
    std::array<Block, 64> blocks_{};
    std::array<Block, 64> large_{};
    std::array<RamPiece, capabilities::well_known::root_slots> cnodes_{};  // what each was made of
};

}  // namespace skerry::runtime
