#include "test/unit/agreement/network.hpp"

#include <algorithm>

namespace skerry::test::agreement {

using monitor::agreement::Branch;
using monitor::agreement::decided;

namespace {
CoreSet without(CoreSet set, const CoreSet& others) {
    for (uint32_t i = 0; i < CoreSet::capacity; ++i) {
        if (others.contains(CoreId{i})) set.remove(CoreId{i});
    }
    return set;
}
OperationId id_of(const Plan& plan, uint32_t operation) {
    return {CoreId{plan.operations[operation].root}, operation + 1};
}
}  // namespace

Network::Network(const Plan& plan)
    : plan_(&plan), nodes_(plan.cores), links_(size_t{plan.cores} * plan.cores), progress_(plan.operations.size()) {}

std::vector<Network::Step> Network::steps() const {
    std::vector<Step> found;
    for (uint32_t i = 0; i < progress_.size(); ++i) {
        if (!progress_[i].begun && nodes_[plan_->operations[i].root].alive) found.push_back({Step::begin, i});
    }
    for (uint32_t from = 0; from < plan_->cores; ++from) {
        for (uint32_t to = 0; to < plan_->cores; ++to) {
            if (nodes_[to].alive && !link(from, to).empty()) found.push_back({Step::deliver, from, to});
            bool unheard = !nodes_[from].alive && nodes_[to].alive && !nodes_[to].known_lost.contains(CoreId{from});
            if (unheard) found.push_back({Step::hear, to, from});
        }
        if (nodes_[from].alive && lost_ < plan_->losses) found.push_back({Step::lose, from});
    }
    return found;
}

uint32_t Network::choices() const {
    return static_cast<uint32_t>(steps().size());
}

void Network::take(uint32_t choice) {
    Step step = steps().at(choice);
    switch (step.kind) {
        case Step::begin:
            return begin(step.a);
        case Step::deliver: {
            Message message = link(step.a, step.b).front();
            link(step.a, step.b).pop_front();
            return receive(step.b, step.a, message);
        }
        case Step::lose:
            nodes_[step.a].alive = false;
            ++lost_;
            for (uint32_t from = 0; from < plan_->cores; ++from) link(from, step.a).clear();
            return;
        case Step::hear:
            link(step.b, step.a).clear();  // its channel is closed
            return hear(step.a, step.b);
    }
}

void Network::send(uint32_t from, CoreId to, const Message& message) {
    if (nodes_[to.value].alive) link(from, to.value).push_back(message);
}

void Network::begin(uint32_t operation) {
    progress_[operation].begun = true;
    const Plan::Operation& what = plan_->operations[operation];
    Part part;
    part.phase = what.two_phase ? Phase::prepare : Phase::order;
    part.id = id_of(*plan_, operation);
    part.authority = CoreId{what.root};
    for (uint32_t i = 0; i < plan_->cores; ++i) {
        bool takes_part = i != what.root && !nodes_[what.root].known_lost.contains(CoreId{i});
        if (takes_part) part.members.add(CoreId{i});
    }
    if (what.root < plan_->trees.size()) part.tree = OrderTree::of(plan_->trees[what.root]).value();
    start(what.root, part, part.members);
}

// A round begins: those below are asked, the own part is done at once.
void Network::start(uint32_t core, Part part, const CoreSet& below) {
    part.round = Round(below, part.tree, plan_->width);
    for (uint32_t i = 0; i < plan_->cores; ++i) {
        if (nodes_[core].known_lost.contains(CoreId{i})) part.round.lost(CoreId{i});
    }
    part.round.performed(perform(core, part));
    nodes_[core].parts.push_back(part);
    settle(core);
}

Answer Network::perform(uint32_t core, const Part& part) {
    Node& node = nodes_[core];
    Answer own;
    bool root = part.own && part.id.root.value == core;
    switch (part.phase) {
        case Phase::order:
            if (!root) node.performed.push_back(part.id), own.sum = 1;
            break;
        case Phase::prepare: {
            bool no = plan_->refusing.contains(CoreId{core});
            if (!root) own.error = node.ballots.prepare(part.id, part.members, no ? Error::overlaps : Error::none);
            break;
        }
        case Phase::decide:
            if (!root) node.ballots.decide(part.id, part.authority, part.decision);
            break;
        case Phase::inquire: {
            if (plan_->mistake == Mistake::looks_without_inquiring) {
                own.greatest = static_cast<uint64_t>(node.ballots.stage(part.id));
                break;
            }
            auto stage = node.ballots.inquire(part.id, part.authority);
            if (stage.ok())
                own.greatest = static_cast<uint64_t>(stage.value());
            else
                own.error = stage.error();
            break;
        }
        case Phase::takeover:
            break;
    }
    return own;
}

void Network::ask_further(uint32_t core, Part& part) {
    Branch branch;
    while (part.round.next(branch)) {
        if (plan_->mistake == Mistake::skips_those_below) branch.below = {};
        uint32_t call = ++nodes_[core].calls;
        part.calls.push_back({call, branch.child});
        send(core, branch.child,
             {false,
              part.phase,
              call,
              part.id,
              part.authority,
              part.decision,
              part.members,
              branch.below,
              {},
              part.tree.part(branch.first, branch.count)});
    }
}

// Asks what is to be asked, and lets go of rounds that are complete, until nothing changes.
void Network::settle(uint32_t core) {
    Node& node = nodes_[core];
    for (size_t i = 0; i < node.parts.size();) {
        ask_further(core, node.parts[i]);
        if (!node.parts[i].round.complete()) {
            ++i;
            continue;
        }
        Part part = node.parts[i];
        node.parts.erase(node.parts.begin() + static_cast<ptrdiff_t>(i));
        if (part.own)
            ended(core, part);
        else
            send(core, part.parent,
                 {true,
                  part.phase,
                  part.parent_call,
                  part.id,
                  part.authority,
                  part.decision,
                  {},
                  {},
                  part.round.answer()});
        i = 0;
    }
    seek_successor(core);
}

void Network::ended(uint32_t core, const Part& part) {
    const Answer& answer = part.round.answer();
    Progress& progress = progress_[part.id.number - 1];
    bool root = part.id.root.value == core;
    Part next = part;
    next.calls.clear();
    next.phase = Phase::decide;
    if (part.phase == Phase::prepare) {
        next.decision = progress.decision = decided(answer.error, answer.lost);
        if (plan_->mistake == Mistake::decides_without_votes) next.decision = progress.decision = Stage::committed;
        progress.answer = answer;
        return start(core, next, part.members);
    }
    if (part.phase == Phase::inquire) {
        next.decision = recovered(static_cast<Stage>(answer.greatest));
        return start(core, next, part.members);
    }
    if (root) progress.ended = true;
    if (root && part.phase == Phase::order) progress.answer = answer;
}

void Network::receive(uint32_t core, uint32_t from, const Message& message) {
    Node& node = nodes_[core];
    if (message.answer) {
        for (Part& part : node.parts) {
            auto call = std::find(part.calls.begin(), part.calls.end(), std::pair(message.call, CoreId{from}));
            if (call == part.calls.end()) continue;
            part.calls.erase(call);
            part.round.answered(CoreId{from}, message.what);
            break;
        }
        return settle(core);
    }
    if (message.phase == Phase::takeover) {
        if (!node.known_lost.contains(message.authority)) hear(core, message.authority.value);
        return recover(core, message.id, message.members);
    }
    Part part;
    part.phase = message.phase;
    part.id = message.id;
    part.authority = message.authority;
    part.decision = message.decision;
    part.members = message.members;
    part.tree = message.tree;
    part.own = false;
    part.parent = CoreId{from};
    part.parent_call = message.call;
    start(core, part, message.below);
}

void Network::hear(uint32_t core, uint32_t lost) {
    Node& node = nodes_[core];
    CoreId gone{lost};
    link(lost, core).clear();
    node.known_lost.add(gone);
    for (Part& part : node.parts) {
        if (plan_->mistake == Mistake::adopts_nobody) break;
        part.round.lost(gone);
        std::erase_if(part.calls, [&](const auto& call) { return call.second == gone; });
    }
    settle(core);
}

// Who has promised something to a core that is lost looks for somebody who decides.
void Network::seek_successor(uint32_t core) {
    Node& node = nodes_[core];
    if (plan_->mistake == Mistake::seeks_no_successor) return;
    for (const Ballot& ballot : node.ballots.all()) {
        if (ballot.stage != Stage::prepared || !node.known_lost.contains(ballot.authority)) continue;
        CoreSet survivors = without(ballot.members, node.known_lost);
        CoreId successor = CoreSet(survivors).take();
        if (successor.value == core) {
            auto tried = std::find(node.recovered.begin(), node.recovered.end(), ballot.id);
            if (tried != node.recovered.end()) continue;
            OperationId id = ballot.id;
            recover(core, id, ballot.members);
            return seek_successor(core);
        }
        Message message{false, Phase::takeover, 0, ballot.id, ballot.authority, Stage::nothing, ballot.members, {}, {}};
        const auto& sent = link(core, successor.value);
        bool told = std::any_of(sent.begin(), sent.end(), [&](const Message& m) {
            return m.phase == Phase::takeover && m.id == message.id && m.authority == message.authority;
        });
        if (!told) send(core, successor, message);
    }
}

void Network::recover(uint32_t core, OperationId id, CoreSet members) {
    Node& node = nodes_[core];
    if (std::find(node.recovered.begin(), node.recovered.end(), id) != node.recovered.end()) return;
    node.recovered.push_back(id);
    Part part;
    part.phase = Phase::inquire;
    part.id = id;
    part.authority = CoreId{core};
    part.members = without(members, node.known_lost);
    part.members.remove(CoreId{core});
    start(core, part, part.members);
}

std::string Network::wrong() const {
    bool rest = choices() == 0;
    for (uint32_t operation = 0; operation < progress_.size(); ++operation) {
        OperationId id = id_of(*plan_, operation);
        const Plan::Operation& what = plan_->operations[operation];
        const Progress& progress = progress_[operation];
        bool root_alive = nodes_[what.root].alive;
        Stage known = root_alive && what.two_phase ? progress.decision : Stage::nothing;
        if (rest && root_alive && !progress.ended) return "an operation never ends";
        for (uint32_t i = 0; i < plan_->cores; ++i) {
            const Node& node = nodes_[i];
            if (!node.alive || i == what.root) continue;
            Stage stage = node.ballots.stage(id);
            bool voted_no = plan_->refusing.contains(CoreId{i});
            if (stage == Stage::committed || (stage == Stage::aborted && !voted_no)) {
                if (known == Stage::nothing) known = stage;
                if (stage != known) return "one member commits what another aborts";
            }
            if (known == Stage::committed && voted_no) return "committed although a member refused";
            bool done = std::find(node.performed.begin(), node.performed.end(), id) != node.performed.end();
            if (progress.ended && root_alive && !what.two_phase && !done) return "it ended before a member had done it";
            if (rest && stage == Stage::prepared) return "a member waits for a decision for ever";
            if (rest && !node.parts.empty()) return "a round never ends";
        }
    }
    return {};
}

}  // namespace skerry::test::agreement
