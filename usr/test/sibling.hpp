// A second dispatcher in this program's own spaces that does nothing but take processor time: it stays
// disabled in its first upcall for ever.
#pragma once

#include "usr/runtime/program.hpp"

namespace skerry::usr::test {

class Sibling {
  public:
    using Status = base::Status;

    explicit Sibling(runtime::Program& self) : self_(self) {}
    ~Sibling() { end(); }

    // Made, not running. Errors: no_memory, the driver's.
    Status make();
    // weight 0: the driver's default.
    Status start(uint64_t weight = 0);
    Status reserve(uint64_t budget_ns, uint64_t period_ns) { return dispatcher().reserve_hard(budget_ns, period_ns); }
    runtime::DispatcherCap dispatcher() const { return {object_.cap}; }
    uint64_t cpu_ns() const;
    void end();

  private:
    runtime::Program& self_;
    runtime::Object object_, frame_;
    uint64_t page_ = 0;  // where the dispatcher page is mapped
};

}  // namespace skerry::usr::test
