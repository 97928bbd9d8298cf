// Trees that orders go along: what is one, what is left of it over fewer cores, and rounds along it.
#include "monitor/agreement/order_tree.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "test/unit/agreement/network.hpp"

using namespace skerry;
using namespace skerry::test::agreement;
using monitor::agreement::Branch;

namespace {

using Bytes = std::vector<uint8_t>;

bool is_tree(const Bytes& bytes) {
    return OrderTree::of(bytes).ok();
}

CoreSet set_of(std::initializer_list<uint32_t> cores) {
    CoreSet set;
    for (uint32_t core : cores) set.add(CoreId{core});
    return set;
}

Bytes over(const Bytes& bytes, const CoreSet& members) {
    Bytes out(2 * members.size());
    return OrderTree::of(bytes).value().over(members, out) ? out : Bytes{};
}

// A random tree over all cores but the root in which nobody passes an order on to a lesser core.
Bytes random_tree(std::mt19937_64& random, uint32_t cores, uint32_t root) {
    std::vector<std::vector<uint32_t>> children(cores);
    std::vector<uint32_t> above{root};
    for (uint32_t core = 0; core < cores; ++core) {
        if (core == root) continue;
        children[above[random() % above.size()]].push_back(core);
        above.push_back(core);
    }
    Bytes bytes;
    auto write = [&](auto&& self, uint32_t core) -> void {
        std::shuffle(children[core].begin(), children[core].end(), random);
        for (uint32_t child : children[core]) {
            size_t at = bytes.size();
            bytes.insert(bytes.end(), {static_cast<uint8_t>(child), 0});
            self(self, child);
            bytes[at + 1] = static_cast<uint8_t>((bytes.size() - at) / 2 - 1);
        }
    };
    write(write, root);
    return bytes;
}

}  // namespace

TEST_CASE("what is no tree is refused", "[agreement]") {
    CHECK(is_tree({}));
    CHECK(is_tree({5, 2, 6, 0, 7, 0, 1, 0}));
    CHECK(is_tree({1, 2, 4, 1, 9, 0}));
    CHECK_FALSE(is_tree({5}));
    CHECK_FALSE(is_tree({5, 1}));                    // less than it says
    CHECK_FALSE(is_tree({1, 1, 4, 1, 9, 0}));        // more below a core than below the one above it
    CHECK_FALSE(is_tree({1, 1, 4, 0, 1, 0}));        // twice
    CHECK_FALSE(is_tree({5, 1, 4, 0}));              // down to a lesser core
    CHECK_FALSE(is_tree({1, 2, 4, 0, 3, 1, 2, 0}));  // the part of 1 ends within that of 3
    Bytes chain, star;
    for (uint32_t i = 0; i < OrderTree::most; ++i) {
        chain.insert(chain.end(), {static_cast<uint8_t>(i), static_cast<uint8_t>(OrderTree::most - 1 - i)});
        star.insert(star.end(), {static_cast<uint8_t>(OrderTree::most - 1 - i), 0});
    }
    CHECK(is_tree(chain));
    CHECK(is_tree(star));
    star.insert(star.end(), {255, 0});
    CHECK_FALSE(is_tree(star));  // more than a root can have
}

TEST_CASE("a core that is left out leaves its place to those below it", "[agreement]") {
    Bytes tree{5, 3, 6, 1, 8, 0, 7, 0, 1, 0};
    CHECK(over(tree, set_of({1, 5, 6, 7, 8})) == tree);
    CHECK(over(tree, set_of({1, 6, 7, 8})) == Bytes{6, 1, 8, 0, 7, 0, 1, 0});
    CHECK(over(tree, set_of({5, 7, 8})) == Bytes{5, 2, 8, 0, 7, 0});
    CHECK(over(tree, set_of({1})) == Bytes{1, 0});
    CHECK(over(tree, set_of({1, 9})).empty());  // 9 is not in it
}

TEST_CASE("a round goes along its tree, and asks each member once", "[agreement]") {
    Bytes bytes{5, 2, 6, 0, 7, 0, 1, 0, 2, 1, 3, 0};
    OrderTree tree = OrderTree::of(bytes).value();
    Round round(set_of({1, 2, 3, 5, 6, 7}), tree, 2);
    Branch branch;
    REQUIRE(round.next(branch));
    CHECK(branch.child == CoreId{5});
    CHECK(branch.below == set_of({6, 7}));
    CHECK(tree.part(branch.first, branch.count).bytes().size() == 4);
    CHECK(tree.part(branch.first, branch.count).core(0) == CoreId{6});
    REQUIRE(round.next(branch));
    CHECK((branch.child == CoreId{1} && branch.below.empty() && branch.count == 0));
    CHECK_FALSE(round.next(branch));  // two at a time
    CHECK(round.answered(CoreId{1}, {}));
    REQUIRE(round.next(branch));
    CHECK((branch.child == CoreId{2} && branch.below == set_of({3})));
    // Who passes it on is lost: those below are asked by us, as without a tree.
    round.lost(CoreId{5});
    REQUIRE(round.next(branch));
    CHECK((branch.child == CoreId{6} && branch.below == set_of({7}) && branch.count == 0));
}

TEST_CASE("who is lost before it is asked is passed over, and those below it are not forgotten", "[agreement]") {
    Bytes bytes{1, 2, 2, 0, 3, 0, 4, 0};
    Round round(set_of({1, 2, 3, 4}), OrderTree::of(bytes).value(), 8);
    round.lost(CoreId{1});
    CoreSet asked;
    for (Branch branch; round.next(branch);) {
        asked.add(branch.child);
        asked.add(branch.below);
    }
    CHECK(asked == set_of({2, 3, 4}));
}

TEST_CASE("every order of messages and losses at 3 cores, along trees", "[agreement]") {
    uint64_t total = 0;
    for (bool second : {false, true}) {
        for (uint32_t width : {1u, 2u}) {
            for (uint32_t losses = 0; losses <= 2; ++losses) {
                Plan plan{3, width, losses, {{0, false}, {1, second}}, {}};
                plan.trees = {{1, 1, 2, 0}, {0, 1, 2, 0}};  // each root's orders along a chain
                uint64_t states = 0;
                INFO("width " << width << ", " << losses << " losses, second in two phases " << second);
                CHECK(explore(plan, states) == "");
                total += states;
            }
        }
    }
    CHECK(total > 1'000);
}

TEST_CASE("4 to 8 cores with up to three losses along trees, from seeds", "[agreement]") {
    std::mt19937_64 random(7);
    for (uint32_t cores = 4; cores <= 8; ++cores) {
        for (uint32_t turn = 0; turn < 8; ++turn) {
            Plan plan{cores, turn % 2 == 0 ? 8u : 2u, turn % 4, {{0, true}, {cores - 1, true}, {1, false}}, {}};
            for (uint32_t root = 0; root < cores; ++root) plan.trees.push_back(random_tree(random, cores, root));
            if (turn == 2) plan.refusing.add(CoreId{2});
            INFO(cores << " cores, turn " << turn);
            CHECK(run_seeds(plan, 1, 40) == "");
        }
    }
}
