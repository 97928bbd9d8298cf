#include "usr/bench/shootdown/seat.hpp"

#include <cstring>

#include "platform/user/address.hpp"
#include "usr/bench/shootdown/marks.hpp"

namespace skerry::bench::shootdown {

namespace {
constexpr uint64_t patience = 10'000'000'000;  // ns without a line
constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;
}  // namespace

bool Part::perform(uint64_t, group::Words& words) {
    auto order = static_cast<Order>(words[0]);
    words[1] = 0;
    if (order == Order::shoot) return true;
    if (order == Order::leave) leaving = true;
    if (order == Order::show) words[1] = !page.show().ok();
    if (order == Order::unmap) words[1] = !page.clear().ok();
    return true;
}

Result<uint64_t> Seat::map(runtime::CapRef frame, uint64_t bytes) {
    return self_.space().map_anywhere(frame, 0, bytes, read_write);
}

Result<runtime::CapRef> Seat::lend(uint64_t bytes) {
    if (seated()) return Error::busy;
    bytes = base::round_up(bytes, base::page_size);
    if (bytes <= own_bytes_) {
        std::memset(platform::at<void>(own_address_), 0, own_bytes_);
        return own_.cap;
    }
    give_back();
    runtime::Object frame = SKERRY_TRY(self_.ram().make_frame(bytes));
    auto address = map(frame.cap, bytes);
    if (!address.ok()) {
        self_.ram().destroy(frame);
        return address.error();
    }
    own_ = frame;
    own_address_ = *address;
    own_bytes_ = bytes;
    return frame.cap;
}

void Seat::give_back() {
    if (own_bytes_ == 0) return;
    (void)self_.space().unmap(own_address_, own_bytes_).ok();
    self_.ram().destroy(own_);
    own_address_ = own_bytes_ = 0;
}

Status Seat::take(Member lender, runtime::Owned frame, uint64_t bytes) {
    if (lender.value >= taken_.size() || !frame) return Error::invalid_argument;
    Mapped& place = taken_[lender.value];
    if (place.bytes != 0) return Error::exists;
    bytes = base::round_up(bytes, base::page_size);
    place.address = SKERRY_TRY(map(frame.ref(), bytes));
    place.bytes = bytes;
    place.frame = std::move(frame);
    return {};
}

std::byte* Seat::of(Member lender) {
    uint64_t address = lender == member_ ? own_address_ : taken_[lender.value].address;
    return address == 0 ? nullptr : platform::at<std::byte>(address);
}

Status Seat::sit(const group::Plan& plan, Member member) {
    if (plan.members > most_members) return Error::full;
    tree_ = SKERRY_TRY(group::Tree::from(plan));
    member_ = member;
    group::Layout layout(plan, *tree_, window);
    ends_.emplace(window);
    SKERRY_CHECK(fill(*ends_, plan, *tree_, layout, member, *this));
    part_.leaving = false;
    group_.emplace(part_, member, ends_->links(), window);
    return {};
}

void Seat::leave() {
    flush_.reset();
    group_.reset();
    ends_.reset();
    for (Mapped& place : taken_) {
        if (place.bytes != 0) (void)self_.space().unmap(place.address, place.bytes).ok();
        place.frame.reset();
        place.address = place.bytes = 0;
    }
}

Result<runtime::CapRef> Seat::offer_flush() {
    if (own_bytes_ == 0) return Error::not_found;
    if (flush_) return flush_.ref();
    auto made = SKERRY_TRY(runtime::Owned::empty(self_.slots));
    SKERRY_CHECK(runtime::DispatcherCap{}.make_flush(made.ref(), own_.cap, offsetof(Interrupted, line)));
    flush_ = std::move(made);
    return flush_.ref();
}

Status Seat::rest() {
    if (own_bytes_ == 0) return Error::not_found;
    return wait_for(platform::at<const Interrupted>(own_address_)->over, 1);
}

Status Seat::wait_for(const std::atomic<uint64_t>& word, uint64_t value) {
    uint64_t deadline = 0;
    while (!skerry_shootdown_wait(nullptr, &word, value)) {
        uint64_t now = self_.dispatcher.now();
        if (deadline == 0) deadline = now + patience;
        if (now >= deadline) return Error::timed_out;
    }
    return {};
}

// Waits for a line, and takes it. Errors: as the group ended.
Status Seat::step() {
    uint64_t deadline = 0;
    while (!skerry_shootdown_wait(&*group_, nullptr, 0)) {
        // Looks, now and then, whether a neighbour has closed. A line may have come since: it may be the last one.
        if (group_->poll() != 0) return group_->reason();
        if (group_->closed()) return group_->reason();
        uint64_t now = self_.dispatcher.now();
        if (deadline == 0) deadline = now + patience;
        if (now >= deadline) group_->close(Error::timed_out, group_->waiting_for());
    }
    group_->poll();
    return group_->reason();
}

Status Seat::serve() {
    while (!part_.leaving || group_->completed() < group_->begun()) SKERRY_CHECK(step());
    return {};
}

Status Seat::complete(uint64_t operations) {
    while (group_->completed() < operations) SKERRY_CHECK(step());
    return {};
}

Counted Seat::count() {
    Counted counted{group_->reason(), group_->culprit(), group_->completed(), group_->lines_sent(), {}};
    size_t index = 0;
    uint64_t down = 0;
    for (Member child : tree_->children(member_)) {
        uint64_t lines = group_->lines_to(index++);
        counted.lines_to[child.value] = static_cast<uint32_t>(lines);
        if (index == 1 || ends_->links().senders.size() > 1) down += lines;
    }
    if (member_ != tree_->root()) {
        counted.lines_to[tree_->parent(member_).value] = static_cast<uint32_t>(group_->lines_sent() - down);
    }
    return counted;
}

}  // namespace skerry::bench::shootdown
