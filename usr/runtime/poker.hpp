// What wakes a channel's peer, in a program: messages of its channels are noted in the program's trace.
#pragma once

#include "urpc/channel.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::runtime {

class TracingPoker : public urpc::Poker {
  public:
    urpc::MessageTrace* trace() final { return &program().trace; }

  protected:
    ~TracingPoker() = default;
    // For poke(): the message that it is for.
    static uint64_t message() { return program().trace.last_sent(); }
};

}  // namespace skerry::runtime
