// A machine in one thread. Each access of portable code comes here (access.hpp): time moves, checkers look, and another
// core may go on before the access takes place.
//
//   fixed schedule    each core has a clock of its own; the one that is furthest behind goes on (conservative
//                     discrete events, Chandy and Misra 1979, at the grain of a quantum)
//   decided schedule  one clock; at each visible step the decisions (a seed's, or a list) say who goes on
//   a course          each core has a clock of its own; at messages and driver entries the course says (course.hpp)
//
// A visible step is one that another core can notice: an atomic access, a poke, the border between program and driver,
// a turn of a poll loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platforms/hosted/world.hpp"
#include "platforms/simulated/access.hpp"
#include "platforms/simulated/checker.hpp"
#include "platforms/simulated/course.hpp"
#include "platforms/simulated/decisions.hpp"
#include "platforms/simulated/fibers.hpp"
#include "platforms/simulated/settings.hpp"
#include "platforms/simulated/timing.hpp"
#include "platforms/simulated/weak_memory.hpp"

namespace skerry::simulated {

struct Counts {
    uint64_t accesses = 0, visible = 0, driver_visible = 0, switches = 0, pokes = 0;
};

// What is at the other end of the machine's wires, and what becomes of a run.
class Outside {
  public:
    virtual void printed(uint8_t byte) = 0;
    // Nobody can go on: bring something (World::serial), or end the process.
    virtual void quiet() = 0;
    // The visible step that Simulator::stop_after() asked for is there.
    virtual void reached() {}
    // Nobody can go on before that time, ns, on the fixed schedule. True: who goes on is to be asked again.
    virtual bool idle(uint64_t /*until*/) { return false; }
    // A course goes no further: what would follow was had.
    virtual void had() {}
    // Cores are busy; somebody's typing may be looked for.
    virtual void busy() {}
    virtual void ended(int status) = 0;  // these two end the process
    virtual void failed(const std::string& why) = 0;

  protected:
    ~Outside() = default;
};

// What nobody has done by then does not come any more, ns.
struct Patience {
    uint64_t at_once = never;  // without a step of anybody's
    uint64_t in_all = never;
};

class Simulator final : public AccessSink {
  public:
    Simulator(hosted::World& world, Outside& outside);

    // Runs the machine until World::end().
    [[noreturn]] void run();
    // From now on, who goes on is decided there. Steps are counted from here. The machine stands still when nobody can go on for
    // longer than Patience says: what goes on then is what notices that something is wrong, and it shall not hide that.
    void play(Decisions& decisions, Patience patience = {});
    // From now on the course says who goes on, until nobody can for long; then it is the fixed schedule again.
    void follow();
    void learn(Course& course) { learns_ = &course; }  // which it has seen from here on
    // Outside::reached() after so many visible steps more.
    void stop_after(uint64_t steps) { stop_at_ = counts_.visible + steps; }

    // --- the machine's side: what cores ask ---
    void start_core(uint32_t hardware, uint64_t image);
    [[noreturn]] void core_ended();
    void sleep(uint64_t deadline);  // of the running core, until it is woken or the deadline is there
    void interrupt(uint32_t hardware, uint32_t bits);
    void boundary(const hosted::Trap* trap);  // null: the driver is left
    void polled();
    void take_turns();  // the running core has come to where the course decides
    // A checker that looks now and then: whether it is time. On a course, after each entry that may have changed something.
    bool due(uint32_t& left, uint32_t interval) const {
        if (course_ != nullptr) return course_->acted();
        if (left-- != 0) return false;
        left = interval;
        return true;
    }
    uint32_t running() const { return fibers_.current(); }
    uint64_t image() { return fibers_.here().image; }  // that the running core starts with
    uint64_t now() {
        settle();
        return decisions_ != nullptr ? clock_ : fibers_.here().time;
    }
    // Somebody outside says when it has gone on for too long.
    void without_limit() { steps_maximum_ = ~uint64_t{0}; }
    // From now on, on the fixed schedule, accesses cost what a machine's file says.
    void charge(Timing& timing) { timing_ = &timing; }
    const Timing* timing() const { return timing_; }
    void interrupted();          // the running core takes one
    void space_changed();        // its translations are gone
    void translation_dropped();  // one of them
    void begin_turn();           // somebody else makes the accesses from now on
    bool runs(uint32_t hardware) { return fibers_[hardware].state != FiberState::absent; }
    hosted::CoreThread* current() { return fibers_.current() == Fibers::none ? nullptr : fibers_.here().core; }
    Outside& outside() { return outside_; }

