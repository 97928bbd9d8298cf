// Another core's monitor, as this one talks to it. Made when a core joins, or on demand through the directory; a core
// may be there twice if both sides asked at once, and then either will do.
#pragma once

#include <algorithm>
#include <span>

#include "monitor/peer_handler.hpp"
#include "monitor/poker.hpp"
#include "urpc/call.hpp"
#include "urpc/protocols/machine_info.hpp"
#include "usr/runtime/ram_pool.hpp"

namespace skerry::monitor {

using PeerLink = urpc::Server<urpc::intermonitor::Protocol, PeerHandler>;

struct Peer {
    static constexpr uint64_t ring_bytes = 4096;

    Peer(Monitor& monitor, base::CoreId core, const urpc::ChannelLayout& layout);

    base::CoreId core;
    PeerHandler handler;
    NotifyPoker poker;
    PeerLink link;
    runtime::Object made;  // the frame, if its memory is ours
    Owned received;        // the frame, if it is another core's
    uint64_t address = 0;
    // When it was last looked whether it answers (operation/watch_peers.cpp).
    uint64_t heard = 0;    // lines that had come from it
    bool awaited = false;  // a call waited for it
};

// All peers of one monitor; bounded by the machine's size, twice.
class PeerTable {
  public:
    static constexpr uint32_t capacity = 2 * urpc::machine_cores_maximum;

    // One whose channel is open; null = none.
    Peer* find(base::CoreId core) {
        for (Peer* peer : used()) {
            if (peer != nullptr && peer->core == core && !peer->link.closed()) return peer;
        }
        return nullptr;
    }
    // The first of which `test(peer)` holds, open or not; null = none.
    template <typename Test>
    Peer* first(Test&& test) {
        for (Peer* peer : used()) {
            if (peer != nullptr && test(*peer)) return peer;
        }
        return nullptr;
    }
    // One after the other.
    template <typename Visit>
    void each(Visit&& visit) {
        for (Peer* peer : used()) {
            if (peer != nullptr) visit(*peer);
        }
    }
    // All links to that core: who waits there is told so.
    void close(base::CoreId core) {
        for (Peer* peer : used()) {
            if (peer != nullptr && peer->core == core) peer->link.close();
        }
    }
    // Errors: full.
    base::Status add(Peer& peer) {
        auto place = std::find(peers_.begin(), peers_.end(), nullptr);
        if (place == peers_.end()) return base::Error::full;
        *place = &peer;
        used_ = std::max<size_t>(used_, place - peers_.begin() + 1);
        return {};
    }
    void remove(Peer& peer) {
        for (Peer*& place : peers_) {
            if (place == &peer) place = nullptr;
        }
    }

    // Of the rings that this monitor made.
    uint64_t bytes() const {
        uint64_t sum = 0;
        for (Peer* peer : used()) sum += peer == nullptr ? 0 : peer->made.piece.bytes;
        return sum;
    }
    // By those that are here now.
    uint64_t lines_sent() const {
        uint64_t sum = 0;
        for (Peer* peer : used()) sum += peer == nullptr ? 0 : peer->link.channel().lines_sent();
        return sum;
    }

  private:
    std::span<Peer* const> used() const { return std::span(peers_).first(used_); }

    std::array<Peer*, capacity> peers_{};
    size_t used_ = 0;  // places that ever were
};

}  // namespace skerry::monitor
