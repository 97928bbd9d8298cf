// The service that is attacked: several clients, answers at once, says at its end how many channels it had to close.
#pragma once

#include <string_view>

#include "usr/runtime/program.hpp"

namespace skerry::usr::hostile::rings {

// `rings serve WORD`: until a client says Stop with that word. -> exit status
int serve(runtime::Program& self, uint64_t word);

}  // namespace skerry::usr::hostile::rings
