// A rule is safe if, read from left to right, every goal finds bound what it needs: then all its answers are finite
// and Prolog finds the same.
#include "skb/program/convert.hpp"

namespace skerry::skb {

namespace {

using Kind = Literal::Kind;

Variables operand_variables(const Literal& goal) {
    Variables found = 0;
    for (uint32_t i = 0; i < goal.operand_count; i++) found |= goal.operands[i].variables();
    return found;
}

Variables expression_variables(const Literal& goal) {
    return (goal.left == nullptr ? 0 : goal.left->variables) | (goal.right == nullptr ? 0 : goal.right->variables);
}

}  // namespace

bool Safety::needs(const Literal& goal, Variables wanted, Variables bound, std::string_view what) {
    Variables missing = wanted & ~bound;
    if (missing == 0) return true;
    problem_.at(goal.line) << "expected " << names_[static_cast<size_t>(__builtin_ctzll(missing))]
                           << " to be bound by a goal before " << what;
    return false;
}

// Negation and aggregates: what is not bound yet is theirs alone.
bool Safety::nested(Literal& goal, Variables bound, Variables outside) {
    bool aggregate = goal.kind == Kind::aggregate;
    Variables result = aggregate ? goal.operands[0].variables() : 0;
    Variables own = (goal.inside.variables | expression_variables(goal)) & ~bound;
    if (!needs(goal, own & (outside | result), bound,
               aggregate ? "the aggregate: it stands outside of it, too" : "\\+: it stands outside of it, too")) {
        return false;
    }
    Variables within = bound;
    if (!conjunction(goal.inside, within, outside | result)) return false;
    if (aggregate && !needs(goal, expression_variables(goal), within, "it is aggregated")) return false;
    goal.binds = result & ~bound;
    return true;
}

bool Safety::literal(Literal& goal, Variables bound, Variables outside) {
    goal.before = bound;
    Variables operands = operand_variables(goal);
    goal.binds = operands & ~bound;
    switch (goal.kind) {
        case Kind::atom:
        case Kind::base:
        case Kind::truth:
            return true;
        case Kind::compare:
            return needs(goal, expression_variables(goal), bound, "it is compared");
        case Kind::order:
            return needs(goal, operands, bound, "it is compared");
        case Kind::is_type:
            return needs(goal, operands, bound, "it is looked at");
        case Kind::assign:
            return needs(goal, goal.left->variables, bound, "it is used in arithmetic");
        case Kind::between:
            return needs(goal, expression_variables(goal), bound, "it bounds 'between'");
        case Kind::unify: {
            Variables first = goal.operands[0].variables(), second = goal.operands[1].variables();
            return (first & ~bound) == 0 || needs(goal, second, bound, "'=': one side, at the least");
        }
        case Kind::negation:
        case Kind::aggregate:
            return nested(goal, bound, outside);
        case Kind::optimum: {
            Variables within = bound;
            if (!conjunction(goal.inside, within, outside | operands)) return false;
            if (!needs(goal, operands, within, "it is optimised")) return false;
            goal.binds = within & ~bound;
            return true;
        }
    }
    return false;
}

bool Safety::conjunction(const Conjunction& goals, Variables& bound, Variables outside) {
    for (uint32_t i = 0; i < goals.count; i++) {
        Variables others = outside;
        for (uint32_t j = 0; j < goals.count; j++) {
            if (j != i) others |= goals.literals[j].variables;
        }
        if (!literal(goals.literals[i], bound, others)) return false;
        bound |= goals.literals[i].binds;
    }
    return true;
}

bool Safety::check(Clause& clause) {
    Variables head = 0, bound = 0;
    for (uint32_t i = 0; i < clause.head->arity; i++) head |= clause.operands[i].variables();
    if (!conjunction(clause.body, bound, head)) return false;
    Literal place;
    place.line = clause.line;
    return needs(place, head, bound, "the rule ends: it stands in the head");
}

}  // namespace skerry::skb
