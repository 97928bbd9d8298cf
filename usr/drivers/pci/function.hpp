// What one function says of itself, checked: a value that cannot be true is left out, not passed on.
#pragma once

#include <array>

#include "capabilities/interface/system_call.hpp"
#include "platforms/base/result.hpp"
#include "usr/drivers/pci/config.hpp"

namespace skerry::usr::pci {

// A range of addresses that it answers to.
struct Bar {
    enum class Kind : uint8_t { none, memory, ports };
    Kind kind = Kind::none;
    uint64_t base = 0;
    uint64_t bytes = 0;  // a power of two
    constexpr uint64_t end() const { return base + bytes; }
};

struct Function {
    Address at;
    uint16_t vendor = 0, id = 0;
    uint32_t class_code = 0;  // base class, subclass, interface: 24 bits
    uint8_t header = 0;       // config::header_*, without the bit for several functions
    uint8_t pin = 0;          // of its interrupt line, 1 to 4; 0 = none
    uint8_t line = 0;         // the number that the firmware gave it; 255 = none
    uint8_t message = 0;      // offset of its MSI capability; 0 = none
    uint8_t messages = 0;     // of its MSI-X capability; 0 = none
    uint8_t secondary = 0;    // bridges: the bus behind it
    uint8_t refused = 0;      // base addresses that made no sense
    std::array<Bar, 6> bar{};
};

// Whether something answers there.
bool present(ConfigSpace& space, Address at);
// Reads it all. The device's ranges are found by writing to its base address registers (specification 6.2.5.1): they are as
// before when this returns, but meanwhile the device does not answer.
Function examine(ConfigSpace& space, Address at);

// Its messages go to `address` with `data` from now on. That is a write to memory: it needs bus mastering, so whoever lets a
// device send messages trusts it, and whoever programs it, with all of memory. Errors: unsupported (no MSI capability).
base::Status send_messages(ConfigSpace& space, const Function& function, uint64_t address, uint16_t data);
// What masks its messages: a register of its configuration space, and bits of it. Where the device has none that is made for
// that (PCI 3.0, 6.8.1.8), the one that lets it send at all: what it would have sent meanwhile is lost.
struct Mask {
    uint32_t offset = 0;
    uint32_t bits = 0;
    bool when_set = false;  // these bits mask when they are set, else when they are clear
    uint64_t mode() const { return bits | (when_set ? capabilities::interrupt_mode::masked_when_set : 0); }
};
// Errors: unsupported (no MSI capability).
base::Result<Mask> message_mask(ConfigSpace& space, const Function& function);
// No message any more, no access to memory, no interrupt line.
void silence(ConfigSpace& space, const Function& function);

}  // namespace skerry::usr::pci
