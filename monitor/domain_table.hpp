// The domains of this core, and how the last ones ended. What a domain consists of is elsewhere (program.hpp); here
// is only who it is and in which state. Counters, and so ids, are never used twice.
//
//   add --> starting --(runs)--> running --begin_end--> ending --finish--> the log of ends
#pragma once

#include <array>
#include <cstdint>

#include "monitor/core_set.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"
#include "urpc/protocols/monitor.hpp"

namespace skerry::monitor {

using base::CoreId;
using base::DomainId;
using base::Error;
using base::Result;
using base::Status;
using urpc::monitor::DomainState;
using urpc::monitor::Ended;
using urpc::monitor::Name;

struct Program;

// Counters that mean the same on every core.
namespace domain_counter {
constexpr uint32_t monitor = 1;
constexpr uint32_t memory_service = 2;
constexpr uint32_t init = 3;  // on the core that booted
constexpr uint32_t first_program = 4;
}  // namespace domain_counter

struct DomainRecord {
    DomainId id;      // 0 = this record is free
    DomainId parent;  // who asked for it; 0 = init, or this monitor
    Name name;
    DomainState state = DomainState::starting;
    bool system = false;         // part of the system: programs cannot kill it
    bool manager = false;        // may kill every program, power off and reboot
    bool claimed = false;        // somebody is taking it apart
    bool registered = false;     // has names at the directory
    Ended ending{};              // valid in state ending
    CoreSet watchers;            // whose monitors want to hear of the end
    Program* program = nullptr;  // null: the monitor itself, or one that it did not make
};

class DomainTable {
  public:
    static constexpr uint32_t capacity = 64;
    static constexpr uint32_t log_capacity = 128;
    static constexpr uint32_t per_parent = 48;  // here, of one parent: a program that only starts others is stopped

    explicit DomainTable(CoreId core) : core_(core) {}

    // Errors: full, invalid_argument (no name).
    Result<DomainRecord*> add(const Name& name, DomainId parent);
    // One that exists already, such as the memory service: running, and part of the system. Errors: exists, full.
    Result<DomainRecord*> add_system(uint32_t counter, std::string_view name);
    // It was never started: forgotten, without an entry in the log.
    void forget(DomainRecord& record);

    DomainRecord* find(DomainId id);
    DomainRecord* find(uint32_t counter) { return find(base::make_domain_id(core_, counter)); }
    // Neither gone nor about to go.
    bool alive(DomainId id);
    // The one with the least id above `after`; null = no more.
    DomainRecord* next(DomainId after);

    // The first cause of an end counts.
    void begin_end(DomainRecord& record, uint32_t status, std::string_view reason);
    // One in state ending that nobody has claimed; now the caller has. null = none.
    DomainRecord* claim_ending();
    void give_up_claim(DomainRecord& record);
    // All of it is gone: into the log, and the record is free.
    void finish(DomainRecord& record);
    // How it ended, if that is known still.
    const Ended* ended(DomainId id) const;

    uint32_t count() const { return count_; }

  private:
    struct End {
        DomainId id;
        Ended how{};
    };
    DomainRecord* unused();
    void free(DomainRecord& record);

    CoreId core_;
    // Asked for in each turn of the monitor's loop, so they are kept: records in use, and those that wait to be claimed.
    uint32_t count_ = 0, unclaimed_ = 0;
    uint32_t next_counter_ = domain_counter::first_program;
    std::array<DomainRecord, capacity> records_{};
    std::array<End, log_capacity> log_{};
    uint32_t log_next_ = 0;
};

}  // namespace skerry::monitor
