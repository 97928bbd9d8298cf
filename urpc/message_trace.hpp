// Where a channel notes the messages that it sends and receives. Both ends note the same three things of one message,
// so that the two notes can be joined: the ring that it went through, the number of its first line in that ring, and
// its id. A ring is named by whoever writes it, in its status line: the reader learns the name with the first line.
#pragma once

#include <cstdint>

namespace skerry::urpc {

class MessageTrace {
  public:
    virtual uint32_t name_ring() = 0;  // for a ring that we write: unlike any other; never 0
    virtual void sent(uint32_t ring, uint64_t line, uint16_t id) = 0;
    virtual void received(uint32_t ring, uint64_t line, uint16_t id) = 0;

  protected:
    ~MessageTrace() = default;
};

}  // namespace skerry::urpc
