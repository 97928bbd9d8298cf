#include "monitor/core_image.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>

#include "monitor/share.hpp"
#include "test/unit/image/elf_builder.hpp"

using namespace skerry;
using namespace skerry::monitor;
using namespace skerry::test;
using base::Error;

namespace {

constexpr uint64_t link_base = 0xffff'ffff'8000'0000;
constexpr uint64_t entry = link_base + 0x1000;
constexpr image::ElfRules rules{image::elf_machine_x86_64, base::VirtAddr{link_base}, base::VirtAddr{~uint64_t{0}}};

// A driver as the linker makes it: the record in a page of its own, text, data with zeros behind.
std::vector<std::byte> driver_file(uint64_t recorded_entry = entry) {
    auto record = filled(4096, 0);
    std::memcpy(record.data() + offsetof(capabilities::BootRecord, entry), &recorded_entry, 8);
    std::vector<Program> parts{
        {.flags = read_write, .address = link_base, .contents = record, .memory_size = 4096},
        {.flags = read_execute, .address = link_base + 0x1000, .contents = filled(5000, 0x90), .memory_size = 5000},
        {.flags = read_write, .address = link_base + 0x4000, .contents = filled(100, 7), .memory_size = 0x5001}};
    return build_elf(parts, entry).bytes;
}

struct Machine {
    std::unique_ptr<urpc::MachineInfo> info = std::make_unique<urpc::MachineInfo>();
    Machine() {
        info->core_count = 3;
        info->core[2].hardware_id = 6;
        info->clock_multiplier = 11;
        info->timer_multiplier = 12;
        info->poke_area = 0x3000;
        info->archive_base = 0x70'0000;
        info->archive_size = 999;
        info->firmware_root_size = 36;
        info->firmware_root[35] = std::byte{5};
        std::strcpy(info->command_line, "cores=3");
    }
};

CoreBlocks one_block(const Block& block) {
    return {block, block};
}

}  // namespace

