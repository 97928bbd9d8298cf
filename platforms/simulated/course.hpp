// How a run of two cores goes on, decided at the grain of messages and driver entries (Orders says which orders are others).
// A core comes to a decision where
//   - a program enters its driver,
//   - a program is about to send a message: to publish its first line in a ring that another core reads,
//   - a program is about to find such a line: the message is delivered,
//   - it has nothing to do, or has been woken, be it by the time at which both shall begin.
// What lies between is one step; a poke belongs to the message before it. What a step has touched, so that it may not change
// places with a step of the other core:
//   - the line of the message that it sends, or finds;
//   - *who is next* on the core that it sends to, and on its own whenever its driver lets a program run: with the message there
//     already, its receiver could be the one. Not if that is the one that runs;
//   - what it has looked at in vain, such a line, or who is next, if something came of it: if the core has then taken a
//     message, sent one, or made a system call, before it looked there again. Who looks in vain and goes to sleep without
//     having done anything has not moved: it will be woken.
// By law 1 (nothing_shared.hpp, at every access) drivers touch nothing else of each other's. Not explored are the orders of
// accesses within: who sees whom asleep, which line of a message comes when (test/simulate explores those, by lines).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <unordered_map>

#include "platforms/hosted/core_thread.hpp"
#include "platforms/simulated/access.hpp"
#include "platforms/simulated/orders.hpp"

namespace skerry::simulated {

class Simulator;

class Course {
  public:
    Course(Simulator& simulator, Orders& orders) : simulator_(simulator), orders_(orders) {}

    // Until then it only learns who reads what.
    void begin() { begun_ = true; }

    // Of the running core. These return when it is its turn.
    void enters(const hosted::Trap& trap);
    void leaves();
    void looks(const Access& access);
    void publishes(const Access& access, uint64_t value);
    void polls();
    void rests() { vain_[core()].clear(); }  // it sleeps from now on
    void woken();
    void pokes(uint32_t other);

    // The running core's driver may have changed what it holds since it was entered.
    bool acted() const { return acted_[core()]; }
    // What programs have done on each core so far, one after the other: system calls, messages taken and sent. Two runs with
    // one history are the same, but for who slept when.
    uint64_t history() const { return history_[0] * 0x9e37'79b9'7f4a'7c15 ^ history_[1]; }
    // For the machine. -> the core that goes on; Orders::nobody: this run ends here.
    uint32_t next(uint32_t ready);
    void waited() { orders_.barrier(); }  // nobody could go on

    static bool is_header(const Access& access) { return access.bytes == 8 && access.offset % 64 == 56; }
    static bool begins_message(uint64_t header) { return (header >> 47 & 1) != 0; }  // urpc/line.hpp
    static constexpr uint64_t patience_ns = 300'000'000;  // who waits for a later time has nothing to do
    static constexpr uint64_t slack_ns = 1'000'000;       // times that are that near are one
    static constexpr uint64_t lead_ns = 50'000'000;       // so long before its beginning a core may take messages

  private:
    struct Line {
        uint64_t number = 0;                         // of what was published here
        uint64_t reader = 0;                         // the program that has looked last
        uint32_t writer = 0, readers = 0;            // readers: bits of cores that have looked
        std::array<uint64_t, Orders::cores> seen{};  // the number that each has seen
    };
    // Objects beside the lines, each less a core's number.
    static constexpr uint64_t interrupt_of = ~uint64_t{0} - 16, next_of = ~uint64_t{0};
    static constexpr uint64_t nobody = 1;  // instead of a program
    struct Look {
        uint32_t step;
        uint64_t side;
    };
    static constexpr uint64_t turns_maximum = 1'000'000;  // of a poll loop, in vain

    uint32_t core() const;
    void decide(bool later);
    void came_of_it();  // of what was looked at in vain
    void look_in_vain(uint64_t object, uint64_t side = 0) { vain_[core()][object] = {orders_.step(), side}; }
    uint64_t program() const;
    void did(uint64_t what, uint64_t with);

    Simulator& simulator_;
    Orders& orders_;
    std::unordered_map<uint64_t, Line> lines_;                  // by the place of the header
    std::array<std::map<uint64_t, Look>, Orders::cores> vain_;  // by object: the last look
    std::array<bool, Orders::cores> poked_{};                   // by the other, and has not chosen who is next since
    std::array<uint64_t, Orders::cores> turns_{};
    std::array<uint64_t, Orders::cores> ran_{};  // the program that has entered its driver last
    std::array<bool, Orders::cores> acted_{};
    std::array<bool, Orders::cores> sent_{};  // and has not entered its driver since
    std::array<uint64_t, Orders::cores> history_{};
    bool belongs_ = false;  // what the driver was entered for last, to a message
    bool begun_ = false;
    uint32_t later_ = 0;  // bits of cores that are about to send
};

}  // namespace skerry::simulated
