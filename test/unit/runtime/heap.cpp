#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <vector>

#include "usr/runtime/heap.hpp"

using skerry::runtime::Heap;

TEST_CASE("the heap survives random use and merges again", "[runtime]") {
    alignas(4096) static std::byte memory[256 * 1024];
    Heap heap(memory);
    std::mt19937 random(7);
    struct Block {
        unsigned char* at;
        size_t bytes;
        unsigned char fill;
    };
    std::vector<Block> blocks;
    for (int i = 0; i < 20000; ++i) {
        if (random() % 2 == 0 && blocks.size() < 200) {
            size_t bytes = random() % 3000, alignment = size_t{1} << (random() % 9);
            auto* at = static_cast<unsigned char*>(heap.allocate(bytes, alignment));
            if (at == nullptr) continue;
            REQUIRE(reinterpret_cast<uintptr_t>(at) % alignment == 0);
            auto fill = static_cast<unsigned char>(random());
            std::memset(at, fill, bytes);
            blocks.push_back({at, bytes, fill});
        } else if (!blocks.empty()) {
            size_t which = random() % blocks.size();
            Block block = blocks[which];
            REQUIRE(std::all_of(block.at, block.at + block.bytes, [&](auto c) { return c == block.fill; }));
            heap.free(block.at);
            blocks[which] = blocks.back();
            blocks.pop_back();
        }
    }
    for (const Block& block : blocks) heap.free(block.at);
    REQUIRE(heap.used() == 0);
    void* all = heap.allocate(sizeof memory - 64);
    REQUIRE(all != nullptr);
    heap.free(all);
}

TEST_CASE("the heap refuses what it cannot do and notices a second free", "[runtime]") {
    alignas(16) std::byte memory[1024];
    Heap heap(memory);
    REQUIRE(heap.allocate(2000) == nullptr);
    REQUIRE(heap.allocate(~size_t{0}) == nullptr);
    REQUIRE(heap.allocate(16, 24) == nullptr);
    void* keep = heap.allocate(0);
    void* twice = heap.allocate(10);
    heap.free(twice);
    REQUIRE_THROWS(heap.free(twice));
    REQUIRE_THROWS(heap.free(&heap));
    heap.free(keep);
    heap.free(nullptr);
}
