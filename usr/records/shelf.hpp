// Records, locks and barriers of all clients. Everything that a client causes to be kept lies in its own Share, so it can
// use up nothing but that; and when the Share goes, all of it goes: records, locks, places at barriers.
//
//   Shelf --> Share (client a): records | claims on locks, places at barriers | watches, with their queues
//         --> Share (client b): ...
#pragma once

#include "platforms/base/list.hpp"
#include "usr/records/record.hpp"

namespace skerry::usr::records {

class Shelf;

// What happened to a record that somebody watches.
enum class Change : uint8_t { made, changed, gone };
struct Event {
    Change change = Change::made;
    Record record;
    uint32_t missed = 0;  // events before this one for which there was no room
};

class Share {
  public:
    static constexpr uint32_t records_maximum = 16, claims_maximum = 8, watches_maximum = 4, events_maximum = 8;

    Share() = default;
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

  private:
    friend class Shelf;
    struct Claim {
        uint64_t ticket = 0;  // order of coming; 0 = free
        Word name;
        uint32_t parties = 0;  // of a barrier; 0: a lock
        bool passed = false;   // the barrier is open
    };
    struct Watch {
        bool used = false;
        Query query;
        std::array<Event, events_maximum> event{};  // a ring
        uint32_t first = 0, count = 0, missed = 0;
    };
    base::ListLink link_;
    Shelf* shelf_ = nullptr;
    std::array<Record, records_maximum> record_{};
    std::array<bool, records_maximum> used_{};
    std::array<Claim, claims_maximum> claim_{};
    std::array<Watch, watches_maximum> watch_{};
};

class Shelf {
  public:
    // Called after each change that may let somebody go on who waits: look again.
    class Listener {
      public:
        virtual void changed() = 0;

      protected:
        ~Listener() = default;
    };
    explicit Shelf(Listener& listener) : listener_(listener) {}

    void add(Share& share);
    void clear(Share& share);   // of all that is in it
    void remove(Share& share);  // cleared

    // --- records ---
    // In place of that client's record of that name. Errors: exists (another client's), full.
    Status set(Share& share, const Record& record);
    // The matching record with the least name after `after` (empty: the first); null = none.
    const Record* find(const Query& query, std::string_view after = {});
    // That client's own that match; returns how many there were.
    uint32_t erase(Share& share, const Query& query);

    // --- locks: whoever came first has it ---
    // Comes to stand behind all who came before. Returns the ticket. Errors: full, exists (this client is there already).
    Result<uint64_t> enter_lock(Share& share, const Word& name);
    bool has_lock(const Share& share, uint64_t ticket);
    bool stands(const Share& share, uint64_t ticket) const { return claim_of(share, ticket) != nullptr; }
    // Errors: not_found.
    Status leave_lock(Share& share, const Word& name);

    // --- barriers: opens when so many are there, for these ---
    // Errors: full, invalid_argument (parties: 1 to barrier_most), refused (others wait for another number there).
    static constexpr uint32_t barrier_most = 256;
    Result<uint64_t> enter_barrier(Share& share, const Word& name, uint32_t parties);
    bool is_open(const Share& share, uint64_t ticket) const;
    void leave_barrier(Share& share, uint64_t ticket);

    // --- watches ---
    // Returns its number in that share. Errors: full.
    Result<uint32_t> watch(Share& share, const Query& query);
    Status unwatch(Share& share, uint32_t watch);
    bool watches(const Share& share, uint32_t watch) const {
        return watch < share.watch_.size() && share.watch_[watch].used;
    }
    bool has_event(const Share& share, uint32_t watch) const;
    // Errors: not_found (no such watch, or nothing has happened).
    Result<Event> take_event(Share& share, uint32_t watch);

  private:
    static Share::Claim* free_claim(Share& share);
    static const Share::Claim* claim_of(const Share& share, uint64_t ticket);
    void tell(Change change, const Record& record);

    Listener& listener_;
    base::List<Share, &Share::link_> shares_;
    uint64_t tickets_ = 0;
};

}  // namespace skerry::usr::records
