#include <catch2/catch.hpp>

#include "test/unit/skb/world.hpp"

using skerry::test::SkbWorld;

TEST_CASE("Prolog's syntax", "[skb]") {
    SkbWorld world;
    REQUIRE(world
                .load("% a comment\n/* and\none */ p(a). p('B c'). p('it''s'). p('tab\\there'). p('').\n"
                      "p(-5). p(- 5) :- fail.\n")
                .find("expected a variable, an atom or a number") != std::string::npos);
    REQUIRE(
        world.load("p(a). p('B c'). p('it''s'). p('x\\ny'). p('\\x41\\'). p('').\np(-5). q. q(X):-p(X),X\\==a.%end") ==
        "");
    CHECK(world.ask("p(X)") == "''; 'A'; 'B c'; 'it\\'s'; 'x\\ny'; -5; a");
    CHECK(world.ask("p('it\\'s')") == "yes");
    CHECK(world.ask("q") == "yes");
    CHECK(world.ask("(p(X), (X = a))") == "a");
    CHECK(world.ask("\\+ p(b), X = 1") == "1");
    CHECK(world.ask("X is 2 - 1 - 1, Y is 2 - (1 - 1), Z is 2 + 3 * 4, W is - (3)") == "0 2 14 -3");
    CHECK(world.ask("X is 3 -1") == "2");
}

TEST_CASE("values are written so that they are read as the same", "[skb]") {
    SkbWorld world;
    for (const char* text : {"a", "aB_9", "'A'", "'a b'", "'it\\'s'", "'\\\\'", "[]", "+"}) {
        std::string wanted = text == std::string("[]") ? "none" : text;
        std::string said = world.ask(std::string("X = ") + text);
        if (text == std::string("[]")) {
            CHECK(said.find("found a list") != std::string::npos);
        } else {
            CHECK(world.ask("X = " + said) == said);
        }
    }
    CHECK(world.ask("X = '+'") == "'+'");
}

TEST_CASE("standard order", "[skb]") {
    SkbWorld world;
    REQUIRE(world.load("v(3). v(-2). v(b). v(a). v(ab). v('').") == "");
    CHECK(world.ask("v(X), v(Y), X @< Y, \\+ (v(Z), X @< Z, Z @< Y)") == "'' a; -2 3; 3 ''; a ab; ab b");
    CHECK(world.ask("v(X), integer(X)") == "-2; 3");
    CHECK(world.ask("v(X), atom(X), X @>= ab") == "ab; b");
}
