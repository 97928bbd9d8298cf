#include "usr/span/here.hpp"

#include <new>

#include "platform/page_table.hpp"

namespace skerry::usr::span {

namespace map_flags = capabilities::map_flags;
namespace well_known = capabilities::well_known;
using platform::PageTable;

void Span::Page::take() {
    while (lock.exchange(1, std::memory_order_acquire) != 0) {
        while (lock.load(std::memory_order_relaxed) != 0) platform::pause();
    }
}

bool Span::Page::keeps_waiting(bool writes) {
    bool there = std::atomic_ref(mapped).load(std::memory_order_relaxed);
    bool usable = there && (!writes || std::atomic_ref(writable).load(std::memory_order_relaxed));
    return !usable && std::atomic_ref(touch).load(std::memory_order_relaxed) == Touch::waits;
}

Status Here::join() {
    SKERRY_CHECK(self_.space().reserve(window_base, pages_maximum * base::page_size));
    for (uint32_t i = 0; i < tables_.size(); ++i) {
        tables_[i] = SKERRY_TRY(self_.space().leaf_table(window_base + i * PageTable::bytes_per_entry(2)));
    }
    self_.more = this;
    return member_ != 0 ? self_.dispatcher.add(*this) : Status{};
}

// The system call answers the line, whatever it asks for, if the driver has not yet.
void Here::see_to_it() {
    (void)runtime::FlushCap{well_known::span_flush}.request().ok();
}

bool Here::poll() {
    bool asked = attention_.taken();
    if (asked) see_to_it();
    return asked;
}

bool Here::rest() {
    bool asked = attention_.rest();
    if (asked) see_to_it();
    return !asked;
}

// The page's lock is held. An old mapping of the page was taken out of the tables when it changed.
bool Here::map(uint32_t page, const Span::Page& record) {
    runtime::Owned& mapping = mappings_[page];
    if (mapping && !runtime::CNodeCap{}.remove(mapping.ref()).ok()) return false;
    if (!mapping) {
        auto slot = runtime::Owned::empty(self_.slots);
        if (!slot.ok()) return false;
        mapping = std::move(slot).value();
    }
    uint64_t flags = map_flags::read | (record.writable ? map_flags::write : 0);
    runtime::VNodeCap table{tables_[page / PageTable::entries]};
    return table
        .map(page % PageTable::entries, arena_, mapping.ref(), flags, uint64_t{record.memory} * base::page_size, 1)
        .ok();
}

bool Here::repair(uint64_t address, uint64_t access) {
    if (address < window_base || address >= window_base + pages_maximum * base::page_size) return false;
    auto page = static_cast<uint32_t>((address - window_base) / base::page_size);
    Span::Page& record = span_.pages_[page];
    if (member_ == 0) span_.finish(Ticket{span_.changes_});  // it may be this very page that waits
    bool writes = (access & 2) != 0;
    // It was here before, so the leader may have just taken it, and writes to the record once more when all have answered:
    // who looks at once takes that line from it.
    if (member_ != 0 && mappings_[page]) platform::pause();
    for (;;) {
        // Without the lock, which would take the line from the leader while it waits for others.
        while (record.keeps_waiting(writes)) platform::pause();
        record.take();
        bool mine = (record.users[member_ / 64] >> member_ % 64 & 1) != 0;
        bool repaired = record.mapped && (record.writable || !writes);
        bool waits = !repaired && record.touch == Touch::waits;
        // Somebody who has it already was told before the page went: what it saw is over.
        if (repaired && !mine) {
            repaired = map(page, record);
            if (repaired) record.users[member_ / 64] |= uint64_t{1} << member_ % 64;
        }
        record.release();
        if (!waits) return repaired;
    }
}

void Here::serve() {
    Span::Seat& seat = span_.seats_[member_];
    runtime::NotifyCap leader{well_known::span_leader};
    for (uint64_t done = 1;; ++done) {
        seat.done.store(done, std::memory_order_release);
        (void)leader.poke().ok();
        waits_ = true;
        attention_.watch();
        (void)self_.dispatcher.wait_until([&] { return seat.order.load(std::memory_order_acquire) == done; }).ok();
        waits_ = false;
        (void)rest();
        seat.work(span_, member_, seat.argument);
    }
}

int member_main(runtime::Program& self, uint64_t address) {
    auto& span = *reinterpret_cast<Span*>(address);
    auto member = static_cast<uint32_t>(self.start->word[2]);
    auto& here = *new (platform::static_storage<Here>()) Here(self, span, member, well_known::span_arena);
    if (!here.join().ok()) return 1;
    here.serve();
}

}  // namespace skerry::usr::span
