// What a rule means: its head, and goals in the order in which they were written. Variables are numbers below 64, so
// a set of them is a word.
#pragma once

#include "skb/store/relation.hpp"

namespace skerry::skb {

struct Predicate;
struct Literal;
using Variables = uint64_t;

struct Operand {
    bool is_variable = false;
    uint8_t variable = 0;
    Value value;  // of a constant

    Variables variables() const { return is_variable ? Variables{1} << variable : 0; }
};

struct Expression {
    enum class Kind : uint8_t {
        operand,
        add,
        subtract,
        multiply,
        divide,
        modulo,
        remainder,
        least,
        greatest,
        shift_left,
        shift_right,
        bit_and,
        bit_or,
        bit_xor,
        negate,
        absolute,
        bit_not
    };
    Kind kind = Kind::operand;
    Operand operand;
    const Expression *left = nullptr, *right = nullptr;
    Variables variables = 0;
};

struct Conjunction {
    Literal* literals = nullptr;
    uint32_t count = 0;
    Variables variables = 0;  // all that occur in it
};

struct Literal {
    enum class Kind : uint8_t {
        atom,       // predicate(operands)
        base,       // the same, of its facts alone: how a predicate with rules has facts, too
        compare,    // left and right are numbers: test
        order,      // operands 0 and 1 in standard order: test; == and \== are among these
        unify,      // operands 0 and 1 are the same; one of them may be unbound
        assign,     // operand 0 is the number `left`
        between,    // operand 2 runs from `left` to `right`
        is_type,    // operand 0 is a number (test less) or an atom (test greater)
        truth,      // test equal: true; unequal: false
        negation,   // `inside` has no answer
        aggregate,  // operand 0 is what `fold` makes of `left` over all answers of `inside`
        optimum     // the answers of `inside` with the least (fold least) or greatest operands, the first deciding
    };
    enum class Test : uint8_t { equal, unequal, less, greater, at_most, at_least };
    enum class Fold : uint8_t { count, sum, least, greatest };

    Kind kind = Kind::truth;
    Test test = Test::equal;
    Fold fold = Fold::count;
    uint32_t line = 0;
    Predicate* predicate = nullptr;
    const Operand* operands = nullptr;
    uint32_t operand_count = 0;
    const Expression *left = nullptr, *right = nullptr;
    Conjunction inside;
    Variables variables = 0;  // all that occur in it
    Variables before = 0;     // bound when it is reached in the order of the text
    Variables binds = 0;      // bound by it, besides

    bool is_atom() const { return kind == Kind::atom || kind == Kind::base; }
    // The columns whose operands are constants or among `bound`.
    Columns columns(Variables bound) const {
        Columns found = 0;
        for (uint32_t i = 0; i < operand_count; i++) {
            bool known = (operands[i].variables() & ~bound) == 0;
            found |= static_cast<Columns>(known ? 1u << i : 0);
        }
        return found;
    }
};

struct Clause {
    Predicate* head = nullptr;
    const Operand* operands = nullptr;
    Conjunction body;
    uint32_t variables = 0;  // how many
    uint32_t line = 0;
    std::string_view file;
    Clause* next_of_predicate = nullptr;
    Clause* next_of_unit = nullptr;
};

}  // namespace skerry::skb
