// What the suite cannot ask of the contract, since only the platform around the driver knows it: how an
// interrupt comes in, how a program runs, which registers the system call convention means. One small class a
// platform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "platform/machine.hpp"
#include "platform/page_table.hpp"
#include "platform/registers.hpp"
#include "platforms/base/ids.hpp"

namespace skerry::contract_test {

enum class Interrupt { none, timer, poke, other };
enum class Access { load, store, execute };
enum class Stop { call, fault };  // why a program came back to the driver

struct Upcall {
    base::VirtAddr entry, stack, page;
    uint64_t word[3];
};

constexpr uint64_t unit = 2 * 1024 * 1024;  // bytes; what withdraw() works in
constexpr uint64_t units = 5;

class Glue {
  public:
    // `memory`: `units` units of RAM that this core owns, aligned to one, and that the suite may overwrite
    // and give away. `foreign`: an address that it does not own.
    Glue(platform::Machine& m, base::PhysAddr memory, base::PhysAddr foreign)
        : machine(m), memory_(memory), foreign_(foreign) {}

    platform::Machine& machine;
    base::PhysAddr memory(uint64_t number) const { return memory_ + number * unit; }
    base::PhysAddr foreign() const { return foreign_; }

    // Whether the driver can read there; false instead of its end if not.
    virtual bool reachable(const std::byte* alias) = 0;
    // Lets interrupts in until one has come or `ns` have passed.
    virtual Interrupt wait(uint64_t ns) = 0;

    // --- programs ---
    // A few instructions, at most a page, that do one access and then make a system call.
    virtual std::span<const std::byte> user_code() const = 0;
    // Where the system call alone stands in a copy of user_code() at `code`.
    virtual base::VirtAddr call_instruction(base::VirtAddr code) const = 0;
    // The same after one was added to each of the ten message words' registers.
    virtual base::VirtAddr add_and_call(base::VirtAddr code) const = 0;
    // Runs the program in the current space until it comes back; its registers are then as the driver sees
    // them.
    virtual Stop run(platform::Registers& registers) = 0;
    // Makes `registers` those of a program that is about to access `target`: execute means the system call of
    // a copy of user_code() there.
    virtual void set_access(platform::Registers& registers, Access access, base::VirtAddr code, base::VirtAddr target,
                            uint64_t value) const = 0;
    virtual uint64_t loaded(const platform::Registers& registers) const = 0;

    // --- the system call convention, as user level has it ---
    virtual void set_call(platform::Registers& registers, uint64_t number,
                          std::span<const uint64_t, 8> arguments) const = 0;
    virtual uint64_t error(const platform::Registers& registers) const = 0;
    virtual uint64_t value(const platform::Registers& registers, uint32_t i) const = 0;
    virtual Upcall upcall(const platform::Registers& registers) const = 0;
    virtual void set_instruction(platform::Registers& registers, base::VirtAddr address) const = 0;

    // --- extended state ---
    virtual void fill_vectors(uint64_t seed) = 0;  // every vector register gets a value of its own
    virtual bool vectors_hold(uint64_t seed) = 0;
    virtual void spoil(std::span<std::byte> image) const = 0;  // makes a saved image one that must be refused

    // A port of that width that reads as it was written, 0 if there is none.
    virtual uint32_t echo_port(uint32_t width) const = 0;

    // A line of an interrupt controller and what drives it; level_triggered comes and goes as the suite asks for it.
    struct DeviceLine {
        base::PhysAddr controller;     // its first register reads as it was written, 0 or 1
        uint32_t line = 0, lines = 0;  // of the controller
    };
    virtual DeviceLine device_line() const = 0;
    virtual void raise(bool on) = 0;  // the line stands until it is lowered

  protected:
    ~Glue() = default;

  private:
    base::PhysAddr memory_, foreign_;
};

}  // namespace skerry::contract_test
