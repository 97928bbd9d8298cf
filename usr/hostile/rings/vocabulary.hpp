// Valid messages of any protocol: each field gets a value of its kind, small, at an edge or anything.
#pragma once

#include "urpc/protocol.hpp"
#include "usr/hostile/rings/scribbler.hpp"

namespace skerry::usr::hostile {

template <std::integral T>
void fill(Random& random, T& value) {
    value = static_cast<T>(random.one_in(2) ? random.below(8) : random.awkward());
}
template <typename T>
requires std::is_enum_v<T>
void fill(Random& random, T& value) {
    if constexpr (requires { T::count_; }) {
        value = static_cast<T>(random.below(static_cast<uint64_t>(T::count_)));
    } else {
        value = static_cast<T>(random.below(8));
    }
}
template <urpc::StrongInteger T>
void fill(Random& random, T& id) {
    fill(random, id.value);
}
// Mostly none: one that never came ends the channel.
inline void fill(Random& random, urpc::Capability& value) {
    value.slot = random.one_in(20) ? random.awkward() : 0;
}
// Letters, and no program's name.
template <urpc::ByteSequence T>
void fill(Random& random, T& value) {
    size_t most = random.one_in(8) ? T::capacity : std::min<size_t>(T::capacity, 8);
    value.length = static_cast<uint32_t>(random.below(most + 1));
    for (uint32_t i = 0; i < value.length; ++i) value.data[i] = i % 2 == 0 ? 'q' : 'z';
}
template <urpc::PlainStruct T>
requires(!urpc::StrongInteger<T> && !urpc::ByteSequence<T> && !urpc::IsArray<T>) void fill(Random& random, T& value);
template <urpc::IsArray T>
void fill(Random& random, T& value) {
    for (auto& element : value) fill(random, element);
}
template <urpc::PlainStruct T>
requires(!urpc::StrongInteger<T> && !urpc::ByteSequence<T> && !urpc::IsArray<T>) void fill(Random& random, T& value) {
    urpc::visit_fields(value, [&](auto&... field) { (fill(random, field), ...); });
}

// Requests and messages one way, each as often as another.
template <typename P>
class AnyMessage;
template <typename... M>
class AnyMessage<urpc::Protocol<M...>> : public Vocabulary {
    using P = urpc::Protocol<M...>;

  public:
    Phrase compose(Random& random, std::span<uint64_t, urpc::max_message_words> words) override {
        Phrase phrase;
        while (phrase.opcode == 0) {
            uint64_t wanted = random.below(sizeof...(M)), at = 0;
            ((at++ == wanted && (phrase = one<M>(random, words), true)) || ...);
        }
        return phrase;
    }
    uint64_t hash() const override { return P::hash; }
    uint8_t opcodes() const override { return sizeof...(M); }

  private:
    template <typename T>
    static Phrase one(Random& random, std::span<uint64_t> words) {
        if constexpr (P::template is_response<T>) {
            return {};
        } else {
            T message{};
            fill(random, message);
            return {P::template opcode<T>, P::marshal(message, words)};
        }
    }
};

}  // namespace skerry::usr::hostile
