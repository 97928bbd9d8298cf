// The machine as the driver asks it.
#include "platform/machine.hpp"

#include <algorithm>
#include <cstdio>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

#include "platform/user/core_start.hpp"
#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/world.hpp"

namespace skerry::platform {

namespace {
constexpr uint32_t exit_port = 0xf4, reset_port = 0xcf9, reset_all = 6;

// Frames of a program that was ended are never left: AddressSanitizer keeps what lies around their variables poisoned,
// also for whoever gets the memory next. That is zeroed first, in steps, which begin at a page. Frames that live and
// lie there are entered anew sooner or later.
#if defined(__SANITIZE_ADDRESS__)
void forget_frames(hosted::World& world, base::PhysAddr address) {
    if (address.value % base::page_size != 0) return;
    uint64_t bytes = std::min(capabilities::zero_step, world.bytes() - address.value);
    __asan_unpoison_memory_region(world.memory() + address.value, bytes);
}
#else
void forget_frames(hosted::World&, base::PhysAddr) {}
#endif
}  // namespace

bool usable_context(uint64_t context) {
    return context % 8 == 0 && hosted::CoreThread::here().world().contains(context);
}

std::byte* Machine::pointer(base::PhysAddr address) {
    SKERRY_ASSERT(world_->owned_by(address.value, 1, thread_->hardware()));  // law 1
    forget_frames(*world_, address);
    return world_->memory() + address.value;
}
bool Machine::owns(base::PhysAddr address, uint64_t bytes) {
    return world_->owned_by(address.value, bytes, thread_->hardware());
}
void Machine::withdraw(base::PhysAddr address, uint64_t bytes) {
    SKERRY_ASSERT(owns(address, bytes));
    world_->disown(address.value, bytes);
}

void Machine::switch_space(base::PhysAddr root) {
    space_ = root;
    thread_->space_changed();
    if (hosted::Translations* watch = world_->translations()) watch->flushed(thread_->hardware());
}
void Machine::flush_page(base::VirtAddr address) {
    thread_->translation_dropped();
    if (hosted::Translations* watch = world_->translations()) watch->flushed(thread_->hardware(), address.value);
}
void Machine::flush_space() {
    thread_->space_changed();
    if (hosted::Translations* watch = world_->translations()) watch->flushed(thread_->hardware());
}

uint64_t Machine::cycles() {
    return hosted::clock_ns();
}
void Machine::arm(uint64_t deadline) {
    thread_->set_deadline(deadline);
}
void Machine::disarm() {
    thread_->set_deadline(~uint64_t{0});
}

base::HardwareId Machine::hardware_id() const {
    return base::HardwareId{thread_->hardware()};
}
void Machine::send_poke(base::HardwareId target) {
    if (hosted::CoreThread* core = world_->core(target.value)) core->raise(hosted::CoreThread::poke_bit);
}
void Machine::send_pokes(std::span<const base::HardwareId> targets) {
    for (base::HardwareId target : targets) send_poke(target);
}
std::atomic<uint64_t>* Machine::poke_words(uint32_t core) {
    return reinterpret_cast<std::atomic<uint64_t>*>(world_->memory() + poke_area_.value) + size_t{core} * 8;
}
void Machine::send_init(base::HardwareId target) {
    if (hosted::CoreThread* core = world_->core(target.value)) core->stop();
}
void Machine::send_startup(base::HardwareId target, uint32_t page) {
    hosted::CoreThread* core = world_->core(target.value);
    if (core == nullptr) return;
    StartFrame frame = *reinterpret_cast<const StartFrame*>(world_->memory() + uint64_t{page} * base::page_size);
    if (frame.magic == StartFrame::expected) core->start(frame.image_base);
}

base::Status Machine::route_interrupt(uint32_t vector, base::PhysAddr controller, uint64_t line) {
    if (controller.value != world_->controller()) return base::Error::out_of_range;
    return world_->lines().route(static_cast<uint32_t>(line & capabilities::interrupt_mode::line_mask), *thread_,
                                 vector);
}
void Machine::mask_interrupt(uint32_t vector) {
    world_->lines().set_mask(*thread_, vector, true);
}
void Machine::unmask_interrupt(uint32_t vector) {
    world_->lines().set_mask(*thread_, vector, false);
}

uint32_t Machine::port_in(uint32_t port, uint32_t) {
    using hosted::SerialPort;
    if (port - SerialPort::base < SerialPort::registers) return world_->serial().read(port - SerialPort::base);
    return port == exit_port ? 0 : ~uint32_t{0};
}
void Machine::port_out(uint32_t port, uint32_t, uint32_t value) {
    using hosted::SerialPort;
    if (port - SerialPort::base < SerialPort::registers) {
        world_->serial().write(port - SerialPort::base, static_cast<uint8_t>(value));
    } else if (port == exit_port) {
        world_->end(static_cast<int>(2 * value + 1) & 0xff);  // as QEMU's isa-debug-exit does
    } else if (port == reset_port && value == reset_all) {
        world_->end(0);
    }
}

}  // namespace skerry::platform
