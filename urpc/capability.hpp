// A capability in a message: at most one a message, in a field of the message itself.
//
//   struct Frame { urpc::Capability frame; uint64_t bytes; };         // a message like any other
//
//   sender      auto sending = send_with(pool, caller, Frame{Capability::copy_of(slot), 4096});
//               Status sent = co_await sending;                       // calls: call_with
//   receiver    void operator()(const Frame& m) { m.frame.slot ... }  // its own now; 0 = none came
//
// The capability goes before the message, by a Courier (for programs: the monitors), into a slot that the receiver
// offered; then the message is sent and says which slot that was. So a message never waits for its capability: one
// that names a slot into which nothing came breaks the protocol.
#pragma once

#include "urpc/fields.hpp"
#include "urpc/task.hpp"

namespace skerry::urpc {

struct Capability {
    uint64_t slot = 0;      // CapRef word in the holder's own space; on its way: in the receiver's. 0 = none
    uint8_t rights = 0xff;  // sender: go along at most (capabilities::Rights)
    bool gives = false;     // sender: it has it no more once the message is sent

    static constexpr Capability copy_of(uint64_t slot, uint8_t rights = 0xff) { return {slot, rights, false}; }
    // If the message cannot be sent, the sender still has it.
    static constexpr Capability give_away(uint64_t slot, uint8_t rights = 0xff) { return {slot, rights, true}; }
};

// Only the slot travels.
template <>
struct Field<Capability> {
    static constexpr size_t max_words = 1;
    static void write(auto& out, const Capability& value) { out.put(value.slot); }
    static void read(auto& in, Capability& value) { value = {in.next()}; }
    static constexpr void describe(Hash& hash) { hash.add("capability"); }
};

// How many Capability fields a type has. Ones in arrays are not found, and not supported.
template <typename T>
constexpr size_t capabilities_in() {
    if constexpr (std::same_as<T, Capability>)
        return 1;
    else if constexpr (PlainStruct<T> && !StrongInteger<T> && !ByteSequence<T> && !IsArray<T>)
        return fold_fields<T>([]<typename... F>(TypeList<F...>) { return (size_t{0} + ... + capabilities_in<F>()); });
    else
        return 0;
}
template <typename T>
concept CarriesCapability = capabilities_in<std::remove_const_t<T>>()
== 1;

// The one that the message has; constant if the message is.
template <CarriesCapability T>
auto& capability_in(T& value) {
    if constexpr (std::same_as<std::remove_const_t<T>, Capability>) {
        return value;
    } else {
        std::conditional_t<std::is_const_v<T>, const Capability, Capability>* found = nullptr;
        auto look = [&]<typename F>(F& field) {
            if constexpr (CarriesCapability<F>) found = &capability_in(field);
        };
        visit_fields(value, [&](auto&... field) { (look(field), ...); });
        return *found;
    }
}

// Carries capabilities beside one connection, in both directions.
class Courier {
  public:
    // Brings it into a slot that the peer has offered, which `capability` then names; null: at once. Waits for room up
    // to the courier's patience. Errors: full (the peer offered no slot), no_capability, no_right (transfer), refused
    // (of a type that does not leave its core), unclean, closed, no_memory.
    virtual Task<base::Status> bring(FramePool& pool, Capability& capability) = 0;
    // The message is sent: what it gave away goes.
    virtual void sent(const Capability& capability) = 0;
    // A message of the peer names this one: from now on its receiver holds it. What was revoked on the way becomes 0.
    // Errors: corrupt (no such slot is offered).
    virtual base::Status claim(Capability& capability) = 0;

  protected:
    ~Courier() = default;
};

}  // namespace skerry::urpc
