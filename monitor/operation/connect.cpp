#include "monitor/operation/connect.hpp"

#include <cstring>
#include <new>

#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;

namespace {

constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;

Result<Peer*> place_peer(Monitor& m, base::CoreId core, uint64_t address, uint64_t bytes, urpc::Side side) {
    auto layout = urpc::ChannelLayout::of(platform::at<void>(address), bytes, side);
    if (!layout.ok()) return layout.error();
    void* place = m.self.heap.allocate(sizeof(Peer), alignof(Peer));
    if (place == nullptr) return Error::no_memory;
    auto* peer = new (place) Peer(m, core, *layout);
    peer->address = address;
    return peer;
}

}  // namespace

Result<Peer*> make_peer(Monitor& m, base::CoreId core) {
    runtime::Object frame = SKERRY_TRY(m.self.ram().make_frame(Peer::ring_bytes));
    auto address = m.self.space().map_anywhere(frame.cap, 0, Peer::ring_bytes, read_write);
    Result<Peer*> peer{Error::no_memory};
    if (address.ok()) peer = place_peer(m, core, *address, Peer::ring_bytes, urpc::Side::a);
    if (peer.ok()) {
        peer.value()->made = frame;
        return peer;
    }
    if (address.ok()) (void)m.self.space().unmap(*address, Peer::ring_bytes).ok();
    m.self.ram().destroy(frame);
    return peer.error();
}

Result<Peer*> adopt_peer(Monitor& m, base::CoreId core, Owned frame, uint64_t bytes) {
    if (bytes < Peer::ring_bytes) return Error::invalid_argument;
    auto address = m.self.space().map_anywhere(frame.ref(), 0, Peer::ring_bytes, read_write);
    if (!address.ok()) return address.error();
    Result<Peer*> peer = place_peer(m, core, *address, Peer::ring_bytes, urpc::Side::b);
    if (peer.ok())
        peer.value()->received = std::move(frame);
    else
        (void)m.self.space().unmap(*address, Peer::ring_bytes).ok();
    return peer;
}

void drop_peer(Monitor& m, Peer& peer) {
    m.peers.remove(peer);
    peer.link.close();
    runtime::Object made = peer.made;
    Owned received = std::move(peer.received);
    uint64_t address = peer.address;
    peer.~Peer();
    m.self.heap.free(&peer);
    (void)m.self.space().unmap(address, Peer::ring_bytes).ok();
    if (made.piece.bytes != 0) m.self.ram().destroy(made);
}

Status set_poker(Monitor& m, Peer& peer, const Word4& notify) {
    Owned cap = SKERRY_TRY(made_of(m.self, notify));
    peer.poker.set(std::move(cap));
    return {};
}

Task<Result<Peer*>> connect(FramePool&, Monitor& m, base::CoreId core) {
    if (Peer* known = m.peers.find(core)) co_return known;
    if (m.lost.contains(core)) co_return Error::not_found;
    Peer* introducer = m.is_directory() ? nullptr : m.peers.find(m.directory);
    if (introducer == nullptr) co_return Error::not_found;

    auto made = make_peer(m, core);
    if (!made.ok()) co_return made.error();
    Peer* peer = made.value();
    auto frame = words_of(peer->made.cap);
    auto notify = words_of(capabilities::well_known::self_notify);
    Result<urpc::intermonitor::Met> met{Error::no_capability};
    if (frame.ok() && notify.ok()) {
        urpc::intermonitor::Introduce request{core, *frame, *notify};
        auto call = introducer->link.call(request);
        met = co_await call;
    }
    Status ready = met.error();
    if (ready.ok() && m.lost.contains(core)) ready = Error::not_found;  // meanwhile
    if (ready.ok()) ready = set_poker(m, *peer, met->notify);
    if (ready.ok()) ready = m.peers.add(*peer);
    if (!ready.ok()) {
        drop_peer(m, *peer);
        co_return ready.error();
    }
    co_return peer;
}

Task<Result<urpc::intermonitor::Met>> introduce(FramePool&, Monitor& m, base::CoreId asker,
                                                urpc::intermonitor::Introduce request) {
    Peer* third = m.is_directory() ? m.peers.find(request.core) : nullptr;
    if (third == nullptr) co_return Error::not_found;
    urpc::intermonitor::Meet forwarded{asker, request.frame, request.notify};
    auto call = third->link.call(forwarded);
    auto met = co_await call;
    co_return met;
}

}  // namespace skerry::monitor
