#include "platforms/simulated/snapshot.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

using skerry::simulated::Snapshot;

namespace {

constexpr size_t page_bytes = 4096, pages = 8;

struct Memory {
    std::byte* base = static_cast<std::byte*>(
        mmap(nullptr, pages* page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ~Memory() { munmap(base, pages * page_bytes); }
    std::byte& page(size_t number) { return base[number * page_bytes]; }
    std::span<std::byte> range() { return {base, pages * page_bytes}; }
};

}  // namespace

TEST_CASE("A snapshot brings back what was written since, however often") {
    Memory memory;
    memory.page(1) = std::byte{11};
    memory.page(2) = std::byte{22};
    const std::span<std::byte> ranges[] = {memory.range()};
    Snapshot snapshot(ranges);
    for (int round = 0; round < 3; ++round) {
        CHECK(memory.page(1) == std::byte{11});
        CHECK(memory.page(3) == std::byte{0});
        memory.page(1) = std::byte{99};
        memory.base[4 * page_bytes - 1] = std::byte{98};
        snapshot.restore();
        CHECK(memory.page(1) == std::byte{11});
        CHECK(memory.base[4 * page_bytes - 1] == std::byte{0});
        CHECK(memory.page(2) == std::byte{22});
        CHECK(snapshot.written() == 2);
    }
    memory.page(5) = std::byte{1};  // not before the third round
    CHECK(snapshot.written() == 3);
    snapshot.restore();
    CHECK(memory.page(5) == std::byte{0});
}

TEST_CASE("Pages that have been zero all the time are not written when they are cleared") {
    Memory memory;
    memory.page(2) = std::byte{22};
    CHECK(!Snapshot::clear(memory.base, pages * page_bytes));  // no snapshot stands
    CHECK(memory.page(2) == std::byte{22});
    const std::span<std::byte> ranges[] = {memory.range()};
    Snapshot snapshot(ranges);
    memory.page(3) = std::byte{33};
    CHECK(Snapshot::clear(memory.base, pages * page_bytes));
    CHECK(std::all_of(memory.base, memory.base + pages * page_bytes, [](std::byte b) { return b == std::byte{0}; }));
    CHECK(snapshot.written() == 2);
    snapshot.restore();
    CHECK(memory.page(2) == std::byte{22});
    CHECK(memory.page(3) == std::byte{0});
}

TEST_CASE("A fault that is none of a snapshot's ends the process") {
    Memory memory;
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const std::span<std::byte> ranges[] = {memory.range()};
        Snapshot snapshot(ranges);
        auto* nowhere =
            static_cast<volatile char*>(mmap(nullptr, page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        *nowhere = 1;
        _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGSEGV);
}
