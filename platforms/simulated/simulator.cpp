#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

namespace {

Simulator* the_simulator = nullptr;

uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15;
    return hash ^ hash >> 29;
}
void core_body() {
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
    fibers_.here().state = FiberState::absent;
    reschedule();
    __builtin_trap();
}

void Simulator::account(const Access& access) {
    ++counts_.accesses;
    hash_ = mix(hash_, access.offset << 20 ^ uint64_t{access.bytes} << 8 ^ uint64_t{fibers_.current()} << 56 ^
                           static_cast<uint64_t>(access.order) << 4 ^ uint64_t{access.atomic} << 3 ^
                           static_cast<uint64_t>(access.kind));
    pass();
    Actor who = actor();
    for (Checker* checker : who.driver ? checkers_ : of_programs_) checker->access(who, access);
    if (!access.atomic) return;
    counts_.driver_visible += who.driver;
    visible_step();
}

void Simulator::visible_step(bool polls) {
    ++counts_.visible;
    if (decisions_ != nullptr) {
        decided_step(polls);
    } else if (fibers_.here().time > horizon_) {
        reschedule();
    }
}

void Simulator::boundary() {
    pass();
    for (Checker* checker : checkers_) checker->boundary(actor());
    ++counts_.visible;
    if (decisions_ == nullptr) {
        if (fibers_.here().time > horizon_) reschedule();
    } else {
        happen();
        go_on_decided(false);
    }
}

void Simulator::polled() {
    pass();
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
    account(access);
    uint64_t value = weak_ == nullptr ? load_now(access) : weak_->load(fibers_.current(), access, *decisions_, step());
    for (Checker* checker : checkers_) checker->loaded(actor(), access, value);
    return value;
}
void Simulator::store(const Access& access, uint64_t value) {
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

void Simulator::fail(const std::string& why) {
    set_access_sink(nullptr);
    outside_.failed("core " + std::to_string(fibers_.current()) + ": " + why);
    __builtin_trap();
}

}  // namespace skerry::simulated
