// Names the first hook of the contract that a platform lacks, with the step of the port guide
// (platforms/README.md) that makes it. A concept says only yes or no; whoever ports wants to know what is
// next. Here stand also the facts that the driver uses and no concept demands.
#pragma once

#include <algorithm>
#include <string_view>

#include "platforms/contract/machine.hpp"

namespace skerry::contract {

// Text as a template argument, so that the compiler prints it; empty = nothing is missing.
struct HookName {
    char text[80] = {};
    consteval HookName(const char* from) { std::copy_n(from, std::string_view(from).size(), text); }
    constexpr bool empty() const { return text[0] == 0; }
    constexpr std::string_view view() const { return text; }
};

// clang-format off
template <typename P>
consteval HookName first_missing_in_page_table() {
    using PA = PhysAddr;
    using VA = VirtAddr;
    using U32 = uint32_t;
    using U64 = uint64_t;
    if (!requires { { P::levels } -> std::convertible_to<uint32_t>; }) return "step 2: PageTable::levels";
    if (!requires { { P::entries } -> std::convertible_to<uint32_t>; }) return "step 2: PageTable::entries";
    if (!requires { { P::user_root_entries } -> std::convertible_to<uint32_t>; }) return "step 2: PageTable::user_root_entries";
    if (!requires { { P::largest_leaf_level } -> std::convertible_to<uint32_t>; }) return "step 2: PageTable::largest_leaf_level";
    if (!requires(U32 level) { { P::bytes_per_entry(level) } -> std::same_as<uint64_t>; }) return "step 2: PageTable::bytes_per_entry(level)";
    if (!requires(VA va, U32 level) { { P::index(va, level) } -> std::same_as<uint32_t>; }) return "step 2: PageTable::index(address, level)";
    if (!requires(PA pa, U32 level, U64 w) { { P::leaf(pa, w, level) } -> std::same_as<uint64_t>; }) return "step 2: PageTable::leaf(address, flags, level)";
    if (!requires(PA pa) { { P::table(pa) } -> std::same_as<uint64_t>; }) return "step 2: PageTable::table(address)";
    if (!requires(U64 w) { { P::with_rights(w, w) } -> std::same_as<uint64_t>; }) return "step 2: PageTable::with_rights(entry, flags)";
    if (!requires(U64 w, U32 l) { { P::maps_memory(w, l) } -> std::same_as<bool>; }) return "step 2: PageTable::maps_memory(entry, level)";
    if (!requires(U64 w) { { P::present(w) } -> std::same_as<bool>; }) return "step 2: PageTable::present(entry)";
    if (!requires(U64 w) { { P::address(w) } -> std::same_as<PhysAddr>; }) return "step 2: PageTable::address(entry)";
    if (!requires { { P::elf_machine } -> std::convertible_to<uint16_t>; }) return "step 2: PageTable::elf_machine";
    if (!requires { { P::first_device_vector } -> std::convertible_to<uint32_t>; }) return "step 2: PageTable::first_device_vector";
    if (!requires { { P::device_vectors } -> std::convertible_to<uint32_t>; }) return "step 2: PageTable::device_vectors";
    return "";
}

template <typename R>
consteval HookName first_missing_in_registers() {
    using VA = VirtAddr;
    using U32 = uint32_t;
    using U64 = uint64_t;
    if (!std::is_trivially_copyable_v<R> || sizeof(R) > 512) return "step 3: Registers, at most 512 bytes to copy";
    if (!requires(const R c) { { c.call_number() } -> std::same_as<uint64_t>; }) return "step 3: Registers::call_number()";
    if (!requires(const R c, U32 i) { { c.argument(i) } -> std::same_as<uint64_t>; }) return "step 3: Registers::argument(i)";
    if (!requires(const R c, U32 i) { { c.message_word(i) } -> std::same_as<uint64_t>; }) return "step 3: Registers::message_word(i)";
    if (!requires(R r, U32 i, U64 w) { r.set_message_word(i, w); }) return "step 3: Registers::set_message_word(i, word)";
    if (!requires(R r, U64 w) { r.set_error(w); }) return "step 3: Registers::set_error(word)";
    if (!requires(R r, U32 i, U64 w) { r.set_value(i, w); }) return "step 3: Registers::set_value(i, word)";
    if (!requires(const R c) { { c.instruction() } -> std::same_as<VirtAddr>; }) return "step 3: Registers::instruction()";
    if (!requires(R r, VA va, U64 w) { r.enter_upcall(va, va, va, w, w, w); }) return "step 3: Registers::enter_upcall(entry, stack, page, a, b, c)";
    if (!requires(R r) { r.clear_message_words(); }) return "step 3: Registers::clear_message_words()";
    if (!requires(R r, U32 i) { r.clear_message_words(i); }) return "step 3: Registers::clear_message_words(from)";
    if (!requires(R r, const R c, U64 w) { r.keep_after_send(c, w); }) return "step 3: Registers::keep_after_send(live, result)";
    if (!requires(R r) { { r.sanitize() } -> std::same_as<bool>; }) return "step 3: Registers::sanitize()";
    return "";
}

template <typename M>
consteval HookName first_missing_in_machine() {
    using VA = VirtAddr;
    using U32 = uint32_t;
    using U64 = uint64_t;
    if (!requires(M m, PhysAddr pa) { { m.pointer(pa) } -> std::same_as<std::byte*>; }) return "step 5: Machine::pointer(physical)";
    if (!requires(M m, PhysAddr pa, U64 w) { { m.owns(pa, w) } -> std::same_as<bool>; }) return "step 5: Machine::owns(physical, bytes)";
    if (!requires(M m, PhysAddr pa, U64 w) { m.withdraw(pa, w); }) return "step 5: Machine::withdraw(physical, bytes)";
    if (!requires(M m, PhysAddr pa) { m.prepare_root(pa); }) return "step 6: Machine::prepare_root(root)";
    if (!requires(M m, PhysAddr pa) { m.switch_space(pa); }) return "step 6: Machine::switch_space(root)";
    if (!requires(M m, VA va) { m.flush_page(va); }) return "step 6: Machine::flush_page(address)";
    if (!requires(M m) { m.after_map(); }) return "step 6: Machine::after_map()";
    if (!requires(M m, PhysAddr pa, U64 w) { m.publish_code(pa, w); }) return "step 6: Machine::publish_code(address, bytes)";
    if (!requires { { M::break_before_make } -> std::convertible_to<bool>; }) return "step 6: Machine::break_before_make";
    if (!requires(M m) { m.flush_space(); }) return "step 6: Machine::flush_space()";
    if (!requires(M m, void* area) { m.save_extended(area); }) return "step 7: Machine::save_extended(area)";
    if (!requires(M m, const void* image) { { m.restore_extended(image) } -> std::same_as<bool>; }) return "step 7: Machine::restore_extended(image)";
    if (!requires(M m) { m.clear_extended(); }) return "step 7: Machine::clear_extended()";
    if (!requires(const M c) { { c.extended_size() } -> std::same_as<uint64_t>; }) return "step 7: Machine::extended_size()";
    if (!requires(const M c) { { c.extended_mask() } -> std::same_as<uint64_t>; }) return "step 7: Machine::extended_mask()";
    if (!requires(M m) { { m.now() } -> std::same_as<uint64_t>; }) return "step 8: Machine::now()";
    if (!requires(M m) { { m.cycles() } -> std::same_as<uint64_t>; }) return "step 8: Machine::cycles()";
    if (!requires(const M c) { { c.clock_multiplier() } -> std::same_as<uint64_t>; }) return "step 8: Machine::clock_multiplier()";
    if (!requires(const M c) { { c.timer_multiplier() } -> std::same_as<uint64_t>; }) return "step 8: Machine::timer_multiplier()";
    if (!requires(M m, U64 w) { m.arm(w); }) return "step 8: Machine::arm(deadline)";
    if (!requires(M m) { m.disarm(); }) return "step 8: Machine::disarm()";
    if (!requires { { M::hardware_ids } -> std::convertible_to<uint64_t>; }) return "step 9: Machine::hardware_ids";
    if (!requires(const M c) { { c.hardware_id() } -> std::same_as<HardwareId>; }) return "step 9: Machine::hardware_id()";
    if (!requires(M m, U32 i) { { m.poke_words(i) } -> std::same_as<std::atomic<uint64_t>*>; }) return "step 9: Machine::poke_words(core)";
    if (!requires(M m, HardwareId id) { m.send_poke(id); }) return "step 9: Machine::send_poke(core)";
    if (!requires(M m, std::span<const HardwareId> ids) { m.send_pokes(ids); }) return "step 9: Machine::send_pokes(cores)";
    if (!requires(M m, HardwareId id) { m.send_init(id); }) return "step 9: Machine::send_init(core)";
    if (!requires(M m, HardwareId id, U32 i) { m.send_startup(id, i); }) return "step 9: Machine::send_startup(core, page)";
    if (!requires(M m, PhysAddr pa, U32 i, U64 w) { { m.route_interrupt(i, pa, w) } -> std::same_as<base::Status>; }) return "step 9: Machine::route_interrupt(number, controller, line)";
    if (!requires(M m, U32 i) { m.mask_interrupt(i); }) return "step 9: Machine::mask_interrupt(number)";
    if (!requires(M m, U32 i) { m.unmask_interrupt(i); }) return "step 9: Machine::unmask_interrupt(number)";
    if (!requires { { M::device_windows } -> std::convertible_to<uint32_t>; }) return "step 9: Machine::device_windows";
    if (!requires(M m, PhysAddr pa, U32 i) { { m.device_register(i, pa) } -> std::same_as<volatile uint32_t*>; }) return "step 9: Machine::device_register(window, address)";
    if (!requires(M m, U32 i) { { m.port_in(i, i) } -> std::same_as<uint32_t>; }) return "step 9: Machine::port_in(port, width)";
    if (!requires(M m, U32 i) { m.port_out(i, i, i); }) return "step 9: Machine::port_out(port, width, value)";
    return "";
}
// clang-format on

// In the order of the port guide.
template <typename P, typename R, typename M>
consteval HookName first_missing_hook() {
    if (HookName missing = first_missing_in_page_table<P>(); !missing.empty()) return missing;
    if (HookName missing = first_missing_in_registers<R>(); !missing.empty()) return missing;
    return first_missing_in_machine<M>();
}

template <HookName first_missing>
struct EveryHook {
    static_assert(first_missing.empty(), "the first hook that this platform lacks stands above: EveryHook<...>");
};

}  // namespace skerry::contract
