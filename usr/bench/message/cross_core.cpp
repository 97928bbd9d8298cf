#include "usr/bench/message/cross_core.hpp"

#include <bit>

#include "platform/user/mark.hpp"

namespace skerry::bench {

namespace monitor = urpc::monitor;
using platform::Mark;
using platform::mark;
using usr::console::SharedFrame;

namespace {

constexpr uint64_t patience = 5'000'000'000;  // ns
constexpr uint64_t usual_poll_time = 20'000;  // ns
constexpr uint64_t long_time = 5'000'000;     // ns: nothing here takes as long
constexpr uint64_t asleep_after = 100'000;    // ns after which a server that does not poll is certainly blocked
constexpr uint32_t batch = 64;                // messages of one sample, where several are in flight
constexpr uint32_t batches = 100, batches_warm_up = 4;
constexpr uint32_t sleeps = 200;

uint64_t ticks() {
    return platform::read_cycle_counter();
}

}  // namespace

Result<base::CoreId> other_core(usr::console::Session& session) {
    uint32_t own = session.loop.program().core().value;
    for (uint32_t i = 0, count = 1; i < count; ++i) {
        auto info = SKERRY_TRY(session.monitor.ask(monitor::CoreStatus{base::CoreId{i}}));
        count = info.core_count;
        if (i != own && info.state == monitor::CoreState::online) return base::CoreId{i};
    }
    return Error::not_found;
}

Status UrpcPair::start(base::CoreId core) {
    bool same = core.value == session_.loop.program().core().value;
    waiting_ = same ? Waiting::yield : Waiting::pause;
    std::string_view service = same ? "bench_message_here" : "bench_message_there";
    monitor::Spawn spawn{core, monitor::Name::cut("bench_message"), {}, monitor::spawn_flags::background};
    for (std::string_view argument : {std::string_view("serve"), service}) {
        for (char c : argument) spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
        spawn.arguments.data[spawn.arguments.length++] = 0;
    }
    SKERRY_CHECK(session_.monitor.ask(spawn));
    SharedFrame shared = SKERRY_TRY(session_.monitor.bind(service, patience, PingProtocol::hash, frame_bytes));
    auto* frame = reinterpret_cast<std::byte*>(shared.address);
    auto typed = SKERRY_TRY(urpc::ChannelLayout::of(frame, frame_bytes / 2, urpc::Side::a));
    auto raw = SKERRY_TRY(urpc::ChannelLayout::of(frame + frame_bytes / 2, frame_bytes / 2, urpc::Side::a));
    poker_.emplace(shared.notify);
    peer_.emplace(session_.loop.set(), typed, *poker_, most_in_flight);
    raw_.emplace(raw);
    // On one core polling only keeps the other side from running.
    return same ? poll_for(0, 0) : poll_for_its_price();
}

// Each side polls for twice what a call to a sleeper takes, and so never sleeps while the other one is being woken.
Status UrpcPair::poll_for_its_price() {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    SKERRY_CHECK(poll_for(long_time, 0));
    constexpr uint32_t tries = 32;
    Samples prices;
    prices.clear(tries);
    for (uint64_t i = 0; !prices.full(); ++i) {
        dispatcher.sleep_until(dispatcher.now() + asleep_after);
        uint64_t before = dispatcher.now();
        SKERRY_CHECK(session_.loop.call(*peer_, Ping{i}));
        prices.add(dispatcher.now() - before);
    }
    price_ = prices.summary().median;
    return poll_for(2 * price_, 2 * price_);
}

Status UrpcPair::finish() {
    if (!peer_) return {};
    peer_->close();
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    SKERRY_CHECK(dispatcher.wait_until([&] { return peer_->finished(); }));
    dispatcher.set_poll_time(usual_poll_time);
    peer_.reset();
    return {};
}

UrpcPair::~UrpcPair() {
    (void)finish().ok();
}

Status UrpcPair::poll_for(uint64_t own_ns, uint64_t server_ns) {
    session_.loop.program().dispatcher.set_poll_time(own_ns);
    return session_.loop.call(*peer_, PollFor{server_ns}).error();
}

Status UrpcPair::raw(uint32_t in_flight, Samples& samples) {
    bool single = in_flight == 1;
    uint32_t lines = single ? 1 : batch;  // of a sample
    uint32_t warm_up = single ? Samples::warm_up : batches_warm_up;
    samples.clear(single ? Samples::wanted : batches);
    mark<Mark::series>();
    uint64_t total = uint64_t{lines} * (warm_up + samples.limit());
    SKERRY_CHECK(session_.loop.call(*peer_, Echo{total, waiting_}));
    uint64_t sent = 0, received = 0;
    for (uint32_t i = 0; !samples.full(); ++i) {
        if (i >= warm_up) mark<Mark::begin>();
        uint64_t before = ticks();
        for (uint32_t line = 0; line < lines; ++line) {
            for (; sent < total && sent - received < in_flight; ++sent) SKERRY_CHECK(raw_->send(sent));
            uint64_t word = SKERRY_TRY(raw_->receive(waiting_));
            if (word != received++) return Error::corrupt;
        }
        uint64_t after = ticks();
        mark<Mark::end>();
        if (i >= warm_up) samples.add((after - before) / lines);
    }
    return {};
}

// Coroutines that make calls until enough are made. The last one of each batch to come back takes the time.
class UrpcPair::Workers {
  public:
    // A power of two lines a sample.
    Workers(UrpcPair& pair, uint32_t lines, uint32_t warm_up, Samples& samples)
        : pair_(pair),
          lines_(lines),
          left_(lines),
          shift_(std::countr_zero(lines)),
          warm_up_(warm_up),
          samples_(samples) {
        SKERRY_ASSERT(lines != 0 && (lines & (lines - 1)) == 0);
    }

