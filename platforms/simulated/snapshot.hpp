// Memory of this process as it stood at a moment, and back to it. All of it is write-protected then; the first store to a
// page faults, is noted with what stood there, and from then on that page is put back every time. So a schedule costs
// copies of the pages that schedules of its scene write to, instead of a process with its faults (incremental checkpoints:
// Plank and others, "Libckpt", 1995).
//
// One at a time. It lies, as does the stack of whoever uses it, outside of the ranges, and so does what it keeps.
#pragma once

#include <signal.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace skerry::simulated {

class Snapshot {
  public:
    using Range = std::span<std::byte>;
    static constexpr size_t ranges_maximum = 4;

    // The moment. `ranges`: whole pages, private to this process. Takes the handler of SIGSEGV.
    explicit Snapshot(std::span<const Range> ranges);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    void restore();
    size_t written() const { return written_; }  // pages, since the moment

    // Zeroes whole pages, and leaves those alone that have been zero since the moment. False: no snapshot stands.
    static bool clear(std::byte* begin, size_t bytes);

  private:
    enum class Page : uint8_t { unknown, zero, other, written };  // the first three: not written
    struct Part {
        Range range;
        Page* pages;
    };
    static void fault(int signal, siginfo_t* info, void* context);
    static Snapshot*& current();
    Page* find(const void* place);
    bool untouched_zero(std::byte* page);
    bool note(void* place);

    Part parts_[ranges_maximum] = {};
    size_t part_count_ = 0, written_ = 0;
    std::byte** places_;  // of the written pages
    std::byte* saved_;    // what stood there
    std::byte* signal_stack_;
    struct sigaction action_before_ {};
    stack_t stack_before_{};
};

}  // namespace skerry::simulated
