// What experiments share: a machine with its prices, a run of it, and the rows that come out.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "platforms/simulated/model/engine.hpp"

namespace skerry::simulated::model {

// Of the code's own, counted.
struct Software {
    RingSoftware ring;                         // cycles
    double instructions_per_access = 0;        // of the ring's code
    double group_instructions_per_access = 0;  // of the group's, with the ring in it
};

struct Setup {
    const Machine& machine;
    Software software;
    Prices prices;
    CoreModel core;
};

// Measures the ring's software where memory costs nothing, and from that and the machine's file its prices.
// Throws BadMachine.
Setup calibrate(const Machine& machine);

// The same machine, for the group's code.
Setup for_groups(Setup setup);

// Medians and so on, in cycles.
struct Figures {
    double median = 0, least = 0, p99 = 0;
    size_t samples = 0;
    static Figures of(std::vector<double> values);
};

// What every run reports of itself.
struct Report {
    double virtual_cycles = 0, seconds = 0;
    uint64_t accesses = 0, switches = 0, bytes_a_core = 0, cores = 0;
    void add(const Engine& engine, Time end, double host_seconds, uint64_t cores_in_run);
};

class Stopwatch {
  public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

  private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

// --- Table 2: one message's latency, and a stream with `in_flight` of them ---
struct RingFigures {
    double latency = 0, per_kcycle = 0;  // cycles; messages
};
RingFigures measure_ring(const Setup& setup, CoreIndex from, CoreIndex to, uint32_t in_flight, Report& report);

// --- Figure 6: the messages of a shootdown, by urpc/group ---
struct Shootdown {
    Figures latency;
    uint64_t lines = 0;                            // written by all, an operation
    uint64_t interrupts = 0;                       // instead of lines from the root
    double root_accesses = 0, other_accesses = 0;  // of the code, an operation; of all others
    double root_instructions = 0;                  // an operation
    Directory::Traffic traffic;                    // of all operations
};
// On the first `cores` cores. Throws std::invalid_argument for a variant that is none.
Shootdown measure_shootdown(const Setup& setup, const std::string& variant, uint32_t cores, uint32_t operations,
                            Report& report, const std::string& trace_file = {});

// The same by interrupts of the members' CPU drivers: the variant `ipi`.
Shootdown measure_interrupts(const Setup& setup, uint32_t cores, uint32_t operations, Report& report);

// The same along a tree from outside, one line "[shared] CHILD:PARENT:DOWN_AT:UP_AT ..." (urpc/group/tree.hpp: an edge; cores),
// over the cores that it names and core 0, the root; `shared`: all children of a parent poll one line. Throws
// std::invalid_argument for a plan that is none.
Shootdown measure_plan(const Setup& setup, const std::string& edges, uint32_t operations, Report& report);

// --- Figure 3: state that cores update together: `lines` of it, in shared memory or by message to a server ---
Figures measure_shared(const Setup& setup, bool by_message, uint32_t lines, uint32_t cores, uint32_t operations,
                       Report& report);

}  // namespace skerry::simulated::model
