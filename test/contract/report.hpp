// Where the suite's verdicts go: one line a check, however a world prints it.
#pragma once

#include <string_view>

namespace skerry::contract_test {

class Report {
  public:
    virtual void check(bool ok, std::string_view name) = 0;

  protected:
    ~Report() = default;
};

}  // namespace skerry::contract_test
