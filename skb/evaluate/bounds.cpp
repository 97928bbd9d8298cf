#include "skb/evaluate/bounds.hpp"

#include <algorithm>

#include "skb/evaluate/evaluation.hpp"

namespace skerry::skb {

namespace {

using Kind = Expression::Kind;

constexpr bool unknown(int64_t number) {
    return number == INT64_MIN || number == INT64_MAX;
}

Interval add(Interval left, Interval right) {
    Interval sum;
    if (unknown(left.low) || unknown(right.low) || __builtin_add_overflow(left.low, right.low, &sum.low)) {
        sum.low = INT64_MIN;
    }
    if (unknown(left.high) || unknown(right.high) || __builtin_add_overflow(left.high, right.high, &sum.high)) {
        sum.high = INT64_MAX;
    }
    return sum;
}

Interval negate(Interval of) {
    return {unknown(of.high) ? INT64_MIN : -of.high, unknown(of.low) ? INT64_MAX : -of.low};
}

Interval multiply(Interval left, Interval right) {
    if (unknown(left.low) || unknown(left.high) || unknown(right.low) || unknown(right.high)) return {};
    Interval product{INT64_MAX, INT64_MIN};
    for (int64_t one : {left.low, left.high}) {
        for (int64_t other : {right.low, right.high}) {
            int64_t each = 0;
            if (__builtin_mul_overflow(one, other, &each)) return {};
            product = {std::min(product.low, each), std::max(product.high, each)};
        }
    }
    return product;
}

}  // namespace

Interval combine(Kind kind, Interval left, Interval right) {
    switch (kind) {
        case Kind::add:
            return add(left, right);
        case Kind::negate:
            return negate(left);
        case Kind::subtract:
            return add(left, negate(right));
        case Kind::multiply:
            return multiply(left, right);
        case Kind::least:
            return {std::min(left.low, right.low), std::min(left.high, right.high)};
        case Kind::greatest:
            return {std::max(left.low, right.low), std::max(left.high, right.high)};
        case Kind::absolute:
            if (left.low >= 0) return left;
            return {0, unknown(left.low) || unknown(left.high) ? INT64_MAX : std::max(-left.low, left.high)};
        default:
            return {};
    }
}

// One look at the rows that can match with what is bound now, for each goal over facts: only then do two or more of
// them gain anything.
void Evaluation::begin_bounds(Frame& frame, const Step& step) {
    uint32_t atoms = 0;
    for (uint32_t i = 0; i < frame.plan->count; i++) atoms += frame.plan->steps[i].literal->is_atom() ? 1 : 0;
    if (atoms < 2) return;
    frame.bounds->useful = true;
    for (uint32_t i = 0; i < frame.plan->count; i++) {
        const Literal& goal = *frame.plan->steps[i].literal;
        if (goal.kind != Literal::Kind::atom || goal.predicate->has_rules()) continue;
        Relation& relation = goal.predicate->facts;
        Columns columns = goal.columns(step.literal->before);
        std::array<Interval, most_columns> found;
        found.fill({INT64_MAX, INT64_MIN});
        auto look = [&](const Value* row) {
            for (uint32_t column = 0; column < goal.operand_count; column++) {
                Interval& each = found[column];
                int64_t number = symbols_.is_number(row[column]) ? symbols_.as_number(row[column]) : 0;
                each = symbols_.is_number(row[column])
                           ? Interval{std::min(each.low, number), std::max(each.high, number)}
                           : Interval{};
            }
            return count_step();
        };
        Value key[most_columns];
        for (uint32_t column = 0; column < goal.operand_count; column++) {
            if ((columns >> column & 1) != 0) key[column] = value(frame, goal.operands[column]);
        }
        if (columns == 0) {
            for (uint32_t id = 0; id < relation.size(); id++) {
                if (!look(relation.row(id))) return;
            }
        } else {
            Result<Relation::Index*> index = relation.index(pool_, columns);
            if (!index.ok()) return (void)no_memory();
            for (uint32_t id = relation.last(**index, key, no_row); id != no_row;
                 id = relation.next(**index, key, id)) {
                if (!look(relation.row(id))) return;
            }
        }
        for (uint32_t column = 0; column < goal.operand_count; column++) {
            if ((columns >> column & 1) != 0 || found[column].low > found[column].high) continue;
            Interval& each = frame.bounds->of[goal.operands[column].variable];
            each = {std::max(each.low, found[column].low), std::min(each.high, found[column].high)};
        }
    }
}

// The interval of an expression when goal `at` is reached: what is bound by then, the rows, and arithmetic that comes.
Interval Evaluation::interval(const Frame& frame, uint32_t at, const Expression& expression, uint32_t nested) const {
    if (nested > 8) return {};
    if (expression.kind != Kind::operand) {
        Interval left = interval(frame, at, *expression.left, nested + 1), right;
        if (expression.right != nullptr) right = interval(frame, at, *expression.right, nested + 1);
        return combine(expression.kind, left, right);
    }
    return interval(frame, at, expression.operand, nested);
}

Interval Evaluation::interval(const Frame& frame, uint32_t at, const Operand& operand, uint32_t nested) const {
    if ((operand.variables() & ~frame.plan->steps[at].bound) == 0) {
        Value known = value(frame, operand);
        if (!symbols_.is_number(known)) return {};
        return {symbols_.as_number(known), symbols_.as_number(known)};
    }
    for (uint32_t i = at; i < frame.plan->count; i++) {
        const Literal& goal = *frame.plan->steps[i].literal;
        if (goal.kind == Literal::Kind::assign && goal.operands[0].variables() == operand.variables()) {
            return interval(frame, at, *goal.left, nested + 1);
        }
    }
    return frame.bounds->of[operand.variable];
}

bool Evaluation::hopeless(const Frame& frame, uint32_t at) const {
    if (!frame.found || !frame.bounds->useful || !symbols_.is_number(frame.best[0])) return false;
    Interval key = interval(frame, at, frame.goal->operands[0], 0);
    int64_t best = symbols_.as_number(frame.best[0]);
    bool least = frame.goal->fold == Literal::Fold::least;
    return least ? key.low != INT64_MIN && key.low > best : key.high != INT64_MAX && key.high < best;
}

}  // namespace skerry::skb
