// One side of two bare rings: what the lines themselves cost, with credits, and without message types, coroutines,
// sleeping or more than one channel to look at.
#pragma once

#include "platform/user/context.hpp"
#include "urpc/channel.hpp"
#include "usr/bench/message/protocol.hpp"
#include "usr/runtime/system_call.hpp"

namespace skerry::bench {

using base::Error;
using base::Result;
using base::Status;

inline void pass_time(Waiting waiting) {
    if (waiting == Waiting::yield)
        runtime::yield();
    else
        platform::pause();
}

class RawSide {
  public:
    explicit RawSide(const urpc::ChannelLayout& layout)
        : writer_(layout.our_ring, layout.lines), reader_(layout.peer_ring, layout.lines) {}

    // One line, all of whose words are used. Error::full: no credit.
    Status send(uint64_t word) {
        urpc::Header header{.acknowledged = reader_.consumed() & urpc::Header::count_mask, .opcode = 1};
        uint64_t words[urpc::payload_words] = {word, word, word, word, word, word, word};
        return writer_.try_send(header, words);
    }
    // Waits for the next line; its first word.
    Result<uint64_t> receive(Waiting waiting) {
        uint64_t words[urpc::payload_words];
        for (;;) {
            auto header = reader_.take(words);
            if (header.ok()) {
                SKERRY_CHECK(writer_.acknowledge_modulo(header->acknowledged));
                return words[0];
            }
            if (header.error() != Error::again) return header.error();
            pass_time(waiting);
        }
    }

  private:
    urpc::RingWriter writer_;
    urpc::RingReader reader_;
};

}  // namespace skerry::bench
