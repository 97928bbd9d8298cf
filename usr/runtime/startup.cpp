// From the first upcall to program_main, top to bottom.
#include <new>

#include "usr/runtime/capability.hpp"
#include "usr/runtime/machine.hpp"
#include "usr/runtime/program.hpp"

extern "C" {
[[noreturn]] void skerry_start(skerry::capabilities::DispatcherPage* page, skerry::runtime::Message* message);
}

namespace skerry::runtime {
namespace {

// On the main stack, enabled: the thread of control.
void main_thread(void* argument) {
    Program& self = *static_cast<Program*>(argument);
    uint32_t step = 0;
    Status ready = self.set_up(step);
    if (!ready.ok()) {
        self.dispatcher.end(ExitMessage{.status = fault_status,
                                        .reason = ExitReason::start,
                                        .detail = {static_cast<uint64_t>(ready.error()), step}});
    }
    if (self.start != nullptr && (self.start->flags & start_flags::member) != 0) {
        auto* begin = reinterpret_cast<MemberMain*>(self.start->word[0]);
        self.dispatcher.exit(static_cast<uint32_t>(begin(self, self.start->word[1])));
    }
    platform::run_constructors();
    self.dispatcher.exit(static_cast<uint32_t>(program_main(self)));
}

}  // namespace

Program& program() {
    return *std::launder(reinterpret_cast<Program*>(platform::static_storage<Program>()));
}

}  // namespace skerry::runtime

// Disabled, on the upcall stack. The first upcall brings a message if one was sent before the domain ran; a
// `run` has neither header nor badge.
void skerry_start(skerry::capabilities::DispatcherPage* page, skerry::runtime::Message* message) {
    using namespace skerry;
    auto& self = *new (platform::static_storage<runtime::Program>()) runtime::Program;
    uint64_t stack_base = platform::default_stack_base();
    uint64_t stack_top = platform::default_stack_top();
    if (page->startup != 0) {
        self.start = platform::at<const runtime::StartInfo>(page->startup);
        if (self.start->stack_size != 0) {
            stack_base = reinterpret_cast<uint64_t>(platform::at<std::byte>(self.start->stack_base));
            stack_top = stack_base + self.start->stack_size;
        }
    } else {
        self.boot = platform::at<const capabilities::BootInfo>(capabilities::boot_info_address);
    }
    self.dispatcher.attach(page, stack_base);
    if (message->header.word != 0 || message->badge != 0) self.dispatcher.store(*message);
    skerry_enter(reinterpret_cast<void*>(stack_top), &runtime::main_thread, &self);
}
