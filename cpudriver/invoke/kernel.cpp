// Invocations of Kernel (this core's driver: monitors only) and KernelControl (start and fence other cores).
#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

base::Status Core::invoke_kernel(Slot& target, uint32_t operation, const Arguments& arguments, Values& values) {
    auto which = KernelOperation{operation};
    bool changes = which == KernelOperation::create || which == KernelOperation::set_clock_offset ||
                   which == KernelOperation::anchor || which == KernelOperation::watch;
    if (!includes(target.cap.rights, changes ? Rights::control : Rights::read)) return Error::no_right;
    const uint64_t* a = arguments.word;
    switch (which) {
        case KernelOperation::create:
            return create_foreign(arguments);
        case KernelOperation::count:
            if (a[0] >= type_count) return Error::invalid_argument;
            values.word[0] = capabilities_.tree().count(Type{static_cast<uint8_t>(a[0])});
            return {};
        case KernelOperation::trace_read:
            return read_trace(a[0], values);
        case KernelOperation::set_clock_offset: {
            auto offset = static_cast<int64_t>(a[0]);
            if (offset < clock_offset_) return Error::invalid_argument;  // time never runs backwards
            clock_offset_ = offset;
            trace_.header.clock_offset = offset;
            armed_ = never;
            current_->shared().clock_offset = offset;  // all others get it with their next turn
            slice_start_ = now();
            arm_timer();
            return {};
        }
        case KernelOperation::info:
            values = {{id_.value, machine_.hardware_id().value, image_.value, image_size_}};
            return {};
        case KernelOperation::statistics:
            values = {{statistics_.idle_ns, statistics_.switches, statistics_.system_calls, statistics_.interrupts}};
            return {};
        case KernelOperation::anchor: {
            Slot* slot = capabilities_.resolve(current_->cspace.cap, CapRef{a[0]}, Rights::write);
            if (slot == nullptr) return Error::no_capability;
            return capabilities_.make_anchor(*slot, Rights(static_cast<uint8_t>(a[1])));
        }
        case KernelOperation::relations:
            return relations(arguments, values);
        case KernelOperation::watch:
            watcher_ = Dispatcher::at(
                pointer(base::PhysAddr{SKERRY_TRY(own(a[0], Type::dispatcher, Rights::control))->cap.base}));
            return {};
    }
    return Error::unsupported;
}

// A capability that arrived from another core. The monitors are trusted, but a malformed value is refused: it must
// be of a type that moves, have only that type's rights, and name nothing that this core owns.
base::Status Core::create_foreign(const Arguments& arguments) {
    const uint64_t* a = arguments.word;
    Slot* slot = SKERRY_TRY(own_free(a[0]));
    auto type = static_cast<uint8_t>(a[1]);
    if (type == 0 || type >= type_count) return Error::invalid_argument;
    Capability cap{.type = Type{type},
                   .rights = Rights(static_cast<uint8_t>(a[1] >> 8)),
                   .level = static_cast<uint8_t>(a[1] >> 16),
                   .flags = static_cast<uint8_t>(a[1] >> 24),
                   .badge = static_cast<uint32_t>(a[1] >> 32),
                   .base = a[2],
                   .size = a[3],
                   .extra = a[4]};
    const TypeInfo& type_info = info(cap.type);
    if (!type_info.moves_between_cores) return Error::refused;
    if (!includes(type_info.rights, cap.rights)) return Error::no_right;
    if (cap.size == 0 || cap.base + cap.size < cap.base) return Error::out_of_range;
    if (type_info.space == Space::memory) {
        if (cap.base % base::page_size != 0 || cap.size % base::page_size != 0) return Error::misaligned;
        // Home again: as a frame only, which keeps this core's kernel objects out of reach, or as a part that a holder has made
        // of memory that is held here.
        bool home = machine_.owns(base::PhysAddr{cap.base}, cap.size);
        bool part = home && cap.type == Type::ram && capabilities_.tree().nearest_ancestor(cap) != nullptr;
        if (home && !part && cap.type != Type::frame) return Error::refused;
        if (!part) cap.flags |= flag_foreign;
    }
    if (cap.type == Type::frame && cap.extra < cap.size) return Error::unclean;
    if (cap.type == Type::notify || cap.type == Type::flush) {
        uint32_t places = cap.type == Type::notify ? notifies_per_core : flushes_per_core;
        bool known = static_cast<uint32_t>(cap.base) < places && cap.size == 1 && cap.base >> 32 < cores_maximum &&
                     cap.extra < platform::Machine::hardware_ids;
        if (!known) return Error::out_of_range;
    }
    return capabilities_.insert_root(*slot, cap);
}

