// Vocabularies of services that do what a message says, to others or to who sent it.
#pragma once

#include "urpc/protocols/console.hpp"
#include "urpc/protocols/monitor.hpp"
#include "usr/hostile/rings/vocabulary.hpp"

namespace skerry::usr::hostile::rings {

// What is printed comes from others too: no escape sequences of ours among it.
struct ConsoleWords final : AnyMessage<urpc::console::Protocol> {
    void tame(uint8_t opcode, std::span<uint64_t> words) override {
        using P = urpc::console::Protocol;
        if (opcode != P::opcode<urpc::console::Output>) return;
        if (words[0] <= urpc::console::output_bytes) words[0] %= 8;
        for (uint64_t& word : words.subspan(1)) word = 0x7a71'7a71'7a71'7a71;
    }
};

// A program may revoke what it itself stands on, and then ends by that (hostile_calls tries it). Here it shall end by the
// rules of its channel or not at all: it revokes slots in which nothing lies.
struct MonitorWords final : AnyMessage<urpc::monitor::Protocol> {
    static constexpr uint64_t not_used = 512;  // slots from there on, as all these programs are small
    void tame(uint8_t opcode, std::span<uint64_t> words) override {
        if (only_whole(opcode)) words[0] |= not_used;
    }
    bool only_whole(uint8_t opcode) const override {
        return opcode == urpc::monitor::Protocol::opcode<urpc::monitor::Revoke>;
    }
};

}  // namespace skerry::usr::hostile::rings
