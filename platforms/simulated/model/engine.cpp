#include "platforms/simulated/model/engine.hpp"

#include <sys/mman.h>

#include <algorithm>

#include "platforms/base/assert.hpp"

namespace skerry::simulated::model {

namespace {

constexpr size_t stack_bytes = 64 << 10;  // reserved; a program touches a few pages of it
constexpr uint32_t looks_of_a_poll = 3;   // so often the same word unchanged, and nothing else between, is a poll loop
constexpr size_t most_polled = 8;         // words of one such loop

}  // namespace

CoreModel CoreModel::of(const Machine& machine, double instructions_per_access) {
    CoreModel model;
    model.cycles_per_access = instructions_per_access * machine.cost("cycles_per_instruction");
    model.prefetcher = {static_cast<uint32_t>(machine.cost("prefetch_train")),
                        static_cast<uint32_t>(machine.cost("prefetch_depth")),
                        static_cast<uint32_t>(machine.cost("prefetch_stride"))};
    model.tlb_entries = static_cast<uint32_t>(machine.cost("tlb_entries"));
    model.tlb_upper = static_cast<uint32_t>(machine.cost("tlb_upper"));
    model.walk_step = cycles(machine.cost("walk_step"));
    return model;
}

Engine::Engine(const Machine& machine, const Prices& prices, const CoreModel& model, const Memory& memory)
    : AccessSink(nullptr, SIZE_MAX),
      machine_(machine),
      model_(model),
      memory_(memory),
      directory_(machine, prices, memory.homes()),
      cost_of_access_(cycles(model.cycles_per_access)),
      cores_(machine.cores()) {
    directory_.set_watcher(this);
}

Engine::~Engine() {
    for (auto& core : cores_) {
        if (core && core->stack != nullptr) munmap(core->stack, stack_bytes);
    }
}

void Engine::begin_fiber(hosted::Arrival arrival) {
    auto* engine = static_cast<Engine*>(arrival.data);
    engine->scheduler_ = arrival.from;
    engine->inside_ = false;
    engine->current_->program();
    engine->inside_ = true;
    Core& core = *engine->current_;
    engine->drain(core);
    core.ended = true;
    hosted::switch_to(engine->scheduler_, engine);
}

void Engine::start(CoreIndex index, std::function<void()> program, Time start) {
    SKERRY_ASSERT(index < cores_.size() && !cores_[index]);
    auto core = std::make_unique<Core>(index, model_);
    void* stack =
        mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) throw std::bad_alloc();
    core->stack = static_cast<std::byte*>(stack);
    core->context = hosted::make_context(core->stack + stack_bytes, stack_bytes, &begin_fiber);
    core->program = std::move(program);
    core->clock = start;
    cores_[index] = std::move(core);
    ready_.push({start, index});
    ++unfinished_;
}

void Engine::run() {
    AccessSink* before = set_access_sink(this);
    while (unfinished_ != 0) {
        if (ready_.empty() && retiring_.empty() && !wake_all()) {
            set_access_sink(before);
            throw Deadlock("no core can go on");
        }
        if (ready_.empty() || (!retiring_.empty() && retiring_.top().when <= ready_.top().when)) {
            if (!retiring_.empty()) retire_one();
            continue;
        }
        current_ = cores_[ready_.top().core].get();
        ready_.pop();
        ++switches_;
        current_->context = hosted::switch_to(current_->context, this).from;
        if (current_->ended) {
            --unfinished_;
        } else if (!current_->parked && !current_->waits) {
            ready_.push({current_->clock, current_->index});
        }
    }
    while (!retiring_.empty()) retire_one();
    set_access_sink(before);
}

// A word may have been read so often for another reason than to wait for it. Once: who parks again at once waits.
bool Engine::wake_all() {
    bool any = false;
    for (auto& core : cores_) {
        if (!core || !core->parked || core->count.accesses < core->rescue_after) continue;
        core->rescue_after = core->count.accesses + 4 * looks_of_a_poll * most_polled;
        core->parked = false;
        core->polls.clear();
        ready_.push({core->clock, core->index});
        ++rescues_;
        any = true;
    }
    return any;
}

