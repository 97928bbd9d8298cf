// All members of a group in one process.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "urpc/group/layout.hpp"
#include "urpc/group/operation.hpp"
#include "urpc/group/variant.hpp"

namespace skerry::urpc::group::test {

// Packages of equal size, one node each, on a line: node distance is 10 + 6 a hop.
struct Machine {
    std::vector<Place> places;
    std::vector<uint8_t> distance;
    uint32_t nodes;

    Machine(uint32_t packages, uint32_t cores_each) : nodes(packages) {
        for (uint32_t core = 0; core < packages * cores_each; ++core) {
            places.push_back({base::PackageId{core / cores_each}, base::NodeId{core / cores_each}});
        }
        for (uint32_t from = 0; from < packages; ++from) {
            for (uint32_t to = 0; to < packages; ++to) {
                distance.push_back(static_cast<uint8_t>(10 + 6 * (from > to ? from - to : to - from)));
            }
        }
    }
    Topology topology(uint16_t root = 0) const { return {places, Member{root}, distance, nodes}; }
    Plan plan(std::string_view variant, uint16_t root = 0) const {
        return find_variant(variant)->plan(topology(root)).value();
    }
};

// Adds one to each word on the way up; word 0 of the answer counts members if the message's is 0.
struct Counting : Work {
    std::vector<uint64_t> performed, done;
    std::vector<Words> answers;
    bool defers = false;
    Error reason = Error::none;
    Member culprit;
    int ends = 0;

    bool perform(uint64_t operation, Words& words) override {
        performed.push_back(words[1]);
        words = {1, operation};
        return !defers;
    }
    void merge(Words& sum, const Words& answer) override {
        sum[0] += answer[0];
        sum[1] = std::max(sum[1], answer[1]);
    }
    void completed(uint64_t operation, const Words& answer) override {
        done.push_back(operation);
        answers.push_back(answer);
    }
    void ended(Error why, Member who) override { reason = why, culprit = who, ++ends; }
};

struct CountingPoker : Poker {
    int count = 0;
    void poke() override { ++count; }
};

struct World : LentMemory {
    struct One {
        Counting work;
        Ends<most_members> ends;
        std::unique_ptr<Group> group;
        explicit One(uint32_t window) : ends(window) {}
    };
    Plan plan;
    Tree tree;
    Layout layout;
    std::vector<std::vector<Line>> lent;
    std::vector<std::unique_ptr<One>> members;

    // `of_root`: what the root does, if it is not to count.
    explicit World(const Plan& of, uint32_t window = 4, Work* of_root = nullptr)
        : plan(of), tree(Tree::from(of).value()), layout(plan, tree, window), lent(plan.members) {
        for (uint16_t i = 0; i < plan.members; ++i) {
            lent[i] = std::vector<Line>(layout.bytes(Member{i}) / line_size + 1);
            members.push_back(std::make_unique<One>(window));
        }
        for (uint16_t i = 0; i < plan.members; ++i) {
            Status filled = fill(members[i]->ends, plan, tree, layout, Member{i}, *this);
            SKERRY_ASSERT(filled.ok());
            Work& work = of_root != nullptr && Member{i} == plan.root ? *of_root : members[i]->work;
            members[i]->group = std::make_unique<Group>(work, Member{i}, members[i]->ends.links(), window);
        }
    }
    std::byte* of(Member lender) override { return reinterpret_cast<std::byte*>(lent[lender.value].data()); }

    Group& group(uint16_t i) { return *members[i]->group; }
    Counting& work(uint16_t i) { return members[i]->work; }
    Group& root() { return group(plan.root.value); }
    Counting& root_work() { return work(plan.root.value); }
    // Each member once, in order; lines taken.
    size_t round() {
        size_t taken = 0;
        for (auto& member : members) taken += member->group->poll();
        return taken;
    }
    void settle() {
        while (round() != 0) {
        }
    }
    // The front of the ring from a member to its child (down) or parent.
    RingState& state_down(uint16_t child) { return *view(layout.down(Member{child})).state; }
    RingState& state_up(uint16_t child) { return *view(layout.up(Member{child})).state; }
    RingView view(RingPlace place) { return RingView(of(place.at) + place.offset); }
};

}  // namespace skerry::urpc::group::test
