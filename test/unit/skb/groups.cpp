// Trees of groups of programs: the rules that are shipped, and the question whose members are facts only while it is answered.
#include <catch2/catch.hpp>
#include <memory>

#include "skb/service/questions.hpp"
#include "test/unit/skb/world.hpp"

#define SKERRY_RULE_FILES(file) file(facts) file(words) file(logp) file(choice) file(multicast) file(groups)
#define SKERRY_DECLARE(name) extern "C" const char skerry_rules_##name[], skerry_rules_##name##_end[];
SKERRY_RULE_FILES(SKERRY_DECLARE)
#undef SKERRY_DECLARE

namespace knowledge = skerry::urpc::knowledge;
using skerry::base::CoreId;
using skerry::base::Error;
using skerry::skb::Questions;

namespace {

constexpr uint32_t packages = 3, each = 4, cores = packages * each;

struct Nobody final : skerry::skb::Listener {
    void knowledge_changed() override { FAIL("a question is no news"); }
};

// Three packages of four cores on a line: 0, 1, 2.
struct Groups : skerry::test::SkbWorld {
    explicit Groups(size_t bytes = 4 << 20) : SkbWorld(bytes) {
#define SKERRY_LOAD(name) REQUIRE(load({skerry_rules_##name, skerry_rules_##name##_end}, #name ".pl") == "");
        SKERRY_RULE_FILES(SKERRY_LOAD)
#undef SKERRY_LOAD
        std::string text;
        for (uint32_t i = 0; i < packages; i++) {
            std::string number = std::to_string(i);
            text += "package(" + number + "). node(" + number + ").\n";
            for (uint32_t j = 0; j < packages; j++) {
                uint32_t hops = i > j ? i - j : j - i;
                text += "node_distance(" + number + ", " + std::to_string(j) + ", " + std::to_string(10 + 6 * hops) +
                        ").\n";
            }
        }
        for (uint32_t i = 0; i < cores; i++) {
            std::string core = std::to_string(i), place = std::to_string(i / each);
            text += "core(" + core + ", " + place + ", " + place + "). running(" + core + ").\n";
        }
        REQUIRE(load(text, "machine.pl") == "");
        questions->begin();
    }
    static knowledge::AskGroup among(std::initializer_list<uint32_t> members, uint32_t root,
                                     std::string_view name = "mine") {
        knowledge::AskGroup ask{};
        ask.group = decltype(ask.group)::cut(name);
        ask.root = CoreId{root};
        for (uint32_t core : members) ask.cores[core / 64] |= uint64_t{1} << core % 64;
        return ask;
    }
    // "parent child turn; ..." as rows come; or what is wrong.
    std::string tree(const knowledge::AskGroup& ask) {
        auto found = client(ask);
        REQUIRE(found.ok());
        if (found->error != Error::none) return std::string(found->text.view());
        CHECK(found->columns == 3);
        std::string all;
        for (uint32_t row = 0; row < found->rows;) {
            auto rows = client(knowledge::Next{found->question, row});
            REQUIRE(rows.ok());
            all += rows->text.view();
            row = rows->next;
        }
        for (size_t at = 0; (at = all.find("\t\n", at)) != all.npos;) all.replace(at, 2, "; ");
        std::replace(all.begin(), all.end(), '\t', ' ');
        return all.empty() ? "none" : all.substr(0, all.size() - 2);
    }

    Nobody nobody;
    std::unique_ptr<Questions> questions = std::make_unique<Questions>(base, nobody);
    Questions::Client client{*questions, skerry::urpc::monitor::Incoming{}};
};

}  // namespace

TEST_CASE("group trees: some of the cores, the first member of each package passes on", "[skb]") {
    Groups world;
    CHECK(world.tree(world.among({0, 2, 5, 6, 9, 11}, 0)) == "0 2 1002; 0 5 1; 0 9 0; 5 6 1006; 9 11 1011");
    // Another root, another tree: of two packages as far away the lower core comes first, by equal turns.
    CHECK(world.tree(world.among({0, 2, 5, 6, 9, 11}, 6)) == "0 2 1002; 6 0 0; 6 5 1005; 6 9 0; 9 11 1011");
    CHECK(world.tree(world.among({3, 11}, 11)) == "11 3 0");
    CHECK(world.tree(world.among({4, 5, 6}, 5)) == "5 4 1004; 5 6 1006");
    CHECK(world.tree(world.among({4}, 4)) == "none");
    CHECK(world.tree(world.among({4, 5}, 6)) == "none");  // no member sends
}

