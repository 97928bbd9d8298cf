// A core's prefetcher: it follows loads that walk through a page in equal steps, and asks for lines ahead of them.
// Never beyond the page, whose neighbour may lie anywhere.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>

namespace skerry::simulated::model {

class Prefetcher {
  public:
    struct Habits {
        uint32_t train = 2;    // equal steps before it believes them
        uint32_t depth = 0;    // steps ahead; 0: there is no prefetcher
        uint32_t stride = 16;  // lines, the longest step that it follows
    };
    explicit Prefetcher(const Habits& habits) : habits_(habits) {}

    // A load of `line` that missed, or was the first of a line that we had asked for. Calls ask(line) for each to fetch.
    template <typename Ask>
    void note(uint64_t line, Ask ask) {
        if (habits_.depth == 0) return;
        Stream& stream = find(line / lines_per_page);
        int64_t step = static_cast<int64_t>(line - stream.last);
        if (stream.known && step == 0) return;
        bool fits = stream.known && std::abs(step) <= habits_.stride;
        stream.equal = !fits ? 0 : step == stream.step ? stream.equal + 1 : 1;
        stream.step = step;
        stream.last = line;
        stream.known = true;
        if (stream.equal < habits_.train) return;
        for (uint32_t ahead = 1; ahead <= habits_.depth; ++ahead) {
            uint64_t target = line + static_cast<uint64_t>(step * static_cast<int64_t>(ahead));
            if (target / lines_per_page != stream.page) break;
            ask(target);
        }
    }

  private:
    static constexpr uint64_t lines_per_page = 64;
    struct Stream {
        uint64_t page = UINT64_MAX, last = 0, used = 0;
        int64_t step = 0;
        uint32_t equal = 0;
        bool known = false;
    };
    // That of this page, or the one used longest ago.
    Stream& find(uint64_t page) {
        Stream* oldest = &streams_[0];
        for (Stream& stream : streams_) {
            if (stream.page == page) {
                stream.used = ++clock_;
                return stream;
            }
            if (stream.used < oldest->used) oldest = &stream;
        }
        *oldest = Stream{};
        oldest->page = page;
        oldest->used = ++clock_;
        return *oldest;
    }

    Habits habits_;
    std::array<Stream, 8> streams_;
    uint64_t clock_ = 0;
};

}  // namespace skerry::simulated::model
