// Storage for the ends of one member's rings: as many as its place in the tree needs, at most MostChildren.
#pragma once

#include <new>
#include <type_traits>

#include "urpc/group/group.hpp"

namespace skerry::urpc::group {

template <size_t MostChildren>
class Ends {
  public:
    explicit Ends(uint32_t window) : window_(window) {}
    Ends(const Ends&) = delete;
    Ends& operator=(const Ends&) = delete;

    // A ring that we write to children: one each in their order, or one for all.
    [[nodiscard]] bool send_on(RingView ring) { return senders_.add(ring, window_); }
    // In sending order.
    [[nodiscard]] bool child(Member member, RingView answers, Poker* poker = nullptr) {
        return children_.add(member, answers, window_, poker);
    }
    // Its answer is taken after those that were named before. All are named, or none: then in sending order.
    void answers_next(size_t index) {
        bool added = answering_.add(&children_.all()[index]);
        SKERRY_ASSERT(added);
    }
    void parent(Member member, RingView orders, RingView answers, Poker* poker = nullptr) {
        bool added = parent_.add(member, orders, window_, poker) && answers_.add(answers, window_);
        SKERRY_ASSERT(added);
    }
    Group::Links links() {
        if (answering_.all().empty()) {
            for (size_t i = 0; i < children(); ++i) answers_next(i);
        }
        return {senders_.all(), children_.all(), answering_.all(), answers_.all().data(), parent_.all().data()};
    }
    size_t children() { return children_.all().size(); }
    uint32_t window() const { return window_; }

  private:
    // Room for T that have no empty state.
    template <typename T, size_t N>
    class Room {
        static_assert(std::is_trivially_destructible_v<T>);

      public:
        template <typename... A>
        bool add(A&&... arguments) {
            if (count_ == N) return false;
            new (memory_ + count_++ * sizeof(T)) T(arguments...);
            return true;
        }
        std::span<T> all() {
            if (count_ == 0) return {};
            return {std::launder(reinterpret_cast<T*>(memory_)), count_};
        }

      private:
        alignas(T) std::byte memory_[sizeof(T) * N];
        size_t count_ = 0;
    };

    uint32_t window_;
    Room<Sender, MostChildren> senders_;
    Room<Neighbour, MostChildren> children_;
    Room<Neighbour*, MostChildren> answering_;
    Room<Sender, 1> answers_;
    Room<Neighbour, 1> parent_;
};

}  // namespace skerry::urpc::group
