// Along which tree the orders of each monitor go to many others (agree.cpp): the rules' tree for that root. A monitor asks
// for its own when it first has many to give an order to, and again after it has heard that trees may have changed; nobody
// waits for it: meanwhile, and where the rules give none, orders go as without one.
//
//   directory --TreesChanged--> all others                    when the knowledge base is there, has changed, or is gone
//   directory <--AskTree------- who has an order for many     the rules are asked: tree(asker, Parent, Child, Turn)
//             ---TreeGiven---->
#pragma once

#include "monitor/agreement/order_tree.hpp"
#include "monitor/monitor.hpp"

namespace skerry::monitor {

// There may be one, and there are so many members that a round does not ask all of them itself.
bool wants_tree(const Monitor& monitor, const CoreSet& members);
// Whether our tree, asked for in the background if need be, has all these members; then it is in `out` over them alone.
bool own_tree_over(Monitor& monitor, const CoreSet& members, urpc::intermonitor::TreeBytes& out);

// --- at the directory ---
// What the rules say for that root; empty if that cannot be used. Errors: refused (we are not the directory), those of
// ask_knowledge.
urpc::Task<base::Result<urpc::intermonitor::TreeGiven>> give_tree(urpc::FramePool& pool, Monitor& monitor,
                                                                  base::CoreId asker);
// Trees may have changed: whoever has one shall hear it, and everybody, the first time.
void trees_changed(Monitor& monitor);

}  // namespace skerry::monitor
