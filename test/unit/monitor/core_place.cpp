// Where a core lies: what the rules say is used where it can be.
#include "monitor/core_place.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "monitor/core_image.hpp"
#include "monitor/share.hpp"

using namespace skerry;
using namespace skerry::monitor;
using base::Error;

namespace {

constexpr base::NodeId home{1};
constexpr uint64_t all = 64 * mebibyte;

struct Chosen {
    uint32_t image, memory;
    bool by_rules;
    std::string reason;
};

Chosen choose(NodeAnswer image, NodeAnswer memory, std::array<uint64_t, 3> largest_free = {all, all, all}) {
    CorePlace place;
    choose_place(home, {image, memory}, largest_free, place);
    return {place.image.value, place.memory.value, place.by_rules, std::string(place.reason.view())};
}

void check_default(const Chosen& chosen, const std::string& reason) {
    CHECK(chosen.image == home.value);
    CHECK(chosen.memory == home.value);
    CHECK_FALSE(chosen.by_rules);
    CHECK(chosen.reason == reason);
}

}  // namespace

TEST_CASE("a core lies where the rules say", "[monitor]") {
    for (auto [image, memory] : {std::pair{0u, 0u}, {1u, 1u}, {2u, 0u}, {1u, 2u}}) {
        Chosen chosen = choose(image, memory);
        CHECK(chosen.image == image);
        CHECK(chosen.memory == memory);
        CHECK(chosen.by_rules);
        CHECK(chosen.reason.empty());
    }
}

TEST_CASE("without an answer a core lies at its own node, and it is said why", "[monitor]") {
    check_default(choose(Error::closed, Error::closed), "the knowledge base has not answered yet");
    check_default(choose(Error::timed_out, Error::closed), "the knowledge base does not answer");
    check_default(choose(Error::not_found, Error::not_found), "the rules give no image_node");
    check_default(choose(Error::full, Error::not_found), "the rules give more than one image_node");
    check_default(choose(Error::corrupt, Error::corrupt), "the rules' image_node: corrupt");
}

TEST_CASE("a node that cannot be used is not, each for itself", "[monitor]") {
    check_default(choose(3, 3), "the rules' image_node is node 3, which is not there");
    check_default(choose(~0u, ~0u), "the rules' image_node is node 4294967295, which is not there");
    Chosen memory = choose(0, 77);
    CHECK(memory.image == 0);
    CHECK(memory.memory == home.value);
    CHECK_FALSE(memory.by_rules);
    CHECK(memory.reason == "the rules' core_memory_node is node 77, which is not there");
    Chosen image = choose(Error::timed_out, 2);
    CHECK(image.image == home.value);
    CHECK(image.memory == 2);
    CHECK_FALSE(image.by_rules);
}

TEST_CASE("a node needs room for what shall lie there", "[monitor]") {
    uint64_t image_only = image_block_bytes;
    check_default(choose(0, 0, {image_only - 1, all, all}),
                  "the rules' image_node is node 0, which has no 2 MiB in one piece");
    Chosen image = choose(0, 0, {smallest_share - 1, all, all});
    CHECK(image.image == 0);
    CHECK(image.memory == home.value);
    CHECK(image.reason == "the rules' core_memory_node is node 0, which has no 16 MiB in one piece");
    CHECK(choose(0, 2, {image_only, 0, smallest_share}).by_rules);
}
