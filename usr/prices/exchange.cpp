#include "usr/prices/exchange.hpp"

#include "usr/bench/message/raw_ring.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::usr::prices {

using base::Error;
using base::Result;
using base::Status;
using bench::RawSide;
using bench::Waiting;

namespace {

constexpr uint64_t over = ~uint64_t{0};
// The first ones bring lines and code into the caches.
constexpr uint32_t warm_up = 4, least_rounds = 5;

// So many lines at once, and all their answers: ticks.
Result<uint64_t> round(RawSide& side, uint32_t lines, uint64_t word) {
    uint64_t before = platform::read_cycle_counter();
    for (uint32_t i = 0; i < lines; ++i) SKERRY_CHECK(side.send(word + i));
    for (uint32_t i = 0; i < lines; ++i) {
        uint64_t back = SKERRY_TRY(side.receive(Waiting::pause));
        if (back != word + i) return Error::corrupt;
    }
    return platform::read_cycle_counter() - before;
}

// -> the median.
Result<uint64_t> rounds(RawSide& side, uint32_t lines, uint64_t deadline) {
    runtime::Dispatcher& dispatcher = runtime::program().dispatcher;
    Series series;
    for (uint32_t i = 0; i < warm_up; ++i) (void)SKERRY_TRY(round(side, lines, i));
    while (!series.full() && (series.size() < least_rounds || dispatcher.now() < deadline)) {
        uint64_t ticks = SKERRY_TRY(round(side, lines, series.size()));
        series.add(ticks);
    }
    return series.median();
}

}  // namespace

Status answer(std::byte* frame) {
    RawSide side(SKERRY_TRY(urpc::ChannelLayout::of(frame, frame_bytes, urpc::Side::b)));
    for (;;) {
        uint64_t word = SKERRY_TRY(side.receive(Waiting::pause));
        SKERRY_CHECK(side.send(word));
        if (word == over) return {};
    }
}

Result<Price> measure(std::byte* frame, uint64_t deadline) {
    RawSide side(SKERRY_TRY(urpc::ChannelLayout::of(frame, frame_bytes, urpc::Side::a)));
    uint64_t one = SKERRY_TRY(rounds(side, 1, deadline));
    uint64_t several = SKERRY_TRY(rounds(side, in_flight, deadline));
    (void)SKERRY_TRY(round(side, 1, over));
    return price_of(one, several, in_flight);
}

}  // namespace skerry::usr::prices
