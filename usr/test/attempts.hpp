// Doing what must fault, hearing how it did, and going on.
#pragma once

#include "platform/user/trial.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::usr::test {

// What became of an attempt.
struct Outcome {
    enum class Kind { returned, page_fault, exception } kind = Kind::returned;
    uint64_t address = 0, access = 0;  // of a page fault; access 1 read, 2 write, 4 execute
    uint64_t number = 0, code = 0;     // of an exception

    bool page_fault_at(const volatile void* where, uint64_t how) const {
        return kind == Kind::page_fault && address == reinterpret_cast<uint64_t>(where) && access == how;
    }
    bool raised(uint64_t exception) const { return kind == Kind::exception && number == exception; }
    void describe(base::Text& text) const;
};

// Takes over the program's faults: those of an attempt end it, others are as before.
class Attempts {
  public:
    explicit Attempts(runtime::Program& self);

    Outcome run(void (*what)(void*), void* argument = nullptr);
    Outcome read(const volatile void* at);
    Outcome write(volatile void* at);
    Outcome execute(const volatile void* at);
    // From now on the program goes on after an exception where that left it; counts them.
    void pass_exceptions() { passing_ = true; }
    uint64_t passed() const { return passed_; }

    runtime::Program& program() { return self_; }

  private:
    static bool page_fault(void* context, uint64_t address, uint64_t access);
    static bool exception(void* context, uint32_t number, uint64_t code, platform::Registers& registers);

    runtime::Program& self_;
    bool trying_ = false, passing_ = false;
    uint64_t passed_ = 0;
    Outcome seen_;
};

}  // namespace skerry::usr::test
