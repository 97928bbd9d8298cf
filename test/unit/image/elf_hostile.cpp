// ELF files that were damaged, and one that the host's compiler made.
#include <catch2/catch.hpp>

#include "test/unit/image/elf_builder.hpp"
#include "test/unit/image/host.hpp"

namespace {

using namespace skerry::image;
using namespace skerry::test;
using skerry::base::Error;

// Whatever was accepted keeps every promise of the header.
void check_promises(const Elf& elf, std::span<const std::byte> file) {
    uint64_t next_page = 0;
    bool entry_ok = false;
    for (const ElfSegment& segment : elf.segments) {
        REQUIRE(segment.memory_size > 0);
        REQUIRE(segment.last() >= segment.address);
        REQUIRE(segment.address >= user_rules.lowest);
        REQUIRE(segment.last() <= user_rules.last);
        REQUIRE(segment.address.value / 4096 >= next_page);
        REQUIRE_FALSE((segment.writable && segment.executable));
        REQUIRE(segment.contents.size() <= segment.memory_size);
        if (!segment.contents.empty()) {
            REQUIRE(segment.contents.data() >= file.data());
            REQUIRE(segment.contents.data() + segment.contents.size() <= file.data() + file.size());
        }
        entry_ok |= segment.executable && segment.contains(elf.entry);
        next_page = segment.last().value / 4096 + 1;
    }
    REQUIRE(entry_ok);
}

Writer with_symbols() {
    auto programs = good_programs();
    Writer file = build_elf(programs, 0x400010);
    size_t strings = file.size();
    file.text(std::string_view("\0start\0absent\0", 14)).align(8);
    size_t symbols = file.size();
    file.fill_to(symbols + 24);
    file.put(1u).put(uint8_t{0x12}).put(uint8_t{0}).put(uint16_t{1}).put(uint64_t{0x400010}).put(uint64_t{4});
    file.put(7u).put(uint8_t{0x10}).put(uint8_t{0}).put(uint16_t{0}).put(uint64_t{0}).put(uint64_t{0});
    size_t sections = file.size();
    auto section = [&](size_t index, uint32_t type, uint64_t at, uint64_t size, uint32_t link) {
        size_t header = sections + index * 64;
        file.fill_to(header + 64);
        file.set(header + 4, type).set(header + 24, at).set(header + 32, size).set(header + 40, link);
    };
    section(0, 0, 0, 0, 0);
    section(1, 2, symbols, 72, 2);
    section(2, 3, strings, 14, 0);
    file.set(40, uint64_t{sections}).set(58, uint16_t{64}).set(60, uint16_t{3});
    return file;
}

}  // namespace

TEST_CASE("elf: symbols by name") {
    Writer file = with_symbols();
    REQUIRE(parse_elf(file, user_rules).ok());
    auto start = find_elf_symbol(file, "start");
    REQUIRE(start.ok());
    CHECK(start->value == 0x400010);
    CHECK(find_elf_symbol(file, "star").error() == Error::not_found);
    CHECK(find_elf_symbol(file, "starts").error() == Error::not_found);
    CHECK(find_elf_symbol(file, "absent").error() == Error::not_found);  // undefined
    CHECK(find_elf_symbol(file, "").error() == Error::invalid_argument);
    file.set(40, UINT64_MAX - 100);
    CHECK(find_elf_symbol(file, "start").error() == Error::corrupt);
}

TEST_CASE("elf: every flipped bit of the headers is refused or harmless") {
    Writer good = with_symbols();
    Guarded memory(good.size());
    for (size_t bit = 0; bit < (64 + 3 * 56) * 8; ++bit) {
        auto bytes = good.bytes;
        bytes[bit / 8] ^= std::byte(1u << bit % 8);
        auto file = memory.place(bytes);
        auto elf = parse_elf(file, user_rules);
        if (elf.ok()) check_promises(elf.value(), file);
        if (bit < 7 * 8 || (bit >= 16 * 8 && bit < 24 * 8)) REQUIRE_FALSE(elf.ok());
    }
}

TEST_CASE("elf: 100,000 damaged files") {
    Writer good = with_symbols();
    Guarded memory(good.size());
    std::mt19937 random(20090101);
    uint32_t accepted = 0;
    for (int i = 0; i < 100'000; ++i) {
        auto bytes = good.bytes;
        // Half of the damage goes to the headers, half anywhere, symbols included.
        damage(bytes, i % 2 ? 64 + 3 * 56 : bytes.size(), random);
        auto file = memory.place(bytes);
        auto elf = parse_elf(file, user_rules);
        static_cast<void>(find_elf_symbol(file, "start").ok());
        if (!elf.ok()) continue;
        check_promises(elf.value(), file);
        ++accepted;
    }
    CHECK(accepted > 1000);  // the damage is not so heavy that nothing but the magic is tried
}

TEST_CASE("elf: a static program of the host's compiler") {
    ScratchFolder scratch;
    scratch.write("p.cpp",
                  "thread_local int t = 3; int z[5000]; int d = 4;\n"
                  "extern \"C\" void _start() { z[1] = t + d; for (;;) {} }\n");
    std::string program = scratch.path("p");
    REQUIRE(run("g++ -x c++ -O1 -static -no-pie -nostdlib -ffreestanding -fno-pie -o '" + program + "' '" +
                scratch.path("p.cpp") + "'") == 0);
    auto bytes = read_file(program);
    ElfRules rules = user_rules;
    rules.machine = host_machine();
    ElfProblem problem;
    auto elf = parse_elf(bytes, rules, &problem);
    INFO(text(problem));
    REQUIRE(elf.ok());
    check_promises(elf.value(), bytes);
    REQUIRE(elf->tls.has_value());
    CHECK(elf->tls->contents.size() == 4);
    auto start = find_elf_symbol(bytes, "_start");
    REQUIRE(start.ok());
    CHECK(*start == elf->entry);
    auto data = find_elf_symbol(bytes, "d");
    REQUIRE(data.ok());
    bool found = false;
    for (const ElfSegment& segment : elf->segments) {
        if (!segment.contains(*data)) continue;
        found = true;
        CHECK(segment.writable);
        CHECK(segment.contents[*data - segment.address] == std::byte{4});
    }
    CHECK(found);
}
