// Channels between programs and services: made, offered, and let go. channel_table.hpp draws their states.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// The client's whole way: finds the service, makes the frame from the client's memory, offers it, delivers.
urpc::Task<base::Result<urpc::monitor::Bound>> bind(urpc::FramePool& pool, Monitor& monitor, base::DomainId client,
                                                    urpc::monitor::Bind request);

// At the service's core: delivers the offered frame and waits for the service's answer.
urpc::Task<base::Result<urpc::intermonitor::BindAccepted>> accept_bind(urpc::FramePool& pool, Monitor& monitor,
                                                                       urpc::intermonitor::Bind offer);

// Sends frame and notify of a channel to its program here. Errors: not_found (either is gone), timed_out.
urpc::Task<base::Status> deliver(urpc::FramePool& pool, Monitor& monitor, uint64_t channel);

// Our end is done with the channel: tells the other end, waits until that has let go, takes the memory back.
urpc::Task<base::Status> release_channel(urpc::FramePool& pool, Monitor& monitor, uint64_t channel);

// The other end is done with it: our program is told, has some time to unmap the frame, and loses it in any case.
urpc::Task<base::Result<urpc::intermonitor::ChannelReleased>> channel_gone(urpc::FramePool& pool, Monitor& monitor,
                                                                           urpc::intermonitor::ChannelGone request);

// Takes the frame away from all who hold it here, and the memory back if it was the client's.
void drop_channel(Monitor& monitor, Channel& channel);

// What a program says about its channels. Errors: corrupt (it breaks the protocol).
base::Status take_answer(Monitor& monitor, base::DomainId service, const urpc::monitor::Answer& answer);
base::Status take_release(Monitor& monitor, base::DomainId domain, uint64_t channel);
base::Status take_close(Monitor& monitor, base::DomainId domain, uint64_t channel);

}  // namespace skerry::monitor
