// Static ELF64: what a loader may rely on, and everything that it is spared.
#include "platforms/image/elf.hpp"

#include <catch2/catch.hpp>

#include "test/unit/image/elf_builder.hpp"

namespace {

using namespace skerry::image;
using namespace skerry::test;
using skerry::base::Error;
using skerry::base::VirtAddr;

constexpr uint64_t first_header = 64, second_header = 64 + 56;

// Builds the good program after `change`, and tells what parse_elf thinks of it.
template <typename Change>
ElfProblem problem_after(Change change, uint64_t entry = 0x400010) {
    auto programs = good_programs();
    change(programs);
    Writer file = build_elf(programs, entry);
    ElfProblem problem = ElfProblem::none;
    auto elf = parse_elf(file, user_rules, &problem);
    REQUIRE(elf.ok() == (problem == ElfProblem::none));
    if (!elf.ok()) REQUIRE(elf.error() == error(problem));
    return problem;
}

// The same after a change of one field of the finished file.
template <typename N>
ElfProblem problem_with(size_t at, N value) {
    auto programs = good_programs();
    Writer file = build_elf(programs, 0x400010).set(at, value);
    ElfProblem problem = ElfProblem::none;
    static_cast<void>(parse_elf(file, user_rules, &problem).ok());
    return problem;
}

}  // namespace

TEST_CASE("elf: a good file gives segments, entry and TLS") {
    auto programs = good_programs();
    Writer file = build_elf(programs, 0x400010);
    ElfProblem problem = ElfProblem::truncated;
    auto elf = parse_elf(file, user_rules, &problem);
    REQUIRE(elf.ok());
    CHECK(problem == ElfProblem::none);
    CHECK(elf->entry == VirtAddr{0x400010});
    REQUIRE(elf->segments.size() == 2);
    const ElfSegment& text = elf->segments[0];
    CHECK(text.address == VirtAddr{0x400000});
    CHECK(text.contents.size() == 300);
    CHECK(text.contents[299] == std::byte{0x90});
    CHECK((text.readable && text.executable && !text.writable));
    const ElfSegment& data = elf->segments[1];
    CHECK(data.memory_size == 5000);
    CHECK(data.contents.size() == 80);
    CHECK((data.readable && data.writable && !data.executable));
    REQUIRE(elf->tls.has_value());
    CHECK(elf->tls->address == VirtAddr{0x402010});
    CHECK(elf->tls->contents.size() == 16);
    CHECK(elf->tls->memory_size == 48);
    CHECK(elf->tls->alignment == 16);
}

TEST_CASE("elf: each fault in the header has its own answer") {
    CHECK(problem_with(0, uint8_t{0x7e}) == ElfProblem::not_elf);
    CHECK(problem_with(4, uint8_t{1}) == ElfProblem::wrong_format);  // 32 bit
    CHECK(problem_with(5, uint8_t{2}) == ElfProblem::wrong_format);  // big-endian
    CHECK(problem_with(20, 2u) == ElfProblem::wrong_format);         // version
    CHECK(problem_with(18, elf_machine_aarch64) == ElfProblem::wrong_machine);
    CHECK(problem_with(16, uint16_t{3}) == ElfProblem::not_static);  // position independent
    CHECK(problem_with(32, UINT64_MAX - 10) == ElfProblem::truncated);
    CHECK(problem_with(32, uint64_t{1} << 40) == ElfProblem::truncated);
    CHECK(problem_with(52, uint16_t{63}) == ElfProblem::bad_header);
    CHECK(problem_with(54, uint16_t{55}) == ElfProblem::bad_header);
    CHECK(problem_with(56, uint16_t{0}) == ElfProblem::no_segments);
    CHECK(problem_with(56, uint16_t{0xffff}) == ElfProblem::too_many_segments);
}

TEST_CASE("elf: each fault in a program header has its own answer") {
    CHECK(problem_with(first_header, 3u) == ElfProblem::not_static);  // an interpreter
    CHECK(problem_with(first_header, 2u) == ElfProblem::not_static);  // a dynamic section
    CHECK(problem_with(first_header + 8, UINT64_MAX - 4095) == ElfProblem::truncated);
    CHECK(problem_with(first_header + 32, UINT64_MAX) == ElfProblem::bad_header);   // more in the file than in memory
    CHECK(problem_with(first_header + 48, uint64_t{3}) == ElfProblem::bad_header);  // no power of two
    CHECK(problem_with(first_header + 16, uint64_t{0x400008}) == ElfProblem::misaligned);
    CHECK(problem_with(second_header + 40, UINT64_MAX) == ElfProblem::outside_range);
    CHECK(problem_with(second_header + 16, uint64_t{0x400000}) == ElfProblem::segments_overlap);
}

