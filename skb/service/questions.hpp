// Answers programs: a question at a time, its rows kept until `kept` others have come.
#pragma once

#include <array>
#include <optional>

#include "skb/skb.hpp"
#include "urpc/protocols/knowledge.hpp"

namespace skerry::skb {

class Questions {
  public:
    explicit Questions(KnowledgeBase& base) : base_(base) {}

    // From now on there is something to ask.
    void begin() { ready_ = true; }

    Result<urpc::knowledge::Found> operator()(const urpc::knowledge::Ask& ask);
    Result<urpc::knowledge::Rows> operator()(const urpc::knowledge::Next& next);

  private:
    static constexpr uint32_t kept = 4;
    // What one question may take of a service that all share. Its stack is 64 KiB.
    static constexpr Limits limits{.steps = 5'000'000, .bytes = size_t{1} << 20, .depth = 130};

    KnowledgeBase& base_;
    std::array<std::optional<Answers>, kept> answers_;
    uint64_t asked_ = 0;
    bool ready_ = false;
};

}  // namespace skerry::skb
