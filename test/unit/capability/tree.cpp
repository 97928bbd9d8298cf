// The generic tree against std::multiset.
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <vector>

#include "platforms/base/tree.hpp"

namespace {

struct Node {
    int key = 0;
    bool inside = false;
    int highest = 0;  // key in the subtree
    skerry::base::TreeLink<Node> link;
};
bool less(const Node& a, const Node& b) {
    return a.key < b.key;
}
struct Traits : skerry::base::LinkTraits<Node, &Node::link, less> {
    static void update(Node& node) {
        node.highest = node.key;
        for (Node* child : {node.link.left, node.link.right}) {
            if (child != nullptr && child->highest > node.highest) node.highest = child->highest;
        }
    }
};
using Tree = skerry::base::Tree<Node, Traits>;

// The height, or -1000 if something is wrong below.
int sound(Node* node, Node* parent) {
    if (node == nullptr) return 0;
    int left = sound(node->link.left, node), right = sound(node->link.right, node);
    int highest = node->key;
    if (node->link.left != nullptr) highest = std::max(highest, node->link.left->highest);
    if (node->link.right != nullptr) highest = std::max(highest, node->link.right->highest);
    bool good = node->link.parent == parent && node->link.balance == right - left && std::abs(right - left) <= 1;
    return good && node->highest == highest ? 1 + std::max(left, right) : -1000;
}

}  // namespace

TEST_CASE("a tree keeps order and balance under random insertions and removals", "[tree]") {
    std::mt19937 random(7);
    std::vector<Node> nodes(200);
    Tree tree;
    std::multiset<int> model;
    for (int step = 0; step < 60000; step++) {
        Node& node = nodes[random() % nodes.size()];
        if (node.inside) {
            tree.remove(node);
            model.erase(model.find(node.key));
        } else {
            node.key = static_cast<int>(random() % 150);
            tree.insert(node);
            model.insert(node.key);
        }
        node.inside = !node.inside;
        if (step % 20 != 0) continue;
        REQUIRE(sound(tree.root(), nullptr) >= 0);
        REQUIRE(tree.size() == model.size());
        std::vector<int> forwards, backwards;
        for (Node* at = tree.first(); at != nullptr; at = tree.next(*at)) forwards.push_back(at->key);
        for (Node* at = tree.last(); at != nullptr; at = tree.previous(*at)) backwards.push_back(at->key);
        REQUIRE(std::equal(forwards.begin(), forwards.end(), model.begin(), model.end()));
        REQUIRE(std::equal(backwards.begin(), backwards.end(), model.rbegin(), model.rend()));
        int key = static_cast<int>(random() % 160);
        Node* bound = tree.lower_bound([key](const Node& n) { return n.key < key; });
        auto expected = model.lower_bound(key);
        REQUIRE((bound == nullptr) == (expected == model.end()));
        if (bound != nullptr) REQUIRE(bound->key == *expected);
    }
}

TEST_CASE("equal elements keep the order of their insertion", "[tree]") {
    std::vector<Node> nodes(50);
    Tree tree;
    for (Node& node : nodes) tree.insert(node);
    size_t index = 0;
    for (Node* at = tree.first(); at != nullptr; at = tree.next(*at)) REQUIRE(at == &nodes[index++]);
    REQUIRE(index == nodes.size());
}
