#include "usr/group/rows_text.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace skerry;
using base::Error;
using urpc::group::Member;

namespace {

// What the checks say of an answer's text over the cores 0, 2, 5 and 9 with the root on 2; of a tree "parent>child ...".
std::string judged(std::string_view text, uint32_t most_children = 15) {
    usr::group::TreeRows rows;
    auto added = usr::group::add_rows(text, rows);
    if (!added.ok()) return std::string(base::text(added.error()));
    const std::array<base::CoreId, 4> cores{base::CoreId{0}, base::CoreId{2}, base::CoreId{5}, base::CoreId{9}};
    base::Buffer<120> why;
    auto plan = urpc::group::plan_of({rows.begin(), rows.size()}, cores, Member{1}, most_children, why);
    CHECK(plan.ok() == (why.size() == 0));
    if (!plan.ok()) return std::string(why.view());
    REQUIRE(urpc::group::Tree::from(*plan).ok());
    std::string edges;
    for (const auto& edge : plan->edges) {
        edges += (edges.empty() ? "" : " ") + std::to_string(cores[edge.parent.value].value) + ">" +
                 std::to_string(cores[edge.member.value].value);
    }
    return edges;
}

}  // namespace

TEST_CASE("rows as the knowledge base writes them", "[group]") {
    CHECK(judged("2\t9\t1\t\n2\t0\t0\t\n9\t5\t1005\t\n") == "2>0 2>9 9>5");
    CHECK(judged("2\t0\t4294967295\t\n2\t5\t7\t\n2\t9\t7\t\n") == "2>5 2>9 2>0");  // of one turn the lower first
}

TEST_CASE("answers that are no rows of numbers", "[group]") {
    const std::string corrupt{base::text(Error::corrupt)};
    for (std::string_view text :
         {"\n", "\t", "2", "2\t", "2\t0\t", "2\t0\t0\t", "2\t0\t0\n", "2\t0\t\n", "2\t0\t0\t1\t\n", "a\t0\t0\t\n",
          "2\tnowhere\t0\t\n", "2\t-1\t0\t\n", "2\t0\t4294967296\t\n", "2\t0\t99999999999999999999999\t\n", "2 0 0\n",
          "2\t0\t0\t\n\n", "\t\t\t\n"}) {
        INFO(text);
        CHECK(judged(text) == corrupt);
    }
    std::string many;
    for (uint32_t i = 0; i <= urpc::group::most_members; ++i) many += "2\t" + std::to_string(i) + "\t0\t\n";
    CHECK(judged(many) == base::text(Error::full));
}

TEST_CASE("answers that are no tree over the group", "[group]") {
    CHECK(judged("") == "the rules give no tree");
    CHECK(judged("2\t0\t0\t\n2\t9\t0\t\n") == "the rules' tree lacks core 5");
    CHECK(judged("2\t0\t0\t\n2\t9\t0\t\n2\t5\t0\t\n2\t7\t0\t\n") ==
          "the rules' tree names core 7, which does not take part");
    CHECK(judged("2\t0\t0\t\n2\t9\t0\t\n4000000000\t5\t0\t\n") ==
          "the rules' tree names core 4000000000, which does not take part");
    CHECK(judged("2\t0\t0\t\n2\t9\t0\t\n0\t5\t0\t\n9\t5\t0\t\n") == "the rules' tree has core 5 twice");
    CHECK(judged("2\t0\t0\t\n2\t9\t0\t\n2\t5\t0\t\n2\t5\t1\t\n") ==
          "the rules' tree has core 5 twice");  // in two turns
    CHECK(judged("0\t2\t0\t\n0\t5\t0\t\n5\t9\t0\t\n") == "the rules' tree has core 2, the root, below another one");
    CHECK(judged("2\t0\t0\t\n5\t9\t0\t\n9\t5\t0\t\n") == "the rules' tree has a cycle");
    CHECK(judged("2\t0\t0\t\n2\t5\t0\t\n2\t9\t0\t\n", 2) == "in the rules' tree core 2 has more than 2 children");
    CHECK(judged("2\t0\t0\t\n2\t5\t0\t\n5\t9\t0\t\n", 2) == "2>0 2>5 5>9");
}

TEST_CASE("whatever is answered: refused, or a tree over the group", "[group]") {
    uint64_t state = 0x9e3779b97f4a7c15;
    auto below = [&state](uint32_t limit) {  // xorshift64* (Vigna 2016)
        state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
        return static_cast<uint32_t>((state * 0x2545f4914f6cdd1d >> 32) % limit);
    };
    constexpr std::string_view cores[] = {"0", "2", "5", "9", "7"};
    uint32_t trees = 0;
    for (uint32_t run = 0; run < 20'000; ++run) {
        std::string text;
        for (uint32_t row = below(16) == 0 ? below(5) : 3; row-- != 0;) {
            for (uint32_t part = 0; part < 2; ++part) text += std::string(cores[below(below(32) == 0 ? 5 : 4)]) + "\t";
            text += std::to_string(below(3)) + "\t\n";
        }
        if (!text.empty() && below(16) == 0) text[below(static_cast<uint32_t>(text.size()))] = "\t\n 9x"[below(5)];
        trees +=
            judged(text, 1 + below(3)).find('>') != std::string::npos;  // judged() has looked at those that were taken
    }
    CHECK(trees > 100);
    CHECK(trees < 10'000);
}