TEST_CASE("a CPU driver is laid out in a core's block, and told where it is", "[monitor]") {
    auto file = driver_file();
    auto program = filled(10000, 3);
    CoreBlocks blocks = one_block({base::PhysAddr{0x800'0000}, 16 * mebibyte});
    auto plan = plan_core_image(file, program, rules, blocks);
    REQUIRE(plan.ok());
    CHECK(plan->link_base.value == link_base);
    CHECK(plan->image_bytes == 0xa000);
    CHECK(plan->program_bytes == 12288);

    std::vector<std::byte> memory(plan->image_bytes, std::byte{0xee});
    copy_driver(*plan, memory);
    CHECK(memory[0x1000] == std::byte{0x90});
    CHECK(memory[0x1000 + 4999] == std::byte{0x90});
    CHECK(memory[0x1000 + 5000] == std::byte{0});
    CHECK(memory[0x4000 + 99] == std::byte{7});
    CHECK(memory[0x4000 + 100] == std::byte{0});
    CHECK(memory.back() == std::byte{0});

    Machine machine;
    auto record = std::make_unique<capabilities::BootRecord>();
    std::memcpy(static_cast<void*>(record.get()), memory.data(), sizeof *record);
    CoreStart start{.index = 2,
                    .program_size = program.size(),
                    .join_frame = 0x9000,
                    .join_frame_size = 4096,
                    .now = 77,
                    .join_notify = {.type = capabilities::Type::notify, .base = 44}};
    REQUIRE(fill_record(*plan, blocks, *machine.info, start, *record).ok());
    CHECK(record->magic == capabilities::boot_record_magic);
    CHECK(record->entry == entry);
    CHECK(record->core == 2);
    CHECK(record->hardware_id == 6);
    CHECK(record->image_base == 0x800'0000);
    CHECK(record->image_size == 0xa000);
    CHECK(record->clock_multiplier == 11);
    CHECK(record->timer_multiplier == 12);
    CHECK(record->clock_start == 77);
    CHECK(record->poke_area == 0x3000);
    CHECK(record->program_base == 0x800'0000 + 16 * mebibyte - 12288);
    CHECK(record->program_size == 10000);
    CHECK(record->archive_base == 0x70'0000);
    CHECK(record->archive_size == 999);
    CHECK(record->firmware_root[35] == std::byte{5});
    CHECK(record->join_frame_base == 0x9000);
    CHECK(record->join_notify.base == 44);
    CHECK(std::string(record->command_line) == "cores=3");
    CHECK(record->device_count == 0);
    REQUIRE(record->ram_count == 1);
    CHECK(record->ram[0].base == 0x800'a000);
    CHECK(record->ram[0].base + record->ram[0].size == 0x800'0000 + 16 * mebibyte);
}

TEST_CASE("an image may lie in a block of its own, and the memory is whole then", "[monitor]") {
    auto file = driver_file();
    auto program = filled(10000, 3);
    Block image{base::PhysAddr{0x4000'0000}, image_block_bytes}, ram{base::PhysAddr{0x800'0000}, 16 * mebibyte};
    auto plan = plan_core_image(file, program, rules, {image, ram});
    REQUIRE(plan.ok());
    Machine machine;
    auto record = std::make_unique<capabilities::BootRecord>();
    record->entry = entry;
    CoreStart start;
    start.index = 2;
    start.program_size = program.size();
    REQUIRE(fill_record(*plan, {image, ram}, *machine.info, start, *record).ok());
    CHECK(record->image_base == image.base.value);
    CHECK(record->image_size == 0xa000);
    REQUIRE(record->ram_count == 1);
    CHECK(record->ram[0].base == ram.base.value);
    CHECK(record->ram[0].size == ram.bytes);
    CHECK(record->program_base == ram.base.value + ram.bytes - 12288);

    auto error = [&](const Block& one, const Block& other) {
        return plan_core_image(file, program, rules, {one, other}).error();
    };
    CHECK(error({base::PhysAddr{0x4010'0000}, image_block_bytes}, ram) == Error::misaligned);
    CHECK(error(image, {base::PhysAddr{0x810'0000}, 16 * mebibyte}) == Error::misaligned);
    CHECK(error({image.base, 0}, ram) == Error::no_memory);
    CHECK(error(image, {ram.base, 4 * mebibyte}) == Error::no_memory);
}

TEST_CASE("a core's image that cannot be is refused before anything is copied", "[monitor]") {
    auto file = driver_file();
    auto program = filled(10000, 3);
    CoreBlocks good = one_block({base::PhysAddr{0x800'0000}, 16 * mebibyte});
    auto error = [&](const Block& block) { return plan_core_image(file, program, rules, one_block(block)).error(); };
    CHECK(error({base::PhysAddr{0x810'0000}, 16 * mebibyte}) == Error::misaligned);
    CHECK(error({base::PhysAddr{0x800'0000}, 15 * mebibyte}) == Error::misaligned);
    CHECK(error({base::PhysAddr{0x800'0000}, 4 * mebibyte}) == Error::no_memory);
    CHECK(plan_core_image(filled(100, 0), program, rules, good).error() == Error::wrong_type);
    auto user = good_programs();
    CHECK_FALSE(plan_core_image(build_elf(user, 0x400000).bytes, program, rules, good).ok());

    std::vector<Program> large{
        {.flags = read_execute, .address = link_base, .contents = filled(64, 1), .memory_size = 3 * mebibyte}};
    auto too_large = build_elf(large, link_base).bytes;
    CHECK(plan_core_image(too_large, program, rules, good).error() == Error::out_of_range);

    // The record must name an entry that can be executed.
    Machine machine;
    auto plan = plan_core_image(file, program, rules, good);
    REQUIRE(plan.ok());
    for (uint64_t wrong : {uint64_t{0}, link_base, link_base + 0x4000, ~uint64_t{0}}) {
        auto record = std::make_unique<capabilities::BootRecord>();
        record->entry = wrong;
        CHECK(fill_record(*plan, good, *machine.info, {}, *record).error() == Error::corrupt);
        CHECK(record->entry == wrong);
        CHECK(record->magic == 0);
    }
}
