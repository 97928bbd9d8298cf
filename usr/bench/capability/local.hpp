// Copies, mints, deletions and revokes within one core, of memory that so many things were made of.
#pragma once

#include "usr/bench/capability/pieces.hpp"
#include "usr/bench/message/samples.hpp"

namespace skerry::bench::capability {

class Local {
  public:
    explicit Local(runtime::Program& self) : self_(self), pieces_(self.slots) {}
    ~Local();
    Local(const Local&) = delete;
    Local& operator=(const Local&) = delete;

    // Memory for `most` pieces. Errors: no_memory.
    Status open(uint32_t most);

    struct Measured {
        Summary copy, mint, delete_, retype, revoke;  // ticks
    };
    // With that many descendants: `samples` copies, mints, deletions and retypes of one more, `revokes` revokes of all.
    Status measure(uint32_t descendants, uint32_t samples, uint32_t revokes, Samples& ticks, Measured& measured);

  private:
    Status make(uint32_t descendants);
    Status series(uint32_t descendants, uint32_t samples, Samples& ticks, Measured& measured);

    runtime::Program& self_;
    runtime::RamBlock block_;
    runtime::Owned memory_;  // that everything is made of, below the block
    Pieces pieces_;
};

}  // namespace skerry::bench::capability
