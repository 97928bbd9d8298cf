// What the service that is attacked understands: something of every shape.
#pragma once

#include <string_view>

#include "urpc/protocol.hpp"

namespace skerry::usr::hostile::rings {

constexpr std::string_view service_name = "rings";
enum class Colour : uint32_t { red, green, blue, count_ };

struct Sum {
    uint64_t value;
};
struct Add {
    using Response = Sum;
    uint64_t a, b;
};
struct Echoed {
    urpc::Bytes<200> bytes;
};
struct Echo {  // some lines long
    using Response = Echoed;
    urpc::Bytes<200> bytes;
};
struct Note {  // one way
    uint32_t number;
    Colour colour;
    urpc::String<40> text;
};
struct Gift {
    urpc::Capability frame;
    uint64_t number;
};
struct Stopped {
    uint64_t stops;  // 1: the word was right
};
struct Stop {
    using Response = Stopped;
    uint64_t word;
};
using Protocol = urpc::Protocol<Sum, Add, Echoed, Echo, Note, Gift, Stopped, Stop>;

}  // namespace skerry::usr::hostile::rings
