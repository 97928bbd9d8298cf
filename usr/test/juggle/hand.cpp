#include "usr/test/juggle/hand.hpp"

#include "platform/page_table.hpp"

namespace skerry::usr::test::juggle {

using runtime::CNodeCap;
namespace monitor = urpc::monitor;

Status Hand::set_up() {
    constexpr uint32_t root_slot = capabilities::well_known::root_slots - 1;  // so far no program of this size grows
    for (uint32_t i = 0; i <= block_place; ++i) place_[i] = SKERRY_TRY(self_.slots.allocate());
    place_[tree_place] = CapRef::root_slot(root_slot);
    for (uint32_t i = 0; i < inner_places; ++i) place_[first_inner + i] = CapRef{root_slot, i};
    for (CapRef& mapping : mapping_) mapping = SKERRY_TRY(self_.slots.allocate());
    for (uint64_t& window : window_) {
        constexpr uint64_t bytes = base::page_size * platform::PageTable::entries;  // of one leaf table, all to itself
        window = SKERRY_TRY(self_.space().find_free(bytes, bytes));
        SKERRY_CHECK(self_.space().reserve(window, bytes));
    }
    spare_ = SKERRY_TRY(self_.ram().make_frame(base::page_size));
    stopgap_ = SKERRY_TRY(self_.slots.allocate());
    return renew();
}

// A block of the memory service's, after the last one was given back with all that was made of it, wherever that was.
Status Hand::renew() {
    if (block_.bytes != 0) {
        CapRef cap = SKERRY_TRY(self_.slots.allocate());
        SKERRY_CHECK(CNodeCap{}.move(cap, place_[block_place]));
        block_.cap = cap;
        self_.ram().source().release(block_);
    }
    block_ = SKERRY_TRY(self_.ram().source().allocate(block_bytes, block_bytes));
    SKERRY_CHECK(CNodeCap{}.move(place_[block_place], block_.cap));
    self_.slots.release(block_.cap);
    return {};
}

Status Hand::meet() {
    for (uint32_t i = 0; i < hands_; ++i) {
        if (i == number_) continue;
        peers_[i].emplace(port_);
        SKERRY_CHECK(peers_[i]->bind(ServiceName(prefix_, i).view(), patience));
    }
    met_ = true;
    return {};
}

Status Hand::serve() {
    SKERRY_CHECK(set_up());
    SKERRY_CHECK(port_.open(ServiceName(prefix_, number_).view()));
    SKERRY_CHECK(port_.serve([&] { return hands_ != 0; }));
    SKERRY_CHECK(meet());
    while (!end_) {
        SKERRY_CHECK(port_.serve([&] { return end_ || begin_ != 0; }));
        if (begin_ != 0) SKERRY_CHECK(begin_on_time());
    }
    for (auto& peer : peers_) peer.reset();
    return port_.serve([&] { return port_.clients() == 0; });
}

// Nobody says anything meanwhile: what happens then is the operation's own doing.
Status Hand::begin_on_time() {
    auto serve_until = [&](uint64_t time) {
        Status served = port_.serve([] { return false; }, time);
        return served.error() == Error::timed_out ? Status{} : served;
    };
    uint64_t begin = std::exchange(begin_, 0);
    SKERRY_CHECK(serve_until(begin));
    begins_.set();
    SKERRY_CHECK(serve_until(begin + answer_after));
    answers_.set();
    return {};
}

// What is mapped there may be revoked by another hand at any moment.
void Hand::touch(uint64_t window, bool writes) {
    auto* word = platform::at<volatile uint64_t>(window);
    if (word == nullptr) return;  // gone already, on a machine where nothing faults
    uint64_t value = *word;
    if (writes) *word = value + 1;
    (void)CNodeCap{}.remove(stopgap_).ok();
}

bool Hand::repair(uint64_t address, uint64_t) {
    for (uint64_t window : window_) {
        if (address != window) continue;
        auto table = self_.space().leaf_table(window);
        constexpr uint64_t flags = capabilities::map_flags::read | capabilities::map_flags::write;
        return table.ok() && runtime::VNodeCap{*table}.map(0, spare_.cap, stopgap_, flags, 0, 1).ok();
    }
    return false;
}

Status Hand::map(const Operation& o) {
    uint64_t window = window_[o.to];
    runtime::VNodeCap table{SKERRY_TRY(self_.space().leaf_table(window))};
    SKERRY_CHECK(table.map(0, place_[o.from], mapping_[o.to], o.rights, 0, 1));
    // Used, so that it is in the core's cache of translations; written once, then read only.
    // Not beside another operation of a pair, where it would only add orders.
    bool writes = (o.rights & capabilities::map_flags::write) != 0;
    if (o.begin == 0) touch(window, writes);
    if (!writes) return {};
    Status narrowed = runtime::MappingCap{mapping_[o.to]}.protect(capabilities::map_flags::read);
    // A revoke beside it has taken the mapping that was made: as if it had come after both. What is left must say so, too.
    if (narrowed.error() != Error::no_capability) return narrowed;
    auto left = CNodeCap{}.identify(mapping_[o.to]);
    return left.ok() && left->empty() ? Status{} : narrowed;
}

// The last window's table goes first, with all that the processor keeps of it: its memory is somebody else's next.
Status Hand::unmap(const Operation& o) {
    auto mapping = SKERRY_TRY(CNodeCap{}.identify(mapping_[o.to]));
    if (!mapping.empty()) touch(window_[o.to], false);
    for (runtime::AddressSpace::Table& table : self_.space().tables()) {
        if (o.to != windows - 1 || table.level != 1 || table.address != window_[o.to]) continue;
        self_.ram().destroy(table.vnode);
        self_.slots.release(table.mapping);
        table = {};
    }
    return CNodeCap{}.remove(mapping_[o.to]);
}

Status Hand::at_once(const Operation& o) {
    switch (o.kind) {
        case Kind::copy:
            return CNodeCap{}.copy(place_[o.to], place_[o.from]);
        case Kind::mint:
            return CNodeCap{}.mint(place_[o.to], place_[o.from], capabilities::Rights(o.rights));
        case Kind::move:
            return CNodeCap{}.move(place_[o.to], place_[o.from]);
        case Kind::remove:
            return CNodeCap{}.remove(place_[o.from]);
        case Kind::map:
            return map(o);
        case Kind::unmap:
            return unmap(o);
        case Kind::renew:
            return renew();
        default:
            return Error::unsupported;
    }
}

urpc::Task<Status> Hand::retype(urpc::FramePool&, Hand& hand, Operation o) {
    auto type = capabilities::Type(o.type);
    uint32_t level = type == capabilities::Type::vnode ? 1 : 0;
    Status made = CNodeCap{}.retype(hand.place_[o.to], hand.place_[o.from], type, level, o.offset, o.size);
    if (made.error() != Error::shared) co_return made;
    monitor::Retype request{hand.place_[o.from].word, hand.place_[o.to].word, o.type, level, o.offset, o.size, 1};
    auto call = hand.port_.monitor().peer().call(request);
    auto agreed = co_await call;
    co_return agreed.error();
}

urpc::Task<Status> Hand::revoke(urpc::FramePool&, Hand& hand, Operation o) {
    auto call = hand.port_.monitor().peer().call(monitor::Revoke{hand.place_[o.from].word});
    auto revoked = co_await call;
    co_return revoked.error();
}

urpc::Task<Status> Hand::give(urpc::FramePool& pool, Hand& hand, Operation o) {
    auto& peer = hand.peers_[o.receiver];
    if (!peer || !peer->open()) co_return Error::closed;
    Keep request{urpc::Capability::copy_of(hand.place_[o.from].word, static_cast<uint8_t>(o.rights)), o.to};
    auto call = urpc::call_with(pool, peer->caller(), request);
    auto kept = co_await call;
    if (!kept.ok()) co_return kept.error();
    co_return kept->error;
}

Hand::Work<Done> Hand::perform(urpc::FramePool& pool, Hand& hand, Operation o) {
    if (o.from >= all_places || o.to >= all_places || o.receiver >= hands_maximum) co_return Error::out_of_range;
    if (o.begin != 0) {
        hand.begin_ = o.begin;
        auto begins = hand.begins_.wait();
        co_await begins;
    }
    Status done;
    if (o.kind == Kind::retype) {
        auto retyping = retype(pool, hand, o);
        done = co_await retyping;
    } else if (o.kind == Kind::revoke) {
        auto revoking = revoke(pool, hand, o);
        done = co_await revoking;
    } else if (o.kind == Kind::give) {
        auto giving = give(pool, hand, o);
        done = co_await giving;
    } else {
        done = hand.at_once(o);
    }
    if (o.begin != 0) {
        auto answers = hand.answers_.wait();
        co_await answers;
    }
    co_return Done{done.error(), hand.block_.base};
}

Result<Kept> Hand::operator()(const Keep& request) {
    runtime::Owned came;
    if (request.capability.slot != 0) came = runtime::Owned(CapRef{request.capability.slot}, self_.slots);
    if (request.place >= all_places) return Error::out_of_range;
    auto value = CNodeCap{}.identify(came.ref());
    if (!came || (value.ok() && value->empty())) return Kept{came_and_went};
    return Kept{CNodeCap{}.move(place_[request.place], came.ref()).error()};
}

Result<Looked> Hand::operator()(const Look&) {
    Looked looked{};
    looked.met = met_;
    for (uint32_t i = 0; i < all_places; ++i) {
        auto found = CNodeCap{}.identify(place_[i]);
        if (!found.ok() && i >= first_inner) continue;  // there is no CNode around it
        auto cap = SKERRY_TRY(found);
        looked.place[i] = {static_cast<uint32_t>(cap.type), static_cast<uint32_t>(cap.rights), cap.base, cap.size};
    }
    for (uint32_t i = 0; i < windows; ++i) {
        auto mapping = SKERRY_TRY(CNodeCap{}.identify(mapping_[i]));
        looked.mapped[i] = !mapping.empty();
    }
    return looked;
}

Result<Ended> Hand::operator()(const End&) {
    end_ = true;
    return Ended{};
}

}  // namespace skerry::usr::test::juggle
