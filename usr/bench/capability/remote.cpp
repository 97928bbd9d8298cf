#include "usr/bench/capability/remote.hpp"

#include <bit>

#include "platform/user/context.hpp"
#include "platform/user/mark.hpp"

namespace skerry::bench::capability {

namespace monitor = urpc::monitor;
using capabilities::Rights;
using capabilities::Type;
using runtime::CapRef;
using runtime::CNodeCap;

namespace {

constexpr uint64_t patience = 10'000'000'000;  // ns, for all operations that are under way
constexpr uint64_t settling = 5'000'000;       // ns in which what is left of nothing is released

monitor::Retype retype_of(CapRef from, CapRef to, uint64_t offset) {
    return {from.word, to.word, static_cast<uint32_t>(Type::ram), 0, offset, piece_bytes, 1};
}

}  // namespace

// The next run's will serve under the same names.
void Remote::end_partners() {
    for (auto& partner : partners_) {
        if (partner) (void)ask(*partner, End{}).ok();
    }
    for (auto& partner : partners_) {
        if (partner) partner->await_end();
        partner.reset();
    }
}

Remote::~Remote() {
    end_partners();
    for (uint32_t i = 0; i < object_count_; ++i) {
        objects_[i].memory.reset();
        session_.loop.program().ram().source().release(objects_[i].block);
    }
}

Status Remote::make_memory(Object& object) {
    runtime::Program& self = session_.loop.program();
    object.block = SKERRY_TRY(self.ram().source().allocate(std::bit_ceil(bytes_ + piece_bytes), 0));
    object.memory = SKERRY_TRY(runtime::Owned::empty(self.slots));
    return CNodeCap{}.retype(object.memory.ref(), object.block.cap, Type::ram, 0, 0, bytes_);
}

Status Remote::open(uint32_t most, uint32_t objects) {
    SKERRY_ASSERT(objects <= objects_maximum);
    bytes_ = most * piece_bytes;
    for (uint32_t i = 0, count = 1; i < count; ++i) {
        auto info = SKERRY_TRY(session_.monitor.ask(monitor::CoreStatus{base::CoreId{i}}));
        count = info.core_count;
        bool other = info.state == monitor::CoreState::online && info.core != session_.loop.program().core();
        if (!other || size_ == most_members) continue;
        Partner& partner = partners_[size_++].emplace(session_, "capability", info.core);
        SKERRY_CHECK(partner.start(session_.loop.program().name()));
    }
    if (size_ == 1) return Error::not_found;
    while (object_count_ < objects) SKERRY_CHECK(make_memory(objects_[object_count_++]));
    rest();
    for (int turn = 0; turn < 3; ++turn) {
        uint64_t now = SKERRY_TRY(lines_so_far());
        own_lines_ = now - last_lines_;
        last_lines_ = now;
    }
    return {};
}

void Remote::rest() {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    dispatcher.sleep_until(dispatcher.now() + settling);
}

// Asked core by core, which takes lines itself: as many every time.
Result<uint64_t> Remote::lines_so_far() {
    uint64_t sum = 0;
    sum += SKERRY_TRY(session_.monitor.ask(monitor::CountSharing{session_.loop.program().core()})).lines;
    for (uint32_t i = 1; i < size_; ++i) {
        sum += SKERRY_TRY(session_.monitor.ask(monitor::CountSharing{partners_[i]->core()})).lines;
    }
    return sum;
}

Result<uint64_t> Remote::lines_since_last() {
    uint64_t now = SKERRY_TRY(lines_so_far());
    uint64_t lines = now - last_lines_ - own_lines_;
    last_lines_ = now;
    return lines;
}

template <typename Operation>
Status Remote::counted(Samples& ticks, Samples& lines, Operation&& operation) {
    rest();
    last_lines_ = SKERRY_TRY(lines_so_far());
    uint64_t before = platform::read_cycle_counter();
    platform::mark<platform::Mark::begin>();
    SKERRY_CHECK(operation());
    platform::mark<platform::Mark::end>();
    ticks.add(platform::read_cycle_counter() - before);
    rest();
    lines.add(SKERRY_TRY(lines_since_last()));
    return {};
}

Status Remote::give(Partner& partner, Object& object, Rights rights) {
    Hold request{urpc::Capability::copy_of(object.memory.ref().word, static_cast<uint8_t>(rights))};
    return ask(partner, request).error();
}

Status Remote::drop(Partner& partner) {
    return ask(partner, Drop{}).error();
}

Status Remote::take_back(Object& object) {
    object.next = 0;
    return session_.monitor.ask(monitor::Revoke{object.memory.ref().word}).error();
}

Status Remote::share_all() {
    for (uint32_t o = 0; o < object_count_; ++o) {
        for (uint32_t i = 1; i < size_; ++i) SKERRY_CHECK(give(*partners_[i], objects_[o], Rights::all));
    }
    return {};
}

Status Remote::measure(uint32_t samples, Samples& ticks, Samples& lines, Measured& measured) {
    Object& object = objects_[0];
    uint32_t turn = 0;
    auto partner = [&]() -> Partner& { return *partners_[1 + turn % (size_ - 1)]; };
    // Each once beforehand, so that all who will talk to each other are connected.
    auto run = [&](Cost& cost, auto&& before, auto&& operation, auto&& after) -> Status {
        ticks.clear(samples);
        lines.clear(samples);
        for (turn = 0; turn < samples + size_ - 1; ++turn) {
            SKERRY_CHECK(before());
            SKERRY_CHECK(turn < size_ - 1 ? operation() : counted(ticks, lines, operation));
            SKERRY_CHECK(after());
        }
        cost = {ticks.summary(), lines.summary()};
        return {};
    };
    auto nothing = [] { return Status{}; };
    auto copy = [&] { return give(partner(), object, Rights::all); };
    auto mint = [&] { return give(partner(), object, Rights::retype | Rights::transfer); };
    auto remove = [&] { return drop(partner()); };
    SKERRY_CHECK(run(measured.copy, nothing, copy, remove));
    SKERRY_CHECK(run(measured.mint, nothing, mint, remove));
    SKERRY_CHECK(run(measured.delete_, copy, remove, nothing));
    runtime::Owned piece = SKERRY_TRY(runtime::Owned::empty(session_.loop.program().slots));
    auto retype = [&]() -> Status {
        return session_.monitor.ask(retype_of(object.memory.ref(), piece.ref(), 0)).error();
    };
    auto unmake = [&] { return CNodeCap{}.remove(piece.ref()); };
    SKERRY_CHECK(share_all());
    SKERRY_CHECK(run(measured.retype, nothing, retype, unmake));
    for (uint32_t i = 1; i < size_; ++i) SKERRY_CHECK(drop(*partners_[i]));
    return take_back(object);
}

Status Remote::measure_revoke(uint32_t descendants, uint32_t samples, Samples& ticks, Samples& lines, Cost& cost) {
    Object& object = objects_[0];
    ticks.clear(samples);
    lines.clear(samples);
    while (!ticks.full()) {
        SKERRY_CHECK(share_all());
        for (uint32_t i = 1, done = 0; i < size_; ++i) {
            uint32_t part = (descendants - done) / (size_ - i);
            SKERRY_CHECK(ask(*partners_[i], Make{done, part}));
            done += part;
        }
        SKERRY_CHECK(counted(ticks, lines, [&] { return take_back(object); }));
        for (uint32_t i = 1; i < size_; ++i) SKERRY_CHECK(drop(*partners_[i]));
    }
    cost = {ticks.summary(), lines.summary()};
    return {};
}

// What each monitor has written so far.
Status Remote::ask_written(Counts& lines) {
    rest();
    for (uint32_t i = 0; i < size_; ++i) {
        lines[i] = SKERRY_TRY(session_.monitor.ask(monitor::CountSharing{core_of(i)})).lines;
    }
    return {};
}

// To ask takes lines itself: as many every time.
Result<std::span<const Remote::Written>> Remote::who_writes() {
    Counts first{}, second{}, third{};
    for (int turn = 0; turn < 2; ++turn) {  // once beforehand, so that all who will talk to each other are connected
        SKERRY_CHECK(share_all());
        SKERRY_CHECK(ask_written(first));
        SKERRY_CHECK(ask_written(second));
        SKERRY_CHECK(take_back(objects_[0]));
        SKERRY_CHECK(ask_written(third));
        for (uint32_t i = 1; i < size_; ++i) SKERRY_CHECK(drop(*partners_[i]));
    }
    for (uint32_t i = 0; i < size_; ++i) written_[i] = {core_of(i), third[i] - second[i] - (second[i] - first[i])};
    return std::span<const Written>(written_).first(size_);
}

// Piece after piece of each object, so that no two are of the same memory; who has ended begins the next.
Result<uint64_t> Remote::retype_many(uint32_t count, uint32_t in_flight, Samples* each) {
    if (in_flight == 0 || in_flight > object_count_ || count > most_retypes) return Error::invalid_argument;
    runtime::Program& self = session_.loop.program();
    CapRef slots = SKERRY_TRY(self.slots.allocate_row(most_retypes));
    auto& pending = retypes_;  // not in this frame, which an error leaves before they are done
    std::array<uint64_t, objects_maximum> since{};
    uint32_t begun = 0, ended = 0;
    Status worst;
    auto begin = [&](uint32_t o) {
        Object& object = objects_[o];
        pending[o] = {};
        since[o] = platform::read_cycle_counter();
        monitor::Retype request = retype_of(object.memory.ref(), CapRef{slots.word + begun++}, object.next);
        object.next += piece_bytes;
        session_.monitor.ask_later(request, pending[o]);
    };
    uint64_t before = platform::read_cycle_counter();
    for (uint32_t o = 0; o < in_flight && begun < count; ++o) begin(o);
    while (ended < count && worst.ok()) {
        auto some = [&] {
            for (uint32_t o = 0; o < in_flight; ++o) {
                if (since[o] != 0 && pending[o].done) return true;
            }
            return false;
        };
        SKERRY_CHECK(self.dispatcher.wait_until(some, self.dispatcher.now() + patience));
        for (uint32_t o = 0; o < in_flight; ++o) {
            if (since[o] == 0 || !pending[o].done) continue;
            if (each != nullptr) each->add(platform::read_cycle_counter() - since[o]);
            since[o] = 0;
            ++ended;
            if (!pending[o].result.ok()) worst = pending[o].result.error();
            if (begun < count && worst.ok()) begin(o);
        }
    }
    uint64_t ticks = platform::read_cycle_counter() - before;
    for (uint32_t i = 0; i < begun; ++i) SKERRY_CHECK(CNodeCap{}.remove(CapRef{slots.word + i}));
    self.slots.release(slots, most_retypes);
    for (uint32_t o = 0; o < object_count_; ++o) objects_[o].next = 0;
    if (!worst.ok()) return worst.error();
    return ticks;
}

}  // namespace skerry::bench::capability
