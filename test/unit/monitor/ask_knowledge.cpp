// The exchange with the knowledge base, which a program plays that need not keep to anything.
#include "monitor/operation/ask_knowledge.hpp"

#include <catch2/catch.hpp>

#include "test/unit/monitor/knowledge_world.hpp"

using namespace skerry;
using namespace skerry::test;
using base::Status;
using monitor::Monitor;
using urpc::FramePool;
using urpc::Task;
namespace protocol = urpc::monitor;

namespace {

// `rows` rows of `columns` numbers, in parts of at most `part` rows.
protocol::NextQuestion rows(const protocol::Question& question, uint32_t columns, uint32_t rows, uint32_t part) {
    protocol::NextQuestion answer{};
    answer.number = question.number;
    answer.columns = columns;
    answer.rows = rows;
    for (uint32_t i = question.first; i < rows && i < question.first + part; ++i) {
        for (uint32_t j = 0; j < columns; ++j) {
            uint32_t value = 1000 * i + j;
            for (uint32_t byte = 0; byte < 4; ++byte) {
                answer.numbers.data[answer.numbers.length++] = static_cast<uint8_t>(value >> 8 * byte);
            }
        }
    }
    return answer;
}

struct Asked {
    bool done = false;
    base::Result<uint32_t> rows{Error::again};
    std::array<uint32_t, 600> numbers{};
};

Task<Status> ask(FramePool& pool, Monitor& m, uint32_t columns, uint64_t patience, Asked& asked) {
    auto asking = monitor::ask_knowledge(pool, m, "tree(0, P, C, T)", columns, asked.numbers, patience);
    auto answer = co_await asking;
    asked.rows = answer;
    asked.done = true;
    co_return Status{};
}

struct KnowledgeWorld : KeeperWorld {
    Asked ask(uint32_t columns, uint64_t patience = 1'000'000'000'000) {
        Asked asked;
        REQUIRE(urpc::spawn(m.background, ::ask(m.pool(), m, columns, patience, asked)).ok());
        poll();
        REQUIRE(asked.done);
        return asked;
    }
};

}  // namespace

TEST_CASE("nobody has said anything: nobody is waited for", "[monitor]") {
    KnowledgeWorld world;
    CHECK(world.ask(3).rows.error() == Error::closed);
}

TEST_CASE("an answer comes in parts, and questions one after the other", "[monitor]") {
    KnowledgeWorld world;
    world.keeper.answer = [](const protocol::Question& question) { return rows(question, 3, 100, 53); };
    world.begin();
    Asked asked = world.ask(3);
    REQUIRE(asked.rows.ok());
    CHECK(*asked.rows == 100);
    CHECK(asked.numbers[3 * 99 + 2] == 99002);
    CHECK(world.keeper.asked.size() == 2);
    std::array<Asked, 4> many;
    for (Asked& each : many) {
        REQUIRE(urpc::spawn(world.m.background, ask(world.m.pool(), world.m, 3, 1'000'000'000'000, each)).ok());
    }
    world.poll();
    for (Asked& each : many) CHECK((each.done && each.rows.ok() && *each.rows == 100));
}

TEST_CASE("a base that breaks the rules is refused, and asked again", "[monitor]") {
    KnowledgeWorld world;
    world.begin();
    auto says = [&](auto change) {
        world.keeper.answer = [change](const protocol::Question& question) {
            protocol::NextQuestion answer = rows(question, 3, 10, 10);
            change(answer);
            return answer;
        };
        return world.ask(3).rows.error();
    };
    using Answer = protocol::NextQuestion;
    CHECK(says([](Answer& answer) { answer.columns = 2; }) == Error::corrupt);
    CHECK(says([](Answer& answer) { answer.numbers.length = 0; }) == Error::corrupt);
    CHECK(says([](Answer& answer) { answer.numbers.length = 16; }) == Error::corrupt);
    CHECK(says([](Answer& answer) { answer.rows = 9; }) == Error::corrupt);
    CHECK(says([](Answer& answer) { answer.rows = ~0u; }) == Error::full);
    CHECK(says([](Answer& answer) { answer.error = Error::refused; }) == Error::refused);
    CHECK(says([](Answer& answer) { answer.rows = 0; }) == Error::none);
    CHECK(says([](Answer&) {}) == Error::none);
}

TEST_CASE("a silent base is not waited for for ever, and what it says later is nobody's", "[monitor]") {
    KnowledgeWorld world;
    world.keeper.answer = [](const protocol::Question& question) {
        protocol::NextQuestion answer = rows(question, 3, 10, 10);
        answer.number += 1;  // to a question that nobody has put
        return answer;
    };
    world.begin();
    Asked asked;
    REQUIRE(urpc::spawn(world.m.background, ask(world.m.pool(), world.m, 3, 1'000'000'000'000, asked)).ok());
    world.poll();
    CHECK_FALSE(asked.done);
    world.end();
    world.poll();
    CHECK(asked.rows.error() == Error::closed);
    CHECK(world.keeper.end == Error::closed);
    CHECK_FALSE(world.m.decisions.present());
}

TEST_CASE("only the base that init has started is asked", "[monitor]") {
    KnowledgeWorld world;
    world.m.domains.find(world.id)->system = false;
    world.begin();
    world.poll();
    CHECK(world.keeper.end == Error::refused);
    CHECK(monitor::knowledge_changed(world.m, world.id, {7}).error() == Error::corrupt);
    CHECK(world.m.decisions.version == 0);
    world.m.domains.find(world.id)->system = true;
    world.keeper.answer = [](const protocol::Question& question) { return rows(question, 3, 1, 1); };
    world.begin();
    world.poll();
    Keeper second;
    REQUIRE(urpc::spawn(world.m.background, keep(world.m.pool(), world.m, world.id, second)).ok());
    CHECK(second.end == Error::refused);  // it waits already
    CHECK(world.ask(3).rows.ok());
}
