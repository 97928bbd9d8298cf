// Stores on their way: from the core that made them until they take effect.
#include <algorithm>

#include "platforms/simulated/model/engine.hpp"

namespace skerry::simulated::model {

void Engine::retire_until(Time now) {
    while (!retiring_.empty() && retiring_.top().when <= now) retire_one();
}

void Engine::retire_one() {
    Core& core = *cores_[retiring_.top().core];
    retiring_.pop();
    for (const Pending& pending : core.taking.front().stores) store_now(pending.access, pending.value);
    core.taking.pop_front();
}

bool Engine::forwarded(const Core& core, const Access& access, uint64_t& value) const {
    for (auto taking = core.taking.rbegin(); taking != core.taking.rend(); ++taking) {
        for (auto store = taking->stores.rbegin(); store != taking->stores.rend(); ++store) {
            if (store->access.place != access.place) continue;
            value = store->value;
            return true;
        }
    }
    return false;
}

// Joins the line that was taken last, unless it would overwrite what is to be stored there, or takes one.
void Engine::buffer(Core& core, const Access& access, uint64_t value) {
    LineIndex line = memory_.offset(access.place) / line_bytes;
    if (!core.taking.empty() && core.taking.back().line == line && !core.taking.back().stores_to(access.place)) {
        core.taking.back().stores.push_back({access, value});
        return;
    }
    // One more for a line that comes with the last: it is used before it goes on.
    bool comes = std::any_of(core.taking.begin(), core.taking.end(), [&](const Taking& t) {
        return t.line == line && t.retires == core.taking.back().retires;
    });
    State state = directory_.state(core.index, line);
    if (core.taking.empty() && (state == State::modified || state == State::exclusive)) {
        directory_.access(core.index, line, Directory::Kind::take, core.clock);
        return store_now(access, value);
    }
    if (core.taking.size() >= directory_.prices().stores_in_flight) {
        ++core.count.stalls;
        core.clock = std::max(core.clock, core.taking.front().retires);
        catch_up(core);
        return buffer(core, access, value);
    }
    if (comes) {
        core.taking.push_back({line, core.taking.back().retires, {{access, value}}});
        retiring_.push({core.taking.back().retires, core.index});
        return;
    }
    Time began = core.clock;
    auto outcome = directory_.access(core.index, line, Directory::Kind::take, began);
    Time retires = std::max(outcome.done, core.taking.empty() ? 0 : core.taking.back().retires);
    directory_.hold(line, retires);
    if (!outcome.hit) ++core.count.misses;
    if (!outcome.hit && trace) trace(core.index, line * line_bytes, access.kind, began, outcome.done);
    core.taking.push_back({line, retires, {{access, value}}});
    retiring_.push({retires, core.index});
}

void Engine::drain(Core& core) {
    if (core.taking.empty()) return;
    core.clock = std::max(core.clock, core.taking.back().retires);
    catch_up(core);
}

}  // namespace skerry::simulated::model
