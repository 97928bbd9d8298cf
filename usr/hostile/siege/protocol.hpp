// What the canaries say to the siege: they go on while it does.
#pragma once

#include <string_view>

#include "urpc/protocol.hpp"

namespace skerry::usr::hostile {

struct Told {
    uint64_t value;  // the asked one plus 1
    uint64_t stop;   // 1: the siege is over
};
struct Ask {
    using Response = Told;
    uint64_t value;
};
using SiegeProtocol = urpc::Protocol<Ask, Told>;
constexpr std::string_view siege_service = "siege";
constexpr uint64_t stop_word = 0x7369'6567'6520'6973;  // ends the service that is attacked (rings/protocol.hpp)

}  // namespace skerry::usr::hostile
