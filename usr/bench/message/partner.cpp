// The other domain of the same-core measurements: answers each message from within its upcall. A program of
// its own because a domain is made from an ELF image; bench_message carries it in its read-only data and
// starts it itself.
#include "platform/user/measure.hpp"
#include "usr/bench/message/protocol.hpp"
#include "usr/runtime/program.hpp"

namespace {

using namespace skerry;
using capabilities::well_known::service;

// Before each wait all vector registers are in use, as in a program that computes.
struct Computing final : runtime::Pollable {
    bool poll() override { return false; }
    bool prepare_to_block() override {
        platform::skerry_measure_fill(0x5a5a'5a5a'1234'5678);
        return true;
    }
    void cancel_block() override {}
};

struct Partner {
    runtime::Program& self;
    bool at_entry = false;

    void set_entry(bool measured) {
        at_entry = measured;
        auto* entry = measured ? &platform::skerry_entry_measured : &platform::skerry_entry_message;
        self.dispatcher.page().entry[static_cast<uint32_t>(capabilities::Upcall::message)] =
            reinterpret_cast<uint64_t>(entry);
    }

    // A client that takes no answer loses it: it has one message outstanding at most.
    static void message(void* context, const runtime::Message& message) {
        uint64_t now = platform::read_cycle_counter();
        auto& partner = *static_cast<Partner*>(context);
        uint64_t words[10] = {partner.at_entry ? message.badge : now, message.word[1],
                              partner.at_entry ? message.word[0] : 0, message.word[2]};
        auto command = static_cast<bench::Command>(message.word[2]);
        if (command == bench::Command::time_entry) partner.set_entry(true);
        if (command == bench::Command::time_handler) partner.set_entry(false);
        (void)runtime::send(service, capabilities::SendHeader::words(4), words).ok();
    }
};

}  // namespace

int program_main(skerry::runtime::Program& self) {
    Partner partner{self};
    Computing computing;
    self.dispatcher.set_poll_time(0);
    if (!self.dispatcher.add(computing).ok()) return 1;
    if (!self.dispatcher.on_message(0, &Partner::message, &partner).ok()) return 1;
    (void)self.dispatcher.wait_until([] { return false; }).ok();
    return 0;
}