TEST_CASE("group trees: of all cores as the monitors', also for prices", "[skb]") {
    Groups world;
    auto all = world.among({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 5);
    auto whole = [&] {
        std::string rows = world.ask("tree(5, P, C, T)");
        CHECK(std::count(rows.begin(), rows.end(), ';') == cores - 2);
        return rows;
    };
    auto sorted = [&] {  // world.ask sorts rows as text
        std::string rows = world.tree(all), out;
        std::vector<std::string> parts;
        for (size_t at = 0; at < rows.size();) {
            size_t end = std::min(rows.find("; ", at), rows.size());
            parts.push_back(rows.substr(at, end - at));
            at = end + 2;
        }
        std::sort(parts.begin(), parts.end());
        for (const auto& part : parts) out += (out.empty() ? "" : "; ") + part;
        return out;
    };
    std::string by_distance = whole();
    CHECK(sorted() == by_distance);
    std::string prices;
    for (uint32_t i = 0; i < cores; i++) {
        for (uint32_t j = 0; j < cores; j++) {
            if (i == j) continue;
            std::string pair = std::to_string(i) + ", " + std::to_string(j);
            prices += "message_latency(" + pair + (i / each == j / each ? ", 100). " : ", 900). ");
            prices += "message_occupancy(" + pair + ", 25).\n";
        }
    }
    REQUIRE(world.load(prices, "measured.pl") == "");
    CHECK(whole() != by_distance);
    CHECK(sorted() == whole());
    // One that is not known to run is a member all the same, and one that runs and is no member makes it some of the cores.
    std::string some = world.tree(world.among({0, 1, 4}, 0));
    REQUIRE(world.base.retract("running(4)", world.problem).ok());
    CHECK(world.tree(world.among({0, 1, 4}, 0)) == some);
}

TEST_CASE("group trees: the members are facts for their question alone", "[skb]") {
    Groups world;
    REQUIRE(world.tree(world.among({0, 5, 6}, 0)) == "0 5 0; 5 6 1006");
    CHECK(world.ask("group_member(G, C)") == "none");
    // Kept answers are not those of another group with the same name.
    CHECK(world.tree(world.among({0, 9}, 0)) == "0 9 0");
    CHECK(world.tree(world.among({0, 5, 6}, 0)) == "0 5 0; 5 6 1006");
    // Also where nothing comes of it.
    REQUIRE(
        world.load(
            ":- table group_tree/5.\ngroup_tree(G, R, R, C, T) :- group_member(G, R), group_member(G, C), T is C // 0.",
            "groups.pl") == "");
    CHECK(world.tree(world.among({0, 5, 6}, 0)).find("groups.pl:2") != std::string::npos);
    CHECK(world.ask("group_member(G, C)") == "none");
    REQUIRE(world.base.unload("groups.pl", world.problem).ok());
    CHECK(world.tree(world.among({0, 5, 6}, 0)) == "none");
    // A manager may try rules by hand; that name is taken then, and others are not.
    REQUIRE(world.load({skerry_rules_groups, skerry_rules_groups_end}, "groups.pl") == "");
    REQUIRE(world.tell("group_member(mine, 1). group_member(mine, 8).") == "");
    CHECK(world.ask("group_tree(mine, 8, P, C, T)") == "8 1 0");
    CHECK(world.tree(world.among({0, 5}, 0)) ==
          "group: there are facts of a group 'mine' already: skb retract 'group_member(mine, _)'");
    CHECK(world.tree(world.among({0, 5}, 0, "other_1")) == "0 5 0");
    CHECK(world.ask("group_member(mine, C)") == "1; 8");
}

TEST_CASE("group trees: names that are none", "[skb]") {
    Groups world;
    for (std::string_view name : {"", "Mine", "1st", "_a", "a b", "a)", "a, 0, P, C, T), core(C", "a'"}) {
        CHECK(world.tree(world.among({0, 5}, 0, name)).starts_with("group: expected a name"));
        CHECK(world.ask("group_member(G, C)") == "none");
    }
}

TEST_CASE("group trees: as little memory as there may be, and no member is left behind", "[skb]") {
    for (size_t bytes = 64 << 10; bytes <= 256 << 10; bytes += 1 << 10) {
        skerry::test::SkbWorld world(bytes);
        if (world.load(
                ":- dynamic group_member/2.\n:- table group_tree/5.\ngroup_tree(G, R, R, C, C) :- group_member(G, R), "
                "group_member(G, C).",
                "groups.pl") != "")
            continue;
        Nobody nobody;
        Questions questions(world.base, nobody);
        questions.begin();
        Questions::Client client(questions, skerry::urpc::monitor::Incoming{});
        auto ask = Groups::among({}, 0);
        for (uint64_t& word : ask.cores) word = ~uint64_t{0};
        (void)client(ask).ok();
        std::string left = world.ask("group_member(G, C)");
        CHECK((left == "none" || left.find("memory") != std::string::npos));
        CHECK(world.base.predicates().find(world.base.symbols().atom("group_member").value(), 2)->facts.size() == 0);
    }
}
