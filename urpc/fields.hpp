// What a message may be made of, and how each kind travels as 64-bit words (little-endian):
//
//   integer, bool, enum     1 word; signed ones sign-extended; a value that does not fit the type is refused,
//                           and so is an enum value from `count_` on, where the enum has one
//   base::Strong, Address   as its integer
//   String<N>, Bytes<N>     1 word length in bytes (at most N), then the bytes in use, 8 a word
//   std::array<uint8_t, N>  N bytes, 8 a word; of other things: one after the other
//   a plain struct          its fields in order (at most 12)
#pragma once

#include <array>
#include <concepts>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>

#include "platforms/base/assert.hpp"
#include "platforms/base/ids.hpp"
#include "urpc/line.hpp"
#include "urpc/reflect.hpp"

namespace skerry::urpc {

// A byte sequence of at most N bytes, held in place. Only the bytes in use travel.
template <typename Unit, size_t N>
struct Sequence {
    static_assert(sizeof(Unit) == 1);
    static constexpr size_t capacity = N;
    uint32_t length = 0;
    Unit data[N] = {};

    std::span<const Unit> span() const { return {data, length}; }
    constexpr size_t size() const { return length; }
    // Takes what fits; returns false if something was cut off.
    constexpr bool assign(std::span<const Unit> from) {
        length = static_cast<uint32_t>(from.size() < N ? from.size() : N);
        for (size_t i = 0; i < length; ++i) data[i] = from[i];
        return from.size() <= N;
    }
    constexpr bool operator==(const Sequence& other) const {
        if (length != other.length) return false;
        for (size_t i = 0; i < length; ++i) {
            if (data[i] != other.data[i]) return false;
        }
        return true;
    }
};

template <size_t N>
struct Bytes : Sequence<uint8_t, N> {};

template <size_t N>
struct String : Sequence<char, N> {
    constexpr String() = default;
    template <size_t M>
    requires(M <= N + 1) constexpr String(const char (&literal)[M]) { this->assign({literal, M - 1}); }
    // Cuts what does not fit, and is therefore spelt out at the place of use.
    static constexpr String cut(std::string_view text) {
        String result;
        result.assign({text.data(), text.size()});
        return result;
    }
    constexpr std::string_view view() const { return {this->data, this->length}; }
    constexpr bool operator==(const String&) const = default;
};

// What a message's words are read from: running off the end is remembered, not done. Each word is read once.
template <typename Words>
class Reader {
  public:
    explicit Reader(const Words& words) : words_(words) {}
    uint64_t next() {
        if (used_ >= words_.size()) {
            failed_ = true;
            return 0;
        }
        return words_[used_++];
    }
    void bytes(void* to, size_t count) {
        for (size_t done = 0; done < count; done += 8) {
            uint64_t word = next();
            std::memcpy(static_cast<uint8_t*>(to) + done, &word, count - done < 8 ? count - done : 8);
        }
    }
    void fail() { failed_ = true; }
    bool failed() const { return failed_; }
    size_t used() const { return used_; }

  private:
    Words words_;
    size_t used_ = 0;
    bool failed_ = false;
};
using WordReader = Reader<std::span<const uint64_t>>;  // a message that was received whole

// Straight from a line of the ring, of which no more is read than the message has: its owner may write meanwhile, but a
// word that was read is ours.
struct LineWords {
    const Line& line;
    static constexpr size_t size() { return payload_words; }
    // Relaxed: after an acquire of the header.
    uint64_t operator[](size_t i) const { return line.payload[i].load(std::memory_order_relaxed); }
};
using LineReader = Reader<LineWords>;

class WordWriter {
  public:
    explicit WordWriter(std::span<uint64_t> words) : words_(words) {}
    void put(uint64_t word) {
        SKERRY_ASSERT(used_ < words_.size());
        words_[used_++] = word;
    }
    void bytes(const void* from, size_t count) { write_bytes(*this, from, count); }
    // Zeros up to a whole number of lines, at least one.
    void end_line() {
        if (used_ == 0) put(0);
        size_t rest = (payload_words - used_ % payload_words) % payload_words;
#pragma GCC unroll 7
        for (size_t i = 0; i < rest; ++i) put(0);
    }
    size_t used() const {
        return used_;
    }

    template <typename Out>
    static void write_bytes(Out& out, const void* from, size_t count) {
        for (size_t done = 0; done < count; done += 8) {
            uint64_t word = 0;
            std::memcpy(&word, static_cast<const uint8_t*>(from) + done, count - done < 8 ? count - done : 8);
            out.put(word);
        }
    }

  private:
    std::span<uint64_t> words_;
    size_t used_ = 0;
};

// Straight into a line of the ring, for messages that fit into one. What the message does not use keeps what an earlier
// message of the same writer left there.
class LineWriter {
  public:
    explicit LineWriter(Line& line) : line_(line) {}
    void put(uint64_t word) {
        SKERRY_ASSERT(used_ < payload_words);
        line_.payload[used_++].store(word, std::memory_order_relaxed);  // the header's release publishes it
    }
    void bytes(const void* from, size_t count) { WordWriter::write_bytes(*this, from, count); }

