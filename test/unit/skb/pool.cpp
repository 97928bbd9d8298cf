#include <catch2/catch.hpp>

#include <cstring>
#include <map>

#include "test/unit/skb/world.hpp"

using namespace skerry::skb;

TEST_CASE("blocks do not overlap, and all memory comes back as one", "[skb]") {
    uint64_t seed = GENERATE(1, 2, 3);
    skerry::test::Numbers numbers{seed};
    std::vector<std::byte> memory(300'000);
    Pool pool(memory);
    void* whole = pool.allocate(128 * 1024);
    REQUIRE(whole != nullptr);
    pool.release(whole, 128 * 1024);
    struct Block {
        size_t size;
        uint8_t mark;
    };
    std::map<uint8_t*, Block> held;
    for (int i = 0; i < 20'000; i++) {
        if (held.empty() || numbers.below(2) != 0) {
            size_t size = 1 + numbers.below(numbers.below(10) == 0 ? 20'000 : 300);
            auto* block = static_cast<uint8_t*>(pool.allocate(size));
            if (block == nullptr) continue;
            REQUIRE(reinterpret_cast<uintptr_t>(block) % 16 == 0);
            auto mark = static_cast<uint8_t>(i);
            std::memset(block, mark, size);
            REQUIRE(held.emplace(block, Block{size, mark}).second);
        } else {
            auto it = std::next(held.begin(), numbers.below(static_cast<uint32_t>(held.size())));
            auto [size, mark] = it->second;
            auto same = [mark = mark](uint8_t byte) { return byte == mark; };
            REQUIRE(std::all_of(it->first, it->first + size, same));
            pool.release(it->first, it->second.size);
            held.erase(it);
        }
    }
    for (auto& [block, what] : held) pool.release(block, what.size);
    CHECK(pool.used() == 0);
    CHECK(pool.allocate(128 * 1024) != nullptr);
}

TEST_CASE("a pool of nothing gives nothing", "[skb]") {
    for (size_t size : {0, 1, 64, 127, 200}) {
        std::vector<std::byte> memory(size);
        Pool pool(memory);
        CHECK(pool.allocate(1000) == nullptr);
    }
    std::vector<std::byte> memory(10'000);
    Pool pool(memory);
    CHECK(pool.allocate(SIZE_MAX) == nullptr);
    CHECK(pool.array<uint64_t>(SIZE_MAX / 4) == nullptr);
}
