#include "platforms/simulated/chaos.hpp"

#include <algorithm>

namespace skerry::simulated {

namespace {
constexpr uint64_t steps_expected = 4'096;  // visible, of a usual schedule: where change points lie
}

// Priorities: Burckhardt and others, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs" (2010).
ChaosPlan make_plan(Random& random, uint32_t cores, bool loses) {
    ChaosPlan plan;
    if (random.one_in(4)) {
        for (uint64_t i = random.below(12); i > 0; --i) plan.changes.push_back(random.below(steps_expected));
        std::sort(plan.changes.begin(), plan.changes.end());
    } else {
        plan.switch_one_in = uint64_t{1} << (1 + random.below(6));
    }
    if (random.one_in(4)) plan.slow_core = static_cast<uint32_t>(random.below(cores));
    if (random.one_in(2)) plan.delay_one_in = 1 + random.below(4), plan.delay_most = uint64_t{16} << random.below(12);
    if (random.one_in(4)) plan.spurious_one_in = uint64_t{64} << random.below(4);
    if (random.one_in(4)) plan.preempt_one_in = uint64_t{64} << random.below(4);
    if (random.one_in(2)) plan.prompt_one_in = uint64_t{1} << random.below(5);
    if (random.one_in(4)) plan.stale_one_in = 1 + random.below(8);
    if (cores > 1 && (loses || random.one_in(32))) {
        plan.stops = 1 + static_cast<uint32_t>(random.below(cores - 1));
        plan.stops_at = random.below(steps_expected << (loses ? random.below(4) : 0));  // those are longer
    }
    return plan;
}

std::string describe(const ChaosPlan& plan) {
    auto one_in = [](const char* what, uint64_t n) {
        return n == 0 ? std::string() : std::string(", ") + what + " 1/" + std::to_string(n);
    };
    std::string text = plan.switch_one_in == 0 ? "priorities, " + std::to_string(plan.changes.size()) + " changes"
                                               : "switches 1/" + std::to_string(plan.switch_one_in);
    if (plan.slow_core != ~0u) text += ", core " + std::to_string(plan.slow_core) + " slow";
    text += one_in("late pokes", plan.delay_one_in) + one_in("spurious pokes", plan.spurious_one_in);
    text += one_in("interrupts come", plan.prompt_one_in);
    text += one_in("interrupted", plan.preempt_one_in) + one_in("stale loads", plan.stale_one_in);
    if (plan.stops != ~0u) {
        text += ", core " + std::to_string(plan.stops) + " stops at step " + std::to_string(plan.stops_at);
    }
    if (plan.hold_most != 0) text += ", cores held up for " + std::to_string(plan.hold_most) + " ns at most";
    return text;
}

}  // namespace skerry::simulated
