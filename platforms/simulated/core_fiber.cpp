// What carries a core of a simulated machine: a fiber (platforms/hosted/core_thread.cpp has the one of Linux), and the
// ends of the machine's wires.
#include <algorithm>

#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/serial_port.hpp"
#include "platforms/hosted/world.hpp"
#include "platforms/simulated/simulator.hpp"

namespace skerry::hosted {

using simulated::simulator;

struct CoreThread::Carrier {};  // the simulator keeps it

uint64_t clock_ns() {
    return simulator().now();
}
CoreThread& CoreThread::here() {
    return *simulator().current();
}
bool CoreThread::anywhere() {
    return simulator().current() != nullptr;
}

CoreThread::CoreThread(World& world, uint64_t hardware) : world_(world), hardware_(hardware) {}
CoreThread::~CoreThread() = default;

void CoreThread::run_here(uint64_t image) {
    run(image);
}

// A second STARTUP finds it running; one after INIT waits until the core has seen that.
void CoreThread::start(uint64_t image) {
    auto hardware = static_cast<uint32_t>(hardware_);
    if (simulator().runs(hardware)) {
        if ((pending_.load(std::memory_order_relaxed) & stop_bit) == 0) return;
        while (simulator().runs(hardware)) simulator().polled();
    }
    pending_.store(0, std::memory_order_relaxed);
    simulator().start_core(hardware, image);
}

void CoreThread::stop() {
    if (simulator().runs(static_cast<uint32_t>(hardware_))) raise(stop_bit);
}
void CoreThread::raise(uint32_t bits) {
    simulator().interrupt(static_cast<uint32_t>(hardware_), bits);
}
void CoreThread::sleep(uint64_t limit) {
    limit = std::min(limit, deadline_);
    while (pending_.load(std::memory_order_relaxed) == 0 && clock_ns() < limit) simulator().sleep(limit);
}
void CoreThread::relax() {
    simulator().polled();
}
void CoreThread::boundary(const Trap* trap) {
    simulator().boundary(trap);
}
void CoreThread::interrupted() {
    simulator().interrupted();
}
void CoreThread::space_changed() {
    simulator().space_changed();
}
void CoreThread::translation_dropped() {
    simulator().translation_dropped();
}

// --- serial line and the end ---

void SerialPort::start() {}
void SerialPort::transmit(uint8_t byte) {
    simulator().outside().printed(byte);
}
[[noreturn]] void World::end(int status) {
    simulator().outside().ended(status);
    __builtin_trap();
}

}  // namespace skerry::hosted
