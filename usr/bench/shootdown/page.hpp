// A page that all members share: each shows it in its own space, and takes it out again by a system call on that space.
#pragma once

#include "capabilities/interface/flush_line.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::bench::shootdown {

class Page {
  public:
    explicit Page(runtime::Program& self) : self_(self) {}
    ~Page();
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    // A place for it, and a FlushLine of our own. Once. Errors: exists, no_memory, those of make_flush.
    base::Status take(runtime::Owned frame);
    bool there() const { return static_cast<bool>(frame_); }
    // It is mapped anew, and read: so the core has its translation.
    base::Status show();
    // The entry is gone, and the translation with it, when this returns. Errors: timed_out (the driver has not answered).
    base::Status clear();

  private:
    runtime::Program& self_;
    runtime::Owned frame_, flush_, mapping_;
    runtime::Object line_frame_;
    capabilities::FlushLine* line_ = nullptr;
    runtime::CapRef table_;
    uint64_t address_ = 0, line_address_ = 0;
};

}  // namespace skerry::bench::shootdown
