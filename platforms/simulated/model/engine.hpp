// Runs instrumented code on a simulated machine in virtual time: a fiber a core, and the core with the least time runs.
//
//   portable code --(platforms/simulated/access.hpp)--> Engine --> Directory: what does it cost?
//                                                         |
//        private access: instructions alone               |  shared access: every core that is behind runs first
//
// Code between accesses is charged as instructions, so many an access. A store retires in the background: it takes effect
// when its line has come and all older stores of its core have taken effect; a core stalls when too many lines are on
// their way, and where the code asks for a full barrier. A load waits. A core that polls lines that do not change is
// parked until it loses one of them, and is charged as if it had polled.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <stdexcept>

#include "platforms/hosted/fiber.hpp"
#include "platforms/simulated/access.hpp"
#include "platforms/simulated/model/directory.hpp"
#include "platforms/simulated/model/memory.hpp"
#include "platforms/simulated/model/prefetcher.hpp"
#include "platforms/simulated/model/tlb.hpp"

namespace skerry::simulated::model {

// Nobody can go on.
struct Deadlock : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// For a program's accesses: the engine's own are not seen meanwhile.
class Inside {
  public:
    explicit Inside(bool& flag) : flag_(flag) { flag_ = true; }
    ~Inside() { flag_ = false; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

  private:
    bool& flag_;
};

// Of a processor core, and of the code that runs on it.
struct CoreModel {
    double cycles_per_access = 0;  // instructions that one access of the code stands for, times cycles an instruction
    Prefetcher::Habits prefetcher;
    uint32_t tlb_entries = 512, tlb_upper = 16;
    Time walk_step = 0;
    static CoreModel of(const Machine& machine, double instructions_per_access);
};

struct Count {
    uint64_t accesses = 0, shared = 0, misses = 0, polls = 0, parked = 0, prefetched = 0, stalls = 0;
};

class Engine final : public AccessSink, private CopyWatcher {
  public:
    // `memory` holds all that cores share, and is complete.
    Engine(const Machine& machine, const Prices& prices, const CoreModel& model, const Memory& memory);
    ~Engine();

    // What `core` runs, from `start` on.
    void start(CoreIndex core, std::function<void()> program, Time start = 0);
    // Until all programs have ended. Throws Deadlock.
    void run();

    // --- of the core that runs, from its program ---
    Time now() const { return current_->clock; }
    void spend(Time time) { current_->clock += time; }
    // All that this core has stored has taken effect.
    void drain();
    // Sends an interrupt, to a core whose program takes them with await_interrupt(): that returns in its handler.
    void interrupt(CoreIndex core);
    void await_interrupt();
    void invalidate(uint64_t page);  // drops this core's translation

    const Count& count(CoreIndex core) const { return cores_[core]->count; }
    Count total() const;
    Directory& directory() { return directory_; }
    uint64_t switches() const { return switches_; }
    uint64_t rescues() const { return rescues_; }  // parked cores that had to look again: 0 in a good run
    // Of the host, for one core: its fiber's stack and what we keep.
    uint64_t bytes_a_core() const;
    // Called with each shared access that missed: core, offset, kind, when, done.
    std::function<void(CoreIndex, uint64_t, AccessKind, Time, Time)> trace;

    // A line is asked for in the background, as by the prefetcher.
    void hint(const void* place, bool to_store) override;

    void plain(const Access& access) override;
    uint64_t load(const Access& access) override;
    void store(const Access& access, uint64_t value) override;
    uint64_t update(const Access& access, UpdateKind kind, uint64_t operand) override;
    bool compare_exchange(const Access& access, uint64_t& expected, uint64_t desired,
                          std::memory_order failure) override;

  private:
    struct Pending {
        Access access;
        uint64_t value;
    };
    struct Taking {  // a line on its way, and what will be stored in it
        LineIndex line;
        Time retires;
        std::vector<Pending> stores;
        bool stores_to(const void* place) const {
            for (const Pending& pending : stores) {
                if (pending.access.place == place) return true;
            }
            return false;
        }
    };
    struct Polled {
        const void* place;
        LineIndex line;
        uint64_t value;
        Time when;
        uint32_t times;
    };
    struct Fill {
        LineIndex line;
        Time arrives;
    };
    struct Core {
        Core(CoreIndex i, const CoreModel& model)
            : index(i), prefetcher(model.prefetcher), tlb(model.tlb_entries, model.tlb_upper) {}
        CoreIndex index;
        Time clock = 0;
        uint64_t context = 0;
        std::byte* stack = nullptr;
        std::function<void()> program;
        std::deque<Taking> taking;  // oldest first
        std::vector<Polled> polls;
        std::vector<Fill> fills;
        bool parked = false, ended = false;
        bool waits = false;           // for an interrupt
        std::deque<Time> interrupts;  // when they arrive
        Time parked_at = 0, period = 0;
        uint64_t rescue_after = 0;  // accesses
        Prefetcher prefetcher;
        Tlb tlb;
        Count count;
    };
    struct Due {
        Time when;
        CoreIndex core;
        bool operator>(const Due& other) const { return when != other.when ? when > other.when : core > other.core; }
    };
    using Queue = std::priority_queue<Due, std::vector<Due>, std::greater<>>;

    static void begin_fiber(hosted::Arrival arrival);
    void copy_ended(CoreIndex core, LineIndex line, Time when) override;
    void charge(Core& core);
    void take_for_update(const Access& access);
    void catch_up(Core& core);
    void retire_until(Time now);
    void retire_one();
    void leave(Core& core);
    Time fetch(Core& core, LineIndex line, Directory::Kind kind, const Access& access);
    void translate(Core& core, uint64_t offset);
    void prefetch_after(Core& core, LineIndex line);
    void buffer(Core& core, const Access& access, uint64_t value);
    void drain(Core& core);
    bool forwarded(const Core& core, const Access& access, uint64_t& value) const;
    bool polls_again(Core& core, const Access& access, uint64_t value);
    void park(Core& core);
    bool wake_all();

    const Machine& machine_;
    CoreModel model_;
    const Memory& memory_;
    Directory directory_;
    Time cost_of_access_;
    std::vector<std::unique_ptr<Core>> cores_;
    Core* current_ = nullptr;
    bool inside_ = true;  // not in a program: what the engine itself touches is nobody's
    uint64_t scheduler_ = 0;
    Queue ready_, retiring_;
    size_t unfinished_ = 0;
    uint64_t switches_ = 0, rescues_ = 0;
};

}  // namespace skerry::simulated::model
