// Everything that a program needs is made first, in the order of Parts; then it is started; an error on the way
// undoes what there is. Its image, and the block that serves its requests, are paid by the monitor's account, at a
// size that is known; what the program asks for afterwards by its own account, up to its limit.
#include "monitor/operation/spawn.hpp"

#include <new>

#include "monitor/operation/span.hpp"
#include "monitor/share.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using capabilities::Rights;
using runtime::Object;

namespace {

constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;
constexpr Rights sender = Rights::send | Rights::transfer;
constexpr uint64_t member_stack = 64 * 1024;

// A frame of ours, mapped.
struct Mapped {
    Object object;
    uint64_t address = 0;
    uint64_t bytes = 0;
};

struct Parts {
    Mapped ring, memory;
    runtime::SpawnedDomain domain;
    bool account = false;
};

Status map(Monitor& m, uint64_t bytes, Mapped& mapped) {
    Object object = SKERRY_TRY(m.self.ram().make_frame(bytes));
    auto address = m.self.space().map_anywhere(object.cap, 0, bytes, read_write);
    if (!address.ok()) {
        m.self.ram().destroy(object);
        return address.error();
    }
    mapped = {object, *address, bytes};
    return {};
}

void unmap(Monitor& m, Mapped& mapped) {
    if (mapped.bytes == 0) return;
    // The program may have passed its ring on: every copy and mapping of it goes before the memory is used again.
    (void)runtime::CNodeCap{}.revoke(mapped.object.cap).ok();
    (void)m.self.space().unmap(mapped.address, mapped.bytes).ok();
    m.self.ram().destroy(mapped.object);
    mapped.bytes = 0;
}

void undo(Monitor& m, Parts& parts, uint32_t counter) {
    parts.domain.destroy(*m.self.memory);
    if (parts.account) (void)m.memory.close_account(counter).ok();
    unmap(m, parts.ring);
    unmap(m, parts.memory);
}

struct Arguments {
    std::array<std::string_view, runtime::arguments_maximum> items{};
    uint32_t count = 0;
};
Status split(std::span<const uint8_t> packed, Arguments& arguments) {
    std::string_view rest(reinterpret_cast<const char*>(packed.data()), packed.size());
    while (!rest.empty()) {
        size_t end = rest.find('\0');
        if (end == std::string_view::npos || arguments.count == arguments.items.size()) return Error::invalid_argument;
        arguments.items[arguments.count++] = rest.substr(0, end);
        rest.remove_prefix(end + 1);
    }
    return {};
}

Status make_parts(Monitor& m, const ProgramOrder& order, const DomainRecord& record, Parts& parts) {
    image::ArchiveEntry file = SKERRY_TRY(m.archive.find(order.name.view()));
    SKERRY_CHECK(image::verify(file));
    Arguments arguments;
    SKERRY_CHECK(split(order.arguments, arguments));
    SKERRY_CHECK(map(m, Program::ring_bytes, parts.ring));
    SKERRY_CHECK(map(m, Program::memory_bytes, parts.memory));

    runtime::SpawnOptions options;
    options.name = order.name.view();
    options.arguments = std::span(arguments.items.data(), arguments.count);
    options.domain = record.id;
    options.parent = order.parent;
    options.core = m.core;
    options.core_count = m.core_count;
    options.flags = order.system ? runtime::start_flags::service : 0;
    options.memory_endpoint = capabilities::well_known::memory_service;
    options.monitor_endpoint = m.program_endpoint.cap;
    options.fault_endpoint = m.fault_endpoint.cap;
    options.ring_frame = parts.ring.object.cap;
    options.ring_bytes = Program::ring_bytes;
    options.grants = order.grants;
    if (const MemberOrder* member = order.member) {
        options.flags |= runtime::start_flags::member;
        options.heap_bytes = 0;
        options.stack_bytes = member_stack;
        options.shared_image = member->image.ref();
        options.shared_start = member->shared_start;
        options.shared_end = member->shared_end;
        std::copy(member->word.begin(), member->word.end(), options.word);
    }
    auto spawned = runtime::spawn({m.self.slots, m.self.space(), *m.self.memory}, file.contents, options);
    if (!spawned.ok()) return spawned.error();
    parts.domain = std::move(spawned).value();

    uint64_t limit = account_limit(m.memory.free_bytes(urpc::memory::any_node));
    SKERRY_CHECK(m.memory.open_account(base::counter_of(record.id), limit, parts.domain.endpoint.ref()));
    parts.account = true;
    return {};
}

// The object that serves the program lies at the start of the block that was made for it.
Result<Program*> make_program(Monitor& m, const DomainRecord& record, Parts& parts) {
    auto layout = urpc::ChannelLayout::of(platform::at<void>(parts.ring.address), Program::ring_bytes, urpc::Side::b);
    if (!layout.ok()) return layout.error();
    Owned deliver = SKERRY_TRY(Owned::empty(m.self.slots));
    SKERRY_CHECK(
        runtime::CNodeCap{}.mint(deliver.ref(), parts.domain.endpoint.ref(), sender, urpc::memory::monitor_badge));
    Owned notify = SKERRY_TRY(copy_of(m.self, parts.domain.notify.ref()));
    SKERRY_CHECK(parts.domain.start());

    auto* place = platform::at<std::byte>(parts.memory.address);
    constexpr uint64_t front = base::round_up(sizeof(Program), 64);
    static_assert(front < Program::memory_bytes / 4);
    auto* program = new (place) Program(m, record.id, std::span(place + front, Program::memory_bytes - front), *layout,
                                        std::move(parts.domain));
    program->deliver = std::move(deliver);
    program->poker.set(std::move(notify));
    program->ring = parts.ring.object;
    program->ring_address = parts.ring.address;
    program->memory = parts.memory.object;
    program->memory_address = parts.memory.address;
    return program;
}

}  // namespace

Result<urpc::monitor::Spawned> spawn_program(Monitor& m, const ProgramOrder& order) {
    DomainRecord* record = SKERRY_TRY(m.domains.add(order.name, order.parent));
    record->system = order.system;
    record->manager = order.manager;
    Parts parts;
    Status made = make_parts(m, order, *record, parts);
    Result<Program*> program{Error::no_memory};
    if (made.ok()) program = make_program(m, *record, parts);
    if (made.ok()) made = program.error();
    if (!made.ok()) {
        undo(m, parts, base::counter_of(record->id));
        m.domains.forget(*record);
        return made.error();
    }
    record->program = program.value();
    if (MemberOrder* member = order.member) {
        SpanPart& part = record->program->span;
        part.leader = member->leader;
        part.image = std::move(member->image);
        part.arena = std::move(member->arena);
    }
    if (record->state == DomainState::starting) record->state = DomainState::running;
    m.changed.set();
    return urpc::monitor::Spawned{record->id};
}

void dismantle(Monitor& m, DomainRecord& record) {
    SKERRY_ASSERT(record.program != nullptr && record.program->link.gone());
    Program& program = *record.program;
    Parts parts{.ring = {program.ring, program.ring_address, Program::ring_bytes},
                .memory = {program.memory, program.memory_address, Program::memory_bytes},
                .domain = std::move(program.domain),
                .account = true};
    drop_span(m, program.span, base::counter_of(record.id));
    program.~Program();
    record.program = nullptr;
    undo(m, parts, base::counter_of(record.id));
}

}  // namespace skerry::monitor
