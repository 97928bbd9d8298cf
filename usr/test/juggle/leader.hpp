// Tells the hands what to do, from a seed: one operation at a time, or two at once, and compares with the model.
#pragma once

#include <span>

#include "usr/console/bound.hpp"
#include "usr/test/juggle/model.hpp"

namespace skerry::usr::test::juggle {

using base::Result;
using base::Status;

// Of a given sequence (cases.cpp).
struct Turn {
    Operation operation;
    bool beside = false;  // at once with the one before it
};

class Leader {
  public:
    Leader(console::Session& session, uint32_t hands, uint64_t seed)
        : session_(session), hands_(hands), random_(seed * 2 + 1), model_(hands) {}

    Status start();
    // Errors: corrupt (something else than the model says; text() tells), and what the hands' ends bring.
    Status run(uint32_t steps);
    // Brings the hands into each other's way, and has two operations begin at one moment: see pairs.hpp. The same errors.
    Status pair(const Operation& one, const Operation& other);
    // The same with these, one after the other; of those that go `beside` another, after that one has begun.
    Status play(std::span<const Turn> turns);
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
    Status alone(const Operation& operation);
    Status at_once(const Operation& first, const Operation& second);
    Status together(std::array<Step, 2>& step, bool says_order);
    void begin(Step& step);
    void wait(Step& step);
    Status compare(const Model& wanted);
    Status read_books();
    Books wanted_books(const Model& wanted, uint32_t hand) const;
    bool books_are(const Model& wanted) const;
    Status wait_for_books(std::span<const Model* const> any);
    bool hands_are(const Model& wanted);
    Status differs(std::string_view what, const Operation& o, Error found, Error wanted);
    // What the hands held, by the model, and what they hold now.
    void tell_places(const Model& before);

    console::Session& session_;
    uint32_t hands_;
    uint64_t random_;
    Model model_;
    std::array<Model, 4> after_{Model(0), Model(0), Model(0), Model(0)};  // two operations at once, in each way
    std::array<Books, hands_maximum> before_{}, books_{};                 // of the monitors
    std::array<base::DomainId, hands_maximum> domains_{};
    std::array<std::optional<Peer>, hands_maximum> peers_;
    base::Buffer<6000> text_;
    uint64_t done_ = 0;
};

}  // namespace skerry::usr::test::juggle
