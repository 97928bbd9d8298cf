#include "usr/bench/capability/local.hpp"

#include <bit>

#include "platform/user/context.hpp"
#include "usr/bench/capability/protocol.hpp"

namespace skerry::bench::capability {

using capabilities::Rights;
using capabilities::Type;
using runtime::CNodeCap;

namespace {

// Ticks from before to after it.
template <typename Operation>
Status timed(Samples& ticks, Operation&& operation) {
    uint64_t before = platform::read_cycle_counter();
    Status done = operation();
    uint64_t after = platform::read_cycle_counter();
    if (done.ok()) ticks.add(after - before);
    return done;
}

}  // namespace

Local::~Local() {
    pieces_.clear();
    memory_.reset();
    if (block_.bytes != 0) self_.ram().source().release(block_);
}

Status Local::open(uint32_t most) {
    uint64_t bytes = uint64_t{most + 1} * piece_bytes;
    block_ = SKERRY_TRY(self_.ram().source().allocate(std::bit_ceil(bytes + piece_bytes), 0));
    memory_ = SKERRY_TRY(runtime::Owned::empty(self_.slots));
    return CNodeCap{}.retype(memory_.ref(), block_.cap, Type::ram, 0, 0, bytes);
}

Status Local::make(uint32_t descendants) {
    for (uint32_t done = 0; done < descendants;) {
        uint32_t count = std::min(descendants - done, Pieces::row);
        CapRef first = SKERRY_TRY(pieces_.next_row());
        SKERRY_CHECK(CNodeCap{}.retype(first, memory_.ref(), Type::ram, 0, done * piece_bytes, piece_bytes, count));
        done += count;
    }
    return {};
}

Status Local::series(uint32_t descendants, uint32_t samples, Samples& ticks, Measured& measured) {
    auto slot = runtime::Owned::empty(self_.slots);
    if (!slot.ok()) return slot.error();
    CapRef to = slot->ref();
    CNodeCap space;
    auto run = [&](Summary& summary, auto&& before, auto&& operation, auto&& after) -> Status {
        for (bool warm : {false, true}) {
            ticks.clear(warm ? samples : 2);
            while (!ticks.full()) {
                SKERRY_CHECK(before());
                SKERRY_CHECK(timed(ticks, operation));
                SKERRY_CHECK(after());
            }
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
    SKERRY_CHECK(make(descendants));
    SKERRY_CHECK(series(descendants, samples, ticks, measured));
    ticks.clear(revokes);
    while (!ticks.full()) {
        SKERRY_CHECK(timed(ticks, [&] { return CNodeCap{}.revoke(memory_.ref()); }));
        pieces_.clear();
        if (!ticks.full()) SKERRY_CHECK(make(descendants));
    }
    measured.revoke = ticks.summary();
    return {};
}

}  // namespace skerry::bench::capability
