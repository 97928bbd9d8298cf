// The buddy allocator against a model that only knows pages.
#include "usr/memory/buddy.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <vector>

using namespace skerry;
using usr::memory::BitTree;
using usr::memory::Block;
using usr::memory::Buddy;

namespace {

struct Fixture {
    std::vector<uint64_t> storage;
    Buddy buddy;
    Fixture(uint64_t base, uint64_t size)
        : storage(Buddy::words_needed(base, size), ~uint64_t{0}), buddy(base, size, storage) {}
};

void random_trace(uint64_t base, uint64_t size, uint32_t seed, int steps, uint32_t order_limit) {
    Fixture f(base, size);
    const std::vector<uint64_t> at_rest = f.storage;
    const uint64_t shape = f.buddy.shape();
    uint64_t largest = f.buddy.largest_free();
    std::mt19937 random(seed);
    std::vector<Block> held;
    std::set<uint64_t> pages;  // granted
    auto give_back = [&](size_t i) {
        for (uint64_t at = held[i].base; at < held[i].base + held[i].size(); at += Buddy::page) pages.erase(at);
        f.buddy.release(held[i]);
        held[i] = held.back();
        held.pop_back();
    };
    for (int step = 0; step < steps; ++step) {
        if (random() % 5 < 3) {
            uint32_t order = random() % order_limit;
            uint64_t could = f.buddy.largest_free();
            auto block = f.buddy.allocate(order);
            REQUIRE(block.ok() == (could >= Buddy::page << order));
            if (!block.ok()) continue;
            REQUIRE(block->order == order);
            REQUIRE(block->base % block->size() == 0);
            REQUIRE(block->base >= base);
            REQUIRE(block->base + block->size() <= base + size);
            for (uint64_t at = block->base; at < block->base + block->size(); at += Buddy::page)
                REQUIRE(pages.insert(at).second);
            held.push_back(*block);
        } else if (!held.empty()) {
            give_back(random() % held.size());
        }
        REQUIRE(f.buddy.free_bytes() == size - pages.size() * Buddy::page);
        REQUIRE((f.buddy.shape() == shape) == pages.empty());
    }
    while (!held.empty()) give_back(random() % held.size());
    CHECK(f.storage == at_rest);
    CHECK(f.buddy.shape() == shape);
    CHECK(f.buddy.free_bytes() == size);
    CHECK(f.buddy.largest_free() == largest);
}

}  // namespace

TEST_CASE("a bit tree finds its least member", "[memory]") {
    for (uint64_t members : {1u, 63u, 64u, 65u, 4096u, 4097u, 300000u}) {
        std::vector<uint64_t> storage(BitTree::words_needed(members));
        BitTree tree(members, storage);
        std::set<uint64_t> model;
        std::mt19937 random(static_cast<uint32_t>(members));
        for (int i = 0; i < 2000; ++i) {
            uint64_t member = random() % members;
            if (tree.has(member)) {
                tree.remove(member);
                model.erase(member);
            } else {
                tree.insert(member);
                model.insert(member);
            }
            REQUIRE(tree.empty() == model.empty());
            REQUIRE(tree.least() == (model.empty() ? BitTree::none : *model.begin()));
            auto beyond = model.upper_bound(member);
            REQUIRE(tree.next(member) == (beyond == model.end() ? BitTree::none : *beyond));
        }
        CHECK_THROWS(tree.insert(members));
    }
}

TEST_CASE("a buddy region of any shape grants, merges and is as before", "[memory]") {
    random_trace(0, uint64_t{1} << 22, 1, 4000, 8);
    random_trace(0x100000, 0x7ee0000, 2, 3000, 11);
    random_trace(0x12345000, 0x3457000, 3, 3000, 9);
    random_trace(0x1000, 0x1000, 4, 50, 2);
    random_trace(0xfffff000, 0x3000, 5, 200, 3);
    random_trace(uint64_t{0x7f} << 32, 0x1ff000, 6, 2000, 10);
}

TEST_CASE("a region is cut into the largest aligned blocks", "[memory]") {
    Fixture f(0x3000, 0x9000);  // 3..12 pages: 1 at 3, 4 at 4, 4 at 8
    CHECK(f.buddy.is_free({0x3000, 0}));
    CHECK(f.buddy.is_free({0x4000, 2}));
    CHECK(f.buddy.is_free({0x8000, 2}));
    CHECK(f.buddy.largest_free() == 0x4000);
    CHECK(f.buddy.allocate(3).error() == base::Error::no_memory);
}

TEST_CASE("orders from sizes and alignments", "[memory]") {
    CHECK(Buddy::order_for(1, 0).value() == 0);
    CHECK(Buddy::order_for(4096, 4096).value() == 0);
    CHECK(Buddy::order_for(4097, 0).value() == 1);
    CHECK(Buddy::order_for(4096, 1 << 21).value() == 9);
    CHECK(Buddy::order_for(uint64_t{1} << 39, 0).value() == 27);
    CHECK(Buddy::order_for(0, 0).error() == base::Error::invalid_argument);
    CHECK(Buddy::order_for(1, 3).error() == base::Error::invalid_argument);
    CHECK(Buddy::order_for((uint64_t{1} << 39) + 1, 0).error() == base::Error::no_memory);
    CHECK(Buddy::order_for(~uint64_t{0}, 0).error() == base::Error::no_memory);
}

TEST_CASE("a block cannot be freed twice or from outside", "[memory]") {
    Fixture f(0x10000, 0x10000);
    auto block = f.buddy.allocate(0);
    REQUIRE(block.ok());
    f.buddy.release(*block);
    CHECK_THROWS(f.buddy.release({0x10000, 4}));
    CHECK_THROWS(f.buddy.release({0x20000, 0}));
    CHECK_THROWS(f.buddy.release({0x10800, 0}));
    CHECK_FALSE(Buddy::acceptable(0x800, 0x1000));
    CHECK_FALSE(Buddy::acceptable(0x1000, 0));
    CHECK_FALSE(Buddy::acceptable(~uint64_t{0xfff}, 0x2000));
}
