#include <algorithm>

#include "skb/evaluate/evaluation.hpp"

namespace skerry::skb {

namespace {

using Kind = Expression::Kind;

// False: it does not fit 64 bits.
bool fits(Kind kind, int64_t left, int64_t right, int64_t& result) {
    switch (kind) {
        case Kind::add:
            return !__builtin_add_overflow(left, right, &result);
        case Kind::subtract:
            return !__builtin_sub_overflow(left, right, &result);
        case Kind::multiply:
            return !__builtin_mul_overflow(left, right, &result);
        case Kind::negate:
            return !__builtin_sub_overflow(int64_t{0}, left, &result);
        case Kind::absolute:
            result = left;
            return left >= 0 || !__builtin_sub_overflow(int64_t{0}, left, &result);
        case Kind::divide:
            if (right == -1) return !__builtin_sub_overflow(int64_t{0}, left, &result);
            result = left / right;
            return true;
        case Kind::shift_left:
            result = static_cast<int64_t>(static_cast<uint64_t>(left) << right);
            return result >> right == left;
        default:
            return true;
    }
}

int64_t exact(Kind kind, int64_t left, int64_t right) {
    switch (kind) {
        // Prolog's: `mod` has the sign of the divisor, `rem` that of the dividend.
        case Kind::modulo: {
            int64_t rest = right == -1 ? 0 : left % right;
            return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
        }
        case Kind::remainder:
            return right == -1 ? 0 : left % right;
        case Kind::least:
            return std::min(left, right);
        case Kind::greatest:
            return std::max(left, right);
        case Kind::shift_right:
            return left >> right;
        case Kind::bit_and:
            return left & right;
        case Kind::bit_or:
            return left | right;
        case Kind::bit_xor:
            return left ^ right;
        default:
            return ~left;
    }
}

}  // namespace

bool Evaluation::number(const Frame& frame, const Expression& expression, int64_t& result) {
    if (expression.kind == Kind::operand) {
        Value found = value(frame, expression.operand);
        if (symbols_.is_number(found)) {
            result = symbols_.as_number(found);
            return true;
        }
        if (!fail(Error::corrupt, "expected a number in arithmetic, found ")) symbols_.write(problem_->text, found);
        return false;
    }
    int64_t left = 0, right = 0;
    if (!number(frame, *expression.left, left)) return false;
    if (expression.right != nullptr && !number(frame, *expression.right, right)) return false;
    switch (expression.kind) {
        case Kind::divide:
        case Kind::modulo:
        case Kind::remainder:
            if (right == 0) return fail(Error::corrupt, "expected a divisor that is not 0");
            break;
        case Kind::shift_left:
        case Kind::shift_right:
            if (right < 0 || right > 63) return fail(Error::corrupt, "expected a shift by 0 to 63");
            break;
        default:
            break;
    }
    switch (expression.kind) {
        case Kind::add:
        case Kind::subtract:
        case Kind::multiply:
        case Kind::negate:
        case Kind::absolute:
        case Kind::divide:
        case Kind::shift_left:
            if (fits(expression.kind, left, right, result)) return true;
            return fail(Error::corrupt, "expected a result of at most 64 bits (overflow)");
        default:
            result = exact(expression.kind, left, right);
            return true;
    }
}

}  // namespace skerry::skb
