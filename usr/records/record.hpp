// A record: a name and attributes. As text:
//
//   disk.0 { core: 3, kind: ssd, size: 4096 }        a value: a whole number, or a word
//
// and what is asked for, where a name may end in * and conditions take the values' place:
//
//   disk.* { core > 1, kind: ssd, size }             : = the same, also < and > of numbers; alone: there is one
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "platforms/base/format.hpp"
#include "platforms/base/result.hpp"

namespace skerry::usr::records {

using base::Error;
using base::Result;
using base::Status;

// Letters, digits, and . _ - : at most 31 of them.
class Word {
  public:
    static constexpr size_t longest = 31;
    Word() = default;
    static Result<Word> of(std::string_view text);
    std::string_view view() const { return {text_.data(), length_}; }
    bool operator==(const Word& other) const { return view() == other.view(); }

  private:
    std::array<char, longest> text_{};
    uint8_t length_ = 0;
};

struct Attribute {
    Word key;
    bool is_number = false;
    int64_t number = 0;
    Word word;
};

struct Record {
    static constexpr uint32_t attributes_maximum = 8;
    Word name;
    std::array<Attribute, attributes_maximum> attribute{};
    uint32_t count = 0;

    // Errors: corrupt (the text is none), full (too many attributes), exists (one twice).
    static Result<Record> parse(std::string_view text);
    void write(base::Text& text) const;
    const Attribute* find(const Word& key) const;
    bool operator==(const Record& other) const;
};

struct Query {
    enum class Relation : uint8_t { present, same, less, more };
    struct Condition {
        Attribute with;  // its key, and the value to compare with
        Relation relation = Relation::present;
    };
    Word name;             // without the *
    bool any_end = false;  // there was one
    std::array<Condition, Record::attributes_maximum> condition{};
    uint32_t count = 0;

    static Result<Query> parse(std::string_view text);  // errors as above
    bool matches(const Record& record) const;
};

}  // namespace skerry::usr::records
