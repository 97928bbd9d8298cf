// What may not be loaded, and the line that says so.
#include <catch2/catch.hpp>

#include "test/unit/skb/world.hpp"

using skerry::test::SkbWorld;

namespace {

std::string refused(std::string_view text) {
    SkbWorld world;
    return world.load(text);
}

}  // namespace

TEST_CASE("syntax: file, line, what was expected", "[skb]") {
    CHECK(refused("a(1).\nb(2)\nc(3).\n") == "rules.pl:3: expected an operator or the full stop, found 'c'");
    CHECK(refused("a(1") == "rules.pl:1: expected ',' or ')', found the end of the text");
    CHECK(refused("a(1)).") == "rules.pl:1: expected an operator or the full stop, found ')'");
    CHECK(refused("a :- .") == "rules.pl:1: expected a term, found the full stop");
    CHECK(refused("a('x).\n") == "rules.pl:1: expected a quoted atom that ends on its line");
    CHECK(refused("/* a\n\n") == "rules.pl:1: expected the end '*/' of a comment");
    CHECK(refused("a(99999999999999999999).") == "rules.pl:1: expected a number of at most 63 bits");
    CHECK(refused("a(1.5).") == "rules.pl:1: expected a whole number");
    CHECK(refused("a(\"x\").") == "rules.pl:1: expected a character of the language");
    CHECK(refused("a(f(1)).") ==
          "rules.pl:1: expected a variable, an atom or a number as argument, found a term with arguments");
    CHECK(refused("a([1]).") == "rules.pl:1: expected a variable, an atom or a number as argument, found a list");
    CHECK(refused("\n:- module(a).") == "rules.pl:2: expected dynamic, discontiguous or table after ':-'");
    CHECK(refused(":- dynamic a/99.") == "rules.pl:1: expected name/arity, with an arity of at most 12");
    CHECK(refused("a(X) :- b(X) ; c(X).").find("rules.pl:1: expected") == 0);
    CHECK(refused("X.").find("rules.pl:1: expected the name of a predicate") == 0);
    CHECK(refused("1 :- a.").find("rules.pl:1: expected the name of a predicate") == 0);
    CHECK(refused("X is 3 :- a.").find("built in") != std::string::npos);
    CHECK(refused("3 < 4.").find("built in") != std::string::npos);
    std::string deep(3000, '(');
    CHECK(refused("a :- " + deep).find("deeply nested") != std::string::npos);
}

TEST_CASE("rules that are not safe", "[skb]") {
    CHECK(refused("a(X) :- b(Y).\nb(1).") ==
          "rules.pl:1: expected X to be bound by a goal before the rule ends: it stands in the head");
    CHECK(refused("a(X).") ==
          "rules.pl:1: expected X to be bound by a goal before the rule ends: it stands in the head");
    CHECK(refused("b(1).\na(X) :- X > 3,\n b(X).")
              .find("rules.pl:2: expected X to be bound by a goal before it is compared") == 0);
    CHECK(refused("b(1).\na(X) :-\n b(X), Y is Z + 1.") ==
          "rules.pl:3: expected Z to be bound by a goal before it is used in arithmetic");
    CHECK(refused("b(1).\na(X) :- \\+ b(X), b(X).") ==
          "rules.pl:2: expected X to be bound by a goal before \\+: it stands outside of it, too");
    CHECK(refused("b(1).\na(N) :- aggregate_all(count, b(N), N).").find("expected N to be bound") != std::string::npos);
    CHECK(refused("b(1).\na(N) :- aggregate_all(sum(Z), b(X), N).").find("expected Z to be bound") !=
          std::string::npos);
    CHECK(refused("b(1).\na(N) :- aggregate_all(bag(X), b(X), N).").find("expected count, sum(E)") !=
          std::string::npos);
    CHECK(refused("b(1).\na(N) :- aggregate_all(max(X + 1), b(X), N).").find("expected a variable in max") !=
          std::string::npos);
    CHECK(refused("b(1).\na(X) :- minimize(3, b(X)).").find("expected a variable, or a list") != std::string::npos);
    CHECK(refused("b(1).\na(X) :- minimize(C, b(X)).").find("expected C to be bound") != std::string::npos);
    CHECK(refused("a(X) :- X = Y.").find("expected Y to be bound") != std::string::npos);
    CHECK(refused("b(1).\na(X) :- b(X), X / 2 > 1.").find("expected '//'") != std::string::npos);
}

TEST_CASE("rules without strata", "[skb]") {
    CHECK(refused("m(1,2).\nwin(X) :- m(X, Y),\n \\+ win(Y).") ==
          "rules.pl:3: expected win/1 not to need win/1, which needs its negation, aggregate or optimum here");
    CHECK(refused("d(1).\na(X) :- d(X), \\+ b(X).\nb(X) :- c(X).\nc(X) :- a(X).")
              .find("rules.pl:2: expected b/1 not to need a/1") == 0);
    CHECK(refused("d(1).\na(N) :- aggregate_all(count, a(_), N).").find("expected a/1 not to need a/1") !=
          std::string::npos);
    CHECK(refused("d(1).\na(N) :- minimize(N, a(N)).").find("expected a/1 not to need a/1") != std::string::npos);
    std::string tower = "p0(1).\n";
    for (int i = 1; i < 80; i++) tower += "p" + std::to_string(i) + "(X) :- p" + std::to_string(i - 1) + "(X).\n";
    CHECK(refused(tower).find("expected at most 64 layers") != std::string::npos);
}

TEST_CASE("names that nobody defined", "[skb]") {
    CHECK(refused("a(X) :-\n b(X).") ==
          "rules.pl:2: expected a known predicate (rules, facts or ':- dynamic'), found b/1");
    CHECK(refused(":- dynamic b/1.\na(X) :- b(X).") == "");
    SkbWorld world;
    CHECK(world.ask("nothing(X)").find("expected a known predicate") != std::string::npos);
    CHECK(world.ask("") == "question:1: expected a goal, found nothing");
    CHECK(world.ask("X") == "question:1: expected a goal, found a variable");
    CHECK(world.tell("a(X).") == "fact:1: expected a fact without variables, found X");
}
