// What is said to a core's memory service: same-core messages (LRPC) of 10 words and at most one capability.
//
//   word 0   Operation 32 | tag 32      the tag is the caller's; the reply carries it back
//   word 1.. the request's fields in the order of its struct, or the reply's: error first
//
// Who asks is told by the badge of the endpoint capability, which nobody can forge: 0 init, 1 this core's
// monitor (both trusted), from 2 on the counter of the domain. Answers go to the endpoint that
// register_domain gave for that counter; it should be badged with service_badge, so that the receiver knows
// who speaks.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "platforms/base/result.hpp"

namespace skerry::urpc::memory {

constexpr uint32_t init_badge = 0;
constexpr uint32_t monitor_badge = 1;
constexpr uint32_t first_domain_badge = 2;
constexpr uint32_t service_badge = 2;  // in the client's endpoint: 1 its monitor, 2 its memory service

constexpr uint32_t minimum_block = 4096;  // bytes; a request is rounded up to a power of two of at least this

constexpr uint64_t any_node = ~uint64_t{0};

using Words = std::array<uint64_t, 10>;

enum class Operation : uint32_t {
    alloc = 1,
    give_back,
    register_domain,  // init, monitor
    release_domain,   // init, monitor
    add_region,       // init, monitor; a RAM capability rides along
    statistics,
    account,
    prefer_nodes,   // init, monitor
    reply = 0x100,  // of any of them
};

// -> Granted, and the RAM capability. Errors: invalid_argument (0 bytes, alignment no power of two), refused
// (the account's limit, or another's account), no_memory, not_found (no such account), full (block records
// used up). The capability has no revoke right unless the caller is trusted: revoking is what give_back is
// for.
struct Alloc {
    static constexpr Operation operation = Operation::alloc;
    uint64_t bytes;
    uint64_t alignment;        // power of two in bytes; 0 = none
    uint64_t account;          // the domain counter that pays; 0 = the caller. Others only from init and the monitor
    uint64_t node = any_node;  // of the memory: a wish, tried first
};
struct Granted {
    uint64_t base;   // physical
    uint64_t bytes;  // of the capability: the request rounded up
};

// Revokes every copy and descendant of a block granted to the caller; the memory is free when the reply
// comes.
// -> nothing. Errors: not_found (no block of the caller's starts at base), refused (the monitor or init had
// it allocated on this account: others may rely on it, so it is theirs to give back).
struct GiveBack {
    static constexpr Operation operation = Operation::give_back;
    uint64_t base;
    uint64_t account;  // as in Alloc
};

// Opens an account; the endpoint for its replies rides along (with the send and transfer rights).
// -> nothing. Errors: exists, full, no_capability.
struct RegisterDomain {
    static constexpr Operation operation = Operation::register_domain;
    uint64_t counter;
    uint64_t limit;  // bytes that the domain may hold
};

// Closes an account: revokes every block granted to it, so that all its memory comes back whatever the domain
// did with it. -> bytes that came back (word 2). Errors: not_found.
struct ReleaseDomain {
    static constexpr Operation operation = Operation::release_domain;
    uint64_t counter;
};

// -> nothing. Errors: no_capability, wrong_type, misaligned (4 KiB), full.
struct AddRegion {
    static constexpr Operation operation = Operation::add_region;
    uint64_t node;
};

// -> RegionStatistics. Errors: out_of_range (index is not less than the number of regions).
struct Statistics {
    static constexpr Operation operation = Operation::statistics;
    uint64_t index;
};
struct RegionStatistics {
    uint64_t node;
    uint64_t base;
    uint64_t size;          // bytes
    uint64_t free;          // bytes
    uint64_t largest_free;  // bytes of the largest block that could be granted now
    uint64_t blocks;        // granted from this region
    uint64_t shape;         // equal if and only if the same blocks are free (but for 1 in 2^64)
    uint32_t regions;       // number of regions of the service
    uint32_t domains;       // number of accounts of the service
};

// What a domain holds. -> AccountState. Errors: not_found, refused (another's account).
struct Account {
    static constexpr Operation operation = Operation::account;
    uint64_t counter;
};
struct AccountState {
    uint64_t limit;  // bytes
    uint64_t used;   // bytes
    uint64_t blocks;
};

// From which nodes memory is granted to who has no wish, or whose wish cannot be met: as the knowledge base says. Nodes that
// are not named come last, in the order in which their regions were added: so does everything until this is said.
// -> nothing.
constexpr uint32_t nodes_maximum = 64;
constexpr uint8_t no_node = 0xff;
struct PreferNodes {
    static constexpr Operation operation = Operation::prefer_nodes;
    std::array<uint8_t, nodes_maximum> nodes;  // the best first; no_node behind the last
};

// A message is its struct, word by word, from a given word on.
template <typename Fields>
constexpr void put(Words& words, uint32_t first, const Fields& fields) {
    static_assert(sizeof(Fields) % 8 == 0);
    auto raw = std::bit_cast<std::array<uint64_t, sizeof(Fields) / 8>>(fields);
    for (size_t i = 0; i < raw.size(); ++i) words[first + i] = raw[i];
}
template <typename Fields>
constexpr Fields get(const Words& words, uint32_t first) {
    std::array<uint64_t, sizeof(Fields) / 8> raw{};
    for (size_t i = 0; i < raw.size(); ++i) raw[i] = words[first + i];
    return std::bit_cast<Fields>(raw);
}

constexpr uint64_t head(Operation operation, uint32_t tag) {
    return static_cast<uint64_t>(operation) | uint64_t{tag} << 32;
}
constexpr Operation operation_of(const Words& words) {
    return static_cast<Operation>(static_cast<uint32_t>(words[0]));
}
constexpr uint32_t tag_of(const Words& words) {
    return static_cast<uint32_t>(words[0] >> 32);
}

template <typename Request>
constexpr Words request(const Request& fields, uint32_t tag) {
    static_assert(sizeof(Request) <= 9 * 8);
    Words words{head(Request::operation, tag)};
    put(words, 1, fields);
    return words;
}
template <typename Request>
constexpr Request fields(const Words& words) {
    return get<Request>(words, 1);
}

constexpr Words reply(uint32_t tag, base::Error error) {
    return Words{head(Operation::reply, tag), static_cast<uint64_t>(error)};
}
template <typename Values>
constexpr Words reply(uint32_t tag, const Values& values) {
    static_assert(sizeof(Values) <= 8 * 8);
    Words words{head(Operation::reply, tag)};
    put(words, 2, values);
    return words;
}
constexpr base::Error error_of(const Words& words) {
    return static_cast<base::Error>(words[1]);
}
template <typename Values>
constexpr Values values_of(const Words& words) {
    return get<Values>(words, 2);
}

}  // namespace skerry::urpc::memory
