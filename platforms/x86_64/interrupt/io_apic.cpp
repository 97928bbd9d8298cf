// I/O APICs: which line arrives here as which vector, and its mask. A register is reached by writing its index first, so
// two cores must not use one controller; the router (init) gives each to one core's driver.
// Source: Intel 82093AA data sheet.
#include "capabilities/interface/system_call.hpp"
#include "platform/machine.hpp"
#include "platforms/base/assert.hpp"

namespace skerry::platform {
namespace {

enum Register : uint32_t { select = 0x00, data = 0x10 };
constexpr uint32_t version = 0x01, first_redirection = 0x10;
constexpr uint32_t active_low = 1 << 13, level_triggered = 1 << 15, masked_bit = 1 << 16;

class Controller {
  public:
    Controller(uint32_t index, base::PhysAddr registers)
        : address_(io_apic_address + index * base::page_size + registers.value % base::page_size) {}
    uint32_t read(uint32_t index) const {
        at(select) = index;
        return at(data);
    }
    void write(uint32_t index, uint32_t value) const {
        at(select) = index;
        at(data) = value;
    }
    uint32_t pins() const { return (read(version) >> 16 & 0xff) + 1; }

  private:
    volatile uint32_t& at(uint32_t offset) const { return *reinterpret_cast<volatile uint32_t*>(address_ + offset); }
    uint64_t address_;
};

}  // namespace

base::Status Machine::route_interrupt(uint32_t vector, base::PhysAddr registers, uint64_t mode) {
    namespace flags = capabilities::interrupt_mode;
    uint32_t number = vector - PageTable::first_device_vector;
    SKERRY_ASSERT(number < PageTable::device_vectors);
    uint64_t pin = mode & flags::line_mask;
    if (registers.value % 16 != 0 || registers.value % base::page_size > base::page_size - 0x20) {
        return base::Error::misaligned;
    }
    uint32_t index = 0;
    while (index < controllers_ && controller_[index] != registers) index++;
    if (index == io_apics_maximum) return base::Error::no_memory;
    if (index == controllers_) open_window(io_apic_address + index * base::page_size, registers);
    Controller controller(index, registers);
    if (pin >= controller.pins()) return base::Error::out_of_range;
    for (const Line& other : line_) {
        bool same = other.controller == index + 1 && other.pin == pin;
        if (same && &other != &line_[number]) return base::Error::busy;
    }
    if (index == controllers_) controller_[controllers_++] = registers;
    mask_interrupt(vector);  // of the line that it had
    line_[number] = {.controller = static_cast<uint8_t>(index + 1),
                     .pin = static_cast<uint8_t>(pin),
                     .low = static_cast<uint16_t>(vector | ((mode & flags::level_triggered) ? level_triggered : 0) |
                                                  ((mode & flags::active_low) ? active_low : 0))};
    mask_interrupt(vector);
    uint32_t entry = first_redirection + 2 * static_cast<uint32_t>(pin);
    controller.write(entry + 1, static_cast<uint32_t>(hardware_id_.value) << 24);  // delivered here, by physical id
    return {};
}

void Machine::write_line(uint32_t vector, bool masked) {
    SKERRY_ASSERT(vector - PageTable::first_device_vector < PageTable::device_vectors);
    const Line& line = line_[vector - PageTable::first_device_vector];
    if (line.controller == 0) return;
    Controller controller(line.controller - 1u, controller_[line.controller - 1u]);
    controller.write(first_redirection + 2 * line.pin, line.low | (masked ? masked_bit : 0));
}

}  // namespace skerry::platform
