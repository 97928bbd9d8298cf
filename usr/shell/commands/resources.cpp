// Commands about what programs and cores hold: mem, caps, trace.
#include "capabilities/capability.hpp"
#include "capabilities/interface/trace.hpp"
#include "usr/shell/shell.hpp"

namespace skerry::usr::shell {

namespace monitor = urpc::monitor;

namespace {

// Calls show(core index, info) for every core; stops at its first nonzero status, which it returns.
template <typename Show>
uint32_t for_each_core(Shell& shell, Show show) {
    uint64_t count = 1;
    for (uint32_t i = 0; i < count && !shell.interrupted(); ++i) {
        auto info = shell.ask(monitor::CoreStatus{base::CoreId{i}});
        if (!info.ok()) return shell.failed("cannot ask about core", "", info.error());
        count = info->core_count;
        if (info->state != monitor::CoreState::online) continue;
        if (uint32_t status = show(base::CoreId{i})) return status;
    }
    return 0;
}

void put_size(base::Text& text, uint64_t bytes) {
    bool mebibytes = bytes >= 10 * 1024 * 1024;
    text << (mebibytes ? bytes >> 20 : bytes >> 10) << (mebibytes ? " MiB" : " KiB");
}

uint32_t show_memory(Shell& shell, base::CoreId core) {
    uint32_t count = 1;
    for (uint32_t i = 0; i < count; ++i) {
        auto region = shell.ask(monitor::MemoryStatistics{core, i});
        if (region.error() == Error::out_of_range) return 0;
        if (!region.ok()) return shell.failed("cannot read memory of a core", "", region.error());
        count = region->regions;
        base::Buffer<192> text;
        text << "core " << core << " node " << region->node << " base " << base::Hex{region->base} << " size ";
        put_size(text, region->size);
        text << " free ";
        put_size(text, region->free);
        text << " largest ";
        put_size(text, region->largest_free);
        text << " blocks " << region->blocks << '\n';
        shell.write(text.view());
    }
    return 0;
}

// One question, which the monitors answer together.
uint32_t show_totals(Shell& shell) {
    auto totals = shell.ask(monitor::MachineTotals{});
    if (!totals.ok()) return shell.failed("cannot add up the memory of all cores", "", totals.error());
    base::Buffer<192> text;
    text << "all " << totals->cores << " cores size ";
    put_size(text, totals->size);
    text << " free ";
    put_size(text, totals->free);
    text << " blocks " << totals->blocks << " domains " << totals->domains << '\n';
    if (totals->cores < totals->cores_online) {
        text << totals->cores_online - totals->cores << " cores are online and did not answer\n";
    }
    shell.write(text.view());
    return 0;
}

uint32_t show_counts(Shell& shell, base::CoreId core) {
    base::Buffer<512> text;
    text << "core " << core;
    for (uint32_t type = 1; type < capabilities::type_count; ++type) {
        auto count = shell.ask(monitor::CountCapabilities{core, type});
        if (!count.ok()) return shell.failed("cannot count capabilities", "", count.error());
        if (count->count == 0) continue;
        text << ' ' << capabilities::info(static_cast<capabilities::Type>(type)).name << ' ' << count->count;
    }
    text << '\n';
    shell.write(text.view());
    return 0;
}

void show_capability(Shell& shell, const monitor::CapabilityInfo& info) {
    auto capability = std::bit_cast<capabilities::Capability>(info.capability);
    if (capability.type >= capabilities::Type::count_) return;
    capabilities::CapRef slot{info.slot};
    base::Buffer<192> text;
    if (slot.at_root()) {
        text << "root " << slot.root_index();
    } else {
        text << slot.root_index() << ':' << slot.index();
    }
    text.pad(0, 9) << capabilities::info(capability.type).name;
    text.pad(0, 29) << base::Hex{capability.base} << " size " << base::Hex{capability.size} << " rights ";
    constexpr std::string_view letters = "rwxstRvc";  // by bit: read write execute send transfer Retype reVoke control
    for (size_t i = 0; i < letters.size(); ++i) {
        text << ((static_cast<uint8_t>(capability.rights) >> i & 1) != 0 ? letters[i] : '-');
    }
    if (capability.badge != 0) text << " badge " << capability.badge;
    text << '\n';
    shell.write(text.view());
}

uint32_t show_capabilities(Shell& shell, std::string_view text) {
    base::DomainId domain;
    if (!parse_domain(text, domain)) return shell.wrong("not a domain (core:counter, as ps prints it)", text);
    uint64_t cursor = 0;
    while (!shell.interrupted()) {
        auto info = shell.ask(monitor::NextCapability{domain, cursor});
        if (info.error() == Error::out_of_range) break;
        if (info.error() == Error::not_found) return shell.wrong("no such domain", text);
        if (!info.ok()) return shell.failed("cannot list capabilities of", text, info.error());
        if (info->next <= cursor) break;
        cursor = info->next;
        show_capability(shell, *info);
    }
    return 0;
}

constexpr uint32_t chunks_maximum = 128;  // of 16 events: more than a ring holds

void show_event(Shell& shell, const monitor::TraceEvent& event) {
    base::Buffer<80> text;
    text << event.time_ns << " ns";
    text.pad(0, 20) << ' ' << capabilities::trace_kind_name(event.kind);
    text.pad(0, 35);
    if (capabilities::argument_is_message_key(event.kind)) {
        capabilities::MessageKey key = capabilities::message_key_parts(event.argument);
        text << "id " << key.id << " line " << key.line << " ring " << key.core << ':' << key.domain << '.'
             << key.channel;
    } else {
        text << base::Hex{event.argument};
    }
    text << '\n';
    shell.write(text.view());
}

}  // namespace

uint32_t mem(Shell& shell, const CommandLine& line) {
    if (!line.arguments().empty()) return shell.wrong("usage: mem");
    uint32_t status = for_each_core(shell, [&](base::CoreId core) { return show_memory(shell, core); });
    return status != 0 ? status : show_totals(shell);
}

uint32_t caps(Shell& shell, const CommandLine& line) {
    if (line.arguments().size() > 1) return shell.wrong("usage: caps [DOMAIN]");
    if (line.arguments().size() == 1) return show_capabilities(shell, line.arguments()[0]);
    return for_each_core(shell, [&](base::CoreId core) { return show_counts(shell, core); });
}

uint32_t trace(Shell& shell, const CommandLine& line) {
    if (line.arguments().size() > 1) return shell.wrong("usage: trace [CORE]");
    uint64_t core = shell.program().core().value;
    if (line.arguments().size() == 1 && !parse_number(line.arguments()[0], ~uint32_t{0} - 1, core)) {
        return shell.wrong("not a core number", line.arguments()[0]);
    }
    uint64_t position = 0;
    // Reading makes events of its own: what is later than the question is left out. Clocks of cores are
    // aligned.
    uint64_t asked = shell.program().dispatcher.now();
    for (uint32_t chunk = 0; chunk < chunks_maximum && !shell.interrupted(); ++chunk) {
        auto events = shell.ask(monitor::ReadTrace{base::CoreId{static_cast<uint32_t>(core)}, position});
        if (events.error() == Error::not_found) return shell.failed("cannot trace", "core", events.error());
        if (!events.ok()) return shell.failed("cannot read the trace", "", events.error());
        if (events->count == 0 || events->count > events->events.size()) break;
        base::Buffer<80> text;
        if (chunk == 0 && events->lost != 0) text << events->lost << " older events were overwritten\n";
        shell.write(text.view());
        for (uint32_t i = 0; i < events->count; ++i) {
            if (events->events[i].time_ns > asked) return 0;
            show_event(shell, events->events[i]);
        }
        position = events->next;
    }
    return 0;
}

}  // namespace skerry::usr::shell
