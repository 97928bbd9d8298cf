#include "usr/drivers/pci/function.hpp"

#include "platforms/base/assert.hpp"

namespace skerry::usr::pci {

using base::Error;
using base::Result;
using base::Status;
using namespace config;

namespace {

uint32_t exchange_ones(ConfigSpace& space, Address at, uint32_t offset, uint32_t before) {
    space.write(at, offset, ~uint32_t{0});
    uint32_t answer = space.read(at, offset);
    space.write(at, offset, before);
    return answer;
}

// The bits of an address that cannot be set are the size, less one.
Bar checked(Bar::Kind kind, uint64_t base, uint64_t mask, uint8_t& refused) {
    uint64_t bytes = ~mask + 1;
    if (mask == 0) return {};  // nothing can be set: there is none
    if ((bytes & (bytes - 1)) != 0 || base % bytes != 0 || base + bytes < base) {
        refused++;
        return {};
    }
    return base == 0 ? Bar{} : Bar{kind, base, bytes};  // the firmware gave it no place
}

// Returns how many registers it took.
uint32_t read_bar(ConfigSpace& space, Function& f, uint32_t index, uint32_t count) {
    uint32_t offset = first_bar + 4 * index;
    uint32_t low = space.read(f.at, offset), low_mask = exchange_ones(space, f.at, offset, low);
    if ((low & 1) != 0) {
        // Ports: 16 bits are what a PC's processor can reach; the upper half may be fixed at zero.
        uint64_t mask = low_mask & 0xfffc;
        if (mask != 0) mask |= ~uint64_t{0xffff};
        f.bar[index] = checked(Bar::Kind::ports, low & 0xfffc, mask, f.refused);
        return 1;
    }
    bool wide = (low & 6) == 4;
    uint64_t base = low & ~uint32_t{15}, mask = low_mask & ~uint32_t{15};
    if (wide && index + 1 == count) {
        f.refused++;  // its upper half would lie beyond the registers
        return 1;
    }
    if (wide) {
        uint32_t high = space.read(f.at, offset + 4);
        mask |= uint64_t{exchange_ones(space, f.at, offset + 4, high)} << 32;
        base |= uint64_t{high} << 32;
    } else if (mask != 0) {
        mask |= ~uint64_t{0xffff'ffff};
    }
    f.bar[index] = checked(Bar::Kind::memory, base, mask, f.refused);
    return wide ? 2 : 1;
}

// The list is the device's: it may be endless, or lead anywhere.
void read_capabilities(ConfigSpace& space, Function& f) {
    if ((space.read(f.at, command) & status_capabilities) == 0) return;
    uint32_t offset = space.read(f.at, capability_list) & 0xfc;
    constexpr uint32_t most = (bytes - 0x40) / 4;
    for (uint32_t steps = 0; steps < most && offset >= 0x40; steps++) {
        uint32_t word = space.read(f.at, offset);
        bool fits = offset + 16 <= bytes;  // what we use of it
        if ((word & 0xff) == capability_msi && fits) f.message = static_cast<uint8_t>(offset);
        if ((word & 0xff) == capability_msix && fits) f.messages = static_cast<uint8_t>(offset);
        offset = word >> 8 & 0xfc;
    }
}

void set_command(ConfigSpace& space, Address at, uint32_t bits) {
    space.write(at, command, bits & 0xffff);  // the upper half is status, where ones clear
}

constexpr uint32_t message_on = 1 << 16, message_wide = 1 << 23, message_several = 7 << 20, message_masks = 1 << 24;

void write_message_control(ConfigSpace& space, const Function& f, bool on) {
    uint32_t word = space.read(f.at, f.message) & ~(message_on | message_several);
    space.write(f.at, f.message, word | (on ? message_on : 0));
}

}  // namespace

bool present(ConfigSpace& space, Address at) {
    uint32_t vendor = space.read(at, identity) & 0xffff;
    return vendor != nobody && vendor != 0;
}

Function examine(ConfigSpace& space, Address at) {
    SKERRY_ASSERT(at.device < 32 && at.function < 8);
    Function f{.at = at};
    uint32_t word = space.read(at, identity);
    f.vendor = static_cast<uint16_t>(word), f.id = static_cast<uint16_t>(word >> 16);
    f.class_code = space.read(at, class_revision) >> 8;
    f.header = static_cast<uint8_t>(space.read(at, header) >> 16 & 0x7f);
    f.line = static_cast<uint8_t>(space.read(at, interrupt));
    uint8_t pin = static_cast<uint8_t>(space.read(at, interrupt) >> 8);
    f.pin = pin <= 4 ? pin : 0;
    if (f.header > header_bridge) return f;  // another layout: nothing of it is used
    if (f.header == header_bridge) f.secondary = static_cast<uint8_t>(space.read(at, buses) >> 8);
    uint32_t before = space.read(at, command) & 0xffff;
    set_command(space, at, before & ~(command_ports | command_memory));
    uint32_t count = f.header == header_bridge ? 2 : 6;
    for (uint32_t index = 0; index < count;) index += read_bar(space, f, index, count);
    set_command(space, at, before);
    read_capabilities(space, f);
    return f;
}

Status send_messages(ConfigSpace& space, const Function& f, uint64_t address, uint16_t data) {
    if (f.message == 0) return Error::unsupported;
    SKERRY_ASSERT(address % 4 == 0);
    bool wide = (space.read(f.at, f.message) & message_wide) != 0;
    if (!wide && address >> 32 != 0) return Error::unsupported;
    write_message_control(space, f, false);  // never half of an address
    uint32_t at = f.message + 4u;
    space.write(f.at, at, static_cast<uint32_t>(address));
    if (wide) space.write(f.at, at += 4, static_cast<uint32_t>(address >> 32));
    at += 4;
    space.write(f.at, at, (space.read(f.at, at) & 0xffff'0000) | data);
    uint32_t bits = space.read(f.at, command);
    set_command(space, f.at, bits | command_memory | command_master | command_no_line);
    auto mask = message_mask(space, f);
    if (mask.ok() && mask->when_set) space.write(f.at, mask->offset, space.read(f.at, mask->offset) & ~mask->bits);
    write_message_control(space, f, true);
    return {};
}

Result<Mask> message_mask(ConfigSpace& space, const Function& f) {
    if (f.message == 0) return Error::unsupported;
    uint32_t control = space.read(f.at, f.message);
    if ((control & message_masks) == 0) return Mask{f.message, message_on, false};
    uint32_t offset = f.message + ((control & message_wide) != 0 ? 0x10u : 0xcu);
    if (offset + 4 > bytes) return Mask{f.message, message_on, false};  // it says so, but there is no room for it
    return Mask{offset, 1, true};
}

void silence(ConfigSpace& space, const Function& f) {
    uint32_t bits = space.read(f.at, command);
    set_command(space, f.at, (bits & ~command_master) | command_no_line);
    if (f.message != 0) write_message_control(space, f, false);
}

}  // namespace skerry::usr::pci