base::Status Core::relations(const Arguments& arguments, Values& values) {
    const uint64_t* a = arguments.word;
    Slot* slot = capabilities_.resolve(current_->cspace.cap, CapRef{a[0]});
    if (slot == nullptr || slot->empty()) return Error::no_capability;
    const Capability& cap = slot->cap;
    if (info(cap.type).space != Space::memory) return Error::wrong_type;
    if (a[1] > cap.size || a[2] > cap.size - a[1]) return Error::out_of_range;
    const DerivationTree& tree = capabilities_.tree();
    uint64_t found = tree.has_copies(*slot) ? 1 : 0;
    if (tree.has_descendants(*slot)) found |= 2;
    if (a[2] != 0 && tree.overlaps_descendants(cap, cap.base + a[1], a[2])) found |= 4;
    const Slot* around = tree.nearest_ancestor(cap);
    values = {{found, around == nullptr ? 0 : around->cap.base, around == nullptr ? 0 : around->cap.size, 0}};
    return {};
}

void Core::shared_changed() {
    if (watcher_ == nullptr) return;
    watcher_->shared().changes++;
    wake(*watcher_);
}

base::Status Core::read_trace(uint64_t position, Values& values) {
    if (position < trace_.first()) position = trace_.first();
    if (position >= trace_.end()) return Error::not_found;
    const TraceEvent& event = trace_.event(position);
    using Wide = unsigned __int128;
    auto time = static_cast<uint64_t>(Wide{event.time()} * machine_.clock_multiplier() >> 32);
    values = {{position + 1, time + static_cast<uint64_t>(clock_offset_), event.kind(), event.argument}};
    return {};
}

base::Status Core::invoke_kernel_control(Slot&, uint32_t operation, const Arguments& arguments) {
    const uint64_t* a = arguments.word;
    base::HardwareId target{a[0]};
    switch (KernelControlOperation{operation}) {
        case KernelControlOperation::init:
        case KernelControlOperation::startup:
            if (target.value >= platform::Machine::hardware_ids) return Error::out_of_range;
            if (target == machine_.hardware_id()) return Error::invalid_argument;
            if (KernelControlOperation{operation} == KernelControlOperation::init) {
                machine_.send_init(target);
                return {};
            }
            if (a[1] == 0 || a[1] > 255) return Error::out_of_range;
            machine_.send_startup(target, static_cast<uint32_t>(a[1]));
            return {};
        case KernelControlOperation::withdraw:
            return withdraw(*SKERRY_TRY(own(a[0], Type::ram, Rights::retype)));
    }
    return Error::unsupported;
}

// Hands memory over: from here on this driver has no alias of it, and no capability here can make objects in it.
base::Status Core::withdraw(Slot& ram) {
    constexpr uint64_t unit = 2 * 1024 * 1024, most = 1024 * 1024 * 1024;
    if (ram.cap.base % unit != 0 || ram.cap.size % unit != 0) return Error::misaligned;
    if (ram.cap.size > most) return Error::out_of_range;
    if (ram.cap.flags & flag_foreign) return Error::refused;
    if (capabilities_.tree().has_descendants(ram) || capabilities_.tree().has_copies(ram)) return Error::busy;
    machine_.withdraw(base::PhysAddr{ram.cap.base}, ram.cap.size);
    ram.cap.flags |= flag_foreign;
    return {};
}

}  // namespace skerry::cpudriver
