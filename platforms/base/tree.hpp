// Intrusive balanced binary search tree (AVL with parent pointers; Adelson-Velsky and Landis 1962): no
// allocation, no recursion, every operation at most O(log n) steps. Equal elements keep the order of their
// insertion.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "platforms/base/assert.hpp"

namespace skerry::base {

// What a tree needs to know about its elements. An element is in at most one tree per Traits.
template <typename Traits, typename T>
concept TreeTraits = requires(T& element, const T& a, const T& b) {
    { Traits::parent(element) } -> std::same_as<T*&>;
    { Traits::left(element) } -> std::same_as<T*&>;
    { Traits::right(element) } -> std::same_as<T*&>;
    { Traits::balance(element) } -> std::same_as<int8_t&>;  // height(right) - height(left)
    { Traits::less(a, b) } -> std::same_as<bool>;           // a strict weak order; constant while in the tree
};

// Traits may also define update(T&): recomputes what an element knows about its subtree (say, the largest end
// of an interval) from itself and its children, whose own are right already. The tree calls it wherever a
// subtree changes.
template <typename T, typename Traits>
class Tree {
  public:
    Tree() = default;
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;

    bool empty() const { return root_ == nullptr; }
    size_t size() const { return size_; }
    T* root() const { return root_; }
    T* first() const { return root_ ? extreme(root_, false) : nullptr; }
    T* last() const { return root_ ? extreme(root_, true) : nullptr; }
    T* next(T& element) const { return neighbour(element, true); }
    T* previous(T& element) const { return neighbour(element, false); }

    // The first element for which before(element) is false; `before` must be true for a prefix of the order
    // only.
    template <typename Before>
    T* lower_bound(Before before) const {
        T* found = nullptr;
        for (T* at = root_; at != nullptr;) {
            if (before(const_cast<const T&>(*at))) {
                at = Traits::right(*at);
            } else {
                found = at;
                at = Traits::left(*at);
            }
        }
        return found;
    }

    void insert(T& element) {
        static_assert(TreeTraits<Traits, T>);
        SKERRY_ASSERT(&element != root_ && Traits::parent(element) == nullptr);
        T* parent = nullptr;
        bool to_right = false;
        for (T* at = root_; at != nullptr; at = child(*at, to_right)) {
            parent = at;
            to_right = !Traits::less(element, *at);
        }
        clear(element);
        Traits::parent(element) = parent;
        (parent ? child(*parent, to_right) : root_) = &element;
        size_++;
        update_path(&element);
        grown(parent, to_right);
    }

    // The element's links are null afterwards.
    void remove(T& element) {
        SKERRY_ASSERT(size_ > 0 && (&element == root_ || Traits::parent(element) != nullptr));
        T* parent = Traits::parent(element);
        bool from_right = parent != nullptr && Traits::right(*parent) == &element;
        if (Traits::left(element) == nullptr || Traits::right(element) == nullptr) {
            T* only = Traits::left(element) ? Traits::left(element) : Traits::right(element);
            put(parent, &element, only);
        } else {
            // The successor has no left child: take it out of its place and let it stand in for the element.
            T* heir = extreme(Traits::right(element), false);
            from_right = Traits::parent(*heir) == &element;
            parent = from_right ? heir : Traits::parent(*heir);
            if (!from_right) {
                put(parent, heir, Traits::right(*heir));
                adopt(*heir, true, Traits::right(element));
            }
            adopt(*heir, false, Traits::left(element));
            Traits::balance(*heir) = Traits::balance(element);
            put(Traits::parent(element), &element, heir);
        }
        clear(element);
        size_--;
        update_path(parent);
        shrunk(parent, from_right);
    }

