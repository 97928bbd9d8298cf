#include "platforms/simulated/course.hpp"

#include "capabilities/interface/system_call.hpp"
#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

using capabilities::SystemCall;

namespace {
bool does_something(const hosted::Trap& trap) {
    if (trap.kind == hosted::TrapKind::interrupt) return false;
    if (trap.kind != hosted::TrapKind::system_call) return true;
    return trap.number != static_cast<uint64_t>(SystemCall::wait) &&
           trap.number != static_cast<uint64_t>(SystemCall::yield) &&
           trap.number != static_cast<uint64_t>(SystemCall::nop);
}
// An invocation of that number, not of the program's own CNode.
bool may_poke(const hosted::Trap& trap) {
    return trap.kind == hosted::TrapKind::system_call && trap.number == static_cast<uint64_t>(SystemCall::invoke) &&
           trap.target != capabilities::well_known::root_cnode.word &&
           trap.second == static_cast<uint64_t>(capabilities::NotifyOperation::poke);
}
}  // namespace

uint32_t Course::core() const {
    return simulator_.running();
}

uint32_t Course::next(uint32_t ready) {
    return orders_.choose(ready, later_);
}

// The step that ends here is followed by one that another core may come before. One that sends waits until the receiver has
// nothing to do, if nothing speaks against it: so one order stands for all in which nobody would notice.
void Course::decide(bool later) {
    turns_[core()] = 0;
    uint32_t own = uint32_t{1} << core();
    later_ = later ? later_ | own : later_ & ~own;
    simulator_.take_turns();
    later_ &= ~own;
}

void Course::came_of_it() {
    for (const auto& [object, look] : vain_[core()]) orders_.touched(look.step, object, false, look.side);
    vain_[core()].clear();
}

uint64_t Course::program() const {
    const cpudriver::Dispatcher* current = simulator_.world().core(core())->driver()->current();
    return current == nullptr ? nobody : simulator_.offset(current);
}

void Course::did(uint64_t what, uint64_t with) {
    uint64_t& history = history_[core()];
    for (uint64_t word : {program(), what, with}) {
        history = (history ^ word) * 0x9e37'79b9'7f4a'7c15;
        history ^= history >> 29;
    }
}

void Course::enters(const hosted::Trap& trap) {
    bool belongs = sent_[core()] && may_poke(trap);
    sent_[core()] = false;
    if (!belongs) decide(false);
    belongs_ = belongs;
    acted_[core()] = does_something(trap);
    if (acted_[core()]) came_of_it();
    if (acted_[core()] && !may_poke(trap)) did(trap.number, trap.target ^ trap.second << 32);
    ran_[core()] = program();
}

// Who is next was chosen. Had a message been there for another one, that might have been chosen instead.
void Course::leaves() {
    uint64_t next = program();
    look_in_vain(next_of - core(), poked_[core()] ? 0 : next);
    if (next != ran_[core()]) poked_[core()] = false;
}

void Course::woken() {
    ran_[core()] = nobody;
    acted_[core()] = false;
    if (poked_[core()]) orders_.touched(orders_.step(), interrupt_of - core(), false);
}

void Course::looks(const Access& access) {
    Line& line = lines_[access.offset];
    line.readers |= uint32_t{1} << core();
    line.reader = program();
    if (!begun_) {
        line.seen[core()] = line.number;
        return;
    }
    if (line.seen[core()] == line.number) return look_in_vain(access.offset);
    bool delivers = line.writer != core() && begins_message(AccessSink::load_now(access));
    if (delivers) decide(false);
    came_of_it();
    did(access.offset, 1);
    line.seen[core()] = line.number;
    if (delivers) orders_.touched(orders_.step(), access.offset, false);
}

void Course::publishes(const Access& access, uint64_t value) {
    Line& line = lines_[access.offset];
    bool sends = begun_ && line.readers != uint32_t{1} << core() && begins_message(value);
    if (sends) decide(true);
    if (begun_) {
        came_of_it();
        did(access.offset, 2);
    }
    ++line.number;
    line.writer = core();
    if (!sends) return;
    sent_[core()] = true;
    orders_.touched(orders_.step(), access.offset, true);
    orders_.touched(orders_.step(), next_of - (1 - core()), true, line.reader);
}

void Course::polls() {
    if (++turns_[core()] > turns_maximum) simulator_.fail("no progress: it polls and polls");
}

void Course::pokes(uint32_t other) {
    if (other == core() || other >= Orders::cores) return;
    poked_[other] = true;
    orders_.touched(orders_.step(), interrupt_of - other, true);
    if (!belongs_) orders_.touched(orders_.step(), next_of - other, true);
}

}  // namespace skerry::simulated
