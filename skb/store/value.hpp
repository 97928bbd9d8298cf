// A value is one word, and two values are the same exactly if their words are: a number of 63 bits in itself, or the
// index of a symbol (an atom, or a number that needs all 64 bits).
//
//    63                                     1   0
//   +-----------------------------------------+---+
//   | number                                  | 0 |
//   | index into Symbols                      | 1 |
//   +-----------------------------------------+---+
#pragma once

#include <cstdint>
#include <string_view>

#include "platforms/base/format.hpp"
#include "skb/store/pool.hpp"

namespace skerry::skb {

struct Value {
    uint64_t word = 0;

    static constexpr bool fits(int64_t number) { return (number << 1) >> 1 == number; }
    static constexpr Value small(int64_t number) { return {static_cast<uint64_t>(number) << 1}; }
    static constexpr Value symbol(uint32_t index) { return {uint64_t{index} << 1 | 1}; }
    constexpr bool is_small() const { return (word & 1) == 0; }
    constexpr int64_t number() const { return static_cast<int64_t>(word) >> 1; }  // of a small one
    constexpr uint32_t index() const { return static_cast<uint32_t>(word >> 1); }
    friend constexpr bool operator==(Value, Value) = default;
};

// Atoms by text, each once. A symbol is never forgotten: what fills the table is refused with no_memory.
class Symbols {
  public:
    explicit Symbols(Pool& pool) : pool_(pool) {}
    Symbols(const Symbols&) = delete;
    Symbols& operator=(const Symbols&) = delete;

    Result<Value> atom(std::string_view text);
    Result<Value> number(int64_t number);

    bool is_number(Value value) const { return value.is_small() || entries_[value.index()].text == nullptr; }
    int64_t as_number(Value value) const { return value.is_small() ? value.number() : entries_[value.index()].number; }
    std::string_view as_text(Value value) const {
        const Entry& entry = entries_[value.index()];
        return {entry.text, entry.size};
    }
    // Prolog's standard order: numbers, then atoms by their bytes. Less than, equal to, greater than 0.
    int compare(Value one, Value other) const;
    // As Prolog writes it with quotes: read again, it is the same value.
    void write(base::Text& text, Value value) const;

  private:
    struct Entry {
        const char* text;  // null: a number
        int64_t number;
        uint32_t size, next;
    };
    Result<Value> intern(uint64_t hash, std::string_view text, int64_t number);
    bool grow();

    Pool& pool_;
    Growing<Entry> entries_;
    Growing<uint64_t> hashes_;  // of each entry
    Growing<uint32_t> heads_;   // of chains, by hash; entry index + 1
};

}  // namespace skerry::skb
