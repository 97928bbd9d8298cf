// A system call with every register as the caller wants it, for the programs that try what no sane one does.
#pragma once

#include <cstdint>

namespace skerry::platform {

struct RawCall {      // raw_call.S knows the layout
    uint64_t number;  // any
    uint64_t word[12];
    uint64_t error;  // of the calls that are answered at once: what came back
    uint64_t value[4];
};

}  // namespace skerry::platform

extern "C" void skerry_raw_call(skerry::platform::RawCall* call);
