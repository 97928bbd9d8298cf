// Every reachable state once, depth first; and runs whose choices come from a seed.
#include <functional>
#include <random>
#include <unordered_set>

#include "test/unit/agreement/network.hpp"

namespace skerry::test::agreement {

namespace {

void put(std::string& out, uint64_t value) {
    for (; value >= 128; value >>= 7) out += static_cast<char>(value | 128);
    out += static_cast<char>(value);
}
void put(std::string& out, const CoreSet& set) {
    put(out, set.words()[0]);  // no test has more than 64 cores
}
void put(std::string& out, const OperationId& id) {
    put(out, id.number);
}
void put(std::string& out, const Answer& answer) {
    put(out, static_cast<uint64_t>(answer.error));
    put(out, answer.sum << 2 | answer.greatest);
    put(out, answer.lost);
}
// What a round shows of itself: who it waits for and how; two with equal histories have equal bytes.
void put(std::string& out, const Round& round) {
    static_assert(std::is_trivially_copyable_v<Round>);
    size_t hash = std::hash<std::string_view>{}({reinterpret_cast<const char*>(&round), sizeof round});
    put(out, hash);
}

}  // namespace

std::string Network::key() const {
    std::string out;
    for (const Node& node : nodes_) {
        put(out, node.alive);
        put(out, node.known_lost);
        for (const Ballot& ballot : node.ballots.all()) {
            put(out, ballot.id);
            put(out, static_cast<uint64_t>(ballot.stage) << 8 | ballot.authority.value);
        }
        put(out, node.parts.size());
        for (const Part& part : node.parts) {
            put(out, static_cast<uint64_t>(part.phase) << 8 | static_cast<uint64_t>(part.decision));
            put(out, part.id);
            put(out, uint64_t{part.own} << 16 | part.authority.value << 8 | part.parent.value);
            put(out, part.parent_call);
            put(out, part.round);
            put(out, part.calls.size());
            for (const auto& [call, to] : part.calls) put(out, uint64_t{call} << 8 | to.value);
        }
        put(out, node.calls);
        put(out, node.performed.size());
        for (const OperationId& id : node.performed) put(out, id);
        put(out, node.recovered.size());
        for (const OperationId& id : node.recovered) put(out, id);
    }
    for (const auto& link : links_) {
        put(out, link.size());
        for (const Message& message : link) {
            put(out, uint64_t{message.answer} << 16 | static_cast<uint64_t>(message.phase) << 8 |
                         static_cast<uint64_t>(message.decision));
            put(out, message.call);
            put(out, message.id);
            put(out, message.authority.value);
            put(out, message.members);
            put(out, message.below);
            put(out, message.what);
            put(out, reinterpret_cast<uintptr_t>(message.tree.bytes().data()));
            put(out, message.tree.size());
        }
    }
    for (const Progress& progress : progress_) {
        put(out, uint64_t{progress.begun} << 1 | uint64_t{progress.ended});
        put(out, static_cast<uint64_t>(progress.decision));
        put(out, progress.answer);
    }
    return out;
}

std::string explore(const Plan& plan, uint64_t& states) {
    std::unordered_set<std::string> seen;
    std::vector<Network> open{Network(plan)};
    seen.insert(open.back().key());
    while (!open.empty()) {
        Network state = std::move(open.back());
        open.pop_back();
        if (std::string wrong = state.wrong(); !wrong.empty()) return wrong;
        uint32_t choices = state.choices();
        for (uint32_t choice = 0; choice < choices; ++choice) {
            Network next = state;
            next.take(choice);
            if (seen.insert(next.key()).second) open.push_back(std::move(next));
        }
    }
    states = seen.size();
    return {};
}

std::string run_seeds(const Plan& plan, uint64_t first, uint64_t count) {
    constexpr uint32_t longest = 20'000;
    for (uint64_t seed = first; seed < first + count; ++seed) {
        std::mt19937_64 random(seed);
        Network state(plan);
        uint32_t steps = 0;
        for (; state.choices() != 0; ++steps) {
            if (steps == longest) return "no end, seed " + std::to_string(seed);
            state.take(static_cast<uint32_t>(random() % state.choices()));
            if (std::string wrong = state.wrong(); !wrong.empty()) return wrong + ", seed " + std::to_string(seed);
        }
        if (std::string wrong = state.wrong(); !wrong.empty()) return wrong + ", seed " + std::to_string(seed);
    }
    return {};
}

}  // namespace skerry::test::agreement
