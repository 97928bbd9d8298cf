// The table of commands. Each is one function: words in (command first), exit status out (0, 1 failed, 2
// wrong use).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "platforms/base/format.hpp"
#include "urpc/protocols/monitor.hpp"

namespace skerry::usr::shell {

class Shell;
class CommandLine;

struct Command {
    std::string_view name;
    std::string_view usage;    // of its arguments
    std::string_view summary;  // for help
    uint32_t (*run)(Shell& shell, const CommandLine& line);
};

std::span<const Command> commands();
const Command* find_command(std::string_view name);

// commands/system.cpp
uint32_t help(Shell&, const CommandLine&);
uint32_t cores(Shell&, const CommandLine&);
uint32_t reboot(Shell&, const CommandLine&);
uint32_t poweroff(Shell&, const CommandLine&);
// commands/resources.cpp
uint32_t mem(Shell&, const CommandLine&);
uint32_t caps(Shell&, const CommandLine&);
uint32_t trace(Shell&, const CommandLine&);
// commands/programs.cpp
uint32_t ps(Shell&, const CommandLine&);
uint32_t oncore(Shell&, const CommandLine&);
uint32_t run(Shell&, const CommandLine&);
uint32_t kill(Shell&, const CommandLine&);
uint32_t prices(Shell&, const CommandLine&);

// commands/knowledge.cpp
uint32_t skb(Shell&, const CommandLine&);
uint32_t pci(Shell&, const CommandLine&);
uint32_t records(Shell&, const CommandLine&);

// One line if it did not end by itself: faulty_read (domain 1:7): page fault (read) at 0x10, ip 0x401234
void tell_end(Shell&, std::string_view name, base::DomainId domain, const urpc::monitor::Ended& ended);
// A program of this core in the background, whose end nobody hears of. Errors: those of Spawn.
base::Status start_service(Shell&, std::string_view name);
// "1:7"
void put_domain(base::Text& text, base::DomainId domain);

// "12" -> 12. False: not a decimal number, or above `most`.
bool parse_number(std::string_view text, uint64_t most, uint64_t& number);
// "core:counter", as ps prints it.
bool parse_domain(std::string_view text, base::DomainId& domain);

}  // namespace skerry::usr::shell
