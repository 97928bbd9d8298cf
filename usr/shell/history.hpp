// The last lines that were entered, oldest forgotten first. Bounded: N lines of at most Bytes bytes each.
#pragma once

#include <cstddef>
#include <string_view>

#include "platforms/base/assert.hpp"

namespace skerry::usr::shell {

template <size_t N, size_t Bytes>
class History {
  public:
    size_t size() const { return count_; }

    // Empty lines, lines that are too long and repetitions of the last line are not kept.
    void add(std::string_view line) {
        if (line.empty() || line.size() > Bytes) return;
        if (count_ != 0 && back(1) == line) return;
        Entry& entry = entries_[next_];
        for (size_t i = 0; i < line.size(); ++i) entry.text[i] = line[i];
        entry.length = line.size();
        next_ = (next_ + 1) % N;
        if (count_ < N) ++count_;
    }

    // The line that was added `steps` ago: 1 = the last.
    std::string_view back(size_t steps) const {
        SKERRY_ASSERT(steps >= 1 && steps <= count_);
        const Entry& entry = entries_[(next_ + N - steps) % N];
        return {entry.text, entry.length};
    }

  private:
    struct Entry {
        size_t length = 0;
        char text[Bytes] = {};
    };
    Entry entries_[N];
    size_t next_ = 0;
    size_t count_ = 0;
};

}  // namespace skerry::usr::shell
