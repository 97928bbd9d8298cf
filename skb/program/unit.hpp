// What one file gave: its rules, and the facts that it holds.
#pragma once

#include "skb/program/convert.hpp"

namespace skerry::skb {

class Unit {
  public:
    explicit Unit(Pool& pool) : pool_(pool), arena_(pool) {}
    Unit(const Unit&) = delete;
    Unit& operator=(const Unit&) = delete;
    ~Unit() { facts_.free(pool_); }

    // Reads and checks all of the text; touches nothing but names. Errors: as KnowledgeBase::load.
    Status read(std::string_view file, std::string_view text, Symbols& symbols, Predicates& predicates,
                Problem& problem);

    // Hangs its rules under their predicates, or takes them away.
    void link();
    void unlink();
    // Errors: no_memory, with no fact held.
    Status hold_facts(Predicates& predicates);
    void release_facts(Predicates& predicates) { release(predicates, facts_.size()); }

    std::string_view file() const { return file_; }
    const Clause* rules() const { return rules_; }
    Unit* next = nullptr;

  private:
    Status clause(const Term& term, std::span<const std::string_view> names, Converter& converter, Problem& problem);
    Status directive(const Term& term, Symbols& symbols, Predicates& predicates, Problem& problem);
    Status declare(const Term& term, Symbols& symbols, Predicates& predicates, Problem& problem);
    void release(Predicates& predicates, uint32_t upto);

    Pool& pool_;
    Arena arena_;
    std::string_view file_;
    Clause *rules_ = nullptr, *last_ = nullptr;
    Growing<Value> facts_;  // predicate number, arguments; again and again
};

}  // namespace skerry::skb
