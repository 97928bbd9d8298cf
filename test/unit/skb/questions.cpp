#include <catch2/catch.hpp>

#include "test/unit/skb/world.hpp"

using skerry::test::SkbWorld;

TEST_CASE("facts and rules", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("edge(a, b). edge(b, c). edge(c, a). edge(c, d).\n"
                       "node(X) :- edge(X, _).\nnode(X) :- edge(_, X).\n"
                       "left(X, Y) :- edge(X, Y).\nleft(X, Y) :- left(X, Z), edge(Z, Y).\n"
                       "right(X, Y) :- edge(X, Y).\nright(X, Y) :- edge(X, Z), right(Z, Y).\n"
                       "both(X, Y) :- edge(X, Y).\nboth(X, Y) :- both(X, Z), both(Z, Y).\n"
                       "apart(X, Y) :- node(X), node(Y), \\+ left(X, Y).\n") == "");
    CHECK(world.ask("edge(c, X)") == "a; d");
    CHECK(world.ask("edge(X, Y), edge(Y, d).") == "b c");
    CHECK(world.ask("edge(X, _X)") == "a; b; c");
    for (std::string name : {"left", "right", "both"}) {
        SkbWorld fresh;
        CHECK(world.ask(name + "(d, X)") == "none");
        CHECK(world.ask(name + "(X, d)") == "a; b; c");
        CHECK(world.ask(name + "(a, X)") == "a; b; c; d");
        CHECK(world.ask(name + "(X, X)") == "a; b; c");
        CHECK(world.ask(name + "(a, d)") == "yes");
        CHECK(world.ask("aggregate_all(count, " + name + "(X, Y), N)") == "12");
    }
    CHECK(world.ask("apart(X, Y)") == "d a; d b; d c; d d");
}

TEST_CASE("a question derives what it needs, not all", "[skb]") {
    SkbWorld world(16 << 20);
    std::string text = "reach(X, Y) :- edge(X, Y).\nreach(X, Y) :- reach(X, Z), edge(Z, Y).\n";
    for (int i = 0; i < 400; i++) text += "edge(" + std::to_string(i) + ", " + std::to_string(i + 1) + ").\n";
    REQUIRE(world.load(text) == "");
    CHECK(world.ask("reach(395, X)") == "396; 397; 398; 399; 400");
    uint64_t few = world.base.steps();
    CHECK(world.ask("aggregate_all(count, reach(_, _), N)") == "80200");
    CHECK(few * 100 < world.base.steps());
}

TEST_CASE("rows in standard order, if that is wanted", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("v(3, b). v(-2, a). v(3, a). v(z, 1). v(a, 1).") == "");
    skerry::skb::Answers answers(world.base.pool());
    REQUIRE(world.base.ask("v(X, Y)", answers, {}, world.problem).ok());
    REQUIRE(answers.sort(world.base.symbols()).ok());
    std::string all;
    for (uint32_t i = 0; i < answers.size(); i++) {
        skerry::base::Buffer<40> text;
        for (skerry::skb::Value value : answers.row(i)) world.base.symbols().write(text, value);
        all += std::string(text.view()) + " ";
    }
    CHECK(all == "-2a 3a 3b a1 z1 ");
}

TEST_CASE("arithmetic is of whole numbers with 64 bits", "[skb]") {
    SkbWorld world;
    CHECK(world.ask("X is 7 // 2, Y is -7 // 2, Z is -7 mod 3, W is -7 rem 3") == "3 -3 2 -1");
    CHECK(world.ask("X is min(3, -4) + max(1, 2) * abs(-5), Y is 1 << 40 >> 38") == "6 4");
    CHECK(world.ask("X is 6 /\\ 3, Y is 6 \\/ 3, Z is 6 xor 3, W is \\ 0") == "2 7 5 -1");
    CHECK(world.ask("X is 9223372036854775807, Y is -X - 1, Y < X, Z is Y + X") ==
          "9223372036854775807 -9223372036854775808 -1");
    CHECK(world.ask("X is 0x10 + 0b101 + 0o17 + 0'a, Y is 1_000") == "133 1000");
    CHECK(world.ask("X is 1 << 62, Y is X * 2").find("overflow") != std::string::npos);
    CHECK(world.ask("X is -9223372036854775807 - 1, Y is X // -1").find("overflow") != std::string::npos);
    CHECK(world.ask("Y is 3 mod 0").find("divisor") != std::string::npos);
    CHECK(world.ask("X = a, Y is X + 1") == "question:1: expected a number in arithmetic, found a");
}

