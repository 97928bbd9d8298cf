// In host tests a failed assertion is an exception, so that a test can demand one.
#include <stdexcept>
#include <string>

#include "platforms/base/assert.hpp"

void skerry::base::assertion_failed(const char* expression, const char* file, int line) {
    throw std::logic_error(std::string(file) + ":" + std::to_string(line) + ": " + expression);
}
