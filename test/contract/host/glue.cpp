#include "glue.hpp"

#include <algorithm>
#include <cstring>

namespace skerry::contract_test {
namespace {

using platform::PageTable;

// The instructions of the program that the suite runs: one byte each.
constexpr auto load = std::byte{'L'}, store = std::byte{'S'}, call = std::byte{'C'}, add = std::byte{'A'};
constexpr std::byte code[] = {load, store, call, add};

}  // namespace

bool HostGlue::reachable(const std::byte* alias) {
    return machine.owns(base::PhysAddr{static_cast<uint64_t>(alias - arena_.memory)}, 1);
}

platform::Machine::Line* HostGlue::line() {
    auto found = machine.lines.find(device_line().controller.value + device_line().line);
    return found == machine.lines.end() ? nullptr : &found->second;
}

void HostGlue::raise(bool on) {
    edge_ = on && !raised_ && line() != nullptr && !line()->masked;
    raised_ = on;
}

Interrupt HostGlue::wait(uint64_t ns) {
    if (line() != nullptr && !line()->masked && (line()->level ? raised_ : edge_)) {
        edge_ = false;
        machine.mask_interrupt(line()->number);
        return Interrupt::other;
    }
    auto poke = std::find(machine.poked.begin(), machine.poked.end(), machine.hardware_id().value);
    if (poke != machine.poked.end()) {
        machine.poked.erase(poke);
        return Interrupt::poke;
    }
    if (machine.armed == 0 || machine.armed > machine.time + ns) {
        machine.time += ns;
        return Interrupt::none;
    }
    machine.time = std::max(machine.time, machine.armed);
    machine.armed = 0;
    return Interrupt::timer;
}

std::span<const std::byte> HostGlue::user_code() const {
    return code;
}
base::VirtAddr HostGlue::call_instruction(base::VirtAddr at) const {
    return at + 2;
}
base::VirtAddr HostGlue::add_and_call(base::VirtAddr at) const {
    return at + 3;
}

void HostGlue::set_access(platform::Registers& registers, Access access, base::VirtAddr at, base::VirtAddr target,
                          uint64_t value) const {
    registers.ip = access == Access::execute ? call_instruction(target).value : at.value + (access == Access::store);
    registers.argument_word[0] = target.value;
    registers.argument_word[1] = value;
}

Stop HostGlue::run(platform::Registers& registers) {
    const std::byte* instruction = translate(registers.ip, Access::execute);
    if (instruction == nullptr) return Stop::fault;
    if (*instruction == add) {
        for (uint64_t& word : registers.message) word++;
    } else if (*instruction != call) {
        Access access = *instruction == load ? Access::load : Access::store;
        std::byte* target = translate(registers.argument_word[0], access);
        if (target == nullptr) return Stop::fault;
        if (access == Access::load) std::memcpy(&registers.error, target, sizeof(uint64_t));
        if (access == Access::store) std::memcpy(target, &registers.argument_word[1], sizeof(uint64_t));
    }
    return Stop::call;
}

void HostGlue::forget_what_was_flushed() {
    uint64_t flushes = machine.flushes + machine.page_flushes + machine.switches;
    if (flushes != flushes_) cached_.clear();
    flushes_ = flushes;
}

const HostGlue::Translation* HostGlue::look_up(uint64_t address) {
    forget_what_was_flushed();
    uint64_t page = base::round_down(address, base::page_size);
    if (auto found = cached_.find(page); found != cached_.end()) return &found->second;
    if (machine.space == 0 || address >= platform::user_end) return nullptr;
    Translation translation{.base = 0, .bytes = 0, .write = true, .execute = true};
    uint64_t table = machine.space;
    for (uint32_t level = PageTable::levels;; level--) {
        uint64_t entry;
        std::memcpy(&entry, arena_.memory + table + PageTable::index(base::VirtAddr{address}, level) * 8, sizeof entry);
        if (!PageTable::present(entry) || !(entry & PageTable::user_bit)) return nullptr;
        translation.write &= (entry & PageTable::write_bit) != 0;
        translation.execute &= (entry & PageTable::no_execute) == 0;
        table = PageTable::address(entry).value;
        if (level > 1 && !(entry & PageTable::large_bit)) continue;
        translation.bytes = PageTable::bytes_per_entry(level);
        translation.base = table;
        return &(cached_[page] = translation);
    }
}

std::byte* HostGlue::translate(uint64_t address, Access access) {
    const Translation* found = look_up(address);
    if (found == nullptr) return nullptr;
    if (access == Access::store && !found->write) return nullptr;
    if (access == Access::execute && !found->execute) return nullptr;
    return arena_.memory + found->base + address % found->bytes;
}

void HostGlue::set_call(platform::Registers& registers, uint64_t number, std::span<const uint64_t, 8> arguments) const {
    registers.number = number;
    std::copy(arguments.begin(), arguments.end(), registers.argument_word);
}

Upcall HostGlue::upcall(const platform::Registers& registers) const {
    return {base::VirtAddr{registers.ip},
            base::VirtAddr{registers.sp},
            base::VirtAddr{registers.gs_base},
            {registers.upcall_word[0], registers.upcall_word[1], registers.upcall_word[2]}};
}

void HostGlue::spoil(std::span<std::byte> image) const {
    std::fill(image.begin(), image.end(), std::byte{0xff});
}

}  // namespace skerry::contract_test
