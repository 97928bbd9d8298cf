// The goals that the language brings along, and arithmetic.
#include "skb/program/convert.hpp"

namespace skerry::skb {

namespace {

using Kind = Literal::Kind;
using Test = Literal::Test;
using Arithmetic = Expression::Kind;

struct Infix {
    std::string_view name;
    Kind kind;
    Test test;
};
constexpr Infix infixes[] = {
    {"<", Kind::compare, Test::less},      {">", Kind::compare, Test::greater}, {"=<", Kind::compare, Test::at_most},
    {">=", Kind::compare, Test::at_least}, {"=:=", Kind::compare, Test::equal}, {"=\\=", Kind::compare, Test::unequal},
    {"@<", Kind::order, Test::less},       {"@>", Kind::order, Test::greater},  {"@=<", Kind::order, Test::at_most},
    {"@>=", Kind::order, Test::at_least},  {"==", Kind::order, Test::equal},    {"\\==", Kind::order, Test::unequal},
    {"\\=", Kind::order, Test::unequal},   {"=", Kind::unify, Test::equal},     {"is", Kind::assign, Test::equal},
};

struct Function {
    std::string_view name;
    uint32_t arity;
    Arithmetic kind;
};
constexpr Function functions[] = {
    {"+", 2, Arithmetic::add},          {"-", 2, Arithmetic::subtract},   {"*", 2, Arithmetic::multiply},
    {"//", 2, Arithmetic::divide},      {"mod", 2, Arithmetic::modulo},   {"rem", 2, Arithmetic::remainder},
    {"min", 2, Arithmetic::least},      {"max", 2, Arithmetic::greatest}, {"<<", 2, Arithmetic::shift_left},
    {">>", 2, Arithmetic::shift_right}, {"/\\", 2, Arithmetic::bit_and},  {"\\/", 2, Arithmetic::bit_or},
    {"xor", 2, Arithmetic::bit_xor},    {"-", 1, Arithmetic::negate},     {"abs", 1, Arithmetic::absolute},
    {"\\", 1, Arithmetic::bit_not},
};

}  // namespace

const Expression* Converter::expression(const Term& term) {
    auto* made = arena_.make<Expression>();
    if (made == nullptr) {
        (void)out_of_memory(term);
        return nullptr;
    }
    if (term.kind == Term::Kind::variable || term.kind == Term::Kind::number) {
        if (!operand(term, made->operand)) return nullptr;
        made->variables = made->operand.variables();
        return made;
    }
    for (const Function& each : functions) {
        if (!term.is(each.name, each.arity)) continue;
        made->kind = each.kind;
        made->left = expression(*term.first);
        if (made->left == nullptr) return nullptr;
        made->variables = made->left->variables;
        if (each.arity == 2) {
            made->right = expression(*term.first->next);
            if (made->right == nullptr) return nullptr;
            made->variables |= made->right->variables;
        }
        return made;
    }
    if (term.is("/", 2)) {
        wrong(term) << "expected '//' (division of whole numbers), found '/'";
    } else {
        base::Text& text = wrong(term) << "expected a number, a variable or arithmetic, found ";
        if (term.kind == Term::Kind::list) {
            text << "a list";
        } else {
            text << term.name.substr(0, 60) << '/' << term.arity;
        }
    }
    return nullptr;
}

bool Converter::infix(const Term& term, Literal& into, bool& known) {
    for (const Infix& each : infixes) {
        if (!term.is(each.name, 2)) continue;
        known = true;
        into.kind = each.kind;
        into.test = each.test;
        if (each.kind == Kind::order || each.kind == Kind::unify) return operands(term, into);
        if (each.kind == Kind::compare) {
            into.left = expression(*term.first);
            into.right = into.left == nullptr ? nullptr : expression(*term.first->next);
            if (into.right == nullptr) return false;
            into.variables = into.left->variables | into.right->variables;
            return true;
        }
        auto* target = arena_.make<Operand>();
        if (target == nullptr) return out_of_memory(term);
        if (!operand(*term.first, *target)) return false;
        into.operands = target;
        into.operand_count = 1;
        into.left = expression(*term.first->next);
        if (into.left == nullptr) return false;
        into.variables = target->variables() | into.left->variables;
        return true;
    }
    return true;
}

bool Converter::built_in(const Term& term, Literal& into, bool& known) {
    if (term.kind != Term::Kind::atom && term.kind != Term::Kind::compound) return true;
    if (term.is("true", 0) || term.is("fail", 0) || term.is("false", 0)) {
        known = true;
        into.kind = Kind::truth;
        into.test = term.name == "true" ? Test::equal : Test::unequal;
        return true;
    }
    if (term.is("integer", 1) || term.is("atom", 1)) {
        known = true;
        into.kind = Kind::is_type;
        into.test = term.name == "integer" ? Test::less : Test::greater;
        return operands(term, into);
    }
    if (term.is("between", 3)) {
        known = true;
        into.kind = Kind::between;
        into.left = expression(*term.argument(0));
        into.right = into.left == nullptr ? nullptr : expression(*term.argument(1));
        auto* target = arena_.make<Operand>();
        if (target == nullptr) return out_of_memory(term);
        if (into.right == nullptr || !operand(*term.argument(2), *target)) return false;
        into.operands = target;
        into.operand_count = 1;
        into.variables = into.left->variables | into.right->variables | target->variables();
        return true;
    }
    constexpr std::string_view refused[] = {";", "->", "!", "|", ":-", ",", "assert", "asserta", "assertz", "retract"};
    for (std::string_view name : refused) {
        if (term.name != name || (name == "," && term.arity == 2)) continue;
        wrong(term) << "expected goals of this language between commas, found '" << name << "'";
        return false;
    }
    if (!infix(term, into, known)) return false;
    return known || nested(term, into, known);
}

// The goals with goals in them.
bool Converter::nested(const Term& term, Literal& into, bool& known) {
    using Make = bool (Converter::*)(const Term&, Literal&);
    Make make = nullptr;
    if (term.is("aggregate_all", 3)) make = &Converter::aggregate;
    if (term.is("minimize", 2) || term.is("maximize", 2)) make = &Converter::optimum;
    if (term.is("forall", 2)) make = &Converter::for_all;
    bool negation = term.is("\\+", 1);
    if (make == nullptr && !negation) return true;
    known = true;
    if (depth_ == most_depth) {
        wrong(term) << "expected goals in goals at most " << most_depth << " deep";
        return false;
    }
    depth_++;
    bool made = true;
    if (negation) {
        into.kind = Kind::negation;
        made = conjunction(*term.first, into.inside);
        into.variables = into.inside.variables;
    } else {
        made = (this->*make)(term, into);
    }
    depth_--;
    return made;
}

// aggregate_all(count, Goal, N), aggregate_all(sum(E), Goal, N), aggregate_all(min(X), Goal, N), and max.
bool Converter::aggregate(const Term& term, Literal& into) {
    into.kind = Kind::aggregate;
    const Term& how = *term.first;
    if (how.is("count", 0)) {
        into.fold = Literal::Fold::count;
    } else if (how.is("sum", 1) || how.is("min", 1) || how.is("max", 1)) {
        into.fold = how.name == "sum"   ? Literal::Fold::sum
                    : how.name == "min" ? Literal::Fold::least
                                        : Literal::Fold::greatest;
        // SWI-Prolog does not compute what stands there for min and max; so nothing but a variable may.
        if (how.name != "sum" && how.first->kind != Term::Kind::variable) {
            wrong(how) << "expected a variable in " << how.name << "(...): compute it with 'is' in the goal";
            return false;
        }
        into.left = expression(*how.first);
        if (into.left == nullptr) return false;
    } else {
        wrong(how) << "expected count, sum(E), min(X) or max(X) as the first argument of aggregate_all";
        return false;
    }
    auto* result = arena_.make<Operand>();
    if (result == nullptr) return out_of_memory(term);
    if (!conjunction(*term.argument(1), into.inside) || !operand(*term.argument(2), *result)) return false;
    into.operands = result;
    into.operand_count = 1;
    into.variables = into.inside.variables | result->variables() | (into.left == nullptr ? 0 : into.left->variables);
    return true;
}

// minimize(Cost, Goal), minimize([First, Second, ...], Goal).
bool Converter::optimum(const Term& term, Literal& into) {
    into.kind = Kind::optimum;
    into.fold = term.name == "minimize" ? Literal::Fold::least : Literal::Fold::greatest;
    const Term& keys = *term.first;
    if (keys.kind == Term::Kind::list) {
        if (!operands(keys, into)) return false;
    } else if (keys.kind == Term::Kind::variable) {
        auto* key = arena_.make<Operand>();
        if (key == nullptr) return out_of_memory(term);
        if (!operand(keys, *key)) return false;
        into.operands = key;
        into.operand_count = 1;
        into.variables = key->variables();
    }
    for (uint32_t i = 0; i < into.operand_count; i++) {
        if (!into.operands[i].is_variable) into.operand_count = 0;
    }
    if (into.operand_count == 0) {
        wrong(keys) << "expected a variable, or a list of variables, as what is to be optimised";
        return false;
    }
    if (!conjunction(*term.argument(1), into.inside)) return false;
    into.variables |= into.inside.variables;
    return true;
}

// forall(C, A): there is no C without A.
bool Converter::for_all(const Term& term, Literal& into) {
    auto* both = arena_.make<Literal>(2);
    if (both == nullptr) return out_of_memory(term);
    Conjunction condition;
    if (!conjunction(*term.first, condition)) return false;
    both[1].kind = Kind::negation;
    both[1].line = term.line;
    if (!conjunction(*term.argument(1), both[1].inside)) return false;
    both[1].variables = both[1].inside.variables;
    // The condition's goals, and behind them the negation.
    auto* goals = arena_.make<Literal>(condition.count + 1);
    if (goals == nullptr) return out_of_memory(term);
    for (uint32_t i = 0; i < condition.count; i++) goals[i] = condition.literals[i];
    goals[condition.count] = both[1];
    into.kind = Kind::negation;
    into.inside = {goals, condition.count + 1, condition.variables | both[1].variables};
    into.variables = into.inside.variables;
    return true;
}

}  // namespace skerry::skb
