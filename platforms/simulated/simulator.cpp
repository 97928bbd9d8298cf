#include "platforms/simulated/simulator.hpp"

#include <poll.h>
#include <unistd.h>

#include <cstdio>

namespace skerry::simulated {

namespace {

Simulator* the_simulator = nullptr;

uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15;
    return hash ^ hash >> 29;
}
void core_body() {
    Simulator& here = simulator();
    here.current()->run_here(here.image());
    here.core_ended();
}

}  // namespace

Simulator& simulator() {
    return *the_simulator;
}

Simulator::Simulator(hosted::World& world, Settings settings)
    : AccessSink(world.memory(), world.bytes()),
      world_(world),
      settings_(std::move(settings)),
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

// --- cores ---

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

uint64_t Simulator::clock_of_current() const {
    return const_cast<Simulator*>(this)->fibers_.here().time;
}

uint64_t Simulator::due(const Fiber& fiber) const {
    if (fiber.state == FiberState::ready) return fiber.time;
    if (fiber.state == FiberState::asleep && fiber.wake_at != never) return std::max(fiber.time, fiber.wake_at);
    return never;
}

void Simulator::sleep(uint64_t deadline) {
    ++counts_.sleeps;
    Fiber& fiber = fibers_.here();
    fiber.state = FiberState::asleep;
    fiber.wake_at = deadline;
    reschedule();
}

void Simulator::interrupt(uint32_t hardware, uint32_t bits) {
    if ((bits & hosted::CoreThread::poke_bit) != 0) ++counts_.pokes;
    Fiber& fiber = fibers_[hardware];
    fiber.core->pend(bits);
    if (fiber.state != FiberState::asleep) return;
    fiber.state = FiberState::ready;
    if (fibers_.current() != Fibers::none) fiber.time = std::max(fiber.time, now());
    horizon_ = 0;
}

// The core that is furthest behind goes on, up to a quantum past the next one.
void Simulator::reschedule() {
    for (;;) {
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
            for (Checker* checker : checkers_) checker->quiet();
            wait_for_input();
            continue;
        }
        Fiber& fiber = fibers_[best];
        fiber.state = FiberState::ready;
        fiber.time = first;
        horizon_ = second == never ? never : second + Settings::quantum_ns;
        counts_.switches += best != fibers_.current();
        fibers_.go_on(best);
        return;
    }
}

// --- steps ---

void Simulator::account(const Access& access) {
    Fiber& fiber = fibers_.here();
    ++counts_.accesses;
    hash_ = mix(hash_, access.offset << 20 ^ uint64_t{access.bytes} << 8 ^ uint64_t{fibers_.current()} << 56 ^
                           static_cast<uint64_t>(access.order) << 4 ^ uint64_t{access.atomic} << 3 ^
                           static_cast<uint64_t>(access.kind));
    fiber.time += Settings::access_ns;
    Actor actor{fibers_.current(), !fiber.core->in_program()};
    for (Checker* checker : checkers_) checker->access(actor, access);
    if (access.atomic) {
        counts_.driver_visible += actor.driver;
        visible_step();
    }
}

void Simulator::visible_step() {
    ++counts_.visible;
    if (fibers_.here().time > horizon_) reschedule();
}

void Simulator::boundary() {
    fibers_.here().time += Settings::access_ns;
    for (Checker* checker : checkers_) checker->boundary({fibers_.current(), !fibers_.here().core->in_program()});
    visible_step();
}

void Simulator::polled() {
    fibers_.here().time += Settings::access_ns;
    if (now() >= next_look_) {
        next_look_ = now() + 50'000'000;
        pollfd input{.fd = 0, .events = POLLIN, .revents = 0};
        if (poll(&input, 1, 0) > 0) wait_for_input();
    }
    visible_step();
}

void Simulator::plain(const Access& access) {
    account(access);
}
uint64_t Simulator::load(const Access& access) {
    account(access);
    return load_now(access);
}
void Simulator::store(const Access& access, uint64_t value) {
    account(access);
    store_now(access, value);
}
uint64_t Simulator::update(const Access& access, UpdateKind kind, uint64_t operand) {
    account(access);
    return update_now(access, kind, operand);
}
bool Simulator::compare_exchange(const Access& access, uint64_t& expected, uint64_t desired, std::memory_order) {
    account(access);
    return compare_exchange_now(access, expected, desired);
}

// --- the outside ---

void Simulator::wait_for_input() {
    static bool open = true;
    (void)!::write(1, output_.data(), output_.size());
    output_.clear();
    uint8_t bytes[256];
    ssize_t count = open ? ::read(0, bytes, sizeof bytes) : 0;
    if (count <= 0) {
        open = false;
        for (;;) pause();  // nothing can happen any more; whoever started us ends us
    }
    std::span<const uint8_t> left(bytes, static_cast<size_t>(count));
    (void)world_.serial().receive(left);
}

void Simulator::printed(uint8_t byte) {
    output_ += static_cast<char>(byte);
    if (byte != '\n' && byte != 7) return;
    (void)!::write(1, output_.data(), output_.size());
    output_.clear();
}

void Simulator::report() {
    std::fprintf(stderr, "simulated: %llu accesses, %llu visible steps, hash %016llx\n",
                 static_cast<unsigned long long>(counts_.accesses), static_cast<unsigned long long>(counts_.visible),
                 static_cast<unsigned long long>(hash_));
}

void Simulator::fail(const std::string& why) {
    set_access_sink(nullptr);
    std::printf("panic: core %u: %s\r\n", fibers_.current(), why.c_str());
    std::fflush(nullptr);
    _exit(125);
}

void Simulator::ended(int status) {
    (void)!::write(1, output_.data(), output_.size());
    if (settings_.report) report();
    std::fflush(nullptr);
    _exit(status);
}

}  // namespace skerry::simulated
