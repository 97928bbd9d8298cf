#include "low_memory.hpp"

#include <cstring>

#include "capabilities/interface/system_call.hpp"
#include "platform/page_table.hpp"
#include "report.hpp"

namespace skerry::probe {
namespace {

using platform::PageTable;
namespace map_flags = capabilities::map_flags;

base::PhysAddr take_page(platform::Machine& machine, capabilities::BootRecord& record) {
    capabilities::BootRange* largest = &record.ram[0];
    for (uint32_t i = 1; i < record.ram_count; i++) {
        if (record.ram[i].size > largest->size) largest = &record.ram[i];
    }
    largest->size -= base::page_size;
    base::PhysAddr page{largest->base + largest->size};
    std::memset(machine.pointer(page), 0, base::page_size);
    return page;
}

bool offered(uint32_t bit) {
    return (platform::cpuid(7).b >> bit & 1) != 0;
}

// Supervisor mode may touch user pages while AC is set: shows that the pages are there at all.
void read_with_permission(void* at) {
    asm volatile("stac" ::: "memory");
    read_byte(at);
    asm volatile("clac" ::: "memory");
}
void write_with_permission(void* at) {
    asm volatile("stac" ::: "memory");
    write_byte(at);
    asm volatile("clac" ::: "memory");
}

}  // namespace

LowMemory map_low_memory(platform::Machine& machine, capabilities::BootRecord& record) {
    LowMemory memory;
    base::PhysAddr root = take_page(machine, record);
    machine.prepare_root(root);
    auto* table = reinterpret_cast<uint64_t*>(machine.pointer(root));
    for (uint32_t level = PageTable::levels; level > 1; level--) {
        base::PhysAddr next = take_page(machine, record);
        table[PageTable::index(base::VirtAddr{memory.code}, level)] = PageTable::table(next);
        table = reinterpret_cast<uint64_t*>(machine.pointer(next));
    }
    base::PhysAddr code = take_page(machine, record), data = take_page(machine, record);
    uint32_t first = PageTable::index(base::VirtAddr{memory.code}, 1);
    table[first] = PageTable::leaf(code, map_flags::read | map_flags::execute, 1);
    table[first + 1] = PageTable::leaf(data, map_flags::read | map_flags::write, 1);
    memory.code_alias = machine.pointer(code);
    memory.data_alias = machine.pointer(data);
    memory.code_alias[0] = std::byte{0xc3};  // ret
    machine.switch_space(root);
    return memory;
}

void try_low_memory(const LowMemory& memory) {
    auto* code = reinterpret_cast<void*>(memory.code);
    auto* data = reinterpret_cast<void*>(memory.data);
    constexpr uint32_t smep = 7, smap = 20;
    if (offered(smep)) {
        check_page_fault("smep_execute", execute, code, present | fetch);
    } else {
        left_out("smep_execute", "this CPU has no SMEP");
    }
    if (!offered(smap)) return left_out("smap_read", "this CPU has no SMAP");
    check_page_fault("smap_read", read_byte, data, present);
    // An instruction that only writes: write_byte would stop at its read.
    check_page_fault(
        "smap_write", [](void* at) { asm volatile("movb $1, (%0)" ::"r"(at)
                                                  : "memory"); }, data, present | write);
    check("smap_permitted_read", !attempt(read_with_permission, data).faulted, "the page is not mapped");
    check("smap_permitted_write", !attempt(write_with_permission, data).faulted, "the page is not writable");
    // CR0.WP: supervisor mode, too, is bound by read-only pages.
    check_page_fault("write_protect_user_page", write_with_permission, code, present | write);
    asm volatile("clac" ::: "memory");  // the fault skipped it
}

}  // namespace skerry::probe
