// A client that connects, uses the channel and leaves, or dies, again and again: nothing is left of it anywhere.
#include "capabilities/type.hpp"
#include "usr/test/peers/checks.hpp"

namespace skerry::usr::test::peers {

namespace monitor = urpc::monitor;
using urpc::Capability;

namespace {

// What the two cores hold. Equal before and after means that nothing leaks.
struct Holdings {
    uint64_t free_bytes = 0;
    uint64_t capabilities = 0;
    uint64_t channels = 0;
    uint64_t frames = 0;  // of monitors' coroutines
    bool operator==(const Holdings&) const = default;
};

Status add(World& w, base::CoreId core, Holdings& to) {
    for (uint32_t i = 0, regions = 1; i < regions; ++i) {
        auto region = SKERRY_TRY(w.session.monitor.ask(monitor::MemoryStatistics{core, i}));
        regions = region.regions;
        to.free_bytes += region.free;
    }
    for (uint32_t type = 1; type < capabilities::type_count; ++type) {
        auto counted = SKERRY_TRY(w.session.monitor.ask(monitor::CountCapabilities{core, type}));
        to.capabilities += counted.count;
    }
    auto held = SKERRY_TRY(w.session.monitor.ask(monitor::CountHeld{core}));
    to.channels += held.channels;
    to.frames += held.frames;
    return {};
}

Result<Holdings> holdings(World& w) {
    Holdings sum;
    SKERRY_CHECK(add(w, w.self.core(), sum));
    if (!w.same_core()) SKERRY_CHECK(add(w, w.core, sum));
    return sum;
}

// A channel's end is cleared up a while after the one who left it.
Status wait_for(World& w, const Holdings& wanted, Holdings& found) {
    uint64_t deadline = w.self.dispatcher.now() + patience;
    for (;;) {
        found = SKERRY_TRY(holdings(w));
        if (found == wanted) return {};
        if (w.self.dispatcher.now() >= deadline) return Error::timed_out;
        w.self.dispatcher.sleep_until(w.self.dispatcher.now() + 1'000'000);
    }
}

// What there is when nothing of what went before is being cleared up any more.
Result<Holdings> settled(World& w) {
    constexpr uint64_t pause = 20'000'000;  // ns
    uint64_t deadline = w.self.dispatcher.now() + patience;
    Holdings last = SKERRY_TRY(holdings(w));
    for (;;) {
        w.self.dispatcher.sleep_until(w.self.dispatcher.now() + pause);
        Holdings now = SKERRY_TRY(holdings(w));
        if (now == last) return now;
        if (w.self.dispatcher.now() >= deadline) return Error::timed_out;
        last = now;
    }
}

Status visit(World& w, Peer& peer, runtime::CapRef frame, bool asks) {
    SKERRY_CHECK(peer.bind(w.service, patience));
    SKERRY_CHECK(peer.send(KeepQuietly{Capability::copy_of(frame.word), 0}));
    if (asks) SKERRY_CHECK(peer.call(Tell{}));  // else it leaves with its message in the ring
    peer.leave();
    return {};
}

Status visit_often(World& w, uint32_t times, uint32_t& visits) {
    runtime::Object frame = SKERRY_TRY(w.self.ram().make_frame(4096));
    Status status;
    {
        Peer peer(w.session);
        for (visits = 0; visits < times && status.ok(); ++visits) status = visit(w, peer, frame.cap, visits % 4 != 3);
    }
    w.self.ram().destroy(frame);
    return status;
}

void report(World& w, std::string_view name, const Holdings& wanted, const Holdings& found, Status equal) {
    base::Buffer<160> text;
    text << "free " << wanted.free_bytes << " then " << found.free_bytes << ", capabilities " << wanted.capabilities
         << " then " << found.capabilities << ", channels " << wanted.channels << " then " << found.channels
         << ", frames " << wanted.frames << " then " << found.frames;
    w.report.check(name, equal.ok(), text.view());
}

Status check_visits(World& w, uint32_t times) {
    uint32_t visits = 0;
    SKERRY_CHECK(visit_often(w, 20, visits));  // what is made once and kept
    Holdings before = SKERRY_TRY(settled(w)), after;
    Status visited = visit_often(w, times, visits);
    base::Buffer<80> text;
    text << visits << " visits, then " << base::text(visited.error());
    w.report.check("a client comes and goes", visited.ok() && visits == times, text.view());
    report(w, "nothing is left of its visits", before, after, wait_for(w, before, after));
    return {};
}

// A program that connects, sends a capability and dies.
Status one_dies(World& w) {
    auto spawned = SKERRY_TRY(w.session.monitor.ask(spawn_order(w.self.core(), "visit", w.service)));
    return end_of(w, spawned.domain).error();
}

Status check_deaths(World& w, uint32_t times) {
    SKERRY_CHECK(one_dies(w));
    Holdings before = SKERRY_TRY(settled(w)), after;
    for (uint32_t i = 0; i < times; ++i) SKERRY_CHECK(one_dies(w));
    report(w, "nothing is left of clients that died", before, after, wait_for(w, before, after));
    return {};
}

}  // namespace

monitor::Spawn spawn_order(base::CoreId core, std::string_view what, std::string_view service) {
    monitor::Spawn spawn{core, monitor::Name::cut("peers"), {}, 0};
    for (std::string_view text : {what, service}) {
        for (char c : text) spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
        spawn.arguments.data[spawn.arguments.length++] = 0;
    }
    return spawn;
}

// Here alone: GCC 12 links no coroutine template that two files instantiate and optimise differently.
Result<monitor::Ended> end_of(World& w, base::DomainId domain) {
    return w.session.monitor.ask(monitor::AwaitEnd{domain});
}

int visit_and_die(runtime::Program& self, std::string_view service) {
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    test::Report report(
        "peers", [](void*, std::string_view) {}, nullptr);
    World w{session, self, report, service, self.core()};
    alignas(Peer) static constinit std::byte storage[sizeof(Peer)]{};
    auto& peer = *new (storage) Peer(session);  // never destroyed
    auto frame = self.ram().make_frame(4096);
    if (!frame.ok() || !peer.bind(w.service, patience).ok()) return 1;
    if (!peer.send(KeepQuietly{Capability::give_away(frame->cap.word), 0}).ok()) return 1;
    (void)peer.send(KeepQuietly{Capability::copy_of(capabilities::well_known::self_notify.word), 0}).ok();
    return 0;
}

void check_coming_and_going(World& w, uint32_t times) {
    w.report.equal("visits", check_visits(w, times).error(), Error::none);
    w.report.equal("deaths", check_deaths(w, 10).error(), Error::none);
}

}  // namespace skerry::usr::test::peers
