// Copies, mints, deletions and revokes within one core, of memory that so many things were made of. How many instructions one
// takes depends on where in the derivation tree (AVL) it happens, which depends on what was made before: a sixth more or less
// from one image to the next. So each is done once for every shape that the tree takes while that memory gets neighbours and
// descendants, and a sample is the mean: a few percent.
#pragma once

#include "usr/bench/capability/pieces.hpp"
#include "usr/bench/capability/protocol.hpp"
#include "usr/bench/message/samples.hpp"

namespace skerry::bench::capability {

class Local {
  public:
    explicit Local(runtime::Program& self) : self_(self), pieces_(self.slots), neighbours_(self.slots) {}
    ~Local();
    Local(const Local&) = delete;
    Local& operator=(const Local&) = delete;

    // Memory for `most` pieces. Errors: no_memory.
    Status open(uint32_t most);

    struct Measured {
        Summary copy, mint, delete_, retype, revoke;  // ticks
    };
    // With that many descendants, or a little more than half of them in the first shape: `samples` of copies, mints, deletions and
    // retypes of one more; `revokes` of revokes of all. A revoke of more than large_subtree is a sample of its own: it is long, and
    // the rest of the tree hardly counts.
    Status measure(uint32_t descendants, uint32_t samples, uint32_t revokes, Samples& ticks, Measured& measured);

  private:
    static constexpr uint32_t shapes = 32;
    static constexpr uint32_t step = 13;  // neighbours more in each; odd: so that the leaves' level differs, too
    static constexpr uint64_t margin = shapes / 2 * step * piece_bytes;
    static constexpr uint32_t large_subtree = 1'000;

    Status make_neighbours(uint32_t shape);
    Status make(uint32_t descendants);
    void clear();
    template <typename Body>
    Status in_each_shape(uint32_t least, uint32_t most, Body&& body);
    Status series(uint32_t descendants, uint32_t samples, Samples& ticks, Measured& measured);

    runtime::Program& self_;
    runtime::RamBlock block_;
    runtime::Owned memory_;  // that everything is made of, below the block
    uint64_t bytes_ = 0;     // of it
    Pieces pieces_, neighbours_;
    CapRef piece_row_, neighbour_row_;  // the last ones
    uint32_t made_ = 0;                 // pieces
};

}  // namespace skerry::bench::capability
