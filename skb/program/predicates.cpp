#include "skb/program/predicates.hpp"

namespace skerry::skb {

Predicates::~Predicates() {
    for (Predicate* each : all_) {
        each->facts.free(pool_);
        each->holders.free(pool_);
        each->table.free(pool_);
    }
    all_.free(pool_);
    index_.free(pool_);
}

Predicate* Predicates::find(Value name, uint32_t arity) const {
    Value key[2] = {name, Value::small(arity)};
    uint32_t number = index_.find(key);
    return number == no_row ? nullptr : all_[number];
}

Result<Predicate*> Predicates::get(Value name, uint32_t arity) {
    SKERRY_ASSERT(arity <= most_columns);
    if (Predicate* found = find(name, arity)) return found;
    auto* made = arena_.make<Predicate>();
    if (made == nullptr || !all_.reserve(pool_, uint64_t{all_.size()} + 1)) return Error::no_memory;
    made->name = name;
    made->arity = arity;
    made->number = all_.size();
    made->facts = Relation(arity);
    made->table = Relation(arity);
    Value key[2] = {name, Value::small(arity)};
    if (!index_.insert(pool_, key).ok()) return Error::no_memory;
    SKERRY_ASSERT(all_.add(pool_, made));
    return made;
}

Status Predicates::hold(Predicate& predicate, const Value* row, uint32_t holder) {
    if (!predicate.holders.reserve(pool_, uint64_t{predicate.facts.size()} + 1)) return Error::no_memory;
    if (SKERRY_TRY(predicate.facts.insert(pool_, row))) {
        SKERRY_ASSERT(predicate.holders.add(pool_, holder));
        return {};
    }
    uint32_t& holders = predicate.holders[predicate.facts.find(row)];
    holders = holder == told ? holders | told : holders + 1;
    return {};
}

void Predicates::remove(Predicate& predicate, uint32_t row) {
    predicate.facts.remove(row);
    predicate.holders[row] = predicate.holders[predicate.holders.size() - 1];
    predicate.holders.shrink(predicate.holders.size() - 1);
}

bool Predicates::let_go(Predicate& predicate, const Value* row, uint32_t holder) {
    uint32_t id = predicate.facts.find(row);
    if (id == no_row) return false;
    uint32_t& holders = predicate.holders[id];
    if (holder == told ? (holders & told) == 0 : (holders & ~told) == 0) return false;
    holders = holder == told ? holders & ~told : holders - 1;
    if (holders == 0) remove(predicate, id);
    return true;
}

}  // namespace skerry::skb
