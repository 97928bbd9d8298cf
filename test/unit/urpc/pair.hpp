// What the URPC tests share: a zeroed frame, and a channel at each side of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "urpc/urpc.hpp"

namespace skerry::urpc::test {

struct CountingPoker : Poker {
    int count = 0;
    void poke() override { ++count; }
};

template <size_t Bytes = 4096>
struct Frame {
    alignas(4096) std::byte memory[Bytes] = {};

    ChannelLayout layout(Side side) { return ChannelLayout::of(memory, Bytes, side).value(); }
    Line* lines() { return reinterpret_cast<Line*>(memory); }
    static constexpr size_t line_count = Bytes / line_size;
    std::vector<std::byte> snapshot() const { return {memory, memory + Bytes}; }
    void restore(const std::vector<std::byte>& from) { std::memcpy(memory, from.data(), Bytes); }
    std::vector<size_t> changed_lines(const std::vector<std::byte>& before) const {
        std::vector<size_t> changed;
        for (size_t i = 0; i < line_count; ++i) {
            if (std::memcmp(memory + i * line_size, before.data() + i * line_size, line_size) != 0)
                changed.push_back(i);
        }
        return changed;
    }
};

template <size_t Bytes = 4096>
struct Pair {
    Frame<Bytes> frame;
    CountingPoker poke_a, poke_b;  // poke_a wakes side a
    std::array<uint64_t, max_message_words> buffer_a, buffer_b;
    Channel a, b;
    explicit Pair(uint64_t protocol_a = 0, uint64_t protocol_b = 0)
        : a(frame.layout(Side::a), poke_b, buffer_a, protocol_a),
          b(frame.layout(Side::b), poke_a, buffer_b, protocol_b) {}
};

// A batch into arrays, as far as there is room in both; says how many.
base::Result<size_t> take_batch(auto& reader, std::span<Payload> payloads, std::span<Header> headers) {
    size_t taken = 0;
    auto take = [&](Header header, const Line& line) {
        line.load(payloads[taken]);
        headers[taken++] = header;
    };
    auto batch = reader.use_batch(std::min(payloads.size(), headers.size()), take);
    if (!batch.ok()) return batch.error();
    return taken;
}

inline std::vector<uint64_t> counting(size_t words, uint64_t from = 1) {
    std::vector<uint64_t> result(words);
    for (auto& word : result) word = from++;
    return result;
}

}  // namespace skerry::urpc::test
