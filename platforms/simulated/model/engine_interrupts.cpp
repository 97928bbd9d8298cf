// Interrupts between cores: sent in the background, after the stores of their sender, and taken when the core waits for one.
#include <algorithm>

#include "platforms/simulated/model/engine.hpp"

namespace skerry::simulated::model {

// The write that sends it takes its place behind the stores that are on their way, as any store does; it crosses the links.
void Engine::interrupt(CoreIndex index) {
    Inside inside(inside_);
    Core& sender = *current_;
    Core& target = *cores_[index];
    const Prices& prices = directory_.prices();
    Time leaves = std::max(sender.clock, sender.taking.empty() ? 0 : sender.taking.back().retires);
    sender.clock += prices.interrupt_send;
    Time arrives = leaves + prices.interrupt_send +
                   prices.hop * machine_.hops(machine_.node_of(sender.index), machine_.node_of(index));
    target.interrupts.push_back(arrives);
    if (!target.waits) return;
    target.waits = false;
    target.clock = std::max(target.clock, arrives);
    ready_.push({target.clock, index});
}

void Engine::await_interrupt() {
    Inside inside(inside_);
    Core& core = *current_;
    if (core.interrupts.empty()) {
        core.waits = true;
        leave(core);
    }
    core.clock = std::max(core.clock, core.interrupts.front()) + directory_.prices().interrupt_trap;
    core.interrupts.pop_front();
}

void Engine::invalidate(uint64_t page) {
    Inside inside(inside_);
    current_->clock += directory_.prices().invalidate_page;
    current_->tlb.invalidate(page);
}

}  // namespace skerry::simulated::model
