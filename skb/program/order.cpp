// Which predicate needs which: components by Tarjan, "Depth-first search and linear graph algorithms" (1972), with a
// stack of its own because programs may come from anybody.
#include <algorithm>

#include "skb/program/predicates.hpp"
#include "skb/read/problem.hpp"

namespace skerry::skb {

namespace {

constexpr uint32_t most_levels = 64;  // evaluation nests that deep

struct Need {
    uint32_t from, to, line;
    bool whole;  // all of its answers must be known first: negation, aggregates, optima
};

struct Visit {
    uint32_t predicate, next;  // the next need to look at
};

class Order {
  public:
    Order(Pool& pool, Predicates& predicates) : pool_(pool), predicates_(predicates) {}
    ~Order() {
        needs_.free(pool_);
        first_.free(pool_);
        index_.free(pool_);
        low_.free(pool_);
        stack_.free(pool_);
        visits_.free(pool_);
        component_.free(pool_);
        level_.free(pool_);
    }
    Status run(const Symbols& symbols, Problem& problem);

  private:
    bool collect(uint32_t from, const Conjunction& goals, bool whole);
    bool collect_all();
    bool visit(uint32_t predicate);
    void close(uint32_t predicate);
    Status check(const Symbols& symbols, Problem& problem);

    static constexpr uint32_t unseen = UINT32_MAX, closed = UINT32_MAX - 1;
    Pool& pool_;
    Predicates& predicates_;
    Growing<Need> needs_;      // by `from`
    Growing<uint32_t> first_;  // of each predicate in needs_
    Growing<uint32_t> index_, low_, stack_;
    Growing<uint32_t> component_, level_;
    Growing<Visit> visits_;
    uint32_t counter_ = 0, components_ = 0;
};

bool Order::collect(uint32_t from, const Conjunction& goals, bool whole) {
    for (uint32_t i = 0; i < goals.count; i++) {
        const Literal& goal = goals.literals[i];
        if (goal.kind == Literal::Kind::atom && goal.predicate->has_rules()) {
            if (!needs_.add(pool_, {from, goal.predicate->number, goal.line, whole})) return false;
        }
        if (!collect(from, goal.inside, true)) return false;
    }
    return true;
}

bool Order::collect_all() {
    uint32_t count = predicates_.size();
    for (Growing<uint32_t>* each : {&first_, &index_, &low_, &component_, &level_}) {
        uint32_t* made = each->extend(pool_, count + 1);
        if (made == nullptr) return false;
        std::fill_n(made, count + 1, unseen);
    }
    for (uint32_t from = 0; from < count; from++) {
        first_[from] = needs_.size();
        for (const Clause* rule = predicates_[from].rules; rule != nullptr; rule = rule->next_of_predicate) {
            if (!collect(from, rule->body, false)) return false;
        }
    }
    first_[count] = needs_.size();
    return true;
}

// All of `predicate`'s component stands above it on the stack.
void Order::close(uint32_t predicate) {
    uint32_t level = 0, begin = stack_.size();
    while (stack_[--begin] != predicate) {
    }
    for (uint32_t i = begin; i < stack_.size(); i++) component_[stack_[i]] = components_;
    for (uint32_t i = begin; i < stack_.size(); i++) {
        for (uint32_t at = first_[stack_[i]]; at < first_[stack_[i] + 1]; at++) {
            uint32_t needed = needs_[at].to;
            if (index_[needed] == closed) level = std::max(level, level_[needed] + 1);
        }
    }
    for (uint32_t i = begin; i < stack_.size(); i++) level_[stack_[i]] = level;
    for (uint32_t i = begin; i < stack_.size(); i++) index_[stack_[i]] = closed;
    stack_.shrink(begin);
    components_++;
}

bool Order::visit(uint32_t start) {
    auto enter = [this](uint32_t predicate) {
        index_[predicate] = low_[predicate] = counter_++;
        return stack_.add(pool_, predicate) && visits_.add(pool_, {predicate, first_[predicate]});
    };
    if (!enter(start)) return false;
    while (visits_.size() != 0) {
        Visit& now = visits_[visits_.size() - 1];
        uint32_t predicate = now.predicate;
        if (now.next < first_[predicate + 1]) {
            uint32_t to = needs_[now.next++].to;
            if (index_[to] == unseen) {
                if (!enter(to)) return false;
            } else if (index_[to] != closed) {
                low_[predicate] = std::min(low_[predicate], index_[to]);
            }
            continue;
        }
        visits_.shrink(visits_.size() - 1);
        if (low_[predicate] == index_[predicate]) close(predicate);
        if (visits_.size() != 0) {
            uint32_t above = visits_[visits_.size() - 1].predicate;
            low_[above] = std::min(low_[above], low_[predicate]);
        }
    }
    return true;
}

Status Order::check(const Symbols& symbols, Problem& problem) {
    auto name = [&](base::Text& text, const Predicate& predicate) -> base::Text& {
        return text << symbols.as_text(predicate.name).substr(0, 60) << '/' << predicate.arity;
    };
    for (const Need& need : needs_) {
        const Predicate &from = predicates_[need.from], &to = predicates_[need.to];
        if (need.whole && component_[need.from] == component_[need.to]) {
            name(problem.at(need.line) << "expected ", to) << " not to need ";
            name(problem.text, from) << ", which needs its negation, aggregate or optimum here";
            return Error::refused;
        }
        if (level_[need.from] >= most_levels) {
            name(problem.at(need.line) << "expected at most " << most_levels << " layers of predicates below ", from);
            return Error::refused;
        }
    }
    for (uint32_t i = 0; i < predicates_.size(); i++) {
        predicates_[i].component = component_[i];
        predicates_[i].level = level_[i];
    }
    return {};
}

Status Order::run(const Symbols& symbols, Problem& problem) {
    bool made = collect_all();
    for (uint32_t i = 0; made && i < predicates_.size(); i++) {
        if (index_[i] == unseen) made = visit(i);
    }
    if (made) return check(symbols, problem);
    problem.at(0) << "out of memory";
    return Error::no_memory;
}

}  // namespace

Status order_by_need(Pool& pool, Predicates& predicates, const Symbols& symbols, Problem& problem) {
    return Order(pool, predicates).run(symbols, problem);
}

}  // namespace skerry::skb
