// Schedules by the thousand from one booted machine. The machine boots by the fixed schedule; at its prompt the process
// forks for each seed, and the child types a command and plays that seed's decisions. So each schedule begins with the
// same memory, fibers and devices, to the bit, and a child that crashes harms nobody.
//
//   boot --> prompt --fork--> seed 1: command, decisions --> quiet: has everything happened that should?
//                   --fork--> seed 2 ...
#pragma once

#include <string>
#include <vector>

#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

struct Campaign {
    uint64_t first = 1, count = 1;
    bool verbose = false;      // a line a schedule
    bool from_boot = false;    // the schedules begin with the first instruction, and end with a command of all monitors
    bool until_first = false;  // ends with the first failure
};

// What a child leaves behind, in memory that it shares with its parent.
struct Outcome {
    static constexpr size_t events_maximum = 1 << 20, text_bytes = 512;
    uint64_t steps, driver_steps, accesses, hash, events;
    bool done, failed;
    char text[text_bytes];
    Event event[events_maximum];
};

class Explorer final : public Outside {
  public:
    explicit Explorer(const Campaign& campaign);
    // Before Simulator::run(): plays the schedules that begin there; returns in a child, or if there are none.
    void before_boot();
    void printed(uint8_t byte) override;
    void quiet() override;
    [[noreturn]] void ended(int status) override;
    [[noreturn]] void failed(const std::string& why) override;

  private:
    struct Schedule {
        uint64_t seed;
        const std::vector<Event>* events = nullptr;  // instead of the seed's own
    };
    void run_campaign();                 // returns in children only, which go on as the machine
    bool run(const Schedule& schedule);  // in a child. -> whether this is it
    void begin(const Schedule& schedule);
    void type(const std::string& line);
    void judge();
    void tell_failure(uint64_t seed);
    bool shorten(uint64_t seed);  // as run()
    [[noreturn]] void leave(bool failed, const std::string& why);

    Campaign campaign_;
    Outcome* outcome_;
    Counts before_;
    Decisions* decisions_ = nullptr;
    std::string output_, command_, plan_;
    uint32_t partners_ = 0;  // that wait for visitors
    uint32_t trials_ = 0;    // that the command starts
    bool booted_ = false, child_ = false, may_fail_ = false;
};

}  // namespace skerry::simulated
