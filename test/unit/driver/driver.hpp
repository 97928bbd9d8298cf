// A CPU driver as an object, with a program that is played by the test: it puts its words into the live registers,
// traps, and looks at what the driver left there.
#pragma once

#include <cstring>
#include <initializer_list>

#include "cpudriver/core.hpp"
#include "test/unit/image/elf_builder.hpp"

namespace skerry::test {

using namespace capabilities;
using base::Error;
using cpudriver::Exit;

constexpr uint64_t program_entry = 0x400010;

struct Answer {
    Error error;
    uint64_t value[4];
};

class Driver {
  public:
    Driver(platform::Arena& arena, uint32_t core, uint64_t base, uint64_t size)
        : arena_(&arena), machine(arena, 10 + core), core(machine, live) {
        machine.owned.push_back({base, size});
        write_program(base);
        record.magic = capabilities::boot_record_magic;
        record.core = core;
        record.image_base = base;
        record.image_size = 0x10000;
        record.program_base = base;
        record.program_size = program_size_;
        record.archive_base = 0;
        record.archive_size = base::page_size;
        record.ram[0] = {base + 0x40000, size - 0x40000};
        record.ram_count = 1;
        record.device_count = core == 0 ? 1 : 0;
        record.device[0] = {uint64_t{1} << 32, 0x100000};
    }

    base::Status boot() {
        const char* reason = "";
        base::Status booted = core.boot(record, reason);
        last_exit = core.reschedule();
        return booted;
    }
    // The running program's trap.
    Exit call(SystemCall number, std::initializer_list<uint64_t> arguments) {
        live.number = static_cast<uint64_t>(number);
        std::memset(live.argument_word, 0, sizeof live.argument_word);
        size_t i = 0;
        for (uint64_t argument : arguments) live.argument_word[i++] = argument;
        live.error = 99;
        return last_exit = core.system_call();
    }
    template <typename Operation>
    Answer invoke(CapRef target, Operation operation, std::initializer_list<uint64_t> arguments = {}) {
        live.number = static_cast<uint64_t>(SystemCall::invoke);
        std::memset(live.argument_word, 0, sizeof live.argument_word);
        live.argument_word[0] = target.word;
        live.argument_word[1] = static_cast<uint64_t>(operation);
        size_t i = 2;
        for (uint64_t argument : arguments) live.argument_word[i++] = argument;
        last_exit = core.system_call();
        Answer answer{static_cast<Error>(live.error), {}};
        std::memcpy(answer.value, live.value, sizeof answer.value);
        return answer;
    }
    Error retype(CapRef to, CapRef from, Type type, uint64_t offset, uint64_t size, uint64_t level = 0) {
        return invoke(well_known::root_cnode, CNodeOperation::retype,
                      {to.word, from.word, static_cast<uint64_t>(type) | level << 8, offset, size, 1})
            .error;
    }
    Error copy(CapRef to, CapRef from) {
        return invoke(well_known::root_cnode, CNodeOperation::copy, {to.word, from.word}).error;
    }
    Capability identify(CapRef slot) {
        Answer a = invoke(well_known::root_cnode, CNodeOperation::identify, {slot.word});
        Capability cap;
        static_assert(sizeof cap == sizeof a.value);
        std::memcpy(&cap, a.value, sizeof cap);
        return cap;
    }
    Error remove(CapRef slot) { return invoke(well_known::root_cnode, CNodeOperation::delete_, {slot.word}).error; }
    DispatcherPage& page() { return core.current()->shared(); }
    std::byte* memory(uint64_t physical) { return arena_->memory + physical; }

    platform::Arena* arena_;
    platform::Machine machine;
    platform::Registers live{};
    cpudriver::Core core;
    capabilities::BootRecord record{};
    Exit last_exit{};

  private:
    void write_program(uint64_t at) {
        std::vector<Program> programs = good_programs();
        Writer elf = build_elf(programs, program_entry);
        program_size_ = elf.size();
        std::memcpy(arena_->memory + at, elf.bytes.data(), elf.size());
    }
    uint64_t program_size_ = 0;
};

}  // namespace skerry::test
