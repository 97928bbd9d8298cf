#include "platforms/simulated/explorer.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "platforms/simulated/player.hpp"
#include "platforms/simulated/pool.hpp"
#include "platforms/simulated/snapshot.hpp"

namespace skerry::simulated {

namespace {

const std::string ready_mark = "\x1b]skerry;ready\a", token = "0123456789abcdef", token2 = "fedcba9876543210";

constexpr double shorten_seconds = 60;
// Monitors notice after 10 s that a core has stopped, and fence it a minute later. If none has, nobody needs so long.
constexpr uint64_t second = 1'000'000'000;  // ns
constexpr Patience if_all_go_on{.at_once = 5 * second}, if_one_stops{.in_all = 300 * second};
ChaosPlan calm_plan() {
    ChaosPlan plan;
    plan.switch_one_in = 64;
    return plan;
}
const char* name_of(Decision kind) {
    constexpr const char* names[] = {"core goes on:",
                                     "a poke comes late, by accesses:",
                                     "a core is poked for nothing:",
                                     "its program is interrupted",
                                     "a load looks back, by stores:",
                                     "a core stops:"};
    return names[static_cast<size_t>(kind)];
}
uint32_t count_of(const std::string& text, const std::string& what) {
    uint32_t count = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
    return count;
}

}  // namespace

Explorer::Explorer(const Campaign& campaign) : campaign_(campaign) {
    outcome_ = shared_memory<Outcome>();
}

void Explorer::printed(uint8_t byte) {
    output_ += static_cast<char>(byte);
}

void Explorer::type(const std::string& line) {
    std::string bytes = "\x01" + line + "\n";
    (void)simulator().world().serial().receive({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

// The machine stands still: at the prompt, or (a child) after its commands.
void Explorer::quiet() {
    if (child_ && booted_) return judge();
    if (hoards_ != 0) return --hoards_ == 0 ? (void)open_scene() : type(token2 + " " + played_.hoard);
    if (in_scene_) failed("scene " + std::to_string(scene_) + " is over before its schedules begin");
    if (output_.find(ready_mark) == std::string::npos) failed("the machine stands still before its prompt");
    booted_ = true;
    if (child_) return type(token + " " + command_);
    if (partners_ < simulator().world().shape().cores.size()) return type(token + " " + partner_command(partners_++));
    (void)run_campaign();
}

void Explorer::reached() {
    uint64_t first = campaign_.first + (scene_ % scenes + scenes - campaign_.first % scenes) % scenes;
    if (campaign_.count == 1 ? play_seeds(first, scenes) : replay_seeds(first, scenes)) return;
    std::fflush(nullptr);
    _exit(0);
}

void Explorer::begin(const Schedule& schedule) {
    auto cores = static_cast<uint32_t>(simulator().world().shape().cores.size());
    Random random(schedule.seed);
    bool loses = schedule.seed >= loss_seeds;
    ChaosPlan plan = schedule.calm ? calm_plan() : make_plan(random, cores, loses);
    plan_ = describe(plan);
    decisions_ = schedule.events != nullptr ? new Decisions(*schedule.events) : new Decisions(plan, random, cores);
    stops_ = plan.stops;
    may_fail_ = plan.stops != ~0u;
    must_end_ = loses;
    before_ = simulator().counts();
    if (campaign_.from_boot) command_ = "mem";
    simulator().play(*decisions_, may_fail_ ? if_one_stops : if_all_go_on);
}

void Explorer::before_boot() {
    if (campaign_.from_boot) (void)run_campaign();
}

void Explorer::judge() {
    // A core stopped: what was asked of it may never be answered, unless it is fenced.
    if (may_fail_ && !must_end_) leave(false, "");
    if (output_.find("\x1b]skerry;end;" + token) == std::string::npos) {
        leave(true, "nobody can go on, and the command has not ended: a wake-up is lost");
    }
    if (may_fail_) leave(false, command_);
    if (played_.hoards != 0)
        leave(false,
              command_ + " after " + std::to_string(played_.hoards) + " x " + played_.hoard);  // it may be refused
    if (output_.find("\x1b]skerry;end;" + token + ";0\a") == std::string::npos ||
        count_of(output_, ": ok") != trials_) {
        std::string text;
        for (char c : output_) text += c >= ' ' && c <= '~' ? c : ' ';
        leave(true, "'" + command_ + "' went wrong: " + text);
    }
    leave(false, command_);
}

void Explorer::leave(bool failed, const std::string& why) {
    Outcome& outcome = *outcome_;
    const Counts& now = simulator().counts();
    outcome.steps = simulator().step();
    outcome.driver_steps = now.driver_visible - before_.driver_visible;
    outcome.accesses = now.accesses - before_.accesses;
    outcome.hash = simulator().hash();
    outcome.whole = !failed && !may_fail_ && played_.hoards == 0;
    outcome.fenced = stops_ != ~0u && simulator().fenced(stops_);
    outcome.done = true;
    outcome.failed = failed;
    std::snprintf(outcome.text, Outcome::text_bytes, "%s (%s)", why.c_str(), plan_.c_str());
    if (failed) {
        const std::vector<Event>& events = decisions_->events();
        outcome.events = std::min<uint64_t>(events.size(), Outcome::events_maximum);
        std::copy_n(events.begin(), outcome.events, outcome.event);
    }
    if (player_ != 0) (void)hosted::switch_to(player_, nullptr);
    _exit(0);
}

void Explorer::ended(int status) {
    failed("the machine ended with status " + std::to_string(status) + ": " + output_);
}

void Explorer::failed(const std::string& why) {
    if (child_) leave(true, why);
    std::printf("%s\n", why.c_str());
    std::snprintf(outcome_->text, Outcome::text_bytes, "%s", why.c_str());
    std::fflush(nullptr);
    _exit(1);
}

// --- the parent ---

void Explorer::forget_outcome(uint64_t seed) {
    outcome_->done = outcome_->failed = outcome_->whole = outcome_->fenced = false;
    outcome_->events = 0;
    outcome_->seed = seed;
}

// True in the child, which goes on as the machine.
bool Explorer::run(const Schedule& schedule) {
    forget_outcome(schedule.seed);
    std::fflush(nullptr);
    pid_t child = fork();
    if (child < 0) failed("no process for a schedule");
    if (child == 0) {
        child_ = true;
        begin(schedule);
        return true;
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
    }
    if (!outcome_->done) {
        outcome_->failed = true;
        std::snprintf(outcome_->text, Outcome::text_bytes, "the machine crashed (signal %d)", WTERMSIG(status));
    }
    return false;
}

// In a process of its own, which ends when the scene's seeds have been played.
bool Explorer::begin_scene(uint64_t number) {
    pid_t child = fork();
    if (child < 0) failed("no process for a scene");
    if (child != 0) {
        int status = 0;
        while (waitpid(child, &status, 0) < 0) {
        }
        if (status == 0) return false;
        ++outcome_->totals.failed;
        (void)found();
        std::printf("scene %" PRIu64 " did not come to its schedules\n", number);
        return false;
    }
    in_scene_ = true;
    scene_ = number;
    played_ = make_scene(number, static_cast<uint32_t>(simulator().world().shape().cores.size()));
    hoards_ = played_.hoards;
    if (hoards_ == 0) return open_scene();
    type(token2 + " " + played_.hoard);
    return true;
}

// Types the scene's command, and goes on to where its schedules begin.
bool Explorer::open_scene() {
    output_.clear();
    trials_ = played_.workload.trials;
    command_ = played_.workload.command;
    if (!played_.workload.background.empty()) type(token2 + " " + played_.workload.background);
    if (!played_.workload.lender.empty()) type(token2 + " " + played_.workload.lender);
    type(token + " " + command_);
    if (played_.steps_left == everything) {
        simulator().stop_after(1);
        return true;
    }
    Schedule calm{scene_, true, nullptr};
    if (run(calm)) return true;  // how many steps is it in all?
    if (outcome_->failed) failed(std::string("a calm schedule fails: ") + outcome_->text);
    begin(calm);
    simulator().stop_after(outcome_->steps > played_.steps_left ? outcome_->steps - played_.steps_left : 1);
    return true;
}

bool Explorer::run_campaign() {
    start_ = host_seconds();
    outcome_->totals = {};
    outcome_->totals.told = start_;
    outcome_->totals.least = ~uint64_t{0};
    if (campaign_.from_boot) {
        if (play_seeds(campaign_.first, 1)) return true;
    } else {
        for (uint64_t i = 0; i < std::min(scenes, campaign_.count); ++i) {
            std::fflush(nullptr);
            if (begin_scene(scene_of(campaign_.first + i))) return true;
            if (outcome_->totals.found) break;
        }
    }
    tell_totals();
    std::fflush(nullptr);
    _exit(outcome_->totals.failed != 0);
}

// Each `step`-th seed of the campaign.
bool Explorer::play_seeds(uint64_t first, uint64_t step) {
    for (uint64_t seed = first; seed < campaign_.first + campaign_.count; seed += step) {
        if (run({seed, false, nullptr})) return true;
        count(seed);
        if (!outcome_->failed) continue;
        tell_failure(seed);
        if (found()) break;
        if (campaign_.count == 1 && shorten(seed)) return true;
    }
    return false;
}

// The same, from snapshots. In the child, this returns once for each seed, with memory as it was.
bool Explorer::replay_seeds(uint64_t first, uint64_t step) {
    for (uint64_t seed = first; seed < campaign_.first + campaign_.count; seed = outcome_->seed + step) {
        forget_outcome(seed);
        std::fflush(nullptr);
        pid_t child = fork();
        if (child < 0) failed("no process for schedules");
        if (child == 0) {
            child_ = true;
            turn_ = step;
            player_ = hosted::make_context(player_stack() + player_stack_bytes, player_stack_bytes, &play_in_turn);
            hosted::Arrival arrival = hosted::switch_to(player_, this);
            player_ = arrival.from;
            begin({*static_cast<uint64_t*>(arrival.data), false, nullptr});
            return true;
        }
        int status = 0;
        while (waitpid(child, &status, 0) < 0) {
        }
        if (WIFEXITED(status)) break;
        outcome_->failed = true;
        std::snprintf(outcome_->text, Outcome::text_bytes, "the machine crashed (signal %d)", WTERMSIG(status));
        count(outcome_->seed);
        tell_failure(outcome_->seed);
        if (found()) break;
    }
    return false;
}

void Explorer::play_in_turn(hosted::Arrival arrival) {
    static_cast<Explorer*>(arrival.data)->go_through(arrival.from);
    std::fflush(nullptr);
    _exit(0);
}

// On a stack of its own, which no snapshot sees: from the seed that the outcome names on.
void Explorer::go_through(uint64_t machine) {
    std::span<std::byte> memory(simulator().world().memory(), simulator().world().bytes());
    const std::span<std::byte> ranges[] = {memory, pool::range(), statics()};
    Snapshot snapshot(ranges);
    for (uint64_t seed = outcome_->seed;;) {
        (void)hosted::switch_to(machine, &seed);
        count(seed);
        if (outcome_->failed) tell_failure(seed);
        if (outcome_->failed && found()) return;
        if (seed + turn_ >= campaign_.first + campaign_.count) return;
        seed += turn_;
        snapshot.restore();
        forget_outcome(seed);
    }
}

void Explorer::count(uint64_t seed) {
    Totals& totals = outcome_->totals;
    ++totals.played;
    totals.failed += outcome_->failed;
    totals.fenced += outcome_->fenced;
    totals.steps += outcome_->steps;
    totals.accesses += outcome_->accesses;
    if (outcome_->whole) totals.least = std::min(totals.least, outcome_->steps);
    if (campaign_.verbose) {
        std::printf("seed %" PRIu64 ": %" PRIu64 " steps, %" PRIu64 " of them in drivers, %" PRIu64
                    " accesses, run %016" PRIx64 ", %s%s\n",
                    seed, outcome_->steps, outcome_->driver_steps, outcome_->accesses, outcome_->hash,
                    outcome_->failed ? "FAILED " : "", outcome_->text);
    }
    if (host_seconds() - totals.told <= 5) return;
    totals.told = host_seconds();
    std::fprintf(stderr, "%" PRIu64 " of %" PRIu64 " schedules, %" PRIu64 " failed\n", totals.played, campaign_.count,
                 totals.failed);
}

void Explorer::tell_totals() const {
    const Totals& totals = outcome_->totals;
    if (totals.fenced != 0) std::printf("%" PRIu64 " schedules with a core fenced\n", totals.fenced);
    auto count = static_cast<double>(std::max<uint64_t>(totals.played, 1));
    uint64_t least = totals.least == ~uint64_t{0} ? totals.steps : totals.least;  // of those that did all they should
    std::printf("%" PRIu64 " schedules from seed %" PRIu64 ", %" PRIu64
                " failed; visible steps: %.0f each, at least %" PRIu64 "; %.0f accesses each; %.0f schedules/s\n",
                totals.played, campaign_.first, totals.failed, static_cast<double>(totals.steps) / count, least,
                static_cast<double>(totals.accesses) / count, count / (host_seconds() - start_));
}

// Leaves out what the failure does not need: ever smaller pieces of the list (delta debugging, Zeller and Hildebrandt
// 2002), as long as the machine still fails.
bool Explorer::shorten(uint64_t seed) {
    std::vector<Event> events(outcome_->event, outcome_->event + outcome_->events), candidate;
    size_t whole = events.size();
    if (run({seed, false, &events})) return true;
    if (!outcome_->failed) {
        std::printf("  the list of its %zu decisions alone does not fail: not shortened\n", whole);
        return false;
    }
    double until = host_seconds() + shorten_seconds;
    for (size_t piece = std::max<size_t>(1, whole / 2); host_seconds() < until; piece /= 2) {
        for (size_t at = 0; at < events.size() && host_seconds() < until;) {
            size_t end = std::min(events.size(), at + piece);
            candidate.assign(events.begin(), events.begin() + static_cast<ptrdiff_t>(at));
            candidate.insert(candidate.end(), events.begin() + static_cast<ptrdiff_t>(end), events.end());
            if (run({seed, false, &candidate})) return true;
            if (outcome_->failed) {
                events = candidate;
            } else {
                at = end;
            }
        }
        if (piece == 1) break;
    }
    std::printf("  shortened from %zu decisions to %zu:\n", whole, events.size());
    constexpr size_t shown = 24;
    for (size_t i = 0; i < std::min(shown, events.size()); ++i) {
        std::printf("    step %" PRIu64 ": %s %" PRIu64 "\n", events[i].step, name_of(events[i].kind), events[i].value);
    }
    return false;
}

// Is what has just failed what was looked for?
bool Explorer::found() {
    bool now = campaign_.until && std::strstr(outcome_->text, campaign_.until->c_str()) != nullptr;
    outcome_->totals.found = outcome_->totals.found || now;
    return now;
}

void Explorer::tell_failure(uint64_t seed) {
    std::printf("--seed %" PRIu64 ": %s\n", seed, outcome_->text);
    std::fflush(nullptr);
}

}  // namespace skerry::simulated
