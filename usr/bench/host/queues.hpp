// Ways to pass 64-byte messages through memory, in both directions. One shape for all: Queue::Side is one end, made
// from the queue and which end it is; send() and receive() are false when there is no room and when nothing is there. Some can
// do it in place: compose_batch(n, next) puts what next() returns where it is to lie, use_batch(n, use) shows it there to `use`.
// `lines`: room for so many messages in each direction.
#pragma once

#include <array>
#include <atomic>
#include <boost/lockfree/spsc_queue.hpp>
#include <cstdint>
#include <cstring>

#include "urpc/channel.hpp"
#include "usr/bench/host/duo.hpp"

namespace skerry::bench_host {

constexpr size_t message_words = 7;      // that our line carries beside its header
constexpr uint32_t most_lines = 64;      // room in a direction, at the most; a channel in a frame of 4 KiB has 30
using Line64 = std::array<uint64_t, 8>;  // what the others carry
constexpr size_t most_in_batch = 64;

// What a line of ours takes of a message.
inline auto carried(const Line64& message) {
    return std::span(message).first<message_words>();
}
inline auto carried(Line64& message) {
    return std::span(message).first<message_words>();
}

// Two bare rings of urpc/, acknowledgements on the lines: what usr/bench/message calls raw.
template <uint32_t lines>
struct UrpcRing {
    using Message = Line64;
    using Composed = urpc::Payload;
    static constexpr uint32_t all_lines = lines + 1;  // the spare one of a lap among them
    alignas(4096) urpc::Line rings[2][all_lines] = {};

    class Side {
      public:
        Side(UrpcRing& queue, bool first)
            : writer_(queue.rings[first ? 0 : 1], all_lines), reader_(queue.rings[first ? 1 : 0], all_lines) {}
        bool send(const Message& message) {
            if (writer_.credits() == 0) find_credits();
            // Nobody sleeps here, and so the core need not wait until it has the line.
            return writer_.try_send(header(data), carried(message), std::memory_order_release).ok();
        }
        size_t send_batch(const Message* messages, size_t count) {
            return compose_batch(count, [&] { return carried(*messages++); });
        }
        template <typename Next>
        size_t compose_batch(size_t count, Next next) {
            if (writer_.credits() < count) find_credits();
            return writer_.try_compose_batch(header(data), count, next, std::memory_order_release);
        }
        bool receive(Message& message) {
            auto taken = reader_.take(carried(message));
            if (!taken.ok()) return taken.error() == base::Error::again ? false : (fail("a corrupt line"), false);
            acknowledge(*taken);
            return taken->opcode == data;
        }
        size_t receive_batch(Message* messages, size_t count) {
            return take_lines(count, [&](const urpc::Line& line) { line.load(carried(*messages++)); });
        }
        template <typename Use>
        size_t use_batch(size_t most, Use use) {
            return take_lines(most, [&](const urpc::Line& line) {
                Composed words;
                line.load(words);
                use(words);
            });
        }

      private:
        enum Opcode : uint8_t { data = 1, credits };
        template <typename Take>
        size_t take_lines(size_t most, Take take) {
            auto taken = reader_.use_batch(most, [&](urpc::Header, const urpc::Line& line) { take(line); });
            if (!taken.ok()) fail("a corrupt line");
            if (taken->count != 0) acknowledge(taken->last);
            return taken->count;
        }
        void acknowledge(urpc::Header header) {
            if (!writer_.acknowledge_modulo(header.acknowledged).ok()) fail("a wrong acknowledgement");
            if (reader_.consumed() - told_ >= lines / 2) [[unlikely]]
                tell();
        }
        // Nothing to send: a line that only acknowledges.
        void tell() { (void)writer_.try_send(header(credits), {}, std::memory_order_release).ok(); }
        urpc::Header header(Opcode opcode) {
            told_ = reader_.consumed();
            return {.acknowledged = told_ & urpc::Header::count_mask, .opcode = opcode};
        }
        // Only who sends one way runs short; then nothing but acknowledgements comes back.
        void find_credits() {
            Message nothing;
            auto taken = reader_.take(carried(nothing));
            if (!taken.ok()) return;
            if (taken->opcode != credits || !writer_.acknowledge_modulo(taken->acknowledged).ok())
                fail("no acknowledgement");
        }

        uint64_t told_ = 0;
        // At a line each: or their place on the stack decides whether the words that they move lie in one or in two.
        alignas(64) urpc::ShortLapWriter writer_;
        alignas(64) urpc::ShortLapReader reader_;
    };
};

// The whole channel: as the ring, and nobody sleeps through a message, a peer may be hostile, either side may close.
template <uint32_t lines>
struct UrpcChannel {
    using Message = urpc::Payload;
    static constexpr size_t half = (lines + 2) * urpc::line_size;  // with the status line, and the spare one of a lap
    alignas(4096) std::byte memory[2][half] = {};

