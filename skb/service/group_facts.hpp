// group_member(Group, Core) for the cores of one question, gone with this object.
#pragma once

#include <span>

#include "skb/skb.hpp"

namespace skerry::skb {

class GroupFacts {
  public:
    explicit GroupFacts(KnowledgeBase& base) : base_(base) {}
    ~GroupFacts();
    GroupFacts(const GroupFacts&) = delete;
    GroupFacts& operator=(const GroupFacts&) = delete;

    // Once; a bit a core. Errors: invalid_argument (that is no name for a group), exists (there are facts of such a group
    // already), no_memory; the problem says it.
    Status tell(std::string_view group, std::span<const uint64_t> cores, Problem& problem);

  private:
    Result<Value> name_of(std::string_view group, Problem& problem);

    KnowledgeBase& base_;
    Predicate* predicate_ = nullptr;
    Value group_{};
    std::span<const uint64_t> cores_;
};

}  // namespace skerry::skb
