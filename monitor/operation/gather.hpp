// What all monitors do together, down a tree and back. The directory forms the group when it is first needed, over
// the cores that are online then, along the tree that the knowledge base says, or else one that the firmware's topology
// suggests; monitors connect along its edges on demand.
//
//   directory --Sit(member, children)--> each member, parents first
//   parent    --Link(frame)------------> each child          then orders and answers go by lines alone
//   parent    --Unlink-----------------> a child of an older generation, whose frame is wanted back
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Sums over all cores that are online. Errors: timed_out (some monitor is silent: the next time without it), no_memory.
urpc::Task<base::Result<urpc::monitor::Totals>> machine_totals(urpc::FramePool& pool, Monitor& monitor);

// An edge of the group's tree, parents first; the group is formed if need be. Errors: out_of_range (no such edge), and those
// of forming it.
urpc::Task<base::Result<urpc::monitor::TreeEdge>> tree_edge(urpc::FramePool& pool, Monitor& monitor,
                                                            urpc::monitor::NextTreeEdge request);

// --- a member's part ---
base::Result<urpc::intermonitor::Linked> link_group(Monitor& monitor, Peer& parent,
                                                    const urpc::intermonitor::LinkGroup& request);
urpc::Task<base::Result<urpc::intermonitor::Seated>> sit_in_group(urpc::FramePool& pool, Monitor& monitor,
                                                                  urpc::intermonitor::SitInGroup request);
urpc::intermonitor::Unlinked unlink_group(Monitor& monitor, const urpc::intermonitor::UnlinkGroup& request);

// From now on, until nothing is under way: whoever below does not answer in time ends the group, and is named.
void watch_group(Monitor& monitor);

}  // namespace skerry::monitor
