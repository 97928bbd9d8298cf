#include "platforms/simulated/pairs.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "platforms/simulated/player.hpp"
#include "platforms/simulated/pool.hpp"
#include "platforms/simulated/snapshot.hpp"

namespace skerry::simulated {

namespace {

const std::string ready_mark = "\x1b]skerry;ready\a", token = "0123456789abcdef";
const std::string end_mark = "\x1b]skerry;end;" + token;
constexpr const char* orders_brought[] = {": ok one, other", ": ok other, one", ": ok either order"};

// What the program has said, without what the shell puts around it.
std::string plain(const std::string& text) {
    size_t begin = text.find("juggle pair");
    std::string kept = text.substr(begin == std::string::npos ? 0 : begin);
    kept.resize(std::min(kept.size(), kept.find('\x1b')));
    for (char& c : kept) c = c >= ' ' && c <= '~' ? c : ' ';
    return kept;
}

}  // namespace

Pairs::Pairs(std::vector<Pair> pairs, uint64_t runs_maximum, uint64_t by_chance)
    : pairs_(std::move(pairs)), runs_maximum_(runs_maximum), by_chance_(by_chance), found_(shared_memory<Found>()) {}

void Pairs::type(const std::string& line) {
    std::string bytes = "\x01" + token + " " + line + "\n";
    (void)simulator().world().serial().receive({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

// The machine stands still: at its prompt, or (a child) when the pair has been judged.
void Pairs::quiet() {
    if (child_) return judge();
    if (output_.find(ready_mark) == std::string::npos) failed("the machine stands still before its prompt");
    for (const Pair& pair : pairs_) {
        double start = host_seconds();
        if (explore(pair)) return;
        tell(pair, host_seconds() - start);
    }
    std::printf("%zu pairs, %" PRIu64 " failed\n", pairs_.size(), failed_pairs_);
    std::fflush(nullptr);
    _exit(failed_pairs_ != 0);
}

// True in the child, which goes on as the machine.
bool Pairs::explore(const Pair& pair) {
    found_->orders.reset();
    std::memset(&found_->done, 0, sizeof(Found) - offsetof(Found, done));
    std::fflush(nullptr);
    pid_t child = fork();
    if (child < 0) failed("no process for a pair");
    if (child == 0) {
        child_ = true;
        course_ = new Course(simulator(), found_->orders);
        simulator().learn(*course_);
        output_.clear();
        type("oncore 0 juggle pair " + pair.first + " " + pair.second);
        return true;
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
    }
    if (!found_->done && found_->failed++ == 0) {
        std::snprintf(found_->text, text_bytes, "the machine crashed (status %d)", status);
    }
    return false;
}

void Pairs::tell(const Pair& pair, double seconds) {
    const Orders::Counts& counts = found_->orders.counts();
    bool wrong = found_->failed != 0 || found_->left || counts.complete == 0 || found_->unknown != 0;
    failed_pairs_ += wrong;
    std::printf("%s %s:%s: %" PRIu64 " orders, %" PRIu64 " runs left early, %" PRIu64 " states, up to %" PRIu64
                " steps, %.1f s; %s; as ONE, OTHER %" PRIu64 ", as OTHER, ONE %" PRIu64 ", as either %" PRIu64,
                wrong ? "not ok" : "ok", pair.first.c_str(), pair.second.c_str(), counts.complete, counts.redundant,
                counts.states, counts.longest, seconds, found_->left ? "LEFT, not all" : "all", found_->came[0],
                found_->came[1], found_->came[2]);
    std::printf("; %" PRIu64 " histories", found_->histories);
    if (by_chance_ != 0) std::printf(", by chance %" PRIu64 " that were not explored", found_->unknown);
    if (found_->failed != 0) std::printf("; %" PRIu64 " failed, first: %s", found_->failed, found_->text);
    if (found_->orders.overflown()) std::printf("; too many steps, or too much touched in one");
    std::printf("\n");
    std::fflush(nullptr);
}

// Nobody has anything to do for long: both wait for their time.
bool Pairs::idle(uint64_t until) {
    if (!child_ || plays_) return false;

    if (until < simulator().now() + Course::patience_ns) return false;
    plays_ = true;
    player_ = hosted::make_context(player_stack() + player_stack_bytes, player_stack_bytes, &play);
    hosted::Arrival arrival = hosted::switch_to(player_, this);
    // Here once for each run, with memory as it was.
    player_ = arrival.from;
    before_ = simulator().counts().accesses;
    simulator().follow();
    return true;
}

void Pairs::play(hosted::Arrival arrival) {
    static_cast<Pairs*>(arrival.data)->play_all(arrival.from);
    std::fflush(nullptr);
    _exit(0);
}

// On a stack of its own, which no snapshot sees.
void Pairs::play_all(uint64_t machine) {
    std::span<std::byte> memory(simulator().world().memory(), simulator().world().bytes());
    const std::span<std::byte> ranges[] = {memory, pool::range(), statics()};
    Snapshot snapshot(ranges);
    for (uint64_t runs = 1;; ++runs) {
        found_->orders.begin_run();
        (void)hosted::switch_to(machine, nullptr);
        bool more = found_->orders.end_run(found_->run_complete);
        found_->left =
            found_->orders.overflown() || (more && (runs >= runs_maximum_ || found_->failed >= failures_maximum));
        if (!more || found_->left) break;
        snapshot.restore();
    }
    found_->wanders = true;
    for (uint64_t run = 0; run < by_chance_ && !found_->left; ++run) {
        snapshot.restore();
        found_->orders.wander(run);
        found_->orders.begin_run();
        (void)hosted::switch_to(machine, nullptr);
    }
    found_->done = true;
}

// Whether there was a run with that history. Linear probing.
bool Pairs::known(uint64_t history, bool add) {
    if (found_->histories == histories_maximum / 2) return true;
    size_t at = history % histories_maximum;
    while (found_->history[at] != 0 && found_->history[at] != history) at = (at + 1) % histories_maximum;
    bool there = found_->history[at] == history;
    if (add && !there) {
        found_->history[at] = history;
        ++found_->histories;
    }
    return there;
}

void Pairs::judge() {
    if (output_.find(end_mark) == std::string::npos) {
        leave(true, "nobody can go on, and the command has not ended: a wake-up is lost");
    }
    for (uint32_t order = 0; order < std::size(orders_brought); ++order) {
        if (output_.find(orders_brought[order]) == std::string::npos) continue;
        found_->came[order] += !found_->wanders;
        leave(true, "");
    }
    leave(true, plain(output_));
}

void Pairs::had() {
    leave(false, "");
}

void Pairs::leave(bool complete, const std::string& problem) {
    found_->run_complete = complete;
    if (complete && plays_) {
        bool there = known(course_->history(), !found_->wanders);
        found_->unknown += found_->wanders && !there;
    }
    found_->accesses += simulator().counts().accesses - before_;
    if (!problem.empty() && found_->failed++ == 0) {
        std::snprintf(found_->text, text_bytes, "%s", problem.c_str());
    }
    if (player_ != 0 && plays_) (void)hosted::switch_to(player_, nullptr);
    found_->done = true;
    _exit(1);
}

void Pairs::ended(int status) {
    failed("the machine ended with status " + std::to_string(status) + ": " + plain(output_));
}

void Pairs::failed(const std::string& why) {
    if (child_) leave(true, why);
    std::printf("%s\n", why.c_str());
    std::fflush(nullptr);
    _exit(1);
}

}  // namespace skerry::simulated
