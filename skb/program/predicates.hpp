// All predicates by name and number of arguments, with their facts, their rules and what evaluation knows of them.
#pragma once

#include "skb/program/clause.hpp"
#include "skb/store/relation.hpp"

namespace skerry::skb {

struct Demand;

struct Predicate {
    Value name;
    uint32_t arity = 0;
    uint32_t number = 0;
    bool declared = false;  // by a directive, a fact or a rule: nobody's slip of the pen
    Relation facts{0};
    Growing<uint32_t> holders;  // by row of facts: how many texts hold it; the top bit: it was told
    Clause* rules = nullptr;
    Clause* base_rule = nullptr;  // what makes its facts answers of its rules; made when first needed

    uint32_t component = 0;  // predicates that need each other share one
    uint32_t level = 0;      // above all that it needs outside its component; without rules 0

    Relation table{0};          // answers so far, if it has rules
    Demand* demands = nullptr;  // what was asked of it
    bool used = false;          // answers that are kept depend on its facts

    bool has_rules() const { return rules != nullptr; }
    // What a goal scans.
    Relation& answers() { return has_rules() ? table : facts; }
};

class Predicates {
  public:
    Predicates(Pool& pool, Arena& arena) : pool_(pool), arena_(arena), index_(2) {}
    Predicates(const Predicates&) = delete;
    Predicates& operator=(const Predicates&) = delete;
    ~Predicates();

    // Made if it is not there. Errors: no_memory.
    Result<Predicate*> get(Value name, uint32_t arity);
    Predicate* find(Value name, uint32_t arity) const;  // null: none
    uint32_t size() const { return all_.size(); }
    Predicate& operator[](uint32_t number) { return *all_[number]; }

    static constexpr uint32_t told = uint32_t{1} << 31;
    // A fact gets one more holder (1) or is told (`told`). Errors: no_memory.
    Status hold(Predicate& predicate, const Value* row, uint32_t holder);
    // It loses one; the fact goes with its last. False: there was no such holder.
    bool let_go(Predicate& predicate, const Value* row, uint32_t holder);
    void remove(Predicate& predicate, uint32_t row);

  private:
    Pool& pool_;
    Arena& arena_;
    Relation index_;  // rows [name, arity], by number
    Growing<Predicate*> all_;
};

// Orders predicates by need, or leaves them as they are. Errors: refused (a predicate needs its own negation, or the layers are too many; the
// problem says which), no_memory.
struct Problem;
Status order_by_need(Pool& pool, Predicates& predicates, const Symbols& symbols, Problem& problem);

}  // namespace skerry::skb
