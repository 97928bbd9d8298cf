// Configuration space as an array: what is found on it, and what is refused.
#include "usr/drivers/pci/scan.hpp"

#include <catch2/catch.hpp>
#include <map>

using namespace skerry::usr::pci;
using skerry::base::Error;

namespace {

// A function's 256 bytes, and which bits of each register can be written.
struct Device {
    std::array<uint32_t, 64> word{};
    std::array<uint32_t, 64> writable{};
};

class Machine final : public ConfigSpace {
  public:
    uint32_t read(Address at, uint32_t offset) override {
        reads++;
        auto found = devices.find(at);
        return found == devices.end() ? ~uint32_t{0} : found->second.word[offset / 4];
    }
    void write(Address at, uint32_t offset, uint32_t value) override {
        auto found = devices.find(at);
        if (found == devices.end()) return;
        Device& device = found->second;
        uint32_t bits = device.writable[offset / 4];
        // Nobody sizes a device that still answers to its addresses.
        if (offset >= 0x10 && offset < 0x28 && value == ~uint32_t{0}) unsafe += (device.word[1] & 3) != 0;
        device.word[offset / 4] = (device.word[offset / 4] & ~bits) | (value & bits);
    }
    Device& add(Address at, uint16_t vendor, uint16_t id, uint8_t header = 0) {
        Device& device = devices[at];
        device.word[0] = uint32_t{id} << 16 | vendor;
        device.word[1] = 3;
        device.writable[1] = 0xffff;
        device.word[3] = uint32_t{header} << 16;
        device.word[15] = 10;
        return device;
    }
    void bar(Device& device, uint32_t index, uint32_t value, uint32_t bytes, uint32_t flags = 0) {
        device.word[4 + index] = value | flags;
        device.writable[4 + index] = ~(bytes - 1);
    }

    std::map<Address, Device> devices;
    uint32_t reads = 0, unsafe = 0;
};

Device& with_message(Device& device, uint8_t offset, bool wide) {
    device.word[1] |= 1 << 20;
    device.word[13] = offset;
    device.word[offset / 4] = 0x05 | (wide ? 1u << 23 : 0);
    for (uint32_t i = 0; i < 4; i++) device.writable[offset / 4 + i] = i == 0 ? 0x0071'0000 : ~uint32_t{0};
    return device;
}

}  // namespace

TEST_CASE("an empty machine has no devices", "[pci]") {
    Machine machine;
    Inventory found;
    found.scan(machine);
    CHECK(found.functions().empty());
    CHECK(machine.reads == 32);
}

