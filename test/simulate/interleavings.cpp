#include "test/simulate/interleavings.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "platforms/hosted/fiber.hpp"
#include "platforms/simulated/access.hpp"

namespace skerry::interleavings {

namespace {

using simulated::Access;
using simulated::AccessKind;
using simulated::UpdateKind;

constexpr uint64_t wake_object = ~uint64_t{0} - 2;  // + thread: what wake() and wait() touch
constexpr size_t stack_bytes = 128 * 1024;
using Clock = std::array<uint64_t, 2>;  // steps of each thread that came before, counted in places of the stack

struct Step {
    uint64_t object = 0;  // line, or wake_object + thread
    bool writes = false, waits = false;
};
bool dependent(const Step& one, const Step& other) {
    return one.object == other.object && (one.writes || other.writes);
}

// A state of the system on the way to the end of the run, and what was chosen there. Sets of threads are bits.
struct Place {
    Step next[2];
    uint32_t enabled = 0, chosen = 0, backtrack = 0, done = 0, sleep = 0;
};

class Explorer final : public simulated::AccessSink {
  public:
    explicit Explorer(const System& system) : AccessSink(system.memory.data(), system.memory.size()), system_(system) {
        for (auto& stack : stacks_) stack.resize(stack_bytes);
    }
    Result run(uint64_t runs_maximum);

    // --- AccessSink: each is a step, taken when the thread is resumed ---
    void plain(const Access& access) override { announce(access); }
    uint64_t load(const Access& access) override { return announce(access), load_now(access); }
    void store(const Access& access, uint64_t value) override { announce(access), store_now(access, value); }
    uint64_t update(const Access& access, UpdateKind kind, uint64_t operand) override {
        return announce(access), update_now(access, kind, operand);
    }
    bool compare_exchange(const Access& access, uint64_t& expected, uint64_t desired, std::memory_order) override {
        return announce(access), compare_exchange_now(access, expected, desired);
    }
    void announce(const Access& access) {
        announce(Step{access.offset / line_bytes, access.kind != AccessKind::load, false});
    }
    void announce(Step step) {
        next_[current_] = step;
        leave();
    }
    void wake(uint32_t thread) {
        announce(Step{wake_object + thread, true, false});
        woken_[thread] = true;
    }
    void wait() {
        announce(Step{wake_object + current_, true, true});
        woken_[current_] = false;
    }

  private:
    static void begin(hosted::Arrival arrival);
    void leave();
    void resume(uint32_t thread);
    bool follow();
    uint32_t enabled() const;
    bool arrive(size_t depth);
    void add_backtracks(size_t depth);
    void account(size_t depth);
    bool next_choice();

