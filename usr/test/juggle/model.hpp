// What the capability system of a whole machine should do, in the simplest words: one operation after the other, all in
// one table, every question a walk. It shares no rule with the code that it judges.
#pragma once

#include "capabilities/type.hpp"
#include "usr/test/juggle/protocol.hpp"

namespace skerry::usr::test::juggle {

using base::Error;
using capabilities::Rights;
using capabilities::Type;

// Which object, and with what rights.
struct Item {
    Type type = Type::null;
    Rights rights = Rights::none;
    uint32_t owner = 0;  // the hand in whose block it lies
    uint64_t base = 0, size = 0;
    bool empty() const { return type == Type::null; }
    uint64_t end() const { return base + size; }
};
bool same(const Item& a, const Item& b);
bool below(const Item& inner, const Item& outer);  // made of it

struct Books {  // of one core's monitor
    uint32_t exported = 0, holders = 0, imported = 0;
    bool operator==(const Books&) const = default;
};

class Model {
  public:
    explicit Model(uint32_t hands) : hands_(hands) {}

    void set_block(uint32_t hand, uint64_t base);
    // What the operation must answer. `base`: where a renewed block has turned out to lie. `release`: whether what monitors
    // have in their books of what nobody holds any more goes at once; else with a later operation.
    Error apply(const Operation& operation, uint64_t base, bool release = true);
    const Item& at(uint32_t hand, uint32_t place) const { return items_[hand][place]; }
    const Item& frame_at(uint32_t hand, uint32_t window) const { return maps_[hand][window]; }
    bool mapped(uint32_t hand, uint32_t window) const { return !maps_[hand][window].empty(); }
    Books books(uint32_t hand) const;
    bool equals(uint32_t hand, const Looked& seen) const;
    uint32_t hands() const { return hands_; }

  private:
    // That the hand's core holds an object of another core's, and its owner knows.
    struct Record {
        uint32_t hand = 0;
        Item object;  // empty: free
    };
    Error copy(const Operation& o, Rights mask);
    Error move(const Operation& o);
    Error retype(const Operation& o);
    Error revoke(const Operation& o);
    Error map(const Operation& o);
    Error give(const Operation& o);
    void renew(const Operation& o, uint64_t base);
    // Inside of a CNode that is not there.
    bool no_place(uint32_t hand, uint32_t place) const {
        return place >= first_inner && items_[hand][tree_place].empty();
    }
    Error shape(const Item& source, const Operation& o) const;
    bool taken(const Item& source, uint64_t base, uint64_t size) const;
    bool anchored(uint32_t hand, const Item& object) const;
    bool in_use(const Record& record) const;
    void note(uint32_t hand, const Item& object);
    void settle(bool release);

    uint32_t hands_;
    std::array<std::array<Item, all_places>, hands_maximum> items_{};
    std::array<std::array<Item, windows>, hands_maximum> maps_{};  // the frame that is mapped
    std::array<Record, hands_maximum*(places + windows + 1)> records_{};
};

}  // namespace skerry::usr::test::juggle
