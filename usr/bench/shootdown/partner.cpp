#include "usr/bench/shootdown/partner.hpp"

#include "usr/bench/shootdown/seat.hpp"
#include "usr/console/port.hpp"

namespace skerry::bench::shootdown {

namespace {

constexpr uint64_t patience = 30'000'000'000;  // ns without a client

struct Handler {
    explicit Handler(runtime::Program& program) : self(program), seat(program) {}
    runtime::Program& self;
    Seat seat;
    bool started = false;  // a group waits to be served, as soon as the answer is on its way
    bool rests = false;    // or the driver alone is to work
    bool alone = false;    // the root comes again: who polls a group alone lets no channel go
    bool ended = false;

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
    Result<Taken> operator()(const Share& request) {
        SKERRY_CHECK(seat.page().take(runtime::Owned(runtime::CapRef{request.page.slot}, self.slots)));
        return Taken{};
    }
    Result<Started> operator()(const Start& request) {
        if (seat.seated()) return Error::exists;
        group::Plan plan = SKERRY_TRY(plan_of(request));
        SKERRY_CHECK(seat.sit(plan, request.self));
        started = true;
        alone = request.comes_again;
        return Started{};
    }
    Result<Started> operator()(const Rest& request) {
        rests = true;
        alone = request.comes_again;
        return Started{};
    }
    Result<FlushOffered> operator()(const OfferFlush&) {
        auto flush = SKERRY_TRY(seat.offer_flush());
        return FlushOffered{urpc::Capability::copy_of(flush.word), seat.own_address()};
    }
    Result<Ended> operator()(const End&) {
        ended = true;
        return Ended{};
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
    usr::console::Port<Protocol, Handler, 3> port;  // who comes again may come before it has quite gone
};

}  // namespace

Status serve_partner(runtime::Program& self, std::string_view name) {
    World& world = *new (platform::static_storage<World>()) World(self);
    Handler& handler = world.handler;
    SKERRY_CHECK(world.port.open(name));
    for (;;) {
        // The root keeps its channel, or comes and goes.
        auto told = [&] { return handler.started || handler.rests || handler.ended; };
        Status came = world.port.serve(told, self.dispatcher.now() + patience);
        if (handler.ended) return world.port.serve([&] { return world.port.clients() == 0; });
        if (!came.ok() && world.port.clients() == 0) return came;
        if (std::exchange(handler.alone, false)) {
            SKERRY_CHECK(world.port.serve([&] { return world.port.clients() == 0; }, self.dispatcher.now() + patience));
        }
        if (std::exchange(handler.rests, false)) {
            (void)handler.seat.rest().ok();
            handler.seat.leave();
        }
        if (std::exchange(handler.started, false)) (void)handler.seat.serve().ok();  // Count says how it went
    }
}

}  // namespace skerry::bench::shootdown
