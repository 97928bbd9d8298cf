// Completion of the word before the cursor. A source is asked once for every candidate it knows; the
// collector keeps those that begin with the word, and what they have in common.
#pragma once

#include <cstddef>
#include <string_view>

#include "platforms/base/format.hpp"

namespace skerry::usr::shell {

class Candidates {
  public:
    static constexpr size_t bytes_maximum = 2048;  // of all names together; more are counted, not listed

    explicit Candidates(std::string_view word) : word_(word) {}
    std::string_view word() const { return word_; }
    // Ignored unless it begins with the word. At most 255 bytes long.
    void add(std::string_view candidate);
    // The number as a candidate.
    void add_number(uint64_t number);

    size_t count() const { return count_; }
    // What can be added to the word for sure.
    std::string_view common() const { return {common_, count_ == 0 ? 0 : common_length_}; }
    // All of them in columns, for a terminal of that width; ends in \n.
    template <typename Write>
    void list(uint32_t columns, Write write) const {
        size_t column = widest_ + 2;
        size_t per_line = columns > column ? columns / column : 1;
        size_t at = 0;
        size_t in_line = 0;
        while (at < length_) {
            size_t size = static_cast<unsigned char>(names_[at]);
            write(std::string_view(names_ + at + 1, size));
            at += size + 1;
            bool last = at >= length_ || ++in_line == per_line;
            for (size_t i = size; !last && i < column; ++i) write(" ");
            if (last) {
                write("\n");
                in_line = 0;
            }
        }
        if (listed_ < count_) write("...\n");
    }

  private:
    std::string_view word_;
    size_t count_ = 0;
    size_t listed_ = 0;
    size_t widest_ = 0;
    size_t length_ = 0;
    size_t common_length_ = 0;
    char common_[255] = {};
    char names_[bytes_maximum] = {};  // length byte, text, length byte, text ...
};

// Who knows what may stand there.
class CompletionSource {
  public:
    // `before`: the line up to the word, for telling a command from its arguments.
    virtual void candidates(std::string_view before, Candidates& out) = 0;

  protected:
    ~CompletionSource() = default;
};

}  // namespace skerry::usr::shell
