// Pairs of capability operations, begun on two cores at one moment, in every order of messages and driver entries. The
// machine boots; for each pair the process forks, types `juggle pair ONE OTHER` (usr/test/juggle/pairs.hpp), and when both
// wait for their time takes a snapshot. From there one run after the other follows a course (course.hpp), until Orders knows
// of none that it has not had. After each, the sequential model of juggle judges answers, places, mappings and books, which
// must be what ONE, OTHER or OTHER, ONE bring; the checkers look at every entry.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platforms/hosted/fiber.hpp"
#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

using Pair = std::pair<std::string, std::string>;

class Pairs final : public Outside {
  public:
    // `runs_maximum`: of a pair; what has more is left there, which is said.
    // `by_chance`: so many runs more that take turns by chance; each must be one that was explored.
    Pairs(std::vector<Pair> pairs, uint64_t runs_maximum, uint64_t by_chance);
    void printed(uint8_t byte) override { output_ += static_cast<char>(byte); }
    void quiet() override;
    bool idle(uint64_t until) override;
    void had() override;
    [[noreturn]] void ended(int status) override;
    [[noreturn]] void failed(const std::string& why) override;

  private:
    static constexpr size_t text_bytes = 4096, histories_maximum = size_t{1} << 18;
    static constexpr uint64_t failures_maximum = 3;  // of a pair: then it is left
    // What a child leaves behind, in memory that the processes share.
    struct Found {
        Orders orders;
        bool done;         // all orders were had, or it was left
        bool left;         // because there were too many, or too many failed
        uint64_t came[3];  // what ONE, OTHER brings alone, what OTHER, ONE alone, what both
        uint64_t failed, accesses;
        uint64_t histories, unknown;  // of runs by chance: those that were not explored
        bool run_complete, wanders;
        char text[text_bytes];                // of the first failure
        uint64_t history[histories_maximum];  // a hash table; 0: free
    };
    bool explore(const Pair& pair);
    void type(const std::string& line);
    bool known(uint64_t history, bool add);
    void judge();
    [[noreturn]] void leave(bool complete, const std::string& problem);
    static void play(hosted::Arrival arrival);
    void play_all(uint64_t machine);
    void tell(const Pair& pair, double seconds);

    std::vector<Pair> pairs_;
    uint64_t runs_maximum_;
    uint64_t by_chance_;
    Found* found_;
    std::string output_;
    Course* course_ = nullptr;
    uint64_t player_ = 0;  // context
    uint64_t before_ = 0;  // accesses
    bool booted_ = false, child_ = false, plays_ = false;
    uint64_t failed_pairs_ = 0;
};

}  // namespace skerry::simulated
