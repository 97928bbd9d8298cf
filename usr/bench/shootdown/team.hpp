// The root's side: partners on the other cores, a group of them for each variant, and what is measured.
#pragma once

#include "urpc/group/variant.hpp"
#include "usr/bench/message/samples.hpp"
#include "usr/bench/partner.hpp"
#include "usr/bench/shootdown/seat.hpp"
#include "usr/group/chosen_tree.hpp"

namespace skerry::bench::shootdown {

class Team {
  public:
    explicit Team(usr::console::Session& session) : session_(session), seat_(session.loop.program()) {}
    ~Team();
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    // Finds the cores that are online, ours first, with their places, and starts a partner on each of the others. With `among`
    // (not empty) on those that are named there alone. Errors: not_found (no other core), and those of Spawn and Bind.
    Status assemble(std::span<const base::CoreId> among);
    uint32_t size() const { return size_; }
    // Of the variant that was measured last: whether rules were asked for its tree; why it is not theirs, or empty.
    bool asked_rules() const { return asked_rules_; }
    std::string_view about() const { return about_.view(); }
    base::CoreId core(Member member) const { return cores_[member.value]; }
    // From now on what is measured with lines takes a page from all members, which they have shown before. Once.
    Status share_page();

    struct Measured {
        group::Tree tree;
        uint64_t operations = 0, lines = 0;  // of all members
        uint64_t interrupts = 0;             // instead of lines down
        std::array<Counted, most_members> counted{};
        Summary ticks;
    };
    // `operations` of them measured, one at a time, after `warm_up` that are not. Everybody has left the group when
    // this returns, unless it failed. Errors: those of the variant, the members, the group; corrupt (what the members
    // counted does not add up).
    Status measure(const group::Variant& variant, uint32_t warm_up, uint32_t operations, Samples& samples,
                   Measured& measured);

  private:
    struct Partner : bench::Partner<Protocol> {
        using bench::Partner<Protocol>::Partner;
        runtime::Owned lent;
        // Where it is interrupted.
        runtime::Owned flush;
        Interrupted* shared = nullptr;
        uint64_t address = 0;
    };
    template <typename Request>
    Result<typename Request::Response> ask(Partner& partner, const Request& request) {
        return partner.ask(request, size_);
    }
    group::Topology topology() const;
    Status find_cores(std::span<const base::CoreId> among);
    Result<group::Plan> plan_of(const group::Variant& variant);
    Status share(const group::Plan& plan, const group::Tree& tree, const group::Layout& layout);
    Status lend_from(Member lender, uint64_t bytes);
    Status give_to(Member member, Member lender, uint64_t bytes);
    Status measure_lines(const group::Plan& plan, uint32_t warm_up, uint32_t operations, Samples& samples,
                         Measured& measured);
    // interrupts.cpp
    Status measure_interrupts(const group::Plan& plan, uint32_t warm_up, uint32_t operations, Samples& samples,
                              Measured& measured);
    Status run_interrupts(uint32_t warm_up, uint32_t operations, Samples& samples);
    Status ask_all();
    Status complete(Order order);
    Status run(uint32_t warm_up, uint32_t operations, Samples& samples);
    Status count(Measured& measured);
    Partner& partner(Member member) { return *partners_[member.value]; }

    usr::console::Session& session_;
    Seat seat_;
    runtime::Object page_;
    bool unmaps_ = false, asked_rules_ = false;
    usr::group::Reason about_;
    uint32_t size_ = 1, nodes_ = 0;
    std::array<group::Place, most_members> places_{};
    std::array<base::CoreId, most_members> cores_{};
    std::array<uint8_t, most_members * most_members> distance_{};
    std::array<std::optional<Partner>, most_members> partners_;  // not ours, which is member zero
    runtime::CapRef own_frame_;
};

}  // namespace skerry::bench::shootdown
