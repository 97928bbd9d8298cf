// A protocol is a C++ type: the list of its messages. No generator.
//
//   struct Pong { uint64_t value; };
//   struct Ping { using Response = Pong; uint64_t value; };        // a call: answered by a Pong
//   struct Log  { String<200> text; };                             // one way
//   using Example = Protocol<Ping, Pong, Log>;                     // opcodes 1, 2, 3
//
// The compiler checks that every message can travel (fields.hpp), fits the largest message, occurs once, that
// every Response is listed, and that a handler takes every message. Protocol::hash covers names and field
// shapes; both sides compare it when they bind.
#pragma once

#include <tuple>

#include "platforms/base/result.hpp"
#include "urpc/capability.hpp"
#include "urpc/line.hpp"

namespace skerry::urpc {

// A received message: whole, and copied into the receiver's own memory.
struct Message {
    uint8_t opcode = 0;
    bool control = false;               // a Control of the library
    uint16_t id = 0;                    // for traces; a response carries its request's
    std::span<const uint64_t> words{};  // whole lines' worth; valid until the next receive
};

template <typename M>
concept CallMessage = requires {
    typename M::Response;
};

template <typename... M>
class Protocol {
    template <typename T>
    static constexpr size_t occurrences = (size_t{0} + ... + std::is_same_v<T, M>);
    template <typename T>
    static constexpr bool response_listed() {
        if constexpr (CallMessage<T>)
            return occurrences<typename T::Response> == 1;
        else
            return true;
    }
    template <typename T, typename R>
    static constexpr bool answers() {
        if constexpr (CallMessage<T>)
            return std::is_same_v<typename T::Response, R>;
        else
            return false;
    }

    static_assert(sizeof...(M) >= 1 && sizeof...(M) <= 255, "opcodes are 1 to 255");
    static_assert((PlainStruct<M> && ...), "messages are plain structs");
    static_assert(((occurrences<M> == 1) && ...), "a message is listed twice");
    static_assert((response_listed<M>() && ...), "the Response of a call is not in the protocol");
    static_assert(((Field<M>::max_words <= max_message_words) && ...), "a message is too long");
    static_assert(((capabilities_in<M>() <= 1) && ...), "a message has at most one capability");

  public:
    template <typename T>
    static constexpr bool contains = occurrences<T> == 1;

    template <typename T>
    requires(contains<T>) static constexpr uint8_t opcode = [] {
        uint8_t position = 0, result = 0;
        ((++position, std::is_same_v<T, M> ? void(result = position) : void()), ...);
        return result;
    }();

    // Is T the answer to some call? Such messages reach the caller; all others reach the handler.
    template <typename T>
    static constexpr bool is_response = (answers<M, T>() || ...);
    static constexpr bool is_response_opcode(uint8_t code) { return ((code == opcode<M> && is_response<M>) || ...); }

    static constexpr bool has_capabilities = (CarriesCapability<M> || ...);
    template <typename T>
    static constexpr size_t max_words_of = Field<T>::max_words;
    static constexpr size_t max_words = [] {
        size_t most = payload_words;
        ((most = Field<M>::max_words > most ? Field<M>::max_words : most), ...);
        return (most + payload_words - 1) / payload_words * payload_words;
    }();
    static constexpr size_t max_lines = max_words / payload_words;

    static constexpr uint64_t hash = [] {
        Hash result;
        (Field<M>::describe(result.add(type_name<M>())), ...);
        return result.value | 1;  // zero stands for "no protocol named"
    }();

    // Fits into one line, whatever its fields hold.
    template <typename T>
    static constexpr bool is_short = max_words_of<T> <= payload_words;

    // Straight into a line of the ring, and out of one.
    template <typename T>
    requires(contains<T>) static void write(const T& message, Line& line) {
        LineWriter writer(line);
        Field<T>::write(writer, message);
    }
    // Error::corrupt: a field is out of its range.
    template <typename T>
    requires(contains<T>) static base::Error read(const Line& line, T& message) {
        LineReader reader(LineWords{line});
        Field<T>::read(reader, message);
        return reader.failed() ? base::Error::corrupt : base::Error::none;
    }
    // Calls take.template operator()<M>() for the message with this opcode. Error::corrupt: there is none.
    template <typename Take>
    static base::Status with(uint8_t code, Take&& take) {
        if (code == 0 || code > sizeof...(M)) [[unlikely]]
            return base::Error::corrupt;
        return search<1, sizeof...(M)>(code, take);
    }

    // Writes the message's fields, and zeros to the end of the line; returns how many words: whole lines' worth. `words`
    // has at least whole_lines(max_words_of<T>).
    template <typename T>
    requires(contains<T>) static size_t marshal(const T& message, std::span<uint64_t> words) {
        WordWriter writer(words);
        Field<T>::write(writer, message);
        writer.end_line();
        return writer.used();
    }

    // Error::corrupt: a field is out of its range, or the number of lines is not what the fields need.
    template <typename T>
    requires(contains<T>) static base::Result<T> unmarshal(std::span<const uint64_t> words) {
        T result{};
        WordReader reader(words);
        Field<T>::read(reader, result);
        size_t lines = reader.used() == 0 ? 1 : (reader.used() + payload_words - 1) / payload_words;
        if (reader.failed() || words.size() != lines * payload_words) return base::Error::corrupt;
        return result;
    }

    // Unmarshals a message and calls handler(message, extra...), whose void or Status is passed on.
    // Error::corrupt: unknown opcode or bad content; the handler was not called.
    template <typename Handler, typename... Extra>
    static base::Status dispatch(const Message& message, Handler&& handler, Extra&&... extra) {
        static_assert((std::is_invocable_v<Handler&, const M&, Extra&...> && ...),
                      "the handler lacks an overload for a message of this protocol");
        base::Status status = base::Error::corrupt;
        ((message.opcode == opcode<M> && (status = deliver<M>(message, handler, extra...), true)) || ...);
        return status;
    }

  private:
    // Halves what may be meant until one is left: no table of jumps, which is one more line to fetch.
    template <size_t First, size_t Last, typename Take>
    [[gnu::always_inline]] static base::Status search(uint8_t code, Take& take) {
        if constexpr (First == Last) {
            return take.template operator()<std::tuple_element_t<First - 1, std::tuple<M...>>>();
        } else {
            constexpr size_t middle = (First + Last) / 2;
            return code <= middle ? search<First, middle>(code, take) : search<middle + 1, Last>(code, take);
        }
    }
    template <typename T, typename Handler, typename... Extra>
    static base::Status deliver(const Message& message, Handler& handler, Extra&... extra) {
        auto fields = unmarshal<T>(message.words);
        if (!fields.ok()) return fields.error();
        const T& value = fields.value();
        if constexpr (std::is_void_v<decltype(handler(value, extra...))>) {
            handler(value, extra...);
            return {};
        } else {
            return handler(value, extra...);
        }
    }
};

}  // namespace skerry::urpc
