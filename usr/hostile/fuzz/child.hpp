// A hostile dispatcher: it shares its maker's address space, because it needs code, and nothing else. It has a
// capability space, dispatcher frame, endpoint and RAM of its own, cut from one block that its maker takes back at its
// end. What it does to itself harms nobody else.
#pragma once

#include <optional>

#include "usr/hostile/fuzz/player.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::usr::hostile {

class Child final : public System {
  public:
    static constexpr uint64_t block_bytes = 2 << 20;
    static constexpr uint64_t stack_bytes = 16384;
    static constexpr uint32_t peers_maximum = 4;

    explicit Child(runtime::Program& self) : self_(self) {}

    // Made and started. It may send to these endpoints. Errors: no_memory, the driver's.
    base::Status make(uint64_t seed, std::span<const CapRef> peers);
    // Stops it, and takes everything back; its counts are added to `tally`.
    void end(Tally& tally);

    bool made() const { return player_.has_value(); }
    uint64_t calls() const { return player_->tally().calls(); }
    // Its dispatcher runs or waits.
    bool alive() const;
    void poke() const { (void)runtime::NotifyCap{notify_.ref()}.poke().ok(); }
    // To send to it, and not to take anything back.
    CapRef endpoint() const { return sender_.ref(); }

    // System
    Answer trap(const Trap& trap) override;
    uint64_t now() override { return self_.dispatcher.now(); }
    void scribble(uint64_t offset, uint64_t value) override;

  private:
    base::Status make_objects();
    base::Status fill_space(std::span<const CapRef> peers);
    base::Status start();
    base::Status cut(runtime::Owned& to, Type type, uint64_t level, uint64_t offset, uint64_t bytes);
    capabilities::DispatcherPage& page() { return *reinterpret_cast<capabilities::DispatcherPage*>(page_); }
    static void enter();
    [[noreturn]] void live();

    runtime::Program& self_;
    runtime::RamBlock block_;
    runtime::Owned root_, frame_, vspace_, dispatcher_, endpoint_, sender_, notify_, ram_;
    uint64_t page_ = 0;  // where its dispatcher frame is mapped
    std::optional<Player> player_;
    Random whims_{0};
    // Aligned to its size, so that enter() finds its start.
    std::byte* stack() {
        return reinterpret_cast<std::byte*>(base::round_up(reinterpret_cast<uint64_t>(room_), stack_bytes));
    }
    std::byte room_[2 * stack_bytes];
};

}  // namespace skerry::usr::hostile
