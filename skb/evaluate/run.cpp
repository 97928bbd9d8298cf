// One way through the goals of a plan. A goal that can hold in several ways goes on from within its loop.
#include "skb/evaluate/evaluation.hpp"

namespace skerry::skb {

using Kind = Literal::Kind;
using Test = Literal::Test;

namespace {

bool holds_for(Test test, int order) {
    switch (test) {
        case Test::equal:
            return order == 0;
        case Test::unequal:
            return order != 0;
        case Test::less:
            return order < 0;
        case Test::greater:
            return order > 0;
        case Test::at_most:
            return order <= 0;
        case Test::at_least:
            return order >= 0;
    }
    return false;
}

}  // namespace

bool Evaluation::count_step() {
    if (++steps_ <= limits_->steps) return true;
    return fail(Error::refused, "this question needs more steps than it may take");
}

// Gives a bound operand's value or binds it.
bool Evaluation::set(const Frame& frame, const Step& step, const Operand& target, Value value, bool& holds) {
    bool unbound = target.is_variable && (step.bound >> target.variable & 1) == 0;
    if (unbound) {
        frame.values[target.variable] = value;
    } else {
        holds = this->value(frame, target) == value;
    }
    return true;
}

// Goals that hold in at most one way.
bool Evaluation::test(const Frame& frame, const Step& step, bool& holds) {
    const Literal& goal = *step.literal;
    switch (goal.kind) {
        case Kind::truth:
            holds = goal.test == Test::equal;
            return true;
        case Kind::is_type:
            holds = symbols_.is_number(value(frame, goal.operands[0])) == (goal.test == Test::less);
            return true;
        case Kind::compare: {
            int64_t left = 0, right = 0;
            if (!number(frame, *goal.left, left) || !number(frame, *goal.right, right)) return false;
            holds = holds_for(goal.test, left < right ? -1 : left > right);
            return true;
        }
        case Kind::order: {
            Value left = value(frame, goal.operands[0]), right = value(frame, goal.operands[1]);
            holds = holds_for(goal.test, left == right ? 0 : symbols_.compare(left, right));
            return true;
        }
        case Kind::unify: {
            const Operand &first = goal.operands[0], &second = goal.operands[1];
            bool first_known = (first.variables() & ~step.bound) == 0;
            return first_known ? set(frame, step, second, value(frame, first), holds)
                               : set(frame, step, first, value(frame, second), holds);
        }
        default: {
            int64_t result = 0;
            if (!number(frame, *goal.left, result)) return false;
            Result<Value> made = symbols_.number(result);
            return made.ok() ? set(frame, step, goal.operands[0], *made, holds) : no_memory();
        }
    }
}

bool Evaluation::go(Frame& frame, uint32_t at) {
    if (!enter(1)) return false;
    bool more = true, ended = false;
    for (; !ended; at++) {
        if (at == frame.plan->count) {
            more = finish(frame);
            break;
        }
        const Step& step = frame.plan->steps[at];
        bool holds = true;
        if (!count_step()) {
            more = false;
        } else if (frame.bounds != nullptr && hopeless(frame, at)) {
            holds = false;
        } else if (step.literal == nullptr || step.literal->is_atom()) {
            more = scan(frame, at);
            ended = true;
        } else if (step.literal->kind == Kind::between || step.literal->kind == Kind::optimum) {
            more = step.literal->kind == Kind::between ? between(frame, at) : optimum(frame, at);
            ended = true;
        } else if (step.literal->kind == Kind::negation) {
            more = exists(frame, step, holds);
            holds = !holds;
        } else {
            more = step.literal->kind == Kind::aggregate ? aggregate(frame, step, holds) : test(frame, step, holds);
        }
        ended = ended || !more || !holds;
    }
    depth_--;
    return more;
}

// Binds what the columns that are not bound yet say; false: a variable that stands there twice has two values.
bool Evaluation::match(const Frame& frame, const Step& step, const Operand* operands, const Value* row) {
    Variables known = step.bound;
    uint32_t columns = step.literal != nullptr ? (1u << step.literal->operand_count) - 1 : step.demand->columns;
    for (columns &= ~uint32_t{step.columns}; columns != 0; columns &= columns - 1) {
        auto column = static_cast<uint32_t>(__builtin_ctz(columns));
        uint8_t variable = operands[column].variable;
        if ((known >> variable & 1) == 0) {
            frame.values[variable] = row[column];
            known |= Variables{1} << variable;
        } else if (frame.values[variable] != row[column]) {
            return false;
        }
    }
    return true;
}

bool Evaluation::scan(Frame& frame, uint32_t at) {
    Step& step = frame.plan->steps[at];
    const Literal* goal = step.literal;
    const Operand* operands = goal != nullptr ? goal->operands : frame.task->clause->operands;
    Relation& relation = goal == nullptr            ? step.demand->keys
                         : goal->kind == Kind::base ? goal->predicate->facts
                                                    : goal->predicate->answers();
    Value key[most_columns];
    for (uint32_t i = 0; i < relation.arity(); i++) {
        if ((step.columns >> i & 1) != 0) key[i] = value(frame, operands[i]);
    }
    if (step.ask && !ask(*goal->predicate, step.asked, key, step.demand)) return false;
    uint32_t low = 0, high = relation.size();
    if (step.range != Step::Range::all) {
        uint32_t seen = frame.task->seen[step.slot], now = frame.task->now[step.slot];
        low = step.range == Step::Range::fresh ? seen : 0;
        high = step.range == Step::Range::old ? seen : now;
    }
    if (step.columns == 0) {
        for (uint32_t id = low; id < high; id++) {
            if (!count_step()) return false;
            if (match(frame, step, operands, relation.row(id)) && !go(frame, at + 1)) return false;
        }
        return true;
    }
    Result<Relation::Index*> index = relation.index(pool_, step.columns);
    if (!index.ok()) return no_memory();
    for (uint32_t id = relation.last(**index, key, high); id != no_row && id >= low;
         id = relation.next(**index, key, id)) {
        if (!count_step()) return false;
        if (match(frame, step, operands, relation.row(id)) && !go(frame, at + 1)) return false;
    }
    return true;
}

bool Evaluation::between(Frame& frame, uint32_t at) {
    const Step& step = frame.plan->steps[at];
    const Literal& goal = *step.literal;
    int64_t low = 0, high = 0;
    if (!number(frame, *goal.left, low) || !number(frame, *goal.right, high)) return false;
    const Operand& target = goal.operands[0];
    if ((target.variables() & ~step.bound) == 0) {
        Value known = value(frame, target);
        if (!symbols_.is_number(known))
            return fail(Error::corrupt, "expected a number as the third argument of between");
        int64_t number = symbols_.as_number(known);
        return number < low || number > high || go(frame, at + 1);
    }
    for (int64_t number = low; number <= high; number++) {
        Result<Value> made = symbols_.number(number);
        if (!made.ok()) return no_memory();
        frame.values[target.variable] = *made;
        if (!count_step() || !go(frame, at + 1)) return false;
        if (number == high) break;  // it may be the greatest number
    }
    return true;
}

bool Evaluation::emit(const Frame& frame) {
    const Clause& clause = *frame.task->clause;
    Value row[most_columns];
    for (uint32_t i = 0; i < clause.head->arity; i++) row[i] = value(frame, clause.operands[i]);
    Result<bool> fresh = clause.head->table.insert(pool_, row);
    if (!fresh.ok()) return no_memory();
    if (pool_.used() <= most_used_) return true;
    return fail(Error::refused, "this question needs more memory than it may use");
}

bool Evaluation::finish(Frame& frame) {
    switch (frame.kind) {
        case Frame::Kind::head:
            return emit(frame);
        case Frame::Kind::exists:
            frame.found = true;
            return false;
        case Frame::Kind::fold:
            return fold(frame);
        case Frame::Kind::best:
            return better(frame);
        case Frame::Kind::each:
            return chosen(frame);
    }
    return false;
}

}  // namespace skerry::skb
