// Monitors that agree, at the grain of messages: each link between two cores is a queue, each step one message, one
// loss, or one monitor that hears of a loss. A state is a value, so that all of them can be visited.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "monitor/agreement/commit.hpp"
#include "monitor/agreement/round.hpp"

namespace skerry::test::agreement {

using base::CoreId;
using base::Error;
using monitor::CoreSet;
using monitor::agreement::Answer;
using monitor::agreement::Ballot;
using monitor::agreement::OperationId;
using monitor::agreement::OrderTree;
using monitor::agreement::Round;
using monitor::agreement::Stage;

enum class Phase : uint8_t { order, prepare, decide, inquire, takeover };

struct Message {
    bool answer = false;
    Phase phase = Phase::order;
    uint32_t call = 0;  // the sender's number for it; the answer carries it back
    OperationId id;
    CoreId authority;
    Stage decision = Stage::nothing;
    CoreSet members, below;
    Answer what;
    OrderTree tree{};
};

// A round at one core: its own operation's, or one that it was asked to take part in.
struct Part {
    Phase phase = Phase::order;
    OperationId id;
    CoreId authority;
    Stage decision = Stage::nothing;
    CoreSet members;
    OrderTree tree{};
    bool own = true;
    CoreId parent;
    uint32_t parent_call = 0;
    Round round{CoreSet{}};
    std::vector<std::pair<uint32_t, CoreId>> calls;  // that wait for an answer
};

// Made on purpose, to see that the checks find it.
enum class Mistake : uint8_t {
    none,
    decides_without_votes,
    looks_without_inquiring,
    skips_those_below,
    adopts_nobody,
    seeks_no_successor
};

struct Plan {
    struct Operation {
        uint32_t root;
        bool two_phase;
    };
    uint32_t cores = 3, width = 1, losses = 0;
    std::vector<Operation> operations;
    CoreSet refusing;  // members that vote no
    Mistake mistake = Mistake::none;
    std::vector<std::vector<uint8_t>> trees{};  // by root: of its orders; none: without
};

struct Node {
    bool alive = true;
    CoreSet known_lost;
    monitor::agreement::BallotTable<4> ballots;
    std::vector<Part> parts;
    uint32_t calls = 0;
    std::vector<OperationId> performed;  // one-phase
    std::vector<OperationId> recovered;
};

// How an operation stands at its root.
struct Progress {
    bool begun = false, ended = false;
    Stage decision = Stage::nothing;
    Answer answer;
};

class Network {
  public:
    explicit Network(const Plan& plan);

    // Steps that can be taken now; taking one, by its place in that number.
    uint32_t choices() const;
    void take(uint32_t choice);
    // Every state: nobody commits what another aborts. At rest: all has ended. Empty = all is well.
    std::string wrong() const;
    std::string key() const;  // equal for equal states

    const Plan& plan() const { return *plan_; }
    const Progress& progress(size_t operation) const { return progress_[operation]; }
    const Node& node(uint32_t core) const { return nodes_[core]; }

  private:
    struct Step {
        enum Kind : uint8_t { begin, deliver, lose, hear } kind;
        uint32_t a = 0, b = 0;
    };
    std::vector<Step> steps() const;
    std::deque<Message>& link(uint32_t from, uint32_t to) { return links_[from * plan_->cores + to]; }
    const std::deque<Message>& link(uint32_t from, uint32_t to) const { return links_[from * plan_->cores + to]; }
    void send(uint32_t from, CoreId to, const Message& message);
    void begin(uint32_t operation);
    void start(uint32_t core, Part part, const CoreSet& below);
    void receive(uint32_t core, uint32_t from, const Message& message);
    void hear(uint32_t core, uint32_t lost);
    Answer perform(uint32_t core, const Part& part);
    void ask_further(uint32_t core, Part& part);
    void settle(uint32_t core);
    void ended(uint32_t core, const Part& part);
    void seek_successor(uint32_t core);
    void recover(uint32_t core, OperationId id, CoreSet members);

    const Plan* plan_;
    std::vector<Node> nodes_;
    std::vector<std::deque<Message>> links_;
    std::vector<Progress> progress_;
    uint32_t lost_ = 0;
};

// All states that can be reached, each once; or runs of `seed`. -> what was wrong, or empty. `states`: how many.
std::string explore(const Plan& plan, uint64_t& states);
std::string run_seeds(const Plan& plan, uint64_t first, uint64_t count);

}  // namespace skerry::test::agreement
