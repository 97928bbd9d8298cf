// One core's CPU driver: an object without globals, so that N of them fit in one process (law 6). The platform owns
// the object and the live registers, calls one entry for each trap, and leaves as the entry's Exit says. Nothing in
// here waits, allocates or is re-entered (law 2).
//
//   trap -> entry (core.cpp) -> invoke/ message/ space/ dispatch/fault -> reschedule -> Exit
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "capabilities/interface/boot_record.hpp"
#include "capabilities/interface/system_call.hpp"
#include "cpudriver/capability/object_hooks.hpp"
#include "cpudriver/capability/operations.hpp"
#include "cpudriver/dispatch/dispatcher.hpp"
#include "cpudriver/schedule/scheduler.hpp"
#include "cpudriver/schedule/wake_queue.hpp"
#include "cpudriver/trace.hpp"
#include "platform/machine.hpp"
#include "platform/page_table.hpp"
#include "platform/registers.hpp"

namespace skerry::cpudriver {

// How the platform leaves the driver: with the registers that a system call returns, with all registers, or not at
// all (halt until an interrupt).
enum class Exit : uint32_t { fast, full, idle };

// The bits of a core's poke words, each of which wakes a dispatcher; and FlushLines that each poke looks at.
constexpr uint32_t notifies_per_core = 512, flushes_per_core = 64;
constexpr uint32_t cores_maximum = 256;  // whose poke words there are

struct Statistics {
    uint64_t idle_ns = 0, switches = 0, system_calls = 0, interrupts = 0, fast_messages = 0, slow_messages = 0;
};

class Core final : public ObjectHooks {
  public:
    Core(platform::Machine& machine, platform::Registers& live);

    // Builds the first program from the record and makes it runnable (boot/first_program.cpp). An error comes with
    // a one-line reason.
    base::Status boot(const capabilities::BootRecord& record, const char*& reason);

    // --- entries: one a trap ---
    Exit system_call();
    Exit page_fault(uint64_t address, uint64_t access);  // access: 1 read, 2 write, 4 execute
    Exit exception(uint32_t number, uint64_t code);
    Exit timer_interrupt();
    Exit poke_interrupt();
    // The short way for a poke interrupt that is about FlushLines alone: the program goes on. False: it is not, and nothing was
    // done. Nothing here looks at the registers of the program that runs, so a platform need not save them. A poke that
    // comes after the look has an interrupt of its own, if the hardware keeps one while this is served.
    bool flush_interrupt();
    Exit device_interrupt(uint32_t vector);
    Exit reschedule();  // picks who runs now

    base::CoreId id() const { return id_; }
    const Statistics& statistics() const { return statistics_; }
    Capabilities& capabilities() { return capabilities_; }
    Dispatcher* current() { return current_; }
    uint64_t now() { return machine_.now() + static_cast<uint64_t>(clock_offset_); }

    // --- ObjectHooks ---
    std::byte* pointer(base::PhysAddr address) override { return machine_.pointer(address); }
    void created(const capabilities::Capability& object) override;
    base::Status destroy(const capabilities::Capability& object) override;
    Slot* inner_slot(const capabilities::Capability& object, uint32_t index) override;
    void emptied(Slot& slot) override;
    void shared_changed() override;

  private:
    using Status = base::Status;
    using Error = base::Error;

    struct Arguments {  // of an invocation
        uint64_t word[capabilities::invocation_arguments];
    };
    struct Values {
        uint64_t word[capabilities::invocation_values];
    };

    struct InterruptLine {  // invoke/interrupt.cpp
        Dispatcher* dispatcher = nullptr;
        uint32_t taken = 0;        // since it was connected
        bool outstanding = false;  // taken, not acknowledged
        bool again = false;        // and once more since
        uint8_t mask = 0;          // index + 1 in message_mask_; 0: a line, or messages that nothing masks
    };
    struct MessageMask {
        volatile uint32_t* word = nullptr;  // null: free
        base::PhysAddr address;
        uint32_t bits = 0;
        bool when_set = false;  // these bits mask when they are set, else when they are clear
    };

