#include "skb/evaluate/plan.hpp"

namespace skerry::skb {

namespace {

using Range = Step::Range;

// No instruction for it on every machine, and no library of the compiler's below programs.
int column_count(uint32_t columns) {
    int count = 0;
    for (; columns != 0; columns &= columns - 1) count++;
    return count;
}

class Planner {
  public:
    Planner(Arena& arena, const Clause& clause, Demand& demand) : arena_(arena), clause_(clause), demand_(demand) {
        for (uint32_t i = 0; i < clause.head->arity; i++) {
            if ((demand.columns >> i & 1) != 0) given_ |= clause.operands[i].variables();
        }
    }
    Task* make();

  private:
    bool own(const Literal& goal) const {
        return goal.kind == Literal::Kind::atom && goal.predicate->has_rules() &&
               goal.predicate->component == clause_.head->component;
    }
    bool plan(Plan& plan, uint32_t fresh);
    Step step(const Literal& goal, uint32_t slot, Variables bound);
    Step demand_step(Variables bound, Range range) const;
    void place(Plan& plan, const Step& step);
    void place_before(Plan& plan, uint32_t fresh);
    bool place_tests(Plan& plan, uint32_t fresh, uint64_t& placed);
    const Plan* nested(const Conjunction& goals, Variables bound);

