#include "skb/service/group_facts.hpp"

#include <algorithm>

namespace skerry::skb {

namespace {

constexpr std::string_view fact = "group_member";

bool is_name(std::string_view text) {
    auto small = [](char c) { return c >= 'a' && c <= 'z'; };
    auto other = [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !text.empty() && small(text[0]) && std::all_of(text.begin(), text.end(), other);
}

}  // namespace

GroupFacts::~GroupFacts() {
    for (uint32_t core = 0; predicate_ != nullptr && core < 64 * cores_.size(); core++) {
        if ((cores_[core / 64] >> core % 64 & 1) == 0) continue;
        const Value row[2] = {group_, Value::small(core)};
        (void)base_.retract(*predicate_, row);  // false: memory had run out before it was told
    }
}

// Of a group nobody knows yet.
Result<Value> GroupFacts::name_of(std::string_view group, Problem& problem) {
    problem.file = "group";
    if (!is_name(group)) {
        problem.at(0) << "expected a name of small letters, digits and _, a letter first, found '" << group << "'";
        return Error::invalid_argument;
    }
    problem.at(0) << "out of memory";
    return base_.symbols().atom(group);
}

Status GroupFacts::tell(std::string_view group, std::span<const uint64_t> cores, Problem& problem) {
    SKERRY_ASSERT(predicate_ == nullptr);
    group_ = SKERRY_TRY(name_of(group, problem));
    Value name = SKERRY_TRY(base_.symbols().atom(fact));
    Predicate* predicate = SKERRY_TRY(base_.predicates().get(name, 2));
    for (uint32_t i = 0; i < predicate->facts.size(); i++) {
        if (predicate->facts.row(i)[0] != group_) continue;
        problem.at(0) << "there are facts of a group '" << group << "' already: skb retract '" << fact << '(' << group
                      << ", _)'";
        return Error::exists;
    }
    predicate_ = predicate;
    cores_ = cores;
    for (uint32_t core = 0; core < 64 * cores.size(); core++) {
        if ((cores[core / 64] >> core % 64 & 1) == 0) continue;
        const Value row[2] = {group_, Value::small(core)};
        SKERRY_CHECK(base_.tell(*predicate, row));
    }
    problem.at(0);
    return {};
}

}  // namespace skerry::skb
