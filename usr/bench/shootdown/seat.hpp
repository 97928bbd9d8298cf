// One program's place in a group: the memory that it lends, what it has mapped of others', and its member of the group.
#pragma once

#include <optional>

#include "urpc/group/layout.hpp"
#include "usr/bench/shootdown/page.hpp"
#include "usr/bench/shootdown/protocol.hpp"

namespace skerry::bench::shootdown {

// `shoot`: nothing is done but to answer, the raw cost of messages. `show` and `unmap` do that to the shared page; the answer
// is in how many members it went wrong. The last operation says so.
struct Part final : group::Work {
    explicit Part(Page& shared) : page(shared) {}
    Page& page;
    bool leaving = false;
    uint64_t failures = 0;  // of all operations that are complete, at the root
    bool perform(uint64_t, group::Words& words) override;
    void merge(group::Words& sum, const group::Words& answer) override { sum[1] += answer[1]; }
    void completed(uint64_t, const group::Words& answer) override { failures += answer[1]; }
};

// What a member that is interrupted lends: the line, and a word by which the root ends it.
struct Interrupted {
    capabilities::FlushLine line;
    alignas(64) std::atomic<uint64_t> over;
};
static_assert(sizeof(Interrupted) <= group::ring_bytes(window));

class Seat final : public group::LentMemory {
  public:
    explicit Seat(runtime::Program& self) : self_(self), page_(self), part_(page_) {}
    ~Seat() {
        leave();
        give_back();
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    // A zeroed frame of our own, which comes from this core's memory service and so from its node. It is lent again the
    // next time: all who had taken it must have left. Errors: no_memory, busy (seated).
    Result<runtime::CapRef> lend(uint64_t bytes);
    Status take(Member lender, runtime::Owned frame, uint64_t bytes);
    // Errors: those of Tree::from; not_found (memory that we need was not taken); full.
    Status sit(const group::Plan& plan, Member member);
    // Lets go of the group and of what was taken.
    void leave();

    // --- where members are interrupted instead ---
    // A line of what we lent becomes one that our driver answers in. -> the capability to ask it with. Errors: those of
    // make_flush.
    Result<runtime::CapRef> offer_flush();
    // Until the root says, in what we lent, that it is over. Our driver works meanwhile. Errors: timed_out.
    Status rest();
    // Polls a word. Errors: timed_out.
    Status wait_for(const std::atomic<uint64_t>& word, uint64_t value);

    bool seated() const { return group_.has_value(); }
    group::Group& group() { return *group_; }
    // Serves operations until one says that it is the last. Errors: as the group ended; timed_out.
    Status serve();
    // Until `operations` are complete. Errors: as above.
    Status complete(uint64_t operations);
    Counted count();

    Page& page() { return page_; }
    uint64_t failures() const { return part_.failures; }

    std::byte* of(Member lender) override;
    uint64_t own_address() const { return own_address_; }

  private:
    struct Mapped {
        runtime::Owned frame;
        uint64_t address = 0, bytes = 0;
    };
    void give_back();
    Result<uint64_t> map(runtime::CapRef frame, uint64_t bytes);
    Status step();

    runtime::Program& self_;
    Page page_;
    runtime::Object own_;
    uint64_t own_address_ = 0, own_bytes_ = 0;
    std::array<Mapped, most_members> taken_;
    runtime::Owned flush_;
    Member member_;
    std::optional<group::Tree> tree_;
    std::optional<group::Ends<most_members - 1>> ends_;
    Part part_;
    std::optional<group::Group> group_;
};

}  // namespace skerry::bench::shootdown
