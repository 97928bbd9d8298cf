// The glue of machines that are processes (platforms/hosted, platforms/simulated): the machine is asked as its driver asks
// it, and a program is a context, out to and in from by the driver's own way.
#pragma once

#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/interrupt_lines.hpp"
#include "platforms/hosted/serial_port.hpp"
#include "platforms/hosted/world.hpp"
#include "test/contract/glue.hpp"

namespace skerry::contract_test {

// The instructions of the program that the suite runs: one byte each, which program.cpp carries out.
enum class Instruction : uint8_t { load = 'L', store = 'S', call = 'C', add_and_call = 'A' };

class InProcessGlue final : public Glue {
  public:
    InProcessGlue(platform::Machine& m, hosted::CoreThread& core, platform::Registers& live, base::PhysAddr memory,
                  base::PhysAddr foreign)
        : Glue(m, memory, foreign), core_(core), live_(live) {}

    bool reachable(const std::byte* alias) override;
    Interrupt wait(uint64_t ns) override;

    std::span<const std::byte> user_code() const override;
    base::VirtAddr call_instruction(base::VirtAddr code) const override { return code + 2; }
    base::VirtAddr add_and_call(base::VirtAddr code) const override { return code + 3; }
    Stop run(platform::Registers& registers) override;
    void set_access(platform::Registers& registers, Access access, base::VirtAddr code, base::VirtAddr target,
                    uint64_t value) const override;
    uint64_t loaded(const platform::Registers& registers) const override { return registers.word[0]; }

    void set_call(platform::Registers& registers, uint64_t number,
                  std::span<const uint64_t, 8> arguments) const override;
    uint64_t error(const platform::Registers& registers) const override { return registers.error; }
    uint64_t value(const platform::Registers& registers, uint32_t i) const override { return registers.value[i]; }
    Upcall upcall(const platform::Registers& registers) const override;
    void set_instruction(platform::Registers& registers, base::VirtAddr address) const override {
        registers.ip = address.value;
    }

    // A context keeps what calls keep: there is nothing to save (extended.cpp asks for no more then).
    void fill_vectors(uint64_t) override {}
    bool vectors_hold(uint64_t) override { return false; }
    void spoil(std::span<std::byte>) const override {}

    uint32_t echo_port(uint32_t width) const override { return width == 1 ? hosted::SerialPort::base + scratch : 0; }
    DeviceLine device_line() const override {
        return {base::PhysAddr{core_.world().controller()}, line, hosted::InterruptLines::count};
    }
    void raise(bool on) override { core_.world().lines().set_level(line, on); }

  private:
    static constexpr uint32_t scratch = 7;  // a register of the serial port
    static constexpr uint32_t line = 9;     // nobody's

    Interrupt taken();

    hosted::CoreThread& core_;
    platform::Registers& live_;
    uint32_t left_ = 0;  // interrupts that came with the one that was told
};

}  // namespace skerry::contract_test
