#include "platforms/hosted/fiber.hpp"

#include <boost/context/detail/fcontext.hpp>

#include "platforms/hosted/fiber_notes.hpp"
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace skerry::hosted {

namespace context = boost::context::detail;

namespace {
// Boost passes its own struct: the first call on a new stack translates it. The function comes with the first word.
struct Beginning {
    void (*begin)(Arrival);
#if SKERRY_FIBER_NOTES
    notes::Side side;
#endif
};
uint64_t number(context::fcontext_t c) {
    return reinterpret_cast<uint64_t>(c);
}

#if SKERRY_FIBER_NOTES
// The jump itself, with what is said before and after it.
context::transfer_t jump(const notes::Side& to, context::fcontext_t target, void* data) {
    notes::Side self = notes::current();
    notes::leave(self, to);
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(to.fiber, 0);
#endif
    context::transfer_t transfer = context::jump_fcontext(target, data);
    notes::arrive(self, number(transfer.fctx));
    return transfer;
}
context::transfer_t jump(context::fcontext_t target, void* data) {
    return jump(notes::take(number(target)), target, data);
}
#else
context::transfer_t jump(context::fcontext_t target, void* data) {
    return context::jump_fcontext(target, data);
}
#endif

void enter(context::transfer_t transfer) {
    auto* beginning = static_cast<Beginning*>(transfer.data);
#if SKERRY_FIBER_NOTES
    notes::arrive(beginning->side, number(transfer.fctx));
#endif
    auto begin = beginning->begin;
    // Back to the maker, who learns where this context stands; the next switch brings the first real word.
    transfer = jump(transfer.fctx, nullptr);
    begin({number(transfer.fctx), transfer.data});
    __builtin_trap();  // nothing to go back to
}
}  // namespace

uint64_t make_context(void* top, size_t bytes, void (*begin)(Arrival)) {
    context::fcontext_t fresh = context::make_fcontext(top, bytes, &enter);
#if SKERRY_FIBER_NOTES
    Beginning beginning{begin, notes::begin(top, bytes)};
    return number(jump(beginning.side, fresh, &beginning).fctx);
#else
    Beginning beginning{begin};
    return number(jump(fresh, &beginning).fctx);
#endif
}

Arrival switch_to(uint64_t target, void* data) {
    context::transfer_t transfer = jump(reinterpret_cast<context::fcontext_t>(target), data);
    return {number(transfer.fctx), transfer.data};
}

}  // namespace skerry::hosted
