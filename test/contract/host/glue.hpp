// The test world's glue: its machine's time moves when the suite waits, and a program of three instructions
// runs on a software MMU that keeps a translation until the driver flushes it, as hardware does.
#pragma once

#include <map>

#include "test/contract/glue.hpp"

namespace skerry::contract_test {

class HostGlue final : public Glue {
  public:
    explicit HostGlue(platform::Arena& arena, platform::Machine& m)
        : Glue(m, base::PhysAddr{unit}, base::PhysAddr{arena.size - unit}), arena_(arena) {}

    bool reachable(const std::byte* alias) override;
    Interrupt wait(uint64_t ns) override;

    std::span<const std::byte> user_code() const override;
    base::VirtAddr call_instruction(base::VirtAddr code) const override;
    base::VirtAddr add_and_call(base::VirtAddr code) const override;
    Stop run(platform::Registers& registers) override;
    void set_access(platform::Registers& registers, Access access, base::VirtAddr code, base::VirtAddr target,
                    uint64_t value) const override;
    uint64_t loaded(const platform::Registers& registers) const override { return registers.error; }

    void set_call(platform::Registers& registers, uint64_t number,
                  std::span<const uint64_t, 8> arguments) const override;
    uint64_t error(const platform::Registers& registers) const override { return registers.error; }
    uint64_t value(const platform::Registers& registers, uint32_t i) const override { return registers.value[i]; }
    Upcall upcall(const platform::Registers& registers) const override;
    void set_instruction(platform::Registers& registers, base::VirtAddr address) const override {
        registers.ip = address.value;
    }

    void fill_vectors(uint64_t seed) override { machine.extended = seed; }
    bool vectors_hold(uint64_t seed) override { return machine.extended == seed; }
    void spoil(std::span<std::byte> image) const override;
    uint32_t echo_port(uint32_t) const override { return 0x300; }
    DeviceLine device_line() const override {
        return {base::PhysAddr{0xfec0'0000}, 3, platform::Machine::lines_of_a_controller};
    }
    void raise(bool on) override;

  private:
    struct Translation {
        uint64_t base, bytes;
        bool write, execute;
    };
    // Null if the current space has none that allows the access.
    std::byte* translate(uint64_t address, Access access);
    const Translation* look_up(uint64_t address);
    void forget_what_was_flushed();

    platform::Machine::Line* line();

    platform::Arena& arena_;
    bool raised_ = false, edge_ = false;      // of the device line; its rise is seen once, and only if it is not masked
    std::map<uint64_t, Translation> cached_;  // by page
    uint64_t flushes_ = 0;
};

}  // namespace skerry::contract_test
