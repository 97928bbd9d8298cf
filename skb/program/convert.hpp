// From a term that was read to a clause that can be run; a problem's text says what was expected where not.
#pragma once

#include "skb/program/clause.hpp"
#include "skb/program/predicates.hpp"
#include "skb/read/term.hpp"

namespace skerry::skb {

class Converter {
  public:
    Converter(Symbols& symbols, Predicates& predicates, Arena& arena, Problem& problem)
        : symbols_(symbols), predicates_(predicates), arena_(arena), problem_(problem) {}

    // A rule; `names` are its variables'. It is safe, or refused. Errors: corrupt (the problem says what), no_memory.
    Result<Clause*> rule(const Term& head, const Term* body, std::span<const std::string_view> names);
    // As the body of a rule without a head: `head` gets an argument for each variable whose name does not begin with
    // '_', in the order of the text.
    Result<Clause*> query(const Term& body, std::span<const std::string_view> names, Predicate& head);
    // A predicate and its constants, into `row`.
    Result<Predicate*> fact(const Term& term, Value* row);
    // The same where variables may stand: a bit for each column that is given.
    Result<Predicate*> pattern(const Term& term, Value* row, Columns& given);
    // A number of the language, as a value.
    Result<Value> value(const Term& term);

  private:
    static constexpr uint32_t most_goals = 64;
    static constexpr uint32_t most_depth = 8;  // of goals in goals

    base::Text& wrong(const Term& term) { return problem_.at(term.line); }
    bool operand(const Term& term, Operand& into);
    bool operands(const Term& term, Literal& literal);
    const Expression* expression(const Term& term);
    bool conjunction(const Term& term, Conjunction& into);
    bool literal(const Term& term, Literal& into);
    bool built_in(const Term& term, Literal& into, bool& known);
    bool infix(const Term& term, Literal& into, bool& known);
    bool nested(const Term& term, Literal& into, bool& known);
    bool aggregate(const Term& term, Literal& into);
    bool optimum(const Term& term, Literal& into);
    bool for_all(const Term& term, Literal& into);
    bool atom(const Term& term, Literal& into);
    bool out_of_memory(const Term& term);
    Result<Clause*> finish(Clause* clause, std::span<const std::string_view> names);

    Symbols& symbols_;
    Predicates& predicates_;
    Arena& arena_;
    Problem& problem_;
    uint32_t depth_ = 0;
    bool full_ = false;
};

// Marks in each literal what is bound when it is reached, and says what is not safe.
class Safety {
  public:
    Safety(std::span<const std::string_view> names, Problem& problem) : names_(names), problem_(problem) {}
    bool check(Clause& clause);

  private:
    bool conjunction(const Conjunction& goals, Variables& bound, Variables outside);
    bool literal(Literal& goal, Variables bound, Variables outside);
    bool nested(Literal& goal, Variables bound, Variables outside);
    bool needs(const Literal& goal, Variables wanted, Variables bound, std::string_view what);

    std::span<const std::string_view> names_;
    Problem& problem_;
};

}  // namespace skerry::skb
