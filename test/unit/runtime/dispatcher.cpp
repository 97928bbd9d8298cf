#include "usr/runtime/dispatcher.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace skerry;
using namespace skerry::runtime;

namespace {

// To make a CNode takes memory, which comes as a capability in a message; then the slots for such are filled up.
struct MakerThatReceives final : CNodeMaker {
    MakerThatReceives(Dispatcher& receiver, SlotAllocator& its_slots) : dispatcher(receiver), slots(its_slots) {}
    Dispatcher& dispatcher;
    SlotAllocator& slots;
    uint32_t made = 0;
    Status make_cnode(CapRef) override {
        ++made;
        dispatcher.receive_capabilities(&slots);
        return {};
    }
    Status drop_cnode(CapRef) override { return Error::busy; }
};

}  // namespace

TEST_CASE("slots for messages' capabilities are made ready once, also while slots are being made", "[runtime]") {
    alignas(4096) std::array<std::byte, 8192> page{};
    Dispatcher dispatcher;
    dispatcher.attach(reinterpret_cast<capabilities::DispatcherPage*>(page.data()), 0);
    SlotAllocator slots;
    MakerThatReceives maker(dispatcher, slots);
    constexpr uint32_t few = 20;  // so few that the first one asked for makes more
    slots.add_cnode(0, capabilities::second_level_slots - few);
    slots.allow_growth(1, maker);
    dispatcher.receive_capabilities(&slots);
    CHECK(maker.made == 1);
    constexpr uint32_t ready = Dispatcher::receive_slots;
    CHECK(slots.free_slots() == few + capabilities::second_level_slots - ready);
    CHECK(dispatcher.page().receive_slot != 0);
}

TEST_CASE("a message that comes before its handler waits for it", "[runtime]") {
    alignas(4096) std::array<std::byte, 8192> page{};
    Dispatcher dispatcher;
    dispatcher.attach(reinterpret_cast<capabilities::DispatcherPage*>(page.data()), 0);
    for (uint64_t i = 1; i <= 3; ++i) {
        Message message{.token = i == 2 ? uint64_t{9} : uint64_t{0}, .word = {i}};
        dispatcher.store(message);
    }
    std::vector<uint64_t> got;
    auto handler = [](void* to, const Message& message) {
        static_cast<std::vector<uint64_t>*>(to)->push_back(message.word[0]);
    };
    REQUIRE(dispatcher.on_message(0, handler, &got).ok());
    CHECK(got == std::vector<uint64_t>{1, 3});
    Message other;
    CHECK(dispatcher.take([](const Message&) { return true; }, other));
    CHECK(other.word[0] == 2);
    CHECK(!dispatcher.take([](const Message&) { return true; }, other));
}
