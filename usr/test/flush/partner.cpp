#include "usr/test/flush/partner.hpp"

#include <new>

namespace skerry::usr::test::flush {

Result<Line> Partner::operator()(const MakeLine&) {
    if (at != 0) return Error::busy;
    frame = SKERRY_TRY(self.ram().make_frame(frame_bytes));
    at = SKERRY_TRY(self.space().map_anywhere(frame.cap, 0, frame_bytes, read_write));
    right = SKERRY_TRY(runtime::Owned::empty(self.slots));
    SKERRY_CHECK(runtime::DispatcherCap{}.make_flush(right.ref(), frame.cap, line_offset));
    return Line{urpc::Capability::copy_of(frame.cap.word)};
}

Result<Right> Partner::operator()(const GiveRight&) {
    return Right{urpc::Capability::copy_of(right.ref().word)};
}

void Partner::operator()(const Spin&) const {
    auto& stop = *reinterpret_cast<const volatile uint64_t*>(at + stop_offset);
    constexpr uint64_t most = 10'000'000'000;  // ns
    uint64_t end_of_patience = self.dispatcher.now() + most;
    while (at != 0 && stop == 0 && self.dispatcher.now() < end_of_patience) platform::pause();
}

// The monitors had a copy on its way only: ours is the last one of this core.
Result<Done> Partner::operator()(const TakeBack&) {
    right.reset();
    return Done{};
}

Result<Done> Partner::operator()(const End&) {
    end = true;
    return Done{};
}

Status serve(runtime::Program& self, std::string_view name) {
    using Port = console::Port<Protocol, Partner, 2>;
    struct World {
        explicit World(runtime::Program& program) : partner(program), port(program, partner) {}
        Partner partner;
        Port port;
    };
    alignas(World) static constinit std::byte storage[sizeof(World)]{};
    auto& world = *new (storage) World(self);
    SKERRY_CHECK(world.port.open(name));
    return world.port.serve([&] { return world.partner.end && world.port.clients() == 0; });
}

}  // namespace skerry::usr::test::flush
