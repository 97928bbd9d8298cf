// This monitor's place in the group of all monitors: the same urpc::group as the benchmarks'. One generation of the
// group has fixed members; when cores come or go, the directory forms another, and the older one ends.
//
//   frame of an edge (the parent's memory, at the node that the plan says)
//     0      | down ring, state in front |        2048 | up ring, state in front |
#pragma once

#include <optional>

#include "monitor/memory.hpp"
#include "monitor/peer.hpp"
#include "urpc/group/ends.hpp"
#include "urpc/group/operation.hpp"

namespace skerry::monitor {

namespace group = urpc::group;
using group::Member;

// What monitors do together: word 0 of an operation. The answer's words are summed up.
enum class Together : uint64_t { totals };

class GroupSeat final : public group::Work {
  public:
    static constexpr uint32_t window = 4;
    static constexpr uint32_t most_children = 16;  // of the variant `tree`
    static constexpr uint64_t frame_bytes = 4096;

    // A frame that we made for a child. It may be used again when the child has let go of it.
    struct ChildFrame {
        Peer* peer = nullptr;  // null: none
        uint64_t generation = 0;
        RamBlock ram;
        Owned frame;
    };

    explicit GroupSeat(Monitor& monitor);
    ~GroupSeat() { stand_up(); }

    uint64_t generation() const { return generation_; }
    bool begun() const { return ends_.has_value(); }  // a generation that has not ended
    bool seated() const { return group_.has_value() && !group_->closed(); }
    group::Group& group() { return *group_; }
    group::Initiator& initiator() { return initiator_; }

    // A new generation begins, the older one ends. Errors: refused (there is a newer one).
    base::Status begin(uint64_t generation, Member self);
    // Where orders come from. Errors: exists, no_memory, corrupt (the frame is too small).
    base::Status set_parent(Member parent, Peer& peer, Owned frame, uint64_t bytes);
    // In sending order. -> the words of the frame that the child must be given. Errors: full, no_memory.
    base::Result<urpc::monitor::Word4> add_child(Member child, Peer& peer, base::NodeId node);
    bool has_parent() const { return parent_address_ != 0; }
    // All links are there. `root`: begins operations. `height`: edges to the deepest member below.
    void sit(bool root, uint32_t height);
    // Leaves the group, which ends for all. Frames that were made for children go to `retired`.
    void stand_up();
    // That core is fenced: a group of which it was our parent or child has ended, and what was lent to it comes back.
    void lose(base::CoreId core);
    // One that its child must let go of; peer null = no more.
    ChildFrame take_retired();

    // ns that those below have to answer an operation.
    uint64_t patience() const { return patience_; }
    bool watched = false;  // a coroutine looks whether they do

    // --- Work ---
    bool perform(uint64_t operation, group::Words& words) override;
    void merge(group::Words& sum, const group::Words& answer) override;
    void ended(base::Error reason, Member culprit) override;

  private:
    struct Child {
        ChildFrame made;
        uint64_t address = 0;
    };
    group::Words totals();

    Monitor& m_;
    uint64_t generation_ = 0;
    Member self_;
    uint64_t patience_ = 0;
    Peer* parent_ = nullptr;
    uint64_t parent_address_ = 0;
    Owned parent_frame_;
    std::array<Child, most_children> children_;
    std::array<ChildFrame, 4 * most_children> retired_;
    group::Initiator initiator_;
    std::optional<group::Ends<most_children>> ends_;
    std::optional<group::Group> group_;
};

}  // namespace skerry::monitor
