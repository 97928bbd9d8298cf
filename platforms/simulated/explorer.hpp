// Schedules by the thousand from one booted machine. The machine boots by the fixed schedule; at its prompt the process
// forks for each scene (workload.hpp), which types a command and does the first part of it; there it forks once more, and
// the child plays one seed after the other, each from a snapshot of its memory (snapshot.hpp). So the schedules of a scene
// begin with the same memory, fibers and devices, to the bit. A child that crashes harms nobody: another takes its place.
//
//   boot --> prompt --fork--> scene 0: command, steps --fork--> seed 32: decisions --> quiet: has all happened that should?
//                   |                                           seed 64: snapshot, decisions --> quiet ...
//                   --fork--> scene 1 ...
//
// A seed that is played alone, and whole boots, have a process each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platforms/hosted/fiber.hpp"
#include "platforms/simulated/simulator.hpp"
#include "platforms/simulated/workload.hpp"

namespace skerry::simulated {

struct Campaign {
    uint64_t first = 1, count = 1;
    bool verbose = false;    // a line a schedule
    bool from_boot = false;  // the schedules begin with the first instruction, and end with a command of all monitors
    std::optional<std::string> until;  // ends with the first failure that is told in these words; empty: in any
};

// Of all schedules so far, in memory that all processes share.
struct Totals {
    uint64_t played, failed, steps, accesses, least, fenced;
    double told;  // when progress was, s
    bool found;   // the failure with which it ends
};

// What a child leaves behind, in such memory.
struct Outcome {
    static constexpr size_t events_maximum = 1 << 20, text_bytes = 4096;
    uint64_t seed, steps, driver_steps, accesses, hash, events;
    bool done, failed;
    bool whole;   // nothing failed, and no core stopped: all that was asked for was done
    bool fenced;  // a core stopped, and the others have fenced it
    char text[text_bytes];
    Totals totals;
    Event event[events_maximum];
};

class Explorer final : public Outside {
  public:
    explicit Explorer(const Campaign& campaign);
    // Before Simulator::run(): plays the schedules that begin there; returns in a child, or if there are none.
    void before_boot();
    void printed(uint8_t byte) override;
    void quiet() override;
    void reached() override;
    [[noreturn]] void ended(int status) override;
    [[noreturn]] void failed(const std::string& why) override;

  private:
    struct Schedule {
        uint64_t seed;
        bool calm;                         // nothing goes wrong, and cores seldom change
        const std::vector<Event>* events;  // null, or instead of the seed's own
    };
    // These four return true in a child, which goes on as the machine.
    bool run_campaign();
    bool play_seeds(uint64_t first, uint64_t step);
    bool replay_seeds(uint64_t first, uint64_t step);
    void forget_outcome(uint64_t seed);
    static void play_in_turn(hosted::Arrival arrival);
    void go_through(uint64_t machine);
    bool run(const Schedule& schedule);
    bool begin_scene(uint64_t number);
    bool open_scene();
    void begin(const Schedule& schedule);
    void type(const std::string& line);
    void judge();
    void count(uint64_t seed);
    void tell_failure(uint64_t seed);
    bool found();
    void tell_totals() const;
    bool shorten(uint64_t seed);  // as run()
    [[noreturn]] void leave(bool failed, const std::string& why);

    Campaign campaign_;
    Outcome* outcome_;
    Counts before_;
    double start_ = 0;
    uint64_t scene_ = 0;
    Decisions* decisions_ = nullptr;
    std::string output_, command_, plan_;
    uint32_t partners_ = 0;  // that wait for visitors
    uint32_t trials_ = 0;    // that the command starts
    Scene played_;
    uint64_t hoards_ = 0;   // that are still to end before the scene begins
    uint64_t player_ = 0;   // context, of a child that plays more than one
    uint64_t turn_ = 0;     // from one of its seeds to the next
    uint32_t stops_ = ~0u;  // the core that does
    bool booted_ = false, in_scene_ = false, child_ = false, may_fail_ = false, must_end_ = false;
};

}  // namespace skerry::simulated
