// Who goes on. Fixed: the core that is furthest behind, up to a quantum past the next one. Decided: whom the decisions name.
#include <algorithm>

#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

using hosted::CoreThread;

uint64_t Simulator::due(const Fiber& fiber) {
    if (fiber.state == FiberState::ready) return fiber.time;
    if (fiber.state == FiberState::asleep && fiber.wake_at != never) return std::max(fiber.time, fiber.wake_at);
    return never;
}

void Simulator::sleep(uint64_t deadline) {
    settle();
    Fiber& fiber = fibers_.here();
    fiber.state = FiberState::asleep;
    fiber.wake_at = deadline;
    if (decisions_ == nullptr) {
        if (course_ != nullptr) course_->rests();
        course_ != nullptr ? take_turns() : reschedule();
        if (course_ != nullptr) course_->woken();
        return;
    }
    next_due_ = std::min(next_due_, deadline);
    ++counts_.visible;
    go_on_decided(false);
}

void Simulator::interrupt(uint32_t hardware, uint32_t bits) {
    settle();
    if ((bits & CoreThread::poke_bit) != 0) {
        ++counts_.pokes;
        if (course_ != nullptr) course_->pokes(hardware);
        if (decisions_ != nullptr && bits == CoreThread::poke_bit) {
            if (auto late = decisions_->late(step())) {
                uint64_t due = clock_ + *late * Settings::decided_access_ns;
                late_.push_back({due, hardware, weak_ ? weak_->clock(fibers_.current()) : WeakMemory::Clock()});
                next_due_ = std::min(next_due_, due);
                return;
            }
        }
    }
    Fiber& fiber = fibers_[hardware];
    if (fiber.core == nullptr) return;
    bool sent = timing_ != nullptr && fibers_.current() != Fibers::none && (bits & CoreThread::poke_bit) != 0;
    if (sent) fibers_.here().time += timing_->interrupt_send();
    fiber.core->pend(bits);
    if (weak_ != nullptr) weak_->join(hardware, weak_->clock(fibers_.current()));
    if (fiber.state != FiberState::asleep) return;
    bool begins = course_ != nullptr && may_begin(fiber);  // by its own clock it is not that late
    fiber.state = FiberState::ready;
    if (begins) return;
    uint64_t flight = sent ? timing_->flight(fibers_.current(), hardware) : 0;
    if (fibers_.current() != Fibers::none) fiber.time = std::max(fiber.time, now() + flight);
    horizon_ = 0;
}

void Simulator::nobody_ready() {
    for (Checker* checker : checkers_) checker->quiet();
    outside_.quiet();
}

void Simulator::reschedule() {
    for (;;) {
        if (decisions_ != nullptr) return go_on_decided(false);  // since nobody was ready
        uint32_t best = Fibers::none;
        uint64_t first = never, second = never;
        for (uint32_t i = 0; i < fibers_.count(); ++i) {
            uint64_t time = due(fibers_[i]);
            if (time < first) {
                second = first, first = time, best = i;
            } else {
                second = std::min(second, time);
            }
        }
        if (best == Fibers::none) {
            nobody_ready();
            continue;
        }
        Fiber& fiber = fibers_[best];
        if (fiber.state == FiberState::asleep && outside_.idle(first)) return take_turns();
        fiber.state = FiberState::ready;
        fiber.time = first;
        horizon_ = second == never ? never : second + (timing_ != nullptr ? 0 : Settings::quantum_ns);
        counts_.switches += best != fibers_.current();
        fibers_.go_on(best);
        begin_turn();
        return;
    }
}

// --- on a course ---

void Simulator::follow() {
    settle();
    course_ = learns_;
    course_->begin();
    access_ns_ = Settings::course_access_ns;
    uint64_t first = never;
    for (uint32_t i = 0; i < fibers_.count(); ++i) first = std::min(first, due(fibers_[i]));
    course_begins_ = first + Course::slack_ns;
    for (uint32_t i = 0; i < fibers_.count(); ++i) fibers_[i].time = std::max(fibers_[i].time, first - Course::lead_ns);
}

void Simulator::take_turns() {
    settle();
    for (;;) {
        uint32_t ready = 0;
        for (uint32_t i = 0; i < fibers_.count(); ++i) {
            bool may = fibers_[i].state == FiberState::ready || may_begin(fibers_[i]);
            ready |= uint32_t{may} << i;
        }
        if (ready == 0) {
            wake_next();
            if (course_ == nullptr) return reschedule();
            continue;
        }
        uint32_t next = course_->next(ready);
        if (next == Orders::nobody) outside_.had();
        wake(fibers_[next]);
        if (next == fibers_.current()) return;
        ++counts_.switches;
        fibers_.go_on(next);
        begin_turn();
        return;
    }
}

