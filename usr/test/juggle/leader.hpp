// Tells the hands what to do, from a seed: one operation at a time, or two at once, and compares with the model.
#pragma once

#include "usr/console/bound.hpp"
#include "usr/test/juggle/model.hpp"

namespace skerry::usr::test::juggle {

using base::Result;
using base::Status;

class Leader {
  public:
    Leader(console::Session& session, uint32_t hands, uint64_t seed)
        : session_(session), hands_(hands), random_(seed * 2 + 1), model_(hands) {}

    Status start();
    // Errors: corrupt (something else than the model says; text() tells), and what the hands' ends bring.
    Status run(uint32_t steps);
    Status stop();
    // The hands, as they are.
    Status kill();
    void tell_ends();
    std::string_view text() const { return text_.view(); }
    uint64_t done() const { return done_; }

  private:
    using Peer = console::Bound<Protocol>;
    struct Step {
        Operation operation{};
        console::Pending<Done> pending{};
    };
    uint64_t below(uint64_t limit);
    uint32_t some_place(uint32_t hand, bool filled);
    bool concerns_others(uint32_t hand, const Item& item) const;
    uint32_t some_shared(uint32_t hand, bool memory);
    Operation choose(uint32_t hand);
    Operation choose_beside(const Operation& first, uint32_t hand);
    void choose_retype(Operation& o, const Item& source);
    Status one();
    Status two();
    void begin(Step& step);
    void wait(Step& step);
    Status compare(const Model& wanted);
    bool books_are(const Model& wanted);
    Status wait_for_books(const Model* one, const Model* other);
    bool hands_are(const Model& wanted);
    Status differs(std::string_view what, const Operation& o, Error found, Error wanted);

    console::Session& session_;
    uint32_t hands_;
    uint64_t random_;
    Model model_;
    std::array<Books, hands_maximum> before_{};
    std::array<base::DomainId, hands_maximum> domains_{};
    std::array<std::optional<Peer>, hands_maximum> peers_;
    base::Buffer<400> text_;
    uint64_t done_ = 0;
};

}  // namespace skerry::usr::test::juggle
