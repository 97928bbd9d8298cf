#include "usr/init/services.hpp"

#include <algorithm>
#include <cstring>

#include "platform/user/core_start.hpp"
#include "usr/init/facts.hpp"
#include "usr/init/machine.hpp"
#include "usr/init/report.hpp"

namespace skerry::init {

using namespace capabilities;
using base::Error;
using base::Status;
namespace memory = urpc::memory;
namespace service_start = urpc::service_start;

namespace {
constexpr uint64_t no_limit = ~uint64_t{0} / 2;
constexpr uint64_t line_vectors = 64, message_vectors = 64;  // of the core's device vectors
constexpr uint32_t memory_counter = 2;  // domain counter of the memory service on every core; monitor 1, init 3
constexpr Rights sender = Rights::send | Rights::transfer;

Error failed(std::string_view name, const char* problem, Error error) {
    base::Buffer<160> line;
    line << name << " cannot be started: " << (problem != nullptr ? problem : base::text(error));
    report(line.view());
    return error;
}
}  // namespace

Status Services::open_archive() {
    uint64_t bytes = base::round_up(self_->boot->archive_size, base::page_size);
    auto at = self_->space().map_anywhere(well_known::archive, 0, bytes, map_flags::read);
    if (!at.ok()) {
        report("the boot archive cannot be mapped");
        return at.error();
    }
    archive_bytes_ = {platform::at<const std::byte>(*at), self_->boot->archive_size};
    image::ArchiveProblem problem{};
    auto opened = image::Archive::open(archive_bytes_, &problem);
    if (!opened.ok()) {
        report(image::text(problem));
        return opened.error();
    }
    archive_ = *opened;
    return {};
}

base::Result<std::span<const std::byte>> Services::program(std::string_view name) {
    base::Buffer<120> line;
    auto entry = archive_.find(name);
    if (!entry.ok()) {
        line << "the boot archive has no " << name;
        report(line.view());
        return entry.error();
    }
    if (!image::verify(*entry).ok()) {
        line << name << " in the boot archive is damaged (its checksum is wrong)";
        report(line.view());
        return Error::corrupt;
    }
    return entry->contents;
}

// Before anything else is taken: the first RAM region usually is the memory below 640 KiB.
Status Services::take_start_frame() {
    runtime::RamBlock block = SKERRY_TRY(self_->boot_ram->allocate(platform::start_frame_size, base::page_size));
    if (block.base + block.bytes > 0xa0000) {
        self_->boot_ram->release(block);
        return Error::not_found;
    }
    start_frame_ = SKERRY_TRY(runtime::Owned::empty(self_->slots));
    return runtime::CNodeCap{}.retype(start_frame_.ref(), block.cap, Type::frame, 0, 0, platform::start_frame_size);
}

Status Services::open_account(uint64_t counter, runtime::CapRef endpoint) {
    runtime::Owned reply = SKERRY_TRY(runtime::Owned::empty(self_->slots));
    SKERRY_CHECK(runtime::CNodeCap{}.mint(reply.ref(), endpoint, sender, memory::service_badge));
    uint32_t tag = self_->memory->next_tag();
    auto answer =
        self_->memory->call(memory::request(memory::RegisterDomain{counter, no_limit}, tag), tag, reply.ref());
    return answer.ok() ? Status{} : answer.error();
}

Status Services::start_memory(const firmware::Topology& machine) {
    if (!take_start_frame().ok()) report("no memory below 1 MiB: other cores cannot be started");
    auto image = SKERRY_TRY(program("memory"));
    runtime::SpawnOptions options;
    options.name = "memory";
    options.domain = base::make_domain_id(self_->core(), memory_counter);
    options.core = self_->core();
    options.heap_bytes = 0;
    options.flags = runtime::start_flags::service;
    options.fault_endpoint = well_known::self_endpoint;
    const char* problem = nullptr;
    auto spawned = runtime::spawn({self_->slots, self_->space(), *self_->boot_ram}, image, options, &problem);
    if (!spawned.ok()) {
        return failed("memory", problem, spawned.error());
    }
    memory_ = std::move(*spawned);
    SKERRY_CHECK(runtime::CNodeCap{}.mint(well_known::memory_endpoint, memory_.endpoint.ref(), sender));
    SKERRY_CHECK(memory_.start());
    // Its spawner's memory stays what it is; everything else is the service's from now on.
    self_->memory.emplace(self_->dispatcher, self_->slots);
    SKERRY_CHECK(open_account(0, well_known::self_endpoint));
    // The largest region first: the service keeps its own records at its end.
    std::array<uint32_t, boot_regions_maximum> order;
    uint32_t regions = self_->boot->region_count;
    for (uint32_t i = 0; i < regions; i++) order[i] = i;
    std::sort(order.begin(), order.begin() + regions,
              [&](uint32_t a, uint32_t b) { return self_->boot->region[a].size > self_->boot->region[b].size; });
    for (uint32_t i = 0; i < regions; i++) {
        auto rest = self_->boot_ram->take_rest(order[i]);
        if (!rest.ok() || rest->base < 0x100000) continue;  // what is left below 1 MiB is kept for more start frames
        SKERRY_CHECK(hand_over(*rest, machine));
    }
    self_->use_memory_service();
    return {};
}

Status Services::add_region(runtime::CapRef ram, uint64_t node) {
    uint32_t tag = self_->memory->next_tag();
    auto answer = self_->memory->call(memory::request(memory::AddRegion{node}, tag), tag, ram);
    return answer.ok() ? Status{} : answer.error();
}

// A block may reach over several nodes: each part is a region of its own.
Status Services::hand_over(const runtime::RamBlock& block, const firmware::Topology& machine) {
    uint64_t at = block.base, end = block.base + block.bytes;
    while (at < end) {
        uint64_t node = machine.node_of(base::PhysAddr{at}).value, part = end;
        for (const firmware::NodeMemory& range : machine.memory) {
            uint64_t from = range.base.value, to = range.base.value + range.size;
            if (from > at) part = std::min(part, from);
            if (at >= from && at < to) part = std::min(part, to);
        }
        runtime::Owned ram = SKERRY_TRY(runtime::Owned::empty(self_->slots));
        bool whole = part - at == block.bytes;
        if (whole) {
            SKERRY_CHECK(runtime::CNodeCap{}.copy(ram.ref(), block.cap));
        } else {
            SKERRY_CHECK(runtime::CNodeCap{}.retype(ram.ref(), block.cap, Type::ram, 0, at - block.base, part - at));
        }
        Status added = add_region(ram.ref(), node);
        // A region too small to be worth its records is left out, the rest goes on.
        if (!added.ok() && part - at >= 1024 * 1024) return added;
        at = part;
    }
    return {};
}

Status Services::start_monitor(const firmware::Topology& machine) {
    auto image = SKERRY_TRY(program("monitor"));
    runtime::Object frame = SKERRY_TRY(self_->ram().make_frame(urpc::machine_info_bytes));
    constexpr uint64_t read_write = map_flags::read | map_flags::write;
    uint64_t at = SKERRY_TRY(self_->space().map_anywhere(frame.cap, 0, urpc::machine_info_bytes, read_write));
    describe_machine(*self_->boot, machine, *platform::at<urpc::MachineInfo>(at));
    SKERRY_CHECK(self_->space().unmap(at, urpc::machine_info_bytes));

    // Those that devices send as messages; the lines' are init's to route.
    runtime::Owned vectors = SKERRY_TRY(runtime::Owned::empty(self_->slots));
    SKERRY_CHECK(runtime::CNodeCap{}.retype(vectors.ref(), well_known::interrupt, Type::interrupt, 0, line_vectors,
                                            message_vectors));
    runtime::Grant grants[] = {{well_known::kernel, well_known::kernel},
                               {well_known::kernel_control, well_known::kernel_control},
                               {well_known::archive, well_known::archive},
                               {well_known::memory_service, memory_.endpoint.ref(), sender},
                               {well_known::service, frame.cap, Rights::read | Rights::transfer},
                               {well_known::interrupt, vectors.ref()},
                               {well_known::start_frame, start_frame_.ref()}};
    runtime::SpawnOptions options;
    options.name = "monitor";
    options.domain = base::make_domain_id(self_->core(), memory::monitor_badge);
    options.core = self_->core();
    options.flags = runtime::start_flags::service;
    options.memory_endpoint = memory_.endpoint.ref();
    options.monitor_endpoint = well_known::self_endpoint;
    options.fault_endpoint = well_known::self_endpoint;
    options.grants = std::span(grants, start_frame_ ? 7 : 6);
    const char* problem = nullptr;
    auto spawned = runtime::spawn({self_->slots, self_->space(), *self_->memory}, image, options, &problem);
    if (!spawned.ok()) {
        return failed("monitor", problem, spawned.error());
    }
    monitor_ = std::move(*spawned);
    SKERRY_CHECK(open_account(memory::monitor_badge, monitor_.endpoint.ref()));
    to_monitor_ = SKERRY_TRY(runtime::Owned::empty(self_->slots));
    SKERRY_CHECK(
        runtime::CNodeCap{}.mint(to_monitor_.ref(), monitor_.endpoint.ref(), sender, service_start::init_badge));
    return monitor_.start();
}

Status Services::tell_monitor(const service_start::Words& words, runtime::CapRef cap) {
    uint64_t raw[10];
    std::copy(words.begin(), words.end(), raw);
    SendHeader header = cap.null() ? SendHeader::words(10) : SendHeader::with_cap(10, cap);
    for (;;) {
        Status sent = runtime::send(to_monitor_.ref(), header, raw);
        if (sent.error() != Error::full) return sent;
        runtime::yield();
    }
}

Status Services::start_by_monitor(std::string_view name, uint64_t tag, uint64_t flags, std::span<const Lend> lend) {
    if (name.size() >= service_start::name_bytes || lend.size() > service_start::grants_maximum) {
        return Error::out_of_range;
    }
    for (const Lend& one : lend) {
        SKERRY_CHECK(tell_monitor(service_start::pack(service_start::Operation::grant, service_start::Grant{one.slot}),
                                  one.cap));
    }
    service_start::Start start{.tag = tag, .flags = flags, .name = {}};
    std::memcpy(start.name, name.data(), name.size());
    return tell_monitor(service_start::pack(service_start::Operation::start, start));
}

runtime::CapRef Services::commands() {
    auto entry = archive_.find("commands");
    if (!entry.ok() || !image::verify(*entry).ok()) return {};
    uint64_t bytes = base::round_up(entry->contents.size() + 1, base::page_size);
    auto frame = self_->ram().make_frame(bytes);
    if (!frame.ok()) return {};
    auto at = self_->space().map_anywhere(frame->cap, 0, bytes, map_flags::read | map_flags::write);
    if (!at.ok()) return {};
    std::memcpy(platform::at<std::byte>(*at), entry->contents.data(), entry->contents.size());
    (void)self_->space().unmap(*at, bytes).ok();
    commands_ = std::move(*frame);
    return commands_.cap;
}

runtime::CapRef Services::facts(const firmware::Topology& machine) {
    constexpr uint64_t bytes = 64 * 1024;
    auto frame = self_->ram().make_frame(bytes);
    if (!frame.ok()) return {};
    auto at = self_->space().map_anywhere(frame->cap, 0, bytes, map_flags::read | map_flags::write);
    if (!at.ok()) return {};
    base::Text text({platform::at<char>(*at), bytes});
    write_facts(machine, bytes - 1, text);
    (void)self_->space().unmap(*at, bytes).ok();
    facts_ = std::move(*frame);
    return facts_.cap;
}

}  // namespace skerry::init
