// One CPU driver, its first program as the guardian that makes and remakes three hostile domains, and the hardware:
// time, interrupts, faults. Whoever the driver lets run makes the next call.
#pragma once

#include <memory>
#include <optional>

#include "test/unit/hostile/checks.hpp"
#include "usr/hostile/fuzz/player.hpp"

namespace skerry::test {

namespace hostile = usr::hostile;

class HostileWorld final : public hostile::System {
  public:
    static constexpr uint32_t domains = 3;
    static constexpr uint64_t block_bytes = 4 << 20, life = 4000;  // calls until a domain is made anew

    HostileWorld(platform::Arena& arena, uint32_t core, uint64_t base, uint64_t size, uint64_t seed);

    // From now on this core's new domains have a frame and a Notify of the other core.
    void meet(HostileWorld& other);
    // A call, a fault, or something of the hardware's.
    void step();
    // Ends all domains; what they held must be gone.
    void finish();
    hostile::Tally tally() const;
    uint64_t lives() const { return lives_; }

    // hostile::System, for whoever runs
    hostile::Answer trap(const hostile::Trap& trap) override;
    uint64_t now() override { return driver.core.now(); }
    void scribble(uint64_t offset, uint64_t value) override;

    Driver driver;
    DriverCheck check{driver};

  private:
    struct Domain {
        cpudriver::Dispatcher* object = nullptr;
        std::optional<hostile::Player> player;
        uint64_t ends_at = 0;  // step
    };
    void build(uint32_t i);
    void give_remote(CapRef space);
    void tear_down(uint32_t i);
    void fill_space(uint32_t i, CapRef root, uint64_t peers);
    void guardian_runs();
    void guardian_sleeps();
    bool alive(const Domain& domain);
    void hardware();
    void idle();
    void deliver_pokes();
    hostile::Player& who_runs();
    static CapRef slot(uint32_t domain, uint32_t i) { return CapRef{0, 64 + domain * 16 + i}; }
    void must(Error error, const char* what) { expect(error == Error::none, what); }
    Error until_done(CNodeOperation operation, CapRef ref);

    hostile::Random random_;
    uint64_t seed_;
    cpudriver::Dispatcher* guardian_ = nullptr;
    std::array<Domain, domains> domain_;
    std::optional<hostile::Player> wild_;  // plays the dispatchers that domains make
    hostile::Tally past_;
    std::array<uint64_t, type_count> before_{};
    std::optional<std::array<Capability, 2>> remote_;
    uint64_t steps_ = 0, lives_ = 0;
};

}  // namespace skerry::test