TEST_CASE("elf: segments neither overlap nor share a page nor go backwards") {
    CHECK(problem_after([](auto& p) { p[1].address = 0x400100, p.pop_back(); }) == ElfProblem::segments_overlap);
    CHECK(problem_after([](auto& p) { p[1].address = 0x400200, p.pop_back(); }) == ElfProblem::segments_overlap);
    CHECK(problem_after([](auto& p) { std::swap(p[0], p[1]); }) == ElfProblem::segments_overlap);
    CHECK(problem_after([](auto& p) { p[0].memory_size = 0x2001; }) == ElfProblem::segments_overlap);
    CHECK(problem_after([](auto& p) { p[0].memory_size = 0x2000; }) == ElfProblem::none);
}

TEST_CASE("elf: rights, range and entry") {
    CHECK(problem_after([](auto& p) { p[1].flags = 7; }) == ElfProblem::write_and_execute);
    CHECK(problem_after([](auto& p) { p[0].address = 0x8000; }) == ElfProblem::outside_range);
    CHECK(problem_after([](auto& p) { p[1].address = 0x8000'0000'0000, p.pop_back(); }) == ElfProblem::outside_range);
    CHECK(problem_after([](auto&) {}, 0x402000) == ElfProblem::entry_not_executable);
    CHECK(problem_after([](auto&) {}, 0x400000 + 300) == ElfProblem::entry_not_executable);
    CHECK(problem_after([](auto&) {}, 0x400000 + 299) == ElfProblem::none);
    CHECK(problem_after([](auto& p) { p.erase(p.begin(), p.begin() + 2); }) == ElfProblem::no_segments);
}

TEST_CASE("elf: thread-local storage lies in a segment and is there once") {
    CHECK(problem_after([](auto& p) { p[2].address = 0x500000; }) == ElfProblem::bad_header);
    CHECK(problem_after([](auto& p) { p[2].address = 0x402000 + 5000 - 8, p[2].alignment = 1; }) ==
          ElfProblem::bad_header);
    CHECK(problem_after([](auto& p) { p.push_back(p[2]); }) == ElfProblem::bad_header);
    CHECK(problem_after([](auto& p) { p[2].contents.clear(), p[2].address = 0x402000; }) == ElfProblem::none);
}

TEST_CASE("elf: too many segments") {
    CHECK(problem_after([](auto& p) {
              p.resize(1);
              while (p.size() <= elf_segments_maximum) {
                  p.push_back(
                      {.flags = read_only, .address = 0x400000 + p.size() * 4096, .contents = {}, .memory_size = 8});
              }
          }) == ElfProblem::too_many_segments);
}

TEST_CASE("elf: a segment may end at the top of the address space") {
    std::vector<Program> programs = {
        {.flags = read_execute, .address = UINT64_MAX - 4095, .contents = filled(16, 0x90), .memory_size = 4096}};
    Writer file = build_elf(programs, UINT64_MAX - 4095);
    ElfRules kernel{elf_machine_x86_64, VirtAddr{0xffff'ffff'8000'0000}, VirtAddr{UINT64_MAX}};
    auto elf = parse_elf(file, kernel);
    REQUIRE(elf.ok());
    CHECK(elf->segments[0].last() == VirtAddr{UINT64_MAX});
}

TEST_CASE("elf: the kinds of fault that loaders tell apart have distinct errors") {
    CHECK(error(ElfProblem::truncated) == Error::corrupt);
    CHECK(error(ElfProblem::segments_overlap) == Error::overlaps);
    CHECK(error(ElfProblem::write_and_execute) == Error::refused);
    CHECK(error(ElfProblem::outside_range) == Error::out_of_range);
    CHECK(error(ElfProblem::entry_not_executable) == Error::invalid_argument);
    CHECK(std::string_view(text(ElfProblem::truncated)) == "ELF file is truncated");
}

TEST_CASE("elf: truncated at every length") {
    auto programs = good_programs();
    Writer file = build_elf(programs, 0x400010);
    Guarded memory(file.size());
    // The TLS image is written last, and nothing behind it: every byte is needed.
    for (size_t length = 0; length < file.size(); ++length) {
        auto elf = parse_elf(memory.place(std::span(file.bytes).first(length)), user_rules);
        REQUIRE_FALSE(elf.ok());
    }
    REQUIRE(parse_elf(memory.place(file), user_rules).ok());
}
