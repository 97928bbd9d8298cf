// What Linux offers to pass a word and wake its receiver. Two directions each: 0 from the client to the server,
// 1 back.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace skerry::bench_linux {

// Made before a fork or a second thread, and shared by both sides. A failing system call ends the program with a line.
class Mechanism {
  public:
    virtual ~Mechanism() = default;
    virtual void send(int direction, uint64_t word) = 0;
    virtual uint64_t receive(int direction) = 0;  // blocks
};

constexpr std::string_view mechanism_names[] = {"pipe", "futex", "eventfd", "unix_stream", "unix_datagram"};
// `shared`: two processes will use it, not two threads of one. Null: no mechanism of that name.
std::unique_ptr<Mechanism> make_mechanism(std::string_view name, bool shared);

// Prints what failed and why, and ends the program (the machine, if it is the first process).
[[noreturn]] void fail(const char* what);

}  // namespace skerry::bench_linux
