#include "usr/test/attempts.hpp"

namespace skerry::usr::test {

void Outcome::describe(base::Text& text) const {
    switch (kind) {
        case Kind::returned:
            text << "nothing happened";
            return;
        case Kind::page_fault:
            text << "page fault at " << base::Hex{address} << ", access " << access;
            return;
        case Kind::exception:
            text << "exception " << number << ", code " << base::Hex{code};
            return;
    }
}

Attempts::Attempts(runtime::Program& self) : self_(self) {
    self_.dispatcher.on_fault(&page_fault, this);
    self_.dispatcher.on_exception(&exception, this);
}

bool Attempts::page_fault(void* context, uint64_t address, uint64_t access) {
    auto& attempts = *static_cast<Attempts*>(context);
    if (attempts.self_.lazy->repair(address, access).ok()) return true;
    if (!attempts.trying_) return false;
    attempts.seen_ = {.kind = Outcome::Kind::page_fault, .address = address, .access = access};
    platform::land(attempts.self_.dispatcher.faulted_registers());
    return true;
}

bool Attempts::exception(void* context, uint32_t number, uint64_t code, platform::Registers& registers) {
    auto& attempts = *static_cast<Attempts*>(context);
    if (attempts.trying_) {
        attempts.seen_ = {.kind = Outcome::Kind::exception, .number = number, .code = code};
        platform::land(registers);
        return true;
    }
    if (attempts.passing_) ++attempts.passed_;
    return attempts.passing_;
}

Outcome Attempts::run(void (*what)(void*), void* argument) {
    seen_ = {};
    trying_ = true;
    bool landed = skerry_attempt(what, argument) != 0;
    trying_ = false;
    return landed ? seen_ : Outcome{};
}

namespace {
void* plain(const volatile void* at) {
    return const_cast<void*>(at);
}
}  // namespace

Outcome Attempts::read(const volatile void* at) {
    return run([](void* where) { (void)*static_cast<volatile uint8_t*>(where); }, plain(at));
}
Outcome Attempts::write(volatile void* at) {
    return run([](void* where) { *static_cast<volatile uint8_t*>(where) = 0; }, plain(at));
}
Outcome Attempts::execute(const volatile void* at) {
    return run([](void* where) { reinterpret_cast<void (*)()>(where)(); }, plain(at));
}

}  // namespace skerry::usr::test
