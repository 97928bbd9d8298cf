#include "usr/bench/capability/local.hpp"

#include <bit>

#include "platform/user/context.hpp"

namespace skerry::bench::capability {

using capabilities::Rights;
using capabilities::Type;
using runtime::CNodeCap;

namespace {

// Ticks from before to after it are added.
template <typename Operation>
Status timed(uint64_t& ticks, Operation&& operation) {
    uint64_t before = platform::read_cycle_counter();
    Status done = operation();
    uint64_t after = platform::read_cycle_counter();
    ticks += after - before;
    return done;
}

}  // namespace

Local::~Local() {
    clear();
    memory_.reset();
    if (block_.bytes != 0) self_.ram().source().release(block_);
}

Status Local::open(uint32_t most) {
    bytes_ = uint64_t{most + 1} * piece_bytes;
    block_ = SKERRY_TRY(self_.ram().source().allocate(std::bit_ceil(bytes_ + 2 * margin), 0));
    memory_ = SKERRY_TRY(runtime::Owned::empty(self_.slots));
    return CNodeCap{}.retype(memory_.ref(), block_.cap, Type::ram, 0, margin, bytes_);
}

// From the ends of the block inwards, by turns.
Status Local::make_neighbours(uint32_t shape) {
    uint32_t first = shape % (Pieces::row / step) * step;
    if (first == 0) neighbour_row_ = SKERRY_TRY(neighbours_.next_row());
    uint64_t inwards = uint64_t{shape / 2} * step * piece_bytes;
    uint64_t place = shape % 2 == 0 ? inwards : margin + bytes_ + margin - step * piece_bytes - inwards;
    return CNodeCap{}.retype(CapRef{neighbour_row_.word + first}, block_.cap, Type::ram, 0, place, piece_bytes, step);
}

Status Local::make(uint32_t descendants) {
    while (made_ < descendants) {
        uint32_t first = made_ % Pieces::row, count = std::min(descendants - made_, Pieces::row - first);
        if (first == 0) piece_row_ = SKERRY_TRY(pieces_.next_row());
        SKERRY_CHECK(CNodeCap{}.retype(CapRef{piece_row_.word + first}, memory_.ref(), Type::ram, 0,
                                       made_ * piece_bytes, piece_bytes, count));
        made_ += count;
    }
    return {};
}

void Local::clear() {
    pieces_.clear();
    neighbours_.clear();
    made_ = 0;
}

template <typename Body>
Status Local::in_each_shape(uint32_t least, uint32_t most, Body&& body) {
    for (uint32_t shape = 0; shape < shapes; ++shape) {
        SKERRY_CHECK(make_neighbours(shape));
        SKERRY_CHECK(make(least + (most - least) * (shape + 1) / shapes));
        SKERRY_CHECK(body());
    }
    clear();
    return {};
}

Status Local::series(uint32_t descendants, uint32_t samples, Samples& ticks, Measured& measured) {
    auto slot = runtime::Owned::empty(self_.slots);
    if (!slot.ok()) return slot.error();
    CapRef to = slot->ref();
    CNodeCap space;
    auto run = [&](Summary& summary, auto&& before, auto&& operation, auto&& after) -> Status {
        uint64_t sum = 0;
        auto once = [&]() -> Status {
            SKERRY_CHECK(before());
            SKERRY_CHECK(timed(sum, operation));
            return after();
        };
        for (ticks.clear(samples); !ticks.full(); ticks.add(sum / shapes)) {
            sum = 0;
            SKERRY_CHECK(in_each_shape((descendants + 1) / 2, descendants, once));
        }
        summary = ticks.summary();
        return {};
    };
    auto nothing = [] { return Status{}; };
    auto copy = [&] { return space.copy(to, memory_.ref()); };
    auto mint = [&] { return space.mint(to, memory_.ref(), Rights::retype); };
    auto remove = [&] { return space.remove(to); };
    uint64_t behind = descendants * piece_bytes;  // where nothing was made yet
    auto retype = [&] { return space.retype(to, memory_.ref(), Type::ram, 0, behind, piece_bytes); };
    SKERRY_CHECK(run(measured.copy, nothing, copy, remove));
    SKERRY_CHECK(run(measured.mint, nothing, mint, remove));
    SKERRY_CHECK(run(measured.delete_, copy, remove, nothing));
    return run(measured.retype, nothing, retype, remove);
}

Status Local::measure(uint32_t descendants, uint32_t samples, uint32_t revokes, Samples& ticks, Measured& measured) {
    SKERRY_CHECK(series(descendants, samples, ticks, measured));
    bool large = descendants > large_subtree;
    uint64_t sum = 0;
    auto once = [&]() -> Status {
        SKERRY_CHECK(make(descendants));
        SKERRY_CHECK(timed(sum, [&] { return CNodeCap{}.revoke(memory_.ref()); }));
        pieces_.clear();
        made_ = 0;
        return {};
    };
    for (ticks.clear(revokes); !ticks.full(); ticks.add(large ? sum : sum / shapes)) {
        sum = 0;
        SKERRY_CHECK(large ? once() : in_each_shape(0, 0, once));
    }
    measured.revoke = ticks.summary();
    return {};
}

}  // namespace skerry::bench::capability
