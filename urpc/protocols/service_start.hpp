// What init and the monitor of the core that booted say to each other, by same-core messages (LRPC).
//
// init starts services by the monitor, so that they get rings, accounts and names like every program, and lends
// them what only init holds (ports, interrupts):
//
//   init --Grant(slot) + capability--> monitor     up to grants_maximum, for the next Start
//   init --Start(tag, name, flags)---> monitor
//   init <--Started(tag)-------------- monitor     the program runs, or an error
//   init <--Ended(domain, status)----- monitor     a program that init started has ended
//   init <--Power(action)------------- monitor     some program wants it, and may; init does not return if it can
//
// init sends to the monitor's endpoint with badge init_badge, the monitor to well_known::monitor_endpoint.
// Every message: word 0 Operation.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"

namespace skerry::urpc::service_start {

constexpr uint32_t init_badge = 3;  // in the monitor's endpoint: 2 is its memory service
constexpr uint32_t grants_maximum = 4;
constexpr size_t name_bytes = 32;

// In the high half: no operation of urpc/protocols/memory.hpp is mistaken for one of these.
enum class Operation : uint64_t {
    grant = 0x696e'6974'0000'0001,
    start,
    started,
    ended,
    power,
    cores,  // the start of the other cores is over
};

namespace flags {
constexpr uint64_t system = 1;   // cannot be killed by programs
constexpr uint64_t manager = 2;  // may kill any program, power off and reboot: the shell
}  // namespace flags

using Words = std::array<uint64_t, 10>;

struct Grant {      // the capability rides along
    uint64_t slot;  // index in CNode 0, between well_known::kernel and first_free
};
struct Start {
    uint64_t tag;
    uint64_t flags;
    char name[name_bytes];  // of the program in the archive, zero-padded
};
struct Started {
    uint64_t tag;
    uint64_t error;   // base::Error
    uint64_t domain;  // DomainId word
};
struct Ended {
    uint64_t domain;
    uint64_t status;
};
struct Power {
    uint64_t action;  // monitor::PowerAction
};
struct Cores {
    uint64_t online;
    uint64_t wanted;
};

template <typename Fields>
Words pack(Operation operation, const Fields& fields) {
    static_assert(sizeof(Fields) <= 72 && sizeof(Fields) % 8 == 0);
    Words words{static_cast<uint64_t>(operation)};
    std::memcpy(&words[1], &fields, sizeof fields);
    return words;
}
template <typename Fields>
Fields unpack(const Words& words) {
    static_assert(sizeof(Fields) <= 72 && sizeof(Fields) % 8 == 0);
    Fields fields;
    std::memcpy(&fields, &words[1], sizeof fields);
    return fields;
}
inline std::string_view name_of(const Start& start) {
    std::string_view name(start.name, name_bytes);
    return name.substr(0, name.find('\0'));
}

}  // namespace skerry::urpc::service_start
