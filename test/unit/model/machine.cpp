// Machine files: what they say, and what is wrong with them, by line.
#include <catch2/catch.hpp>

#include "platforms/simulated/model/prices.hpp"

namespace skerry::simulated::model {

namespace {

const std::string shape =
    "packages = 4\ndies_per_package = 1\ncores_per_die = 2\nnodes = 4\n"
    "link = 0 1\nlink = 0 2\nlink = 1 3\nlink = 2 3\ndistance_by_hops = 10 16 22\n";

std::string refusal(const std::string& text) {
    try {
        Machine::parse("test", text);
    } catch (const BadMachine& problem) {
        return problem.what();
    }
    return "none";
}

}  // namespace

TEST_CASE("a machine's shape: hops, relations, distances") {
    Machine machine = Machine::parse("test", shape);
    CHECK(machine.cores() == 8);
    CHECK(machine.relation(0, 1) == Relation::die);
    CHECK(machine.relation(0, 2) == Relation::hop1);
    CHECK(machine.relation(1, 7) == Relation::hop2);
    CHECK(machine.hops(0, 3) == 2);
    CHECK(machine.distance(0, 3) == 22);
    CHECK((machine.next_hop(0, 3) == 1 || machine.next_hop(0, 3) == 2));
    CHECK(machine.node_of(5) == 2);
}

TEST_CASE("dies of a package, and packages on one bus") {
    Machine machine = Machine::parse("bus", "packages = 2\ndies_per_package = 2\ncores_per_die = 2\nnodes = 1\n");
    CHECK(machine.relation(0, 1) == Relation::die);
    CHECK(machine.relation(0, 2) == Relation::package);
    CHECK(machine.relation(0, 4) == Relation::hop1);
}

TEST_CASE("a cost has a source, or a range; a relation without one has that of the nearest below") {
    Machine machine = Machine::parse("test", shape +
                                                 "cost latency.die = 100 from a book\n"
                                                 "cost latency.hop2 = 300.5 200..400 from unknown: a guess\n");
    CHECK(machine.cost("latency", Relation::die) == 100);
    CHECK(machine.cost("latency", Relation::hop1) == 100);
    CHECK(machine.cost("latency", Relation::hop3) == 300.5);
    CHECK(machine.costs().at("latency.hop2").low == 200);
    CHECK(machine.costs().at("latency.hop2").line == 11);
    CHECK_THROWS_AS(machine.cost("hop"), BadMachine);
    CHECK_THROWS_AS(machine.set("nosuch", 1), BadMachine);
}

TEST_CASE("what is wrong with a file is told by line") {
    CHECK(refusal(shape) == "none");
    CHECK(refusal(shape + "colour = blue\n") == "line 10: unknown key 'colour'");
    CHECK(refusal(shape + "\n\nnothing\n") == "line 12: 'nothing' has no '='");
    CHECK(refusal("packages = two\n").starts_with("line 1: 'two' is no number"));
    CHECK(refusal(shape + "cost hop = 3\n").starts_with("line 10: a cost is"));
    CHECK(refusal(shape + "cost hop = 3 from \n").starts_with("line 10: a cost is"));
    CHECK(refusal(shape + "cost hop = 3 from unknown: a guess\n")
              .starts_with("line 10: 'hop' has no source and no range"));
    CHECK(refusal(shape + "cost hop = 3 4..9 from a book\n").starts_with("line 10: 'hop' lies outside"));
    CHECK(refusal(shape + "cost hop = 3 1-9 from a book\n").starts_with("line 10: '1-9' is no range"));
    CHECK(refusal(shape + "cost hop = -3 from a book\n").starts_with("line 10: '-3' is no number"));
    CHECK(refusal(shape + "cost hop = 1 from a\ncost hop = 1 from a\n") == "line 11: 'hop' is there twice");
    CHECK(refusal(shape + "link = 3 3\n").starts_with("line 10: a link joins two nodes"));
    CHECK(refusal(shape + "link = 3 9\n") == "a link names a node that is not there");
}

TEST_CASE("a shape that cannot be") {
    CHECK(refusal("packages = 2\n").starts_with("packages, dies_per_package"));
    CHECK(refusal("packages = 2\ndies_per_package = 1\ncores_per_die = 2\nnodes = 2\n")
              .starts_with("links do not reach"));
    CHECK(refusal("packages = 2\ndies_per_package = 1\ncores_per_die = 2\nnodes = 3\n").starts_with("'nodes' must be"));
    CHECK(refusal("packages = 4\ndies_per_package = 1\ncores_per_die = 1025\nnodes = 1\n") == "more than 4096 cores");
    CHECK_THROWS_AS(Machine::load("/nowhere/at/all"), BadMachine);
}

}  // namespace skerry::simulated::model
