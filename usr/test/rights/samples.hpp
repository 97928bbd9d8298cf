// One capability of each type that a program can make or holds, and for each right of a type an operation
// that needs exactly that right.
#pragma once

#include "usr/runtime/program.hpp"

namespace skerry::usr::test {

using base::Error;
using base::Status;
using capabilities::CapRef;
using capabilities::Rights;
using capabilities::Type;

class Samples {
  public:
    explicit Samples(runtime::Program& self) : self_(self) {}

    Status make();
    // Null: an ordinary program cannot have one.
    CapRef sample(Type type) const { return sample_[static_cast<size_t>(type)]; }
    // Uses `cap`, a copy of the sample, so that it needs this right. What was made is undone.
    // `unsupported`: no such use is known here.
    Error use(Type type, Rights right, CapRef cap);
    // What the driver answers if the right is missing. A CNode without it hides its slots.
    static Error refusal(Type type, Rights right);

  private:
    Error use_cnode(Rights right, CapRef cap);
    Error use_dispatcher(Rights right, CapRef cap);
    Error use_endpoint(Rights right, CapRef cap);
    Error use_vnode(Rights right, CapRef cap);
    Error map(CapRef frame, CapRef table, uint64_t flags);
    Error retype(CapRef ram);
    Error transfer(CapRef cap);
    CapRef& at(Type type) { return sample_[static_cast<size_t>(type)]; }

    runtime::Program& self_;
    std::array<CapRef, capabilities::type_count> sample_{};
    CapRef second_table_;  // a VNode one level above the sample
    CapRef unbound_;       // an endpoint that nobody receives from
};

}  // namespace skerry::usr::test