    Exit serve_system_call();
    Exit give_way(Exit exit);
    void note(TraceKind kind, uint64_t argument) { trace_.add(machine_.cycles(), kind, argument); }

    // dispatch/switch.cpp
    void save_current();
    Exit enter(Dispatcher& next);
    Exit upcall(Dispatcher& dispatcher);
    static bool message_due(Dispatcher& dispatcher);
    bool start_upcall(Dispatcher& dispatcher, capabilities::Upcall which, uint64_t a, uint64_t b, uint64_t c);
    Exit resume_disabled(Dispatcher& dispatcher);
    // A dispatcher counts as disabled by its flag, or by its place in the last steps of a user-level resume.
    bool live_disabled(Dispatcher& dispatcher) {
        const capabilities::DispatcherPage& page = dispatcher.shared();
        uint64_t at = live_.instruction().value;
        return page.disabled != 0 || (at >= page.critical_start && at < page.critical_end);
    }
    void charge();
    void charge_to(Schedulable& payer);
    void end_borrowing();
    void interrupted() {
        statistics_.interrupts++;
        if (current_ == nullptr) idle_ended();
    }
    void idle_ended();
    bool take_pokes();  // whether somebody was woken
    void serve_flushes();
    void arm_timer(bool idle = false);
    // A deadline in the machine's time. One that a program names may be anything: after 146 years it is bounded, so that
    // no offset wraps it into the past.
    uint64_t machine_time(uint64_t deadline) const {
        constexpr uint64_t farthest = uint64_t{1} << 62;  // ns
        return std::min(deadline, farthest) - static_cast<uint64_t>(clock_offset_);
    }
    void expire_wakes();
    void make_runnable(Dispatcher& dispatcher);
    void stop_running(Dispatcher& dispatcher, DispatcherState state);
    void wake(Dispatcher& dispatcher);
    void switch_space(Dispatcher& dispatcher) {
        base::PhysAddr root{dispatcher.vspace.cap.base};
        if (root == space_) return;
        space_ = root;
        machine_.switch_space(root);
    }

    // dispatch/fault.cpp
    Exit fault_current(capabilities::Upcall which, uint64_t a, uint64_t b, capabilities::FaultKind when_disabled);
    void end(Dispatcher& dispatcher, capabilities::FaultKind kind, uint64_t address, uint64_t instruction,
             uint64_t code);
    void report_fault(Dispatcher& dispatcher);

    // message/send.cpp, message/queue.cpp
    Exit send();
    std::span<Slot> named_receiver(capabilities::CapRef ref);
    inline bool send_straight(EndpointObject& endpoint, uint64_t badge, capabilities::SendHeader header);
    Exit send_queued(Slot* slot, capabilities::SendHeader header);
    void bound_slice();
    Status enqueue(EndpointObject& endpoint, uint64_t badge, capabilities::SendHeader header, Slot* carried);
    void deliver_oldest(Dispatcher& dispatcher, EndpointObject& endpoint);
    bool take_capability(Dispatcher& dispatcher, Message& message);
    void forget_messages(EndpointObject& endpoint);
    void end_gift(Message& message);

