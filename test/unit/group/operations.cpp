#include <catch2/catch.hpp>

#include "test/unit/group/world.hpp"
#include "urpc/task.hpp"

using namespace skerry::urpc::group;
using namespace skerry::urpc::group::test;
using namespace skerry::urpc;
using skerry::base::Error;
using skerry::base::Result;
using skerry::base::Status;

namespace {

struct Record {
    std::vector<uint64_t> answers;
    std::vector<Error> errors;
};

Task<Status> ask(FramePool&, Initiator& initiator, uint64_t value, Record& record) {
    auto operation = initiator.run({0, value});
    Result<Words> answer = co_await operation;
    record.errors.push_back(answer.error());
    if (answer.ok()) record.answers.push_back(answer.value()[1]);
    co_return Status{};
}

// The root of a world, asked by coroutines.
struct Asked {
    ReadyQueue ready;
    Counting work;
    Initiator initiator{ready, work};
    World world;
    StaticFramePool<1024, 16> pool;
    Scope scope{ready, 16};
    Record record;

    explicit Asked(const Plan& plan) : world(plan, 4, &initiator) { initiator.attach(world.root()); }
    void start(uint64_t value) { REQUIRE(spawn(scope, ask(pool, initiator, value, record)).ok()); }
    void settle() {
        while (world.round() + ready.run() != 0) {
        }
    }
};

}  // namespace

TEST_CASE("Coroutines share the window; the rest waits in order") {
    Machine machine(4, 4);
    Asked asked(machine.plan("numa_multicast"));
    for (uint64_t i = 0; i < 12; ++i) asked.start(i);
    CHECK(asked.world.root().begun() == 4);
    asked.settle();
    CHECK(asked.record.answers == std::vector<uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(asked.scope.live() == 0);
    CHECK(asked.work.performed.back() == 11);
}

TEST_CASE("A group of one answers at once, however many ask") {
    Machine machine(1, 1);
    Asked asked(machine.plan("unicast"));
    for (uint64_t i = 0; i < 10; ++i) asked.start(i);
    asked.settle();
    CHECK(asked.record.answers.size() == 10);
}

TEST_CASE("When the group ends, all who wait are told why, and later ones at once") {
    Machine machine(2, 2);
    Asked asked(machine.plan("multicast"));
    for (uint64_t i = 0; i < 6; ++i) asked.start(i);
    asked.world.group(3).close(Error::timed_out);
    for (int i = 0; i < 2000; ++i) asked.world.round();
    asked.settle();
    asked.start(6);
    CHECK(asked.record.errors == std::vector<Error>(7, Error::timed_out));
    CHECK(asked.work.culprit == Member{3});
    CHECK(asked.scope.live() == 0);
}
