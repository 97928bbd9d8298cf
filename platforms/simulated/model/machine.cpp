#include "platforms/simulated/model/machine.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

namespace skerry::simulated::model {

namespace {

constexpr uint32_t most_cores = 4096, most_nodes = 1024;
constexpr uint32_t unreached = UINT32_MAX;

std::string_view trim(std::string_view text) {
    size_t from = text.find_first_not_of(" \t\r");
    if (from == text.npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r") + 1 - from);
}

[[noreturn]] void refuse(unsigned line, const std::string& why) {
    throw BadMachine(line == 0 ? why : "line " + std::to_string(line) + ": " + why);
}

template <typename T>
T number(std::string_view word, unsigned line) {
    T value{};
    auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (problem != std::errc{} || end != word.data() + word.size() || value < T{}) {
        refuse(line, "'" + std::string(word) + "' is no number of the kind that stands here");
    }
    return value;
}

double real(std::string_view word, unsigned line) {
    double value = number<double>(word, line);
    if (!std::isfinite(value) || value > 1e9) refuse(line, "'" + std::string(word) + "' is no number for a cost");
    return value;
}

std::vector<uint32_t> numbers(std::string_view text, unsigned line) {
    std::vector<uint32_t> all;
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) all.push_back(number<uint32_t>(word, line));
    return all;
}

}  // namespace

std::string_view text(Relation relation) {
    static constexpr std::string_view names[] = {"die", "package", "hop1", "hop2", "hop3"};
    return names[static_cast<size_t>(relation)];
}

Machine Machine::load(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    if (!file || !(text << file.rdbuf())) throw BadMachine("cannot be read");
    return parse(path.substr(path.find_last_of('/') + 1), text.str());
}

Machine Machine::parse(std::string name, std::string_view text) {
    Machine machine;
    machine.name = std::move(name);
    for (unsigned line = 1; !text.empty(); ++line) {
        size_t end = std::min(text.find('\n'), text.size());
        machine.take_line(trim(text.substr(0, end)), line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    machine.check();
    machine.count_hops();
    return machine;
}

void Machine::take_line(std::string_view text, unsigned line) {
    if (text.empty() || text.front() == '#') return;
    if (text.starts_with("cost ")) return take_cost(text.substr(5), line);
    text = trim(text.substr(0, text.find('#')));
    size_t equals = text.find('=');
    if (equals == text.npos) refuse(line, "'" + std::string(text) + "' has no '='");
    std::string_view key = trim(text.substr(0, equals)), value = trim(text.substr(equals + 1));
    if (key == "packages") {
        packages = number<uint32_t>(value, line);
    } else if (key == "dies_per_package") {
        dies_per_package = number<uint32_t>(value, line);
    } else if (key == "cores_per_die") {
        cores_per_die = number<uint32_t>(value, line);
    } else if (key == "nodes") {
        nodes = number<uint32_t>(value, line);
    } else if (key == "link") {
        auto ends = numbers(value, line);
        if (ends.size() != 2 || ends[0] == ends[1]) refuse(line, "a link joins two nodes");
        links_.emplace_back(ends[0], ends[1]);
    } else if (key == "distance_by_hops") {
        distance_by_hops_ = numbers(value, line);
    } else if (key != "memory_per_node" && key != "latency_by_hops" && key != "bandwidth_by_hops") {
        refuse(line, "unknown key '" + std::string(key) + "'");
    }
}

// cost KEY = VALUE [LOW..HIGH] from SOURCE
void Machine::take_cost(std::string_view text, unsigned line) {
    size_t equals = text.find('='), from = text.find(" from ");
    if (equals == text.npos || from == text.npos || from < equals) {
        refuse(line, "a cost is 'cost KEY = VALUE [LOW..HIGH] from SOURCE'");
    }
    std::string key(trim(text.substr(0, equals)));
    std::string_view value = trim(text.substr(equals + 1, from - equals - 1));
    Cost cost;
    cost.line = line;
    cost.source = trim(text.substr(from + 6));
    if (cost.source.empty()) refuse(line, "'" + key + "' names no source");
    size_t space = value.find(' ');
    cost.value = real(value.substr(0, space), line);
    if (space != value.npos) {
        std::string_view range = trim(value.substr(space));
        size_t dots = range.find("..");
        if (dots == range.npos) refuse(line, "'" + std::string(range) + "' is no range LOW..HIGH");
        cost.low = real(range.substr(0, dots), line);
        cost.high = real(range.substr(dots + 2), line);
        if (cost.low > cost.value || cost.value > cost.high) refuse(line, "'" + key + "' lies outside of its range");
    } else if (cost.source.starts_with("unknown")) {
        refuse(line, "'" + key + "' has no source and no range");
    }
    if (!costs_.emplace(key, cost).second) refuse(line, "'" + key + "' is there twice");
}

void Machine::check() {
    uint64_t all = uint64_t{packages} * dies_per_package;
    if (all == 0 || cores_per_die == 0 || nodes == 0) {
        refuse(0, "packages, dies_per_package, cores_per_die and nodes must all be there, and not zero");
    }
    if (all > most_cores || all * cores_per_die > most_cores) {
        refuse(0, "more than " + std::to_string(most_cores) + " cores");
    }
    if (nodes > most_nodes || (nodes != 1 && nodes % packages != 0) || cores() % nodes != 0) {
        refuse(0, "'nodes' must be 1 or a multiple of the packages, and divide the cores");
    }
    for (auto [one, other] : links_) {
        if (one >= nodes || other >= nodes) refuse(0, "a link names a node that is not there");
    }
}

// Breadth first from each node.
void Machine::count_hops() {
    hops_.assign(size_t{nodes} * nodes, unreached);
    next_.assign(size_t{nodes} * nodes, 0);
    std::vector<std::vector<uint32_t>> near(nodes);
    for (auto [one, other] : links_) {
        near[one].push_back(other);
        near[other].push_back(one);
    }
    for (uint32_t to = 0; to < nodes; ++to) {
        std::vector<uint32_t> waiting{to};
        hops_[size_t{to} * nodes + to] = 0;
        next_[size_t{to} * nodes + to] = to;
        for (size_t i = 0; i < waiting.size(); ++i) {
            for (uint32_t far : near[waiting[i]]) {
                if (hops_[size_t{far} * nodes + to] != unreached) continue;
                hops_[size_t{far} * nodes + to] = hops_[size_t{waiting[i]} * nodes + to] + 1;
                next_[size_t{far} * nodes + to] = waiting[i];
                waiting.push_back(far);
            }
        }
        if (waiting.size() != nodes) refuse(0, "links do not reach every node from node " + std::to_string(to));
    }
}

Relation Machine::relation(uint32_t core, uint32_t other) const {
    if (die_of(core) == die_of(other)) return Relation::die;
    if (package_of(core) == package_of(other)) return Relation::package;
    uint32_t apart = std::clamp(hops(node_of(core), node_of(other)), 1u, 3u);
    return static_cast<Relation>(static_cast<uint32_t>(Relation::package) + apart);
}

uint8_t Machine::distance(uint32_t node, uint32_t other) const {
    if (distance_by_hops_.empty()) return static_cast<uint8_t>(10 + std::min(hops(node, other), 200u));
    size_t index = std::min<size_t>(hops(node, other), distance_by_hops_.size() - 1);
    return static_cast<uint8_t>(distance_by_hops_[index]);
}

double Machine::cost(const std::string& key) const {
    auto found = costs_.find(key);
    if (found == costs_.end()) refuse(0, "no cost '" + key + "'");
    return found->second.value;
}

double Machine::cost(const std::string& key, Relation relation) const {
    for (int r = static_cast<int>(relation); r >= 0; --r) {
        auto found = costs_.find(key + "." + std::string(text(static_cast<Relation>(r))));
        if (found != costs_.end()) return found->second.value;
    }
    refuse(0, "no cost '" + key + "." + std::string(text(relation)) + "' or nearer");
}

void Machine::set(const std::string& key, double value) {
    auto found = costs_.find(key);
    if (found == costs_.end()) refuse(0, "there is no cost '" + key + "' to set");
    found->second.value = value;
}

}  // namespace skerry::simulated::model
