// Calls that make no sense, or almost none.
#include "capabilities/interface/dispatcher_page.hpp"
#include "usr/hostile/fuzz/player.hpp"

namespace skerry::usr::hostile {

using capabilities::SystemCall;
namespace well_known = capabilities::well_known;

namespace {
constexpr uint32_t operations = 10;    // more than any type has
constexpr uint64_t own_slot_in = 400;  // so rarely is one of the slots hit that a program lives on
}  // namespace

void Player::garbage() {
    switch (random_.below(8)) {
        case 0:
        case 1:
            return garbage_invocation();
        case 2:
        case 3:
            return wrong_arguments();
        case 4:
            return flipped_bit();
        case 5:
            return garbage_send();
        case 6:
            return garbage_number();
        default:
            return random_.one_in(40) ? scribble() : garbage_invocation();
    }
}

CapRef Player::any_ref() {
    if (stage_.essential && random_.one_in(own_slot_in)) return CapRef{0, static_cast<uint32_t>(random_.below(48))};
    switch (random_.below(8)) {
        case 0:
            return CapRef::root_slot(static_cast<uint32_t>(Stage::first_root + random_.below(Stage::roots)));
        case 1:
            return CapRef{static_cast<uint32_t>(Stage::first_root + random_.below(Stage::roots)),
                          static_cast<uint32_t>(random_.below(64))};
        case 2:
            return CapRef{random_.awkward() | 0xc00};  // anywhere but in the second-level CNode 0
        default:
            return CapRef{Stage::playground, static_cast<uint32_t>(random_.below(Stage::slots + 8))};
    }
}

uint64_t Player::any_word() {
    switch (random_.below(4)) {
        case 0:
            return random_.awkward();
        case 1:
            return random_.below(8) << 12;
        default:
            return any_ref().word;
    }
}

void Player::garbage_invocation() {
    std::array<uint64_t, 6> arguments;
    for (uint64_t& word : arguments) word = any_word();
    uint64_t operation = random_.one_in(8) ? random_.next() : random_.below(operations);
    (void)invoke(Action::garbage_invocation, Type::null, any_ref(), operation, arguments);
}

// The operations of CNodes take part most often in what is hard to get right.
void Player::wrong_arguments() {
    uint32_t slot = find_any();
    bool space = slot == none || random_.one_in(2);
    CapRef target = space ? well_known::root_cnode : ref(slot);
    std::array<uint64_t, 6> arguments;
    for (uint64_t& word : arguments) word = any_word();
    if (space) {
        // Destination and source in the playground; type, offset, size and count are as they come.
        arguments[0] = any_ref().word;
        arguments[1] = random_.one_in(4) ? Stage::ram().word : any_ref().word;
        if (random_.one_in(2)) arguments[2] = random_.below(capabilities::type_count + 1) | random_.below(6) << 8;
        if (random_.one_in(2)) arguments[3] = random_.below(stage_.ram_bytes + 1);
        if (random_.one_in(2)) arguments[4] = uint64_t{512} << random_.below(9);
        arguments[5] = random_.one_in(2) ? random_.below(80) : random_.awkward();
    }
    (void)invoke(Action::wrong_arguments, Type::null, target, random_.below(operations), arguments);
}

void Player::flipped_bit() {
    Trap call = last_;
    uint64_t which = random_.below(13);
    uint64_t& word = which == 12 ? call.number : call.word[which];
    word ^= uint64_t{1} << random_.below(64);
    // A wait for ever is the end of a program that nobody pokes.
    if (call.number == static_cast<uint64_t>(SystemCall::wait)) call.word[0] = system_.now() + random_.below(100'000);
    (void)trap(Action::flipped_bit, call);
}

void Player::garbage_send() {
    CapRef endpoint = any_ref();
    if (random_.one_in(4)) endpoint = well_known::self_endpoint;
    if (random_.one_in(4) && stage_.peers > 0)
        endpoint = Stage::peer(static_cast<uint32_t>(random_.below(stage_.peers)));
    uint64_t header = random_.one_in(2) ? random_.next() : random_.below(64) | any_ref().word << 32;
    Trap call{static_cast<uint64_t>(SystemCall::send), {endpoint.word, header}};
    for (uint32_t i = 2; i < 12; ++i) call.word[i] = any_word();
    (void)trap(Action::garbage_send, call);
}

void Player::garbage_number() {
    Trap call;
    for (uint64_t& word : call.word) word = any_word();
    if (random_.one_in(2)) {
        call.number = random_.awkward() & ~capabilities::own_call_bit;
        (void)trap(Action::foreign_number, call);
        return;
    }
    call.number = capabilities::own_call_bit | (random_.one_in(2) ? 5 + random_.below(8) : random_.next());
    (void)trap(Action::garbage_number, call);
}

void Player::scribble() {
    ++tally_.tried[static_cast<size_t>(Action::scribble)];
    // Of the page itself what the driver reads; of the save areas anything.
    bool fields = random_.one_in(8);
    uint64_t offset = fields ? random_.below(16) * 8 : 4096 + random_.below(3 * 512) * 8;
    if (!fields && random_.one_in(2)) offset = capabilities::disabled_area_offset + random_.below(90) * 8;
    system_.scribble(offset, any_word());
    ++tally_.done[static_cast<size_t>(Action::scribble)];
}

}  // namespace skerry::usr::hostile
