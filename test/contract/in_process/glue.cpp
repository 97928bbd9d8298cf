#include "glue.hpp"

#include <algorithm>

namespace skerry::contract_test {

using hosted::CoreThread;
using hosted::TrapKind;

namespace {
constexpr std::byte code[] = {std::byte{'L'}, std::byte{'S'}, std::byte{'C'}, std::byte{'A'}};
static_assert(code[2] == static_cast<std::byte>(Instruction::call));
}  // namespace

// The alias is the arena itself; pointer() is where law 1 is judged, and in a simulated machine each access.
bool InProcessGlue::reachable(const std::byte* alias) {
    return machine.owns(base::PhysAddr{static_cast<uint64_t>(alias - core_.world().memory())}, 1);
}

// As the driver's loop takes them, but one at a time.
Interrupt InProcessGlue::taken() {
    if (core_.take_deadline()) return Interrupt::timer;
    left_ |= core_.take_pending();
    if ((left_ & CoreThread::poke_bit) != 0) {
        left_ &= ~CoreThread::poke_bit;
        return Interrupt::poke;
    }
    if ((left_ & CoreThread::device_bit) == 0) return Interrupt::none;
    left_ &= ~CoreThread::device_bit;
    for (uint32_t number = 0; number < 256; ++number) {
        if (core_.take_vector(number)) {
            machine.mask_interrupt(number);  // as the driver does
            return Interrupt::other;
        }
    }
    return Interrupt::none;
}

Interrupt InProcessGlue::wait(uint64_t ns) {
    uint64_t until = machine.now() + ns;
    for (;;) {
        Interrupt interrupt = taken();
        if (interrupt != Interrupt::none || machine.now() >= until) return interrupt;
        core_.sleep(until);
    }
}

std::span<const std::byte> InProcessGlue::user_code() const {
    return code;
}

void InProcessGlue::set_access(platform::Registers& registers, Access access, base::VirtAddr at, base::VirtAddr target,
                               uint64_t value) const {
    registers.ip = access == Access::execute ? call_instruction(target).value : at.value + (access == Access::store);
    registers.target = target.value;
    registers.second = value;
}

Stop InProcessGlue::run(platform::Registers& registers) {
    live_ = registers;
    TrapKind kind = core_.visit_program().kind;
    registers = live_;
    return kind == TrapKind::system_call ? Stop::call : Stop::fault;
}

void InProcessGlue::set_call(platform::Registers& registers, uint64_t number,
                             std::span<const uint64_t, 8> arguments) const {
    registers.number = number;
    registers.target = arguments[0];
    registers.second = arguments[1];
    std::copy(arguments.begin() + 2, arguments.end(), registers.word);
}

Upcall InProcessGlue::upcall(const platform::Registers& registers) const {
    return {base::VirtAddr{registers.ip},
            base::VirtAddr{registers.stack},
            base::VirtAddr{registers.page},
            {registers.upcall_word[0], registers.upcall_word[1], registers.upcall_word[2]}};
}

}  // namespace skerry::contract_test
