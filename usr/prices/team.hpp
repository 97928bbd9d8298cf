// The leader's side: a partner on each other core, and two of all at a time that measure.
#pragma once

#include "usr/bench/partner.hpp"
#include "usr/prices/pairs.hpp"
#include "usr/prices/worker.hpp"

namespace skerry::usr::prices {

class Team {
  public:
    explicit Team(console::Session& session) : session_(session), own_(session.loop.program()) {}
    // Whoever was started has ended when this returns.
    ~Team();

    // The first place is ours. Errors: those of Spawn and of a bind.
    Status start(std::span<const Place> places);
    // Between members by their numbers, those of the places; `time` in ns. Errors: those of answer(), measure() and of the members.
    Result<Price> price(Pair pair, uint64_t time);

  private:
    using Partner = bench::Partner<Protocol>;
    template <typename Request>
    Result<typename Request::Response> ask(uint32_t member, const Request& request);
    void make_room();
    Status face(uint32_t member, uint32_t other);
    Status begin(uint32_t member, Part part, uint64_t time);

    console::Session& session_;
    Worker own_;
    std::array<std::optional<Partner>, members_maximum> partners_;  // not ours, which is number zero
    std::array<runtime::Owned, members_maximum> pages_;             // of partners
    std::array<uint32_t, members_maximum> faces_{};  // into whose page a member writes; its own number: nobody's
    std::array<uint64_t, members_maximum> used_{};   // when a partner was asked last
    uint64_t uses_ = 0;
    uint32_t size_ = 1;
};

}  // namespace skerry::usr::prices
