// System calls as C++ sees them. The platform's user half defines the five functions in assembly; host tests
// link a fake kernel in their place (test/unit/runtime/fake_kernel.cpp).
#pragma once

#include <cstdint>

#include "capabilities/interface/system_call.hpp"
#include "platforms/base/result.hpp"

namespace skerry::runtime {

using base::Error;
using base::Result;
using base::Status;
using capabilities::CapRef;

struct Invocation {  // the layout is known to the platform's assembly
    uint64_t target = 0;
    uint64_t operation = 0;
    uint64_t argument[capabilities::invocation_arguments] = {};
    uint64_t value[capabilities::invocation_values] = {};
};

extern "C" {
uint64_t skerry_invoke(skerry::runtime::Invocation* call);
uint64_t skerry_send(uint64_t endpoint, uint64_t header, const uint64_t* ten_words);
uint64_t skerry_yield();
uint64_t skerry_nop();
}

struct Values {
    Error error = Error::none;
    uint64_t value[capabilities::invocation_values] = {};
    Status status() const { return error; }
    Result<uint64_t> first() const {
        if (error != Error::none) return error;
        return value[0];
    }
};

// One invocation; at most six words of arguments.
template <typename Operation, typename... Words>
Values invoke(CapRef target, Operation operation, Words... words) {
    static_assert(sizeof...(Words) <= capabilities::invocation_arguments);
    Invocation call{target.word, static_cast<uint64_t>(operation), {static_cast<uint64_t>(words)...}, {}};
    Values values;
    values.error = static_cast<Error>(skerry_invoke(&call));
    for (uint32_t i = 0; i < capabilities::invocation_values; ++i) values.value[i] = call.value[i];
    return values;
}

// A same-core message of up to ten words. `full` if the receiver's ring has no room: nothing was sent. A
// capability named in the header is copied, the sender keeps its own; SendHeader::giving_cap gives it away.
inline Status send(CapRef endpoint, capabilities::SendHeader header, const uint64_t (&words)[10]) {
    return static_cast<Error>(skerry_send(endpoint.word, header.word, words));
}
inline void yield() {
    skerry_yield();
}
inline void nop() {
    skerry_nop();
}

}  // namespace skerry::runtime
