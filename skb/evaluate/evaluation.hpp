// Evaluation: a predicate is asked with values in some columns, and its component is run until nothing new comes.
// Answers are kept for later questions until a fact or a rule on which they depend changes.
#pragma once

#include "skb/evaluate/bounds.hpp"
#include "skb/evaluate/plan.hpp"
#include "skb/read/problem.hpp"

namespace skerry::skb {

// How much a question may use before it is given up.
struct Limits {
    uint64_t steps = 1'000'000'000;  // goals entered and rows looked at
    size_t bytes = SIZE_MAX;         // of the pool, beyond what was in use before
    uint32_t depth = 1000;           // of goals that wait for goals: stack, 300 bytes each (GCC 12, x86-64, -O2)
};

class Evaluation {
  public:
    Evaluation(Pool& pool, Symbols& symbols, Predicates& predicates)
        : pool_(pool), symbols_(symbols), predicates_(predicates), kept_(pool) {}
    Evaluation(const Evaluation&) = delete;
    Evaluation& operator=(const Evaluation&) = delete;
    ~Evaluation() { forget(); }

    // All answers of a rule whose head no other rule needs, into that predicate's table. `own` holds what is made for
    // this question alone. Errors: refused (a limit), no_memory, corrupt (an error in arithmetic): the problem says
    // which, and the answers that were kept are forgotten.
    Status answer(Predicate& head, Arena& own, const Limits& limits, Problem& problem);
    // Drops all answers that were kept.
    void forget();

    uint64_t steps() const { return steps_; }  // of the last question

  private:
    // What becomes of an answer of a conjunction.
    struct Frame {
        enum class Kind : uint8_t { head, exists, fold, best, each };
        Kind kind;
        const Plan* plan;
        const Task* task;
        Value* values;                  // by variable
        const Literal* goal = nullptr;  // the goal in which the conjunction stands
        Frame* above = nullptr;         // where that goal stands, and what comes after it
        uint32_t after = 0;
        bool found = false;
        int64_t number = 0;
        const Value* outer = nullptr;  // each: values that were bound before the choice
        Variables fixed = 0;           // each: which of them must come out the same
        Bounds* bounds = nullptr;
        Value best[most_columns];
    };

    // evaluation.cpp
    bool ask(Predicate& predicate, Columns columns, const Value* row, Demand*& demand);
    Demand* demand(Predicate& predicate, Columns columns);
    bool add_tasks(Demand& demand);
    bool fixpoint(Predicate& predicate);
    bool run(Task& task, bool& any);
    bool fail(Error error, std::string_view what, uint32_t line = 0);
    // Predicates and optima weigh more than goals. Left again by `depth_ -= weight`.
    static constexpr uint32_t predicate_weight = 4, optimum_weight = 7;
    bool enter(uint32_t weight) {
        if (limits_->depth - depth_ < weight)
            return fail(Error::refused, "this question nests more deeply than it may");
        depth_ += weight;
        return true;
    }
    bool no_memory() { return fail(Error::no_memory, "out of memory"); }
    Arena& arena_of(const Predicate& predicate) { return &predicate == question_ ? *own_ : kept_; }

    // run.cpp: false means stop; why stands in error_, or it is no error (enough was found).
    bool go(Frame& frame, uint32_t at);
    bool test(const Frame& frame, const Step& step, bool& holds);
    bool scan(Frame& frame, uint32_t at);
    bool match(const Frame& frame, const Step& step, const Operand* operands, const Value* row);
    bool count_step();
    bool finish(Frame& frame);
    bool emit(const Frame& frame);
    bool between(Frame& frame, uint32_t at);
    bool set(const Frame& frame, const Step& step, const Operand& target, Value value, bool& holds);
    Value value(const Frame& frame, const Operand& operand) const {
        return operand.is_variable ? frame.values[operand.variable] : operand.value;
    }

    // nested.cpp
    bool exists(Frame& frame, const Step& step, bool& holds);
    bool aggregate(Frame& frame, const Step& step, bool& holds);
    bool optimum(Frame& frame, uint32_t at);
    bool fold(Frame& frame);
    bool better(Frame& frame);
    bool chosen(Frame& frame);

    // bounds.cpp
    void begin_bounds(Frame& frame, const Step& step);
    bool hopeless(const Frame& frame, uint32_t at) const;
    Interval interval(const Frame& frame, uint32_t at, const Expression& expression, uint32_t nested) const;
    Interval interval(const Frame& frame, uint32_t at, const Operand& operand, uint32_t nested) const;

    // arithmetic.cpp
    bool number(const Frame& frame, const Expression& expression, int64_t& result);

    Pool& pool_;
    Symbols& symbols_;
    Predicates& predicates_;
    Arena kept_;
    Growing<Task*> tasks_;       // by component + 1; 0 is the question's own
    Growing<Predicate*> asked_;  // whose demands are kept
    Arena* own_ = nullptr;
    Predicate* question_ = nullptr;
    const Limits* limits_ = nullptr;
    Problem* problem_ = nullptr;
    const Clause* running_ = nullptr;
    Error error_ = Error::none;
    uint64_t steps_ = 0;
    size_t most_used_ = 0;
    uint32_t depth_ = 0;
};

}  // namespace skerry::skb
