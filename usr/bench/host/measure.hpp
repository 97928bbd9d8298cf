// What is done with every queue: round trips, several in flight, one way, in batches.
#pragma once

#include <memory>
#include <utility>

#include "platform/user/ordered_counter.hpp"
#include "usr/bench/host/queues.hpp"

namespace skerry::bench_host {

// What a side does that found nothing, or no room: looks again at once, after the processor's pause, or when its look is done:
// then one load is under way at a time (README).
struct Spin {
    void idle() {}
};
struct Pause {
    void idle() { platform::pause(); }
};
struct Fence {
    void idle() { platform::await_loads(); }
};

// Eight laps of every ring first, and more: a line costs more in its first ones.
constexpr uint32_t warm_up = 8 * most_lines, round_trip_count = 128, message_count = 2048;

using Pair [[gnu::vector_size(16), gnu::may_alias, gnu::aligned(8)]] = uint64_t;

// Written where it lies, its first and its last words, by stores of 16 bytes: what copies it then, by 8 bytes at a time or by
// 16, reads each word out of one store, and no way waits for stores to leave the core where another one need not.
template <typename Message>
void number(Message& message, uint64_t number) {
    const Pair both = {number, number};
    *reinterpret_cast<Pair*>(&message[0]) = both;
    *reinterpret_cast<Pair*>(&message[message.size() - 2]) = both;
}
template <typename Message>
void check(const Message& message, uint64_t number) {
    if (message[0] != number || message[message_words - 1] != number) fail("a message is wrong or out of order");
}

// A message made of values, without an array that was stored before: all of its words are `number`.
template <typename Message>
Message numbered(uint64_t number) {
    return [&]<size_t... i>(std::index_sequence<i...>) {
        return Message{(static_cast<void>(i), number)...};
    }
    (std::make_index_sequence<std::tuple_size_v<Message>>());
}
// Bits in which a message's words differ from what they should be: of its first six, and of the last one that we carry.
struct Differences {
    Pair pairs = {0, 0};
    uint64_t last = 0;
};
// From `number`; by 16 bytes, as the words lie there.
template <typename Message>
Differences differences(const Message& message, uint64_t number) {
    const Pair both = {number, number};
    Pair found = {0, 0};
#pragma GCC unroll 3
    for (size_t i = 0; i < message_words / 2; ++i) found |= *reinterpret_cast<const Pair*>(&message[2 * i]) ^ both;
    return {found, message[message_words - 1] ^ number};
}

template <typename Side, typename Wait, typename Message>
void receive_next(Side& side, Wait& wait, Message& message) {
    while (!side.receive(message)) wait.idle();
}
template <typename Side, typename Wait, typename Message>
void send_next(Side& side, Wait& wait, const Message& message) {
    while (!side.send(message)) wait.idle();
}

// All loops below are flattened: each way is inlined whole into them, whatever is compiled beside it (README).

// Ticks for `round_trip_count` messages there and back, one at a time.
template <typename Queue, typename Wait>
uint64_t round_trips(Duo& duo) {
    using Message = typename Queue::Message;
    auto queue = std::make_unique<Queue>();
    constexpr uint64_t all = warm_up + round_trip_count;
    uint64_t ticks = 0;
    duo.run(
        [&]() __attribute__((flatten)) {
            typename Queue::Side side(*queue, false);
            Wait wait;
            Message message;
            for (uint64_t i = 0; i < all; ++i) {
                receive_next(side, wait, message);
                send_next(side, wait, message);
            }
        },
        [&]() __attribute__((flatten)) {
            typename Queue::Side side(*queue, true);
            Wait wait;
            Message message, out{};
            uint64_t begin = 0;
            for (uint64_t i = 0; i < all; ++i) {
                if (i == warm_up) begin = read_counter();
                number(out, i);
                send_next(side, wait, out);
                receive_next(side, wait, message);
                check(message, i);
            }
            ticks = read_counter() - begin;
        });
    return ticks;
}

// Ticks for `message_count` messages there and as many back, `window` on their way at any time.
template <typename Queue, typename Wait>
uint64_t in_flight(Duo& duo, uint64_t window) {
    using Message = typename Queue::Message;
    auto queue = std::make_unique<Queue>();
    constexpr uint64_t all = warm_up + message_count;
    uint64_t ticks = 0;
    duo.run(
        [&]() __attribute__((flatten)) {
            typename Queue::Side side(*queue, false);
            Wait wait;
            Message message;
            for (uint64_t i = 0; i < all; ++i) {
                while (!side.receive(message)) wait.idle();
                while (!side.send(message)) wait.idle();
            }
        },
        [&]() __attribute__((flatten)) {
            typename Queue::Side side(*queue, true);
            Wait wait;
            Message message, out{};
            uint64_t begin = read_counter(), sent = 0;
            number(out, 0);
            for (uint64_t received = 0; received < all;) {
                while (sent < all && sent - received < window && side.send(out)) number(out, ++sent);
                if (!side.receive(message)) {
                    wait.idle();
                    continue;
                }
                check(message, received);
                if (++received == warm_up) begin = read_counter();
            }
            ticks = read_counter() - begin;
        });
    return ticks;
}

// Batches where there is a way for them; one message as one message.
template <typename Side, typename Message>
size_t receive_some(Side& side, Message* messages, size_t batch) {
    if constexpr (requires { side.receive_batch(messages, batch); }) {
        if (batch > 1) return side.receive_batch(messages, batch);
    }
    size_t count = 0;
    while (count < batch && side.receive(messages[count])) ++count;
    return count;
}
template <typename Side, typename Wait, typename Message>
void send_all(Side& side, Wait& wait, const Message* messages, size_t batch) {
    size_t count = 0;
    if constexpr (requires { side.send_batch(messages, batch); }) {
        while (batch > 1 && count < batch) {
            size_t now = side.send_batch(messages + count, batch - count);
            if (now == 0) wait.idle();
            count += now;
        }
    }
    for (; count < batch; ++count) send_next(side, wait, messages[count]);
}

// A load waits for an earlier store whose address has the same lowest 12 bits. Rings begin at a page or up to four lines behind; messages
// here, 16 lines behind, so that the next dozen of lines of a batch of 32 has no bits in common with those just copied, on either side.
template <typename Message>
struct Batch {
    alignas(4096) std::array<uint64_t, 128> gap;
    std::array<Message, most_in_batch> messages{};
};

// Ticks for `message_count` messages one way, `batch` handed over at once, from the first to the word that all came.
template <typename Queue, typename Wait>
uint64_t one_way(Duo& duo, size_t batch) {
    using Message = typename Queue::Message;
    auto queue = std::make_unique<Queue>();
    constexpr uint64_t all = warm_up + message_count;
    uint64_t ticks = 0;
    duo.run(
        [&]() __attribute__((flatten)) {
            typename Queue::Side side(*queue, false);
            Wait wait;
            Batch<Message> out_of_the_way;
            auto& messages = out_of_the_way.messages;
            for (uint64_t received = 0; received < all;) {
                size_t count = receive_some(side, messages.data(), batch);
                if (count == 0) wait.idle();
                for (size_t i = 0; i < count; ++i) check(messages[i], received++);
            }
            send_next(side, wait, messages[0]);
        },
        [&]() __attribute__((flatten)) {
            typename Queue::Side side(*queue, true);
            Wait wait;
            Batch<Message> out_of_the_way;
            auto& messages = out_of_the_way.messages;
            uint64_t begin = 0;
            for (uint64_t sent = 0; sent < all; sent += batch) {
                if (begin == 0 && sent >= warm_up) begin = read_counter();
                for (size_t i = 0; i < batch; ++i) number(messages[i], sent + i);
                send_all(side, wait, messages.data(), batch);
            }
            receive_next(side, wait, messages[0]);
            ticks = read_counter() - begin;
        });
    return ticks;
}

// The same, and no message lies anywhere but in the ring: composed there from its number, and seven of its words looked at there.
template <typename Queue, typename Wait>
uint64_t one_way_in_place(Duo& duo, size_t batch) {
    using Message = typename Queue::Message;
    auto queue = std::make_unique<Queue>();
    constexpr uint64_t all = warm_up + message_count;
    uint64_t ticks = 0;
    duo.run(
        [&]() __attribute__((flatten)) {
            typename Queue::Side side(*queue, false);
            Wait wait;
            for (uint64_t received = 0; received < all;) {
                Pair wrong = {0, 0};
                uint64_t last_wrong = 0;
                size_t count = side.use_batch(batch, [&](const auto& message) {
                    auto [pairs, last] = differences(message, received++);
                    wrong |= pairs;
                    last_wrong |= last;
                });
                if (count == 0) wait.idle();
                if ((wrong[0] | wrong[1] | last_wrong) != 0) fail("a message is wrong or out of order");
            }
            send_next(side, wait, Message{});
        },
        [&]() __attribute__((flatten)) {
            typename Queue::Side side(*queue, true);
            Wait wait;
            Message last;
            uint64_t begin = 0, sent = 0;
            while (sent < all) {
                if (begin == 0 && sent >= warm_up) begin = read_counter();
                for (size_t left = batch; left != 0;) {
                    size_t now = side.compose_batch(left, [&] { return numbered<typename Queue::Composed>(sent++); });
                    if (now == 0) wait.idle();
                    left -= now;
                }
            }
            receive_next(side, wait, last);
            ticks = read_counter() - begin;
        });
    return ticks;
}

}  // namespace skerry::bench_host
