#include <catch2/catch.hpp>
#include <cstring>

#include "fixture.hpp"
#include "usr/runtime/lazy_regions.hpp"

using namespace skerry;
using namespace skerry::test;
namespace map_flags = capabilities::map_flags;
constexpr uint64_t read_write = map_flags::read | map_flags::write;

TEST_CASE("a frame is mapped across leaf tables, used, protected and unmapped", "[runtime]") {
    Fixture f;
    auto frame = f.pool.make_frame(16 * 4096);
    uint64_t address = Fixture::free_base + 2 * 1024 * 1024 - 8 * 4096;  // half in one table, half in the next
    REQUIRE(f.space.map(address, frame->cap, 0, 16 * 4096, read_write).ok());
    std::memset(reinterpret_cast<void*>(address), 0x5a, 16 * 4096);
    REQUIRE(f.kernel.memory(frame->piece.base)[16 * 4096 - 1] == std::byte{0x5a});

    REQUIRE(f.space.protect(address, 16 * 4096, map_flags::read).ok());
    REQUIRE(f.kernel.lookup(f.kernel.own_vspace(), address + 15 * 4096)->flags == map_flags::read);
    REQUIRE(f.space.unmap(address, 8 * 4096).ok());  // a whole piece
    REQUIRE(!f.kernel.lookup(f.kernel.own_vspace(), address));
    REQUIRE(f.space.unmap(address, 16 * 4096).error() == Error::not_found);
    REQUIRE(f.space.unmap(address + 8 * 4096, 4096).error() == Error::not_found);  // part of a piece
    REQUIRE(f.space.unmap(address + 8 * 4096, 8 * 4096).ok());
}

TEST_CASE("mapping checks before it acts", "[runtime]") {
    Fixture f;
    auto frame = f.pool.make_frame(4 * 4096);
    REQUIRE(f.space.map(Fixture::free_base, frame->cap, 0, 4 * 4096, read_write).ok());
    REQUIRE(f.space.map(Fixture::free_base + 4096, frame->cap, 0, 4096, read_write).error() == Error::overlaps);
    REQUIRE(f.space.map(Fixture::free_base + 1, frame->cap, 0, 4096, read_write).error() == Error::misaligned);
    REQUIRE(f.space.map(uint64_t{1} << 47, frame->cap, 0, 4096, read_write).error() == Error::out_of_range);
    auto next = f.space.find_free(4096, 65536);
    REQUIRE(next.ok());
    REQUIRE(next.value() == Fixture::free_base + 65536);
    REQUIRE(f.space.reserve(*next, 4096).ok());
    REQUIRE(f.space.find_free(4096, 65536).value() == Fixture::free_base + 2 * 65536);
    REQUIRE(f.space.find_free(uint64_t{1} << 40, 4096).error() == Error::no_memory);
}

TEST_CASE("a mapping that fails half way is undone", "[runtime]") {
    Fixture f;
    auto frame = f.pool.make_frame(16 * 4096);
    uint64_t address = Fixture::free_base + 2 * 1024 * 1024 - 8 * 4096;
    uint64_t failures = 0;
    for (;; ++failures) {
        f.kernel.fail_after(failures);
        auto mapped = f.space.map(address, frame->cap, 0, 16 * 4096, read_write);
        if (mapped.ok()) break;
        REQUIRE(!f.kernel.lookup(f.kernel.own_vspace(), address));
        REQUIRE(!f.kernel.lookup(f.kernel.own_vspace(), address + 15 * 4096));
        for (const auto& piece : f.pieces) REQUIRE(piece.bytes == 0);
    }
    REQUIRE(failures > 3);
}

TEST_CASE("records are bounded: the tables run out with an error", "[runtime]") {
    Fixture f;
    auto frame = f.pool.make_frame(4096);
    uint64_t step = uint64_t{2} << 20;
    Error last = Error::none;
    for (uint64_t i = 0; i < 20 && last == Error::none; ++i) {
        last = f.space.map(Fixture::free_base + i * step, frame->cap, 0, 4096, read_write).error();
    }
    REQUIRE(last == Error::no_memory);
}

TEST_CASE("a lazy region is filled chunk by chunk, once each", "[runtime]") {
    Fixture f;
    runtime::LazyRegions lazy(f.space, f.pool);
    REQUIRE(lazy.add(Fixture::free_base, 1024 * 1024).ok());
    uint64_t address = Fixture::free_base + 3 * 65536 + 17;
    REQUIRE(lazy.repair(address, 2).ok());
    *reinterpret_cast<char*>(address) = 1;
    REQUIRE(lazy.repair(address, 2).error() == Error::no_right);  // mapped: something else is wrong
    REQUIRE(lazy.repair(Fixture::free_base, 4).error() == Error::no_right);
    REQUIRE(lazy.repair(Fixture::free_base + 1024 * 1024, 1).error() == Error::not_found);
    f.ram.limit = 0;
    Error last = Error::none;
    for (uint64_t i = 4; i < 16 && last == Error::none; ++i)
        last = lazy.repair(Fixture::free_base + i * 65536, 1).error();
    REQUIRE(last == Error::no_memory);
}
