// Interrupts of devices. Each that is taken masks its line at the source until whoever holds the capability acknowledges
// it: so a device that interrupts without end costs one entry an acknowledgement, which its program must run to give.
// Messages are masked by a register of their device (mask_by), and only when a second one comes before the acknowledgement,
// as nothing keeps what a device would have sent meanwhile: who unmasks pokes, too. A storm costs two entries.
//
//              interrupt: masked, the program is poked
//   waiting ---------------------------------------------> outstanding --+ another: it was on its way already, or has no
//      ^                                                     |      ^    | mask; the next acknowledge pokes again
//      +---------- acknowledge: unmasked --------------------+      +----+
#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;
using platform::PageTable;

Exit Core::device_interrupt(uint32_t vector) {
    interrupted();
    charge();
    note(TraceKind::interrupt, vector);
    uint32_t number = vector - PageTable::first_device_vector;
    if (number >= interrupt_.size()) return reschedule();  // nobody's: a spurious one of the firmware's controllers
    InterruptLine& line = interrupt_[number];
    if (line.mask == 0 || line.outstanding) set_mask(line, vector, true);
    if (line.dispatcher == nullptr) return reschedule();
    line.taken++;
    if (line.outstanding) {
        line.again = true;
    } else {
        line.outstanding = true;
        wake(*line.dispatcher);
    }
    charge_to(line.dispatcher->schedule);  // not the time of whoever was interrupted
    return reschedule();
}

void Core::set_mask(InterruptLine& line, uint32_t vector, bool masked) {
    if (line.mask == 0) {
        return masked ? machine_.mask_interrupt(vector) : machine_.unmask_interrupt(vector);
    }
    MessageMask& by = message_mask_[line.mask - 1u];
    SKERRY_ASSERT(by.word != nullptr && by.bits != 0);
    uint32_t word = *by.word;
    *by.word = masked == by.when_set ? word | by.bits : word & ~by.bits;
}

// A message's device may be another driver's by now: its register is left alone.
void Core::disconnect(uint32_t number) {
    SKERRY_ASSERT(number < interrupt_.size());
    InterruptLine& line = interrupt_[number];
    if (line.mask == 0) {
        machine_.mask_interrupt(PageTable::first_device_vector + number);
    } else {
        message_mask_[line.mask - 1u] = {};
    }
    line = {};
}

base::Status Core::mask_by(InterruptLine& line, const Capability& region, uint64_t offset, uint64_t mode) {
    if (offset % 4 != 0) return Error::misaligned;
    if (offset > region.size - 4) return Error::out_of_range;
    auto bits = static_cast<uint32_t>(mode & interrupt_mode::line_mask);
    if (bits == 0) return Error::out_of_range;
    if (line.dispatcher == nullptr) return Error::closed;
    if (line.mask != 0) return Error::busy;
    uint32_t i = 0;
    while (i < message_mask_.size() && message_mask_[i].word != nullptr) i++;
    if (i == message_mask_.size()) return Error::full;
    base::PhysAddr address{region.base + offset};
    volatile uint32_t* word = machine_.device_register(i, address);
    if (word == nullptr) return Error::unsupported;
    message_mask_[i] = {word, address, bits, (mode & interrupt_mode::masked_when_set) != 0};
    line.mask = static_cast<uint8_t>(i + 1);
    return {};
}

base::Status Core::connect(InterruptLine& line, uint32_t vector, Dispatcher& dispatcher) {
    if (line.dispatcher != nullptr) return Error::busy;
    line = {.dispatcher = &dispatcher};
    machine_.unmask_interrupt(vector);
    return {};
}

base::Status Core::acknowledge(InterruptLine& line, uint32_t vector, Values& values) {
    if (line.dispatcher == nullptr) return Error::closed;
    values.word[0] = line.taken;
    if (line.again) {
        line.again = false;
        if (line.mask != 0) set_mask(line, vector, false);
        wake(*line.dispatcher);
    } else if (line.outstanding) {
        line.outstanding = false;
        if (line.mask == 0) set_mask(line, vector, false);
    }
    return {};
}

base::Status Core::invoke_interrupt(Slot& target, uint32_t operation, const Arguments& arguments, Values& values) {
    const uint64_t* a = arguments.word;
    auto which = InterruptOperation{operation};
    if (which > InterruptOperation::mask) return Error::unsupported;
    if (a[0] >= target.cap.size) return Error::out_of_range;
    auto vector = static_cast<uint32_t>(target.cap.base + a[0]);
    uint32_t number = vector - PageTable::first_device_vector;
    SKERRY_ASSERT(number < interrupt_.size());
    InterruptLine& line = interrupt_[number];
    switch (which) {
        case InterruptOperation::connect: {
            Slot* slot = SKERRY_TRY(own(a[1], Type::dispatcher, Rights::control));
            values.word[0] = vector;
            return connect(line, vector, *Dispatcher::at(pointer(base::PhysAddr{slot->cap.base})));
        }
        case InterruptOperation::route: {
            Slot* region = SKERRY_TRY(own(a[1], Type::device_memory, Rights::read | Rights::write));
            if (a[2] >= region->cap.size) return Error::out_of_range;
            if (line.dispatcher != nullptr) return Error::busy;
            return machine_.route_interrupt(vector, base::PhysAddr{region->cap.base + a[2]}, a[3]);
        }
        case InterruptOperation::acknowledge:
            return acknowledge(line, vector, values);
        case InterruptOperation::disconnect:
            if (line.dispatcher == nullptr) return Error::closed;
            disconnect(number);
            return {};
        case InterruptOperation::mask_by: {
            Slot* region = SKERRY_TRY(own(a[1], Type::device_memory, Rights::control));
            return mask_by(line, region->cap, a[2], a[3]);
        }
        case InterruptOperation::mask:
            if (line.mask == 0) return {};
            const MessageMask& by = message_mask_[line.mask - 1u];
            values.word[0] = by.address.value;
            values.word[1] = by.bits | (by.when_set ? interrupt_mode::masked_when_set : 0);
            return {};
    }
    return Error::unsupported;
}

}  // namespace skerry::cpudriver
