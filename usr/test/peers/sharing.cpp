// Memory that two cores hold: who knows of it, and how it comes back.
#include "usr/test/peers/checks.hpp"

namespace skerry::usr::test::peers {

namespace monitor = urpc::monitor;
using capabilities::Type;
using runtime::CapRef;
using runtime::Owned;
using urpc::Capability;

namespace {

constexpr uint64_t block_bytes = 256 * 1024, frame_bytes = 16384;

// A block of its own, so that giving it back is a revoke of all that was made of it.
struct Block {
    runtime::Program& self;
    runtime::RamBlock ram;
    Owned frame;

    Status make(uint64_t seed) {
        ram = SKERRY_TRY(self.ram().source().allocate(block_bytes, 0));
        return make_frame(seed);
    }
    Status make_frame(uint64_t seed) {
        Owned slot = SKERRY_TRY(Owned::empty(self.slots));
        SKERRY_CHECK(runtime::CNodeCap{}.retype(slot.ref(), ram.cap, Type::frame, 0, 0, frame_bytes));
        SKERRY_CHECK(runtime::FrameCap{slot.ref()}.clean());
        frame = std::move(slot);
        return fill(self, frame.ref(), frame_bytes, seed);
    }
    void give_back() { self.ram().source().release(ram); }
};

uint64_t sum_from(uint64_t seed) {
    constexpr uint64_t words = frame_bytes / 8;
    return words * seed + words * (words - 1) / 2;
}

Result<monitor::Sharing> sharing_at(World& w, base::CoreId core) {
    return w.session.monitor.ask(monitor::CountSharing{core});
}

// A release is asked for a while after the last capability went.
bool comes_to(World& w, const monitor::Sharing& ours, uint32_t imported) {
    uint64_t deadline = w.self.dispatcher.now() + patience;
    while (w.self.dispatcher.now() < deadline) {
        auto here = sharing_at(w, w.self.core()), there = sharing_at(w, w.core);
        if (here.ok() && there.ok() && here->exported == ours.exported && here->holders == ours.holders &&
            there->imported == imported) {
            return true;
        }
        w.self.dispatcher.sleep_until(w.self.dispatcher.now() + 1'000'000);
    }
    return false;
}

Status check_release(World& w, Peer& peer) {
    auto before = SKERRY_TRY(sharing_at(w, w.self.core()));
    auto there = SKERRY_TRY(sharing_at(w, w.core));
    Block block{w.self, {}, {}};
    SKERRY_CHECK(block.make(30));
    auto held = peer.call(Hold{Capability::copy_of(block.frame.ref().word), frame_bytes});
    w.report.check("another core holds and maps a frame", held.ok() && held->value == sum_from(30));
    auto now = SKERRY_TRY(sharing_at(w, w.self.core()));
    auto now_there = SKERRY_TRY(sharing_at(w, w.core));
    w.report.check("its owner knows the one holder", now.exported == before.exported + 1 &&
                                                         now.holders == before.holders + 1 &&
                                                         now_there.imported == there.imported + 1);
    block.frame.reset();
    w.report.equal("no object is made over what another core holds", block.make_frame(31).error(), Error::overlaps);
    auto held_on = peer.call(Look{});
    w.report.check("the other core keeps it without ours", held_on.ok() && held_on->value == sum_from(30));
    SKERRY_CHECK(peer.call(Drop{}));
    w.report.check("the last capability there ends the sharing", comes_to(w, before, there.imported));
    w.report.equal("and the memory is made into something else", block.make_frame(32).error(), Error::none);
    block.frame.reset();
    block.give_back();
    return {};
}

Status check_revoke(World& w, Peer& peer) {
    auto before = SKERRY_TRY(sharing_at(w, w.self.core()));
    auto there = SKERRY_TRY(sharing_at(w, w.core));
    bool all_gone = true, counted = true;
    for (uint64_t round = 0; round < 20; ++round) {
        Block block{w.self, {}, {}};
        SKERRY_CHECK(block.make(round));
        auto held = peer.call(Hold{Capability::copy_of(block.frame.ref().word), frame_bytes});
        if (!held.ok() || held->value != sum_from(round)) return Error::corrupt;
        block.give_back();
        auto left = peer.call(Held{});
        all_gone = all_gone && left.ok() && left->value == 0;
        auto now = SKERRY_TRY(sharing_at(w, w.self.core()));
        auto now_there = SKERRY_TRY(sharing_at(w, w.core));
        counted = counted && now.exported == before.exported && now_there.imported == there.imported;
        SKERRY_CHECK(peer.call(Drop{}));
    }
    w.report.check("when memory is given back, no other core has a capability to it", all_gone);
    w.report.check("nor is it in any monitor's book", counted);
    return {};
}

// Whoever reads through a mapping of memory that was given back dies of it; where nothing faults, it finds no mapping.
Status check_mapping(World& w, Peer& peer, base::DomainId partner) {
    Block block{w.self, {}, {}};
    SKERRY_CHECK(block.make(77));
    auto held = peer.call(Hold{Capability::copy_of(block.frame.ref().word), frame_bytes});
    if (!held.ok()) return held.error();
    block.give_back();
    Error looked = peer.call(Look{}).error();
    if (looked == Error::no_capability) {
        auto left = peer.call(Held{});
        w.report.check("its mapping was gone", left.ok() && left->value == 0);
        return {};
    }
    w.report.equal("the other core reads it no more", looked, Error::closed);
    auto ended = SKERRY_TRY(end_of(w, partner));
    std::string_view reason{ended.reason.data, ended.reason.length};
    w.report.check("its mapping was gone", reason.starts_with("page fault (read)"), reason);
    return {};
}

}  // namespace

void check_sharing(World& w) {
    constexpr std::string_view service = "peers-sharing";
    auto started = w.session.monitor.ask(spawn_order(w.core, "serve", service));
    w.report.equal("second partner", started.error(), Error::none);
    if (!started.ok()) return;
    Peer peer(w.session);
    w.report.equal("bind to it", peer.bind(service, patience).error(), Error::none);
    if (!w.same_core()) {
        w.report.equal("release", check_release(w, peer).error(), Error::none);
        w.report.equal("revoke", check_revoke(w, peer).error(), Error::none);
    }
    w.report.equal("mapping", check_mapping(w, peer, started->domain).error(), Error::none);
}

}  // namespace skerry::usr::test::peers
