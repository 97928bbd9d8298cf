// Who sends to whom, worked out here a second time, from the words of the paper.
#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>

#include "test/unit/group/world.hpp"

using namespace skerry::urpc::group;
using namespace skerry::urpc::group::test;
using skerry::base::Error;

namespace {

struct Shape {
    uint32_t packages, each;
};
constexpr Shape shapes[] = {{2, 1}, {2, 2}, {4, 2}, {4, 4}};

using Sends = std::vector<std::pair<int, int>>;  // from, to; in each sender's order

// Recorded from a run: whose rings have how many lines after one operation.
Sends recorded(const Plan& plan) {
    World world(plan);
    REQUIRE(world.root().begin({}).ok());
    world.settle();
    REQUIRE(world.root_work().answers.size() == 1);
    CHECK(world.root_work().answers[0][0] == plan.members);  // everybody did it, once
    Sends sends;
    for (uint16_t i = 0; i < plan.members; ++i) {
        size_t index = 0;
        for (Member child : world.tree.children(Member{i})) {
            CHECK(world.group(i).lines_to(index++) == 1);
            sends.emplace_back(i, child.value);
        }
        bool shared = plan.means == Means::shared_line && index > 0;
        CHECK(world.group(i).lines_sent() == (shared ? 1 : index) + (Member{i} == plan.root ? 0 : 1));
    }
    return sends;
}

std::multiset<std::pair<int, int>> unordered(const Sends& sends) {
    return {sends.begin(), sends.end()};
}

// From the root at member 0 of the first package.
std::multiset<std::pair<int, int>> expected(std::string_view variant, Shape shape) {
    std::multiset<std::pair<int, int>> sends;
    int cores = static_cast<int>(shape.packages * shape.each), each = static_cast<int>(shape.each);
    for (int core = 1; core < cores; ++core) {
        bool flat = variant == "broadcast" || variant == "unicast";
        int head = core / each * each;
        sends.emplace(flat || core == head ? 0 : head, core);
    }
    return sends;
}

}  // namespace

TEST_CASE("Each variant sends what the paper says, at every count") {
    for (Shape shape : shapes) {
        Machine machine(shape.packages, shape.each);
        for (std::string_view name : {"broadcast", "unicast", "multicast", "numa_multicast"}) {
            INFO(std::string(name) << " on " << shape.packages << " x " << shape.each);
            CHECK(unordered(recorded(machine.plan(name))) == expected(name, shape));
        }
    }
}

TEST_CASE("Variants differ where they should") {
    for (Shape shape : shapes) {
        Machine machine(shape.packages, shape.each);
        uint32_t cores = shape.packages * shape.each;
        auto plan = [&](std::string_view name) { return machine.plan(name); };
        // Broadcast writes one line where unicast writes one a member.
        CHECK(plan("broadcast").means == Means::shared_line);
        World shared(plan("broadcast")), private_lines(plan("unicast"));
        for (World* world : {&shared, &private_lines}) {
            REQUIRE(world->root().begin({}).ok());
            world->settle();
        }
        CHECK(shared.root().lines_sent() == 1);
        CHECK(private_lines.root().lines_sent() == cores - 1);
        // A package of one core has nobody to pass it on to: then multicast is unicast.
        bool same = recorded(plan("multicast")) == recorded(plan("unicast"));
        CHECK(same == (shape.each == 1));
        // With three or more packages the farthest comes first.
        bool order = recorded(plan("numa_multicast")) != recorded(plan("multicast"));
        CHECK(order == (shape.packages > 2));
    }
}

TEST_CASE("NUMA multicast: farthest first, rings at the aggregating member's node") {
    Machine machine(4, 4);
    Plan plan = machine.plan("numa_multicast");
    std::vector<int> order;
    Tree tree = Tree::from(plan).value();
    for (Member child : tree.children(Member{0})) order.push_back(child.value);
    CHECK(order == std::vector{12, 8, 4, 1, 2, 3});
    for (const Edge& edge : plan.edges) {
        Member aggregates = edge.member.value % 4 == 0 ? edge.member : edge.parent;
        CHECK(edge.down_at == aggregates);
        CHECK(edge.up_at == aggregates);
    }
    for (const Edge& edge : machine.plan("multicast").edges)
        CHECK((edge.down_at == Member{0} && edge.up_at == Member{0}));
}

TEST_CASE("Any member may initiate, and serves its own package itself") {
    Machine machine(4, 4);
    Tree tree = Tree::from(machine.plan("multicast", 6)).value();
    std::vector<int> order;
    for (Member child : tree.children(Member{6})) order.push_back(child.value);
    CHECK(order == std::vector{0, 8, 12, 4, 5, 7});
    for (const Variant& variant : variants()) {
        for (uint16_t root = 0; root < 16; ++root) {
            World world(machine.plan(variant.name, root));
            REQUIRE(world.root().begin({}).ok());
            world.settle();
            REQUIRE(world.root_work().answers.size() == 1);
            CHECK(world.root_work().answers[0][0] == 16);
        }
    }
}

TEST_CASE("Without distances, without packages: still trees") {
    std::vector<Place> places(9);
    for (const Variant& variant : variants()) {
        Plan plan = variant.plan({places, Member{4}, {}, 0}).value();
        CHECK(Tree::from(plan).ok());
        CHECK(recorded(plan).size() == 8);
    }
    // Nodes that the table does not know.
    Machine machine(4, 1);
    machine.nodes = 2;
    CHECK(Tree::from(machine.plan("numa_multicast")).ok());
}

TEST_CASE("The tree variant bounds everybody's children") {
    for (Shape shape : {Shape{1, 256}, Shape{64, 4}, Shape{256, 1}, Shape{3, 11}}) {
        Machine machine(shape.packages, shape.each);
        Tree tree = Tree::from(machine.plan("tree")).value();
        for (uint16_t i = 0; i < tree.size(); ++i) CHECK(tree.children(Member{i}).size() <= 16);
        CHECK(tree.depth() <= 6);
    }
}

TEST_CASE("No members, too many, no such root, no such variant") {
    std::vector<Place> none, many(most_members + 1), two(2);
    for (const Variant& variant : variants()) {
        CHECK(variant.plan({none, Member{0}, {}, 0}).error() == Error::out_of_range);
        CHECK(variant.plan({many, Member{0}, {}, 0}).error() == Error::out_of_range);
        CHECK(variant.plan({two, Member{2}, {}, 0}).error() == Error::out_of_range);
        CHECK(find_variant(variant.name) == &variant);
    }
    CHECK(find_variant("multi") == nullptr);
    CHECK(find_variant("") == nullptr);
}
