// In which order a rule's goals are run, for each place where something new can come from.
//
// A rule of p is run for a demand: values that p was asked for. New are demands, or answers of goals that need p in
// turn (its own component); goals below that are asked and complete before they are scanned. With a, b of p's
// component and q below it:
//
//     p(X, Y) :- a(X, Z), q(Z, W), b(W, Y).          asked with X
//
//     new demand     demand'   ask a, scan old   ask q, scan    ask b, scan old
//     new a          a'        demand            ask q, scan    ask b, scan old
//     new b          b'        the rest before it, most bound first, not asked: earlier runs have
//
// Each combination of rows is seen in exactly one run: that of its last new row, in the order of the text.
#pragma once

#include "skb/program/predicates.hpp"

namespace skerry::skb {

struct Demand;
struct Plan;

struct Step {
    enum class Range : uint8_t { all, old, fresh, current };
    const Literal* literal = nullptr;  // null: the demand itself
    Range range = Range::all;
    bool ask = false;          // its predicate has rules, and must be told
    uint8_t slot = 0;          // of the demand (0) or of a goal of the same component, in the task's counts
    Columns columns = 0;       // bound when it is reached
    Columns asked = 0;         // bound in the order of the text
    Variables bound = 0;       // when it is reached
    Demand* demand = nullptr;  // where its predicate is asked, once known; of the demand itself: that
    const Plan* inside = nullptr;
};

struct Plan {
    Step* steps = nullptr;
    uint32_t count = 0;
};

// One rule for one kind of demand.
struct Task {
    const Clause* clause = nullptr;
    Demand* demand = nullptr;
    uint32_t slots = 0;        // 1 + goals of its own component
    uint32_t* seen = nullptr;  // by slot: rows below were combined with each other
    uint32_t* now = nullptr;   // by slot: rows when this run began
    Relation** relations = nullptr;
    Plan* plans = nullptr;  // by slot: for what is new there
    Task* next = nullptr;   // of its component
};

// What a predicate was asked for with values in some columns.
struct Demand {
    Predicate* predicate = nullptr;
    Columns columns = 0;
    Relation keys;  // as wide as the predicate; other columns are the number 0
    Demand* next = nullptr;
};

// Null: no memory.
Task* make_task(Arena& arena, const Clause& clause, Demand& demand);

}  // namespace skerry::skb