    const System& system_;
    std::vector<std::byte> stacks_[2];
    std::vector<Place> stack_;
    Result result_;
    // --- of a run ---
    uint64_t outside_ = 0, context_[2] = {};
    uint32_t current_ = 0;
    Step next_[2];
    bool ended_[2] = {}, woken_[2] = {};
    Clock clock_[2] = {};
    std::map<uint64_t, std::array<Clock, 2>> last_;  // of an object: what came before its reads, and before its writes
};

Explorer* the_explorer = nullptr;

void Explorer::begin(hosted::Arrival arrival) {
    Explorer& self = *the_explorer;
    self.outside_ = arrival.from;
    self.system_.body[self.current_]();
    self.ended_[self.current_] = true;
    self.leave();
    __builtin_trap();
}

void Explorer::leave() {
    uint32_t thread = current_;
    simulated::AccessSink* sink = simulated::set_access_sink(nullptr);
    hosted::Arrival arrival = hosted::switch_to(outside_, nullptr);
    simulated::set_access_sink(sink != nullptr ? sink : this);
    outside_ = arrival.from;
    current_ = thread;
}

// Lets a thread take its step, and go on to where the next one would be.
void Explorer::resume(uint32_t thread) {
    current_ = thread;
    simulated::set_access_sink(this);
    hosted::Arrival arrival = hosted::switch_to(context_[thread], nullptr);
    simulated::set_access_sink(nullptr);
    context_[thread] = arrival.from;
}

uint32_t Explorer::enabled() const {
    uint32_t set = 0;
    for (uint32_t i = 0; i < 2; ++i) {
        if (!ended_[i] && (!next_[i].waits || woken_[i])) set |= 1u << i;
    }
    return set;
}

// Where an earlier step could have come after what a thread does next, its place must try that.
void Explorer::add_backtracks(size_t depth) {
    for (uint32_t thread = 0; thread < 2; ++thread) {
        if (ended_[thread]) continue;
        for (size_t i = depth; i-- > 0;) {
            Place& place = stack_[i];
            if (place.chosen == thread || !dependent(place.next[place.chosen], next_[thread])) continue;
            if (clock_[thread][place.chosen] > i) break;  // it came before anyhow
            place.backtrack |= (place.enabled >> thread & 1) != 0 ? 1u << thread : place.enabled;
            break;
        }
    }
}

// Vector clocks: what came before the step just chosen at `depth`, and with it before what its thread does later.
void Explorer::account(size_t depth) {
    const Place& place = stack_[depth];
    uint32_t thread = place.chosen;
    const Step& step = place.next[thread];
    auto& [reads, writes] = last_[step.object];
    Clock& clock = clock_[thread];
    for (uint32_t i = 0; i < 2; ++i) {
        clock[i] = std::max(clock[i], writes[i]);
        if (step.writes) clock[i] = std::max(clock[i], reads[i]);
    }
    clock[thread] = depth + 1;
    Clock& mine = step.writes ? writes : reads;
    for (uint32_t i = 0; i < 2; ++i) mine[i] = std::max(mine[i], clock[i]);
}

// -> false: the run goes no further from here.
bool Explorer::arrive(size_t depth) {
    add_backtracks(depth);
    uint32_t open = enabled();
    if (open == 0) {
        ++result_.complete;
        result_.longest = std::max<uint64_t>(result_.longest, depth);
        bool stuck = !ended_[0] || !ended_[1];
        result_.stuck += stuck;
        result_.wrong += !stuck && !system_.judge();
        return false;
    }
    if (depth < stack_.size()) return true;
    Place place;
    place.next[0] = next_[0], place.next[1] = next_[1];
    place.enabled = open;
    if (depth > 0) {
        const Place& before = stack_[depth - 1];
        uint32_t asleep = before.sleep | before.done;
        for (uint32_t i = 0; i < 2; ++i) {
            bool stays = i != before.chosen && !dependent(before.next[i], before.next[before.chosen]);
            if ((asleep >> i & 1) != 0 && stays) place.sleep |= 1u << i;
        }
    }
    uint32_t choices = open & ~place.sleep;
    if (choices == 0) {
        ++result_.redundant;
        return false;
    }
    place.chosen = (choices & 1) != 0 ? 0 : 1;
    place.backtrack = 1u << place.chosen;
    stack_.push_back(place);
    return true;
}

// One run: along the stack, then on.
bool Explorer::follow() {
    std::memset(system_.memory.data(), 0, system_.memory.size());
    system_.prepare();
    last_.clear();
    for (uint32_t i = 0; i < 2; ++i) {
        ended_[i] = woken_[i] = false;
        clock_[i] = {};
        context_[i] = hosted::make_context(stacks_[i].data() + stack_bytes / 16 * 16, stack_bytes, &begin);
        resume(i);  // up to its first step
    }
    for (size_t depth = 0; arrive(depth); ++depth) {
        account(depth);
        resume(stack_[depth].chosen);
    }
    return true;
}

// The deepest place that has something left to try. -> false: all was tried.
bool Explorer::next_choice() {
    while (!stack_.empty()) {
        Place& place = stack_.back();
        place.done |= 1u << place.chosen;
        uint32_t left = place.backtrack & ~place.done & ~place.sleep;
        if (left != 0) {
            place.chosen = (left & 1) != 0 ? 0 : 1;
            return true;
        }
        stack_.pop_back();
    }
    return false;
}

Result Explorer::run(uint64_t runs_maximum) {
    the_explorer = this;
    for (uint64_t runs = 0; runs < runs_maximum; ++runs) {
        follow();
        if (!next_choice()) return result_;
    }
    result_.complete = 0;
    return result_;
}

}  // namespace

void wake(uint32_t thread) {
    the_explorer->wake(thread);
}
void wait() {
    the_explorer->wait();
}
Result explore(const System& system, uint64_t runs_maximum) {
    return Explorer(system).run(runs_maximum);
}

}  // namespace skerry::interleavings
