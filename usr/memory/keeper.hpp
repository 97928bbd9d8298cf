// The memory service itself, without a system call: takes messages, keeps regions and accounts, answers
// through a Vault. Every request is decoded and checked before anything changes; a refused one has changed
// nothing.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "urpc/protocols/memory.hpp"
#include "usr/memory/buddy.hpp"
#include "usr/memory/ledger.hpp"
#include "usr/memory/vault.hpp"

namespace skerry::usr::memory {

class Keeper {
  public:
    static constexpr uint32_t regions_maximum = 32;
    static constexpr uint32_t pending_maximum = 16;   // replies that met a full endpoint
    static constexpr uint32_t attempts_maximum = 64;  // retries before such a reply is dropped

    Keeper(Vault& vault, std::span<AccountRecord> accounts, std::span<BlockRecord> blocks)
        : vault_(vault), ledger_(accounts, blocks) {
        preferred_.fill(urpc::memory::no_node);
    }

    // A message from the holder of an endpoint with this badge. Messages without an account are answered only
    // if they open one: there is nowhere else to answer to.
    void handle(uint32_t badge, const urpc::memory::Words& words, bool capability);

    // Tries again to send what met a full endpoint. -> whether some of it still waits: call again in a while.
    bool retry();

    uint64_t dropped() const { return dropped_; }          // replies given up; their blocks went back
    uint64_t lost_bytes() const { return lost_; }          // quarantined: could not be revoked
    uint64_t draining() const { return draining_count_; }  // blocks of which other cores hold something still
    uint32_t regions() const { return region_count_; }
    const Buddy& region(uint32_t index) const { return region_[index].buddy; }
    const Ledger& ledger() const { return ledger_; }

  private:
    static constexpr uint32_t nobody = ~uint32_t{0};
    struct Region {
        uint64_t node = 0;
        uint64_t blocks = 0;  // granted
        uint64_t base = 0;    // of the capability
        uint32_t rank = 0;    // in preferred_
        Buddy buddy;
    };
    struct Pending {
        bool used = false;
        bool trusted = false;
        uint32_t counter = 0;
        uint32_t record = Vault::no_record;
        uint32_t attempts = 0;
        urpc::memory::Words words{};
    };
    struct Grant {
        uint32_t record = Vault::no_record;
        urpc::memory::Granted granted{};
    };

    void answer(uint32_t badge, const urpc::memory::Words& words, uint32_t record = Vault::no_record);
    void give_up(uint32_t record);

    void alloc(uint32_t badge, const urpc::memory::Words& words);
    base::Result<Grant> grant(uint32_t badge, uint32_t payer, const urpc::memory::Alloc& request);
    base::Status prefer(uint32_t badge, const urpc::memory::PreferNodes& request);
    uint32_t rank_of(uint64_t node) const;
    base::Result<uint32_t> region_with(uint32_t order, uint64_t node) const;
    void give_back(uint32_t badge, const urpc::memory::Words& words);
    // False: other cores hold some of it; then it is freed later, and the account `tells` is answered by then.
    bool take_back(uint32_t record, uint32_t tells = nobody, uint32_t tag = 0);
    bool free(uint32_t record);
    void drain();
    base::Status open(uint32_t badge, const urpc::memory::RegisterDomain& request, bool capability);
    base::Result<uint64_t> release(uint32_t badge, uint32_t counter);
    base::Status add(uint32_t badge, uint64_t node, bool capability);
    base::Status adopt(uint32_t index, Range range, uint64_t node);
    base::Result<urpc::memory::RegionStatistics> statistics(uint64_t index) const;
    base::Result<urpc::memory::AccountState> account(uint32_t badge, uint64_t counter) const;

    Vault& vault_;
    Ledger ledger_;
    std::array<Region, regions_maximum> region_{};
    uint32_t region_count_ = 0;
    std::array<uint8_t, urpc::memory::nodes_maximum> preferred_;  // nodes; the constructor says none
    std::array<Pending, pending_maximum> pending_{};
    uint64_t dropped_ = 0;
    uint64_t lost_ = 0;
    static constexpr uint32_t draining_maximum = 256;
    struct Draining {
        uint32_t record = 0, tells = nobody, tag = 0;
    };
    std::array<Draining, draining_maximum> draining_{};  // the first draining_count_
    uint32_t draining_count_ = 0, next_drained_ = 0;
};

}  // namespace skerry::usr::memory
