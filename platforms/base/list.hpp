// Intrusive doubly linked list: no allocation, constant-time removal. An element is on at most one list per link.
#pragma once

#include <cstdint>

#include "platforms/base/assert.hpp"

namespace skerry::base {

struct ListLink {
    ListLink* next = nullptr;  // null when on no list
    ListLink* previous = nullptr;
    bool linked() const { return next != nullptr; }
};

// T holds the link as member `Link`. The head is a sentinel, so a list must not move while it has elements.
template <typename T, ListLink T::*Link>
class List {
  public:
    constexpr List() { head_.next = head_.previous = &head_; }
    List(const List&) = delete;
    List& operator=(const List&) = delete;

    bool empty() const { return head_.next == &head_; }
    T* front() { return empty() ? nullptr : owner(head_.next); }
    T* next(T& element) {
        ListLink* link = (element.*Link).next;
        return link == &head_ ? nullptr : owner(link);
    }
    void push_back(T& element) { insert_before(head_, element); }
    void push_front(T& element) { insert_before(*head_.next, element); }
    T* pop_front() {
        T* element = front();
        if (element) remove(*element);
        return element;
    }
    // Needs no head: an element can be taken out by whoever has it.
    static void remove(T& element) {
        ListLink& link = element.*Link;
        SKERRY_ASSERT(link.linked());
        link.previous->next = link.next;
        link.next->previous = link.previous;
        link = {};
    }

  private:
    static void insert_before(ListLink& where, T& element) {
        ListLink& link = element.*Link;
        SKERRY_ASSERT(!link.linked());
        link.next = &where;
        link.previous = where.previous;
        where.previous->next = &link;
        where.previous = &link;
    }
    static T* owner(ListLink* link) {
        // The member's offset, taken from a pointer that is never dereferenced.
        auto* probe = reinterpret_cast<T*>(uintptr_t{4096});
        auto offset = reinterpret_cast<uintptr_t>(&(probe->*Link)) - uintptr_t{4096};
        return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(link) - offset);
    }
    mutable ListLink head_;
};

}  // namespace skerry::base
