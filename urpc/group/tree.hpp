// A tree of members as data. It may come from anybody (the flat default, the firmware's topology, the knowledge
// base), so it is believed only after Tree::from has seen that it is one.
//
// A plan lists one edge a member but the root: a parent before its children, the children of one in the order in
// which they are sent to. So a cycle cannot be written down, and to look twice is an error that is found.
//
//          0              edges: 2<-0  3<-2  1<-0      member <- parent
//        /   \            0 sends to 2, then to 1; 2 passes it on to 3
//       2     1
//       |
//       3
#pragma once

#include <array>
#include <span>

#include "platforms/base/bounded.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"

namespace skerry::urpc::group {

using base::Error;
using base::Result;
using base::Status;

// A member of one group, by index: no core, no node.
using Member = base::Strong<struct MemberTag, uint16_t>;
#ifndef SKERRY_GROUP_MEMBERS
#define SKERRY_GROUP_MEMBERS 256
#endif
constexpr uint32_t most_members =
    SKERRY_GROUP_MEMBERS;  // a build for larger machines says more; trees have room for all

struct Edge {
    Member member, parent;
    Member down_at, up_at;  // at whose node the ring to the member and the ring to the parent lie

    static constexpr Edge from_word(uint64_t word) {
        auto part = [word](unsigned shift) { return Member{static_cast<uint16_t>(word >> shift)}; };
        return {part(0), part(16), part(32), part(48)};
    }
    constexpr uint64_t word() const {
        return uint64_t{member.value} | uint64_t{parent.value} << 16 | uint64_t{down_at.value} << 32 |
               uint64_t{up_at.value} << 48;
    }
};

// How the members hear of an operation.
enum class Means : uint8_t {
    line,         // a line for each child
    shared_line,  // one line a parent, which all its children poll; it lies where the first child's edge says
    interrupt,    // no line: the members' CPU drivers are interrupted, and answer themselves
    count_
};

struct Plan {
    uint32_t members = 0;  // 1..most_members
    Member root;
    Means means = Means::line;
    base::Bounded<Edge, most_members - 1> edges;
};

class Tree {
  public:
    // Errors: out_of_range (no such member, or too many), corrupt (a member twice or not at all, a parent that has
    // not been named before its child).
    static Result<Tree> from(const Plan& plan);

    uint32_t size() const { return size_; }
    Member root() const { return root_; }
    // Itself for the root.
    Member parent(Member member) const { return parent_[index(member)]; }
    // In sending order.
    std::span<const Member> children(Member member) const {
        uint32_t i = index(member);
        return std::span(children_).subspan(first_[i], first_[i + 1] - first_[i]);
    }
    // Edges from the root; the deepest of all members'.
    uint32_t depth() const { return depth_; }

  private:
    uint32_t index(Member member) const {
        SKERRY_ASSERT(member.value < size_);
        return member.value;
    }
    uint32_t size_ = 0, depth_ = 0;
    Member root_;
    std::array<Member, most_members> parent_{};
    std::array<uint16_t, most_members + 1> first_{};  // of each member's children, in children_
    std::array<Member, most_members> children_{};
};

}  // namespace skerry::urpc::group