    Status run(uint32_t count) {
        last_ = ticks();
        running_ = count;
        for (uint32_t i = 0; i < count; ++i) {
            Status started = urpc::spawn(scope_, work(pool_, *this));
            if (started.ok()) continue;
            status_ = started;
            --running_;
        }
        SKERRY_CHECK(pair_.session_.loop.program().dispatcher.wait_until([&] { return running_ == 0; }));
        return status_;
    }

  private:
    static urpc::Task<Status> work(urpc::FramePool&, Workers& workers) {
        while (workers.status_.ok() && !workers.samples_.full()) {
            uint64_t value = ++workers.asked_;
            auto call = workers.pair_.peer_->call(Ping{value});
            auto pong = co_await call;
            workers.answered(pong, value);
        }
        --workers.running_;
        co_return Status{};
    }
    void answered(Result<Pong> pong, uint64_t value) {
        if (!pong.ok()) status_ = pong.error();
        if (pong.ok() && pong->value != value + 1) status_ = Error::corrupt;
        if (--left_ != 0) return;
        left_ = lines_;
        uint64_t now = ticks();
        if (warm_up_ != 0) [[unlikely]]
            --warm_up_;
        else
            samples_.add((now - last_) >> shift_);
        mark<Mark::turn>();  // one instruction of what is measured
        last_ = now;
    }

    UrpcPair& pair_;
    uint32_t lines_, left_, shift_, warm_up_;
    Samples& samples_;
    urpc::StaticFramePool<512, most_in_flight> pool_;
    urpc::Scope scope_{pair_.session_.loop.set().ready(), most_in_flight};
    uint64_t asked_ = 0, last_ = 0;
    uint32_t running_ = 0;
    Status status_;
};

Status UrpcPair::calls(uint32_t in_flight, Samples& samples) {
    bool single = in_flight == 1;
    samples.clear(single ? Samples::wanted : batches);
    mark<Mark::series>();
    alignas(Workers) static constinit std::byte storage[sizeof(Workers)]{};  // too large for the stack
    auto* workers =
        new (storage) Workers(*this, single ? 1 : batch, single ? Samples::warm_up : batches_warm_up, samples);
    Status status = workers->run(in_flight);
    workers->~Workers();
    return status;
}

Status UrpcPair::blocking_call(Samples& samples) {
    samples.clear();
    for (uint64_t i = 0; !samples.full(); ++i) {
        uint64_t before = ticks();
        Pong pong = SKERRY_TRY(session_.loop.call(*peer_, Ping{i}));
        uint64_t after = ticks();
        if (pong.value != i + 1) return Error::corrupt;
        if (i >= Samples::warm_up) samples.add(after - before);
    }
    return {};
}

Status UrpcPair::call_sleeper(Samples& samples) {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    SKERRY_CHECK(poll_for(long_time, 0));
    samples.clear(sleeps);
    mark<Mark::series>();
    for (uint64_t i = 0; !samples.full(); ++i) {
        for (uint64_t end = dispatcher.now() + asleep_after; dispatcher.now() < end;) platform::pause();
        mark<Mark::begin>();
        uint64_t before = ticks();
        Pong pong = SKERRY_TRY(session_.loop.call(*peer_, Ping{i}));
        uint64_t after = ticks();
        mark<Mark::end>();
        if (pong.value != i + 1) return Error::corrupt;
        samples.add(after - before);
    }
    return poll_for(2 * price_, 2 * price_);
}

}  // namespace skerry::bench
