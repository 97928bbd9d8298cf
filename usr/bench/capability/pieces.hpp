// Many slots, taken in rows, and the objects in them.
#pragma once

#include "usr/runtime/program.hpp"

namespace skerry::bench::capability {

using base::Error;
using base::Result;
using base::Status;
using runtime::CapRef;

class Pieces {
  public:
    static constexpr uint32_t most = 10'000;
    static constexpr uint32_t row = 128;  // two rows fill a CNode

    explicit Pieces(runtime::SlotAllocator& slots) : slots_(slots) {}
    ~Pieces() { clear(); }
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;

    // Empty slots for up to `row` objects. Errors: no_memory.
    Result<CapRef> next_row() {
        if (rows_ == rows_maximum) return Error::no_memory;
        CapRef first = SKERRY_TRY(slots_.allocate_row(row));
        return first_[rows_++] = first;
    }
    // Deletes what still lies in them, and gives the slots back.
    void clear() {
        for (; rows_ != 0; --rows_) {
            CapRef first = first_[rows_ - 1];
            for (uint32_t i = 0; i < row; ++i) (void)runtime::CNodeCap{}.remove(CapRef{first.word + i}).ok();
            slots_.release(first, row);
        }
    }

  private:
    static constexpr uint32_t rows_maximum = (most + row - 1) / row;
    runtime::SlotAllocator& slots_;
    std::array<CapRef, rows_maximum> first_{};
    uint32_t rows_ = 0;
};

}  // namespace skerry::bench::capability
