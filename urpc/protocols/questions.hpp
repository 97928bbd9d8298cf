// Part of monitor.hpp: what the knowledge base and its monitor say to each other, the tree that comes of it, and what a core
// alone can say of itself.
//
// Said by the service `skb` that init has started (to others: refused). It waits for what its monitor wants to know, so the
// monitor waits for nobody whom it has not heard from; and it says when an answer may not be the same any more.
//
//   skb --NextQuestion(answer to the one before)--> monitor       skb --KnowledgeChanged--> monitor
//       <--Question---------------- when there is one ---
#pragma once

#include "platforms/base/result.hpp"
#include "urpc/fields.hpp"

namespace skerry::urpc::monitor {

enum class QuestionKind : uint32_t { ask, tell, retract, count_ };
constexpr size_t question_bytes = 480;
struct Question {
    uint64_t number;
    QuestionKind kind;
    uint32_t first;  // row
    String<question_bytes> text;
};
struct NextQuestion {
    using Response = Question;
    uint64_t number;  // which question is answered; 0 = none
    base::Error error;
    uint32_t columns;
    uint32_t rows;       // all that there are
    Bytes<640> numbers;  // of 4 bytes, little-endian: as many whole rows, from `first` on, as fit
};
struct KnowledgeChanged {
    uint64_t version;  // grows
};

// The data and unified caches of that core, nearest first, as its own processor says; none where that is not told. Errors:
// not_found (core).
struct Cache {
    uint32_t level;
    uint32_t line;
    uint64_t bytes;
    uint32_t shift;  // cores whose hardware ids >> this are equal share it
};
struct Caches {
    uint32_t count;
    std::array<Cache, 4> cache;
};
struct ListCaches {
    using Response = Caches;
    base::CoreId core;
};

// An edge of the tree of all monitors' group, which is formed for it if need be, parents first. Errors: out_of_range (no
// such edge), those of MachineTotals.
struct TreeEdge {
    base::CoreId parent, child;
    bool by_rules;     // else by default
    String<96> about;  // why by default; or empty
};
struct NextTreeEdge {
    using Response = TreeEdge;
    uint32_t index;
};

}  // namespace skerry::urpc::monitor
