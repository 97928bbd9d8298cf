// A function's configuration space, as the PCI Local Bus Specification 3.0 (chapter 6) and the PCI-to-PCI Bridge Architecture
// Specification 1.2 lay it out: who says what it is, which memory it answers to, how it interrupts.
#pragma once

#include <compare>
#include <cstdint>

namespace skerry::usr::pci {

// One function of one device of one bus.
struct Address {
    uint8_t bus = 0, device = 0, function = 0;  // device below 32, function below 8

    // As the requester id of its messages, and as `Source` in facts: bus << 8 | device << 3 | function.
    constexpr uint32_t number() const { return uint32_t{bus} << 8 | uint32_t{device} << 3 | function; }
    static constexpr Address of(uint32_t number) {
        return {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number >> 3 & 31),
                static_cast<uint8_t>(number & 7)};
    }
    constexpr auto operator<=>(const Address&) const = default;
};

namespace config {
enum Register : uint32_t {  // byte offsets, multiples of 4
    identity = 0x00,        // vendor, device
    command = 0x04,         // command, status
    class_revision = 0x08,  // revision, class code of 24 bits
    header = 0x0c,          // cache line, latency, header type, self test
    first_bar = 0x10,
    buses = 0x18,  // of a bridge: primary, secondary, subordinate
    capability_list = 0x34,
    interrupt = 0x3c,  // line, pin
};
constexpr uint32_t command_ports = 1 << 0, command_memory = 1 << 1, command_master = 1 << 2, command_no_line = 1 << 10;
constexpr uint32_t status_capabilities = 1 << 20;
constexpr uint32_t nobody = 0xffff;  // vendor of a place where nothing is
constexpr uint8_t header_usual = 0, header_bridge = 1, header_several_functions = 0x80;
constexpr uint8_t capability_msi = 0x05, capability_msix = 0x11;
constexpr uint32_t bytes = 256;  // what the ports reach
}  // namespace config

// How it is reached is the machine's: ports, memory, a test's array. `offset`: a multiple of 4 below config::bytes.
class ConfigSpace {
  public:
    virtual uint32_t read(Address at, uint32_t offset) = 0;  // all ones where nothing answers
    virtual void write(Address at, uint32_t offset, uint32_t value) = 0;

  protected:
    ~ConfigSpace() = default;
};

}  // namespace skerry::usr::pci
