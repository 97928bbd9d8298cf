#include "platforms/simulated/simulator.hpp"

#include <sys/mman.h>

#include "platforms/simulated/snapshot.hpp"

namespace skerry::simulated {

namespace {

Simulator* the_simulator = nullptr;

void core_body() {
    simulator().begin_turn();
    simulator().current()->run_here(simulator().image());
    simulator().core_ended();
}

}  // namespace

Simulator& simulator() {
    return *the_simulator;
}

Simulator::Simulator(hosted::World& world, Outside& outside)
    : AccessSink(world.memory(), world.bytes()),
      world_(world),
      outside_(outside),
      fibers_(world.shape().cores.back().hardware + 1) {
    the_simulator = this;
}

void Simulator::begin_turn() {
    bool driver = !fibers_.here().core->in_program();
    Tally& all = tally();
    all.on = timing_ != nullptr ? false : driver ? !sees_own_ : of_programs_.empty();
    all.who = uint64_t{fibers_.current()} << 56;
    all.owners = driver ? world_.owners() : nullptr;
    all.owner = fibers_.current() + 1;
}

void Simulator::run() {
    set_access_sink(this);
    uint32_t boots = world_.shape().cores[0].hardware;
    start_core(boots, world_.boot_image());
    fibers_.go_on(boots);
    __builtin_trap();  // World::end() ends the process
}

void Simulator::start_core(uint32_t hardware, uint64_t image) {
    Fiber& fiber = fibers_[hardware];
    fiber.core = world_.core(hardware);
    fiber.image = image;
    fiber.time = fibers_.current() == Fibers::none ? 0 : now();
    fibers_.begin(hardware, &core_body);
    horizon_ = 0;
}

void Simulator::core_ended() {
    settle();
    fibers_.here().state = FiberState::absent;
    reschedule();
    __builtin_trap();
}

void Simulator::account(const Access& access) {
    tally().count(
        access.offset, access.bytes,
        static_cast<uint64_t>(access.order) << 4 ^ uint64_t{access.atomic} << 3 ^ static_cast<uint64_t>(access.kind));
    settle();
    Actor who = actor();
    for (Checker* checker : who.driver ? checkers_ : of_programs_) checker->access(who, access);
    if (access.atomic) {
        counts_.driver_visible += who.driver;
        visible_step();
    }
    if (timing_ != nullptr) take_time(access);
}

// Whoever is behind goes first, before and after: the directory hears of transfers in the order of their times.
void Simulator::take_time(const Access& access) {
    bool home = timing_->stays_home(fibers_.current(), access);
    if (!home) wait_for_others();
    Fiber& fiber = fibers_.here();
    fiber.time = timing_->access(fibers_.current(), access, fiber.core->in_program(), fiber.time);
    if (!home) wait_for_others();
}

void Simulator::interrupted() {
    if (timing_ != nullptr) fibers_.here().time += timing_->interrupt_trap();
}
void Simulator::space_changed() {
    if (timing_ != nullptr) timing_->forget_translations(fibers_.current());
}
void Simulator::translation_dropped() {
    if (timing_ != nullptr) fibers_.here().time += timing_->invalidate_page();
}
void Simulator::hint(const void* place, bool to_store) {
    if (timing_ == nullptr) return;
    wait_for_others();
    timing_->hint(fibers_.current(), offset(place), to_store, fibers_.here().time);
}

void Simulator::visible_step(bool polls) {
    ++counts_.visible;
    if (stop_at_ != 0 && counts_.visible >= stop_at_) {
        stop_at_ = 0;
        outside_.reached();
    }
    if (decisions_ != nullptr) {
        decided_step(polls);
    } else if (course_ == nullptr && fibers_.here().time > horizon_) {
        reschedule();
    }
}

void Simulator::boundary(const hosted::Trap* trap) {
    begin_turn();
    settle();
    pass(1);
    if (timing_ != nullptr && fibers_.here().core->in_program()) fibers_.here().time += timing_->system_call();
    for (Checker* checker : checkers_) checker->boundary(actor());
    ++counts_.visible;
    if (course_ != nullptr) {
        trap != nullptr ? course_->enters(*trap) : course_->leaves();
    } else if (decisions_ == nullptr) {
        if (fibers_.here().time > horizon_) reschedule();
    } else {
        happen();
        go_on_decided(false);
    }
}

void Simulator::polled() {
    settle();
    pass(1);
    if (course_ != nullptr) return course_->polls();
    if (decisions_ == nullptr && now() >= next_look_) {
        constexpr uint64_t look_ns = 50'000'000;
        next_look_ = now() + look_ns;
        outside_.busy();
    }
    visible_step(true);
}

void Simulator::plain(const Access& access) {
    account(access);
    if (access.kind == AccessKind::load) return;
    if (weak_ != nullptr) weak_->forget(access.offset, access.bytes);
    if (access.bytes < 64) return;
    for (Checker* checker : checkers_) checker->overwritten(access.offset, access.bytes);
}
uint64_t Simulator::load(const Access& access) {
    if (learns_ != nullptr && Course::is_header(access) && !actor().driver) learns_->looks(access);
    account(access);
    uint64_t value = weak_ == nullptr ? load_now(access) : weak_->load(fibers_.current(), access, *decisions_, step());
    for (Checker* checker : checkers_) checker->loaded(actor(), access, value);
    return value;
}
void Simulator::store(const Access& access, uint64_t value) {
    if (learns_ != nullptr && Course::is_header(access) && !actor().driver) learns_->publishes(access, value);
    account(access);
    for (Checker* checker : checkers_) checker->stored(actor(), access, value);
    weak_ == nullptr ? store_now(access, value) : weak_->store(fibers_.current(), access, value, step());
}
uint64_t Simulator::update(const Access& access, UpdateKind kind, uint64_t operand) {
    account(access);
    if (weak_ == nullptr) return update_now(access, kind, operand);
    return weak_->update(fibers_.current(), access, kind, operand, step());
}
bool Simulator::compare_exchange(const Access& access, uint64_t& expected, uint64_t desired,
                                 std::memory_order failure) {
    account(access);
    if (weak_ == nullptr) return compare_exchange_now(access, expected, desired);
    return weak_->compare_exchange(fibers_.current(), access, expected, desired, failure, step());
}

// Zeroed pages are given back instead: they come back as zeros, when somebody touches them, and a machine that is forked
// has fewer to copy. Programs' memory is zeroed by the megabyte.
void Simulator::fill(void* to, int value, size_t bytes) {
    auto begin = base::round_up(reinterpret_cast<uintptr_t>(to), base::page_size);
    auto end = (reinterpret_cast<uintptr_t>(to) + bytes) / base::page_size * base::page_size;
    constexpr uint64_t worth_a_call = 4 * base::page_size;
    auto give_back = [&] {
        auto* pages = reinterpret_cast<std::byte*>(begin);
        return Snapshot::clear(pages, end - begin) || madvise(pages, end - begin, MADV_DONTNEED) == 0;
    };
    if (value != 0 || end < begin + worth_a_call || !give_back()) {
        std::memset(to, value, bytes);
        return;
    }
    std::memset(to, 0, begin - reinterpret_cast<uintptr_t>(to));
    std::memset(reinterpret_cast<void*>(end), 0, reinterpret_cast<uintptr_t>(to) + bytes - end);
}

void Simulator::fail(const std::string& why) {
    set_access_sink(nullptr);
    outside_.failed("core " + std::to_string(fibers_.current()) + ": " + why);
    __builtin_trap();
}

}  // namespace skerry::simulated
