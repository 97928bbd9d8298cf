// skerry_model FILE EXPERIMENT [cores=N,N...] [variants=NAME,...] [samples=N] [set:COST=VALUE]... [trace=FILE]
//
// One machine, one experiment; rows as `csv,` lines (DESIGN.md, section 12), and what the run says of itself as `report,`
// lines. The experiment `plans` reads trees from standard input, one a line, and prints a line for each. Exit status 2 and one line on standard error for input that is wrong.
#include <charconv>
#include <iostream>
#include <map>
#include <sstream>

#include "platforms/simulated/model/experiment/experiment.hpp"

namespace {

using namespace skerry::simulated::model;

struct Asked {
    std::string file, experiment, trace;
    std::vector<uint32_t> cores;
    std::vector<std::string> variants;
    uint32_t samples = 32;
    std::map<std::string, double> set;
};

[[noreturn]] void refuse(const std::string& why) {
    throw std::invalid_argument(why);
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
    return parts;
}

template <typename T>
T number(const std::string& text, T least, T most) {
    T value{};
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
        refuse("'" + text + "' is no number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
}

Asked parse(int count, char** words) {
    Asked asked;
    if (count < 3) refuse("usage: skerry_model FILE EXPERIMENT [KEY=VALUE]...");
    asked.file = words[1];
    asked.experiment = words[2];
    for (int i = 3; i < count; ++i) {
        std::string word = words[i];
        size_t equals = word.find('=');
        if (equals == word.npos) refuse("'" + word + "' has no '='");
        std::string key = word.substr(0, equals), value = word.substr(equals + 1);
        if (key == "cores") {
            for (auto& part : split(value)) asked.cores.push_back(number<uint32_t>(part, 2, 4096));
        } else if (key == "variants") {
            asked.variants = split(value);
        } else if (key == "samples") {
            asked.samples = number<uint32_t>(value, 1, 100000);
        } else if (key == "trace") {
            asked.trace = value;
        } else if (key.starts_with("set:")) {
            asked.set[key.substr(4)] = number<double>(value, 0, 1e9);
        } else {
            refuse("'" + key + "' is not known here");
        }
    }
    return asked;
}

void row(const Machine& machine, const std::string& experiment, const std::string& variant, uint32_t cores,
         const char* metric, const Figures& figures, const char* unit) {
    std::printf("csv,%s,simulated,%s,skerry,%s,%u,%s,%.6g,%.6g,%.6g,%s,%zu\n", experiment.c_str(), machine.name.c_str(),
                variant.c_str(), cores, metric, figures.median, figures.least, figures.p99, unit, figures.samples);
}

Figures one(double value) {
    return {value, value, value, 1};
}

// A pair of cores for each relation that the machine has.
std::map<Relation, CoreIndex> partners(const Machine& machine) {
    std::map<Relation, CoreIndex> found;
    for (CoreIndex core = 1; core < machine.cores(); ++core) found.emplace(machine.relation(0, core), core);
    return found;
}

void table2(const Setup& setup, Report& report) {
    for (auto [relation, core] : partners(setup.machine)) {
        RingFigures figures = measure_ring(setup, 0, core, 16, report);
        std::string name(text(relation));
        row(setup.machine, "table2", name, 2, "latency", one(figures.latency), "cycles");
        row(setup.machine, "table2", name, 2, "throughput_16_in_flight", one(figures.per_kcycle), "messages/kcycle");
    }
}

void shootdown(const Setup& setup, const Asked& asked, Report& report) {
    for (const std::string& variant : asked.variants) {
        for (uint32_t cores : asked.cores) {
            Shootdown done = measure_shootdown(setup, variant, cores, asked.samples, report, asked.trace);
            row(setup.machine, "shootdown", variant, cores, "latency", done.latency, "cycles");
            row(setup.machine, "shootdown", variant, cores, "messages", one(static_cast<double>(done.lines)),
                "messages");
            if (done.interrupts != 0) {
                row(setup.machine, "shootdown", variant, cores, "interrupts", one(static_cast<double>(done.interrupts)),
                    "messages");
            }
            row(setup.machine, "shootdown", variant, cores, "path_root", one(done.root_instructions), "instructions");
            std::printf(
                "traffic,%s,%u,from_core %llu,from_memory %llu,taken %llu,waited home %.0f line %.0f pair %.0f link "
                "%.0f\n",
                variant.c_str(), cores, static_cast<unsigned long long>(done.traffic.from_core),
                static_cast<unsigned long long>(done.traffic.from_memory),
                static_cast<unsigned long long>(done.traffic.taken), in_cycles(done.traffic.waited_home),
                in_cycles(done.traffic.waited_line), in_cycles(done.traffic.waited_pair),
                in_cycles(done.traffic.waited_link));
        }
    }
}

// One tree a line, one row a tree: its latency.
void plans(const Setup& setup, const Asked& asked, Report& report) {
    size_t number = 0;
    for (std::string line; std::getline(std::cin, line); ++number) {
        std::printf("plan,%zu,%.6g\n", number, measure_plan(setup, line, asked.samples, report).latency.median);
        std::fflush(stdout);
    }
}

// Variants SHMk and MSGk: k lines, updated in shared memory or by message.
void shared(const Setup& setup, const Asked& asked, Report& report) {
    for (const std::string& variant : asked.variants) {
        std::string kind = variant.substr(0, 3);
        if (kind != "SHM" && kind != "MSG") refuse("there is no variant '" + variant + "'; there are SHMk and MSGk");
        uint32_t lines = number<uint32_t>(variant.substr(3), 1, 64);
        for (uint32_t cores : asked.cores) {
            Figures figures = measure_shared(setup, kind == "MSG", lines, cores, asked.samples, report);
            row(setup.machine, "shared", variant, cores, "operation", figures, "cycles");
        }
    }
}

void costs(const Setup& setup) {
    for (const auto& [key, cost] : setup.machine.costs()) {
        std::printf("cost,%s,%g,%g,%g,%s\n", key.c_str(), cost.value, cost.low, cost.high, cost.source.c_str());
    }
    for (size_t i = 0; i < relations; ++i) {
        std::printf("derived,%s,read %.1f,take %.1f,gap %.1f\n", std::string(text(static_cast<Relation>(i))).c_str(),
                    in_cycles(setup.prices.read[i]), in_cycles(setup.prices.take[i]), in_cycles(setup.prices.gap[i]));
    }
    std::printf("derived,software,message %.1f,received %.1f,instructions an access %.3f; of groups %.3f\n",
                setup.software.ring.message, setup.software.ring.received, setup.software.instructions_per_access,
                setup.software.group_instructions_per_access);
}

void tell(const Report& report) {
    std::printf("report,virtual cycles %.0f,host seconds %.2f,accesses a second %.0f,switches %llu,bytes a core %llu\n",
                report.virtual_cycles, report.seconds,
                report.seconds > 0 ? static_cast<double>(report.accesses) / report.seconds : 0,
                static_cast<unsigned long long>(report.switches), static_cast<unsigned long long>(report.bytes_a_core));
}

int run(const Asked& asked) {
    Machine machine;
    try {
        machine = Machine::load(asked.file);
        for (auto& [key, value] : asked.set) machine.set(key, value);
        const Setup calibrated = calibrate(machine);
        const Setup setup =
            asked.experiment == "shootdown" || asked.experiment == "plans" ? for_groups(calibrated) : calibrated;
        for (uint32_t cores : asked.cores) {
            if (cores > machine.cores()) {
                refuse("cores=" + std::to_string(cores) + ": " + machine.name + " has " +
                       std::to_string(machine.cores()));
            }
        }
        Report report;
        if (asked.experiment == "table2") {
            table2(setup, report);
        } else if (asked.experiment == "shootdown") {
            shootdown(setup, asked, report);
        } else if (asked.experiment == "plans") {
            plans(setup, asked, report);
        } else if (asked.experiment == "shared") {
            shared(setup, asked, report);
        } else if (asked.experiment == "costs") {
            costs(setup);
        } else {
            refuse("there is no experiment '" + asked.experiment + "'; there are: table2 shootdown plans shared costs");
        }
        tell(report);
        return 0;
    } catch (const BadMachine& problem) {
        refuse(asked.file + ": " + problem.what());
    }
}

}  // namespace

int main(int count, char** words) {
    try {
        return run(parse(count, words));
    } catch (const std::invalid_argument& problem) {
        std::fprintf(stderr, "skerry_model: %s\n", problem.what());
        return 2;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "skerry_model: %s\n", problem.what());
        return 1;
    }
}
