// Which tree orders go along: that of packages and distances, or that of measured prices. With the files that are shipped.
#include <catch2/catch.hpp>

#include "test/unit/skb/world.hpp"

#define SKERRY_RULE_FILES(file) file(facts) file(words) file(logp) file(choice) file(multicast)
#define SKERRY_DECLARE(name) extern "C" const char skerry_rules_##name[], skerry_rules_##name##_end[];
SKERRY_RULE_FILES(SKERRY_DECLARE)
#undef SKERRY_DECLARE

namespace {

constexpr uint32_t packages = 3, each = 4, cores = packages * each;

std::string fact(const char* name, uint32_t a, uint32_t b, uint32_t c) {
    return std::string(name) + "(" + std::to_string(a) + ", " + std::to_string(b) + ", " + std::to_string(c) + ").\n";
}

// Packages on a line: three, or as many as are asked for.
struct Trees : skerry::test::SkbWorld {
    uint32_t size = cores;

    explicit Trees(uint32_t count = packages, uint32_t each = ::each) : size(count * each) {
#define SKERRY_LOAD(name) REQUIRE(load({skerry_rules_##name, skerry_rules_##name##_end}, #name ".pl") == "");
        SKERRY_RULE_FILES(SKERRY_LOAD)
#undef SKERRY_LOAD
        std::string text;
        for (uint32_t i = 0; i < count; i++) {
            text += "package(" + std::to_string(i) + "). node(" + std::to_string(i) + ").\n";
            for (uint32_t j = 0; j < count; j++) text += fact("node_distance", i, j, 10 + 6 * (i > j ? i - j : j - i));
        }
        for (uint32_t i = 0; i < size; i++) {
            text += fact("core", i, i / each, i / each) + "running(" + std::to_string(i) + ").\n";
        }
        REQUIRE(load(text, "machine.pl") == "");
    }
    // As `prices` tells them: all pairs, or those of the root and of the packages' first cores alone.
    void measured(uint32_t near, uint32_t far, bool sampled = false) {
        std::string text;
        for (uint32_t i = 0; i < cores; i++) {
            for (uint32_t j = 0; j < cores; j++) {
                bool wanted = !sampled || i == 0 || j == 0 || (i % each == 0 && j % each == 0);
                if (i == j || !wanted) continue;
                text += fact("message_latency", i, j, i / each == j / each ? near : far);
                text += fact("message_occupancy", i, j, near / 4);
            }
        }
        REQUIRE(load(text, "measured.pl") == "");
    }
    bool whole(std::string_view root) {
        std::string missing =
            "running(C), C =\\= " + std::string(root) + ", \\+ tree(" + std::string(root) + ", _, C, _)";
        std::string count = "aggregate_all(count, tree(" + std::string(root) + ", _, _, _), N)";
        return ask(missing) == "none" && ask(count) == std::to_string(cores - 1);
    }
    // Of that root's tree: the most children of any core; nothing if not everybody is below the root, once.
    std::string widest(uint32_t root) {
        std::string from = "tree(" + std::to_string(root) + ", ";
        CHECK(ask("aggregate_all(count, " + from + "_, _, _), N)") == std::to_string(size - 1));
        CHECK(ask("running(C), C =\\= " + std::to_string(root) + ", \\+ " + from + "_, C, _)") == "none");
        // Whoever passes on is below the root, too: no cycle, as everybody has one parent.
        std::string rules =
            ":- table below/1.\nbelow(" + std::to_string(root) + ").\nbelow(C) :- below(P), " + from + "P, C, _).\n";
        REQUIRE(load(rules, "below.pl") == "");
        CHECK(ask("aggregate_all(count, below(C), N)") == std::to_string(size));
        return ask("aggregate_all(max(N), (running(P), aggregate_all(count, " + from + "P, _, _), N)), M)");
    }
};

}  // namespace