    Arena& arena_;
    const Clause& clause_;
    Demand& demand_;
    Variables given_ = 0, bound_ = 0;
    uint8_t slot_of_[64] = {};  // by goal; 0: not of this component
    bool full_ = false;
};

Step Planner::demand_step(Variables bound, Range range) const {
    Step step;
    step.range = range;
    step.demand = &demand_;
    step.bound = bound;
    for (uint32_t i = 0; i < clause_.head->arity; i++) {
        bool known = (demand_.columns >> i & 1) != 0 && (clause_.operands[i].variables() & ~bound) == 0;
        step.columns |= static_cast<Columns>(known ? 1u << i : 0);
    }
    return step;
}

// As in the order of the text: it is asked. Goals in goals always are.
Step Planner::step(const Literal& goal, uint32_t slot, Variables bound) {
    Step step;
    step.literal = &goal;
    step.slot = static_cast<uint8_t>(slot);
    step.range = slot != 0 ? Range::old : Range::all;
    step.bound = bound;
    if (goal.is_atom()) {
        step.columns = goal.columns(bound);
        step.ask = goal.kind == Literal::Kind::atom && goal.predicate->has_rules();
        step.asked = goal.columns(goal.before | given_);
    } else if (goal.inside.count != 0) {
        // An optimum is chosen before anybody knows what was asked for; the others' own variables are nobody else's.
        step.inside = nested(goal.inside, goal.before);
        full_ = full_ || step.inside == nullptr;
    }
    return step;
}

const Plan* Planner::nested(const Conjunction& goals, Variables bound) {
    auto* plan = arena_.make<Plan>();
    Step* steps = plan == nullptr ? nullptr : arena_.make<Step>(goals.count);
    if (steps == nullptr) return nullptr;
    for (uint32_t i = 0; i < goals.count; i++) {
        const Literal& goal = goals.literals[i];
        steps[i] = step(goal, 0, bound);
        steps[i].asked = steps[i].columns;
        bound |= goal.binds;
    }
    *plan = {steps, goals.count};
    return plan;
}

void Planner::place(Plan& plan, const Step& step) {
    plan.steps[plan.count++] = step;
    if (step.literal != nullptr) {
        bound_ |= step.literal->is_atom() ? step.literal->variables : step.literal->binds;
    } else {
        bound_ |= given_;
    }
}

// Goals that are no atoms, as soon as all before them in the text are placed: what one of them guards stays guarded.
bool Planner::place_tests(Plan& plan, uint32_t fresh, uint64_t& placed) {
    bool any = false;
    for (uint32_t i = 0; i < fresh; i++) {
        if ((placed >> i & 1) != 0) continue;
        const Literal& goal = clause_.body.literals[i];
        if (goal.is_atom()) break;
        place(plan, step(goal, 0, bound_));
        placed |= uint64_t{1} << i;
        any = true;
    }
    return any;
}

// The demand and the goals before `fresh`: whichever has most of its columns bound, all of them best.
void Planner::place_before(Plan& plan, uint32_t fresh) {
    uint64_t placed = 0;
    bool demanded = false;
    for (;;) {
        (void)place_tests(plan, fresh, placed);
        uint32_t best = fresh + 1;
        int best_score = -1;
        auto consider = [&](uint32_t index, Columns columns, uint32_t of) {
            int bound = column_count(columns), score = bound == static_cast<int>(of) ? 100 : bound;
            if (score > best_score) best = index, best_score = score;
        };
        if (!demanded) {
            consider(fresh, demand_step(bound_, Range::current).columns,
                     static_cast<uint32_t>(column_count(demand_.columns)));
        }
        for (uint32_t i = 0; i < fresh; i++) {
            const Literal& goal = clause_.body.literals[i];
            if ((placed >> i & 1) != 0 || !goal.is_atom()) continue;
            consider(i, goal.columns(bound_), goal.operand_count);
        }
        if (best_score < 0) return;
        if (best == fresh) {
            place(plan, demand_step(bound_, Range::current));
            demanded = true;
            continue;
        }
        Step chosen = step(clause_.body.literals[best], slot_of_[best], bound_);
        chosen.ask = false;
        if (slot_of_[best] != 0) chosen.range = Range::current;
        place(plan, chosen);
        placed |= uint64_t{1} << best;
    }
}

// `fresh`: the goal where something is new; as many as there are goals: the demand.
bool Planner::plan(Plan& plan, uint32_t fresh) {
    const Conjunction& body = clause_.body;
    plan.steps = arena_.make<Step>(body.count + 1);
    if (plan.steps == nullptr) return false;
    plan.count = 0;
    bound_ = 0;
    uint32_t rest = 0;
    if (fresh == body.count) {
        place(plan, demand_step(0, Range::fresh));
    } else {
        Step first = step(body.literals[fresh], slot_of_[fresh], 0);
        first.range = Range::fresh;
        first.ask = false;
        place(plan, first);
        place_before(plan, fresh);
        rest = fresh + 1;
    }
    for (; rest < body.count; rest++) place(plan, step(body.literals[rest], slot_of_[rest], bound_));
    SKERRY_ASSERT(plan.count == body.count + 1);
    return !full_;
}

Task* Planner::make() {
    auto* task = arena_.make<Task>();
    if (task == nullptr) return nullptr;
    uint32_t slots = 1, goals[65] = {clause_.body.count};
    for (uint32_t i = 0; i < clause_.body.count; i++) {
        if (!own(clause_.body.literals[i])) continue;
        slot_of_[i] = static_cast<uint8_t>(slots);
        goals[slots++] = i;
    }
    task->clause = &clause_;
    task->demand = &demand_;
    task->slots = slots;
    task->seen = arena_.make<uint32_t>(slots);
    task->now = arena_.make<uint32_t>(slots);
    task->relations = arena_.make<Relation*>(slots);
    task->plans = arena_.make<Plan>(slots);
    if (task->seen == nullptr || task->now == nullptr || task->relations == nullptr || task->plans == nullptr) {
        return nullptr;
    }
    for (uint32_t slot = 0; slot < slots; slot++) {
        task->relations[slot] = slot == 0 ? &demand_.keys : &clause_.body.literals[goals[slot]].predicate->table;
        if (!plan(task->plans[slot], goals[slot])) return nullptr;
    }
    return task;
}

}  // namespace

Task* make_task(Arena& arena, const Clause& clause, Demand& demand) {
    return Planner(arena, clause, demand).make();
}

}  // namespace skerry::skb
