// x86-64's glue: real interrupts, and programs that run in ring 3.
#pragma once

#include "test/contract/glue.hpp"

namespace skerry::contract_test {

class X86Glue final : public Glue {
  public:
    using Glue::Glue;

    bool reachable(const std::byte* alias) override;
    Interrupt wait(uint64_t ns) override;

    std::span<const std::byte> user_code() const override;
    base::VirtAddr call_instruction(base::VirtAddr code) const override;
    base::VirtAddr add_and_call(base::VirtAddr code) const override;
    Stop run(platform::Registers& registers) override;
    void set_access(platform::Registers& registers, Access access, base::VirtAddr code, base::VirtAddr target,
                    uint64_t value) const override;
    uint64_t loaded(const platform::Registers& registers) const override { return registers.rax; }

    void set_call(platform::Registers& registers, uint64_t number,
                  std::span<const uint64_t, 8> arguments) const override;
    uint64_t error(const platform::Registers& registers) const override { return registers.rax; }
    uint64_t value(const platform::Registers& registers, uint32_t i) const override;
    Upcall upcall(const platform::Registers& registers) const override;
    void set_instruction(platform::Registers& registers, base::VirtAddr address) const override {
        registers.rip = address.value;
    }

    void fill_vectors(uint64_t seed) override;
    bool vectors_hold(uint64_t seed) override;
    void spoil(std::span<std::byte> image) const override;
    uint32_t echo_port(uint32_t width) const override;
    DeviceLine device_line() const override;
    void raise(bool on) override;

  private:
    bool wide() const { return (machine.extended_mask() & 4) != 0; }  // AVX: registers of 256 bits
};

}  // namespace skerry::contract_test
