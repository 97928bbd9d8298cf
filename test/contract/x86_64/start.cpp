// The contract kernel boots as the CPU driver does, up to the point where that makes its Core; then it runs
// the suite, prints a line a check, and ends QEMU: as a power-off does if all is well (33), with 35 if not.
#include "boot/boot_core.hpp"
#include "glue.hpp"
#include "interrupt/legacy.hpp"
#include "memory/alias_map.hpp"
#include "platforms/base/format.hpp"
#include "test/contract/suite.hpp"
#include "trap.hpp"
#include "trap/descriptors.hpp"
#include "trap/panic.hpp"

extern "C" {
[[noreturn]] void skerry_boot_core(uint32_t magic, uint64_t information);
[[noreturn]] void skerry_start_core();
[[noreturn]] void contract_run_on(char* stack_top, void (*what)());
extern char contract_stack_top[];
extern skerry::capabilities::BootRecord skerry_boot_record;
}

namespace skerry::contract_test {
namespace {

constinit platform::Machine machine;

void print(std::string_view text) {
    for (char c : text) {
        while ((platform::in8(0x3fd) & 0x20) == 0) asm volatile("pause");
        platform::out8(0x3f8, static_cast<uint8_t>(c));
    }
}

class SerialReport final : public Report {
  public:
    void check(bool ok, std::string_view name) override {
        checks++;
        failures += !ok;
        base::Buffer<160> line;
        line << "contract " << group << ": " << name << (ok ? " ok" : " FAILED") << "\r\n";
        print(line.view());
    }
    std::string_view group;
    uint32_t checks = 0, failures = 0;
};

base::PhysAddr find_memory(const capabilities::BootRecord& record) {
    for (uint32_t i = 0; i < record.ram_count; i++) {
        uint64_t first = base::round_up(record.ram[i].base, unit);
        if (first + units * unit <= record.ram[i].base + record.ram[i].size) return base::PhysAddr{first};
    }
    platform::panic("contract: not enough memory for the suite");
}

void run() {
    constexpr base::PhysAddr nowhere{uint64_t{1} << 45};
    X86Glue glue(machine, find_memory(skerry_boot_record), nowhere);
    constexpr uint64_t settle = 1'000'000;
    while (glue.wait(settle) != Interrupt::none) print("contract: an interrupt is left over from boot\r\n");
    SerialReport report;
    for (const Group& group : all_groups()) {
        report.group = group.name;
        uint32_t before = report.checks;
        group.run(glue, report);
        if (report.checks == before) report.check(false, "no check");
    }
    base::Buffer<80> line;
    line << "contract finished: " << report.checks << " checks, " << report.failures << " failed\r\n";
    print(line.view());
    while ((platform::in8(0x3fd) & 0x40) == 0) asm volatile("pause");
    platform::out8(0xf4, report.failures == 0 ? 0x10 : 0x11);
    for (;;) asm volatile("cli; hlt");
}

}  // namespace

platform::Machine& this_machine() {
    return machine;
}

}  // namespace skerry::contract_test

void skerry_boot_core(uint32_t magic, uint64_t information) {
    using namespace skerry;
    using contract_test::this_machine;
    platform::mask_legacy_interrupts();
    const char* reason = platform::describe_boot_core(magic, information, skerry_boot_record);
    if (reason != nullptr) platform::panic(reason);
    platform::load_descriptors();
    if (const char* missing = this_machine().enable_features()) platform::panic(missing);
    if (!platform::build_kernel_space(this_machine(), skerry_boot_record)) {
        platform::panic("not enough memory for the kernel's page tables");
    }
    this_machine().start_timer(0, 0);
    contract_run_on(contract_stack_top, contract_test::run);
}

void skerry_start_core() {
    skerry::platform::panic("the contract kernel starts no other core");
}