void Engine::leave(Core& core) {
    scheduler_ = hosted::switch_to(scheduler_, this).from;
    current_ = &core;
}

// Until nobody else is behind this core.
void Engine::catch_up(Core& core) {
    while (!ready_.empty() && ready_.top().when < core.clock) leave(core);
    retire_until(core.clock);
}

void Engine::charge(Core& core) {
    ++core.count.accesses;
    core.clock += cost_of_access_;
}

void Engine::translate(Core& core, uint64_t offset) {
    core.clock += model_.walk_step * core.tlb.use(offset / page_bytes);
}

// A blocking access: the core's clock is at its end when this returns, and everybody else's too.
Time Engine::fetch(Core& core, LineIndex line, Directory::Kind kind, const Access& access) {
    Time began = core.clock;
    auto outcome = directory_.access(core.index, line, kind, began);
    auto fill = std::find_if(core.fills.begin(), core.fills.end(), [&](const Fill& f) { return f.line == line; });
    bool asked_for = fill != core.fills.end();
    if (asked_for) {
        outcome.done = std::max(outcome.done, fill->arrives);
        core.fills.erase(fill);
    }
    if (!outcome.hit) ++core.count.misses;
    if (!outcome.hit && trace) trace(core.index, line * line_bytes, access.kind, began, outcome.done);
    if (kind == Directory::Kind::load && (asked_for || !outcome.hit)) {
        core.polls.clear();
        prefetch_after(core, line);
    }
    core.clock = outcome.done;
    catch_up(core);
    return outcome.done;
}

void Engine::prefetch_after(Core& core, LineIndex line) {
    core.prefetcher.note(line, [&](uint64_t target) {
        if (target * line_bytes >= memory_.used() || directory_.holds(core.index, target)) return;
        auto outcome = directory_.access(core.index, target, Directory::Kind::load, core.clock);
        core.fills.push_back({target, outcome.done});
        ++core.count.prefetched;
    });
}

void Engine::hint(const void* place, bool to_store) {
    if (inside_) return;
    Inside inside(inside_);
    Core& core = *current_;
    charge(core);
    if (!memory_.holds(place)) return;
    catch_up(core);
    LineIndex line = memory_.offset(place) / line_bytes;
    State had = directory_.state(core.index, line);
    bool enough = to_store ? had == State::modified || had == State::exclusive : had != State::invalid;
    auto coming =
        std::count_if(core.fills.begin(), core.fills.end(), [&](const Fill& f) { return f.arrives > core.clock; });
    if (enough || coming >= directory_.prices().stores_in_flight) return;
    auto outcome =
        directory_.access(core.index, line, to_store ? Directory::Kind::take : Directory::Kind::load, core.clock);
    core.fills.push_back({line, outcome.done});
    ++core.count.prefetched;
}

void Engine::copy_ended(CoreIndex index, LineIndex line, Time when) {
    Core& core = *cores_[index];
    std::erase_if(core.fills, [line](const Fill& fill) { return fill.line == line; });
    if (!core.parked) return;
    if (std::none_of(core.polls.begin(), core.polls.end(), [line](const Polled& p) { return p.line == line; })) return;
    core.parked = false;
    core.polls.clear();
    if (when > core.parked_at) {
        Time rounds = core.period == 0 ? 0 : (when - core.parked_at + core.period - 1) / core.period;
        core.clock = core.period == 0 ? when : core.parked_at + rounds * core.period;
    }
    ready_.push({core.clock, core.index});
}

// True: this word has been looked at again and again, and nothing else was done.
bool Engine::polls_again(Core& core, const Access& access, uint64_t value) {
    auto seen =
        std::find_if(core.polls.begin(), core.polls.end(), [&](const Polled& p) { return p.place == access.place; });
    LineIndex line = memory_.offset(access.place) / line_bytes;
    if (seen == core.polls.end() || seen->value != value) {
        if (seen != core.polls.end() || core.polls.size() == most_polled) core.polls.clear();
        core.polls.push_back({access.place, line, value, core.clock, 1});
        return false;
    }
    ++core.count.polls;
    core.period = core.clock - seen->when;
    seen->when = core.clock;
    return ++seen->times > looks_of_a_poll && directory_.holds(core.index, line);
}

