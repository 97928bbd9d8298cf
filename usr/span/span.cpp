#include "usr/span/span.hpp"

#include <new>

#include "usr/runtime/batch.hpp"
#include "usr/span/here.hpp"

namespace skerry::usr::span {

namespace map_flags = capabilities::map_flags;
namespace monitor = urpc::monitor;
using runtime::CapRef;

namespace {
constexpr uint64_t patience = 10'000'000'000;  // ns, for a member to begin
constexpr uint64_t read_write = map_flags::read | map_flags::write;
}  // namespace

std::string_view name_of(Way way) {
    constexpr std::string_view names[] = {"drivers", "dispatchers"};
    static_assert(std::size(names) == static_cast<size_t>(Way::count_));
    return names[static_cast<size_t>(way)];
}

Status Span::open(runtime::Program& self, console::MonitorLink& link, uint64_t bytes) {
    if (platform::shared_image_start() == platform::shared_image_end()) return Error::unsupported;
    if (bytes > pages_maximum / 2 * base::page_size) return Error::out_of_range;
    if (leader_ != nullptr) return Error::exists;
    CapRef slot = SKERRY_TRY(self.slots.allocate());
    auto made = link.ask(monitor::MakeArena{bytes, slot.word});
    if (!made.ok()) {
        self.slots.release(slot);
        return made.error();
    }
    arena_ = slot;
    memory_pages_ = static_cast<uint32_t>(bytes / base::page_size);
    leader_ = &self;
    monitor_ = &link;
    auto& here = *new (platform::static_storage<Here>()) Here(self, *this, 0, arena_);
    SKERRY_CHECK(here.join());
    SKERRY_CHECK(open_own_line());
    count_ = 1;
    return {};
}

// Our own pages are changed as the others' are: one entry, and nothing else of this space is forgotten.
Status Span::open_own_line() {
    runtime::Object frame = SKERRY_TRY(leader_->ram().make_frame(base::page_size));
    CapRef flush = SKERRY_TRY(leader_->slots.allocate());
    SKERRY_CHECK(runtime::DispatcherCap{}.make_flush(flush, frame.cap, 0));
    uint64_t address = SKERRY_TRY(leader_->space().map_anywhere(frame.cap, 0, base::page_size, read_write));
    posts_[0] = {reinterpret_cast<FlushLine*>(address), {flush}, {}};
    return {};
}

Result<uint32_t> Span::add(base::CoreId core) {
    if (leader_ == nullptr) return Error::closed;
    if (count_ == members_maximum) return Error::full;
    uint32_t member = count_;
    CapRef slots = SKERRY_TRY(leader_->slots.allocate_row(3));
    auto slot = [slots](uint32_t i) { return CapRef{slots.word + i}; };
    monitor::Span request{.core = core,
                          .shared_start = platform::shared_image_start(),
                          .shared_end = platform::shared_image_end(),
                          .notify = slot(0).word,
                          .flush = slot(1).word,
                          .line = slot(2).word,
                          .word = {reinterpret_cast<uint64_t>(&member_main), reinterpret_cast<uint64_t>(this), member}};
    auto made = monitor_->ask(request);
    if (!made.ok()) {
        leader_->slots.release(slots, 3);
        return made.error();
    }
    uint64_t line = SKERRY_TRY(leader_->space().map_anywhere(slot(2), 0, base::page_size, read_write));
    posts_[member] = {reinterpret_cast<FlushLine*>(line), {slot(1)}, {slot(0)}};
    ++count_;
    auto ready = [&] { return seats_[member].done.load(std::memory_order_acquire) != 0; };
    SKERRY_CHECK(leader_->dispatcher.wait_until(ready, leader_->dispatcher.now() + patience));
    return member;
}

Status Span::run(uint32_t member, Work* work, void* argument) {
    if (member == 0 || member >= count_) return Error::out_of_range;
    Seat& seat = seats_[member];
    uint64_t number = seat.order.load(std::memory_order_relaxed) + 1;
    if (seat.done.load(std::memory_order_acquire) != number) return Error::busy;
    seat.work = work;
    seat.argument = argument;
    seat.order.store(number, std::memory_order_release);
    return posts_[member].notify.poke();
}

Status Span::wait(uint32_t member, uint64_t deadline) {
    if (member == 0 || member >= count_) return Error::out_of_range;
    const Seat& seat = seats_[member];
    uint64_t number = seat.order.load(std::memory_order_relaxed);
    auto done = [&] { return seat.done.load(std::memory_order_acquire) == number + 1; };
    return leader_->dispatcher.wait_until(done, deadline);
}

Status Span::map(uint32_t page, uint32_t memory, bool writable) {
    if (page >= pages_maximum || memory >= memory_pages_) return Error::out_of_range;
    Page& record = pages_[page];
    finish(Ticket{changes_});
    record.take();
    if (record.mapped) {
        record.release();
        return Error::slot_occupied;
    }
    record.memory = memory;
    std::atomic_ref(record.writable).store(writable, std::memory_order_relaxed);
    std::atomic_ref(record.touch).store(Touch::ends, std::memory_order_relaxed);
    record.users = {};
    std::atomic_ref(record.mapped).store(true, std::memory_order_relaxed);
    record.release();
    return {};
}

// Others first: what happens here goes on beside what they do.
void Span::ask(uint32_t page, PageChange change) {
    runtime::FlushBatch flushes;
    for_each_waiting([&](uint32_t member) {
        Post& post = posts_[member];
        Seat& seat = seats_[member];
        post.line->ask(reinterpret_cast<uint64_t>(at(page)), change);
        post.left = way_ == Way::dispatchers && member != 0 && span::ask(seat.asked, seat.polls);
        if (!post.left) (void)flushes.add(post.flush).ok();
    });
    (void)flushes.send().ok();
}

// The lock is held until all have answered: nobody maps the page anew while one of them may hold the old translation.
Status Span::change(uint32_t page, PageChange change, Touch touch, Ticket& ticket) {
    if (page >= pages_maximum) return Error::not_found;
    finish(Ticket{changes_});
    Page& record = pages_[page];
    record.take();
    if (!record.mapped) {
        record.release();
        return Error::not_found;
    }
    std::atomic_ref(record.writable).store(false, std::memory_order_relaxed);
    std::atomic_ref(record.touch).store(touch, std::memory_order_relaxed);
    if (change == PageChange::clear) {
        std::atomic_ref(record.mapped).store(false, std::memory_order_relaxed);
    }
    waiting_ = record.users;
    if (change == PageChange::clear) record.users = {};
    changing_ = page;
    ticket.number = ++changes_;
    ask(page, change);
    return {};
}

bool Span::finished(Ticket ticket) {
    if (finished_ >= ticket.number) return true;
    // One that has not answered hides the rest until it has: all are waited for.
    for (uint64_t& waiting : waiting_) {
        for (; waiting != 0; waiting &= waiting - 1) {
            auto member = static_cast<uint32_t>((&waiting - waiting_.data()) * 64 + std::countr_zero(waiting));
            Post& post = posts_[member];
            if (!post.line->answered()) return false;
            if (post.left) ++post.seen_to;
        }
    }
    finished_ = changes_;
    pages_[changing_].release();
    return true;
}

// A dispatcher that polls may have to wait for its turn on its core: who has not answered for a while is asked by its driver.
void Span::finish(Ticket ticket) {
    constexpr uint32_t many = 1000;
    for (uint32_t looks = 1; !finished(ticket); ++looks) {
        platform::pause();
        if (looks % many != 0 || way_ == Way::drivers) continue;
        for_each_waiting([&](uint32_t member) {
            posts_[member].left = false;
            (void)posts_[member].flush.request().ok();
        });
    }
}

Status Span::protect(uint32_t page, Touch touch) {
    Ticket ticket;
    SKERRY_CHECK(change(page, PageChange::narrow, touch, ticket));
    finish(ticket);
    return {};
}

Status Span::unmap(uint32_t page, Touch touch) {
    Ticket ticket = SKERRY_TRY(unmap_deferred(page, touch));
    finish(ticket);
    return {};
}

Result<Ticket> Span::unmap_deferred(uint32_t page, Touch touch) {
    Ticket ticket;
    SKERRY_CHECK(change(page, PageChange::clear, touch, ticket));
    return ticket;
}

uint64_t Span::requests(uint32_t member) const {
    return posts_[member].line == nullptr ? 0 : posts_[member].line->request.load(std::memory_order_relaxed);
}

bool Span::touched(uint32_t page, uint32_t member) const {
    return (pages_[page].users[member / 64] >> member % 64 & 1) != 0;
}

}  // namespace skerry::usr::span
