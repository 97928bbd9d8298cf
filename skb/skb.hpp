// The system knowledge base: facts about the machine, rules over them, and questions. Start here.
//
//     text of rules --load--> clauses, checked --+
//                                                +--ask--> answers, a table        one owner, one thread
//     facts --tell, retract--> relations --------+
//
// All memory comes from the span given at the start. Every refusal leaves it as it was, and says why in a Problem.
#pragma once

#include "skb/evaluate/evaluation.hpp"
#include "skb/program/convert.hpp"
#include "skb/program/predicates.hpp"
#include "skb/program/unit.hpp"
#include "skb/read/problem.hpp"

namespace skerry::skb {

// What a question found: rows of values, each once, a column for each variable that does not begin with '_'.
// Lives no longer than its knowledge base, and stays as it is when that one learns more.
class Answers {
  public:
    explicit Answers(Pool& pool) : pool_(&pool), own_(pool) {}
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;
    ~Answers() { clear(); }

    uint32_t columns() const { return head_.arity; }
    std::string_view name(uint32_t column) const { return names_[column]; }
    uint32_t size() const { return head_.table.size(); }
    std::span<const Value> row(uint32_t index) const {
        return {head_.table.row(order_.size() == 0 ? index : order_[index]), head_.arity};
    }
    // From now on rows come in standard order, the first column deciding. Errors: no_memory.
    Status sort(const Symbols& symbols);
    void clear();

  private:
    friend class KnowledgeBase;
    Pool* pool_;
    Arena own_;
    Predicate head_;
    std::string_view names_[most_columns];
    Growing<uint32_t> order_;  // empty: as they were found
};

class KnowledgeBase {
  public:
    explicit KnowledgeBase(std::span<std::byte> memory)
        : pool_(memory),
          arena_(pool_),
          symbols_(pool_),
          predicates_(pool_, arena_),
          evaluation_(pool_, symbols_, predicates_) {}
    KnowledgeBase(const KnowledgeBase&) = delete;
    KnowledgeBase& operator=(const KnowledgeBase&) = delete;
    ~KnowledgeBase();

    // Rules and facts of a file, in place of those that it gave before. All of it or nothing. Errors: corrupt (it
    // cannot be understood, or a rule is not safe), refused (rules that need their own negation), no_memory.
    Status load(std::string_view file, std::string_view text, Problem& problem);
    // Takes a file's rules and facts away. Errors: not_found.
    Status unload(std::string_view file, Problem& problem);

    // Facts; one that is there already is no error. Unless memory runs out, all or none. Errors: as load.
    Status tell(std::string_view facts, Problem& problem);
    Status tell(Predicate& predicate, std::span<const Value> row);
    // Takes away all facts that match, whoever gave them; says how many. A fact with no variables is one.
    Result<uint32_t> retract(std::string_view pattern, Problem& problem);
    // That one, which was told; takes no memory. False: it was not.
    bool retract(Predicate& predicate, std::span<const Value> row);

    // The files that are loaded, the last one first; null = none.
    const Unit* files() const { return units_; }

    // Goals between commas; a full stop at the end may be left out. What it finds replaces what `answers` held.
    // Errors: as load; refused also for a limit, corrupt for an error in arithmetic.
    Status ask(std::string_view goals, Answers& answers, const Limits& limits, Problem& problem);

    // Drops answers that were kept for later questions; they will be found again.
    void forget() { evaluation_.forget(); }

    Symbols& symbols() { return symbols_; }
    Predicates& predicates() { return predicates_; }
    Pool& pool() { return pool_; }
    uint64_t steps() const { return evaluation_.steps(); }  // of the last question

  private:
    Status commit(Unit* fresh, Unit* old, Problem& problem);
    Unit* find(std::string_view file);
    Status tell_each(std::string_view facts, bool checked, Problem& problem);
    void drop(Unit* unit);
    void changed(const Predicate& predicate);
    Status known(const Conjunction& goals, Problem& problem) const;

    Pool pool_;
    Arena arena_;
    Symbols symbols_;
    Predicates predicates_;
    Evaluation evaluation_;
    Unit* units_ = nullptr;
};

}  // namespace skerry::skb
