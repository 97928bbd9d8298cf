#include "monitor/decisions.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace skerry;
using monitor::TreeRow;
using urpc::group::Member;

TEST_CASE("a plan as orders carry it: in preorder, with how many are below", "[monitor]") {
    std::vector<base::CoreId> members;
    for (uint32_t core : {0, 2, 3, 5, 9}) members.push_back(base::CoreId{core});
    Member root;
    auto tree = [&](std::vector<TreeRow> rows) {
        base::Buffer<96> why;
        auto plan = monitor::plan_of(rows, members, root, 16, why);
        REQUIRE(plan.ok());
        auto bytes = monitor::order_tree_of(*plan, members);
        return std::vector<uint8_t>(bytes.data, bytes.data + bytes.length);
    };
    using Bytes = std::vector<uint8_t>;
    CHECK(tree({{0, 5, 0}, {0, 2, 1}, {2, 3, 0}, {2, 9, 1}}) == Bytes{5, 0, 2, 2, 3, 0, 9, 0});
    CHECK(tree({{0, 2, 0}, {2, 3, 0}, {3, 5, 0}, {5, 9, 0}}) == Bytes{2, 3, 3, 2, 5, 1, 9, 0});
    CHECK(tree({{0, 5, 0}, {5, 3, 0}, {0, 2, 1}, {0, 9, 2}}).empty());  // 5 would pass orders on to 3
    root = Member{3};                                                   // but the root may
    CHECK(tree({{5, 0, 0}, {0, 2, 0}, {5, 3, 1}, {3, 9, 0}}) == Bytes{0, 1, 2, 0, 3, 1, 9, 0});
}
