// What each core has of its own of a span: the mappings of the window's pages in this core's tables.
#pragma once

#include "usr/span/attention.hpp"
#include "usr/span/span.hpp"

namespace skerry::usr::span {

class Here final : public runtime::FaultRepair, public runtime::Pollable {
  public:
    Here(runtime::Program& self, Span& span, uint32_t member, runtime::CapRef arena)
        : self_(self),
          span_(span),
          member_(member),
          arena_(arena),
          attention_(span.seats_[member].asked, span.seats_[member].polls) {}

    // Faults in the window come here from now on. Errors: no_memory.
    Status join();
    // A member's whole life after that. Never returns.
    [[noreturn]] void serve();

    bool repair(uint64_t address, uint64_t access) override;

    // A member's dispatcher looks whether it is asked to serve its line.
    bool poll() override;
    bool prepare_to_block() override { return rest(); }
    void cancel_block() override {
        if (waits_) attention_.watch();
    }

  private:
    bool map(uint32_t page, const Span::Page& record);
    void see_to_it();
    bool rest();  // from now on it does not look; false: it was asked meanwhile, and has served it

    runtime::Program& self_;
    Span& span_;
    uint32_t member_;
    runtime::CapRef arena_;
    Attention attention_;
    bool waits_ = false;  // for an order, and polls; the work may wait as it likes, and is taken not to poll
    std::array<runtime::CapRef, pages_maximum / 512> tables_{};
    std::array<runtime::Owned, pages_maximum> mappings_{};
};

// Begins a member: word[1] of its StartInfo is the Span's address, word[2] its number.
int member_main(runtime::Program& self, uint64_t span);

}  // namespace skerry::usr::span
