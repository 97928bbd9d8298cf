// Files replace each other while questions are asked; what is refused changes nothing.
#include <catch2/catch.hpp>

#include "test/unit/skb/world.hpp"

using skerry::test::SkbWorld;

TEST_CASE("a file is replaced whole, or not at all", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("core(0). core(1). core(2).\n", "facts.pl") == "");
    REQUIRE(world.load("pick(C) :- minimize(C, core(C)).\nhalf(1).\n", "policy.pl") == "");
    CHECK(world.ask("pick(C)") == "0");
    REQUIRE(world.load("pick(C) :- maximize(C, core(C)).\nhalf(2).\n", "policy.pl") == "");
    CHECK(world.ask("pick(C)") == "2");
    CHECK(world.ask("half(X)") == "2");
    CHECK(world.load("pick(C) :- core(C), \\+ pick(C).\nhalf(3).\n", "policy.pl").find("policy.pl:1: ") == 0);
    CHECK(world.load("half(3).\npick(C) :- core(C), wrong(C).\n", "policy.pl").find("policy.pl:2: ") == 0);
    CHECK(world.load("half(3). half(", "policy.pl").find("policy.pl:1: ") == 0);
    CHECK(world.ask("pick(C)") == "2");
    CHECK(world.ask("half(X)") == "2");
    REQUIRE(world.base.unload("policy.pl", world.problem).ok());
    CHECK(world.base.unload("policy.pl", world.problem).error() == skerry::base::Error::not_found);
    CHECK(world.ask("half(X)").find("expected a known predicate") != std::string::npos);
    REQUIRE(world.load("pick(C) :- core(C), C > 1.", "other.pl") == "");
    CHECK(world.ask("pick(C)") == "2");
}

TEST_CASE("a fact stays as long as somebody holds it", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("a(1). a(2).", "one.pl") == "");
    REQUIRE(world.load("a(2). a(3).", "two.pl") == "");
    REQUIRE(world.tell("a(1)") == "");
    REQUIRE(world.load("a(4).", "one.pl") == "");
    CHECK(world.ask("a(X)") == "1; 2; 3; 4");
    REQUIRE(world.load("", "two.pl") == "");
    CHECK(world.ask("a(X)") == "1; 4");
}

TEST_CASE("two files may define one predicate", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("a(X) :- between(1, 2, X).", "one.pl") == "");
    REQUIRE(world.load("a(X) :- between(2, 3, X).\nb(X) :- a(X).", "two.pl") == "");
    CHECK(world.ask("b(X)") == "1; 2; 3");
    REQUIRE(world.load("", "one.pl") == "");
    CHECK(world.ask("b(X)") == "2; 3");
}

TEST_CASE("loading and unloading gives all memory back but names", "[skb]") {
    SkbWorld world;
    auto once = [&] {
        REQUIRE(world.load("e(1, 2). e(2, 3).\nr(X, Y) :- e(X, Y).\nr(X, Y) :- r(X, Z), e(Z, Y).\n") == "");
        CHECK(world.ask("r(1, X)") == "2; 3");
        CHECK(world.ask("r(X, _)") == "1; 2");
        CHECK(world.load("r(X) :- ") != "");
        REQUIRE(world.base.unload("rules.pl", world.problem).ok());
    };
    once();
    size_t used = world.base.pool().used();
    for (int i = 0; i < 20; i++) once();
    CHECK(world.base.pool().used() == used);
}

TEST_CASE("with any amount of memory: an answer or a refusal, and nothing half done", "[skb]") {
    for (size_t bytes = 1000; bytes < 60000; bytes += 500) {
        SkbWorld world(bytes);
        std::string kept = world.load("k(1).", "kept.pl");
        std::string loaded = world.load(
            "e(1, 2). e(2, 3). e(3, 1).\nr(X, Y) :- e(X, Y).\nr(X, Y) :- r(X, Z), e(Z, Y).\n"
            "n(N) :- aggregate_all(count, r(_, _), N).\n");
        for (const char* question : {"n(X)", "r(1, X), k(_)"}) {
            std::string answer = world.ask(question);
            bool right = answer == "9" || answer == "1; 2; 3";
            bool refused = answer.find("out of memory") != std::string::npos ||
                           ((kept != "" || loaded != "") && answer.find("known predicate") != std::string::npos);
            INFO(bytes << " bytes: " << answer);
            CHECK((right || refused));
        }
        if (kept == "") CHECK((world.ask("k(X)") == "1" || world.ask("k(X)").find("memory") != std::string::npos));
    }
}
