// The boot archive: written by hand here and by tools/archive.py, read by platforms/image.
#include "platforms/image/archive.hpp"

#include <catch2/catch.hpp>

#include "platforms/image/crc32.hpp"
#include "test/unit/image/host.hpp"
#include "test/unit/image/hostile.hpp"

namespace {

using namespace skerry::image;
using namespace skerry::test;
using skerry::base::Error;

struct Item {
    std::string name;
    std::vector<std::byte> contents;
};

std::vector<std::byte> bytes_of(std::string_view text) {
    auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

void seal(Writer& archive) {  // makes the table's checksum right again
    uint32_t count;
    std::memcpy(&count, archive.bytes.data() + 16, sizeof(count));
    size_t end = std::min<size_t>(archive.size(), 64 + size_t{count % 1024} * 64);
    archive.set(12, crc32(std::span(archive.bytes).subspan(16, end - 16)));
}

Writer build(const std::vector<Item>& items) {
    Writer out;
    out.text("SKERRYAR").put(archive_version).put(0u).put(static_cast<uint32_t>(items.size())).put(uint64_t{0});
    out.fill_to(64);
    uint64_t offset = (64 + items.size() * 64 + 4095) / 4096 * 4096;
    for (const Item& item : items) {
        out.text(item.name, 32).put(offset).put(uint64_t{item.contents.size()}).put(crc32(item.contents));
        out.align(64);
        offset += (item.contents.size() + 4095) / 4096 * 4096;
    }
    for (const Item& item : items) out.align(4096).append(item.contents);
    out.align(4096);
    out.set(20, uint64_t{out.size()});
    seal(out);
    return out;
}

Writer good() {
    return build({{"init", bytes_of("first")},
                  {"kernel", std::vector(5000, std::byte{7})},
                  {"shell", {}},
                  {"void", bytes_of("last")}});
}

ArchiveProblem problem_of(std::span<const std::byte> data) {
    ArchiveProblem problem = ArchiveProblem::none;
    auto archive = Archive::open(data, &problem);
    REQUIRE(archive.ok() == (problem == ArchiveProblem::none));
    if (!archive.ok()) REQUIRE(archive.error() == error(problem));
    return problem;
}

template <typename N>
ArchiveProblem sealed_with(size_t at, N value) {
    Writer archive = good();
    archive.set(at, value);
    seal(archive);
    return problem_of(archive);
}

constexpr size_t entry_0 = 64, entry_1 = 128;

}  // namespace

TEST_CASE("crc32: the usual check value, whole and in parts") {
    auto digits = bytes_of("123456789");
    CHECK(crc32(digits) == 0xcbf43926);
    CHECK(crc32(std::span(digits).subspan(4), crc32(std::span(digits).first(4))) == 0xcbf43926);
    CHECK(crc32({}) == 0);
}

TEST_CASE("archive: find, entry, verify") {
    Writer data = good();
    auto archive = Archive::open(data);
    REQUIRE(archive.ok());
    CHECK(archive->count() == 4);
    CHECK(archive->size() == data.size());
    for (std::string_view name : {"init", "kernel", "shell", "void"}) {
        auto entry = archive->find(name);
        REQUIRE(entry.ok());
        CHECK(entry->name == name);
        CHECK(entry->offset % 4096 == 0);
        CHECK(entry->contents.data() == data.bytes.data() + entry->offset);
        CHECK(verify(*entry).ok());
    }
    CHECK(archive->find("init")->contents.size() == 5);
    CHECK(archive->entry(2)->name == "shell");
    CHECK(archive->entry(4).error() == Error::out_of_range);
    for (std::string_view name : {"", "ini", "inits", "zzz", "a"})
        CHECK(archive->find(name).error() == Error::not_found);
}

TEST_CASE("archive: an empty one, and one with bytes behind its end") {
    Writer empty = build({});
    REQUIRE(Archive::open(empty).ok());
    CHECK(Archive::open(empty)->find("init").error() == Error::not_found);
    Writer longer = good();
    size_t size = longer.size();
    longer.fill_to(size + 100);
    REQUIRE(Archive::open(longer).ok());
    CHECK(Archive::open(longer)->size() == size);
}

TEST_CASE("archive: damaged contents are found by verify, and only there") {
    Writer data = good();
    size_t kernel = Archive::open(data)->find("kernel")->offset;
    data.bytes[kernel + 4999] ^= std::byte{1};
    auto archive = Archive::open(data);
    REQUIRE(archive.ok());
    CHECK(verify(archive->find("kernel").value()).error() == Error::corrupt);
    CHECK(verify(archive->find("init").value()).ok());
}

TEST_CASE("archive: every flipped bit of the table is found") {
    Writer data = good();
    for (size_t bit = 0; bit < (64 + 4 * 64) * 8; ++bit) {
        auto bytes = data.bytes;
        bytes[bit / 8] ^= std::byte(1u << bit % 8);
        ArchiveProblem problem = problem_of(bytes);
        REQUIRE(problem != ArchiveProblem::none);
        if (bit / 8 < 8) REQUIRE(problem == ArchiveProblem::not_archive);
        if (bit / 8 >= 8 && bit / 8 < 12) REQUIRE(problem == ArchiveProblem::wrong_version);
        if (bit / 8 >= 20 || (bit / 8 >= 12 && bit / 8 < 16)) REQUIRE(problem == ArchiveProblem::table_checksum);
    }
}

TEST_CASE("archive: truncated at every length") {
    Writer data = good();
    Guarded memory(data.size());
    for (size_t length = 0; length < data.size(); ++length) {
        ArchiveProblem problem = ArchiveProblem::none;
        auto archive = Archive::open(memory.place(std::span(data.bytes).first(length)), &problem);
        REQUIRE_FALSE(archive.ok());
        REQUIRE(problem == ArchiveProblem::truncated);
    }
}

TEST_CASE("archive: tables that break the format under a right checksum") {
    CHECK(sealed_with(entry_0 + 32, uint64_t{100}) == ArchiveProblem::bad_table);      // offset not at a page
    CHECK(sealed_with(entry_0 + 32, uint64_t{0}) == ArchiveProblem::bad_table);        // in the table
    CHECK(sealed_with(entry_0 + 40, UINT64_MAX) == ArchiveProblem::bad_table);         // size
    CHECK(sealed_with(entry_0 + 40, uint64_t{4097}) == ArchiveProblem::bad_table);     // into its neighbour
    CHECK(sealed_with(entry_1 + 32, UINT64_MAX - 4095) == ArchiveProblem::bad_table);  // offset
    CHECK(sealed_with(entry_0, uint8_t{'z'}) == ArchiveProblem::bad_table);            // names out of order
    CHECK(sealed_with(entry_0, uint8_t{0}) == ArchiveProblem::bad_table);              // no name
    CHECK(sealed_with(20, uint64_t{64}) == ArchiveProblem::bad_table);                 // total size
    CHECK(sealed_with(20, uint64_t{1} << 40) == ArchiveProblem::truncated);
    Writer endless = good();
    std::memset(endless.bytes.data() + entry_0, 'x', 32);  // no NUL
    seal(endless);
    CHECK(problem_of(endless) == ArchiveProblem::bad_table);
}

TEST_CASE("archive: 100,000 damaged archives") {
    Writer data = build({{"init", bytes_of("first")}, {"shell", bytes_of("second")}});
    Guarded memory(data.size());
    std::mt19937 random(2);
    uint32_t opened = 0;
    for (int i = 0; i < 100'000; ++i) {
        Writer damaged = data;
        damage(damaged.bytes, 64 + 2 * 64, random);
        if (i % 4 != 0 && damaged.size() >= 20) seal(damaged);
        auto bytes = memory.place(damaged);
        auto archive = Archive::open(bytes);
        if (!archive.ok()) continue;
        ++opened;
        for (uint32_t e = 0; e < archive->count(); ++e) {
            auto entry = archive->entry(e);
            REQUIRE(entry.ok());
            REQUIRE(archive->find(entry->name).ok());
            REQUIRE(entry->contents.data() + entry->contents.size() <= bytes.data() + bytes.size());
            static_cast<void>(verify(*entry).ok());
        }
    }
    CHECK(opened > 1000);
}

TEST_CASE("archive: what tools/archive.py writes can be read, and is the same every time") {
    std::string tool = source_file("tools/archive.py");
    REQUIRE_FALSE(tool.empty());
    ScratchFolder scratch;
    scratch.write("one", std::string(4096, 'a'));
    scratch.write("two", "hello");
    scratch.write("none", "");
    auto pack = [&](const std::string& out, const std::string& arguments) {
        return run("cd '" + scratch.path("") + "' && python3 '" + tool + "' " + out + " " + arguments + " 2>message");
    };
    REQUIRE(pack("out", "shell=two init=one empty=none") == 0);
    REQUIRE(pack("again", "empty=none init=one shell=two") == 0);
    auto data = read_file(scratch.path("out"));
    CHECK(data == read_file(scratch.path("again")));
    auto archive = Archive::open(data);
    REQUIRE(archive.ok());
    CHECK(archive->size() == data.size());
    CHECK(archive->count() == 3);
    for (uint32_t i = 0; i < 3; ++i) CHECK(verify(archive->entry(i).value()).ok());
    CHECK(archive->find("init")->contents.size() == 4096);
    CHECK(archive->find("shell")->contents[4] == std::byte{'o'});
    CHECK(archive->find("empty")->contents.empty());
    // The format is one: by hand and by tool the same bytes.
    Writer by_hand = build({{"empty", {}}, {"init", read_file(scratch.path("one"))}, {"shell", bytes_of("hello")}});
    CHECK(by_hand.bytes == data);
    for (const char* wrong :
         {"a=missing", "two", "=two", "a=", "a=one a=two", "a234567890123456789012345678901x=one"}) {
        CHECK(pack("wrong", wrong) != 0);
        auto message = read_file(scratch.path("message"));
        CHECK(std::count(message.begin(), message.end(), std::byte{'\n'}) == 1);
        CHECK(read_file(scratch.path("wrong")).empty());
    }
}
