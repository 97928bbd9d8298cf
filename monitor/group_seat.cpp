#include "monitor/group_seat.hpp"

#include "monitor/monitor.hpp"
#include "monitor/operation/gather.hpp"
#include "monitor/transfer.hpp"
#include "platform/user/address.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;

namespace {

constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;
constexpr uint64_t patience_a_level = 1'000'000'000;  // ns

group::RingView ring_at(uint64_t address, bool up) {
    return group::RingView(platform::at<std::byte>(address) + (up ? GroupSeat::frame_bytes / 2 : 0));
}
static_assert(group::ring_bytes(GroupSeat::window) <= GroupSeat::frame_bytes / 2);

}  // namespace

GroupSeat::GroupSeat(Monitor& monitor) : m_(monitor), initiator_(monitor.loop.set().ready(), *this) {}

Status GroupSeat::begin(uint64_t generation, Member self) {
    if (generation <= generation_) return Error::refused;
    stand_up();
    generation_ = generation;
    self_ = self;
    ends_.emplace(window);
    return {};
}

Status GroupSeat::set_parent(Member parent, Peer& peer, Owned frame, uint64_t bytes) {
    if (!ends_ || has_parent()) return Error::exists;
    if (bytes < frame_bytes) return Error::corrupt;
    parent_address_ = SKERRY_TRY(m_.self.space().map_anywhere(frame.ref(), 0, frame_bytes, read_write));
    parent_frame_ = std::move(frame);
    parent_ = &peer;
    ends_->parent(parent, ring_at(parent_address_, false), ring_at(parent_address_, true), &peer.poker);
    return {};
}

Result<Word4> GroupSeat::add_child(Member child, Peer& peer, base::NodeId node) {
    SKERRY_ASSERT(ends_.has_value());
    if (ends_->children() == most_children) return Error::full;
    Child& place = children_[ends_->children()];
    auto ram = m_.memory.allocate(frame_bytes, 0, 0, node.value);
    // Only the directory's memory service has all nodes; elsewhere what is here is near enough.
    if (!ram.ok()) ram = m_.memory.allocate(frame_bytes, 0, 0, urpc::memory::any_node);
    if (!ram.ok()) return ram.error();
    auto make = [&]() -> Result<Word4> {
        Owned frame = SKERRY_TRY(Owned::empty(m_.self.slots));
        SKERRY_CHECK(runtime::CNodeCap{}.retype(frame.ref(), ram->cap, capabilities::Type::frame, 0, 0, frame_bytes));
        SKERRY_CHECK(runtime::FrameCap{frame.ref()}.clean());
        Word4 words = SKERRY_TRY(words_of(frame.ref()));
        place.address = SKERRY_TRY(m_.self.space().map_anywhere(frame.ref(), 0, frame_bytes, read_write));
        place.made = {&peer, generation_, *ram, std::move(frame)};
        return words;
    };
    auto words = make();
    if (!words.ok()) {
        m_.memory.give_back(*ram, 0);
        return words;
    }
    bool added =
        ends_->child(child, ring_at(place.address, true), &peer.poker) && ends_->send_on(ring_at(place.address, false));
    SKERRY_ASSERT(added);
    return words;
}

void GroupSeat::sit(bool root, uint32_t height) {
    SKERRY_ASSERT(ends_.has_value() && !group_.has_value());
    patience_ = patience_a_level * height;
    group::Work& work = root ? static_cast<group::Work&>(initiator_) : *this;
    group_.emplace(work, self_, ends_->links(), window);
    if (root) initiator_.attach(*group_);
    m_.loop.set().add(*group_);
}

void GroupSeat::stand_up() {
    if (group_) {
        group_->close();
        m_.loop.set().remove(*group_);
        group_.reset();
    }
    if (has_parent()) {
        (void)m_.self.space().unmap(parent_address_, frame_bytes).ok();
        parent_frame_.reset();
        parent_address_ = 0;
        parent_ = nullptr;
    }
    for (Child& child : children_) {
        if (child.made.peer == nullptr) continue;
        (void)m_.self.space().unmap(child.address, frame_bytes).ok();
        for (ChildFrame& place : retired_) {
            if (place.peer != nullptr || child.made.peer == nullptr) continue;
            place = std::move(child.made);
            child.made.peer = nullptr;
        }
        // Without a place: never used again, since the child may still write to it.
        child.made.frame.reset();
        child.made.peer = nullptr;
    }
    ends_.reset();
}

void GroupSeat::lose(base::CoreId core) {
    bool linked = m_.is_directory() || (parent_ != nullptr && parent_->core == core);
    for (const Child& child : children_)
        linked = linked || (child.made.peer != nullptr && child.made.peer->core == core);
    if (linked) stand_up();
    for (ChildFrame& place : retired_) {
        if (place.peer == nullptr || place.peer->core != core) continue;
        place.frame.reset();
        m_.memory.give_back(place.ram, 0);
        place.peer = nullptr;
    }
}

GroupSeat::ChildFrame GroupSeat::take_retired() {
    for (ChildFrame& place : retired_) {
        if (place.peer == nullptr) continue;
        ChildFrame taken = std::move(place);
        place.peer = nullptr;
        return taken;
    }
    return {};
}

bool GroupSeat::perform(uint64_t, group::Words& words) {
    watch_group(m_);
    auto what = static_cast<Together>(words[0]);
    words = what == Together::totals ? totals() : group::Words{};
    return true;
}

void GroupSeat::merge(group::Words& sum, const group::Words& answer) {
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += answer[i];
}

void GroupSeat::ended(Error, Member culprit) {
    m_.gathering.culprit = culprit;
    m_.changed.set();
}

// In the order of urpc::monitor::MachineTotals' answer: members, then bytes and counts.
group::Words GroupSeat::totals() {
    group::Words words{1};
    for (uint64_t i = 0, regions = 1; i < regions; ++i) {
        auto region = m_.memory.statistics(i);
        if (!region.ok()) break;
        regions = region->regions;
        words[1] += region->size;
        words[2] += region->free;
        words[3] += region->blocks;
    }
    words[4] = m_.domains.count();
    words[5] = m_.self.ram().spare() + m_.self.space().table_bytes() + m_.self.lazy->bytes() + m_.peers.bytes();
    return words;
}

}  // namespace skerry::monitor
