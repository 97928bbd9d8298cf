// A client that connects, uses the channel and leaves, or dies, again and again: nothing is left of it anywhere.
#include "capabilities/type.hpp"
#include "usr/test/peers/checks.hpp"

namespace skerry::usr::test::peers {

namespace monitor = urpc::monitor;
using urpc::Capability;

namespace {

// What a core holds. Equal before and after means that nothing leaks.
struct Holding {
    uint64_t free_bytes = 0;
    std::array<uint64_t, capabilities::type_count> of_type{};  // capabilities
    uint64_t channels = 0;
    uint64_t frames = 0;  // of its monitor's coroutines
    uint64_t exported = 0, imported = 0;
    bool operator==(const Holding&) const = default;
};
struct Holdings {
    Holding here, there;
    bool operator==(const Holdings&) const = default;
};

Result<Holding> holding(World& w, base::CoreId core) {
    Holding sum;
    for (uint32_t i = 0, regions = 1; i < regions; ++i) {
        auto region = SKERRY_TRY(w.session.monitor.ask(monitor::MemoryStatistics{core, i}));
        regions = region.regions;
        sum.free_bytes += region.free;
    }
    for (uint32_t type = 1; type < capabilities::type_count; ++type) {
        auto counted = SKERRY_TRY(w.session.monitor.ask(monitor::CountCapabilities{core, type}));
        sum.of_type[type] = counted.count;
    }
    auto held = SKERRY_TRY(w.session.monitor.ask(monitor::CountHeld{core}));
    sum.channels = held.channels;
    sum.frames = held.frames;
    auto sharing = SKERRY_TRY(w.session.monitor.ask(monitor::CountSharing{core}));
    sum.exported = sharing.exported;
    sum.imported = sharing.imported;
    return sum;
}

Result<Holdings> holdings(World& w) {
    Holdings both;
    both.here = SKERRY_TRY(holding(w, w.self.core()));
    if (!w.same_core()) both.there = SKERRY_TRY(holding(w, w.core));
    return both;
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

using Text = base::Buffer<160>;  // what is longer is cut: the first differences say enough

void tell(Text& text, std::string_view what, uint64_t wanted, uint64_t found) {
    if (wanted != found) text << what << ' ' << wanted << " then " << found << ", ";
}

void tell(Text& text, base::CoreId core, const Holding& wanted, const Holding& found) {
    if (wanted == found) return;
    text << "core " << core.value << ": ";
    tell(text, "free", wanted.free_bytes, found.free_bytes);
    tell(text, "channels", wanted.channels, found.channels);
    tell(text, "frames", wanted.frames, found.frames);
    tell(text, "exported", wanted.exported, found.exported);
    tell(text, "imported", wanted.imported, found.imported);
    for (const capabilities::TypeInfo& info : capabilities::type_table) {
        auto type = static_cast<size_t>(info.type);
        tell(text, info.name, wanted.of_type[type], found.of_type[type]);
    }
}

void report(World& w, std::string_view name, const Holdings& wanted, const Holdings& found, Status equal) {
    Text text;
    tell(text, w.self.core(), wanted.here, found.here);
    tell(text, w.core, wanted.there, found.there);
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
    auto& peer = *new (platform::static_storage<Peer>()) Peer(session);  // never destroyed
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
