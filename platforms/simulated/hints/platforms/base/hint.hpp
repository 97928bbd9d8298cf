// platforms/base/hint.hpp as a simulated machine sees it, by include path: no compiler's instrumentation shows hints.
#pragma once

#include "platforms/simulated/access.hpp"

namespace skerry::base {

inline void will_read(const void* place) {
    simulated::hint(place, false);
}
inline void will_write(const void* place) {
    simulated::hint(place, true);
}

}  // namespace skerry::base
