// Notices that a core has stopped while a call to its monitor waits, whatever the call is for. Who waits for the end of a program there
// calls nobody: a program may run for ever, and so would the clock. No coroutine: its frame would stay for seconds after each call,
// and programs that count what is left behind would find it.
#include "monitor/operation/lose_core.hpp"

namespace skerry::monitor {

namespace {

// ns of a watch: one who says nothing is noticed after one to two of them.
constexpr uint64_t patience = 10'000'000'000;

bool is_awaited(const Peer& peer) {
    return !peer.link.closed() && peer.link.awaited();
}

// If there is no room in the ring, the next watch tells. A directory that is silent itself cannot be told: there is no other.
void tell_silent(Monitor& m, CoreId core) {
    if (m.is_directory()) return ask_again(m, core);
    Peer* directory = m.peers.find(m.directory);
    if (directory == nullptr || core == m.directory) return;
    (void)directory->link.try_send(urpc::intermonitor::Silent{core}).ok();
}

}  // namespace

bool begin_watch(Monitor& m, uint64_t now) {
    if (m.watch_ends != 0 || m.peers.first(is_awaited) == nullptr) return false;
    m.watch_ends = now + patience;
    m.peers.each([](Peer& peer) {
        peer.awaited = is_awaited(peer);
        peer.heard = peer.link.channel().lines_received();
    });
    return true;
}

// Who is only slow says so when the directory asks, and is asked again a watch later, as long as the call waits.
void end_watch(Monitor& m, uint64_t now) {
    SKERRY_ASSERT(m.watch_ends != 0);
    if (now < m.watch_ends) return;
    m.watch_ends = 0;
    m.peers.each([&](Peer& peer) {
        bool still = peer.awaited && is_awaited(peer);
        if (still && peer.link.channel().lines_received() == peer.heard) tell_silent(m, peer.core);
        peer.awaited = false;
    });
}

}  // namespace skerry::monitor
