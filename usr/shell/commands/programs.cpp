// Commands about programs: run, oncore and prices, ps, kill.
#include "usr/shell/shell.hpp"

namespace skerry::usr::shell {

namespace monitor = urpc::monitor;

namespace {

// Whether programs can run on that core; if not, says why.
bool core_usable(Shell& shell, std::string_view text, base::CoreId& core) {
    uint64_t number = 0;
    if (!parse_number(text, ~uint32_t{0} - 1, number)) {
        shell.wrong("not a core number", text);
        return false;
    }
    core = base::CoreId{static_cast<uint32_t>(number)};
    auto info = shell.ask(monitor::CoreStatus{core});
    if (!info.ok()) {
        shell.wrong("no such core", text);
        return false;
    }
    if (info->state == monitor::CoreState::online) return true;
    shell.wrong("core is not online", text);
    return false;
}

// Waits for the end; Ctrl-C kills the program, and then its end is still waited for.
uint32_t wait_for(Shell& shell, std::string_view name, base::DomainId domain) {
    console::Pending<monitor::Ended> end;
    shell.session().monitor.ask_later(monitor::AwaitEnd{domain}, end);
    bool interrupt = false;
    while (!end.done) {
        auto over = [&] { return end.done || (interrupt = shell.interrupted()); };
        (void)shell.program().dispatcher.wait_until(over).ok();
        if (interrupt && !end.done) (void)shell.ask(monitor::Kill{domain}).ok();
    }
    (void)shell.session().console.ask(urpc::console::Drain{domain}).ok();
    if (!end.result.ok()) return shell.failed("lost sight of", name, end.result.error());
    if (interrupt) {
        shell.write("^C\n");
    } else {
        tell_end(shell, name, domain, *end.result);
    }
    return end.result->status;
}

uint32_t start(Shell& shell, base::CoreId core, std::span<const std::string_view> words, bool background,
               uint64_t flags = 0) {
    std::string_view name = words[0];
    monitor::Spawn request{.core = core, .name = {}, .arguments = {}, .flags = flags};
    if (!request.name.assign({name.data(), name.size()})) return shell.wrong("program name too long", name);
    auto& packed = request.arguments;
    for (std::string_view argument : words.subspan(1)) {
        if (packed.length + argument.size() + 1 > monitor::arguments_bytes) {
            return shell.wrong("too many arguments (512 bytes at most)");
        }
        for (char c : argument) packed.data[packed.length++] = static_cast<uint8_t>(c);
        packed.data[packed.length++] = 0;
    }
    if (background) request.flags |= monitor::spawn_flags::background;
    (void)shell.session().console.flush().ok();  // what we have said comes before what the program says
    auto spawned = shell.ask(request);
    if (!spawned.ok()) {
        if (spawned.error() == Error::not_found) return shell.wrong("no such program", name);
        return shell.failed("cannot start", name, spawned.error());
    }
    if (!background) return wait_for(shell, name, spawned->domain);
    shell.follow(spawned->domain, name);
    base::Buffer<64> text;
    text << "domain ";
    put_domain(text, spawned->domain);
    text << '\n';
    shell.write(text.view());
    return 0;
}

const char* state_name(monitor::DomainState state) {
    switch (state) {
        case monitor::DomainState::starting:
            return "starting";
        case monitor::DomainState::running:
            return "running";
        case monitor::DomainState::blocked:
            return "blocked";
        default:
            return "ending";
    }
}

void show_domain(Shell& shell, const monitor::DomainInfo& info) {
    base::Buffer<160> text;
    put_domain(text, info.domain);
    text.pad(0, 9) << info.name.view();
    text.pad(0, 26) << state_name(info.state);
    text.pad(0, 36);
    if (info.measured) {
        text << info.cpu_ns / 1'000'000 << " ms";
        text.pad(0, 50) << info.memory_bytes / 1024 << " KiB\n";
    } else {
        text << '-';
        text.pad(0, 50) << "-\n";
    }
    shell.write(text.view());
}

}  // namespace

Status start_service(Shell& shell, std::string_view name) {
    monitor::Spawn request{.core = shell.program().core(), .name = {}, .arguments = {}, .flags = 0};
    if (!request.name.assign({name.data(), name.size()})) return Error::invalid_argument;
    request.flags = monitor::spawn_flags::background;
    return shell.ask(request).error();
}

void tell_end(Shell& shell, std::string_view name, base::DomainId domain, const monitor::Ended& ended) {
    if (ended.reason.length == 0) return;
    base::Buffer<192> text;
    text << name << " (domain ";
    put_domain(text, domain);
    text << "): " << ended.reason.view() << '\n';
    shell.write(text.view());
}

uint32_t oncore(Shell& shell, const CommandLine& line) {
    if (line.arguments().size() < 2) return shell.wrong("usage: oncore N|any PROGRAM [ARGUMENTS] [&]");
    base::CoreId core = monitor::any_core;
    bool any = line.arguments()[0] == "any";
    if (!any && !core_usable(shell, line.arguments()[0], core)) return 2;
    return start(shell, core, line.arguments().subspan(1), line.background());
}

uint32_t run(Shell& shell, const CommandLine& line) {
    if (line.arguments().empty()) return shell.wrong("usage: run PROGRAM [ARGUMENTS] [&]");
    return start(shell, shell.program().core(), line.arguments(), line.background());
}

// It changes what the knowledge base knows, which `run` lets no program do.
uint32_t prices(Shell& shell, const CommandLine& line) {
    return start(shell, shell.program().core(), line.words(), line.background(), monitor::spawn_flags::manager);
}

uint32_t kill(Shell& shell, const CommandLine& line) {
    if (line.arguments().size() != 1) return shell.wrong("usage: kill DOMAIN");
    std::string_view text = line.arguments()[0];
    base::DomainId domain;
    if (!parse_domain(text, domain)) return shell.wrong("not a domain (core:counter, as ps prints it)", text);
    auto killed = shell.ask(monitor::Kill{domain});
    if (killed.ok()) {
        // With the next prompt it is gone: its names may be taken again, and its memory is back.
        (void)shell.ask(monitor::AwaitEnd{domain}).ok();
        return 0;
    }
    if (killed.error() == Error::not_found) return shell.wrong("no such domain", text);
    if (killed.error() == Error::refused) return shell.wrong("part of the system, cannot be killed", text);
    return shell.failed("cannot kill", text, killed.error());
}

uint32_t ps(Shell& shell, const CommandLine& line) {
    if (!line.arguments().empty()) return shell.wrong("usage: ps");
    shell.write("DOMAIN   NAME             STATE     CPU           MEMORY\n");
    uint64_t count = 1;
    for (uint32_t i = 0; i < count; ++i) {
        auto core = shell.ask(monitor::CoreStatus{base::CoreId{i}});
        if (!core.ok()) return shell.failed("cannot ask about core", "", core.error());
        count = core->core_count;
        if (core->state != monitor::CoreState::online) continue;
        base::DomainId after;
        for (;;) {
            auto info = shell.ask(monitor::NextDomain{base::CoreId{i}, after});
            if (info.error() == base::Error::out_of_range || shell.interrupted()) break;  // that was the last
            if (!info.ok()) return shell.failed("cannot ask about the programs of a core", "", info.error());
            show_domain(shell, *info);
            after = info->domain;
        }
    }
    return 0;
}

}  // namespace skerry::usr::shell
