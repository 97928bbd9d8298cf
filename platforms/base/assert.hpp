// Assertions, on in every build. What happens on failure is the world's choice: a CPU driver panics, a program
// ends with a message to its parent, a host test aborts. Each world defines assertion_failed() once.
#pragma once

namespace skerry::base {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#define SKERRY_ASSERT(expression) \
    ((expression) ? (void)0 : ::skerry::base::assertion_failed(#expression, __FILE__, __LINE__))
