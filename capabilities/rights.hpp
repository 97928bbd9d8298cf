// Rights of a capability. Each is enforced at every use, on the fast and on the slow path (law 3).
#pragma once

#include <cstdint>

namespace skerry::capabilities {

enum class Rights : uint8_t {
    none = 0,
    read = 1 << 0,      // read memory; receive from an endpoint; look at an object
    write = 1 << 1,     // write memory; change an object (insert into a CNode, map into a VNode)
    execute = 1 << 2,   // run code in memory
    send = 1 << 3,      // send to an endpoint, poke a Notify
    transfer = 1 << 4,  // be copied into another domain by a message, or carry a capability in one's own
    retype = 1 << 5,    // be turned into objects
    revoke = 1 << 6,    // take back every copy and descendant
    control = 1 << 7,   // manage: start and stop a dispatcher, bind an endpoint or interrupt, start a core
    all = 0xff,
};

constexpr Rights operator|(Rights a, Rights b) {
    return Rights(uint8_t(a) | uint8_t(b));
}
constexpr Rights operator&(Rights a, Rights b) {
    return Rights(uint8_t(a) & uint8_t(b));
}
constexpr Rights operator~(Rights a) {
    return Rights(static_cast<uint8_t>(~uint8_t(a)));
}
// Whether `held` includes every right in `needed`.
constexpr bool includes(Rights held, Rights needed) {
    return (held & needed) == needed;
}

}  // namespace skerry::capabilities
