// The user half: system calls and threads of control, as the runtime asks for them.
#include "platform/user/context.hpp"
#include "platform/user/cpu_topology.hpp"
#include "platform/user/exception_name.hpp"
#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/programs.hpp"
#include "platforms/hosted/world.hpp"
#include "usr/runtime/machine.hpp"
#include "usr/runtime/program.hpp"
#include "usr/runtime/system_call.hpp"

namespace skerry::platform {

using hosted::CoreThread;
using hosted::Trap;

namespace {

uint64_t number(capabilities::SystemCall call) {
    return static_cast<uint64_t>(call);
}
capabilities::DispatcherPage& page() {
    return runtime::program().dispatcher.page();
}

struct Beginning {
    void (*function)(void*);
    void* argument;
};
void begin_thread(hosted::Arrival arrival) {
    Beginning beginning = *static_cast<Beginning*>(arrival.data);
    beginning.function(beginning.argument);
    stop_here();
}

}  // namespace

uint64_t read_cycle_counter() {
    return hosted::clock_ns();
}
void pause() {
    CoreThread& core = CoreThread::here();
    if (core.interrupt_pending()) {
        Trap trap{.kind = hosted::TrapKind::interrupt};
        core.trap(trap);
    } else {
        core.relax();
    }
}
void stop_here() {
    Trap trap{.kind = hosted::TrapKind::exception, .target = 6};
    for (;;) CoreThread::here().trap(trap);
}
std::byte* translate(uint64_t address) {
    return CoreThread::here().host(address);
}
uint32_t package_shift() {
    return CoreThread::here().world().package_shift();
}
const char* exception_name(uint32_t vector) {
    return vector == 6 ? "program stopped itself" : nullptr;
}

}  // namespace skerry::platform

using namespace skerry;
using hosted::CoreThread;
using hosted::Trap;
using platform::Registers;

extern "C" {

uint64_t skerry_invoke(runtime::Invocation* call) {
    Trap trap{.number = platform::number(capabilities::SystemCall::invoke),
              .target = call->target,
              .second = call->operation};
    std::copy(std::begin(call->argument), std::end(call->argument), trap.word);
    Registers& result = CoreThread::here().trap(trap);
    std::copy(std::begin(result.value), std::end(result.value), call->value);
    return result.error;
}
uint64_t skerry_send(uint64_t endpoint, uint64_t header, const uint64_t* words) {
    Trap trap{.number = platform::number(capabilities::SystemCall::send), .target = endpoint, .second = header};
    std::copy(words, words + 10, trap.word);
    return CoreThread::here().trap(trap).error;
}
uint64_t skerry_yield() {
    Trap trap{.number = platform::number(capabilities::SystemCall::yield)};
    return CoreThread::here().trap(trap).error;
}
uint64_t skerry_nop() {
    Trap trap{.number = platform::number(capabilities::SystemCall::nop)};
    return CoreThread::here().trap(trap).error;
}

void skerry_switch_out(uint64_t* saved_stack, uint64_t deadline) {
    Trap trap{
        .number = platform::number(capabilities::SystemCall::wait), .target = deadline, .saved_context = saved_stack};
    (void)CoreThread::here().trap(trap);
}
void skerry_wait(uint64_t deadline) {
    Trap trap{.number = platform::number(capabilities::SystemCall::wait), .target = deadline};
    CoreThread::here().trap(trap);
    __builtin_trap();  // wait never returns
}
void skerry_resume_stack(uint64_t saved_stack, uint64_t disabled) {
    platform::page().disabled = disabled;
    hosted::switch_to(saved_stack, nullptr);
    __builtin_trap();
}
void skerry_resume_full(const void* save_area, uint64_t disabled) {
    auto* registers = const_cast<Registers*>(static_cast<const Registers*>(save_area));
    platform::page().disabled = disabled;
    hosted::switch_to(registers->context, registers);
    __builtin_trap();
}
void skerry_enter(void* stack_top, void (*function)(void*), void* argument) {
    platform::Beginning beginning{function, argument};
    uint64_t context = hosted::make_context(stack_top, hosted::stack_bytes(stack_top), &platform::begin_thread);
    platform::page().disabled = 0;
    hosted::switch_to(context, &beginning);
    __builtin_trap();
}

void skerry_upcall_run(uint64_t woken);
void skerry_upcall_message(runtime::Message* message);
void skerry_upcall_page_fault(uint64_t address, uint64_t access);
void skerry_upcall_trap(uint64_t kind, uint64_t word);

void skerry_entry_run() {
    skerry_upcall_run(CoreThread::here().upcall().upcall_word[0]);
}
void skerry_entry_message() {
    const Registers& upcall = CoreThread::here().upcall();
    runtime::Message message{};
    message.token = upcall.upcall_word[0];
    message.header = capabilities::SendHeader{upcall.upcall_word[1]};
    message.badge = upcall.upcall_word[2];
    std::copy(std::begin(upcall.word), std::end(upcall.word), message.word.begin());
    skerry_upcall_message(&message);
}
void skerry_entry_page_fault() {
    const Registers& upcall = CoreThread::here().upcall();
    skerry_upcall_page_fault(upcall.upcall_word[0], upcall.upcall_word[1]);
}
void skerry_entry_trap() {
    const Registers& upcall = CoreThread::here().upcall();
    skerry_upcall_trap(upcall.upcall_word[0], upcall.upcall_word[1]);
}
// No program is interrupted while it resumes a thread: the range is empty.
char skerry_critical_start[1], skerry_critical_end[1];
}
