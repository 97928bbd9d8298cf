// QEMU's device for teaching, as its documentation (docs/specs/edu) describes it: it computes factorials, moves memory, and
// interrupts when it is done or is told to. One range of 1 MiB; registers of 4 bytes.
#pragma once

#include <cstdint>

namespace skerry::usr::edu {

constexpr uint32_t vendor = 0x1234, id = 0x11e8;
constexpr uint64_t range_bytes = 0x10'0000;

class Device {
  public:
    enum Cause : uint32_t { factorial_done = 0x001, memory_moved = 0x100 };  // bits of an interrupt's causes

    explicit Device(uint64_t address) : address_(address) {}

    // 0xMMmm00ed, with the version: is it one?
    bool known() const { return (read(0x00) & 0xffff) == 0x00ed; }
    // It answers with the complement: alive?
    bool alive() const {
        write(0x04, 0x5a5a'1234);
        return read(0x04) == ~uint32_t{0x5a5a'1234};
    }
    void compute(uint32_t n) const {
        write(0x20, 0x80);  // interrupt when it is done
        write(0x08, n);
    }
    bool computing() const { return (read(0x20) & 1) != 0; }
    uint32_t result() const { return read(0x08); }  // modulo 2^32

    // Why it interrupts: those causes stand until they are cleared, whoever looks, and none is lost when a message is.
    uint32_t causes() const { return read(0x24); }
    void clear(uint32_t causes) const { write(0x64, causes); }
    void raise(uint32_t causes) const { write(0x60, causes); }

  private:
    uint32_t read(uint64_t offset) const { return *at(offset); }
    void write(uint64_t offset, uint32_t value) const { *at(offset) = value; }
    volatile uint32_t* at(uint64_t offset) const { return reinterpret_cast<volatile uint32_t*>(address_ + offset); }

    uint64_t address_;
};

}  // namespace skerry::usr::edu
