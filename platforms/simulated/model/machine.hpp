// A machine as data: its shape and what things cost on it, read from a file of platforms/machines (README there). All
// costs are in cycles of one core unless it says otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace skerry::simulated::model {

// What is wrong with a file, with its line where there is one: "line 12: ...".
struct BadMachine : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Where two cores stand to each other. From hop1 on: packages that many links apart (1 where they share a bus).
enum class Relation : uint8_t { die, package, hop1, hop2, hop3, count_ };
constexpr size_t relations = static_cast<size_t>(Relation::count_);

struct Cost {
    double value = 0;
    double low = 0, high = 0;  // the range over which it is swept; both zero: it has a source
    std::string source;
    unsigned line = 0;  // of the file
};

class Machine {
  public:
    // Throws BadMachine.
    static Machine parse(std::string name, std::string_view text);
    static Machine load(const std::string& path);

    std::string name;
    uint32_t packages = 0, dies_per_package = 0, cores_per_die = 0, nodes = 0;

    uint32_t cores_per_package() const { return dies_per_package * cores_per_die; }
    uint32_t cores() const { return packages * cores_per_package(); }
    uint32_t package_of(uint32_t core) const { return core / cores_per_package(); }
    uint32_t die_of(uint32_t core) const { return core / cores_per_die; }
    uint32_t node_of(uint32_t core) const { return static_cast<uint32_t>(uint64_t{core} * nodes / cores()); }
    uint32_t hops(uint32_t node, uint32_t other) const { return hops_[node * nodes + other]; }
    // The next node on the shortest way to `to`.
    uint32_t next_hop(uint32_t node, uint32_t to) const { return next_[node * nodes + to]; }
    Relation relation(uint32_t core, uint32_t other) const;
    uint8_t distance(uint32_t node, uint32_t other) const;

    // One that the model needs; throws BadMachine if the file has none.
    double cost(const std::string& key) const;
    // A cost by relation, "KEY.die" and so on: that of the nearest relation below, where the file names none.
    double cost(const std::string& key, Relation relation) const;
    bool has(const std::string& key) const { return costs_.contains(key); }
    const std::map<std::string, Cost>& costs() const { return costs_; }
    void set(const std::string& key, double value);

  private:
    void take_line(std::string_view line, unsigned number);
    void take_cost(std::string_view words, unsigned number);
    void check();
    void count_hops();

    std::vector<std::pair<uint32_t, uint32_t>> links_;
    std::vector<uint32_t> distance_by_hops_;
    std::vector<uint32_t> hops_, next_;
    std::map<std::string, Cost> costs_;
};

// "die", "package", "hop1", ...
std::string_view text(Relation relation);

}  // namespace skerry::simulated::model
