#include "usr/hostile/fuzz/player.hpp"

#include "capabilities/capability.hpp"

namespace skerry::usr::hostile {

using capabilities::SystemCall;
namespace well_known = capabilities::well_known;

void Player::step() {
    if (random_.one_in(2)) {
        valid();
    } else {
        garbage();
    }
}

CapRef Player::ref(uint32_t i) {
    if (i < Stage::slots) return CapRef{Stage::playground, i};
    return CapRef::root_slot(Stage::first_root + i - Stage::slots);
}

uint32_t Player::find(Type type, uint8_t level) {
    auto start = static_cast<uint32_t>(random_.below(table_size));
    for (uint32_t n = 0; n < table_size; ++n) {
        uint32_t i = (start + n) % table_size;
        if (known_[i].type == type && (level == 0 || known_[i].level == level)) return i;
    }
    return none;
}

uint32_t Player::find_any() {
    auto start = static_cast<uint32_t>(random_.below(table_size));
    for (uint32_t n = 0; n < table_size; ++n) {
        uint32_t i = (start + n) % table_size;
        if (known_[i].type != Type::null) return i;
    }
    return none;
}

uint32_t Player::find_empty(bool root) {
    uint32_t first = root ? Stage::slots : 0, count = root ? Stage::roots : Stage::slots;
    auto start = static_cast<uint32_t>(random_.below(count));
    for (uint32_t n = 0; n < count; ++n) {
        uint32_t i = first + (start + n) % count;
        if (known_[i].type == Type::null) return i;
    }
    return none;
}

// What the driver says is there.
void Player::refresh(uint32_t i) {
    Answer answer = invoke(Action::identify, Type::cnode, well_known::root_cnode,
                           capabilities::CNodeOperation::identify, {ref(i).word});
    if (!answer.known) return;
    if (answer.error != Error::none) {
        known_[i] = {};
        return;
    }
    auto type = static_cast<uint8_t>(answer.value[0]);
    known_[i].type = type < capabilities::type_count ? Type{type} : Type::null;
    known_[i].level = static_cast<uint8_t>(answer.value[0] >> 16);
    known_[i].units = static_cast<uint32_t>(answer.value[2] >> 10);
}

Answer Player::trap(Action action, const Trap& trap) {
    ++tally_.tried[static_cast<size_t>(action)];
    last_ = trap;
    Answer answer = system_.trap(trap);
    bool done = answer.known && (answer.error == Error::none || answer.error == Error::again);
    if (done) ++tally_.done[static_cast<size_t>(action)];
    return answer;
}

Answer Player::invoke(Action action, Type type, CapRef target, uint64_t operation, std::array<uint64_t, 6> arguments) {
    Trap call{static_cast<uint64_t>(SystemCall::invoke), {target.word, operation}};
    for (size_t i = 0; i < arguments.size(); ++i) call.word[2 + i] = arguments[i];
    Answer answer = trap(action, call);
    bool done = answer.known && (answer.error == Error::none || answer.error == Error::again);
    if (done && action < first_garbage) ++tally_.by_type[static_cast<size_t>(type)];
    return answer;
}

}  // namespace skerry::usr::hostile
