#include "urpc/group/rows.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace skerry;
using urpc::group::Member;
using urpc::group::TreeRow;

namespace {

struct Case {
    std::vector<base::CoreId> members;
    Member root{};
    std::string reason;

    explicit Case(std::initializer_list<uint32_t> cores) {
        for (uint32_t core : cores) members.push_back(base::CoreId{core});
    }
    // "parent>child" by core, in the plan's order; empty if it was refused, for `reason`.
    std::string plan(std::vector<TreeRow> rows, uint32_t most = 16) {
        base::Buffer<96> why;
        auto made = urpc::group::plan_of(rows, members, root, most, why);
        reason = why.view();
        std::string edges;
        if (!made.ok()) return edges;
        CHECK(urpc::group::Tree::from(*made).ok());
        for (const auto& edge : made->edges) {
            CHECK(edge.down_at == edge.member);
            edges += (edges.empty() ? "" : " ") + std::to_string(members[edge.parent.value].value) + ">" +
                     std::to_string(members[edge.member.value].value);
        }
        return edges.empty() ? "alone" : edges;
    }
};

}  // namespace

TEST_CASE("rows of a tree become a plan, parents first, children in their turn", "[group]") {
    Case four({0, 1, 2, 3});
    CHECK(four.plan({{0, 1, 1}, {0, 3, 0}, {3, 2, 0}}) == "0>3 0>1 3>2");
    CHECK(four.plan({{1, 2, 5}, {1, 3, 4}, {0, 1, 7}}) == "0>1 1>3 1>2");
    CHECK(four.reason.empty());
    // Cores have gaps, members have none; the root need not be the first.
    Case gaps({2, 5, 9});
    gaps.root = Member{1};
    CHECK(gaps.plan({{5, 9, 0}, {9, 2, 0}}) == "5>9 9>2");
    CHECK(Case({7}).plan({}) == "alone");
}

TEST_CASE("what is no tree over the members is refused, and why", "[group]") {
    Case four({0, 1, 2, 3});
    auto refused = [&](std::vector<TreeRow> rows, uint32_t most = 16) {
        CHECK(four.plan(std::move(rows), most).empty());
        return four.reason;
    };
    CHECK(refused({}) == "the rules give no tree");
    CHECK(refused({{0, 1, 0}, {0, 2, 1}}) == "the rules' tree lacks core 3");
    CHECK(refused({{0, 1, 0}, {0, 2, 1}, {1, 2, 0}}) == "the rules' tree has core 2 twice");
    CHECK(refused({{0, 1, 0}, {0, 2, 1}, {2, 3, 0}, {3, 0, 0}}) ==
          "the rules' tree has core 0, the root, below another one");
    CHECK(refused({{0, 1, 0}, {0, 2, 1}, {0, 4, 2}}) == "the rules' tree names core 4, which does not take part");
    CHECK(refused({{0, 1, 0}, {0, 2, 1}, {9, 3, 2}}) == "the rules' tree names core 9, which does not take part");
    CHECK(refused({{0, 1, 0}, {2, 3, 0}, {3, 2, 0}}) == "the rules' tree has a cycle");
    CHECK(refused({{0, 1, 0}, {2, 2, 0}, {0, 3, 0}}) == "the rules' tree has a cycle");
    CHECK(refused({{0, 1, 0}, {0, 2, 0}, {0, 3, 0}}, 2) == "in the rules' tree core 0 has more than 2 children");
}

TEST_CASE("the widest machine's chain and star", "[group]") {
    Case all({});
    for (uint32_t i = 0; i < urpc::group::most_members; ++i) all.members.push_back(base::CoreId{i});
    std::vector<TreeRow> chain, star;
    for (uint32_t i = 1; i < urpc::group::most_members; ++i) {
        chain.push_back({i - 1, i, 0});
        star.push_back({0, i, i});
    }
    CHECK(all.plan(chain).ends_with("253>254 254>255"));
    CHECK(all.plan(star, 16).empty());
    CHECK(all.plan(star, 255).ends_with("0>254 0>255"));
}
