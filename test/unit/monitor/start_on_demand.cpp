// A core that somebody wants: who may have it, what the rules are asked, and what becomes of it. The test plays whoever starts
// it (operation/start_core.cpp needs a machine).
#include "monitor/operation/start_on_demand.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "test/unit/monitor/knowledge_world.hpp"

using namespace skerry;
using namespace skerry::test;
using base::Status;
using monitor::CoreState;
using monitor::Monitor;
using urpc::FramePool;
using urpc::Task;
namespace protocol = urpc::monitor;

namespace {

struct Started {
    bool done = false;
    base::Result<protocol::CoreStarted> answer{Error::again};
};

Task<Status> start(FramePool& pool, Monitor& m, base::CoreId core, Started& started) {
    auto starting = monitor::start_on_demand(pool, m, core);
    auto answer = co_await starting;
    started.answer = answer;
    started.done = true;
    co_return Status{};
}

Task<Status> ask(FramePool& pool, Monitor& m, base::CoreId core, monitor::CoreWish& wish, bool& done) {
    auto asking = monitor::ask_place(pool, m, core, wish);
    Status asked = co_await asking;
    done = asked.ok();
    co_return Status{};
}

struct StartWorld : KeeperWorld {
    base::CoreId core{3};
    monitor::CoreEntry& entry = m.cores.cores[core.value];

    StartWorld() { m.cores.count = 5; }
    void begin_start(base::CoreId which, Started& started) {
        REQUIRE(urpc::spawn(m.background, start(m.pool(), m, which, started)).ok());
        poll();
    }
    Error refused(base::CoreId which) {
        Started started;
        begin_start(which, started);
        REQUIRE(started.done);
        return started.answer.error();
    }
    monitor::StartOrder& taken() {
        monitor::StartOrder* order = m.start_orders.pop_front();
        REQUIRE(order != nullptr);
        return *order;
    }
    void finish(monitor::StartOrder& order, Error error) {
        order.error = error;
        order.over = true;
        m.changed.set();
        poll();
    }
    // What the rules answer: so many rows of one node.
    void rules(std::map<std::string, std::vector<uint32_t>> nodes) {
        keeper.answer = [nodes](const protocol::Question& question) {
            protocol::NextQuestion answer{};
            answer.number = question.number;
            answer.columns = 1;
            auto found = nodes.find(std::string(question.text.view()));
            if (found == nodes.end()) return answer;
            answer.rows = static_cast<uint32_t>(found->second.size());
            for (uint32_t node : found->second) {
                for (uint32_t byte = 0; byte < 4; ++byte) {
                    answer.numbers.data[answer.numbers.length++] = static_cast<uint8_t>(node >> 8 * byte);
                }
            }
            return answer;
        };
        begin();
        poll();
    }
    monitor::CoreWish wish() {
        monitor::CoreWish wish;
        bool done = false;
        REQUIRE(urpc::spawn(m.background, ask(m.pool(), m, core, wish, done)).ok());
        poll();
        CHECK(done == m.decisions.present());
        return wish;
    }
};

}  // namespace

TEST_CASE("only a core that is offline is started", "[monitor]") {
    StartWorld world;
    CHECK(world.refused(base::CoreId{5}) == Error::out_of_range);
    world.entry.state = CoreState::online;
    CHECK(world.refused(world.core) == Error::exists);
    world.entry.state = CoreState::starting;
    CHECK(world.refused(world.core) == Error::busy);
    world.entry.state = CoreState::failed;
    CHECK(world.refused(world.core) == Error::closed);
    CHECK(world.m.start_orders.empty());
}

TEST_CASE("whoever wanted a core hears that it is online, and where it lies", "[monitor]") {
    StartWorld world;
    world.entry.reason = decltype(world.entry.reason)::cut("out of memory");  // the last time
    Started started, second;
    world.begin_start(world.core, started);
    CHECK_FALSE(started.done);
    CHECK(world.entry.state == CoreState::starting);
    CHECK(world.entry.reason.length == 0);
    world.begin_start(world.core, second);
    CHECK(second.answer.error() == Error::busy);
    monitor::StartOrder& order = world.taken();
    CHECK(order.core == world.core);
    CHECK(world.m.start_orders.empty());
    world.m.changed.set();
    world.poll();
    CHECK_FALSE(started.done);
    order.place.image = base::NodeId{1};
    order.place.memory = base::NodeId{2};
    order.place.reason << "the rules give no image_node";
    world.entry.state = CoreState::online;
    world.finish(order, Error::none);
    REQUIRE(started.done);
    REQUIRE(started.answer.ok());
    CHECK(started.answer->image == base::NodeId{1});
    CHECK(started.answer->memory == base::NodeId{2});
    CHECK_FALSE(started.answer->by_rules);
    CHECK(started.answer->about.view() == "the rules give no image_node");
}

TEST_CASE("a core that does not come up is answered with the reason", "[monitor]") {
    StartWorld world;
    Started started;
    world.begin_start(world.core, started);
    monitor::StartOrder& order = world.taken();
    world.entry.state = CoreState::failed;
    world.finish(order, Error::timed_out);
    REQUIRE(started.done);
    CHECK(started.answer.error() == Error::timed_out);
    CHECK(world.refused(world.core) == Error::closed);
}

TEST_CASE("a core that came late hears when trees change, and rules hear of it", "[monitor]") {
    StartWorld world;
    for (uint64_t version : {0u, 7u}) {
        world.m.decisions.own.version = version;
        world.m.decisions.asked = 5;
        world.entry.state = CoreState::offline;
        Started started;
        world.begin_start(world.core, started);
        monitor::StartOrder& order = world.taken();
        world.entry.state = CoreState::online;
        world.finish(order, Error::none);
        REQUIRE(started.answer.ok());
        CHECK(world.m.decisions.untold.contains(world.core) == (version != 0));
        CHECK(world.m.decisions.asked == 0);
        CHECK(world.m.decisions.outdated);
    }
}

TEST_CASE("the rules are asked for both nodes; without any nobody waits", "[monitor]") {
    StartWorld world;
    monitor::CoreWish wish = world.wish();
    CHECK(wish.image.error() == Error::closed);
    CHECK(wish.memory.error() == Error::closed);
    world.rules({{"image_node(3, Node)", {2}}, {"core_memory_node(3, Node)", {0}}});
    wish = world.wish();
    REQUIRE((wish.image.ok() && wish.memory.ok()));
    CHECK(*wish.image == 2);
    CHECK(*wish.memory == 0);
    CHECK(world.keeper.asked == std::vector<std::string>{"image_node(3, Node)", "core_memory_node(3, Node)"});
}

TEST_CASE("no node and several nodes are no answer", "[monitor]") {
    StartWorld world;
    world.rules({{"image_node(3, Node)", {0, 1}}});
    monitor::CoreWish wish = world.wish();
    CHECK(wish.image.error() == Error::full);
    CHECK(wish.memory.error() == Error::not_found);
}

TEST_CASE("another core's monitor asks the directory", "[monitor]") {
    StartWorld world;
    world.m.directory = base::CoreId{4};  // which is not there
    CHECK(world.refused(world.core) == Error::closed);
    CHECK(world.entry.state == CoreState::offline);
    CHECK(world.m.start_orders.empty());
}
