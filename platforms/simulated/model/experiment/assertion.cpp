#include "platforms/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace skerry::base {

void assertion_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "assertion %s failed, %s:%d\n", expression, file, line);
    std::abort();
}

}  // namespace skerry::base
