// Capabilities in messages: brought before the message, claimed with it, given away when it is sent.
#include <catch2/catch.hpp>

#include <deque>
#include <map>

#include "test/unit/urpc/pair.hpp"
#include "urpc/call.hpp"

using namespace skerry;
using namespace skerry::urpc;
using namespace skerry::urpc::test;

namespace hands {  // with a name: coroutine templates are made of these types
struct Kept {
    uint64_t number;
};
struct Keep {
    using Response = Kept;
    uint64_t number;
    Capability what;
};
struct Lent {
    Capability what;
    uint64_t number;
};
struct Lend {
    using Response = Lent;
    uint64_t number;
};
struct Note {
    Capability what;
    uint64_t number;
};
using Hands = Protocol<Kept, Keep, Lent, Lend, Note>;
static_assert(Hands::has_capabilities);
static_assert(CarriesCapability<Keep> && !CarriesCapability<Kept>);
}  // namespace hands
using namespace hands;

namespace {

// A program's slots, and the way into the other one's: what the monitors do.
struct Space {
    std::map<uint64_t, uint64_t> slots;  // slot -> what is in it; 0 = empty
    std::deque<uint64_t> offered;
    uint64_t next_slot = 1000;
    void offer() {
        slots[++next_slot] = 0;
        offered.push_back(next_slot);
    }
};
struct ModelCourier final : Courier {
    Space& own;
    Space& peer;
    int delay = 0;  // turns of the loop
    ReadyQueue& ready;
    ModelCourier(Space& o, Space& p, ReadyQueue& r) : own(o), peer(p), ready(r) {}

    struct Turn : Waiter {
        ReadyQueue& ready;
        explicit Turn(ReadyQueue& r) : ready(r) {}
        bool await_ready() const { return false; }
        void await_suspend(std::coroutine_handle<> h) {
            handle = h;
            ready.push(*this);
        }
        void await_resume() const {}
    };
    Task<Status> bring(FramePool&, Capability& capability) override {
        for (int i = 0; i < delay; ++i) {
            Turn turn(ready);
            co_await turn;
        }
        uint64_t what = own.slots[capability.slot];
        if (what == 0) co_return Error::no_capability;
        if (peer.offered.empty()) co_return Error::full;
        capability.slot = peer.offered.front();
        peer.offered.pop_front();
        peer.slots[capability.slot] = what;
        co_return Status{};
    }
    void sent(const Capability& capability) override {
        if (capability.gives) own.slots[capability.slot] = 0;
    }
    Status claim(Capability& capability) override {
        auto slot = own.slots.find(capability.slot);
        if (slot == own.slots.end() || slot->second == 0) return Error::corrupt;
        own.offer();
        return {};
    }
};

struct World {
    Frame<> frame;
    CountingPoker poker;
    PollSet set_a, set_b;
    StaticFramePool<2048, 16> pool_a, pool_b;
    Space space_a, space_b;
    ModelCourier courier_a{space_a, space_b, set_a.ready()}, courier_b{space_b, space_a, set_b.ready()};

    struct Handler {
        World& world;
        std::vector<uint64_t> numbers, found;
        base::Result<Kept> operator()(const Keep& m) {
            numbers.push_back(m.number);
            found.push_back(world.space_b.slots[m.what.slot]);
            return Kept{m.number};
        }
        base::Result<Lent> operator()(const Lend& m) {
            world.space_b.slots[7] = 70 + m.number;
            return Lent{m.number == 0 ? Capability{} : Capability::give_away(7), m.number};
        }
        void operator()(const Note& m) {
            numbers.push_back(m.number);
            found.push_back(world.space_b.slots[m.what.slot]);
        }
    } handler{*this, {}, {}};

    Caller<Hands> caller{set_a, frame.layout(Side::a), poker};
    Server<Hands, Handler> server{set_b, frame.layout(Side::b), poker, pool_b.pool(), handler};
    Scope scope{set_a.ready(), 16};

