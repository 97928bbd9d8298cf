// Where things lie in the kernel half of every address space of a core.
//   0xffff'8000'0000'0000  alias of the RAM that this core owns (alias = address + physical)
//   0xffff'ffff'8000'0000  this core's image: boot record, text, data, stack. Same address on every core, another
//                          physical copy on each, so nothing is ever relocated
//   0xffff'ffff'bfe0'0000  poke words of all cores: the one area that drivers share (16 KiB)
//   0xffff'ffff'bff0'0000  I/O APICs whose lines this core takes, a page each
//   0xffff'ffff'bff1'0000  registers of devices by which their messages are masked, a page each
//   0xffff'ffff'bfff'f000  local APIC
#pragma once

#include <cstdint>

namespace skerry::platform {

constexpr uint64_t alias_base = 0xffff'8000'0000'0000;
constexpr uint64_t image_base = 0xffff'ffff'8000'0000;
constexpr uint64_t poke_address = 0xffff'ffff'bfe0'0000;
constexpr uint64_t poke_area_size = 256 * 64;  // 512 bits a core
constexpr uint64_t io_apic_address = 0xffff'ffff'bff0'0000;
constexpr uint32_t io_apics_maximum = 8;
constexpr uint64_t device_address = 0xffff'ffff'bff1'0000;
constexpr uint64_t apic_address = 0xffff'ffff'bfff'f000;
constexpr uint32_t apic_eoi = 0xb0;  // offset of its register that ends an interrupt (Intel SDM volume 3, 11.8.5)
constexpr uint64_t image_limit = 256 * 1024;  // image, state and stack of one core, bytes
constexpr uint64_t large_page = 2 * 1024 * 1024;

enum Selector : uint16_t { kernel_code = 0x08, kernel_data = 0x10, user_data = 0x1b, user_code = 0x23, task = 0x28 };

// Interrupt vectors.
enum Vector : uint8_t {
    vector_timer = 0xe0,
    vector_poke = 0xe1,
    vector_spurious = 0xff,
};

}  // namespace skerry::platform
