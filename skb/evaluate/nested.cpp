// Goals with goals in them: negation, aggregates, optima.
#include <algorithm>

#include "skb/evaluate/bounds.hpp"
#include "skb/evaluate/evaluation.hpp"

namespace skerry::skb {

using Fold = Literal::Fold;

bool Evaluation::exists(Frame& frame, const Step& step, bool& holds) {
    Frame inner{Frame::Kind::exists,
                step.inside,
                frame.task,
                frame.values,
                step.literal,
                &frame,
                0,
                false,
                0,
                nullptr,
                0,
                nullptr,
                {}};
    (void)go(inner, 0);
    holds = inner.found;
    return error_ == Error::none;
}

bool Evaluation::fold(Frame& frame) {
    int64_t number = 1;
    if (frame.goal->left != nullptr && !this->number(frame, *frame.goal->left, number)) return false;
    switch (frame.goal->fold) {
        case Fold::count:
        case Fold::sum:
            if (__builtin_add_overflow(frame.number, number, &frame.number)) {
                return fail(Error::corrupt, "expected a sum of at most 64 bits (overflow)", frame.goal->line);
            }
            break;
        case Fold::least:
            frame.number = frame.found ? std::min(frame.number, number) : number;
            break;
        case Fold::greatest:
            frame.number = frame.found ? std::max(frame.number, number) : number;
            break;
    }
    frame.found = true;
    return true;
}

bool Evaluation::aggregate(Frame& frame, const Step& step, bool& holds) {
    Frame inner{Frame::Kind::fold, step.inside, frame.task, frame.values, step.literal, &frame, 0, false, 0, nullptr, 0,
                nullptr,           {}};
    if (!go(inner, 0)) return false;
    Fold fold = step.literal->fold;
    holds = inner.found || fold == Fold::count || fold == Fold::sum;
    if (!holds) return true;
    Result<Value> made = symbols_.number(inner.number);
    return made.ok() ? set(frame, step, step.literal->operands[0], *made, holds) : no_memory();
}

// First pass: the best answer so far.
bool Evaluation::better(Frame& frame) {
    const Literal& goal = *frame.goal;
    int order = frame.found ? 0 : -1;
    for (uint32_t i = 0; i < goal.operand_count && order == 0; i++) {
        order = symbols_.compare(value(frame, goal.operands[i]), frame.best[i]);
        if (goal.fold == Fold::greatest) order = -order;
    }
    if (order >= 0) return true;
    frame.found = true;
    for (uint32_t i = 0; i < goal.operand_count; i++) frame.best[i] = value(frame, goal.operands[i]);
    return true;
}

// Second pass: an answer as good as the best goes on.
bool Evaluation::chosen(Frame& frame) {
    const Literal& goal = *frame.goal;
    for (uint32_t i = 0; i < goal.operand_count; i++) {
        if (value(frame, goal.operands[i]) != frame.best[i]) return true;
    }
    for (Variables rest = frame.fixed; rest != 0; rest &= rest - 1) {
        auto variable = static_cast<uint32_t>(__builtin_ctzll(rest));
        if (frame.values[variable] != frame.outer[variable]) return true;
    }
    return go(*frame.above, frame.after);
}

bool Evaluation::optimum(Frame& frame, uint32_t at) {
    const Step& step = frame.plan->steps[at];
    const Literal& goal = *step.literal;
    if (!enter(optimum_weight)) return false;
    Value outer[most_variables];
    std::copy_n(frame.values, frame.task->clause->variables, outer);
    Bounds bounds;
    Frame inner{Frame::Kind::best,       step.inside, frame.task, frame.values, &goal, &frame, at + 1, false, 0, outer,
                goal.binds & step.bound, &bounds,     {}};
    begin_bounds(inner, step);
    bool more = error_ == Error::none && go(inner, 0);
    if (more && inner.found) {
        inner.kind = Frame::Kind::each;
        more = go(inner, 0);
    }
    depth_ -= optimum_weight;
    // What was bound outside may have been tried with other values.
    std::copy_n(outer, frame.task->clause->variables, frame.values);
    return more;
}

}  // namespace skerry::skb
