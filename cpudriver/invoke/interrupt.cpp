// Interrupts of devices. Each that is taken masks its line at the source until whoever holds the capability acknowledges
// it: so a device that interrupts without end costs one entry an acknowledgement, which its program must run to give.
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
    machine_.mask_interrupt(vector);
    InterruptLine& line = interrupt_[number];
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

void Core::disconnect(uint32_t number) {
    SKERRY_ASSERT(number < interrupt_.size());
    machine_.mask_interrupt(PageTable::first_device_vector + number);
    interrupt_[number] = {};
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
        wake(*line.dispatcher);
    } else if (line.outstanding) {
        line.outstanding = false;
        machine_.unmask_interrupt(vector);
    }
    return {};
}

base::Status Core::invoke_interrupt(Slot& target, uint32_t operation, const Arguments& arguments, Values& values) {
    const uint64_t* a = arguments.word;
    auto which = InterruptOperation{operation};
    if (which > InterruptOperation::disconnect) return Error::unsupported;
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
    }
    return Error::unsupported;
}

}  // namespace skerry::cpudriver