    class Side {
      public:
        Side(UrpcChannel& queue, bool first)
            : channel_(urpc::ChannelLayout::of_halves(queue.memory[first ? 0 : 1], queue.memory[first ? 1 : 0], half)
                           .value(),
                       poker_, assembly_) {}
        // As typed messages go (urpc/connection.hpp): straight, where nothing is out of the ordinary.
        bool send(const Message& message) {
            if (!channel_.straight() || !channel_.has_credit()) [[unlikely]]
                return channel_.try_send(1, 0, message).ok();
            urpc::Line& line = channel_.next_line();
#pragma GCC unroll 7
            for (size_t i = 0; i < message_words; ++i) line.payload[i].store(message[i], std::memory_order_relaxed);
            channel_.publish(1, 0);
            return true;
        }
        size_t send_batch(const Message* messages, size_t count) {
            auto sent = channel_.try_send_batch(1, 0, std::span(messages, count));
            return sent.ok() ? *sent : 0;
        }
        bool receive(Message& message) {
            uint64_t word = channel_.look();
            if (!channel_.straight() || !channel_.is_single(word)) return receive_any(message);
#pragma GCC unroll 7
            for (size_t i = 0; i < message_words; ++i)
                message[i] = channel_.line().payload[i].load(std::memory_order_relaxed);
            if (!channel_.take(word).ok()) fail("a corrupt line");
            return true;
        }

      private:
        bool receive_any(Message& message) {
            if (channel_.quiet()) return false;
            auto received = channel_.receive();
            if (!received.ok())
                return received.error() == base::Error::again ? false : (fail("a closed channel"), false);
            std::memcpy(message.data(), received->words.data(), message_words * sizeof(uint64_t));
            return true;
        }

        struct NobodySleeps final : urpc::Poker {
            void poke() override { fail("a poke, and nobody sleeps"); }
        };
        NobodySleeps poker_;
        std::array<uint64_t, message_words> assembly_;
        urpc::Channel channel_;
    };
};

template <uint32_t lines>
struct BoostQueue {
    using Message = Line64;
    using Ring = boost::lockfree::spsc_queue<Message, boost::lockfree::capacity<lines>>;
    alignas(4096) Ring rings[2];

    class Side {
      public:
        Side(BoostQueue& queue, bool first) : out_(queue.rings[first ? 0 : 1]), in_(queue.rings[first ? 1 : 0]) {}
        bool send(const Message& message) { return out_.push(message); }
        bool receive(Message& message) { return in_.pop(message); }
        size_t send_batch(const Message* messages, size_t count) { return out_.push(messages, count); }
        size_t receive_batch(Message* messages, size_t count) { return in_.pop(messages, count); }

      private:
        Ring &out_, &in_;
    };
};

// The textbook's ring: indices shared, each in a line of its own, and each side's copy of the other's looked at first.
template <uint32_t lines>
struct CachedIndexQueue {
    using Message = Line64;
    using Composed = Line64;
    struct Ring {
        alignas(64) std::atomic<uint64_t> head{0};  // written by the producer
        alignas(64) std::atomic<uint64_t> tail{0};  // written by the consumer
        alignas(64) Message slots[lines];
    };
    alignas(4096) Ring rings[2];

    class Side {
      public:
        Side(CachedIndexQueue& queue, bool first) : out_(queue.rings[first ? 0 : 1]), in_(queue.rings[first ? 1 : 0]) {}
        bool send(const Message& message) { return send_batch(&message, 1) == 1; }
        bool receive(Message& message) { return receive_batch(&message, 1) == 1; }

        size_t send_batch(const Message* messages, size_t count) {
            return compose_batch(count, [&]() -> const Message& { return *messages++; });
        }
        size_t receive_batch(Message* messages, size_t count) {
            return use_batch(count, [&](const Message& message) { *messages++ = message; });
        }
        template <typename Next>
        size_t compose_batch(size_t count, Next next) {
            if (sent_ - freed_ + count > lines) freed_ = out_.tail.load(std::memory_order_acquire);
            size_t taken = std::min<size_t>(count, lines - (sent_ - freed_));
            for (size_t i = 0; i < taken; ++i) out_.slots[(sent_ + i) % lines] = next();
            sent_ += taken;
            if (taken != 0) out_.head.store(sent_, std::memory_order_release);
            return taken;
        }
        template <typename Use>
        size_t use_batch(size_t most, Use use) {
            if (there_ == received_) there_ = in_.head.load(std::memory_order_acquire);
            size_t taken = std::min<size_t>(most, there_ - received_);
            for (size_t i = 0; i < taken; ++i) use(in_.slots[(received_ + i) % lines]);
            received_ += taken;
            if (taken != 0) in_.tail.store(received_, std::memory_order_release);
            return taken;
        }

      private:
        Ring &out_, &in_;
        alignas(64) uint64_t sent_ = 0, freed_ = 0, received_ = 0, there_ = 0;
    };
};

}  // namespace skerry::bench_host
