#include "usr/hostile/fuzz/child.hpp"

#include <cstring>

#include "platform/page_table.hpp"
#include "platform/user/raw_call.hpp"

namespace skerry::usr::hostile {

using base::Status;
using capabilities::CNodeOperation;
using capabilities::DispatcherPage;
using capabilities::Rights;
using runtime::CNodeCap;
using runtime::DispatcherCap;
using runtime::Owned;
namespace well_known = capabilities::well_known;
namespace map_flags = capabilities::map_flags;

namespace {
constexpr Rights sender = Rights::send | Rights::transfer;
constexpr uint64_t page_bytes = base::page_size;
// In the block; the rest, from `play` on, is the RAM that it plays with.
constexpr uint64_t cnode0_at = 0, cnode1_at = 16384, frame_at = 32768, root_at = 49152, vspace_at = 53248,
                   dispatcher_at = 57344, endpoint_at = 61440, play_at = 65536;
}  // namespace

Status Child::cut(Owned& to, Type type, uint64_t level, uint64_t offset, uint64_t bytes) {
    to = SKERRY_TRY(Owned::empty(self_.slots));
    return CNodeCap{}.retype(to.ref(), block_.cap, type, static_cast<uint32_t>(level), offset, bytes);
}

Status Child::make(uint64_t seed, std::span<const CapRef> peers) {
    SKERRY_ASSERT(!made() && peers.size() <= peers_maximum);
    block_ = SKERRY_TRY(self_.ram().source().allocate(block_bytes, 16384));
    whims_ = Random(seed ^ 0x5eed);
    player_.emplace(*this, Stage{.ram_bytes = block_bytes - play_at, .peers = static_cast<uint32_t>(peers.size())},
                    seed);
    SKERRY_CHECK(make_objects());
    SKERRY_CHECK(fill_space(peers));
    return start();
}

Status Child::make_objects() {
    SKERRY_CHECK(cut(root_, Type::cnode, 0, root_at, page_bytes));
    SKERRY_CHECK(cut(frame_, Type::frame, 0, frame_at, capabilities::dispatcher_frame_size));
    SKERRY_CHECK(cut(vspace_, Type::vnode, platform::PageTable::levels, vspace_at, page_bytes));
    SKERRY_CHECK(cut(dispatcher_, Type::dispatcher, 0, dispatcher_at, page_bytes));
    SKERRY_CHECK(cut(endpoint_, Type::endpoint, 0, endpoint_at, page_bytes));
    SKERRY_CHECK(cut(ram_, Type::ram, 0, play_at, block_bytes - play_at));
    for (auto [index, offset] : {std::pair{0u, cnode0_at}, {Stage::playground, cnode1_at}}) {
        SKERRY_CHECK(CNodeCap{root_.ref()}.retype(CapRef::root_slot(index), block_.cap, Type::cnode, 0, offset,
                                                  capabilities::second_level_size));
    }
    notify_ = SKERRY_TRY(Owned::empty(self_.slots));
    SKERRY_CHECK(DispatcherCap{dispatcher_.ref()}.make_notify(notify_.ref()));
    sender_ = SKERRY_TRY(Owned::empty(self_.slots));
    return CNodeCap{}.mint(sender_.ref(), endpoint_.ref(), sender, 7);
}

// None of what it gets lets it take anything from its maker: RAM comes without the right to revoke.
Status Child::fill_space(std::span<const CapRef> peers) {
    CNodeCap space{root_.ref()};
    const std::pair<CapRef, CapRef> copies[] = {
        {well_known::root_cnode, root_.ref()},        {well_known::dispatcher, dispatcher_.ref()},
        {well_known::dispatcher_frame, frame_.ref()}, {well_known::vspace_root, vspace_.ref()},
        {well_known::self_endpoint, endpoint_.ref()}, {Stage::ram(), ram_.ref()}};
    for (auto [to, from] : copies) SKERRY_CHECK(space.copy(to, from));
    SKERRY_CHECK(space.mint(well_known::self_notify, notify_.ref(), sender));
    for (uint32_t i = 0; i < peers.size(); ++i) SKERRY_CHECK(space.copy(Stage::peer(i), peers[i]));
    return {};
}

Status Child::start() {
    page_ = SKERRY_TRY(self_.space().map_anywhere(frame_.ref(), 0, capabilities::dispatcher_frame_size,
                                                  map_flags::read | map_flags::write));
    Child* own = this;
    std::memcpy(stack(), &own, sizeof own);  // where enter() finds it
    DispatcherPage& shared = page();
    for (uint64_t& entry : shared.entry) entry = reinterpret_cast<uint64_t>(&enter);
    shared.upcall_stack = reinterpret_cast<uint64_t>(stack()) + stack_bytes - sizeof(uint64_t);  // as if called
    shared.receive_slot = CapRef{Stage::playground, Stage::slots + 4}.word;
    DispatcherCap dispatcher{dispatcher_.ref()};
    SKERRY_CHECK(dispatcher.configure(root_.ref(), well_known::vspace_root, frame_.ref(), page_, {}));
    SKERRY_CHECK(dispatcher.bind(endpoint_.ref(), 1));
    return dispatcher.start();
}

void Child::end(Tally& tally) {
    if (!made()) return;
    (void)DispatcherCap{dispatcher_.ref()}.stop().ok();
    tally.add(player_->tally());
    if (page_ != 0) (void)self_.space().unmap(std::exchange(page_, 0), capabilities::dispatcher_frame_size).ok();
    self_.ram().source().release(std::exchange(block_, {}));
    for (Owned* slot : {&root_, &frame_, &vspace_, &dispatcher_, &endpoint_, &sender_, &notify_, &ram_}) slot->reset();
    player_.reset();
}

bool Child::alive() const {
    auto state = DispatcherCap{dispatcher_.ref()}.read_state();
    if (!state.ok()) return false;
    using capabilities::DispatcherState;
    return state->state == DispatcherState::runnable || state->state == DispatcherState::blocked;
}

// Every upcall begins here, on an empty stack; what was interrupted is forgotten.
void Child::enter() {
    auto stack = reinterpret_cast<uint64_t>(__builtin_frame_address(0)) & ~(stack_bytes - 1);
    Child* own = nullptr;
    std::memcpy(&own, reinterpret_cast<const void*>(stack), sizeof own);
    own->live();
}

void Child::live() {
    for (;;) {
        static_cast<volatile DispatcherPage&>(page()).disabled = whims_.one_in(200);
        if (whims_.one_in(32)) platform::pause();  // where virtual cores take turns, the next one's
        player_->step();
    }
}

Answer Child::trap(const Trap& trap) {
    platform::RawCall call{};
    call.number = trap.number;
    std::memcpy(call.word, trap.word, sizeof call.word);
    skerry_raw_call(&call);
    Answer answer{.known = true, .error = static_cast<Error>(call.error)};
    std::memcpy(answer.value, call.value, sizeof answer.value);
    return answer;
}

void Child::scribble(uint64_t offset, uint64_t value) {
    SKERRY_ASSERT(offset + sizeof value <= capabilities::dispatcher_frame_size);
    std::memcpy(reinterpret_cast<void*>(page_ + offset), &value, sizeof value);
}

}  // namespace skerry::usr::hostile