TEST_CASE("aggregates", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("core(0, p). core(1, p). core(2, q). package(p). package(q). package(r).\n"
                       "size(P, N) :- package(P), aggregate_all(count, core(_, P), N).\n"
                       "least(P, C) :- package(P), aggregate_all(min(C0), core(C0, P), C).\n") == "");
    CHECK(world.ask("size(P, N)") == "p 2; q 1; r 0");
    CHECK(world.ask("size(P, 1)") == "q");
    CHECK(world.ask("least(P, C)") == "p 0; q 2");
    CHECK(world.ask("aggregate_all(sum(N * 10), size(_, N), S)") == "30");
    CHECK(world.ask("aggregate_all(max(N), (size(P, N), P \\= p), S)") == "1");
    CHECK(world.ask("aggregate_all(sum(X), core(X, none), S)") == "0");
    CHECK(world.ask("forall(core(_, P), package(P))") == "yes");
    CHECK(world.ask("forall(package(P), core(_, P))") == "none");
    CHECK(world.ask("\\+ (core(C, P), C > 2, package(P))") == "yes");
}

TEST_CASE("optima keep all that are equally good, whatever was asked for", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("cost(a, 3). cost(b, 7). cost(c, 3). cost(d, 9).\n"
                       "cheap(X, C) :- minimize(C, cost(X, C)).\ndear(X) :- maximize(C, cost(X, C)).\n"
                       "first(X) :- minimize([C, X], cost(X, C)).\n"
                       "pair(X, Y, T) :- minimize(T, (cost(X, C), cost(Y, D), X @< Y, T is C + D)).\n"
                       "group(even, 2). group(even, 4). group(odd, 3). group(odd, 1). name(even). name(odd).\n"
                       "top(G, N) :- name(G), maximize(N, group(G, N)).\n") == "");
    CHECK(world.ask("cheap(X, C)") == "a 3; c 3");
    CHECK(world.ask("cheap(d, C)") == "none");
    CHECK(world.ask("dear(X)") == "d");
    CHECK(world.ask("first(X)") == "a");
    CHECK(world.ask("pair(X, Y, T)") == "a c 6");
    CHECK(world.ask("top(G, N)") == "even 4; odd 3");
    CHECK(world.ask("top(odd, N)") == "3");
    CHECK(world.ask("minimize(C, cost(X, C)), X \\= a") == "3 c");  // in the order of the text
}

TEST_CASE("branch and bound looks at few of many choices", "[skb]") {
    SkbWorld world;
    std::string text;
    for (int slot = 0; slot < 6; slot++) {
        for (int choice = 0; choice < 20; choice++) {
            text += "price(" + std::to_string(slot) + ", " + std::to_string(choice) + ", " +
                    std::to_string((choice * 7 + slot * 3) % 20 * 10 + 1) + ").\n";
        }
    }
    REQUIRE(world.load(text) == "");
    CHECK(world.ask("minimize(T, (price(0, A, _P), price(1, B, _Q), price(2, C, _R), price(3, D, _S),"
                    "price(4, E, _U), price(5, F, _V), T is _P + _Q + _R + _S + _U + _V))") == "6 0 11 2 13 4 15");
    CHECK(world.base.steps() < 1'000'000);  // of 64 million combinations
}

TEST_CASE("limits end a question, and the next one is answered", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("n(0).\nn(Y) :- n(X), Y is X + 1, Y < 100000000.\np(X) :- between(1, 10, X).\n") == "");
    skerry::skb::Limits few{.steps = 10000};
    CHECK(world.ask("n(X), X < 0", few) == "rules.pl:2: this question needs more steps than it may take");
    skerry::skb::Limits small{.bytes = 100000};
    CHECK(world.ask("n(X), X < 0", small) == "rules.pl:2: this question needs more memory than it may use");
    CHECK(world.ask("n(X), X < 0").find("out of memory") != std::string::npos);
    CHECK(world.ask("p(X), X > 8") == "10; 9");
}

TEST_CASE("kept answers follow the facts", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load(":- dynamic edge/2, quiet/1.\nreach(X, Y) :- edge(X, Y).\n"
                       "reach(X, Y) :- reach(X, Z), edge(Z, Y).\nend(X) :- reach(_, X), \\+ edge(X, _).\n") == "");
    CHECK(world.ask("reach(X, Y)") == "none");
    CHECK(world.tell("edge(1, 2). edge(2, 3). edge(3, 4).") == "");
    CHECK(world.ask("reach(1, Y)") == "2; 3; 4");
    CHECK(world.ask("end(Y)") == "4");
    CHECK(world.base.retract("edge(2, _)", world.problem).value() == 1);
    CHECK(world.ask("reach(1, Y)") == "2");
    CHECK(world.ask("end(Y)") == "2; 4");
    CHECK(world.tell("edge(2, 1)") == "");
    CHECK(world.ask("reach(1, Y)") == "1; 2");
    CHECK(world.tell("reach(9, 9)") == "");  // a fact of a predicate that has rules
    CHECK(world.ask("reach(X, X)") == "1; 2; 9");
    CHECK(world.base.retract("edge(X, X)", world.problem).value() == 0);
    CHECK(world.base.retract("edge(_, _)", world.problem).value() == 3);
    CHECK(world.ask("reach(X, Y)") == "9 9");
}
