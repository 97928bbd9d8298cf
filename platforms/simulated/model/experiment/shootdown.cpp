// The members of a group (urpc/group) on a simulated machine, a core each: the raw cost of messages, nothing invalidated,
// as usr/bench/shootdown measures it in the booted system.
#include <fstream>
#include <numeric>
#include <sstream>

#include "platforms/simulated/model/experiment/experiment.hpp"
#include "urpc/group/layout.hpp"
#include "urpc/group/variant.hpp"

namespace skerry::simulated::model {

namespace {

namespace group = urpc::group;
using group::Member;

constexpr uint32_t window = 4;   // as in usr/bench/shootdown
constexpr uint32_t warm_up = 8;  // twice around each ring
enum class Order : uint64_t { shoot, leave };

struct Part final : group::Work {
    bool leaving = false;
    bool perform(uint64_t, group::Words& words) override {
        if (static_cast<Order>(words[0]) == Order::leave) leaving = true;
        return true;
    }
    void merge(group::Words&, const group::Words&) override {}
};

// Ends with as much room as a place in the tree needs.
class Place {
    std::shared_ptr<void> ends_;  // outlives the member

  public:
    Place(const group::Plan& plan, const group::Tree& tree, const group::Layout& layout, Member self,
          group::LentMemory& memory) {
        size_t children = tree.children(self).size();
        if (children <= 16) {
            make<16>(plan, tree, layout, self, memory);
        } else if (children <= 256) {
            make<256>(plan, tree, layout, self, memory);
        } else {
            make<group::most_members>(plan, tree, layout, self, memory);
        }
    }
    Part part;
    std::unique_ptr<group::Group> member;

    void serve() {
        while (!part.leaving || member->completed() < member->begun()) step();
    }
    void complete(uint64_t operations) {
        while (member->completed() < operations) step();
    }

  private:
    void step() {
        while (!member->arrived()) {
        }
        member->poll();
        if (member->closed())
            throw std::runtime_error("the group has ended: " + std::string(base::text(member->reason())));
    }
    template <size_t Most>
    void make(const group::Plan& plan, const group::Tree& tree, const group::Layout& layout, Member self,
              group::LentMemory& memory) {
        auto ends = std::make_shared<group::Ends<Most>>(window);
        if (!fill(*ends, plan, tree, layout, self, memory).ok()) throw std::runtime_error("a place cannot be made");
        member = std::make_unique<group::Group>(part, self, ends->links(), window);
        ends_ = ends;
    }
};

struct Lent final : group::LentMemory {
    std::vector<std::byte*> base;
    std::byte* of(Member lender) override { return base[lender.value]; }
};

struct Shape {
    std::vector<group::Place> places;
    std::vector<uint8_t> distance;
    Shape(const Machine& machine, uint32_t cores) {
        for (uint32_t i = 0; i < cores; ++i) {
            places.push_back({base::PackageId{machine.package_of(i)}, base::NodeId{machine.node_of(i)}});
        }
        for (uint32_t from = 0; from < machine.nodes; ++from) {
            for (uint32_t to = 0; to < machine.nodes; ++to) distance.push_back(machine.distance(from, to));
        }
    }
};

// A plan, and which core each member is.
struct Cast {
    group::Plan plan;
    std::vector<CoreIndex> cores;
};

// Everything of one run that its cores use.
struct World {
    std::unique_ptr<group::Plan> plan;
    std::unique_ptr<group::Tree> tree;
    std::unique_ptr<group::Layout> layout;
    Memory memory;
    Lent lent;
    std::vector<std::unique_ptr<Place>> members;

