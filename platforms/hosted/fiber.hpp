// Contexts: suspended flows of control, each on a stack that its owner provides. The one place that knows Boost.Context
// is fiber.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skerry::hosted {

// What one side hands to the other when it switches: who was left, and a word.
struct Arrival {
    uint64_t from = 0;  // the context that is suspended now; may be forgotten
    void* data = nullptr;
};

// A context that will call `begin` on the stack below `top` (16-byte aligned). `bytes`: of that stack.
uint64_t make_context(void* top, size_t bytes, void (*begin)(Arrival));
// Suspends the caller and resumes `context`, once. Returns when somebody resumes the caller.
Arrival switch_to(uint64_t context, void* data);

}  // namespace skerry::hosted
