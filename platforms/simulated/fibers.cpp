#include "platforms/simulated/fibers.hpp"

#include <new>

#include "platforms/hosted/fiber.hpp"

namespace skerry::simulated {

namespace {
constexpr size_t stack_bytes = 256 * 1024;
// Handed to a fiber that begins: its own address is not known to it otherwise.
struct Beginning {
    Fibers* fibers;
    void (*body)();
};
}  // namespace

Fibers::~Fibers() {
    for (Fiber& fiber : all_) {
        if (fiber.stack != nullptr) ::operator delete(fiber.stack);
    }
}

void Fibers::begin(uint32_t index, void (*body)()) {
    Fiber& fiber = all_[index];
    if (fiber.stack == nullptr) {
        fiber.stack = static_cast<std::byte*>(::operator new(stack_bytes));
    }
    // What begins there finds its words at the stack's far end.
    auto* words = new (fiber.stack) Beginning{this, body};
    fiber.context = hosted::make_context(fiber.stack + stack_bytes, stack_bytes - sizeof *words, &enter);
    fiber.state = FiberState::ready;
}

void Fibers::enter(hosted::Arrival arrival) {
    auto* fibers = static_cast<Fibers*>(arrival.data);
    fibers->note(arrival);
    reinterpret_cast<Beginning*>(fibers->here().stack)->body();
    __builtin_trap();
}

// Where the one that was left stands.
void Fibers::note(hosted::Arrival arrival) {
    (left_ == none ? outside_ : all_[left_].context) = arrival.from;
}

void Fibers::go_on(uint32_t next) {
    if (next == current_) return;
    left_ = current_;
    current_ = next;
    note(hosted::switch_to(next == none ? outside_ : all_[next].context, this));
}

}  // namespace skerry::simulated