    World(const Machine& machine, const Cast& cast)
        : plan(std::make_unique<group::Plan>(cast.plan)),
          memory((cast.cores.size() * 2 + 64) * (group::ring_bytes(window) + page_bytes)) {
        auto cores = static_cast<uint16_t>(cast.cores.size());
        auto grown = group::Tree::from(*plan);
        if (!grown.ok() || plan->means == group::Means::interrupt) throw std::invalid_argument("no plan of lines");
        tree = std::make_unique<group::Tree>(*grown);
        layout = std::make_unique<group::Layout>(*plan, *tree, window);
        for (uint16_t i = 0; i < cores; ++i) {
            uint32_t bytes = layout->bytes(Member{i});
            lent.base.push_back(bytes == 0 ? nullptr : memory.take(machine.node_of(cast.cores[i]), bytes));
        }
        for (uint16_t i = 0; i < cores; ++i) {
            members.push_back(std::make_unique<Place>(*plan, *tree, *layout, Member{i}, lent));
        }
    }
};

Cast cast_of(const Machine& machine, const group::Variant& variant, uint32_t cores) {
    Shape shape(machine, cores);
    auto made = variant.plan({shape.places, Member{0}, shape.distance, machine.nodes});
    if (!made.ok()) throw std::invalid_argument("no plan for so many cores");
    Cast cast{*made, std::vector<CoreIndex>(cores)};
    std::iota(cast.cores.begin(), cast.cores.end(), 0);
    return cast;
}

// "CHILD:PARENT:DOWN_AT:UP_AT", cores.
std::array<CoreIndex, 4> edge_from(const Machine& machine, const std::string& word) {
    std::array<CoreIndex, 4> edge;
    int length = 0;
    bool read = std::sscanf(word.c_str(), "%u:%u:%u:%u%n", &edge[0], &edge[1], &edge[2], &edge[3], &length) == 4;
    if (!read || word.size() != static_cast<size_t>(length)) throw std::invalid_argument("'" + word + "' is no edge");
    for (CoreIndex core : edge) {
        if (core >= machine.cores()) throw std::invalid_argument("'" + word + "': there is no such core");
    }
    return edge;
}

Cast cast_from(const Machine& machine, const std::string& edges) {
    std::vector<std::array<CoreIndex, 4>> read;
    Cast cast;
    std::istringstream words(edges);
    for (std::string word; words >> word;) {
        if (word == "shared" && read.empty())
            cast.plan.means = group::Means::shared_line;
        else
            read.push_back(edge_from(machine, word));
    }
    if (read.empty()) throw std::invalid_argument("a plan without an edge");
    cast.cores = {0};
    for (const auto& edge : read) cast.cores.push_back(edge[0]);
    std::sort(cast.cores.begin(), cast.cores.end());
    auto member = [&](CoreIndex core) {
        auto place = std::lower_bound(cast.cores.begin(), cast.cores.end(), core);
        if (place == cast.cores.end() || *place != core) {
            throw std::invalid_argument("core " + std::to_string(core) + " is used and not in the plan");
        }
        return Member{static_cast<uint16_t>(place - cast.cores.begin())};
    };
    cast.plan.members = static_cast<uint32_t>(cast.cores.size());
    for (const auto& edge : read) {
        if (!cast.plan.edges.add({member(edge[0]), member(edge[1]), member(edge[2]), member(edge[3])})) {
            throw std::invalid_argument("too many edges");
        }
    }
    return cast;
}

void write_trace(Engine& engine, std::ofstream& file, const bool& on) {
    file << "core,offset,access,begins,ends\n";
    engine.trace = [&](CoreIndex core, uint64_t offset, AccessKind kind, Time from, Time to) {
        if (!on) return;
        file << core << ',' << offset << ',' << (kind == AccessKind::load ? "load" : "store") << ',' << in_cycles(from)
             << ',' << in_cycles(to) << '\n';
    };
}

Shootdown measure(const Setup& setup, const Cast& cast, uint32_t operations, Report& report,
                  const std::string& trace_file) {
    size_t cores = cast.cores.size();
    Stopwatch watch;
    World world(setup.machine, cast);
    Engine engine(setup.machine, setup.prices, setup.core, world.memory);
    std::ofstream file;
    bool tracing = false;
    if (!trace_file.empty()) {
        file.open(trace_file);
        write_trace(engine, file, tracing);
    }
    std::vector<double> samples;
    Time end = 0;
    uint64_t root_accesses = 0;
    engine.start(0, [&] {
        Place& root = *world.members[0];
        for (uint32_t i = 0; i < warm_up + operations; ++i) {
            tracing = !trace_file.empty() && i + 1 == warm_up + operations;
            Time began = engine.now();
            (void)root.member->begin({static_cast<uint64_t>(Order::shoot)}).ok();
            root.complete(i + 1);
            if (i >= warm_up) samples.push_back(in_cycles(engine.now() - began));
        }
        root_accesses = engine.count(0).accesses - engine.count(0).polls;
        tracing = false;
        (void)root.member->begin({static_cast<uint64_t>(Order::leave)}).ok();
        root.complete(warm_up + operations + 1);
        end = engine.now();
    });
    for (size_t i = 1; i < cores; ++i) engine.start(cast.cores[i], [&world, i] { world.members[i]->serve(); });
    engine.run();
    Shootdown result;
    result.latency = Figures::of(samples);
    result.traffic = engine.directory().traffic();
    uint64_t all = warm_up + operations + 1, lines = 0;
    for (auto& place : world.members) lines += place->member->lines_sent();
    result.lines = lines / all;
    result.root_accesses = static_cast<double>(root_accesses) / (warm_up + operations);
    result.root_instructions = result.root_accesses * setup.software.group_instructions_per_access;
    result.other_accesses =
        static_cast<double>(engine.total().accesses - engine.count(0).accesses) / static_cast<double>(all);
    report.add(engine, end, watch.seconds(), cores);
    return result;
}

}  // namespace

Shootdown measure_shootdown(const Setup& setup, const std::string& name, uint32_t cores, uint32_t operations,
                            Report& report, const std::string& trace_file) {
    const group::Variant* variant = group::find_variant(name);
    if (variant == nullptr) throw std::invalid_argument("there is no variant '" + name + "'");
    if (name == "ipi") return measure_interrupts(setup, cores, operations, report);
    return measure(setup, cast_of(setup.machine, *variant, cores), operations, report, trace_file);
}

Shootdown measure_plan(const Setup& setup, const std::string& edges, uint32_t operations, Report& report) {
    return measure(setup, cast_from(setup.machine, edges), operations, report, {});
}

}  // namespace skerry::simulated::model
