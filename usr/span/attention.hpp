// Who is asked for something either looks for it at each turn, or must be interrupted. Two words in shared memory, each with
// one writer:
//
//   asked   its asker's: number of the last request          asker:  store asked, then load polls: false: interrupts
//   polls   who is asked: does he look at each turn?         asked:  store polls = false, then load asked: new: sees to it
//
// All four are seq_cst, so they have one order: whoever rests sees what he is asked, or his asker sees that he rests.
// test/simulate/attention.cpp runs all interleavings.
#pragma once

#include <atomic>
#include <cstdint>

namespace skerry::usr::span {

// What is asked for was written before. -> whether who is asked will see it by himself.
inline bool ask(std::atomic<uint64_t>& asked, const std::atomic<bool>& polls) {
    asked.store(asked.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
    return polls.load(std::memory_order_seq_cst);
}

class Attention {
  public:
    Attention(const std::atomic<uint64_t>& asked, std::atomic<bool>& polls) : asked_(asked), polls_(polls) {}

    // Something was asked since the last time, and is to be seen to now.
    bool taken() {
        uint64_t asked = asked_.load(std::memory_order_seq_cst);
        if (asked == seen_) return false;
        seen_ = asked;
        return true;
    }
    // From now on it looks, at each turn.
    void watch() { polls_.store(true, std::memory_order_seq_cst); }
    // From now on it does not look. -> as taken(): asked meanwhile.
    bool rest() {
        polls_.store(false, std::memory_order_seq_cst);
        return taken();
    }

  private:
    const std::atomic<uint64_t>& asked_;
    std::atomic<bool>& polls_;
    uint64_t seen_ = 0;
};

}  // namespace skerry::usr::span
