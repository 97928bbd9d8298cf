// The kernel's own image and its alias of RAM: what is read-only, what cannot be executed, what is not there
// at all.
#include <cstddef>

#include "checks.hpp"
#include "report.hpp"

extern "C" {
extern std::byte skerry_image_start[], skerry_text_start[], skerry_text_end[], skerry_rodata_end[], skerry_image_end[];
}

namespace skerry::probe {
namespace {

constexpr uint8_t return_instruction = 0xc3;
constinit uint8_t in_data[16] = {return_instruction};
constinit uint8_t in_bss[16] = {};

struct Place {
    const char* read;
    const char* write;
    std::byte* at;
};

void try_image() {
    check_page_fault("text_write", write_byte, skerry_text_start, present | write);
    check_page_fault("rodata_write", write_byte, skerry_text_end, present | write);
    check_page_fault("rodata_execute", execute, skerry_text_end, present | fetch);
    check_page_fault("data_execute", execute, in_data, present | fetch);
    *static_cast<volatile uint8_t*>(in_bss) = return_instruction;
    check_page_fault("bss_execute", execute, in_bss, present | fetch);
    volatile uint8_t on_stack[16];
    on_stack[0] = return_instruction;
    check_page_fault("stack_execute", execute, const_cast<uint8_t*>(on_stack), present | fetch);
    check_page_fault("boot_record_execute", execute, skerry_image_start, present | fetch);
}

// Each page of the image, by its physical address: nothing is mapped there.
void try_image_alias(platform::Machine& machine, const capabilities::BootRecord& record) {
    const Place places[] = {{"text_alias_read", "text_alias_write", skerry_text_start},
                            {"rodata_alias_read", "rodata_alias_write", skerry_text_end},
                            {"data_alias_read", "data_alias_write", skerry_rodata_end}};
    for (const Place& place : places) {
        auto offset = static_cast<uint64_t>(place.at - skerry_image_start);
        std::byte* alias = machine.pointer(base::PhysAddr{record.image_base + offset});
        check_page_fault(place.read, read_byte, alias, 0);
        check_page_fault(
            place.write, [](void* at) { asm volatile("movb $0, (%0)" ::"r"(at)
                                                     : "memory"); }, alias, write);
    }
    auto size = static_cast<uint64_t>(skerry_image_end - skerry_image_start);
    uint64_t readable = 0;
    for (uint64_t offset = 0; offset < size; offset += base::page_size) {
        readable += !attempt(read_byte, machine.pointer(base::PhysAddr{record.image_base + offset})).faulted;
    }
    check("image_not_aliased", readable == 0 && !machine.owns(base::PhysAddr{record.image_base}, size),
          "a page of the image can be reached through the alias");
}

void try_alias(platform::Machine& machine, const capabilities::BootRecord& record) {
    // A page that is RAM, 2 MiB aligned with all of its neighbourhood, so that it can be given away.
    uint64_t base = 0;
    for (uint32_t i = 0; i < record.ram_count && base == 0; i++) {
        uint64_t first = base::round_up(record.ram[i].base, platform::large_page);
        if (first + platform::large_page <= record.ram[i].base + record.ram[i].size) base = first;
    }
    std::byte* alias = machine.pointer(base::PhysAddr{base});
    *reinterpret_cast<volatile uint8_t*>(alias) = return_instruction;
    check_page_fault("alias_execute", execute, alias, present | fetch);
    std::byte* archive = machine.pointer(base::PhysAddr{base::round_down(record.program_base, base::page_size)});
    check_page_fault("first_program_write", write_byte, archive, present | write);
    check_page_fault("first_program_execute", execute, archive, present | fetch);

    bool before = machine.owns(base::PhysAddr{base}, platform::large_page) && !attempt(read_byte, alias).faulted;
    machine.withdraw(base::PhysAddr{base}, platform::large_page);
    check("withdraw_owned_before", before, "the memory was not there");
    check_page_fault("withdraw_read", read_byte, alias, 0);
    check_page_fault(
        "withdraw_write", [](void* at) { asm volatile("movb $0, (%0)" ::"r"(at)
                                                      : "memory"); },
        alias + platform::large_page - 1, write);
    check("withdraw_owned_after", !machine.owns(base::PhysAddr{base}, base::page_size), "it still counts as owned");
}

}  // namespace

void try_kernel_memory(platform::Machine& machine, const capabilities::BootRecord& record) {
    try_image();
    try_image_alias(machine, record);
    try_alias(machine, record);
    auto* poke = reinterpret_cast<void*>(platform::poke_address);
    check_page_fault("poke_area_execute", execute, poke, present | fetch);
    check_page_fault("apic_execute", execute, reinterpret_cast<void*>(platform::apic_address), present | fetch);
    check_page_fault("null_read", read_byte, reinterpret_cast<void*>(0x10), 0);
}

}  // namespace skerry::probe