TEST_CASE("trees: without prices packages and distances decide", "[skb]") {
    Trees world;
    CHECK(world.ask("tree_by(0, By)") == "distances");
    CHECK(world.ask("tree(0, 0, C, T), C mod 4 =:= 0") == "4 1; 8 0");  // the farthest first
    CHECK(world.whole("0"));
    CHECK(world.whole("5"));
}

TEST_CASE("trees: measured prices decide, all pairs or a sample", "[skb]") {
    for (bool sampled : {false, true}) {
        Trees world;
        world.measured(100, 900, sampled);
        INFO(sampled);
        CHECK(world.ask("tree_by(R, By), R < 2") == "0 prices; 1 prices");
        CHECK(world.ask("tree(0, P, C, T), \\+ fast_tree(0, P, C, T)") == "none");
        CHECK(world.ask("fast_tree(0, P, C, T), \\+ tree(0, P, C, T)") == "none");
        CHECK(world.whole("0"));
        CHECK(world.whole("5"));
        CHECK(world.ask("price(near, L, O)") == "100 25");
        CHECK(world.ask("price(far, L, O)") == "900 25");
    }
}

TEST_CASE("trees: not on an emulated machine", "[skb]") {
    Trees world;
    std::string before = world.ask("tree(0, P, C, T)");
    world.measured(100, 900);
    REQUIRE(world.tell("emulated") == "");
    CHECK(world.ask("tree_by(0, By)") == "distances");
    CHECK(world.ask("tree(0, P, C, T)") == before);
    REQUIRE(world.base.retract("emulated", world.problem).ok());
    CHECK(world.ask("tree_by(0, By)") == "prices");
    CHECK(world.ask("tree(0, P, C, T)") != before);
}

TEST_CASE("trees: not where the prices contradict the packages", "[skb]") {
    Trees world;
    world.measured(900, 100);
    CHECK(world.ask("tree_by(0, By)") == "distances");
    world.measured(100, 100);  // as near as far is no contradiction
    CHECK(world.ask("tree_by(0, By)") == "prices");
    // One that was slow is none either.
    world.measured(100, 120);
    REQUIRE(world.tell("message_latency(1, 2, 5000)") == "");
    CHECK(world.ask("tree_by(0, By)") == "prices");
    CHECK(world.whole("0"));
}

TEST_CASE("trees: each rule file can be taken away", "[skb]") {
    Trees world;
    std::string by_distance = world.ask("tree(0, P, C, T)");
    world.measured(100, 900);
    std::string by_price = world.ask("tree(0, P, C, T)");
    REQUIRE(by_price != by_distance);
    REQUIRE(world.base.unload("logp.pl", world.problem).ok());
    CHECK(world.ask("tree(0, P, C, T)") == by_distance);
    REQUIRE(world.load({skerry_rules_logp, skerry_rules_logp_end}, "logp.pl") == "");
    CHECK(world.ask("tree(0, P, C, T)") == by_price);
    REQUIRE(world.base.unload("choice.pl", world.problem).ok());
    CHECK(world.ask("tree(0, P, C, T)") == by_distance);
    REQUIRE(world.load("prices_decide(R) :- running(R).", "choice.pl") == "");
    CHECK(world.ask("tree(0, P, C, T)") == by_price);
    REQUIRE(world.base.unload("measured.pl", world.problem).ok());
    REQUIRE(world.load({skerry_rules_choice, skerry_rules_choice_end}, "choice.pl") == "");
    CHECK(world.ask("tree(0, P, C, T)") == by_distance);
}

TEST_CASE("trees: prices that are told again replace those before", "[skb]") {
    Trees world;
    world.measured(100, 900);
    CHECK(world.ask("aggregate_all(count, message_latency(_, _, _), N)") == "132");
    world.measured(110, 910);
    CHECK(world.ask("aggregate_all(count, message_latency(_, _, _), N)") == "132");
    CHECK(world.ask("message_latency(0, 4, L)") == "910");
}

