// Reaching another core's monitor, and doing there what a program here asked for.
#pragma once

#include "monitor/monitor.hpp"
#include "monitor/operation/here.hpp"

namespace skerry::monitor {

// The peer on that core; the directory introduces us if need be. Errors: not_found (no such core online), no_memory,
// full, closed.
urpc::Task<base::Result<Peer*>> connect(urpc::FramePool& pool, Monitor& monitor, base::CoreId core);

// At the directory: brings the asker's frame to the third monitor. Errors: not_found (not online), those of Meet.
urpc::Task<base::Result<urpc::intermonitor::Met>> introduce(urpc::FramePool& pool, Monitor& monitor, base::CoreId asker,
                                                            urpc::intermonitor::Introduce request);

// A peer over a frame of ours (we have side a), not yet in the table. Errors: no_memory, full.
base::Result<Peer*> make_peer(Monitor& monitor, base::CoreId core);
// A peer over a frame that came from another core, which has side a.
base::Result<Peer*> adopt_peer(Monitor& monitor, base::CoreId core, Owned frame, uint64_t bytes);
// The peer is woken through this capability from now on. Errors: those of Kernel.create.
base::Status set_poker(Monitor& monitor, Peer& peer, const urpc::monitor::Word4& notify);
// Nobody may be calling over it.
void drop_peer(Monitor& monitor, Peer& peer);

// Answers a request that concerns one core: here, or there.
template <typename Request>
urpc::Task<base::Result<typename Request::Response>> at_core(urpc::FramePool& pool, Monitor& monitor, base::CoreId core,
                                                             Request request) {
    if (core == monitor.core) co_return answer_here(monitor, request);
    auto connecting = connect(pool, monitor, core);
    auto peer = co_await connecting;
    if (!peer.ok()) co_return peer.error();
    auto call = peer.value()->link.call(request);
    auto answer = co_await call;
    co_return answer;
}

// Asks the directory, which is another core's. Errors: closed (it is not there), those of the request.
template <typename Request>
urpc::Task<base::Result<typename Request::Response>> at_directory(urpc::FramePool&, Monitor& monitor, Request request) {
    Peer* directory = monitor.peers.find(monitor.directory);
    if (directory == nullptr) co_return base::Error::closed;
    auto call = directory->link.call(request);
    auto answer = co_await call;
    co_return answer;
}

}  // namespace skerry::monitor
