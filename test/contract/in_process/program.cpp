// The suite's program: a context that carries out one instruction of its code, through the page tables of the current space,
// with their rights, and then traps.
#include "glue.hpp"
#include "platforms/hosted/programs.hpp"

namespace skerry::hosted {

using contract_test::Instruction;

namespace {

alignas(64) std::byte stack[upcall_stack_bytes];

[[noreturn]] void leave(Trap& trap) {
    for (;;) CoreThread::here().trap_at(trap);  // nobody goes on with it
}

[[noreturn]] void fault(const platform::Registers& registers, uint64_t address) {
    Trap trap{.kind = TrapKind::page_fault, .target = address, .ip = registers.ip};
    leave(trap);
}

uint64_t* word(const platform::Registers& registers, uint64_t address, uint64_t rights) {
    std::byte* place = CoreThread::here().walk(address, rights);
    if (place == nullptr) fault(registers, address);
    return reinterpret_cast<uint64_t*>(place);
}

}  // namespace

bool is_program_entry(uint64_t) {
    return true;
}
std::byte* first_stack_top() {
    return stack + upcall_stack_bytes;
}

void start_program(const platform::Registers& upcall) {
    using Format = platform::PageTable;
    platform::Registers registers = upcall;
    const std::byte* code = CoreThread::here().walk(registers.ip, Format::execute_bit);
    if (code == nullptr) fault(registers, registers.ip);
    auto instruction = static_cast<Instruction>(*code);
    if (instruction == Instruction::load) registers.word[0] = *word(registers, registers.target, 0);
    if (instruction == Instruction::store) *word(registers, registers.target, Format::write_bit) = registers.second;
    if (instruction == Instruction::add_and_call) {
        for (uint64_t& each : registers.word) ++each;
    }
    Trap trap{.number = registers.number, .target = registers.target, .second = registers.second, .ip = registers.ip};
    std::copy(std::begin(registers.word), std::end(registers.word), trap.word);
    leave(trap);
}

}  // namespace skerry::hosted
