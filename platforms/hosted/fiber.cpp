#include "platforms/hosted/fiber.hpp"

#include <boost/context/detail/fcontext.hpp>

namespace skerry::hosted {

namespace context = boost::context::detail;

namespace {
// Boost passes its own struct: the first call on a new stack translates it. The function comes with the first word.
struct Beginning {
    void (*begin)(Arrival);
};
uint64_t number(context::fcontext_t c) {
    return reinterpret_cast<uint64_t>(c);
}
void enter(context::transfer_t transfer) {
    auto* beginning = static_cast<Beginning*>(transfer.data);
    auto begin = beginning->begin;
    // Back to the maker, who learns where this context stands; the next switch brings the first real word.
    transfer = context::jump_fcontext(transfer.fctx, nullptr);
    begin({number(transfer.fctx), transfer.data});
    __builtin_trap();  // nothing to go back to
}
}  // namespace

uint64_t make_context(void* top, size_t bytes, void (*begin)(Arrival)) {
    Beginning beginning{begin};
    context::fcontext_t fresh = context::make_fcontext(top, bytes, &enter);
    return number(context::jump_fcontext(fresh, &beginning).fctx);
}

Arrival switch_to(uint64_t target, void* data) {
    context::transfer_t transfer = context::jump_fcontext(reinterpret_cast<context::fcontext_t>(target), data);
    return {number(transfer.fctx), transfer.data};
}

}  // namespace skerry::hosted
