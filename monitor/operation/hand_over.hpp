// Capabilities that ride on a channel between programs (urpc/capability.hpp).
//
//   sender's ring      its monitor                    the receiver's monitor              receiver
//     Transfer ------->  fetches a copy, judges it                       <--- OfferSlot --- (empty slots)
//                        ---- Deliver (value) ------->  makes it again, puts it into an offered slot
//     <- Transferred --  <--- Delivered (slot) -------
//
// On one core both monitors are one, and the capability is copied. Nothing is taken from the sender here.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Waits at the sender, in its frames, while the receiver offers no slot. Errors: as of urpc::monitor::Transfer.
urpc::Task<base::Result<urpc::monitor::Transferred>> hand_over(urpc::FramePool& pool, Monitor& monitor,
                                                               base::DomainId sender, urpc::monitor::Transfer request);
// From another core. Errors: full (no slot is offered), closed, those of Kernel.create.
base::Result<urpc::intermonitor::Delivered> take_delivery(Monitor& monitor, const urpc::intermonitor::Deliver& request);

// Into the next slot that the program at this end of a channel has offered. Errors: full, closed.
base::Result<uint64_t> put_into_offer(Monitor& monitor, uint64_t channel, CapRef cap, capabilities::Rights rights);

// What the receiver says. Errors: corrupt (it breaks the protocol).
base::Status take_offer(Monitor& monitor, base::DomainId domain, const urpc::monitor::OfferSlot& offer);
base::Result<urpc::monitor::OffersWithdrawn> withdraw_offers(Monitor& monitor, base::DomainId domain, uint64_t channel);

}  // namespace skerry::monitor
