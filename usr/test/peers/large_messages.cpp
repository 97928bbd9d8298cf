// Messages of 448 words with checksums, both ways; then senders that are faster than their partner.
#include "urpc/frame_pool.hpp"
#include "usr/test/peers/checks.hpp"

namespace skerry::usr::test::peers {

namespace {

constexpr uint32_t senders = 4, messages_each = 25, questions = 20;
constexpr uint64_t gate_bytes = base::page_size;

// Bytes that depend on the number, so that none is mistaken for another.
template <typename Message>
void write_message(Message& message, uint64_t number) {
    message.number = number;
    message.bytes.length = static_cast<uint32_t>(large_bytes - number % 100);
    uint64_t state = number * 0x9e3779b97f4a7c15 + 1;
    for (uint32_t i = 0; i < message.bytes.length; ++i) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;  // xorshift (Marsaglia 2003)
        message.bytes.data[i] = static_cast<uint8_t>(state);
    }
    message.check = check_of(message.bytes.span());
}

struct Progress {
    uint64_t done = 0;   // messages that went right
    uint32_t ended = 0;  // coroutines
    uint32_t failed = 0;
};

urpc::Task<Status> call_large(urpc::FramePool&, Peer& peer, Progress* progress, uint64_t first) {
    Large message{};
    for (uint64_t i = first; i < first + messages_each; ++i) {
        write_message(message, i);
        auto call = peer.caller().call(message);
        auto back = co_await call;
        bool right = back.ok() && back->number == i && back->bytes == message.bytes &&
                     back->check == check_of(back->bytes.span());
        progress->done += right;
    }
    ++progress->ended;
    co_return Status{};
}

urpc::Task<Status> send_large(urpc::FramePool&, Peer& peer, Progress* progress, uint64_t first) {
    LargeOneWay message{};
    for (uint64_t i = first; i < first + messages_each; ++i) {
        write_message(message, i);
        auto sending = peer.caller().send(message);
        Status sent = co_await sending;
        progress->done += sent.ok();
    }
    ++progress->ended;
    co_return Status{};
}

// Coroutines of large messages need large frames: a pool of their own.
struct Senders {
    explicit Senders(World& world)
        : w(world),
          scope(world.session.loop.set().ready(), senders),
          peers{Peer(world.session), Peer(world.session), Peer(world.session), Peer(world.session)} {}
    World& w;
    urpc::StaticFramePool<16384, senders> pool;
    urpc::Scope scope;
    Progress progress;
    Peer peers[senders];

    Status bind() {
        for (Peer& peer : peers) SKERRY_CHECK(peer.bind(w.service, patience));
        return {};
    }
    template <typename Start>
    Status start(Start&& make) {
        progress = {};
        for (uint32_t i = 0; i < senders; ++i) {
            SKERRY_CHECK(urpc::spawn(scope, make(pool.pool(), peers[i], &progress, 1 + i * messages_each)));
        }
        return {};
    }
    bool ended() const { return progress.ended == senders; }
};

// While the senders wait for a partner that takes nothing until it is let go on, everybody else is served.
Status check_held(World& w, Senders& all, runtime::Object& gate) {
    auto at = SKERRY_TRY(w.self.space().map_anywhere(gate.cap, 0, gate_bytes, read_write));
    SKERRY_CHECK(all.peers[0].call(Tell{}));
    SKERRY_CHECK(all.peers[0].call(Gate{urpc::Capability::copy_of(gate.cap.word)}));
    SKERRY_CHECK(all.start(send_large));
    uint32_t answered = 0;
    for (uint32_t i = 0; i < questions; ++i) {
        answered += w.session.monitor.ask(urpc::monitor::CoreStatus{w.core}).ok();
    }
    w.report.check("senders wait for a slow partner", all.progress.done < senders * messages_each && !all.ended());
    w.report.check("the partner's monitor answers meanwhile", answered == questions);
    *platform::at<volatile uint64_t>(at) = 1;
    (void)w.self.dispatcher.wait_until([&] { return all.ended(); }).ok();
    SKERRY_CHECK(all.peers[0].call(Gate{}));
    return w.self.space().unmap(at, gate_bytes);
}

Status check_back_pressure(World& w, Senders& all) {
    runtime::Object gate = SKERRY_TRY(w.self.ram().make_frame(gate_bytes));
    Status held = check_held(w, all, gate);
    w.self.ram().destroy(gate);
    if (!held.ok()) return held;
    // What was sent last lies in the rings of the others yet.
    Told sum{};
    for (uint64_t deadline = w.self.dispatcher.now() + patience; sum.messages < senders * messages_each;) {
        Told told = SKERRY_TRY(all.peers[0].call(Tell{}));
        sum.messages += told.messages;
        sum.in_order += told.in_order;
        if (w.self.dispatcher.now() >= deadline) break;
    }
    w.report.check("nothing is lost, and all of it whole", sum.messages == senders * messages_each &&
                                                               sum.in_order == sum.messages &&
                                                               all.progress.done == sum.messages);
    return {};
}

Status check_all(World& w, Senders& all) {
    SKERRY_CHECK(all.bind());
    SKERRY_CHECK(all.start(call_large));
    (void)w.self.dispatcher.wait_until([&] { return all.ended(); }).ok();
    w.report.check("messages of 448 words go and come back whole", all.progress.done == senders * messages_each);
    return check_back_pressure(w, all);
}

}  // namespace

void check_large_messages(World& w) {
    auto& all = *new (platform::static_storage<Senders>()) Senders(w);
    w.report.equal("large messages", check_all(w, all).error(), Error::none);
    all.~Senders();
}

}  // namespace skerry::usr::test::peers
