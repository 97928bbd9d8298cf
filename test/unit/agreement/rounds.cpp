// One-phase and two-phase operations: all orders of messages and losses on few cores, seeds on more.
#include <catch2/catch.hpp>

#include "monitor/agreement/sharing.hpp"
#include "test/unit/agreement/network.hpp"

using namespace skerry;
using namespace skerry::test::agreement;
using monitor::agreement::Branch;

namespace {

struct Case {
    const char* name;
    std::vector<Plan::Operation> operations;
    uint32_t losses;
};
const Case cases[] = {
    {"one phase", {{0, false}}, 2},
    {"two phases", {{0, true}}, 2},
    {"one phase twice at one root", {{0, false}, {0, false}}, 1},
    {"two phases twice at one root", {{0, true}, {0, true}}, 1},
    {"two phases at two roots", {{0, true}, {1, true}}, 1},
    {"one of each", {{0, false}, {1, true}}, 1},
};

std::string found(const Plan& plan) {
    uint64_t states = 0;
    return explore(plan, states);
}

}  // namespace

TEST_CASE("every order of messages and losses, at 2 and 3 cores: all ends, and no two members differ", "[agreement]") {
    uint64_t total = 0;
    for (const Case& each : cases) {
        for (uint32_t cores : {2u, 3u}) {
            for (uint32_t width : {1u, 2u}) {
                for (bool refuses : {false, true}) {
                    Plan plan{cores, width, each.losses, each.operations, {}};
                    if (refuses) plan.refusing.add(CoreId{cores - 1});
                    uint64_t states = 0;
                    INFO(each.name << ", " << cores << " cores, width " << width << ", refused " << refuses);
                    CHECK(explore(plan, states) == "");
                    total += states;
                }
            }
        }
    }
    CHECK(total > 100'000);
}

TEST_CASE("4 to 8 cores with up to three losses, from seeds", "[agreement]") {
    for (uint32_t cores = 4; cores <= 8; ++cores) {
        for (uint32_t width : {1u, 2u, 4u}) {
            for (uint32_t losses = 0; losses <= 3; ++losses) {
                Plan plan{cores, width, losses, {{0, true}, {cores - 1, true}, {1, false}, {0, false}}, {}};
                if (losses == 2) plan.refusing.add(CoreId{2});
                INFO(cores << " cores, width " << width << ", " << losses << " losses");
                CHECK(run_seeds(plan, 1, 60) == "");
            }
        }
    }
}

TEST_CASE("without refusals and losses all commit, and a count is the number of members", "[agreement]") {
    for (uint32_t width : {1u, 2u, 4u}) {
        Plan plan{8, width, 0, {{3, true}, {5, false}}, {}};
        Network network(plan);
        while (network.choices() != 0) network.take(0);
        CHECK(network.progress(0).decision == Stage::committed);
        CHECK(network.progress(1).answer == Answer{Error::none, 7, 0, 0});
    }
}

TEST_CASE("what the checks are for is found when it is done wrong", "[agreement]") {
    Plan votes{3, 2, 0, {{0, true}}, {}, Mistake::decides_without_votes};
    votes.refusing.add(CoreId{2});
    CHECK(found(votes) == "committed although a member refused");
    CHECK(found({3, 1, 0, {{0, false}}, {}, Mistake::skips_those_below}) == "it ended before a member had done it");
    CHECK(found({3, 2, 1, {{0, false}}, {}, Mistake::adopts_nobody}) == "an operation never ends");
    CHECK(found({3, 2, 1, {{0, true}}, {}, Mistake::seeks_no_successor}) == "a member waits for a decision for ever");
    CHECK(found({3, 1, 1, {{0, true}}, {}, Mistake::looks_without_inquiring}) != "");
}

TEST_CASE("a round splits what it is given, and each member is asked once", "[agreement]") {
    for (uint32_t size : {0u, 1u, 4u, 5u, 63u, 255u}) {
        CoreSet members;
        for (uint32_t i = 0; i < size; ++i) members.add(CoreId{i});
        Round round(members);
        CoreSet reached;
        uint32_t asked = 0;
        for (Branch branch; round.next(branch); ++asked) {
            reached.add(branch.child);
            reached.add(branch.below);
            CoreSet below = branch.below;
            if (!below.empty()) CHECK(branch.child < below.take());
            CHECK(round.waits_for(branch.child));
        }
        CHECK(asked == std::min(size, Round::usual_width));
        CHECK(reached == members);
    }
}

TEST_CASE("answers that come late or twice are not counted", "[agreement]") {
    CoreSet members;
    members.add(CoreId{1});
    members.add(CoreId{2});
    Round round(members);
    Branch branch;
    while (round.next(branch)) {
    }
    round.performed({});
    CHECK(round.answered(CoreId{1}, {Error::none, 1, 0, 0}));
    CHECK_FALSE(round.answered(CoreId{1}, {Error::none, 1, 0, 0}));
    round.lost(CoreId{2});
    CHECK_FALSE(round.answered(CoreId{2}, {Error::none, 1, 0, 0}));
    REQUIRE(round.complete());
    CHECK(round.answer() == Answer{Error::none, 1, 0, 1});
}

TEST_CASE("ballots are bounded, and forgotten when all know how it ended", "[agreement]") {
    monitor::agreement::Ballots ballots;
    auto id = [](uint32_t number) { return OperationId{CoreId{3}, number}; };
    for (uint32_t i = 1; i <= 64; ++i) CHECK(ballots.prepare(id(i), {}, Error::none) == Error::none);
    CHECK(ballots.prepare(id(65), {}, Error::none) == Error::full);
    CHECK(ballots.prepare(id(64), {}, Error::none) == Error::none);
    for (uint32_t i = 1; i <= 10; ++i) CHECK(ballots.decide(id(i), CoreId{3}, Stage::committed));
    CHECK_FALSE(ballots.decide(id(10), CoreId{3}, Stage::committed));
    CHECK_FALSE(ballots.decide(id(11), CoreId{4}, Stage::committed));
    ballots.forget(CoreId{3}, 11);
    CHECK(ballots.stage(id(10)) == Stage::nothing);
    CHECK(ballots.prepare(id(65), {}, Error::none) == Error::none);
}

TEST_CASE("who was asked by a successor obeys it alone", "[agreement]") {
    monitor::agreement::Ballots ballots;
    OperationId id{CoreId{0}, 1}, unknown{CoreId{0}, 2};
    CHECK(ballots.prepare(id, {}, Error::none) == Error::none);
    CHECK(ballots.inquire(id, CoreId{2}).value() == Stage::prepared);
    CHECK(ballots.inquire(id, CoreId{1}).error() == Error::closed);
    CHECK_FALSE(ballots.decide(id, CoreId{0}, Stage::committed));
    CHECK(ballots.decide(id, CoreId{2}, Stage::aborted));
    CHECK(ballots.inquire(unknown, CoreId{2}).value() == Stage::aborted);
    CHECK(ballots.prepare(unknown, {}, Error::none) == Error::closed);
}

TEST_CASE("the ballots of a coordinator that is lost are forgotten, however far they are", "[agreement]") {
    monitor::agreement::Ballots ballots;
    OperationId prepared{CoreId{3}, 1}, aborted{CoreId{3}, 2}, other{CoreId{4}, 1};
    CHECK(ballots.prepare(prepared, {}, Error::none) == Error::none);
    CHECK(ballots.prepare(aborted, {}, Error::overlaps) == Error::overlaps);
    CHECK(ballots.prepare(other, {}, Error::none) == Error::none);
    ballots.lost(CoreId{3});
    CHECK(ballots.stage(prepared) == Stage::nothing);
    CHECK(ballots.stage(aborted) == Stage::nothing);
    CHECK_FALSE(ballots.decide(prepared, CoreId{3}, Stage::committed));  // passed on late
    CHECK(ballots.decide(other, CoreId{4}, Stage::committed));
}

TEST_CASE("a holder that is lost leaves the set at any time, also while a copy is on its way there", "[agreement]") {
    monitor::agreement::Sharing sharing;
    uint64_t ticket = sharing.enter();
    REQUIRE(sharing.turn(ticket));
    sharing.begin_copy(CoreId{2});
    sharing.lost(CoreId{2});
    sharing.end_copy(true);  // nobody knows what a monitor has done whose channel ended
    CHECK(sharing.holders().empty());
    sharing.begin_copy(CoreId{2});
    sharing.end_copy(true);
    sharing.leave();
    sharing.lost(CoreId{1});
    CHECK(sharing.holders().contains(CoreId{2}));
    sharing.lost(CoreId{2});
    CHECK(sharing.holders().empty());
}
