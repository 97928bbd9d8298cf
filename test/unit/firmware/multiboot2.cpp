// The boot loader's information block.
#include "platforms/firmware/multiboot2.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "test/unit/image/hostile.hpp"

namespace {

using namespace skerry::firmware;
using namespace skerry::test;
using skerry::base::Error;
using skerry::base::PhysAddr;

void tag(Writer& block, uint32_t type, const Writer& payload) {
    block.align(8).put(type).put(static_cast<uint32_t>(payload.size() + 8)).append(payload);
}

Writer finish(Writer block) {
    tag(block, 0, {});
    block.set(0, static_cast<uint32_t>(block.size()));
    return block;
}

Writer memory_entry(Writer out, uint64_t base, uint64_t size, uint32_t kind) {
    return out.put(base).put(size).put(kind).put(0u);
}

Writer good() {
    Writer block(8);
    tag(block, 1, Writer().text("cores=4", 8));
    tag(block, 2, Writer().text("GRUB 2.06", 10));
    tag(block, 3, Writer().put(0x10'0000u).put(0x10'2345u).text("archive", 8));
    tag(block, 8, Writer(31));  // a framebuffer: not for us
    tag(block, 3, Writer().put(0x20'0000u).put(0x20'0000u).text("", 1));
    Writer memory = Writer().put(24u).put(0u);
    memory = memory_entry(memory, 0, 0x9fc00, 1);
    memory = memory_entry(memory, 0x9fc00, 0, 1);  // empty: skipped
    memory = memory_entry(memory, 0xf0000, 0x10000, 2);
    memory = memory_entry(memory, 0x10'0000, 0x7fe0'0000, 1);
    memory = memory_entry(memory, 0x7ff0'0000, 0x1000, 3);
    memory = memory_entry(memory, 0xfd'0000'0000, UINT64_MAX, 77);
    tag(block, 6, memory);
    tag(block, 14, Writer().text("RSD PTR old", 20));
    tag(block, 15, Writer().text("RSD PTR new", 36));
    Writer efi = Writer().put(48u).put(1u);
    efi.put(7u).put(0u).put(uint64_t{0x1000}).put(uint64_t{0}).put(uint64_t{3}).put(uint64_t{0xf}).put(uint64_t{0});
    tag(block, 17, efi);
    return finish(block);
}

void visit_all(const BootInformation& information) {
    static_cast<void>(information.command_line());
    static_cast<void>(information.loader_name());
    static_cast<void>(information.rsdp());
    information.each_module([](const BootModule& module) { REQUIRE(module.name.size() < 4096); });
    information.each_memory([](const BootMemory& memory) {
        REQUIRE(memory.size > 0);
        REQUIRE(memory.base.value + memory.size > memory.base.value);
    });
    information.each_efi_memory(
        [](const EfiMemory& memory) { REQUIRE(memory.base.value + memory.size > memory.base.value); });
}

}  // namespace

TEST_CASE("multiboot2: strings, modules and the RSDP") {
    Writer block = good();
    auto information = BootInformation::open(block);
    REQUIRE(information.ok());
    CHECK(multiboot2_size(std::span(block.bytes).first(8)).value() == block.size());
    CHECK(information->command_line() == "cores=4");
    CHECK(information->loader_name() == "GRUB 2.06");
    std::vector<BootModule> modules;
    information->each_module([&](const BootModule& module) { modules.push_back(module); });
    REQUIRE(modules.size() == 2);
    CHECK(modules[0].start == PhysAddr{0x10'0000});
    CHECK(modules[0].size == 0x2345);
    CHECK(modules[0].name == "archive");
    CHECK(modules[1].size == 0);
    REQUIRE(information->rsdp().size() == 36);
    CHECK(information->rsdp()[8] == std::byte{'n'});  // the newer one
}

TEST_CASE("multiboot2: memory maps") {
    Writer block = good();
    auto information = BootInformation::open(block);
    REQUIRE(information.ok());
    std::vector<BootMemory> memory;
    information->each_memory([&](const BootMemory& range) { memory.push_back(range); });
    REQUIRE(memory.size() == 5);
    CHECK(memory[0].size == 0x9fc00);
    CHECK(memory[1].kind == MemoryKind::reserved);
    CHECK(memory[3].kind == MemoryKind::acpi_reclaimable);
    CHECK(memory[4].kind == MemoryKind::reserved);  // of a kind that nobody knows
    CHECK(memory[4].size == UINT64_MAX - 0xfd'0000'0000);
    std::vector<EfiMemory> efi;
    information->each_efi_memory([&](const EfiMemory& range) { efi.push_back(range); });
    REQUIRE(efi.size() == 1);
    CHECK(efi[0].type == 7);
    CHECK(efi[0].size == 3 * 4096);
    CHECK(efi[0].attributes == 0xf);
}

TEST_CASE("multiboot2: nothing but an end tag") {
    Writer block = finish(Writer(8));
    auto information = BootInformation::open(block);
    REQUIRE(information.ok());
    CHECK(information->command_line().empty());
    CHECK(information->rsdp().empty());
    information->each_module([](const BootModule&) { FAIL("there is none"); });
}

TEST_CASE("multiboot2: truncated at every length, and with a shortened total") {
    Writer block = good();
    Guarded memory(block.size());
    for (size_t length = 0; length < block.size(); ++length) {
        auto shorter = block.bytes;
        shorter.resize(length);
        BootProblem problem = BootProblem::none;
        REQUIRE_FALSE(BootInformation::open(memory.place(shorter), &problem).ok());
        REQUIRE(problem == BootProblem::truncated);
        if (length < 4) continue;
        auto size = static_cast<uint32_t>(length);
        std::memcpy(shorter.data(), &size, 4);
        REQUIRE_FALSE(BootInformation::open(memory.place(shorter), &problem).ok());
    }
    REQUIRE(BootInformation::open(memory.place(block)).ok());
}

TEST_CASE("multiboot2: malformed tags") {
    auto problem_of = [](uint32_t type, const Writer& payload) {
        Writer block(8);
        tag(block, type, payload);
        block = finish(block);
        BootProblem problem = BootProblem::none;
        auto information = BootInformation::open(block, &problem);
        REQUIRE(information.ok() == (problem == BootProblem::none));
        if (!information.ok()) REQUIRE(information.error() == Error::corrupt);
        return problem;
    };
    CHECK(problem_of(1, Writer().text("no end")) == BootProblem::bad_tag);
    CHECK(problem_of(1, {}) == BootProblem::bad_tag);
    CHECK(problem_of(3, Writer().put(2u).put(1u).text("x", 2)) == BootProblem::bad_tag);  // ends before its start
    CHECK(problem_of(3, Writer().put(1u).put(2u).text("x")) == BootProblem::bad_tag);
    CHECK(problem_of(3, Writer().put(1u).put(2u)) == BootProblem::bad_tag);
    CHECK(problem_of(6, Writer().put(0u).put(0u).fill_to(64)) == BootProblem::bad_tag);  // elements of no size
    CHECK(problem_of(6, Writer().put(23u).put(0u)) == BootProblem::bad_tag);
    CHECK(problem_of(6, Writer().put(24u)) == BootProblem::bad_tag);
    CHECK(problem_of(17, Writer().put(39u).put(1u)) == BootProblem::bad_tag);
    CHECK(problem_of(6, Writer().put(UINT32_MAX).put(0u).fill_to(64)) == BootProblem::none);  // holds no element
    CHECK(problem_of(99, Writer(5)) == BootProblem::none);
}

TEST_CASE("multiboot2: 100,000 damaged blocks") {
    Writer block = good();
    Guarded memory(block.size());
    std::mt19937 random(2022);
    uint32_t opened = 0;
    for (int i = 0; i < 100'000; ++i) {
        auto bytes = block.bytes;
        damage(bytes, bytes.size(), random);
        if (i % 2 && bytes.size() >= 4) {
            auto size = static_cast<uint32_t>(bytes.size());
            std::memcpy(bytes.data(), &size, 4);
        }
        auto information = BootInformation::open(memory.place(bytes));
        if (!information.ok()) continue;
        ++opened;
        visit_all(information.value());
    }
    CHECK(opened > 1000);
}
