// The per-core trace ring: always on, 16 KiB of the image. What lies in it: capabilities/interface/trace.hpp.
#pragma once

#include "capabilities/interface/trace.hpp"

namespace skerry::cpudriver {

using capabilities::TraceKind;
using Trace = capabilities::TraceRing<1024>;

}  // namespace skerry::cpudriver
