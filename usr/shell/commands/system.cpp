// Commands about the machine: help, cores, reboot, poweroff.
#include "usr/shell/shell.hpp"

namespace skerry::usr::shell {

namespace monitor = urpc::monitor;

namespace {

const char* state_name(monitor::CoreState state) {
    switch (state) {
        case monitor::CoreState::online:
            return "online";
        case monitor::CoreState::starting:
            return "starting";
        case monitor::CoreState::failed:
            return "failed";
        default:
            return "offline";
    }
}

void help_line(Shell& shell, const Command& command) {
    base::Buffer<160> text;
    text << command.name << ' ' << command.usage;
    text.pad(0, 34) << ' ' << command.summary << '\n';
    shell.write(text.view());
}

// What was said must be on the wire before the machine goes away.
uint32_t power(Shell& shell, monitor::PowerAction action, const char* what) {
    (void)shell.session().console.flush().ok();
    auto done = shell.ask(monitor::Power{action});
    return shell.failed("cannot", what, done.ok() ? Error::unsupported : done.error());
}

// It is fenced, whatever runs there, and never comes back. The core itself is not asked: it may be silent.
uint32_t fail_core(Shell& shell, std::string_view text) {
    uint64_t number = 0;
    if (!parse_number(text, ~uint32_t{0} - 1, number)) return shell.wrong("not a core number", text);
    auto failed = shell.ask(monitor::FailCore{base::CoreId{static_cast<uint32_t>(number)}});
    switch (failed.error()) {
        case Error::none:
            return 0;
        case Error::out_of_range:
            return shell.wrong("no such core", text);
        case Error::not_found:
            return shell.wrong("core is not online", text);
        case Error::invalid_argument:
            return shell.wrong("the machine cannot do without core", text);
        default:
            return shell.failed("cannot fail core", text, failed.error());
    }
}

// Where it lies, and whether rules have said so.
uint32_t start_core(Shell& shell, std::string_view text) {
    uint64_t number = 0;
    if (!parse_number(text, ~uint32_t{0} - 1, number)) return shell.wrong("not a core number", text);
    auto started = shell.ask(monitor::StartCore{base::CoreId{static_cast<uint32_t>(number)}});
    switch (started.error()) {
        case Error::none:
            break;
        case Error::out_of_range:
            return shell.wrong("no such core", text);
        case Error::exists:
            return shell.wrong("core is online already", text);
        case Error::busy:
            return shell.wrong("core is being started", text);
        case Error::closed:
            return shell.wrong("core has failed, and is not started again", text);
        default:
            return shell.failed("cannot start core", text, started.error());
    }
    base::Buffer<240> line;
    line << "core " << number << ": image at node " << started->image << ", memory at node " << started->memory;
    if (started->by_rules) {
        line << ", by the rules\n";
    } else {
        line << ", by default: " << started->about.view() << '\n';
    }
    shell.write(line.view());
    return 0;
}

}  // namespace

uint32_t help(Shell& shell, const CommandLine& line) {
    if (line.arguments().size() > 1) return shell.wrong("usage: help [COMMAND]");
    if (line.arguments().size() == 1) {
        const Command* command = find_command(line.arguments()[0]);
        if (command == nullptr) return shell.wrong("no such command (try help)", line.arguments()[0]);
        help_line(shell, *command);
        return 0;
    }
    for (const Command& command : commands()) help_line(shell, command);
    return 0;
}

uint32_t cores(Shell& shell, const CommandLine& line) {
    auto words = line.arguments();
    if (words.size() == 2 && words[0] == "fail") return fail_core(shell, words[1]);
    if (words.size() == 2 && words[0] == "start") return start_core(shell, words[1]);
    if (!words.empty()) return shell.wrong("usage: cores [start N | fail N]");
    uint64_t count = 1;
    for (uint32_t i = 0; i < count; ++i) {
        auto info = shell.ask(monitor::CoreStatus{base::CoreId{i}});
        if (!info.ok()) return shell.failed("cannot ask about core", "", info.error());
        count = info->core_count;
        base::Buffer<160> text;
        text << "core " << i << ' ' << state_name(info->state) << " package " << info->package << " node "
             << info->node;
        if (info->state != monitor::CoreState::offline) {
            text << " kernel " << base::Hex{info->kernel_base} << " timer " << (info->timer_ok ? "ok" : "failed");
        }
        if (info->reason.length != 0) text << ": " << info->reason.view();
        text << '\n';
        shell.write(text.view());
    }
    return 0;
}

uint32_t reboot(Shell& shell, const CommandLine& line) {
    if (!line.arguments().empty()) return shell.wrong("usage: reboot");
    return power(shell, monitor::PowerAction::reboot, "reboot");
}

uint32_t poweroff(Shell& shell, const CommandLine& line) {
    if (!line.arguments().empty()) return shell.wrong("usage: poweroff");
    return power(shell, monitor::PowerAction::off, "power off");
}

}  // namespace skerry::usr::shell
