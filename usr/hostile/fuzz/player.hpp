// A program that asks its CPU driver for everything: half of its calls make sense, on capabilities of every type that
// it can get; the rest is garbage. What it does next depends on its seed and on the answers alone. Portable, without
// memory of its own: host tests play it against a driver in their process, usr/hostile/fuzz against the real one.
//
//   step --+-- valid.cpp:   an action, and capabilities that fit it, from the table of what each slot holds
//          `-- garbage.cpp: any number, target and arguments; or the last call with one bit changed
#pragma once

#include "capabilities/interface/system_call.hpp"
#include "usr/hostile/fuzz/random.hpp"
#include "usr/hostile/fuzz/tally.hpp"

namespace skerry::usr::hostile {

using base::Error;
using capabilities::CapRef;
using capabilities::Type;

// invoke: target, operation, six arguments; send: endpoint, header, ten words; wait: deadline.
struct Trap {
    uint64_t number = 0;
    uint64_t word[12] = {};
};
struct Answer {
    bool known = false;  // false: the call was answered by an upcall, or is still to be answered
    Error error = Error::none;
    uint64_t value[capabilities::invocation_values] = {};
};

class System {
  public:
    virtual Answer trap(const Trap& trap) = 0;
    virtual uint64_t now() = 0;  // clock ns
    // Eight bytes of the own dispatcher frame.
    virtual void scribble(uint64_t offset, uint64_t value) = 0;

  protected:
    ~System() = default;
};

// What the player was given: its capability space has the well-known slots, and these.
struct Stage {
    static constexpr uint32_t playground = 1;             // root index of an empty second-level CNode
    static constexpr uint32_t first_root = 8, roots = 4;  // empty root slots for CNodes of its own
    static constexpr uint32_t slots = 96;                 // of the playground that it keeps a table of; others receive
    uint64_t ram_bytes = 0;                               // of the RAM in ram()
    uint32_t peers = 0;                                   // endpoints to others, from peer(0) on
    bool remote = false;                                  // whether there is a frame and a Notify from another core
    bool essential = true;                                // garbage may hit the slots that the program lives on
    static constexpr CapRef remote_notify{0, 38}, remote_frame{0, 39};
    static constexpr CapRef ram() { return CapRef{0, 40}; }
    static constexpr CapRef peer(uint32_t i) { return CapRef{0, 41 + i}; }
};

class Player {
  public:
    Player(System& system, const Stage& stage, uint64_t seed) : system_(system), stage_(stage), random_(seed) {}

    void step();
    const Tally& tally() const { return tally_; }
    // What it holds may be gone: a new life begins with an empty playground.
    void forget() { known_ = {}; }

  private:
    struct Known {
        Type type = Type::null;
        uint8_t level = 0;
        uint32_t units = 0;  // RAM, frames, CNodes: size in units of 1 KiB
    };
    static constexpr uint32_t table_size = Stage::slots + Stage::roots;
    static constexpr uint32_t none = ~uint32_t{0};

    // --- valid.cpp ---
    void valid();
    void make();
    void duplicate(Action action);
    void take_away(Action action);
    void look();
    void map_something();
    void protect_something();
    void configure_one();
    void manage(Action action);
    void bind_one();
    void notify();
    void talk(Action action);
    void system_call(Action action);
    void connect_one();

    // --- garbage.cpp ---
    void garbage();
    void garbage_invocation();
    void wrong_arguments();
    void flipped_bit();
    void garbage_send();
    void garbage_number();
    void scribble();
    CapRef any_ref();
    uint64_t any_word();

    // --- player.cpp ---
    static CapRef ref(uint32_t i);
    uint32_t find(Type type, uint8_t level = 0);  // a slot that holds such a thing; `none`
    uint32_t find_any();
    uint32_t find_empty(bool root = false);
    CapRef own_or(uint32_t i, CapRef own) const { return i == none ? own : ref(i); }
    void refresh(uint32_t i);
    Answer trap(Action action, const Trap& trap);
    Answer invoke(Action action, Type type, CapRef target, uint64_t operation, std::array<uint64_t, 6> arguments = {});
    template <typename Operation>
    Answer invoke(Action action, Type type, CapRef target, Operation operation,
                  std::array<uint64_t, 6> arguments = {}) {
        return invoke(action, type, target, static_cast<uint64_t>(operation), arguments);
    }

    System& system_;
    Stage stage_;
    Random random_;
    Tally tally_;
    Trap last_;
    std::array<Known, table_size> known_{};
};

}  // namespace skerry::usr::hostile
