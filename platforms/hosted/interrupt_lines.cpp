#include "platforms/hosted/interrupt_lines.hpp"

#include "platforms/hosted/core_thread.hpp"

namespace skerry::hosted {

using base::Error;

void InterruptLines::deliver(Line& line) {
    if (line.core != nullptr && !line.masked && line.high) line.core->raise_device(line.vector);
}

base::Status InterruptLines::route(uint32_t number, CoreThread& core, uint32_t vector) {
    std::lock_guard guard(mutex_);
    if (number >= count) return Error::out_of_range;
    Line& line = lines_[number];
    if (line.core != nullptr && (line.core != &core || line.vector != vector)) return Error::busy;
    for (Line& other : lines_) {
        if (other.core == &core && other.vector == vector) other.core = nullptr;
    }
    line.core = &core;
    line.vector = vector;
    line.masked = true;
    return {};
}

void InterruptLines::set_mask(const CoreThread& core, uint32_t vector, bool masked) {
    std::lock_guard guard(mutex_);
    for (Line& line : lines_) {
        if (line.core != &core || line.vector != vector) continue;
        line.masked = masked;
        deliver(line);
    }
}

void InterruptLines::set_level(uint32_t number, bool high) {
    std::lock_guard guard(mutex_);
    Line& line = lines_[number];
    bool rises = high && !line.high;
    line.high = high;
    if (rises) deliver(line);
}

}  // namespace skerry::hosted
