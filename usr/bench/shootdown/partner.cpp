#include "usr/bench/shootdown/partner.hpp"

#include "usr/bench/shootdown/seat.hpp"
#include "usr/console/port.hpp"

namespace skerry::bench::shootdown {

namespace {

constexpr uint64_t patience = 30'000'000'000;  // ns, for the first client

struct Handler {
    explicit Handler(runtime::Program& program) : self(program), seat(program) {}
    runtime::Program& self;
    Seat seat;
    bool started = false;  // a group waits to be served, as soon as the answer is on its way
    bool rests = false;    // or the driver alone is to work

    Result<Lent> operator()(const Lend& request) {
        if (request.bytes > uint64_t{1} << 20) return Error::out_of_range;
        auto frame = SKERRY_TRY(seat.lend(request.bytes));
        return Lent{urpc::Capability::copy_of(frame.word)};
    }
    Result<Taken> operator()(const Take& request) {
        runtime::Owned frame(runtime::CapRef{request.frame.slot}, self.slots);
        SKERRY_CHECK(seat.take(request.lender, std::move(frame), request.bytes));
        return Taken{};
    }
    Result<Started> operator()(const Start& request) {
        if (seat.seated()) return Error::exists;
        group::Plan plan = SKERRY_TRY(plan_of(request));
        SKERRY_CHECK(seat.sit(plan, request.self));
        started = true;
        return Started{};
    }
    Result<Started> operator()(const Rest&) {
        rests = true;
        return Started{};
    }
    Result<FlushOffered> operator()(const OfferFlush&) {
        auto flush = SKERRY_TRY(seat.offer_flush());
        return FlushOffered{urpc::Capability::copy_of(flush.word), seat.own_address()};
    }
    Result<Counted> operator()(const Count&) {
        if (!seat.seated()) return Error::not_found;
        Counted counted = seat.count();
        seat.leave();
        return counted;
    }
};

struct World {
    explicit World(runtime::Program& program) : handler(program), port(program, handler) {}
    Handler handler;
    usr::console::Port<Protocol, Handler, 1> port;
};

}  // namespace

Status serve_partner(runtime::Program& self, std::string_view name) {
    alignas(World) static constinit std::byte storage[sizeof(World)]{};
    World& world = *new (storage) World(self);
    Handler& handler = world.handler;
    SKERRY_CHECK(world.port.open(name));
    SKERRY_CHECK(world.port.serve([&] { return world.port.served() != 0; }, self.dispatcher.now() + patience));
    auto gone = [&] { return world.port.clients() == 0; };
    for (;;) {
        SKERRY_CHECK(world.port.serve([&] { return handler.started || handler.rests || gone(); }));
        if (gone()) return {};
        if (std::exchange(handler.rests, false)) {
            (void)handler.seat.rest().ok();
            handler.seat.leave();
        }
        if (std::exchange(handler.started, false)) (void)handler.seat.serve().ok();  // Count says how it went
    }
}

}  // namespace skerry::bench::shootdown