void Engine::park(Core& core) {
    ++core.count.parked;
    core.parked = true;
    core.parked_at = core.clock;
    leave(core);
}

void Engine::plain(const Access& access) {
    if (inside_) return;
    Inside inside(inside_);
    Core& core = *current_;
    charge(core);
    if (!memory_.holds(access.place)) return;
    ++core.count.shared;
    catch_up(core);
    uint64_t offset = memory_.offset(access.place);
    translate(core, offset);
    auto kind = access.kind == AccessKind::load ? Directory::Kind::load : Directory::Kind::take;
    for (uint64_t line = offset / line_bytes; line <= (offset + access.bytes - 1) / line_bytes; ++line) {
        fetch(core, line, kind, access);
    }
}

uint64_t Engine::load(const Access& access) {
    if (inside_) return load_now(access);
    Inside inside(inside_);
    Core& core = *current_;
    charge(core);
    if (!memory_.holds(access.place)) return load_now(access);
    ++core.count.shared;
    catch_up(core);
    uint64_t value = 0;
    if (forwarded(core, access, value)) return value;
    uint64_t offset = memory_.offset(access.place);
    translate(core, offset);
    fetch(core, offset / line_bytes, Directory::Kind::load, access);
    value = load_now(access);
    if (!polls_again(core, access, value)) return value;
    park(core);
    return value;  // as it was when we last looked: the next look sees more
}

void Engine::store(const Access& access, uint64_t value) {
    if (inside_) return store_now(access, value);
    Inside inside(inside_);
    Core& core = *current_;
    charge(core);
    if (!memory_.holds(access.place)) return store_now(access, value);
    ++core.count.shared;
    core.polls.clear();
    catch_up(core);
    translate(core, memory_.offset(access.place));
    buffer(core, access, value);
    if (access.order == std::memory_order_seq_cst) drain(core);
}

void Engine::drain() {
    Inside inside(inside_);
    drain(*current_);
}

// An atomic update: all older stores first, then the line is taken.
void Engine::take_for_update(const Access& access) {
    Core& core = *current_;
    charge(core);
    ++core.count.shared;
    core.polls.clear();
    catch_up(core);
    drain(core);
    translate(core, memory_.offset(access.place));
    fetch(core, memory_.offset(access.place) / line_bytes, Directory::Kind::take, access);
}

uint64_t Engine::update(const Access& access, UpdateKind kind, uint64_t operand) {
    if (inside_ || !memory_.holds(access.place)) return update_now(access, kind, operand);
    Inside inside(inside_);
    take_for_update(access);
    return update_now(access, kind, operand);
}

bool Engine::compare_exchange(const Access& access, uint64_t& expected, uint64_t desired, std::memory_order) {
    if (inside_ || !memory_.holds(access.place)) return compare_exchange_now(access, expected, desired);
    Inside inside(inside_);
    take_for_update(access);
    return compare_exchange_now(access, expected, desired);
}

Count Engine::total() const {
    Count sum;
    for (const auto& core : cores_) {
        if (!core) continue;
        sum.accesses += core->count.accesses;
        sum.shared += core->count.shared;
        sum.misses += core->count.misses;
        sum.parked += core->count.parked;
        sum.prefetched += core->count.prefetched;
        sum.stalls += core->count.stalls;
    }
    return sum;
}

uint64_t Engine::bytes_a_core() const {
    unsigned char resident[stack_bytes / page_bytes];
    uint64_t pages = 0, cores = 0;
    for (const auto& core : cores_) {
        if (!core || mincore(core->stack, stack_bytes, resident) != 0) continue;
        ++cores;
        for (unsigned char one : resident) pages += one & 1;
    }
    return cores == 0 ? 0 : pages * page_bytes / cores + sizeof(Core) + directory_.bytes() / cores;
}

}  // namespace skerry::simulated::model
