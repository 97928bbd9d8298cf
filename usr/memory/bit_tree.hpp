// A set of small numbers that finds its least member in a few steps: a bitmap, over it a bitmap of its words
// that are not zero, and so on up to one word. It allocates nothing; the words belong to the caller.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "platforms/base/assert.hpp"

namespace skerry::usr::memory {

class BitTree {
  public:
    static constexpr uint64_t none = ~uint64_t{0};
    static constexpr uint32_t levels_maximum = 6;  // 64^6 members

    // Words of storage that a set of numbers below `members` needs.
    static constexpr uint64_t words_needed(uint64_t members) {
        uint64_t total = 0;
        uint64_t level = members;
        do {
            level = (level + 63) / 64;
            total += level;
        } while (level > 1);
        return total;
    }

    BitTree() = default;
    // An empty set; clears the storage, which must be exactly words_needed(members) long.
    BitTree(uint64_t members, std::span<uint64_t> storage) : members_(members) {
        SKERRY_ASSERT(members > 0 && storage.size() == words_needed(members));
        uint64_t* at = storage.data();
        uint64_t level = members;
        do {
            level = (level + 63) / 64;
            SKERRY_ASSERT(levels_ < levels_maximum);
            level_[levels_++] = at;
            at += level;
        } while (level > 1);
        for (uint64_t& word : storage) word = 0;
    }

    uint64_t members() const { return members_; }
    bool has(uint64_t member) const { return member < members_ && (level_[0][member / 64] >> (member % 64) & 1) != 0; }
    bool empty() const { return levels_ == 0 || level_[levels_ - 1][0] == 0; }

    void insert(uint64_t member) {
        SKERRY_ASSERT(member < members_);
        for (uint32_t i = 0; i < levels_; ++i, member /= 64) level_[i][member / 64] |= uint64_t{1} << (member % 64);
    }
    void remove(uint64_t member) {
        SKERRY_ASSERT(has(member));
        for (uint32_t i = 0; i < levels_; ++i, member /= 64) {
            uint64_t& word = level_[i][member / 64];
            word &= ~(uint64_t{1} << (member % 64));
            if (word != 0) return;
        }
    }
    // The least member, or none.
    uint64_t least() const { return empty() ? none : least_below(levels_, 0); }
    // The least member beyond this one, or none.
    uint64_t next(uint64_t member) const {
        for (uint32_t i = 0; i < levels_; ++i, member /= 64) {
            uint64_t beyond = level_[i][member / 64] & ~uint64_t{1} << (member % 64);
            if (beyond != 0) return least_below(i, member / 64 * 64 + lowest(beyond));
        }
        return none;
    }

  private:
    static uint64_t lowest(uint64_t word) { return static_cast<uint64_t>(std::countr_zero(word)); }
    // The least member below a bit of level `i`.
    uint64_t least_below(uint32_t i, uint64_t member) const {
        while (i-- > 0) {
            SKERRY_ASSERT(level_[i][member] != 0);
            member = member * 64 + lowest(level_[i][member]);
        }
        return member;
    }

    uint64_t members_ = 0;
    uint32_t levels_ = 0;
    uint64_t* level_[levels_maximum] = {};
};

}  // namespace skerry::usr::memory
