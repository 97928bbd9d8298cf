#include "platform/user/core_start.hpp"

#include <cstring>

#include "platforms/base/assert.hpp"

extern "C" {
extern const std::byte skerry_core_start_code[], skerry_core_start_code_end[];
extern const uint32_t skerry_core_start_offset_32, skerry_core_start_offset_64;
}

namespace skerry::platform {
namespace {

// At offset 0xf00 of page 0; core_start.S reads it.
struct [[gnu::packed]] Parameters {
    uint64_t root;     // 0xf00
    uint64_t entry;    // 0xf08
    uint64_t unused;   // 0xf10
    uint32_t jump_32;  // 0xf18: far pointer
    uint16_t selector_32;
    uint16_t unused2;
    uint16_t gdt_limit;  // 0xf20
    uint32_t gdt_base;
    uint16_t unused3[5];
    uint32_t jump_64;  // 0xf30: far pointer
    uint16_t selector_64;
    uint16_t unused4;
    uint64_t gdt[4];  // 0xf38: null, 32-bit code, data, 64-bit code
};
constexpr uint64_t parameters_offset = 0xf00;
static_assert(sizeof(Parameters) == 0x58 && offsetof(Parameters, jump_32) == 0x18 &&
              offsetof(Parameters, gdt_limit) == 0x20 && offsetof(Parameters, jump_64) == 0x30);
constexpr uint64_t present_write = 3;

}  // namespace

uint64_t* CoreStarter::table(uint32_t page) const {
    return reinterpret_cast<uint64_t*>(memory_ + page * base::page_size);
}

// What is the same for every core: the code, the tables but the last.
base::Result<CoreStarter> CoreStarter::prepare(std::byte* memory, base::PhysAddr physical) {
    if (!physical.aligned(base::page_size) || memory == nullptr) return base::Error::misaligned;
    if (physical.value == 0 || physical.value + start_frame_size > 0xa0000) return base::Error::out_of_range;
    CoreStarter starter;
    starter.memory_ = memory;
    starter.physical_ = physical;
    auto code_size = static_cast<size_t>(skerry_core_start_code_end - skerry_core_start_code);
    SKERRY_ASSERT(code_size <= parameters_offset);
    std::memset(memory, 0, start_frame_size);
    std::memcpy(memory, skerry_core_start_code, code_size);
    auto link = [&](uint32_t page) { return (physical.value + page * base::page_size) | present_write; };
    starter.table(1)[0] = link(2);
    starter.table(2)[0] = link(3);
    starter.table(3)[0] = 0x83;  // the first 2 MiB at their own addresses
    starter.table(1)[511] = link(4);
    starter.table(4)[510] = link(5);
    starter.table(5)[0] = link(6);
    return starter;
}

base::Status CoreStarter::write(base::PhysAddr image_base, base::VirtAddr entry) {
    SKERRY_ASSERT(memory_ != nullptr);
    if (!image_base.aligned(base::page_size)) return base::Error::misaligned;
    if (entry.value < start_image_address || entry.value >= start_image_address + 0x200000) {
        return base::Error::out_of_range;
    }
    for (uint64_t i = 0; i < 512; i++) table(6)[i] = (image_base.value + i * base::page_size) | present_write;

    auto base = static_cast<uint32_t>(physical_.value);
    Parameters parameters{};
    parameters.root = physical_.value + base::page_size;
    parameters.entry = entry.value;
    parameters.jump_32 = base + skerry_core_start_offset_32;
    parameters.selector_32 = 0x08;
    parameters.gdt_limit = sizeof parameters.gdt - 1;
    parameters.gdt_base = base + parameters_offset + offsetof(Parameters, gdt);
    parameters.jump_64 = base + skerry_core_start_offset_64;
    parameters.selector_64 = 0x18;
    constexpr uint64_t segments[4] = {0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff};
    std::memcpy(parameters.gdt, segments, sizeof segments);
    std::memcpy(memory_ + parameters_offset, &parameters, sizeof parameters);
    return {};
}

}  // namespace skerry::platform
