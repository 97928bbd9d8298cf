// One of those between whom messages are measured: the leader itself, or its partner on another core.
#pragma once

#include "usr/prices/protocol.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::usr::prices {

class Worker {
  public:
    explicit Worker(runtime::Program& self) : self_(self) {}
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Its own page, from which it reads; the same again. Errors: no_memory.
    Result<runtime::CapRef> lend();
    // The page into which it writes.
    Status take(runtime::Owned page);
    // Its page is empty from now on: before the other of the two begins. Errors: not_found (it lacks one of two pages).
    Status prepare();
    Outcome work(Part part, uint64_t time);

  private:
    void let_go();

    runtime::Program& self_;
    runtime::Object own_;
    uint64_t own_address_ = 0, other_address_ = 0;
    runtime::Owned other_;
};

// The program on another core: serves as `name` until the leader, who started it, is gone. -> its exit status.
int serve_leader(runtime::Program& self, std::string_view name);

}  // namespace skerry::usr::prices
