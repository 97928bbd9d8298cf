// One program on several cores: a dispatcher on each, and memory that all of them see at the same addresses.
//
//   member 0 (the leader: program_main)          members 1, 2, ... (a core each)
//     open(bytes)                                  member_main: waits
//     add(core) ------------------------------->
//     run(member, work, argument) ------------->   work(span, member, argument)
//     wait(member) <----------------------------   done; waits again
//
// What is shared: every global of the program (.data, .bss), the leader's main stack, and the window, whose pages the leader
// hands out. What each core has of its own: text, the runtime's objects (platform::static_storage), its stack, its heap
// (members have none), capabilities, page tables. Pointers into what is shared mean the same everywhere, others do not.
//
// Pages of the window are mapped on a core when it first touches them, and so it is known which cores may hold a
// translation: only these are told when a page changes. When protect() or unmap() returns, no core has the old one.
// Pages are the leader's to change; all members may use them, and the atomics in them.
//
// When any core's part exits or crashes, the whole program ends, with its status and reason; the memory comes back when no
// core can reach it. To a page that has gone away: unmap() says what a touch does.
#pragma once

#include "capabilities/interface/flush_line.hpp"
#include "usr/console/monitor_link.hpp"
#include "usr/runtime/domain_layout.hpp"

namespace skerry::usr::span {

using base::Error;
using base::Result;
using base::Status;

constexpr uint32_t members_maximum = 64, pages_maximum = 1024;
// The window begins at the same address in every program that spans cores; what else a program maps lies far below.
constexpr uint64_t window_base = 7 * runtime::domain_layout::root_span;

// How the other cores are told. `drivers`: their CPU drivers are interrupted and answer themselves, whatever runs there.
// `dispatchers`: where the program's own dispatcher polls it asks its driver by a system call, and nobody is interrupted;
// elsewhere as above.
enum class Way : uint32_t { drivers, dispatchers, count_ };
std::string_view name_of(Way way);

// What a touch of a page does that is not mapped, or a write to one that may only be read.
enum class Touch : uint32_t {
    ends,   // the program: a page fault
    waits,  // until it is mapped so that it may
};

class Span;
using Work = void(Span& span, uint32_t member, void* argument);

// What a change has to wait for; finish() does.
struct Ticket {
    uint64_t number = 0;
};

class Span {
  public:
    // --- of the leader ---
    // Memory of `bytes` (a power of two, at most half of the window's) for the pages. Once, in an object that is a global.
    // Errors: unsupported (this platform's programs are on one core), those of MakeArena.
    Status open(runtime::Program& self, console::MonitorLink& monitor, uint64_t bytes);
    // -> the member's number. Errors: those of Span (urpc/protocols/monitor.hpp), timed_out.
    Result<uint32_t> add(base::CoreId core);
    uint32_t members() const { return count_; }
    // Errors: busy (it works still), out_of_range.
    Status run(uint32_t member, Work* work, void* argument);
    // Until its work is done. Errors: timed_out (deadline in ns of this core's clock, 0 = none).
    Status wait(uint32_t member, uint64_t deadline = 0);
    void set_way(Way way) { way_ = way; }

    // --- pages of the window, by number; memory by number of its page ---
    static std::byte* at(uint32_t page) { return reinterpret_cast<std::byte*>(window_base + page * base::page_size); }
    uint32_t memory_pages() const { return memory_pages_; }
    // The page shows that memory from now on: whoever touches it finds it. Errors: out_of_range, slot_occupied.
    Status map(uint32_t page, uint32_t memory, bool writable);
    // From now on it may be read only. Errors: not_found (not mapped).
    Status protect(uint32_t page, Touch touch = Touch::ends);
    // The page is nowhere, and its memory may be used for something else. Errors: not_found.
    Status unmap(uint32_t page, Touch touch = Touch::ends);
    // The same, but the other cores may hold it until finish() returns. Errors: not_found.
    Result<Ticket> unmap_deferred(uint32_t page, Touch touch = Touch::ends);
    bool finished(Ticket ticket);  // never waits
    void finish(Ticket ticket);

    // How often that member was asked to change something; how often its dispatcher saw to that itself.
    uint64_t requests(uint32_t member) const;
    uint64_t seen_to(uint32_t member) const { return posts_[member].seen_to; }

    // --- of everybody ---
    bool touched(uint32_t page, uint32_t member) const;

  private:
    friend class Here;
    using PageChange = capabilities::PageChange;
    using FlushLine = capabilities::FlushLine;

    // Shared by all: who holds the lock may change it, and may hold it while others answer, who never take it then.
    struct alignas(64) Page {
        std::atomic<uint32_t> lock{0};
        uint32_t memory = 0;
        bool mapped = false, writable = false;
        Touch touch = Touch::ends;
        std::array<uint64_t, members_maximum / 64> users{};
        bool keeps_waiting(bool writes);  // who touches it; without the lock
        void take();
        void release() { lock.store(0, std::memory_order_release); }
    };
    // A member's post box: each word has one writer.
    struct alignas(64) Seat {
        std::atomic<uint64_t> order{0};  // number of the last order; work and argument were written before
        Work* work = nullptr;
        void* argument = nullptr;
        std::atomic<uint64_t> asked{0};  // to serve its line: number of the last request by way of its dispatcher
        alignas(64) std::atomic<uint64_t> done{0};  // number of the last order that is done, plus one: 0 = not ready
        std::atomic<bool> polls{false};             // its dispatcher does, and looks at `asked` at each turn
    };
    // The leader's alone.
    struct Post {
        FlushLine* line = nullptr;
        runtime::FlushCap flush{};
        runtime::NotifyCap notify{};
        bool left = false;  // its dispatcher polled, so its driver was not interrupted
        uint64_t seen_to = 0;
    };

    Status open_own_line();
    Status receive(uint32_t member, runtime::CapRef notify, runtime::CapRef flush, runtime::CapRef line);
    Status change(uint32_t page, PageChange change, Touch touch, Ticket& ticket);
    void ask(uint32_t page, PageChange change);

    runtime::Program* leader_ = nullptr;
    console::MonitorLink* monitor_ = nullptr;
    runtime::CapRef arena_;
    uint32_t memory_pages_ = 0, count_ = 0;
    Way way_ = Way::drivers;
    uint64_t changes_ = 0, finished_ = 0;
    uint32_t changing_ = 0;  // the page of the change under way
    // From the last member down: the leader, whose own part goes on beside the others', comes last.
    template <typename Visit>
    void for_each_waiting(Visit visit) {
        for (size_t i = waiting_.size(); i-- > 0;) {
            for (uint64_t bits = waiting_[i]; bits != 0;) {
                auto bit = 63 - static_cast<uint32_t>(std::countl_zero(bits));
                bits &= ~(uint64_t{1} << bit);
                visit(static_cast<uint32_t>(i * 64) + bit);
            }
        }
    }
    std::array<uint64_t, members_maximum / 64> waiting_{};
    std::array<Post, members_maximum> posts_{};
    std::array<Seat, members_maximum> seats_{};
    std::array<Page, pages_maximum> pages_{};
};

}  // namespace skerry::usr::span