    World() {
        caller.set_courier(&courier_a);
        server.set_courier(&courier_b);
        for (int i = 0; i < 3; ++i) space_a.offer(), space_b.offer();
        for (uint64_t i = 1; i <= 9; ++i) space_a.slots[i] = 10 * i;
    }
    ~World() {
        caller.close();
        server.close();
        turn();
    }
    void turn() {
        for (int i = 0; i < 40; ++i) set_a.poll_all(), set_b.poll_all();
    }
};

template <typename Request, typename Response>
Task<Status> call_and_store(FramePool& pool, World& world, Request request, base::Result<Response>* to) {
    if constexpr (CarriesCapability<Request>) {
        auto call = call_with(pool, world.caller, request);
        auto result = co_await call;
        *to = result;
    } else {
        auto call = world.caller.call(request);
        auto result = co_await call;
        *to = result;
    }
    co_return Status{};
}
template <typename Request>
base::Result<typename Request::Response> call(World& world, Request request) {
    base::Result<typename Request::Response> result{Error::again};
    REQUIRE(spawn(world.scope, call_and_store(world.pool_a.pool(), world, request, &result)).ok());
    world.turn();
    return result;
}
Task<Status> send_and_store(FramePool& pool, World& world, Note note, Status* to) {
    auto sending = send_with(pool, world.caller, note);
    Status status = co_await sending;
    *to = status;
    co_return Status{};
}

}  // namespace

TEST_CASE("a request brings its capability; a copy stays, a gift goes") {
    World world;
    CHECK(call(world, Keep{1, Capability::copy_of(2)}).ok());
    CHECK(world.space_a.slots[2] == 20);
    CHECK(call(world, Keep{2, Capability::give_away(3)}).ok());
    CHECK(world.space_a.slots[3] == 0);
    CHECK(call(world, Keep{3, {}}).ok());
    CHECK(world.handler.found == std::vector<uint64_t>{20, 30, 0});
}

TEST_CASE("a response brings its capability, from a handler that answers at once") {
    World world;
    auto lent = call(world, Lend{5});
    REQUIRE(lent.ok());
    CHECK(world.space_a.slots[lent->what.slot] == 75);
    CHECK(world.space_b.slots[7] == 0);  // given away
    auto nothing = call(world, Lend{0});
    REQUIRE(nothing.ok());
    CHECK(nothing->what.slot == 0);
}

TEST_CASE("what cannot be brought is not sent, and the sender keeps it") {
    World world;
    CHECK(call(world, Keep{1, Capability::give_away(99)}).error() == Error::no_capability);
    world.space_b.offered.clear();
    CHECK(call(world, Keep{1, Capability::give_away(4)}).error() == Error::full);
    CHECK(world.space_a.slots[4] == 40);
    world.space_a.offered.clear();
    CHECK(call(world, Lend{5}).error() == Error::full);  // the server has no room at ours: it says so
    CHECK(world.space_b.slots[7] == 75);
    CHECK(world.handler.numbers.empty());
    CHECK_FALSE(world.caller.closed());
    CHECK_FALSE(world.server.closed());
}

TEST_CASE("a message that names a capability which never came closes the channel") {
    World world;
    uint64_t words[7] = {1003, 1};  // a slot that was offered, and is empty
    REQUIRE(world.caller.channel().try_send(Hands::opcode<Note>, 1, std::span(words, 2)).ok());
    world.turn();
    CHECK(world.server.closed());
    CHECK(world.server.reason() == Error::corrupt);
    CHECK(world.handler.numbers.empty());
}

TEST_CASE("without a courier nothing goes and nothing is taken") {
    World world;
    world.caller.set_courier(nullptr);
    CHECK(call(world, Keep{1, Capability::copy_of(2)}).error() == Error::refused);
    CHECK_FALSE(world.caller.closed());
    auto lent = call(world, Lend{5});
    CHECK(lent.error() == Error::corrupt);  // the server means a slot that nobody here can know
    CHECK(world.caller.closed());
}

TEST_CASE("the channel ends while a capability is on its way: the sender keeps it") {
    World world;
    world.courier_a.delay = 1;
    Status status{Error::again};
    Note note{Capability::give_away(5), 1};
    REQUIRE(spawn(world.scope, send_and_store(world.pool_a.pool(), world, note, &status)).ok());
    world.caller.close();
    world.turn();
    CHECK(status.error() == Error::closed);
    CHECK(world.space_a.slots[5] == 50);
}

TEST_CASE("messages with capabilities keep the order of their sending") {
    World world;
    for (uint64_t i = 1; i <= 30; ++i) {
        Status status{Error::again};
        Note note{Capability::copy_of(1 + i % 9), i};
        REQUIRE(spawn(world.scope, send_and_store(world.pool_a.pool(), world, note, &status)).ok());
        world.turn();
        REQUIRE(status.ok());
    }
    REQUIRE(world.handler.numbers.size() == 30);
    for (uint64_t i = 1; i <= 30; ++i) {
        CHECK(world.handler.numbers[i - 1] == i);
        CHECK(world.handler.found[i - 1] == 10 * (1 + i % 9));
    }
    CHECK(world.pool_a.pool().in_use() == 0);
    CHECK(world.pool_b.pool().in_use() == 0);
}
