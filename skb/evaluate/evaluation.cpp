#include "skb/evaluate/evaluation.hpp"

#include <algorithm>

namespace skerry::skb {

bool Evaluation::fail(Error error, std::string_view what, uint32_t line) {
    if (error_ != Error::none) return false;
    error_ = error;
    if (running_ != nullptr && !running_->file.empty()) problem_->file = running_->file;
    problem_->at(line != 0 ? line : running_ != nullptr ? running_->line : 0) << what;
    return false;
}

void Evaluation::forget() {
    for (Predicate* each : asked_) {
        for (Demand* demand = each->demands; demand != nullptr; demand = demand->next) demand->keys.free(pool_);
        each->demands = nullptr;
        each->table.free(pool_);
    }
    for (uint32_t i = 0; i < predicates_.size(); i++) predicates_[i].used = false;
    asked_.free(pool_);
    tasks_.free(pool_);
    kept_.clear();
}

// The rule by which a predicate's facts are among its answers.
static Clause* make_base_rule(Arena& arena, Predicate& predicate) {
    auto* clause = arena.make<Clause>();
    auto* operands = arena.make<Operand>(predicate.arity + 1);
    auto* goal = arena.make<Literal>();
    if (clause == nullptr || operands == nullptr || goal == nullptr) return nullptr;
    for (uint32_t i = 0; i < predicate.arity; i++) {
        operands[i] = {true, static_cast<uint8_t>(i), {}};
        goal->variables |= Variables{1} << i;
    }
    goal->kind = Literal::Kind::base;
    goal->predicate = &predicate;
    goal->operands = operands;
    goal->operand_count = predicate.arity;
    goal->binds = goal->variables;
    clause->head = &predicate;
    clause->operands = operands;
    clause->body = {goal, 1, goal->variables};
    clause->variables = predicate.arity;
    return clause;
}

static void mark_used(const Conjunction& goals) {
    for (uint32_t i = 0; i < goals.count; i++) {
        if (goals.literals[i].predicate != nullptr) goals.literals[i].predicate->used = true;
        mark_used(goals.literals[i].inside);
    }
}

bool Evaluation::add_tasks(Demand& demand) {
    Predicate& predicate = *demand.predicate;
    Arena& arena = arena_of(predicate);
    bool question = &predicate == question_;
    auto add = [&](const Clause& clause) {
        Task* task = make_task(arena, clause, demand);
        if (task == nullptr) return no_memory();
        if (!question) mark_used(clause.body);
        Task*& head = tasks_[question ? 0 : predicate.component + 1];
        task->next = head;
        head = task;
        return true;
    };
    for (const Clause* rule = predicate.rules; rule != nullptr; rule = rule->next_of_predicate) {
        if (!add(*rule)) return false;
    }
    if (question) return true;
    predicate.used = true;
    if (predicate.facts.size() == 0) return true;
    const Clause* base = make_base_rule(arena, predicate);
    return base == nullptr ? no_memory() : add(*base);
}

Demand* Evaluation::demand(Predicate& predicate, Columns columns) {
    Demand** at = &predicate.demands;
    for (; *at != nullptr; at = &(*at)->next) {
        if ((*at)->columns == columns) return *at;
    }
    auto* made = arena_of(predicate).make<Demand>();
    if (made == nullptr || (predicate.demands == nullptr && !asked_.add(pool_, &predicate))) {
        (void)no_memory();
        return nullptr;
    }
    made->predicate = &predicate;
    made->columns = columns;
    made->keys = Relation(predicate.arity);
    *at = made;
    return add_tasks(*made) ? made : nullptr;
}

// True if all went well; `demand` is null then if nothing new was asked for.
bool Evaluation::ask(Predicate& predicate, Columns columns, const Value* row, Demand*& found) {
    if (found == nullptr) found = demand(predicate, columns);
    if (found == nullptr) return false;
    for (Demand* each = predicate.demands; each != nullptr; each = each->next) {
        if (each->columns == 0 && each->keys.size() != 0) {  // everything was asked for already
            return true;
        }
    }
    Value key[most_columns];
    for (uint32_t i = 0; i < predicate.arity; i++) key[i] = (columns >> i & 1) != 0 ? row[i] : Value::small(0);
    Result<bool> fresh = found->keys.insert(pool_, key);
    if (!fresh.ok()) return no_memory();
    if (!*fresh || &predicate == question_) return true;
    // Inside its own component the run that is under way will come to it.
    bool own = running_ != nullptr && running_->head != question_ && running_->head->component == predicate.component;
    return own || fixpoint(predicate);
}

// One run of a task: what is new in each slot with all that is known in the others.
bool Evaluation::run(Task& task, bool& any) {
    bool fresh = false;
    for (uint32_t slot = 0; slot < task.slots; slot++) {
        task.now[slot] = task.relations[slot]->size();
        fresh |= task.now[slot] != task.seen[slot];
    }
    if (!fresh) return true;
    any = true;
    if (!enter(predicate_weight)) return false;
    const Clause* above = running_;
    running_ = task.clause;
    bool done = true;
    for (uint32_t slot = 0; slot < task.slots && done; slot++) {
        if (task.now[slot] == task.seen[slot]) continue;
        Value values[most_variables];
        Frame frame{Frame::Kind::head,
                    &task.plans[slot],
                    &task,
                    values,
                    nullptr,
                    nullptr,
                    0,
                    false,
                    0,
                    nullptr,
                    0,
                    nullptr,
                    {}};
        done = go(frame, 0);
    }
    running_ = above;
    depth_ -= predicate_weight;
    std::copy_n(task.now, task.slots, task.seen);
    return done;
}

bool Evaluation::fixpoint(Predicate& predicate) {
    uint32_t component = &predicate == question_ ? 0 : predicate.component + 1;
    for (bool any = true; any;) {
        any = false;
        for (Task* task = tasks_[component]; task != nullptr; task = task->next) {
            const Demand* full = task->demand->predicate->demands;
            while (full != nullptr && (full->columns != 0 || full->keys.size() == 0)) full = full->next;
            if (full != nullptr && full != task->demand) continue;  // that demand's tasks find all
            if (!run(*task, any)) return false;
        }
    }
    return true;
}

Status Evaluation::answer(Predicate& head, Arena& own, const Limits& limits, Problem& problem) {
    own_ = &own;
    question_ = &head;
    limits_ = &limits;
    problem_ = &problem;
    running_ = nullptr;
    error_ = Error::none;
    steps_ = 0;
    depth_ = 0;
    most_used_ = limits.bytes > SIZE_MAX - pool_.used() ? SIZE_MAX : pool_.used() + limits.bytes;
    bool done = true;
    if (tasks_.size() < predicates_.size() + 1) {
        uint32_t old = tasks_.size(), more = predicates_.size() + 1 - old;
        Task** made = tasks_.extend(pool_, more);
        done = made != nullptr || no_memory();
        if (made != nullptr) std::fill_n(made, more, nullptr);
    }
    Demand* all = nullptr;
    done = done && ask(head, 0, nullptr, all) && fixpoint(head);
    // What was made for this question goes with it.
    for (Demand* each = head.demands; each != nullptr; each = each->next) each->keys.free(pool_);
    head.demands = nullptr;
    if (tasks_.size() != 0) tasks_[0] = nullptr;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < asked_.size(); i++) {
        if (asked_[i] != &head) asked_[kept++] = asked_[i];
    }
    asked_.shrink(kept);
    if (!done) forget();
    return done ? Status() : error_;
}

}  // namespace skerry::skb