    // invoke/
    Exit invoke();
    Status dispatch_invocation(Slot& target, uint32_t operation, const Arguments& arguments, Values& values);
    Status invoke_cnode(Slot& target, uint32_t operation, const Arguments& arguments, Values& values);
    Status invoke_dispatcher(Slot& target, uint32_t operation, const Arguments& arguments, Values& values);
    Status invoke_kernel(Slot& target, uint32_t operation, const Arguments& arguments, Values& values);
    Status invoke_kernel_control(Slot& target, uint32_t operation, const Arguments& arguments);
    Status invoke_ports(Slot& target, uint32_t operation, const Arguments& arguments, Values& values);
    Status invoke_interrupt(Slot& target, uint32_t operation, const Arguments& arguments, Values& values);
    Status connect(InterruptLine& line, uint32_t vector, Dispatcher& dispatcher);
    Status acknowledge(InterruptLine& line, uint32_t vector, Values& values);
    Status mask_by(InterruptLine& line, const capabilities::Capability& region, uint64_t offset, uint64_t mode);
    void set_mask(InterruptLine& line, uint32_t vector, bool masked);
    void disconnect(uint32_t number);
    Status invoke_counter(Slot& target, uint32_t operation, const Arguments& arguments, Values& values);
    Status configure(Dispatcher& dispatcher, const Arguments& arguments);
    Status start(Dispatcher& dispatcher);
    Status reserve(Dispatcher& dispatcher, const Arguments& arguments);
    Status bind(Dispatcher& dispatcher, const Arguments& arguments);
    void adopt_page(Dispatcher& dispatcher, base::VirtAddr address, base::DomainId domain);
    void attach(Dispatcher& dispatcher, EndpointObject& endpoint, uint64_t token);
    Status add_notify(Dispatcher& dispatcher, Slot& slot);
    Status create_foreign(const Arguments& arguments);
    Status relations(const Arguments& arguments, Values& values);
    Status read_trace(uint64_t position, Values& values);
    Status poke(const capabilities::Capability& notify, const Arguments& arguments);
    // Those whose references follow as well, up to a 0; all Notify, or all Flush capabilities.
    Status signal_each(const capabilities::Capability& first, std::span<const uint64_t> more);
    bool signal(const capabilities::Capability& target);
    void signal_here(const capabilities::Capability& target);
    // invoke/flush.cpp
    Status add_flush(Dispatcher& dispatcher, const Arguments& arguments);
    void serve_flush(Dispatcher& dispatcher);
    void change_page(const capabilities::Capability& space, base::VirtAddr page, capabilities::PageChange change);
    void forget_flush(Dispatcher& dispatcher);
    Status withdraw(Slot& ram);
    // A slot in the current program's space.
    base::Result<Slot*> own(uint64_t ref, capabilities::Type type, capabilities::Rights rights);
    base::Result<Slot*> own_free(uint64_t ref);

    // space/map.cpp
    Status map(Slot& vnode, const Arguments& arguments);
    Status protect(Slot& mapping, uint64_t flags);
    Status unmap(const capabilities::Capability& mapping);
    uint64_t* table_of(const capabilities::Capability& mapping);
    static bool holds(uint64_t entry, uint64_t address);
    void flush_after_change();

    // destroying objects (objects.cpp)
    Status destroy_dispatcher(Dispatcher& dispatcher);
    Status destroy_endpoint(EndpointObject& endpoint);
    void destroy_interrupts(const capabilities::Capability& interrupts);
    void destroy_vnode(const capabilities::Capability& vnode);

    // boot/
    friend class FirstProgram;

    platform::Machine& machine_;
    platform::Registers& live_;  // of current_, while the driver runs
    Capabilities capabilities_;
    Scheduler scheduler_;
    WakeQueue wakes_;
    Statistics statistics_;

    Dispatcher* current_ = nullptr;  // whose registers are live
    Schedulable* payer_ = nullptr;   // whose slice runs: current_'s own, or a sender's (LRPC); null while idle
    Dispatcher* watcher_ = nullptr;  // wants to hear of shared_changed()
    uint32_t messages_queued_ = 0;   // the number of the last one
    bool woken_ = false;             // somebody became ready in this system call
    uint64_t slice_start_ = 0;
    uint64_t armed_ = never;    // deadline that the timer stands at
    uint64_t slice_armed_ = 0;  // the same where it ends a slice; another value: it stands there for something else
    uint64_t idle_since_ = 0;
    base::PhysAddr space_{0};  // root that the machine translates with; 0 = the kernel's own
    int64_t clock_offset_ = 0;
    base::CoreId id_{0};
    base::PhysAddr image_{0};
    uint64_t image_size_ = 0;

    Trace trace_;  // behind what every message touches
    std::array<Dispatcher*, notifies_per_core> notify_{};
    std::array<Dispatcher*, flushes_per_core> flush_{};
    base::List<Dispatcher, &Dispatcher::flush_link> flushed_;  // the same
    uint32_t next_notify_ = 0, next_flush_ = 0;  // places are used round robin, so that stale capabilities reach nobody
    std::array<InterruptLine, platform::PageTable::device_vectors> interrupt_{};
    std::array<MessageMask, platform::Machine::device_windows> message_mask_{};
};

}  // namespace skerry::cpudriver
