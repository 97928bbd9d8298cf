// One member of a group: an operation goes down the tree, answers come up and are merged at each member. One line
// down and one line up an edge and operation; no shared counters, no heap, no platform: lines are polled.
//
//   root        begin(words) --> perform own --------------------> merge --> completed(words)
//                  | a line a child (or one for all)                 ^ a line from each child, in turn
//   member      orders.take --> pass on --> perform own --> merge --> answer
//                  |                                         ^
//   leaf        orders.take --> perform own --> answer ------'
//
// Credits. At most `window` operations are under way at the root, and no member takes more: when an operation is
// complete at a member, all below it have read its line and all that they have answered is read here, so its places
// in the rings are free. So rings have `window` lines, an answer is its order's credit, and what exceeds the window
// waits at the root (law 11). Operations complete in the order in which they began.
//
// Slow and failed members. A slow one delays the operations that it has not answered, and nothing else. One that
// closes, or breaks the rules, ends the group: each member closes towards all its neighbours and says who was to
// blame and why, so the root and everybody else learns of it; its owner makes a new group without that one. A
// member that is silent can only be told by a clock, which we do not have: waiting_for() says whom to suspect, and
// close() ends it.
//
// Sleep. Where an edge has a Poker, both ends announce that they block, look once more, and are poked: the argument
// is that of channel.hpp; the announcement lies in front of the ring that the sleeper writes.
#pragma once

#include "urpc/channel.hpp"
#include "urpc/group/tree.hpp"
#include "urpc/poll.hpp"

namespace skerry::urpc::group {

using Words = std::array<uint64_t, payload_words>;

// In front of each ring, written by the ring's writer: its state (as in StatusLine) and, once closed, the reason.
struct RingState {
    std::atomic<uint64_t> state;
    std::atomic<uint64_t> reason;   // Error
    std::atomic<uint64_t> culprit;  // Member
};
static_assert(sizeof(RingState) <= line_size);

// Bytes of one ring with its state.
constexpr uint64_t ring_bytes(uint32_t window) {
    return line_size * (uint64_t{window} + 1);
}

// One ring as one side sees it, at `memory`: zeroed, aligned to a line, ring_bytes(window) bytes.
struct RingView {
    RingState* state;
    Line* lines;
    explicit RingView(void* memory)
        : state(static_cast<RingState*>(memory)),
          lines(reinterpret_cast<Line*>(static_cast<std::byte*>(memory) + line_size)) {}
};

// A ring that we write. Shared by several children, or one child's.
struct Sender {
    Sender(RingView ring, uint32_t window) : state(ring.state), line(ring.lines, window) {}
    RingState* state;
    RingWriter line;
    // How a line is published: where nobody who reads it ever sleeps, nothing is looked at after the store, and it needs no
    // barrier. The group sets it.
    std::memory_order publication = std::memory_order_release;
};

// A ring that a neighbour writes.
struct Neighbour {
    Neighbour(Member who, RingView ring, uint32_t window, Poker* wakes = nullptr)
        : member(who), state(ring.state), line(ring.lines, window), poker(wakes) {}
    Member member;
    const RingState* state;
    RingReader line;
    Poker* poker;  // null: it never sleeps
    uint64_t poked = 0;
};

// What a member does. Called from poll() and begin().
class Work {
  public:
    // An operation has come; `words` is its message and, when this returns, the member's answer. False: not yet,
    // finish() brings the answer.
    virtual bool perform(uint64_t operation, Words& words) = 0;
    // Adds another answer to `sum`: in any order.
    virtual void merge(Words& sum, const Words& answer) = 0;
    // At the root: all have answered. It may begin the next.
    virtual void completed(uint64_t /*operation*/, const Words& /*answer*/) {}
    // The group has ended, once; operations that are under way never complete. The owner may not destroy it here.
    virtual void ended(Error /*reason*/, Member /*culprit*/) {}

  protected:
    ~Work() = default;
};

class Group : public Polled {
  public:
    static constexpr uint32_t most_window = 16;

    // Where a member stands. Senders: one for all children, or one each in the children's order; `answers` and
    // `parent` are null at the root. All are the owner's and outlive the group.
    struct Links {
        std::span<Sender> senders;
        std::span<Neighbour> children;          // in sending order
        std::span<Neighbour* const> answering;  // the same, in the order in which their answers are taken
        Sender* answers = nullptr;
        Neighbour* parent = nullptr;
    };

    // `window`: 2..most_window, the same at every member.
    Group(Work& work, Member self, const Links& links, uint32_t window);
    ~Group() { close(); }

    // The root: sends, and performs its own part. -> the operation's number, from 0 on. Errors: full (window
    // operations are under way), closed.
    Result<uint64_t> begin(const Words& words);
    // The answer of a perform() that had none yet.
    void finish(uint64_t operation, const Words& answer);

    // Takes and answers what is there; never waits. Returns how many lines were taken.
    size_t poll() final;
    // Is a line there that poll() would take? Costs the loads of those lines alone: for the loop that waits for them.
    bool arrived() const {
        if (links_.parent != nullptr && !full() && links_.parent->line.arrived()) return true;
        return completed_ < begun_ && next_child_ < links_.children.size() && next_child().line.arrived();
    }
    bool prepare_to_block() final;
    void cancel_block() final;
    bool finished() const override { return closed(); }

    // Tells all neighbours, and ended() to the owner. Only the first call counts.
    void close(Error reason = Error::closed) { close(reason, self_); }
    void close(Error reason, Member culprit);
    bool closed() const { return reason_ != Error::none; }
    Error reason() const { return reason_; }
    Member culprit() const { return culprit_; }

    uint64_t begun() const { return begun_; }          // operations that have come here
    uint64_t completed() const { return completed_; }  // and are complete here and below
    bool full() const { return begun_ - completed_ >= window_; }
    // The child that the oldest operation waits for; self if that is us, or nothing is under way.
    Member waiting_for() const;
    // Lines written towards child `index`, and all together.
    uint64_t lines_to(size_t index) const { return links_.senders[links_.senders.size() == 1 ? 0 : index].line.sent(); }
    uint64_t lines_sent() const;

  private:
    struct Operation {
        Words sum;
        bool any = false;  // sum holds an answer
        bool own = false;  // ours is in it
    };
    Operation& at(uint64_t operation) { return operations_[operation % most_window]; }
    Neighbour& next_child() const { return *links_.answering.data()[next_child_]; }  // there is one
    void start(const Words& words);
    void send_on(const Words& words);
    void contribute(Operation& operation, const Words& answer);
    size_t take_orders();
    size_t gather();
    void complete(const Words& answer);
    void poke_if_asleep(Neighbour& neighbour);
    bool neighbour_closed();
    template <typename Function>
    void each_ring(Function function);

    Work& work_;
    Member self_;
    Links links_;
    uint32_t window_;
    uint64_t begun_ = 0, completed_ = 0;
    size_t next_child_ = 0;  // in answering order: the one whose answer the oldest operation waits for
    uint64_t state_ = 0;     // as last stored in front of our rings
    uint32_t idle_ = 0;
    Error reason_ = Error::none;
    Member culprit_;
    std::array<Operation, most_window> operations_{};
};

}  // namespace skerry::urpc::group