    // --- AccessSink ---
    void plain(const Access& access) override;
    uint64_t load(const Access& access) override;
    void store(const Access& access, uint64_t value) override;
    uint64_t update(const Access& access, UpdateKind kind, uint64_t operand) override;
    bool compare_exchange(const Access& access, uint64_t& expected, uint64_t desired,
                          std::memory_order failure) override;
    void fill(void* to, int value, size_t bytes) override;
    void hint(const void* place, bool to_store) override;

    // --- for checkers ---
    void add(Checker& checker) {
        checkers_.push_back(&checker);
        if (checker.sees_programs()) of_programs_.push_back(&checker);
        sees_own_ |= checker.sees_own();
    }
    [[noreturn]] void fail(const std::string& why);
    hosted::World& world() { return world_; }
    Counts counts() const {
        Counts counts = counts_;
        counts.accesses = tally().accesses;
        return counts;
    }
    uint64_t step() const { return counts_.visible - first_step_; }
    uint64_t hash() const { return tally().hash; }
    bool stopped(uint32_t hardware) { return fibers_[hardware].state == FiberState::stopped; }
    // It has stopped, and the others know: they have fenced it.
    bool fenced(uint32_t hardware) {
        hosted::CoreThread* core = fibers_[hardware].core;
        return stopped(hardware) && core != nullptr && core->fenced();
    }

  private:
    Actor actor() { return {fibers_.current(), !fibers_.here().core->in_program()}; }
    void account(const Access& access);
    void visible_step(bool polls = false);
    void wait_for_others() {
        if (fibers_.here().time > horizon_) reschedule();
    }
    void take_time(const Access& access);
    // Time of so many accesses.
    void pass(uint64_t accesses) {
        if (decisions_ != nullptr) {
            clock_ += accesses * Settings::decided_access_ns;
        } else {
            fibers_.here().time += accesses * access_ns_;
        }
    }
    // Of those that were only tallied, before anybody asks what time it is or who goes on.
    void settle() {
        uint64_t since = tally().accesses - settled_;
        if (since == 0) return;
        settled_ += since;
        if (timing_ == nullptr) pass(since);
    }
    void nobody_ready();
    // schedule.cpp
    void reschedule();
    void wake_next();
    void wake(Fiber& fiber);
    bool may_begin(const Fiber& fiber) const {
        return fiber.state == FiberState::asleep && fiber.wake_at <= course_begins_;
    }
    void decided_step(bool polls);
    bool nothing_more_comes() const;
    void go_on_decided(bool polls);
    void happen();
    uint64_t wake_those_due();
    void interrupt_program();
    static uint64_t due(const Fiber& fiber);

    struct LatePoke {
        uint64_t due;
        uint32_t hardware;
        WeakMemory::Clock clock;
    };

    hosted::World& world_;
    Outside& outside_;
    Fibers fibers_;
    Decisions* decisions_ = nullptr;
    Course *course_ = nullptr, *learns_ = nullptr;
    uint64_t course_begins_ = 0;  // until then cores that sleep may be woken any time, each by its own clock
    Timing* timing_ = nullptr;
    std::unique_ptr<WeakMemory> weak_;  // while loads may be stale
    std::vector<Checker*> checkers_, of_programs_;
    uint64_t steps_maximum_ = Settings::steps_maximum;
    Counts counts_;
    bool sees_own_ = false;  // some checker wants each access of drivers
    uint64_t settled_ = 0;   // accesses whose time has passed
    uint64_t first_step_ = 0;
    uint64_t access_ns_ = Settings::access_ns;
    uint64_t clock_ = 0;  // of decided schedules
    Patience patience_;
    uint64_t next_due_ = 0;   // of them: when a sleeper or a late poke is due, at the earliest
    uint64_t horizon_ = 0;    // of the fixed one: until when the running core may go on
    uint64_t stop_at_ = 0;    // a number of visible steps
    uint64_t next_look_ = 0;  // when somebody's typing is looked for although cores are busy
    std::vector<LatePoke> late_;
};

Simulator& simulator();

}  // namespace skerry::simulated