  private:
    static T*& child(T& element, bool right) { return right ? Traits::right(element) : Traits::left(element); }
    static void clear(T& element) {
        Traits::parent(element) = Traits::left(element) = Traits::right(element) = nullptr;
        Traits::balance(element) = 0;
    }
    static T* extreme(T* at, bool right) {
        while (child(*at, right) != nullptr) at = child(*at, right);
        return at;
    }
    static T* neighbour(T& element, bool right) {
        if (T* below = child(element, right)) return extreme(below, !right);
        T* at = &element;
        T* above = Traits::parent(element);
        while (above != nullptr && child(*above, right) == at) {
            at = above;
            above = Traits::parent(*above);
        }
        return above;
    }
    static void adopt(T& parent, bool right, T* element) {
        child(parent, right) = element;
        if (element) Traits::parent(*element) = &parent;
    }
    // Puts `fresh` (or null) where `old` hangs below `parent`; null parent: at the root.
    void put(T* parent, const T* old, T* fresh) {
        T*& place = parent ? child(*parent, Traits::right(*parent) == old) : root_;
        place = fresh;
        if (fresh) Traits::parent(*fresh) = parent;
    }
    static void update(T& element) {
        if constexpr (requires { Traits::update(element); }) Traits::update(element);
    }
    static void update_path(T* at) {
        if constexpr (requires { Traits::update(*at); }) {
            for (; at != nullptr; at = Traits::parent(*at)) Traits::update(*at);
        }
    }
    // Lifts the child on the other side above `element`; returns it. The balances follow from the heights.
    T* rotate(T& element, bool to_right) {
        T* lifted = child(element, !to_right);
        SKERRY_ASSERT(lifted != nullptr);
        put(Traits::parent(element), &element, lifted);
        adopt(element, !to_right, child(*lifted, to_right));
        adopt(*lifted, to_right, &element);
        int sign = to_right ? -1 : 1;  // mirror, so that one formula serves both ways
        int low = sign * Traits::balance(element);
        int high = sign * Traits::balance(*lifted);
        low = low - 1 - (high > 0 ? high : 0);
        high = high - 1 + (low < 0 ? low : 0);
        Traits::balance(element) = static_cast<int8_t>(sign * low);
        Traits::balance(*lifted) = static_cast<int8_t>(sign * high);
        update(element);
        update(*lifted);
        return lifted;
    }
    // Restores |balance| <= 1 at an element where it is 2; returns the new top of that subtree.
    T* rebalance(T& element) {
        bool right_heavy = Traits::balance(element) > 0;
        T* heavy = child(element, right_heavy);
        if (Traits::balance(*heavy) == (right_heavy ? -1 : 1)) rotate(*heavy, right_heavy);
        return rotate(element, !right_heavy);
    }
    // The subtree on that side of `at` became one higher.
    void grown(T* at, bool right) {
        while (at != nullptr) {
            int8_t balance = Traits::balance(*at) = static_cast<int8_t>(Traits::balance(*at) + (right ? 1 : -1));
            if (balance == 0) return;
            if (balance == 2 || balance == -2) {
                rebalance(*at);
                return;
            }
            T* above = Traits::parent(*at);
            right = above != nullptr && Traits::right(*above) == at;
            at = above;
        }
    }
    // The subtree on that side of `at` became one lower.
    void shrunk(T* at, bool right) {
        while (at != nullptr) {
            int8_t balance = Traits::balance(*at) = static_cast<int8_t>(Traits::balance(*at) - (right ? 1 : -1));
            if (balance == 1 || balance == -1) return;
            T* top = balance == 0 ? at : rebalance(*at);
            if (Traits::balance(*top) != 0) return;
            T* above = Traits::parent(*top);
            right = above != nullptr && Traits::right(*above) == top;
            at = above;
        }
    }

    T* root_ = nullptr;
    size_t size_ = 0;
};

// For elements that hold their links in one member; Less is a function object type or bool (*)(const T&,
// const T&).
template <typename T>
struct TreeLink {
    T* parent = nullptr;
    T* left = nullptr;
    T* right = nullptr;
    int8_t balance = 0;
};
template <typename T, TreeLink<T> T::*Link, auto Less>
struct LinkTraits {
    static T*& parent(T& element) { return (element.*Link).parent; }
    static T*& left(T& element) { return (element.*Link).left; }
    static T*& right(T& element) { return (element.*Link).right; }
    static int8_t& balance(T& element) { return (element.*Link).balance; }
    static bool less(const T& a, const T& b) { return Less(a, b); }
};

}  // namespace skerry::base
