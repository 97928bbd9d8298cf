#include <catch2/catch.hpp>

#include "test/unit/group/world.hpp"

using namespace skerry::urpc::group;
using namespace skerry::urpc::group::test;
using namespace skerry::urpc;
using skerry::base::Error;

namespace {

// A root with two children that may sleep, on lines of their own or on one for both.
struct Family {
    static constexpr uint32_t window = 2;
    bool shared;
    Line memory[4][1 + window]{};
    CountingPoker pokes[3];
    Counting works[3];
    Ends<2> ends[3]{Ends<2>{window}, Ends<2>{window}, Ends<2>{window}};
    std::optional<Group> groups[3];

    RingView down(int child) { return RingView(memory[shared ? 0 : child - 1]); }
    RingView up(int child) { return RingView(memory[1 + child]); }

    explicit Family(bool one_line) : shared(one_line) {
        for (uint16_t child : {1, 2}) {
            REQUIRE(ends[0].child(Member{child}, up(child), &pokes[child]));
            if (!shared || child == 1) REQUIRE(ends[0].send_on(down(child)));
            ends[child].parent(Member{0}, down(child), up(child), &pokes[0]);
        }
        for (uint16_t i = 0; i < 3; ++i) groups[i].emplace(works[i], Member{i}, ends[i].links(), window);
    }
    Group& operator[](int i) { return *groups[i]; }
};

}  // namespace

TEST_CASE("Who sleeps is poked once; who polls is not") {
    for (bool shared : {false, true}) {
        Family family(shared);
        REQUIRE(family[1].prepare_to_block());
        REQUIRE(family[0].begin({}).ok());
        CHECK(family.pokes[1].count == 1);
        CHECK(family.pokes[2].count == 0);
        REQUIRE(family[0].begin({}).ok());
        CHECK(family.pokes[1].count == 1);  // the same sleep
        family[1].cancel_block();
        family[1].poll();
        family[2].poll();
        CHECK(family.pokes[0].count == 0);
        family[0].poll();
        CHECK(family.works[0].done.size() == 2);
    }
}

TEST_CASE("A parent that sleeps is poked by answers") {
    Family family(false);
    REQUIRE(family[0].begin({}).ok());
    REQUIRE(family[0].prepare_to_block());
    family[1].poll();
    CHECK(family.pokes[0].count == 1);
    family[0].cancel_block();
    family[0].poll();
    REQUIRE(family[0].prepare_to_block());
    family[2].poll();
    CHECK(family.pokes[0].count == 2);
}

TEST_CASE("Nobody goes to sleep over a line that lies there") {
    Family family(true);
    REQUIRE(family[0].begin({}).ok());
    CHECK_FALSE(family[1].prepare_to_block());
    family[1].poll();
    CHECK(family[1].prepare_to_block());
    CHECK_FALSE(family[0].prepare_to_block());
    family[0].poll();
    CHECK(family[0].prepare_to_block());
}

TEST_CASE("A close wakes sleepers, and is found before sleep") {
    Family family(false);
    REQUIRE(family[1].prepare_to_block());
    family[0].close();
    CHECK(family.pokes[1].count == 1);
    family[1].cancel_block();
    CHECK_FALSE(family[2].prepare_to_block());
    CHECK(family[2].closed());
    CHECK(family[2].prepare_to_block());  // a closed one does not keep its dispatcher awake
}
