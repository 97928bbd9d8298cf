// `peers lose CORE OTHER`: partners on both cores hold memory of ours when somebody fences the first (the shell's `cores fail`).
// What waits for that core hears so, what it held comes back, its memory has another owner; the other partner goes on. The result is
// the record `lost`, which stays until somebody sets `lost-read`.
#include "usr/records/client.hpp"
#include "usr/test/peers/checks.hpp"

namespace skerry::usr::test::peers {

namespace monitor = urpc::monitor;
using capabilities::Type;
using runtime::Owned;
using urpc::Capability;

namespace {

constexpr uint64_t block_bytes = 256 * 1024, frame_bytes = 16384;
constexpr uint64_t reader_patience = 100'000'000'000;  // ns

constexpr uint64_t sum_from(uint64_t seed) {
    constexpr uint64_t words = frame_bytes / 8;
    return words * seed + words * (words - 1) / 2;
}

struct Losing {
    World& w;
    Peer lost, other;
    base::DomainId lost_partner, other_partner;
    runtime::RamBlock ram;
    Owned frame;    // of ours, in `ram`: both partners hold and map it
    Owned foreign;  // of the lost core's memory
    monitor::Sharing before{};

    explicit Losing(World& world) : w(world), lost(world.session), other(world.session) {}
};

Result<base::DomainId> start(World& w, base::CoreId core, std::string_view service, Peer& peer) {
    auto spawned = SKERRY_TRY(w.session.monitor.ask(spawn_order(core, "serve", service)));
    SKERRY_CHECK(peer.bind(service, patience));
    return spawned.domain;
}

Status make_frame(Losing& l, uint64_t seed) {
    Owned slot = SKERRY_TRY(Owned::empty(l.w.self.slots));
    SKERRY_CHECK(runtime::CNodeCap{}.retype(slot.ref(), l.ram.cap, Type::frame, 0, 0, frame_bytes));
    SKERRY_CHECK(runtime::FrameCap{slot.ref()}.clean());
    l.frame = std::move(slot);
    return fill(l.w.self, l.frame.ref(), frame_bytes, seed);
}

Status share(Losing& l, base::CoreId core, base::CoreId third) {
    l.before = SKERRY_TRY(l.w.session.monitor.ask(monitor::CountSharing{l.w.self.core()}));
    l.lost_partner = SKERRY_TRY(start(l.w, core, "peers-lost", l.lost));
    l.other_partner = SKERRY_TRY(start(l.w, third, "peers-other", l.other));
    l.ram = SKERRY_TRY(l.w.self.ram().source().allocate(block_bytes, 0));
    SKERRY_CHECK(make_frame(l, 40));
    for (Peer* peer : {&l.lost, &l.other}) {
        auto held = SKERRY_TRY(peer->call(Hold{Capability::copy_of(l.frame.ref().word), frame_bytes}));
        if (held.value != sum_from(40)) return Error::corrupt;
    }
    auto made = SKERRY_TRY(l.lost.call(Make{frame_bytes, 50, false}));
    l.foreign = Owned(runtime::CapRef{made.frame.slot}, l.w.self.slots);
    auto now = SKERRY_TRY(l.w.session.monitor.ask(monitor::CountSharing{l.w.self.core()}));
    bool counted = now.holders == l.before.holders + 2 && now.imported == l.before.imported + 1;
    l.w.report.check("both cores hold our memory, and we hold the other's", counted);
    return {};
}

Status check_end(Losing& l) {
    auto ended = SKERRY_TRY(end_of(l.w, l.lost_partner));
    std::string_view reason{ended.reason.data, ended.reason.length};
    l.w.report.check("its program has ended, and why", reason == "its core was lost" && ended.status != 0, reason);
    l.w.report.equal("its channel is closed", l.lost.call(Look{}).error(), Error::closed);
    auto again = end_of(l.w, l.lost_partner);
    l.w.report.check("who asks later hears the same", again.ok() && again->status == ended.status);
    auto there = l.w.session.monitor.ask(spawn_order(base::core_of(l.lost_partner), "serve", "peers-lost"));
    l.w.report.equal("no program starts there", there.error(), Error::not_found);
    Peer nobody(l.w.session);
    l.w.report.equal("its name is free", nobody.bind("peers-lost", 0).error(), Error::timed_out);
    return {};
}

Status check_memory(Losing& l) {
    auto held = l.other.call(Look{});
    l.w.report.check("the other core holds what it held", held.ok() && held->value == sum_from(40));
    auto revoked = l.w.session.monitor.ask(monitor::Revoke{l.frame.ref().word});
    l.w.report.equal("a revoke on all cores goes through", revoked.error(), Error::none);
    auto left = l.other.call(Held{});
    l.w.report.check("and takes it from the other core", left.ok() && left->value == 0);
    l.frame.reset();
    l.w.report.equal("the memory is made into something else", make_frame(l, 60).error(), Error::none);
    auto now = SKERRY_TRY(l.w.session.monitor.ask(monitor::CountSharing{l.w.self.core()}));
    l.w.report.check("the lost core is in no book",
                     now.exported == l.before.exported && now.holders == l.before.holders);
    l.frame.reset();
    l.w.self.ram().source().release(l.ram);
    return {};
}

// The memory of the lost core has another owner.
Status check_foreign(Losing& l) {
    auto sum = sum_of(l.w.self, l.foreign.ref(), frame_bytes);
    l.w.report.check("memory of the lost core can be used on", sum.ok() && *sum == sum_from(50));
    auto held = l.other.call(Hold{Capability::copy_of(l.foreign.ref().word), frame_bytes});
    l.w.report.check("a third core gets it", held.ok() && held->value == sum_from(50));
    auto revoked = l.w.session.monitor.ask(monitor::Revoke{l.foreign.ref().word});
    l.w.report.equal("its revoke on all cores goes through", revoked.error(), Error::none);
    auto left = l.other.call(Held{});
    l.w.report.check("and takes it from the third core", left.ok() && left->value == 0);
    held = l.other.call(Hold{Capability::copy_of(l.foreign.ref().word), frame_bytes});
    l.w.report.check("which gets it again", held.ok() && held->value == sum_from(50));
    l.foreign.reset();
    uint64_t deadline = l.w.self.dispatcher.now() + patience;
    for (bool gone = false; !gone;) {
        auto now = SKERRY_TRY(l.w.session.monitor.ask(monitor::CountSharing{l.w.self.core()}));
        gone = now.imported == l.before.imported;
        if (!gone && l.w.self.dispatcher.now() >= deadline) return Error::timed_out;
    }
    return {};
}

Status lose(Losing& l, base::CoreId core, base::CoreId third) {
    SKERRY_CHECK(share(l, core, third));
    records::Records told(l.w.session);
    SKERRY_CHECK(told.open());
    SKERRY_CHECK(told.set("losing { }"));
    l.w.report.equal("the end there", check_end(l).error(), Error::none);
    l.w.report.equal("memory", check_memory(l).error(), Error::none);
    l.w.report.equal("memory of the lost core", check_foreign(l).error(), Error::none);
    SKERRY_CHECK(l.other.call(End{}));
    l.other.leave();
    auto ended = SKERRY_TRY(end_of(l.w, l.other_partner));
    l.w.report.check("the other partner ends by itself", ended.status == 0);
    base::Buffer<64> result;
    result << "lost { failed: " << l.w.report.failures() << " }";
    SKERRY_CHECK(told.set(result.view()));
    return told.wait("lost-read", false, reader_patience).error();  // what we told goes with us
}

}  // namespace

void check_losing(World& w, base::CoreId third) {
    alignas(Losing) static constinit std::byte storage[sizeof(Losing)]{};
    auto& losing = *new (storage) Losing(w);
    w.report.equal("losing a core", lose(losing, w.core, third).error(), Error::none);
}

}  // namespace skerry::usr::test::peers