  private:
    Line& line_;
    size_t used_ = 0;
};

// A hash (FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv) over names and shapes.
struct Hash {
    uint64_t value = 0xcbf29ce484222325;
    constexpr Hash& add(std::string_view text) {
        for (char c : text) value = (value ^ static_cast<uint8_t>(c)) * 0x100000001b3;
        return add(text.size());
    }
    constexpr Hash& add(uint64_t number) {
        for (int i = 0; i < 8; ++i) value = (value ^ (number >> 8 * i & 0xff)) * 0x100000001b3;
        return *this;
    }
};
template <typename T>
consteval std::string_view type_name() {
    return __PRETTY_FUNCTION__;  // names T, in the compiler's words: all programs of a system share a
                                 // compiler
}

// Field<T>: max_words, write(), read() and describe() of each kind. A type without one cannot be in a
// message.
template <typename T>
struct Field;

template <std::integral T>
struct Field<T> {
    static constexpr size_t max_words = 1;
    static void write(auto& out, T value) { out.put(static_cast<uint64_t>(value)); }
    static void read(auto& in, T& value) {
        uint64_t word = in.next();
        value = static_cast<T>(word);
        if (static_cast<uint64_t>(value) != word) in.fail();
    }
    static constexpr void describe(Hash& hash) {
        hash.add(std::same_as<T, bool> ? "bool" : std::is_signed_v<T> ? "signed" : "unsigned").add(sizeof(T));
    }
};

template <typename T>
requires std::is_enum_v<T>
struct Field<T> {
    using Rep = std::underlying_type_t<T>;
    static constexpr size_t max_words = 1;
    static void write(auto& out, T value) { Field<Rep>::write(out, static_cast<Rep>(value)); }
    static void read(auto& in, T& value) {
        Rep rep{};
        Field<Rep>::read(in, rep);
        value = static_cast<T>(rep);
        if constexpr (requires { T::count_; }) {
            if (value >= T::count_ || value < T{}) in.fail();
        }
    }
    static constexpr void describe(Hash& hash) {
        Field<Rep>::describe(hash.add("enum").add(type_name<T>()));
        if constexpr (requires { T::count_; }) hash.add(static_cast<uint64_t>(T::count_));
    }
};

template <typename T>
concept StrongInteger = requires(const T& id) {
    []<typename Tag, typename Rep>(const base::Strong<Tag, Rep>&) {}(id);
};
template <StrongInteger T>
struct Field<T> {
    using Rep = decltype(T::value);
    static constexpr size_t max_words = 1;
    static void write(auto& out, T id) { Field<Rep>::write(out, id.value); }
    static void read(auto& in, T& id) { Field<Rep>::read(in, id.value); }
    static constexpr void describe(Hash& hash) { Field<Rep>::describe(hash.add(type_name<T>())); }
};

template <typename T>
concept ByteSequence = requires(const T& t) {
    []<typename Unit, size_t N>(const Sequence<Unit, N>&) {}(t);
};
template <ByteSequence T>
struct Field<T> {
    static constexpr size_t max_words = 1 + (T::capacity + 7) / 8;
    static void write(auto& out, const T& value) {
        SKERRY_ASSERT(value.length <= T::capacity);
        out.put(value.length);
        out.bytes(value.data, value.length);
    }
    static void read(auto& in, T& value) {
        uint64_t length = in.next();
        if (length > T::capacity) return in.fail();
        value.length = static_cast<uint32_t>(length);
        in.bytes(value.data, length);
    }
    static constexpr void describe(Hash& hash) { hash.add("sequence").add(T::capacity); }
};

template <typename T>
concept IsArray = requires(const T& t) {
    []<typename Element, size_t N>(const std::array<Element, N>&) {}(t);
};
template <typename T, size_t N>
struct Field<std::array<T, N>> {
    static constexpr bool packed = sizeof(T) == 1 && std::is_integral_v<T> && !std::same_as<T, bool>;
    static constexpr size_t max_words = [] {
        if constexpr (packed)
            return (N + 7) / 8;
        else
            return N * Field<T>::max_words;
    }();
    static void write(auto& out, const std::array<T, N>& value) {
        if constexpr (packed)
            out.bytes(value.data(), N);
        else
            for (const T& element : value) Field<T>::write(out, element);
    }
    static void read(auto& in, std::array<T, N>& value) {
        if constexpr (packed)
            in.bytes(value.data(), N);
        else
            for (T& element : value) Field<T>::read(in, element);
    }
    static constexpr void describe(Hash& hash) { Field<T>::describe(hash.add("array").add(N)); }
};

// A plain struct: its fields one after the other. A message is one of these.
template <typename T>
requires(PlainStruct<T> && !StrongInteger<T> && !ByteSequence<T>) struct Field<T> {
    static constexpr size_t max_words =
        fold_fields<T>([]<typename... F>(TypeList<F...>) { return (size_t{0} + ... + Field<F>::max_words); });
    static void write(auto& out, const T& value) {
        visit_fields(value, [&]<typename... F>(const F&... field) { (Field<F>::write(out, field), ...); });
    }
    static void read(auto& in, T& value) {
        visit_fields(value, [&]<typename... F>(F&... field) { (Field<F>::read(in, field), ...); });
    }
    static constexpr void describe(Hash& hash) {
        hash.add("struct");
        fold_fields<T>([&]<typename... F>(TypeList<F...>) { (Field<F>::describe(hash), ...); });
        hash.add("end");
    }
};

}  // namespace skerry::urpc