TEST_CASE("trees: of what was tried out the quickest decides, also the tree of packages and a line that children share",
          "[skb]") {
    Trees world;
    world.measured(100, 900);
    std::string estimated = world.ask("fast_tree(0, P, C, T)");
    CHECK(world.ask("fast_tree_rings(0, R)") == "reader");
    REQUIRE(world.tell("tree_measured(0, 0, 0, 0, reader, 700)") == "");
    CHECK(world.ask("fast_tree(0, P, C, T)") == world.ask("package_tree(0, P, C, T)"));
    CHECK(world.whole("0"));
    REQUIRE(world.tell("tree_measured(0, 999, 2, 999, shared, 600)") == "");
    CHECK(world.ask("fast_tree(0, P, C, T), P =\\= 0") == "none");
    CHECK(world.ask("fast_tree_rings(0, R)") == "shared");
    CHECK(world.whole("0"));
    // Another root's is estimated as before.
    CHECK(world.ask("fast_tree_rings(1, R)") == "reader");
    for (const char* told : {"tree_measured(0, 0, 0, 0, reader, 700)", "tree_measured(0, 999, 2, 999, shared, 600)"})
        REQUIRE(world.base.retract(told, world.problem).ok());
    CHECK(world.ask("fast_tree(0, P, C, T)") == estimated);
}

TEST_CASE("trees: for prices who is alone in a package is sent to first", "[skb]") {
    Trees world;
    world.measured(100, 900);
    REQUIRE(world.tell("tree_measured(0, 999, 0, 999, reader, 700)") == "");
    CHECK(world.ask("minimize(T, fast_tree(0, 0, C, T))") == "1000 4");
    for (const char* core : {"running(9)", "running(10)", "running(11)"})
        REQUIRE(world.base.retract(core, world.problem).ok());
    CHECK(world.ask("minimize(T, fast_tree(0, 0, C, T))") == "1 8");
}

TEST_CASE("trees: for packages and distances nobody has more children than a monitor serves", "[skb]") {
    struct Case {
        uint32_t packages, size, most;
        const char *widest, *free;  // with that limit, and without one
    };
    for (auto [in_row, size, most, widest, free] :
         {Case{1, 20, 16, "16", "19"}, Case{1, 64, 16, "16", "63"}, Case{20, 4, 16, "16", "22"},
          Case{20, 1, 16, "16", "19"}, Case{12, 4, 16, "14", "14"}, Case{3, 6, 2, "2", "7"},
          Case{9, 3, 3, "3", "10"}}) {
        INFO(in_row << " of " << size << ", " << most);
        Trees world(in_row, size);
        CHECK(world.widest(0) == free);
        std::string before = world.ask("tree(1, P, C, T)");
        REQUIRE(world.tell("most_children(" + std::to_string(most) + ")") == "");
        CHECK(world.widest(0) == widest);
        CHECK(world.widest(world.size - 1) == widest);
        CHECK((world.ask("tree(1, P, C, T)") == before) == (std::string(widest) == free));
        // Nobody's order to a head goes to a farther package first.
        CHECK(world.ask("tree(0, P, C, _), head(0, _, C), apart(0, P, D), apart(0, C, E), D > E") == "none");
    }
}

TEST_CASE("trees: for prices, too, nobody has more children than a monitor serves", "[skb]") {
    Trees world;
    world.measured(1000, 1010);  // as near as far: the flattest tree would be best
    auto of_root = [&] { return std::stoi(world.ask("aggregate_all(count, tree(0, 0, _, _), N)")); };
    CHECK(of_root() == cores - 1);
    REQUIRE(world.tell("most_children(5)") == "");
    CHECK(of_root() <= 5);
    CHECK(world.ask("running(P), aggregate_all(count, tree(0, P, _, _), N), N > 5") == "none");
    CHECK(world.whole("0"));
}
