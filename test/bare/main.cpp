// The bare kernel boots as the CPU driver does, up to the point where that makes its Core. Then it goes to and fro
// between two address spaces (path.S), and prints how many cycles one way takes.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "boot/boot_core.hpp"
#include "capabilities/interface/system_call.hpp"
#include "interrupt/legacy.hpp"
#include "layout.h"
#include "memory/alias_map.hpp"
#include "platform/page_table.hpp"
#include "platforms/base/format.hpp"
#include "trap/descriptors.hpp"
#include "trap/panic.hpp"

extern "C" {
[[noreturn]] void skerry_boot_core(uint32_t magic, uint64_t information);
[[noreturn]] void skerry_start_core();
[[noreturn]] void skerry_bare_start();
void skerry_bare_entry();
void skerry_bare_sample(uint32_t ticks);
void skerry_bare_fill();
uint32_t skerry_system_call();
uint32_t skerry_brief_poke();
uint32_t skerry_trap(uint64_t vector, uint64_t code);
void skerry_driver_trap(uint64_t vector, uint64_t code, uint64_t* frame);
extern skerry::capabilities::BootRecord skerry_boot_record;
extern const std::byte skerry_bare_sender_code[], skerry_bare_receiver_code[], skerry_bare_user_end[];
extern std::byte skerry_bare_area[];
uint64_t skerry_bare_sender_root, skerry_bare_receiver_root;
uint32_t skerry_bare_mask, skerry_bare_kernel_code, skerry_bare_kernel_data, skerry_bare_user_code,
    skerry_bare_user_data;
}

namespace skerry::bare {
namespace {

using platform::PageTable;
namespace map_flags = capabilities::map_flags;

constexpr uint32_t wanted = 2000, warm_up = 200;
constinit platform::Machine machine;
constinit uint32_t samples[wanted] = {};
constinit uint32_t taken = 0;

void print(std::string_view text) {
    for (char c : text) {
        while ((platform::in8(0x3fd) & 0x20) == 0) asm volatile("pause");
        platform::out8(0x3f8, static_cast<uint8_t>(c));
    }
}

[[noreturn]] void finish() {
    std::sort(samples, samples + wanted);
    base::Buffer<200> line;
    line << "csv,message,,,,bare,1,one_way," << samples[wanted / 2] << ',' << samples[0] << ','
         << samples[wanted - 1 - wanted / 100] << ",cycles," << wanted << "\r\n";
    print(line.view());
    while ((platform::in8(0x3fd) & 0x40) == 0) asm volatile("pause");
    platform::out8(0xf4, 0x10);
    for (;;) asm volatile("cli; hlt");
}

base::PhysAddr take_page(capabilities::BootRecord& record) {
    auto* largest = std::max_element(record.ram, record.ram + record.ram_count,
                                     [](const auto& a, const auto& b) { return a.size < b.size; });
    largest->size -= base::page_size;
    base::PhysAddr page{largest->base + largest->size};
    std::memset(machine.pointer(page), 0, base::page_size);
    return page;
}

// Code in its first page, a return in each further one that may be called, then data and stack.
uint64_t make_space(capabilities::BootRecord& record, const std::byte* code, const std::byte* end) {
    base::PhysAddr root = take_page(record);
    machine.prepare_root(root);
    auto* table = reinterpret_cast<uint64_t*>(machine.pointer(root));
    for (uint32_t level = PageTable::levels; level > 1; level--) {
        base::PhysAddr next = take_page(record);
        table[PageTable::index(base::VirtAddr{SENDER}, level)] = PageTable::table(next);
        table = reinterpret_cast<uint64_t*>(machine.pointer(next));
    }
    constexpr std::byte return_instruction{0xc3};
    for (uint64_t at = SENDER; at < STACK_TOP; at += base::page_size) {
        base::PhysAddr page = take_page(record);
        std::byte* bytes = machine.pointer(page);
        bool data = at >= USER_DATA;
        if (at == SENDER) std::copy(code, end, bytes);
        if (at != SENDER && !data) bytes[0] = return_instruction;
        table[PageTable::index(base::VirtAddr{at}, 1)] =
            PageTable::leaf(page, map_flags::read | (data ? map_flags::write : map_flags::execute), 1);
    }
    return root.value;
}

// `name=N` on the boot loader's line; 0 without.
uint32_t option(std::string_view line, std::string_view name, uint32_t most) {
    size_t at = line.find(name);
    uint32_t value = 0;
    if (at == std::string_view::npos) return 0;
    for (at += name.size(); at < line.size() && line[at] >= '0' && line[at] <= '9'; at++) {
        value = value * 10 + static_cast<uint32_t>(line[at] - '0');
    }
    if (value > most) platform::panic("the bare kernel has not so many pages");
    return value;
}

[[noreturn]] void run(capabilities::BootRecord& record) {
    platform::load_descriptors();
    if (const char* missing = machine.enable_features()) platform::panic(missing);
    if (!platform::build_kernel_space(machine, record))
        platform::panic("not enough memory for the kernel's page tables");
    std::string_view line(record.command_line);
    skerry_bare_kernel_code = option(line, "kernel_code=", 4);
    skerry_bare_kernel_data = option(line, "kernel_data=", 8);
    skerry_bare_user_code = option(line, "user_code=", 8);
    skerry_bare_user_data = option(line, "user_data=", 8);
    skerry_bare_mask = static_cast<uint32_t>(machine.extended_mask());
    skerry_bare_sender_root = make_space(record, skerry_bare_sender_code, skerry_bare_receiver_code);
    skerry_bare_receiver_root = make_space(record, skerry_bare_receiver_code, skerry_bare_user_end);
    constexpr uint32_t msr_long_star = 0xc0000082;
    platform::write_msr(msr_long_star, reinterpret_cast<uint64_t>(&skerry_bare_entry));
    constexpr uint32_t avx = 4;
    if ((skerry_bare_mask & avx) != 0) skerry_bare_fill();
    machine.save_extended(skerry_bare_area);
    skerry_bare_start();
}

}  // namespace
}  // namespace skerry::bare

void skerry_boot_core(uint32_t magic, uint64_t information) {
    using namespace skerry;
    platform::mask_legacy_interrupts();
    const char* reason = platform::describe_boot_core(magic, information, skerry_boot_record);
    if (reason != nullptr) platform::panic(reason);
    bare::run(skerry_boot_record);
}

void skerry_start_core() {
    skerry::platform::panic("the bare kernel starts no other core");
}

void skerry_bare_sample(uint32_t ticks) {
    using namespace skerry::bare;
    if (taken >= warm_up) samples[taken - warm_up] = ticks;
    if (++taken == warm_up + wanted) finish();
}

uint32_t skerry_system_call() {
    skerry::platform::panic("the bare kernel has no system calls");
}
// Nobody pokes.
uint32_t skerry_brief_poke() {
    return 0;
}
uint32_t skerry_trap(uint64_t vector, uint64_t) {
    skerry_driver_trap(vector, 0, nullptr);
    return 0;
}
void skerry_driver_trap(uint64_t vector, uint64_t code, uint64_t*) {
    skerry::base::Buffer<120> text;
    text << "bare: unexpected trap " << vector << ", code " << code << ", address "
         << skerry::base::Hex{skerry::platform::read_cr2()};
    skerry::platform::panic(text.view());
}
