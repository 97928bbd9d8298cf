// What `peers` and its partner, the same program on another core, say to each other.
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::usr::test::peers {

// --- capabilities ---
struct Sum {
    uint64_t value;
};
struct Keep {  // maps the frame, adds up its words, and keeps it until the next one
    using Response = Sum;
    urpc::Capability frame;
    uint64_t bytes;
};
struct KeepQuietly {  // one way
    urpc::Capability frame;
    uint64_t number;
};
struct Made {
    urpc::Capability frame;
    uint64_t bytes;
};
struct Make {  // a new frame whose words are seed, seed + 1, ...
    using Response = Made;
    uint64_t bytes;
    uint64_t seed;
    bool gives;
};
struct Told {  // of the messages with a capability that came one way
    uint64_t messages;
    uint64_t in_order;
    uint64_t with_capability;
};
struct Tell {
    using Response = Told;
};

// --- large messages: 448 words with their framing ---
constexpr size_t large_bytes = (urpc::max_message_words - 3) * 8;
struct LargeBack {
    uint64_t number;
    uint64_t check;
    urpc::Bytes<large_bytes> bytes;
};
struct Large {  // comes back as it is
    using Response = LargeBack;
    uint64_t number;
    uint64_t check;
    urpc::Bytes<large_bytes> bytes;
};
struct LargeOneWay {
    uint64_t number;
    uint64_t check;
    urpc::Bytes<large_bytes> bytes;
};

// --- same-core messages beside the channel ---
struct Met {
    urpc::Capability endpoint;  // of the partner; does not leave its core
};
struct Meet {
    using Response = Met;
};
constexpr uint64_t gift_word = 0x7466'6967;  // "gift", word 0 of such a message; word 1 is its number
struct TakeGift {  // the frame that came by a same-core message with this number: adds up its words, and drops it
    using Response = Sum;
    uint64_t number;
    uint64_t bytes;
};

// --- memory that two cores hold ---
struct Hold {  // maps the frame, adds up its words, and keeps both
    using Response = Sum;
    urpc::Capability frame;
    uint64_t bytes;
};
struct Look {  // adds them up again, through the mapping
    using Response = Sum;
};
struct Held {  // 1: there is a capability in the slot still
    using Response = Sum;
};
struct Dropped {};
struct Drop {  // lets go of mapping and capability
    using Response = Dropped;
};

// --- the partner ---
struct Gated {};
struct Gate {  // large messages wait from now on until the first word of this frame is not zero; none: no gate
    using Response = Gated;
    urpc::Capability frame;
};
struct Ended {};
struct End {
    using Response = Ended;
};

using Protocol = urpc::Protocol<Sum, Keep, KeepQuietly, Made, Make, Told, Tell, LargeBack, Large, LargeOneWay, Gated,
                                Gate, Ended, End, Met, Meet, TakeGift, Hold, Look, Held, Dropped, Drop>;
static_assert(Protocol::max_words == urpc::max_message_words);

// FNV-1a over bytes (http://www.isthe.com/chongo/tech/comp/fnv).
inline uint64_t check_of(std::span<const uint8_t> bytes) {
    uint64_t hash = 0xcbf29ce484222325;
    for (uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
    return hash;
}

}  // namespace skerry::usr::test::peers
