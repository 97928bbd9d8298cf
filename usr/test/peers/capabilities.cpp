// Capabilities over a channel: both directions, copied and given away, and what must be refused.
#include "usr/test/peers/checks.hpp"

namespace skerry::usr::test::peers {

using capabilities::Rights;
using capabilities::Type;
using runtime::CapRef;
using runtime::Owned;
using urpc::Capability;

namespace {

constexpr uint64_t frame_bytes = 16384, words = frame_bytes / 8;

constexpr uint64_t sum_from(uint64_t seed) {
    return words * seed + words * (words - 1) / 2;
}
bool has(CapRef slot) {
    auto cap = runtime::CNodeCap{}.identify(slot);
    return cap.ok() && !cap->empty();
}
Result<Owned> minted(World& w, CapRef from, Rights rights) {
    Owned cap = SKERRY_TRY(Owned::empty(w.self.slots));
    SKERRY_CHECK(runtime::CNodeCap{}.mint(cap.ref(), from, rights));
    return cap;
}

Status check_requests(World& w, Peer& peer) {
    runtime::Object frame = SKERRY_TRY(w.self.ram().make_frame(frame_bytes));
    SKERRY_CHECK(fill(w.self, frame.cap, frame_bytes, 100));
    auto copied = peer.call(Keep{Capability::copy_of(frame.cap.word), frame_bytes});
    w.report.check("a frame is copied in a request", copied.ok() && copied->value == sum_from(100));
    w.report.check("the sender keeps what it copied", has(frame.cap));

    SKERRY_CHECK(fill(w.self, frame.cap, frame_bytes, 7));
    auto given = peer.call(Keep{Capability::give_away(frame.cap.word), frame_bytes});
    w.report.check("a frame is given away in a request", given.ok() && given->value == sum_from(7));
    auto left = runtime::CNodeCap{}.identify(frame.cap);
    w.report.check("the sender has it no more", left.ok() && left->empty());
    return {};
}

Status check_responses(World& w, Peer& peer) {
    for (bool gives : {false, true}) {
        auto made = peer.call(Make{frame_bytes, 1000, gives});
        if (!made.ok()) return made.error();
        Owned frame(CapRef{made->frame.slot}, w.self.slots);
        auto sum = sum_of(w.self, frame.ref(), frame_bytes);
        w.report.check(gives ? "a response gives a frame away" : "a response copies a frame",
                       sum.ok() && *sum == sum_from(1000));
    }
    return {};
}

Status check_refusals(World& w, Peer& peer) {
    runtime::Object frame = SKERRY_TRY(w.self.ram().make_frame(frame_bytes));
    auto keep = [&](CapRef cap) { return peer.call(Keep{Capability::give_away(cap.word), frame_bytes}).error(); };
    Owned fixed = SKERRY_TRY(minted(w, frame.cap, Rights::read));
    w.report.equal("not without the transfer right", keep(fixed.ref()), Error::no_right);
    w.report.check("what was refused is still here", has(fixed.ref()));
    w.report.equal("nothing from an empty slot", keep(CapRef{0, 31}), Error::no_capability);
    if (!w.same_core()) {
        Owned endpoint = SKERRY_TRY(minted(w, capabilities::well_known::self_endpoint, Rights::all));
        w.report.equal("an endpoint does not leave its core", keep(endpoint.ref()), Error::refused);
        w.report.check("the endpoint is still here", has(endpoint.ref()));
    }
    Capability narrow = Capability::copy_of(frame.cap.word, static_cast<uint8_t>(Rights::write | Rights::transfer));
    w.report.equal("rights are narrowed on the way", peer.call(Keep{narrow, frame_bytes}).error(), Error::no_right);
    auto none = peer.call(Keep{{}, frame_bytes});
    w.report.equal("a message may come without one", none.error(), Error::no_capability);
    w.self.ram().destroy(frame);
    return {};
}

Status check_stream(World& w, Peer& peer) {
    constexpr uint64_t messages = 100;
    runtime::Object frame = SKERRY_TRY(w.self.ram().make_frame(frame_bytes));
    for (uint64_t i = 1; i <= messages; ++i) {
        CapRef slot = i % 3 == 0 ? CapRef{} : frame.cap;  // some without, so that both kinds keep their order
        Status sent = peer.send(KeepQuietly{Capability::copy_of(slot.word), i});
        if (!sent.ok()) return sent;
    }
    auto told = peer.call(Tell{});
    if (!told.ok()) return told.error();
    w.report.check("a stream of them keeps its order", told->messages == messages && told->in_order == messages &&
                                                           told->with_capability == messages - messages / 3);
    w.self.ram().destroy(frame);
    return {};
}

Status send_gift(CapRef to, CapRef gift, uint64_t number, bool gives) {
    using capabilities::SendHeader;
    uint64_t message[10] = {gift_word, number};
    return runtime::send(to, gives ? SendHeader::giving_cap(2, gift) : SendHeader::with_cap(2, gift), message);
}

// Capabilities in same-core messages, of which no monitor knows: between this domain and the partner's.
Status check_same_core_messages(World& w, Peer& peer) {
    auto met = SKERRY_TRY(peer.call(Meet{}));
    Owned to(CapRef{met.endpoint.slot}, w.self.slots);
    runtime::Object frame = SKERRY_TRY(w.self.ram().make_frame(frame_bytes));
    SKERRY_CHECK(fill(w.self, frame.cap, frame_bytes, 40));
    Status copied = send_gift(to.ref(), frame.cap, 1, false);
    auto sum = peer.call(TakeGift{1, frame_bytes});
    w.report.check("a same-core message copies a frame",
                   copied.ok() && has(frame.cap) && sum.ok() && sum->value == sum_from(40));

    Owned fixed = SKERRY_TRY(minted(w, frame.cap, Rights::read));
    w.report.check("none is given away without the transfer right",
                   send_gift(to.ref(), fixed.ref(), 2, true).error() == Error::no_right && has(fixed.ref()));
    fixed.reset();
    runtime::Object deaf = SKERRY_TRY(w.self.ram().make(Type::endpoint, 0, frame_bytes));
    w.report.check("what nobody can receive stays with its giver",
                   send_gift(deaf.cap, frame.cap, 3, true).error() == Error::closed && has(frame.cap));
    w.self.ram().destroy(deaf);

    SKERRY_CHECK(fill(w.self, frame.cap, frame_bytes, 50));
    Status given = send_gift(to.ref(), frame.cap, 4, true);
    bool gone = !has(frame.cap);
    sum = peer.call(TakeGift{4, frame_bytes});
    w.report.check("a same-core message gives a frame away",
                   given.ok() && gone && !has(frame.cap) && sum.ok() && sum->value == sum_from(50));
    w.self.ram().destroy(frame);  // the memory is ours yet
    return {};
}

}  // namespace

void check_capabilities(World& w) {
    Peer peer(w.session);
    w.report.equal("bind", peer.bind(w.service, patience).error(), Error::none);
    w.report.equal("requests", check_requests(w, peer).error(), Error::none);
    w.report.equal("responses", check_responses(w, peer).error(), Error::none);
    w.report.equal("refusals", check_refusals(w, peer).error(), Error::none);
    w.report.equal("stream", check_stream(w, peer).error(), Error::none);
    if (w.same_core()) w.report.equal("same-core", check_same_core_messages(w, peer).error(), Error::none);
}

}  // namespace skerry::usr::test::peers
