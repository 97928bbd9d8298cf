#include "monitor/monitor.hpp"

#include "capabilities/interface/fault.hpp"
#include "monitor/operation/end_domain.hpp"
#include "monitor/operation/inherit.hpp"
#include "monitor/operation/lose_core.hpp"
#include "monitor/operation/spawn.hpp"
#include "usr/runtime/exit.hpp"

namespace skerry::monitor {

namespace service_start = urpc::service_start;
using base::Error;
using base::Status;
using capabilities::FaultKind;
using capabilities::SendHeader;

namespace {

constexpr uint64_t endpoint_bytes = 16384;

const char* text(FaultKind kind) {
    switch (kind) {
        case FaultKind::page_fault:
            return "page fault in an upcall";
        case FaultKind::exception:
            return "exception in an upcall";
        case FaultKind::system_call:
            return "foreign system call in an upcall";
        case FaultKind::no_entry:
            return "no entry for an upcall";
        case FaultKind::bad_state:
            return "its saved state cannot be resumed";
        case FaultKind::lost_space:
            return "its address space was taken away";
    }
    return "fault of an unknown kind";
}

}  // namespace

Monitor::Monitor(runtime::Program& program, const image::Archive& programs, base::CoreId id)
    : self(program),
      archive(programs),
      core(id),
      directory(id),
      memory(program),
      loop(program.dispatcher, *this),
      background(loop.set().ready(), background_limit),
      domains(id),
      seat(*this) {
    started_at = now();
}

Status Monitor::open() {
    program_endpoint = SKERRY_TRY(self.ram().make(capabilities::Type::endpoint, 0, endpoint_bytes));
    fault_endpoint = SKERRY_TRY(self.ram().make(capabilities::Type::endpoint, 0, endpoint_bytes));
    SKERRY_CHECK(runtime::DispatcherCap{}.bind(program_endpoint.cap, program_token));
    SKERRY_CHECK(runtime::DispatcherCap{}.bind(fault_endpoint.cap, fault_token));
    SKERRY_CHECK(runtime::KernelCap{}.watch(capabilities::well_known::dispatcher));
    auto info = SKERRY_TRY(runtime::KernelCap{}.info());
    hardware = base::HardwareId{info.hardware_id};
    kernel_base = info.image_base;
    auto monitor = domains.add_system(domain_counter::monitor, "monitor");
    auto service = domains.add_system(domain_counter::memory_service, "memory");
    SKERRY_ASSERT(monitor.ok() && service.ok());  // the table is empty
    return {};
}

Status Monitor::tell_init(const service_start::Words& words) {
    uint64_t raw[10];
    for (uint32_t i = 0; i < words.size(); ++i) raw[i] = words[i];
    return runtime::send(capabilities::well_known::monitor_endpoint, SendHeader::words(10), raw);
}

bool Monitor::wants(const runtime::Message& message) {
    if (message.token != own_token) return true;
    return message.badge == service_start::init_badge;  // the memory service's answers are taken by who asked
}

void Monitor::message(runtime::Message& message) {
    if (message.token == fault_token)
        fault_message(message);
    else if (message.token == program_token)
        program_message(message);
    else
        init_message(message);
    // What nobody asked for is not kept.
    if (!message.cap.null()) Owned(message.cap, self.slots).reset();
}

// An exit, or nothing but a wake-up: the ring is polled anyway.
void Monitor::program_message(runtime::Message& message) {
    runtime::ExitMessage exit;
    if (!runtime::decode(message.word, exit)) return;
    DomainRecord* record = domains.find(static_cast<uint32_t>(message.badge));
    if (record == nullptr) return;
    base::Buffer<96> reason;
    runtime::describe(exit, reason);
    domains.begin_end(*record, exit.status, reason.view());
}

void Monitor::fault_message(const runtime::Message& message) {
    DomainRecord* record = domains.find(static_cast<uint32_t>(message.badge));
    if (record == nullptr) return;
    base::Buffer<96> reason;
    reason << text(static_cast<FaultKind>(message.word[0])) << ": " << base::Hex{message.word[1]} << ", ip "
           << base::Hex{message.word[2]};
    domains.begin_end(*record, runtime::fault_status, reason.view());
}

void Monitor::init_message(runtime::Message& message) {
    ServiceOrder* order = nullptr;
    for (ServiceOrder& candidate : orders) {
        if (order == nullptr && !candidate.complete) order = &candidate;
    }
    if (order == nullptr) return;  // init keeps to fewer services at a time, or finds them missing
    switch (static_cast<service_start::Operation>(message.word[0])) {
        case service_start::Operation::grant: {
            if (order->lent_count == order->lent.size() || message.cap.null()) return;
            auto slot = static_cast<uint32_t>(service_start::unpack<service_start::Grant>(message.word).slot);
            order->lent[order->lent_count++] = {slot, Owned(std::exchange(message.cap, {}), self.slots)};
            return;
        }
        case service_start::Operation::start:
            order->start = service_start::unpack<service_start::Start>(message.word);
            order->complete = true;
            return;
        default:
            return;
    }
}

void Monitor::step() {
    for (ServiceOrder& order : orders) {
        if (order.complete) carry_out(order);
    }
    begin_ends();
    begin_sweep();
    begin_telling(*this);
    close_lost_channels(*this);
    drop_lost_links(*this);
    if (watch_ends != 0) end_watch(*this, now());
    tell_load();
}

bool Monitor::rest() {
    return !begin_watch(*this, now());
}

void Monitor::carry_out(ServiceOrder& order) {
    std::array<runtime::Grant, service_start::grants_maximum> grants{};
    for (uint32_t i = 0; i < order.lent_count; ++i) {
        grants[i].destination = CapRef{0, order.lent[i].slot};
        grants[i].source = order.lent[i].cap.ref();
    }
    ProgramOrder program;
    program.name = Name::cut(service_start::name_of(order.start));
    program.grants = std::span(grants.data(), order.lent_count);
    program.system = (order.start.flags & service_start::flags::system) != 0;
    program.manager = (order.start.flags & service_start::flags::manager) != 0;
    program.parent = base::make_domain_id(core, domain_counter::init);
    auto spawned = spawn_program(*this, program);
    service_start::Started answer{order.start.tag, static_cast<uint64_t>(spawned.error()), 0};
    if (spawned.ok()) answer.domain = spawned->domain.value;
    (void)tell_init(service_start::pack(service_start::Operation::started, answer)).ok();
    order = ServiceOrder{};
}

// What the driver has counted since the last one; without a frame for it, it waits for the next round.
void Monitor::begin_sweep() {
    uint64_t changes = self.dispatcher.changes();
    if (changes == shared.changes_seen || shared.sweeping || background.full()) return;
    uint64_t before = std::exchange(shared.changes_seen, changes);
    if (!urpc::spawn(background, sweep_shared(pool(), *this)).ok()) shared.changes_seen = before;
}

// The directory places programs by it. If there is no room in the ring, the next round tells.
void Monitor::tell_load() {
    uint32_t load = domains.count();
    if (is_directory() || load == told_load) return;
    Peer* peer = peers.find(directory);
    if (peer == nullptr) return;
    if (peer->link.try_send(urpc::intermonitor::CoreLoad{core, load}).ok()) told_load = load;
}

// Each end is an operation of its own. Without a frame for it, it waits for the next round.
void Monitor::begin_ends() {
    while (!background.full()) {
        DomainRecord* record = domains.claim_ending();
        if (record == nullptr) return;
        Status begun = urpc::spawn(background, end_domain(pool(), *this, record->id));
        if (begun.ok()) continue;
        domains.give_up_claim(*record);
        return;
    }
}

}  // namespace skerry::monitor
