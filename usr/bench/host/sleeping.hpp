// Linux's ways: the receiver sleeps in the kernel and is woken. A futex and an eventfd carry no bytes, so their messages lie
// in a ring of memory; a pipe carries them. None polls before it sleeps: receive() blocks.
#pragma once

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "usr/bench/host/queues.hpp"

namespace skerry::bench_host {

// Messages that are counted: `sent` by the producer, `received` by the consumer.
template <uint32_t lines>
struct Slots {
    alignas(64) std::atomic<uint32_t> sent{0};
    alignas(64) std::atomic<uint32_t> received{0};
    alignas(64) std::atomic<uint32_t> sleeping{0};
    alignas(64) Line64 slots[lines];

    bool put(const Line64& message) {
        uint32_t number = sent.load(std::memory_order_relaxed);
        if (number - received.load(std::memory_order_acquire) == lines) return false;
        slots[number % lines] = message;
        sent.store(number + 1, std::memory_order_seq_cst);  // then look whether the receiver sleeps
        return true;
    }
    void take(Line64& message) {
        uint32_t number = received.load(std::memory_order_relaxed);
        message = slots[number % lines];
        received.store(number + 1, std::memory_order_release);
    }
};

template <uint32_t lines>
struct FutexQueue {
    using Message = Line64;
    alignas(4096) Slots<lines> ways[2];

    class Side {
      public:
        Side(FutexQueue& queue, bool first) : out_(queue.ways[first ? 0 : 1]), in_(queue.ways[first ? 1 : 0]) {}
        bool send(const Message& message) {
            if (!out_.put(message)) return false;
            if (out_.sleeping.load(std::memory_order_seq_cst) != 0) call(out_.sent, FUTEX_WAKE_PRIVATE, 1);
            return true;
        }
        bool receive(Message& message) {
            uint32_t before = in_.received.load(std::memory_order_relaxed);
            while (in_.sent.load(std::memory_order_acquire) == before) {
                in_.sleeping.store(1, std::memory_order_seq_cst);
                call(in_.sent, FUTEX_WAIT_PRIVATE, before);  // or it has changed
                in_.sleeping.store(0, std::memory_order_relaxed);
            }
            in_.take(message);
            return true;
        }

      private:
        static void call(std::atomic<uint32_t>& word, int what, uint32_t value) {
            syscall(SYS_futex, &word, what, value, nullptr, nullptr, 0);
        }
        Slots<lines>&out_, &in_;
    };
};

template <uint32_t lines>
struct EventFdQueue {
    using Message = Line64;
    alignas(4096) Slots<lines> ways[2];
    int events[2] = {eventfd(0, 0), eventfd(0, 0)};
    EventFdQueue() {
        if (events[0] < 0 || events[1] < 0) fail("no eventfd");
    }
    ~EventFdQueue() {
        for (int event : events) close(event);
    }

    class Side {
      public:
        Side(EventFdQueue& queue, bool first)
            : out_(queue.ways[first ? 0 : 1]),
              in_(queue.ways[first ? 1 : 0]),
              wake_(queue.events[first ? 0 : 1]),
              sleep_(queue.events[first ? 1 : 0]) {}
        bool send(const Message& message) {
            uint64_t one = 1;
            if (!out_.put(message)) return false;
            if (write(wake_, &one, sizeof one) != sizeof one) fail("eventfd: write");
            return true;
        }
        bool receive(Message& message) {
            if (there_ == 0 && read(sleep_, &there_, sizeof there_) != sizeof there_) fail("eventfd: read");
            --there_;
            in_.take(message);
            return true;
        }

      private:
        Slots<lines>&out_, &in_;
        int wake_, sleep_;
        uint64_t there_ = 0;
    };
};

template <uint32_t>  // it has room for 1,024
struct PipeQueue {
    using Message = Line64;
    int ends[2][2];
    PipeQueue() {
        for (auto& each : ends) {
            if (pipe(each) != 0) fail("no pipe");
        }
    }
    ~PipeQueue() {
        for (auto& each : ends) {
            close(each[0]);
            close(each[1]);
        }
    }

    class Side {
      public:
        Side(PipeQueue& queue, bool first) : out_(queue.ends[first ? 0 : 1][1]), in_(queue.ends[first ? 1 : 0][0]) {}
        bool send(const Message& message) { return send_batch(&message, 1) == 1; }
        bool receive(Message& message) { return receive_batch(&message, 1) == 1; }
        size_t send_batch(const Message* messages, size_t count) {
            auto bytes = static_cast<ssize_t>(count * sizeof(Message));
            if (write(out_, messages, count * sizeof(Message)) != bytes) fail("pipe: write");
            return count;
        }
        size_t receive_batch(Message* messages, size_t count) {
            ssize_t bytes = read(in_, messages, count * sizeof(Message));
            if (bytes <= 0 || bytes % sizeof(Message) != 0) fail("pipe: read");
            return static_cast<size_t>(bytes) / sizeof(Message);
        }

      private:
        int out_, in_;
    };
};

}  // namespace skerry::bench_host