TEST_CASE("ranges are found, and are afterwards as before", "[pci]") {
    Machine machine;
    Device& device = machine.add({0, 4, 0}, 0x1234, 0x11e8);
    machine.bar(device, 0, 0xfea0'0000, 0x10'0000);
    machine.bar(device, 1, 0xc040, 0x20, 1);
    device.writable[5] &= 0xffff;  // a port register of 16 bits
    machine.bar(device, 2, 0x8000'0000, 0x1000, 4);
    device.word[7] = 3, device.writable[7] = ~uint32_t{0};  // and its upper half
    Device before = device;
    Inventory found;
    found.scan(machine);
    REQUIRE(found.functions().size() == 1);
    const Function& f = found.functions()[0];
    CHECK((f.vendor == 0x1234 && f.id == 0x11e8 && f.at.number() == 0x20));
    CHECK((f.bar[0].kind == Bar::Kind::memory && f.bar[0].base == 0xfea0'0000 && f.bar[0].bytes == 0x10'0000));
    CHECK((f.bar[1].kind == Bar::Kind::ports && f.bar[1].base == 0xc040 && f.bar[1].bytes == 0x20));
    CHECK((f.bar[2].kind == Bar::Kind::memory && f.bar[2].base == 0x3'8000'0000 && f.bar[2].bytes == 0x1000));
    CHECK(f.bar[3].kind == Bar::Kind::none);
    CHECK(f.refused == 0);
    CHECK(device.word == before.word);
    CHECK(machine.unsafe == 0);
}

TEST_CASE("ranges that cannot be true are left out", "[pci]") {
    Machine machine;
    Device& device = machine.add({0, 1, 0}, 1, 1);
    machine.bar(device, 0, 0xfea0'1000, 0x10'0000);
    device.word[4] = 0xfea0'1000;      // not at a multiple of its size
    device.writable[5] = 0xff0f'0000;  // a size that is no power of two
    device.word[5] = 0xfe00'0000;
    machine.bar(device, 2, 0, 0x1000);              // no place was given
    device.word[9] = 4, device.writable[9] = ~15u;  // wide, but the last register
    Inventory found;
    found.scan(machine);
    const Function& f = found.functions()[0];
    for (const Bar& bar : f.bar) CHECK(bar.kind == Bar::Kind::none);
    CHECK(f.refused == 3);
    CHECK(found.refused() == 3);
}

TEST_CASE("bridges are followed, each bus once", "[pci]") {
    Machine machine;
    machine.add({0, 0, 0}, 1, 1);
    auto bridge = [&](Address at, uint8_t secondary) {
        machine.add(at, 1, 2, config::header_bridge).word[6] = uint32_t{secondary} << 8;
    };
    bridge({0, 3, 0}, 1);
    bridge({1, 0, 0}, 2);
    machine.add({2, 31, 0}, 7, 7);
    bridge({2, 5, 0}, 1);  // back to a bus that is known
    bridge({2, 6, 0}, 0);  // to the root
    bridge({1, 9, 0}, 2);  // a second one to the same bus
    bridge({0, 9, 0}, 0);  // to its own
    Inventory found;
    found.scan(machine);
    CHECK(found.functions().size() == 8);
    CHECK(found.find({2, 31, 0}) != nullptr);
    CHECK(found.refused() == 4);
}

TEST_CASE("further functions are looked for only where a device says that it has some", "[pci]") {
    Machine machine;
    machine.add({0, 1, 0}, 1, 1), machine.add({0, 1, 5}, 1, 2);
    machine.add({0, 2, 0}, 1, 3, config::header_several_functions), machine.add({0, 2, 5}, 1, 4);
    machine.add({0, 3, 2}, 1, 5);
    Inventory found;
    found.scan(machine);
    CHECK(found.functions().size() == 3);
    CHECK(found.find({0, 2, 5}) != nullptr);
    CHECK(found.find({0, 2, 0})->header == 0);
}

TEST_CASE("too many functions are counted, not kept", "[pci]") {
    Machine machine;
    for (uint8_t device = 0; device < 32; device++) {
        for (uint8_t function = 0; function < 8; function++) {
            machine.add({0, device, function}, 1, 1, config::header_several_functions);
        }
    }
    Inventory found;
    found.scan(machine);
    CHECK(found.functions().size() == Inventory::capacity);
    CHECK(found.omitted() == 256 - Inventory::capacity);
}

TEST_CASE("a list of capabilities may be endless", "[pci]") {
    Machine machine;
    Device& device = machine.add({0, 1, 0}, 1, 1);
    device.word[1] |= 1 << 20;
    device.word[13] = 0x40;
    device.word[0x40 / 4] = 0x4009;  // leads to itself
    Device& other = machine.add({0, 2, 0}, 1, 1);
    other.word[1] |= 1 << 20;
    other.word[13] = 0xfc;  // the last word: nothing that we use would fit
    other.word[0xfc / 4] = 0x0005;
    Inventory found;
    found.scan(machine);
    CHECK(found.functions()[0].message == 0);
    CHECK(found.functions()[1].message == 0);
}

TEST_CASE("messages are sent to an address, and no more", "[pci]") {
    for (bool wide : {true, false}) {
        Machine machine;
        Device& device = with_message(machine.add({0, 4, 0}, 0x1234, 0x11e8), 0x40, wide);
        device.word[0x40 / 4] |= 0x0070'0000;  // several, as somebody before us wanted it
        Inventory found;
        found.scan(machine);
        const Function& f = found.functions()[0];
        REQUIRE(f.message == 0x40);
        REQUIRE(send_messages(machine, f, 0xfee0'3000, 0x71).ok());
        CHECK((device.word[0x40 / 4] & 0x0071'0000) == 0x0001'0000);
        CHECK(device.word[0x44 / 4] == 0xfee0'3000);
        CHECK((device.word[wide ? 0x4c / 4 : 0x48 / 4] & 0xffff) == 0x71);
        CHECK((device.word[1] & 0x406) == 0x406);
        silence(machine, f);
        CHECK((device.word[0x40 / 4] & 0x0001'0000) == 0);
        CHECK((device.word[1] & 0x404) == 0x400);
        if (!wide) CHECK(send_messages(machine, f, uint64_t{1} << 32, 1).error() == Error::unsupported);
    }
}

TEST_CASE("messages are masked by the register made for that, or else not sent at all", "[pci]") {
    using skerry::capabilities::interrupt_mode::masked_when_set;
    for (bool wide : {true, false}) {
        Machine machine;
        Device& device = with_message(machine.add({0, 4, 0}, 0x1234, 0x11e8), 0x40, wide);
        Inventory found;
        found.scan(machine);
        const Function& f = found.functions()[0];
        auto usual = message_mask(machine, f);
        REQUIRE(usual.ok());
        CHECK(usual->offset == 0x40);
        CHECK(usual->mode() == 1 << 16);

        device.word[0x40 / 4] |= 1 << 24;
        uint32_t place = wide ? 0x50 : 0x4c;
        device.writable[place / 4] = ~uint32_t{0};
        device.word[place / 4] = 3;  // as somebody before us left it
        auto own = message_mask(machine, f);
        REQUIRE(own.ok());
        CHECK(own->offset == place);
        CHECK(own->mode() == (masked_when_set | 1));
        REQUIRE(send_messages(machine, f, 0xfee0'3000, 0x71).ok());
        CHECK(device.word[place / 4] == 2);
    }
    Machine machine;
    Device& last = with_message(machine.add({0, 4, 0}, 1, 1), 0xf0, true);
    last.word[0xf0 / 4] |= 1 << 24;  // its mask would lie beyond the end
    machine.add({0, 5, 0}, 1, 1);
    Inventory found;
    found.scan(machine);
    CHECK(message_mask(machine, found.functions()[0])->offset == 0xf0);
    CHECK(message_mask(machine, found.functions()[1]).error() == Error::unsupported);
}

TEST_CASE("a device without messages sends none", "[pci]") {
    Machine machine;
    machine.add({0, 4, 0}, 1, 1);
    Inventory found;
    found.scan(machine);
    CHECK(send_messages(machine, found.functions()[0], 0xfee0'0000, 0x30).error() == Error::unsupported);
    silence(machine, found.functions()[0]);
    CHECK((machine.devices.at(Address{0, 4, 0}).word[1] & 4) == 0);
}

TEST_CASE("pages that two devices claim are nobody's alone", "[pci]") {
    Machine machine;
    machine.bar(machine.add({0, 1, 0}, 1, 1), 0, 0xfea0'0000, 0x1000);
    machine.bar(machine.add({0, 2, 0}, 1, 1), 0, 0xfea0'1000, 0x1000);
    machine.bar(machine.add({0, 3, 0}, 1, 1), 0, 0xfea0'1800, 0x100);
    Inventory found;
    found.scan(machine);
    CHECK(found.alone(found.functions()[0], 0xfea0'0000, 0xfea0'1000));
    CHECK_FALSE(found.alone(found.functions()[1], 0xfea0'1000, 0xfea0'2000));
}
