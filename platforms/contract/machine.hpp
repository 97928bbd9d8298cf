// The contract: the only questions that the CPU driver may ask of its machine. A platform is chosen by include
// path: it provides "platform/machine.hpp", "platform/registers.hpp" and "platform/page_table.hpp".
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"

namespace skerry::contract {

using base::HardwareId;
using base::PhysAddr;
using base::VirtAddr;

// The user-visible registers of an interrupted program, and how a system call and an upcall use them.
template <typename R>
concept Registers = std::is_trivially_copyable_v<R> && sizeof(R) <= 512 &&
                    requires(R r, const R c, uint32_t i, uint64_t w) {
    { c.call_number() } -> std::same_as<uint64_t>;
    // Words of a system call. invoke: 0 target, 1 operation, 2.. arguments. send: 0 endpoint, 1 header.
    { c.argument(i) } -> std::same_as<uint64_t>;
    { c.message_word(i) } -> std::same_as<uint64_t>;  // i < 10; the same registers in send and in a message upcall
    r.set_message_word(i, w);
    r.set_error(w);     // first result word
    r.set_value(i, w);  // i < 4, further result words
    { c.instruction() } -> std::same_as<VirtAddr>;
    // Makes this the register image of an upcall: entry, stack, address of the dispatcher page (where user level looks
    // for it), three words. Message words stay as they are.
    r.enter_upcall(VirtAddr{}, VirtAddr{}, VirtAddr{}, w, w, w);
    r.clear_message_words();
    r.clear_message_words(i);  // from word i on
    r.keep_after_send(c, w);   // becomes what a sender resumes with after a straight send: result w
    // Makes values from user memory safe to resume: user mode, interrupts on, canonical addresses.
    // False if they cannot be made safe.
    { r.sanitize() } -> std::same_as<bool>;
};

// One core's machine. No member waits or allocates.
template <typename M>
concept Machine = requires(M m, const M c, PhysAddr pa, VirtAddr va, HardwareId id, uint64_t n, void* area,
                           const void* source, uint32_t w, std::span<const HardwareId> ids) {
    // This core's alias of memory that it owns; valid until withdrawn.
    { m.pointer(pa) } -> std::same_as<std::byte*>;
    { m.owns(pa, n) } -> std::same_as<bool>;  // whether [pa, pa + n) has such an alias
    m.withdraw(pa, n);                        // gives up the alias; both multiples of 2 MiB
    // Clock: ns of this core's cycle counter; one-shot timer. An armed deadline that has passed fires at once.
    { m.now() } -> std::same_as<uint64_t>;
    m.arm(n);
    m.disarm();
    { m.cycles() } -> std::same_as<uint64_t>;            // the cycle counter itself
    { c.clock_multiplier() } -> std::same_as<uint64_t>;  // ns = ticks * multiplier >> 32 (+ offset)
    { c.timer_multiplier() } -> std::same_as<uint64_t>;  // timer ticks = ns * multiplier >> 32
    // Address spaces. A root is prepared once, with this core's kernel half, before anything is mapped in it.
    m.prepare_root(pa);
    m.switch_space(pa);  // with no root (0): the kernel's own space
    m.flush_page(va);    // the translation of one page in the current space
    // New entries are seen by the next walk after after_map; code bytes by fetches after publish_code.
    m.after_map();
    m.publish_code(pa, n);
    // Whether an entry in use may change only by way of an empty one and a flush (AArch64).
    { M::break_before_make } -> std::convertible_to<bool>;
    m.flush_space();  // every user translation of the current space, and walks through freed tables
    // Extended state (vector registers, ...), saved whole.
    m.save_extended(area);
    { m.restore_extended(source) } -> std::same_as<bool>;  // false: the image is not loadable
    m.clear_extended();
    { c.extended_size() } -> std::same_as<uint64_t>;
    { c.extended_mask() } -> std::same_as<uint64_t>;
    // Other cores. Hardware ids are below M::hardware_ids.
    { M::hardware_ids } -> std::convertible_to<uint64_t>;
    { c.hardware_id() } -> std::same_as<HardwareId>;
    m.send_poke(id);    // what this core has written before is seen by whoever takes the interrupt
    m.send_pokes(ids);  // to each, at once where the hardware can
    { m.poke_words(w) } -> std::same_as<std::atomic<uint64_t>*>;  // of a core: 8 words
    m.send_init(id);
    m.send_startup(id, w);
    // Device interrupts, numbered from PageTable::first_device_vector on. A line (with capabilities::interrupt_mode) of
    // the controller whose registers lie at `pa` arrives at this core as number w from now on, masked. out_of_range: no
    // such line; busy: it has another number; no_memory: one controller too many. One core at most routes a controller's.
    { m.route_interrupt(w, pa, n) } -> std::same_as<base::Status>;
    // A masked line does not enter the driver; a level that stands comes once it is unmasked, an edge may be lost. No
    // effect on a number without a line: what devices send as messages is masked by their own registers, if at all.
    m.mask_interrupt(w);
    m.unmask_interrupt(w);
    // A 32-bit register of a device, uncached, through window w, below M::device_windows, which showed another one before;
    // null: this machine has none.
    { M::device_windows } -> std::convertible_to<uint32_t>;
    { m.device_register(w, pa) } -> std::same_as<volatile uint32_t*>;
    // I/O ports, where the machine has them; width 1, 2 or 4 bytes.
    { m.port_in(w, w) } -> std::same_as<uint32_t>;
    m.port_out(w, w, w);
};

// Facts about the page-table format; compiled and tested on any host.
template <typename P>
concept PageTable = requires(PhysAddr pa, uint64_t flags, uint64_t entry, uint32_t level) {
    { P::levels } -> std::convertible_to<uint32_t>;              // the root has level P::levels, a leaf table level 1
    { P::entries } -> std::convertible_to<uint32_t>;             // per table
    { P::user_root_entries } -> std::convertible_to<uint32_t>;   // entries of a root that programs may use
    { P::largest_leaf_level } -> std::convertible_to<uint32_t>;  // highest level whose entry can map memory itself
    { P::bytes_per_entry(level) } -> std::same_as<uint64_t>;
    { P::leaf(pa, flags, level) } -> std::same_as<uint64_t>;  // flags: capabilities::map_flags
    { P::table(pa) } -> std::same_as<uint64_t>;
    { P::present(entry) } -> std::same_as<bool>;
    { P::maps_memory(entry, level) } -> std::same_as<bool>;  // a present one: memory, not another table
    { P::address(entry) } -> std::same_as<PhysAddr>;
    { P::index(VirtAddr{}, level) } -> std::same_as<uint32_t>;    // of the entry for an address, in its table
    { P::with_rights(entry, flags) } -> std::same_as<uint64_t>;   // attributes kept
    { P::elf_machine } -> std::convertible_to<uint16_t>;          // of programs, e_machine
    { P::first_device_vector } -> std::convertible_to<uint32_t>;  // what Interrupt capabilities stand for
    { P::device_vectors } -> std::convertible_to<uint32_t>;
};

}  // namespace skerry::contract
