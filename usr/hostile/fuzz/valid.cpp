// Calls that make sense. Not all succeed: what the table says may be out of date, and ranges may be taken.
#include "capabilities/capability.hpp"
#include "usr/hostile/fuzz/player.hpp"

namespace skerry::usr::hostile {

using capabilities::CNodeOperation;
using capabilities::DispatcherOperation;
using capabilities::Rights;
using capabilities::SendHeader;
using capabilities::SystemCall;
namespace well_known = capabilities::well_known;
namespace map_flags = capabilities::map_flags;

namespace {
constexpr uint64_t kib = 1024, page = 4096;
constexpr uint64_t user_address = 0x4000'0000;  // of dispatcher pages; nothing need be there
constexpr Type made_types[] = {Type::ram,      Type::frame, Type::frame, Type::cnode,
                               Type::endpoint, Type::vnode, Type::vnode, Type::dispatcher};
// How often which: as often as it stands here.
constexpr Action actions[] = {Action::nop,
                              Action::yield,
                              Action::wait,
                              Action::retype,
                              Action::retype,
                              Action::retype,
                              Action::retype,
                              Action::retype,
                              Action::copy,
                              Action::copy,
                              Action::mint,
                              Action::move,
                              Action::move,
                              Action::remove,
                              Action::remove,
                              Action::remove,
                              Action::revoke,
                              Action::identify,
                              Action::identify,
                              Action::map,
                              Action::map,
                              Action::map,
                              Action::protect,
                              Action::configure,
                              Action::configure,
                              Action::start,
                              Action::stop,
                              Action::reserve,
                              Action::bind,
                              Action::make_notify,
                              Action::set_domain,
                              Action::read_state,
                              Action::poke,
                              Action::send,
                              Action::send,
                              Action::send_capability,
                              Action::send_capability,
                              Action::connect,
                              Action::counter,
                              Action::clean};
}  // namespace

void Player::valid() {
    using enum Action;
    Action action = random_.one_of(actions);
    switch (action) {
        case retype:
            return make();
        case copy:
        case mint:
        case move:
            return duplicate(action);
        case remove:
        case revoke:
            return take_away(action);
        case identify:
        case clean:
            return look();
        case Action::map:
            return map_something();
        case Action::protect:
            return protect_something();
        case Action::configure:
            return configure_one();
        case start:
        case stop:
        case reserve:
        case set_domain:
        case read_state:
        case make_notify:
            return manage(action);
        case Action::bind:
            return bind_one();
        case poke:
            return notify();
        case send:
        case send_capability:
            return talk(action);
        case Action::connect:
            return connect_one();
        default:
            return system_call(action);
    }
}

void Player::make() {
    Type type = random_.one_of(made_types);
    uint64_t size = page;
    uint8_t level = 0;
    bool root = type == Type::cnode && random_.one_in(2);
    if (type == Type::ram) size = page << random_.below(5);
    if (type == Type::frame) size = random_.one_in(100) ? 128 * kib : page << random_.below(3);
    if (type == Type::cnode) size = root ? 4 * page : kib << random_.below(3);
    if (type == Type::endpoint) size = kib << random_.below(3);
    if (type == Type::vnode) level = static_cast<uint8_t>(1 + random_.below(4));

    CapRef source = Stage::ram();
    uint64_t available = stage_.ram_bytes;
    uint32_t part = random_.one_in(5) ? find(Type::ram) : none;
    if (part != none && known_[part].units * kib > size) {
        source = ref(part);
        available = known_[part].units * kib;
    }
    uint32_t slot = find_empty(root);
    if (slot == none) return take_away(Action::remove);
    uint64_t offset = random_.below(available / size) * size;
    Answer made =
        invoke(Action::retype, type, well_known::root_cnode, CNodeOperation::retype,
               {ref(slot).word, source.word, static_cast<uint64_t>(type) | uint64_t{level} << 8, offset, size, 1});
    if (made.known && made.error == Error::none) known_[slot] = {type, level, static_cast<uint32_t>(size / kib)};
    if (made.known && made.error == Error::slot_occupied) refresh(slot);
    if (made.known && made.error == Error::no_capability && part != none) refresh(part);
}

void Player::duplicate(Action action) {
    uint32_t source = find_any(), slot = find_empty(random_.one_in(20));
    if (source == none) return make();
    if (slot == none) return take_away(Action::remove);
    CNodeOperation operation = action == Action::copy   ? CNodeOperation::copy
                               : action == Action::mint ? CNodeOperation::mint
                                                        : CNodeOperation::move;
    uint64_t badge = known_[source].type == Type::endpoint && random_.one_in(2) ? random_.below(100) : 0;
    uint64_t mask = random_.one_in(3) ? random_.below(256) : static_cast<uint64_t>(Rights::all);
    Answer done = invoke(action, known_[source].type, well_known::root_cnode, operation,
                         {ref(slot).word, ref(source).word, mask, badge});
    if (!done.known) return;
    if (done.error != Error::none) return refresh(random_.one_in(2) ? source : slot);
    known_[slot] = known_[source];
    if (action == Action::move) known_[source] = {};
}

void Player::take_away(Action action) {
    uint32_t slot = find_any();
    if (slot == none) return make();
    CNodeOperation operation = action == Action::remove ? CNodeOperation::delete_ : CNodeOperation::revoke;
    Answer done = invoke(action, known_[slot].type, well_known::root_cnode, operation, {ref(slot).word});
    if (!done.known) return;
    if (action == Action::remove && done.error == Error::none) known_[slot] = {};
    if (done.error == Error::no_capability) known_[slot] = {};
}

void Player::look() {
    uint32_t frame = find(Type::frame);
    if (random_.one_in(3) && frame != none) {
        (void)invoke(Action::clean, Type::frame, ref(frame), capabilities::FrameOperation::clean);
        return;
    }
    refresh(static_cast<uint32_t>(random_.below(table_size)));
}

void Player::map_something() {
    auto level = static_cast<uint8_t>(1 + random_.below(4));
    uint32_t table = find(Type::vnode, level), slot = find_empty();
    uint32_t source = level == 1 ? find(Type::frame) : find(Type::vnode, static_cast<uint8_t>(level - 1));
    if (table == none || source == none || slot == none) return make();
    static constexpr uint64_t accesses[] = {map_flags::read, map_flags::read | map_flags::write,
                                            map_flags::read | map_flags::execute};
    uint64_t pages = known_[source].units * kib / page;
    uint64_t entries = level == 1 && pages > 1 ? 1 + random_.below(pages) : 1;
    uint64_t offset = level == 1 && pages > entries ? random_.below(pages - entries + 1) * page : 0;
    bool remote = stage_.remote && level == 1 && entries == 1 && random_.one_in(4);
    CapRef from = remote ? Stage::remote_frame : ref(source);
    uint64_t flags = random_.one_of(accesses) | random_.below(3) << map_flags::attribute_shift;
    Answer done = invoke(Action::map, Type::vnode, ref(table), capabilities::VNodeOperation::map,
                         {random_.below(level == 4 ? 250 : 500), from.word, ref(slot).word, flags, offset, entries});
    if (!done.known) return;
    if (done.error == Error::none) known_[slot] = {Type::mapping, level, static_cast<uint32_t>(entries * 4)};
    if (done.error == Error::unclean) {
        (void)invoke(Action::clean, Type::frame, ref(source), capabilities::FrameOperation::clean);
    } else if (done.error != Error::none) {
        refresh(random_.one_in(2) ? source : table);
    }
}

void Player::protect_something() {
    uint32_t mapping = find(Type::mapping);
    if (mapping == none) return map_something();
    static constexpr uint64_t accesses[] = {map_flags::read, map_flags::read | map_flags::write};
    Answer done = invoke(Action::protect, Type::mapping, ref(mapping), capabilities::MappingOperation::protect,
                         {random_.one_of(accesses)});
    if (done.known && done.error != Error::none) refresh(mapping);
}

void Player::configure_one() {
    uint32_t dispatcher = find(Type::dispatcher), frame = none;
    for (int tries = 0; tries < 4 && (frame == none || known_[frame].units < 16); ++tries) frame = find(Type::frame);
    if (dispatcher == none || frame == none) return make();
    uint32_t cspace = random_.one_in(2) ? find(Type::cnode) : none;
    uint32_t vspace = random_.one_in(2) ? find(Type::vnode, 4) : none;
    uint32_t fault = random_.one_in(2) ? find(Type::endpoint) : none;
    Answer done = invoke(Action::configure, Type::dispatcher, ref(dispatcher), DispatcherOperation::configure,
                         {own_or(cspace, well_known::root_cnode).word, own_or(vspace, well_known::vspace_root).word,
                          ref(frame).word, user_address + random_.below(64) * page, own_or(fault, CapRef{}).word});
    if (!done.known) return;
    if (done.error == Error::no_capability) return refresh(random_.one_in(2) ? dispatcher : frame);
    if (done.error == Error::none && random_.one_in(2)) {
        (void)invoke(Action::start, Type::dispatcher, ref(dispatcher), DispatcherOperation::start);
    }
}

// On a dispatcher that it made, or, where that cannot end it, on its own.
void Player::manage(Action action) {
    uint32_t slot = find(Type::dispatcher);
    bool own = random_.one_in(3) && action != Action::stop && action != Action::set_domain;
    if (slot == none && !own) return make();
    CapRef target = own ? well_known::dispatcher : ref(slot);
    uint32_t notify = none;
    std::array<uint64_t, 6> arguments{};
    DispatcherOperation operation = DispatcherOperation::read_state;
    if (action == Action::start) operation = DispatcherOperation::start;
    if (action == Action::stop) operation = DispatcherOperation::stop;
    if (action == Action::set_domain) operation = DispatcherOperation::set_domain, arguments[0] = random_.next();
    if (action == Action::reserve) {
        operation = DispatcherOperation::reserve;
        bool hard = random_.one_in(4);
        arguments = {hard, 1 + random_.below(200), 0};
        if (hard) arguments[1] = 100'000, arguments[2] = 10'000'000 + random_.below(90'000'000);
    }
    if (action == Action::make_notify) {
        operation = DispatcherOperation::make_notify;
        notify = find_empty();
        if (notify == none) return take_away(Action::remove);
        arguments[0] = ref(notify).word;
    }
    Answer done = invoke(action, Type::dispatcher, target, operation, arguments);
    if (!done.known) return;
    if (done.error == Error::none && notify != none) known_[notify] = {Type::notify, 0, 0};
    if (done.error == Error::slot_occupied) refresh(notify);
    if (done.error == Error::no_capability && !own) refresh(slot);
}

void Player::bind_one() {
    uint32_t endpoint = find(Type::endpoint), dispatcher = random_.one_in(2) ? find(Type::dispatcher) : none;
    if (endpoint == none) return make();
    Answer done = invoke(Action::bind, Type::endpoint, own_or(dispatcher, well_known::dispatcher),
                         DispatcherOperation::bind, {ref(endpoint).word, random_.below(1000)});
    if (done.known && done.error == Error::no_capability) refresh(endpoint);
}

void Player::notify() {
    uint32_t slot = random_.one_in(2) ? find(Type::notify) : none;
    Answer done =
        invoke(Action::poke, Type::notify, own_or(slot, well_known::self_notify), capabilities::NotifyOperation::poke);
    if (done.known && done.error != Error::none && slot != none) refresh(slot);
}

void Player::talk(Action action) {
    CapRef endpoint = well_known::self_endpoint;
    uint32_t slot = find(Type::endpoint);
    if (slot != none && random_.one_in(2)) {
        endpoint = ref(slot);
    } else if (stage_.peers > 0 && random_.one_in(2)) {
        endpoint = Stage::peer(static_cast<uint32_t>(random_.below(stage_.peers)));
    }
    auto length = static_cast<uint32_t>(random_.below(11));
    SendHeader header = SendHeader::words(length);
    uint32_t carried = action == Action::send_capability ? find_any() : none;
    if (carried != none && carried < Stage::slots) header = SendHeader::with_cap(length, ref(carried));
    Trap call{static_cast<uint64_t>(SystemCall::send), {endpoint.word, header.word}};
    for (uint32_t i = 0; i < length; ++i) call.word[2 + i] = random_.next();
    Answer done = trap(header.has_cap() ? Action::send_capability : Action::send, call);
    if (done.known && done.error == Error::none) ++tally_.by_type[static_cast<size_t>(Type::endpoint)];
    if (done.known && done.error == Error::no_capability && carried != none) refresh(carried);
}

void Player::connect_one() {
    uint32_t dispatcher = find(Type::dispatcher);
    (void)invoke(Action::connect, Type::interrupt, well_known::interrupt, capabilities::InterruptOperation::connect,
                 {random_.below(8), own_or(dispatcher, well_known::dispatcher).word});
}

void Player::system_call(Action action) {
    if (action == Action::counter) {
        (void)invoke(action, Type::performance_counter, well_known::performance_counter,
                     capabilities::PerformanceCounterOperation::read);
        return;
    }
    Trap call;
    if (action == Action::yield) call.number = static_cast<uint64_t>(SystemCall::yield);
    if (action == Action::nop) call.number = static_cast<uint64_t>(SystemCall::nop);
    if (action == Action::wait) {
        call.number = static_cast<uint64_t>(SystemCall::wait);
        call.word[0] = system_.now() + random_.below(200'000);
    }
    (void)trap(action, call);
}

}  // namespace skerry::usr::hostile
