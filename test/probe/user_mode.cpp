#include "user_mode.hpp"

#include <cstring>

#include "platform/registers.hpp"
#include "report.hpp"

extern "C" {
extern skerry::platform::Registers skerry_registers;
[[noreturn]] void skerry_leave(uint32_t full);
}

namespace skerry::probe {
namespace {

enum class Step { flags_at_exception, flags_at_system_call, read_kernel, write_own_code, execute_data };
constinit Step step{};
constinit LowMemory low;

constexpr uint64_t trap_flag = 1 << 8, interrupts = 1 << 9, direction = 1 << 10, alignment = 1 << 18;

// push imm32 of flags; popf; then what traps. TF stays out: it would trap by itself.
constexpr uint8_t spoil_and_break[] = {0x68, 0x02, 0x06, 0x04, 0x00, 0x9d, 0xcc};       // int3
constexpr uint8_t spoil_and_call[] = {0x68, 0x02, 0x06, 0x04, 0x00, 0x9d, 0x0f, 0x05};  // syscall
constexpr uint8_t read_from_rdi[] = {0x8a, 0x07};                                       // mov (%rdi), %al
constexpr uint8_t write_to_rdi[] = {0x88, 0x07};                                        // mov %al, (%rdi)
constexpr uint8_t jump_to_rdi[] = {0xff, 0xe7};                                         // jmp *%rdi

template <size_t N>
[[noreturn]] void enter(Step next, const uint8_t (&code)[N], uint64_t argument = 0) {
    step = next;
    std::memcpy(low.code_alias, code, N);
    skerry_registers = {};
    skerry_registers.rip = low.code;
    skerry_registers.rsp = low.data + base::page_size;
    skerry_registers.rflags = 0x202;
    skerry_registers.rdi = argument;
    constexpr uint32_t all_registers = 1;
    skerry_leave(all_registers);
}

void check_handler_flags(const char* name, const Trap& trap, bool came) {
    base::Buffer<80> detail;
    detail << "the handler runs with flags " << base::Hex{trap.flags};
    check(name, came && (trap.flags & (trap_flag | interrupts | direction | alignment)) == 0, detail.view());
}

void check_user_fault(const char* name, const Trap& trap, uint64_t code, uint64_t address) {
    base::Buffer<120> detail;
    detail << "exception " << trap.vector << " code " << base::Hex{trap.code} << " address " << base::Hex{trap.address};
    check(name, trap.vector == 14 && trap.code == code && trap.address == address, detail.view());
}

}  // namespace

void try_user_mode(const LowMemory& memory) {
    low = memory;
    enter(Step::flags_at_exception, spoil_and_break);
}

// A set alignment flag would switch SMAP off in the handler; a set direction flag would turn its copies
// around.
void left_user_mode(const Trap& trap) {
    constexpr uint64_t breakpoint = 3;
    constexpr uint64_t kernel = platform::image_base;
    switch (step) {
        case Step::flags_at_exception:
            check_handler_flags("exception_clears_flags", trap, trap.vector == breakpoint);
            enter(Step::flags_at_system_call, spoil_and_call);
        case Step::flags_at_system_call:
            check_handler_flags("system_call_clears_flags", trap, trap.system_call);
            enter(Step::read_kernel, read_from_rdi, kernel);
        case Step::read_kernel:
            check_user_fault("user_reads_kernel", trap, present | user, kernel);
            enter(Step::write_own_code, write_to_rdi, low.code);
        case Step::write_own_code:
            check_user_fault("user_writes_its_code", trap, present | write | user, low.code);
            enter(Step::execute_data, jump_to_rdi, low.data);
        case Step::execute_data:
            check_user_fault("user_executes_data", trap, present | user | fetch, low.data);
            finish();
    }
    finish();
}

}  // namespace skerry::probe
