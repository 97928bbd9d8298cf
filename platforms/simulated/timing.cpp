#include "platforms/simulated/timing.hpp"

#include <algorithm>

#include "platforms/base/assert.hpp"
#include "platforms/simulated/model/memory.hpp"

namespace skerry::simulated {

using model::CoreIndex;
using model::Directory;
using model::line_bytes;
using model::LineIndex;
using model::one_cycle;
using model::State;
using model::Time;

namespace {
// Memory is divided among the nodes in order; what lies behind it (the boot archive) is the last one's.
std::vector<uint32_t> homes_of(hosted::World& world) {
    std::vector<uint32_t> homes(world.bytes() / model::page_bytes);
    uint64_t pages_a_node = world.shape().bytes_per_node / model::page_bytes;
    for (size_t page = 0; page < homes.size(); ++page) {
        homes[page] = static_cast<uint32_t>(std::min<uint64_t>(page / pages_a_node, world.shape().nodes - 1));
    }
    return homes;
}
}  // namespace

Timing::Timing(const std::string& file, const model::RingSoftware& software, double per_access, hosted::World& world)
    : machine_(model::Machine::load(file)),
      prices_(model::Prices::of(machine_, software)),
      cost_of_access_(model::cycles(per_access * machine_.cost("cycles_per_instruction"))),
      walk_step_(model::cycles(machine_.cost("walk_step"))),
      system_call_(whole(model::cycles(machine_.cost("system_call")))) {
    const std::vector<hosted::MachineShape::Core>& cores = world.shape().cores;
    if (cores.size() > machine_.cores() || world.shape().nodes > machine_.nodes) {
        throw model::BadMachine("the machine has fewer cores or nodes than are simulated");
    }
    directory_ = std::make_unique<Directory>(machine_, prices_, homes_of(world));
    directory_->set_watcher(this);
    model::Prefetcher::Habits habits{static_cast<uint32_t>(machine_.cost("prefetch_train")),
                                     static_cast<uint32_t>(machine_.cost("prefetch_depth")),
                                     static_cast<uint32_t>(machine_.cost("prefetch_stride"))};
    auto entries = static_cast<uint32_t>(machine_.cost("tlb_entries"));
    auto upper = static_cast<uint32_t>(machine_.cost("tlb_upper"));
    for (const hosted::MachineShape::Core& core : cores) {
        if (index_.size() <= core.hardware) index_.resize(core.hardware + 1);
        index_[core.hardware] = static_cast<uint32_t>(cores_.size());
        cores_.push_back(std::make_unique<Core>(habits, entries, upper));
    }
}

Timing::~Timing() = default;

bool Timing::stays_home(uint32_t hardware, const Access& access) const {
    CoreIndex index = index_[hardware];
    for (LineIndex line = access.offset / line_bytes; line <= (access.offset + access.bytes - 1) / line_bytes; ++line) {
        State state = directory_->state(index, line);
        bool alone = state == State::modified || state == State::exclusive;
        if (!alone && (access.kind != AccessKind::load || state == State::invalid)) return false;
    }
    return true;
}

void Timing::Fills::add(LineIndex line, Time arrives, Time now) {
    constexpr size_t many = 64;
    if (coming_.size() >= many) (void)coming(now);
    place_of(line) += all_.insert_or_assign(line, arrives).second;
    coming_.push_back(line);
}

std::optional<Time> Timing::Fills::take(LineIndex line) {
    if (place_of(line) == 0) return {};
    auto found = all_.find(line);
    if (found == all_.end()) return {};
    Time arrives = found->second;
    all_.erase(found);
    --place_of(line);
    std::erase(coming_, line);
    return arrives;
}

size_t Timing::Fills::coming(Time now) {
    std::erase_if(coming_, [&](LineIndex line) { return all_[line] <= now; });
    return coming_.size();
}

// A load waits for its line, and for one that is on its way because the prefetcher or a hint asked for it.
Time Timing::load(CoreIndex index, LineIndex line, Time now, Time began) {
    Core& core = *cores_[index];
    Directory::Outcome outcome = directory_->access(index, line, Directory::Kind::load, now);
    std::optional<Time> arrives = core.fills.take(line);
    if (arrives) outcome.done = std::max(outcome.done, *arrives);
    if (outcome.hit && !arrives) return outcome.done;
    core.prefetcher.note(line, [&](uint64_t target) {
        if (directory_->holds(index, target)) return;
        core.fills.add(target, directory_->access(index, target, Directory::Kind::load, now).done, began);
    });
    return outcome.done;
}

// It retires behind the core, after older ones; the core stalls while too many lines are on their way.
Time Timing::store(CoreIndex index, LineIndex line, Time now) {
    Core& core = *cores_[index];
    while (!core.taking.empty() && core.taking.front() <= now) core.taking.pop_front();
    State state = directory_->state(index, line);
    if (state == State::modified || state == State::exclusive) {
        directory_->access(index, line, Directory::Kind::take, now);
        return now;
    }
    if (core.taking.size() >= prices_.stores_in_flight) {
        now = std::max(now, core.taking.front());
        core.taking.pop_front();
    }
    Time done = directory_->access(index, line, Directory::Kind::take, now).done;
    Time retires = std::max(done, core.taking.empty() ? 0 : core.taking.back());
    directory_->hold(line, retires);
    core.taking.push_back(retires);
    return now;
}

uint64_t Timing::access(uint32_t hardware, const Access& access, bool of_program, uint64_t now) {
    CoreIndex index = index_[hardware];
    Core& core = *cores_[index];
    Time at = now * one_cycle + core.part + cost_of_access_;
    if (of_program) {
        uint32_t steps = core.tlb.use(access.offset / model::page_bytes);
        walks_ += steps != 0;
        at += walk_step_ * steps;
    }
    auto drain = [&] {
        if (!core.taking.empty()) at = std::max(at, core.taking.back());
        core.taking.clear();
    };
    if (access.kind == AccessKind::update) drain();
    for (LineIndex line = access.offset / line_bytes; line <= (access.offset + access.bytes - 1) / line_bytes; ++line) {
        switch (access.kind) {
            case AccessKind::load:
                at = load(index, line, at, now * one_cycle);
                break;
            case AccessKind::store:
                at = store(index, line, at);
                break;
            case AccessKind::update:
                at = directory_->access(index, line, Directory::Kind::take, at).done;
        }
    }
    if (access.kind == AccessKind::store && access.order == std::memory_order_seq_cst) drain();
    core.part = at % one_cycle;
    return at / one_cycle;
}

void Timing::hint(uint32_t hardware, uint64_t offset, bool to_store, uint64_t now) {
    CoreIndex index = index_[hardware];
    Core& core = *cores_[index];
    LineIndex line = offset / line_bytes;
    State had = directory_->state(index, line);
    bool enough = to_store ? had == State::modified || had == State::exclusive : had != State::invalid;
    Time at = now * one_cycle;
    size_t coming = core.fills.coming(at);
    if (enough || coming >= prices_.stores_in_flight) return;
    auto kind = to_store ? Directory::Kind::take : Directory::Kind::load;
    core.fills.add(line, directory_->access(index, line, kind, at).done, at);
}

uint64_t Timing::flight(uint32_t from, uint32_t to) const {
    return whole(prices_.hop * machine_.hops(machine_.node_of(index_[from]), machine_.node_of(index_[to])));
}

void Timing::forget_translations(uint32_t hardware) {
    core_of(hardware).tlb.clear();
}

void Timing::copy_ended(CoreIndex index, LineIndex line, Time) {
    if (index >= cores_.size()) return;
    (void)cores_[index]->fills.take(line);
}

}  // namespace skerry::simulated
