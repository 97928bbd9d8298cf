#include "usr/init/interrupt_route.hpp"

namespace skerry::init {
namespace {

constexpr uint32_t select_register = 0x00, data_register = 0x10, version_index = 0x01, redirection_index = 0x10;

void write(std::byte* controller, uint32_t index, uint32_t value) {
    *reinterpret_cast<volatile uint32_t*>(controller + select_register) = index;
    *reinterpret_cast<volatile uint32_t*>(controller + data_register) = value;
}
uint32_t read(std::byte* controller, uint32_t index) {
    *reinterpret_cast<volatile uint32_t*>(controller + select_register) = index;
    return *reinterpret_cast<volatile uint32_t*>(controller + data_register);
}

}  // namespace

base::Status route_interrupt(DeviceMemory& memory, const firmware::Topology& machine, uint8_t source,
                             base::HardwareId target, uint32_t vector) {
    uint32_t interrupt = source, mode = 0;
    for (const firmware::InterruptOverride& override : machine.overrides) {
        if (override.source != source) continue;
        interrupt = override.interrupt;
        mode = (override.active_low ? 1u << 13 : 0) | (override.level_triggered ? 1u << 15 : 0);
    }
    for (const firmware::IoApic& controller : machine.io_apics) {
        std::byte* registers = SKERRY_TRY(memory.open(controller.address, 0x20, true));
        uint32_t pins = (read(registers, version_index) >> 16 & 0xff) + 1;
        if (interrupt < controller.first_interrupt || interrupt - controller.first_interrupt >= pins) continue;
        uint32_t index = redirection_index + 2 * (interrupt - controller.first_interrupt);
        write(registers, index + 1, static_cast<uint32_t>(target.value) << 24);
        write(registers, index, vector | mode);
        return {};
    }
    return base::Error::not_found;
}

}  // namespace skerry::init
