// The physical limits: a counter in a line, written by both sides in turn; a line for each direction; a ring of lines for each
// direction, a word in each.
#pragma once

#include "usr/bench/host/measure.hpp"

namespace skerry::bench_host {

template <typename Wait>
uint64_t bare_lines(Duo& duo, bool two_lines, uint32_t count) {
    struct alignas(64) Word {
        std::atomic<uint64_t> value{0};
    };
    struct Frame {
        alignas(4096) Word there;
        Word between[31];
        Word back;
    };
    auto frame = std::make_unique<Frame>();
    auto& there = frame->there.value;
    auto& back = two_lines ? frame->back.value : there;
    const uint64_t all = warm_up + count;
    uint64_t ticks = 0;
    duo.run(
        [&] {
            Wait wait;
            for (uint64_t i = 1; i < 2 * all; i += 2) {
                while (there.load(std::memory_order_acquire) != i) wait.idle();
                back.store(i + 1, std::memory_order_release);
            }
        },
        [&] {
            Wait wait;
            uint64_t begin = 0;
            for (uint64_t i = 1; i < 2 * all; i += 2) {
                if (i == 2 * warm_up + 1) begin = read_counter();
                there.store(i, std::memory_order_release);
                while (back.load(std::memory_order_acquire) != i + 1) wait.idle();
            }
            ticks = read_counter() - begin;
        });
    return ticks;
}

// The n-th message is n in the n-th line of its direction, and so on round the ring: what no ring can do without that uses all
// its lines in turn.
template <typename Wait, uint32_t lines>
uint64_t bare_ring(Duo& duo, uint32_t count) {
    struct alignas(64) Word {
        std::atomic<uint64_t> value{0};
    };
    struct Frame {
        alignas(4096) Word there[lines];
        alignas(4096) Word back[lines];
    };
    auto frame = std::make_unique<Frame>();
    const uint64_t all = warm_up + count;
    uint64_t ticks = 0;
    auto await = [](Word& word, uint64_t value, Wait& wait) {
        while (word.value.load(std::memory_order_acquire) != value) wait.idle();
    };
    duo.run(
        [&] {
            Wait wait;
            for (uint64_t i = 1; i <= all; ++i) {
                await(frame->there[i % lines], i, wait);
                frame->back[i % lines].value.store(i, std::memory_order_release);
            }
        },
        [&] {
            Wait wait;
            uint64_t begin = 0;
            for (uint64_t i = 1; i <= all; ++i) {
                if (i == warm_up + 1) begin = read_counter();
                frame->there[i % lines].value.store(i, std::memory_order_release);
                await(frame->back[i % lines], i, wait);
            }
            ticks = read_counter() - begin;
        });
    return ticks;
}

}  // namespace skerry::bench_host
