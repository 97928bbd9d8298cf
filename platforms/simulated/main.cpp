// A simulated machine in this process.
//   skerry_simulated [--report yes] [--seed N [--hold-up NS]] SHAPE...
//                                                              its serial line on standard input and output; with --hold-up a seed
//                                                              draws all that goes wrong in a schedule but lost cores, and a core does
//                                                              not run for so long at most
//   skerry_simulated --costs FILE --software M,R,I SHAPE...    the same, and time is what the machine's file says (timing.hpp)
//   skerry_simulated --explore COUNT [--first SEED] [--verbose yes] [--until WORDS] [--from-boot yes] SHAPE...
//                                                              schedules from its prompt, or from its start (explorer.hpp)
//   skerry_simulated --pairs ONE:OTHER,... [--runs MAXIMUM] [--chance COUNT] SHAPE...
//                                                              pairs of operations in every order (pairs.hpp)
// SHAPE: as of skerry_hosted (platforms/hosted/machine_shape.hpp). The launcher (tools/simulated.py) checks what people type.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string_view>

#include "platforms/hosted/machine_shape.hpp"
#include "platforms/hosted/programs.hpp"
#include "platforms/simulated/capability_rules.hpp"
#include "platforms/simulated/explorer.hpp"
#include "platforms/simulated/message_order.hpp"
#include "platforms/simulated/nothing_shared.hpp"
#include "platforms/simulated/pairs.hpp"
#include "platforms/simulated/sharing_rules.hpp"
#include "platforms/simulated/terminal.hpp"
#include "platforms/simulated/translation_rules.hpp"

namespace {

using namespace skerry;
namespace model = simulated::model;

struct Options {
    bool report = false;
    std::optional<uint64_t> seed, explore;
    uint64_t hold_most = 0;  // ns
    simulated::Campaign campaign;
    std::vector<char*> shape;
    std::vector<simulated::Pair> pairs;
    uint64_t runs_maximum = 1'000'000, by_chance = 0;  // of a pair
    std::string costs;                                 // a machine's file
    model::RingSoftware software;                      // what the ring's code takes on it,
    double instructions_per_access = 0;                // and what all code takes
};

// ONE:OTHER,ONE:OTHER,...
std::vector<simulated::Pair> take_pairs(std::string_view text) {
    std::vector<simulated::Pair> pairs;
    while (!text.empty()) {
        std::string_view pair = text.substr(0, text.find(','));
        size_t between = std::min(pair.find(':'), pair.size());
        pairs.emplace_back(pair.substr(0, between), pair.substr(std::min(between + 1, pair.size())));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
    }
    return pairs;
}

Options take_options(int count, char** arguments) {
    Options options;
    for (int i = 1; i < count; ++i) {
        std::string_view name = arguments[i];
        if (name == "--costs" && i + 1 < count) {
            options.costs = arguments[++i];
            continue;
        }
        if (name == "--pairs" && i + 1 < count) {
            options.pairs = take_pairs(arguments[++i]);
            continue;
        }
        if (name == "--until" && i + 1 < count) {
            options.campaign.until = arguments[++i];
            continue;
        }
        if (name == "--software" && i + 1 < count) {
            std::sscanf(arguments[++i], "%lf,%lf,%lf", &options.software.message, &options.software.received,
                        &options.instructions_per_access);
            continue;
        }
        bool ours = name == "--report" || name == "--verbose" || name == "--seed" || name == "--explore" ||
                    name == "--first" || name == "--from-boot" || name == "--runs" || name == "--chance" ||
                    name == "--hold-up";
        if (!ours || i + 1 == count) {
            options.shape.push_back(arguments[i]);
            continue;
        }
        uint64_t value = std::strtoull(arguments[++i], nullptr, 10);
        if (name == "--report") options.report = true;
        if (name == "--chance") options.by_chance = value;
        if (name == "--runs") options.runs_maximum = value;
        if (name == "--verbose") options.campaign.verbose = true;
        if (name == "--from-boot") options.campaign.from_boot = true;
        if (name == "--seed") options.seed = value;
        if (name == "--hold-up") options.hold_most = value;
        if (name == "--explore") options.explore = value;
        if (name == "--first") options.campaign.first = value;
    }
    options.campaign.count = options.explore.value_or(0);
    return options;
}

// For a whole boot.
simulated::ChaosPlan plan_of(uint64_t hold_most, simulated::Random& random, uint32_t cores) {
    simulated::ChaosPlan plan;
    plan.switch_one_in = 8;
    if (hold_most == 0) return plan;
    plan = simulated::make_plan(random, cores, false);
    plan.stops = ~0u;
    plan.hold_most = hold_most;
    return plan;
}

[[noreturn]] void run(hosted::World& world, simulated::Outside& outside, std::optional<uint64_t> seed,
                      uint64_t hold_most, const std::function<void()>& prepare) {
    // Not on this stack, which is no part of a snapshot. They live as long as the process.
    auto& simulator = *new simulated::Simulator(world, outside);
    simulator.add(*new simulated::NothingShared(simulator));
    simulator.add(*new simulated::MessageOrder(simulator));
    simulator.add(*new simulated::CapabilityRules(simulator));
    simulator.add(*new simulated::SharingRules(simulator));
    simulator.add(*new simulated::TranslationRules(simulator));
    auto cores = static_cast<uint32_t>(world.shape().cores.size());
    if (seed) {
        simulated::Random random(*seed);
        simulated::ChaosPlan plan = plan_of(hold_most, random, cores);
        simulator.without_limit();
        simulator.play(*new simulated::Decisions(plan, random, cores));
    }
    prepare();
    simulator.run();
}

}  // namespace

int main(int count, char** arguments) {
    Options options = take_options(count, arguments);
    hosted::MachineShape shape;
    if (const char* problem = hosted::read_shape(options.shape, shape)) {
        std::fprintf(stderr, "skerry_simulated: %s\n", problem);
        return 2;
    }
    // Schedules by the thousand begin behind boots that are as short as can be, and are about what goes on without rules.
    constexpr std::string_view knowledge[] = {"skb", "prices"};
    bool explores = options.explore || !options.pairs.empty();
    std::vector<std::byte> archive = hosted::make_archive(explores ? knowledge : std::span<const std::string_view>());
    auto& world = *new hosted::World(std::move(shape), archive);
    if (options.explore) {
        auto& explorer = *new simulated::Explorer(options.campaign);
        run(world, explorer, {}, 0, [&] { explorer.before_boot(); });
    }
    if (!options.pairs.empty()) {
        run(world, *new simulated::Pairs(options.pairs, options.runs_maximum, options.by_chance), {}, 0, [] {});
    }
    auto& terminal = *new simulated::Terminal(options.report || !options.costs.empty());
    run(world, terminal, options.seed, options.hold_most, [&] {
        if (options.costs.empty()) return;
        try {
            simulated::simulator().charge(
                *new simulated::Timing(options.costs, options.software, options.instructions_per_access, world));
        } catch (const model::BadMachine& problem) {
            std::fprintf(stderr, "skerry_simulated: %s: %s\n", options.costs.c_str(), problem.what());
            std::exit(2);
        }
    });
}
