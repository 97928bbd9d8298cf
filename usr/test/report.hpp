// What a test program says: `PROGRAM NAME ok` or `PROGRAM NAME FAILED: detail`, a line a check.
#pragma once

#include <cstdint>
#include <string_view>

#include "platforms/base/format.hpp"
#include "platforms/base/result.hpp"

namespace skerry::usr::test {

class Report {
  public:
    using Write = void (*)(void* context, std::string_view line);
    Report(std::string_view program, Write write, void* context)
        : program_(program), write_(write), context_(context) {}

    void check(std::string_view name, bool ok, std::string_view detail = {});
    void equal(std::string_view name, base::Error found, base::Error wanted);
    // A line that is no check.
    void note(std::string_view text);
    uint32_t failures() const { return failures_; }
    // The last line, and the exit status: 0 if all were ok.
    int finish();

  private:
    std::string_view program_;
    Write write_;
    void* context_;
    uint32_t checks_ = 0, failures_ = 0;
};

}  // namespace skerry::usr::test
