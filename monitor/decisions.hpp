// What the knowledge base has decided for this monitor, and what there is until it has: everything works without it
// (law 4). Answers are kept; when the base says that it has changed, they are asked for again. What it answers is
// checked before it is used, so a wrong rule harms nobody: the default is taken, with the reason kept for whoever asks.
//
//   ask_knowledge --> Exchange --(NextQuestion, Question)--> skb      operation/ask_knowledge.cpp
//   decide        --> tree, nodes, rings, load                        operation/decide.cpp
//   order_tree    --> the tree of each monitor's orders               operation/order_tree.cpp
//   ask_place     --> where a core lies that is started               operation/start_on_demand.cpp
#pragma once

#include <array>

#include "monitor/core_set.hpp"
#include "platforms/base/format.hpp"
#include "urpc/group/rows.hpp"
#include "urpc/protocols/intermonitor.hpp"

namespace skerry::monitor {

namespace group = urpc::group;

using group::plan_of;
using group::TreeRow;

// Why a decision was not taken from the rules.
using Reason = base::Buffer<96>;

// The plan as the root's orders carry it (agreement/order_tree.hpp). Empty: some core would pass orders on to a lesser one.
urpc::intermonitor::TreeBytes order_tree_of(const group::Plan& plan, std::span<const base::CoreId> members);

// Of this monitor's orders to many others, as the directory has told it.
struct OwnTree {
    uint64_t version = 0;  // of what it may ask for; 0 = there is nobody who would know
    uint64_t asked = 0;    // the version for which it has
    bool asking = false;
    urpc::intermonitor::TreeBytes tree;
};

// One question at a time, and its answer in parts.
struct Exchange {
    base::DomainId keeper;  // whose NextQuestion waits, or is at work; 0 = nobody's
    bool waits = false;
    bool busy = false;    // somebody's question is under way
    bool posted = false;  // it is there to be taken
    bool answered = false;
    urpc::monitor::Question question{};
    urpc::monitor::NextQuestion answer{};
};

struct Decisions {
    Exchange exchange;
    uint64_t version = 0;  // of what the base knows, as it has said; 0 = it has said nothing
    uint64_t asked = 0;    // the version for which it was asked what follows
    bool asking = false;
    bool outdated = false;  // what is being asked for, before it has come

    std::array<TreeRow, group::most_members> tree{};
    uint32_t tree_rows = 0;
    std::array<TreeRow, group::most_members> fresh_tree{};          // as it comes in
    uint64_t tree_number = 0;                                       // another tree, another number
    std::array<uint32_t, urpc::machine_cores_maximum> ring_node{};  // by receiver: node + 1; 0 = any
    bool nodes_preferred = false;                                   // the memory service was told an order
    CoreSet told_running;
    bool running_told = false;
    std::array<uint32_t, urpc::machine_cores_maximum> load{}, told_load{};  // programs, by core

    OwnTree own;
    // At the directory: who is to hear that trees have changed, and who has one that may change.
    CoreSet untold, askers;
    bool telling = false;
    bool lending = false;  // somebody's tree is being asked for, into:
    std::array<TreeRow, group::most_members> asked_tree{};

    bool present() const { return exchange.keeper.value != 0; }
    bool settled() const { return !present() || asked == version; }
};

}  // namespace skerry::monitor
