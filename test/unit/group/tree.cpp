#include "urpc/group/tree.hpp"

#include <catch2/catch.hpp>

#include <initializer_list>
#include <vector>

using namespace skerry::urpc::group;
using skerry::base::Error;

namespace {

Plan plan_of(uint32_t members, std::initializer_list<std::pair<int, int>> edges, uint16_t root = 0) {
    Plan plan;
    plan.members = members;
    plan.root = Member{root};
    for (auto [member, parent] : edges) {
        Member child{static_cast<uint16_t>(member)}, above{static_cast<uint16_t>(parent)};
        REQUIRE(plan.edges.add({child, above, above, above}));
    }
    return plan;
}
std::vector<int> numbers(std::span<const Member> members) {
    std::vector<int> found;
    for (Member member : members) found.push_back(member.value);
    return found;
}

}  // namespace

TEST_CASE("A tree keeps parents, and children in sending order") {
    Tree tree = Tree::from(plan_of(5, {{2, 0}, {3, 2}, {1, 0}, {4, 2}})).value();
    CHECK(tree.size() == 5);
    CHECK(tree.depth() == 2);
    CHECK(numbers(tree.children(Member{0})) == std::vector{2, 1});
    CHECK(numbers(tree.children(Member{2})) == std::vector{3, 4});
    CHECK(tree.children(Member{4}).empty());
    CHECK(tree.parent(Member{3}) == Member{2});
    CHECK(tree.parent(Member{0}) == Member{0});
}

TEST_CASE("A group of one is a tree, and any member may be the root") {
    CHECK(Tree::from(plan_of(1, {})).ok());
    Tree tree = Tree::from(plan_of(2, {{0, 1}}, 1)).value();
    CHECK(tree.root() == Member{1});
    CHECK(numbers(tree.children(Member{1})) == std::vector{0});
}

TEST_CASE("What is no tree is refused") {
    CHECK(Tree::from(plan_of(0, {})).error() == Error::out_of_range);
    CHECK(Tree::from(plan_of(257, {})).error() == Error::out_of_range);
    CHECK(Tree::from(plan_of(2, {{1, 0}}, 2)).error() == Error::out_of_range);
    CHECK(Tree::from(plan_of(2, {{7, 0}})).error() == Error::out_of_range);
    CHECK(Tree::from(plan_of(2, {{1, 7}})).error() == Error::out_of_range);
    CHECK(Tree::from(plan_of(3, {{1, 0}})).error() == Error::corrupt);          // one is missing
    CHECK(Tree::from(plan_of(3, {{1, 0}, {1, 0}})).error() == Error::corrupt);  // one is there twice
    CHECK(Tree::from(plan_of(3, {{1, 0}, {0, 1}})).error() == Error::corrupt);  // the root under another
    CHECK(Tree::from(plan_of(3, {{1, 2}, {2, 1}})).error() == Error::corrupt);  // a cycle
    CHECK(Tree::from(plan_of(3, {{1, 1}, {2, 0}})).error() == Error::corrupt);  // its own parent
    CHECK(Tree::from(plan_of(3, {{2, 1}, {1, 0}})).error() == Error::corrupt);  // child before parent
    Plan misplaced = plan_of(2, {{1, 0}});
    misplaced.edges[0].up_at = Member{2};
    CHECK(Tree::from(misplaced).error() == Error::out_of_range);
    Plan means = plan_of(2, {{1, 0}});
    means.means = Means::count_;
    CHECK(Tree::from(means).error() == Error::out_of_range);
}

TEST_CASE("The largest group is a chain as well as a star") {
    Plan chain, star;
    chain.members = star.members = most_members;
    for (uint16_t i = 1; i < most_members; ++i) {
        Member before{static_cast<uint16_t>(i - 1)};
        REQUIRE(chain.edges.add({Member{i}, before, before, before}));
        REQUIRE(star.edges.add({Member{i}, Member{0}, Member{0}, Member{0}}));
    }
    CHECK(Tree::from(chain).value().depth() == most_members - 1);
    CHECK(Tree::from(star).value().children(Member{0}).size() == most_members - 1);
}

TEST_CASE("An edge crosses as one word") {
    Edge edge{Member{1}, Member{255}, Member{3}, Member{40000}};
    Edge back = Edge::from_word(edge.word());
    CHECK(back.member == edge.member);
    CHECK(back.parent == edge.parent);
    CHECK(back.down_at == edge.down_at);
    CHECK(back.up_at == edge.up_at);
}