void Simulator::wake(Fiber& fiber) {
    if (fiber.state != FiberState::asleep) return;
    fiber.time = due(fiber);
    fiber.state = FiberState::ready;
}

// Time passes until the first of them is due. Where that is long, the course is over.
void Simulator::wake_next() {
    uint64_t first = never, now = 0;
    for (uint32_t i = 0; i < fibers_.count(); ++i) {
        first = std::min(first, due(fibers_[i]));
        now = std::max(now, fibers_[i].time);
    }
    if (first == never || (first > now && first - now > Course::patience_ns)) {
        course_ = learns_ = nullptr;
        return;
    }
    course_->waited();
    for (uint32_t i = 0; i < fibers_.count(); ++i) {
        if (due(fibers_[i]) <= first + Course::slack_ns) wake(fibers_[i]);
    }
}

// --- decided ---

void Simulator::play(Decisions& decisions, Patience patience) {
    settle();
    for (uint32_t i = 0; i < fibers_.count(); ++i) clock_ = std::max(clock_, fibers_[i].time);
    patience_ = patience;
    if (patience.in_all != never) patience_.in_all += clock_;
    decisions_ = &decisions;
    first_step_ = counts_.visible;
    next_due_ = 0;
    if (!decisions.weak()) return;
    weak_ = std::make_unique<WeakMemory>(world_.bytes(), static_cast<uint32_t>(fibers_.count()));
    tally().watched = weak_->watched();
}

// -> bits of those who could go on.
uint64_t Simulator::wake_those_due() {
    next_due_ = never;
    for (LatePoke& poke : late_) {
        if (poke.due > clock_) {
            next_due_ = std::min(next_due_, poke.due);
            continue;
        }
        Fiber& fiber = fibers_[poke.hardware];
        if (fiber.core != nullptr) fiber.core->pend(CoreThread::poke_bit);
        if (fiber.state == FiberState::asleep) fiber.state = FiberState::ready;
        if (weak_ != nullptr) weak_->join(poke.hardware, poke.clock);
        poke.due = 0;
    }
    std::erase_if(late_, [](const LatePoke& poke) { return poke.due == 0; });
    uint64_t ready = 0;
    for (uint32_t i = 0; i < fibers_.count(); ++i) {
        Fiber& fiber = fibers_[i];
        if (fiber.state == FiberState::asleep && fiber.wake_at <= clock_) fiber.state = FiberState::ready;
        if (fiber.state == FiberState::asleep) next_due_ = std::min(next_due_, fiber.wake_at);
        if (fiber.state == FiberState::ready) ready |= uint64_t{1} << i;
    }
    return ready;
}

bool Simulator::nothing_more_comes() const {
    if (next_due_ == never || next_due_ > patience_.in_all) return true;
    return next_due_ > clock_ && next_due_ - clock_ > patience_.at_once;
}

void Simulator::go_on_decided(bool polls) {
    for (;;) {
        uint64_t could = wake_those_due(), ready = could & ~decisions_->held_up(clock_);
        if (could != 0 && ready == 0) {
            clock_ = std::min(next_due_, decisions_->held_until());
            continue;
        }
        if (ready != 0) {
            uint32_t next = decisions_->who(step(), fibers_.current(), ready, polls);
            if (next != fibers_.current()) {
                ++counts_.switches;
                fibers_.go_on(next);
                begin_turn();
            }
            return;
        }
        if (nothing_more_comes()) {
            nobody_ready();
            continue;
        }
        clock_ = std::max(clock_, next_due_);
    }
}

// What goes wrong at this step.
void Simulator::happen() {
    if (auto core = decisions_->spurious(step())) {
        Fiber& fiber = fibers_[static_cast<uint32_t>(*core)];
        if (fiber.core != nullptr) fiber.core->pend(CoreThread::poke_bit);
        if (fiber.state == FiberState::asleep) fiber.state = FiberState::ready;
    }
    if (auto core = decisions_->stop(step())) fibers_[static_cast<uint32_t>(*core)].state = FiberState::stopped;
}

void Simulator::decided_step(bool polls) {
    if (step() > steps_maximum_) fail("no progress: " + std::to_string(step()) + " visible steps");
    happen();
    go_on_decided(polls);
    interrupt_program();
}

// A program may be interrupted at any step, the driver never.
void Simulator::interrupt_program() {
    CoreThread& core = *fibers_.here().core;
    if (!core.in_program() || !decisions_->interrupt(step(), core.interrupt_pending())) return;
    hosted::Trap trap{.kind = hosted::TrapKind::interrupt};
    core.trap(trap);
}

}  // namespace skerry::simulated
