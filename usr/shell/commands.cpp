#include "usr/shell/commands.hpp"

namespace skerry::usr::shell {

namespace {
constexpr Command table[] = {
    {"help", "[COMMAND]", "what there is", &help},
    {"cores", "[start N | fail N]", "one line a core; or starts core N, or gives it up for good", &cores},
    {"ps", "", "the programs of all cores", &ps},
    {"mem", "", "memory by core and node", &mem},
    {"caps", "[DOMAIN]", "capabilities: counts by core, or those of a domain", &caps},
    {"oncore", "N|any PROGRAM [ARGUMENTS] [&]", "runs a program on core N, or where rules say", &oncore},
    {"run", "PROGRAM [ARGUMENTS] [&]", "runs a program on this core", &run},
    {"kill", "DOMAIN", "ends a program, such as 1:7", &kill},
    {"skb", "'GOALS' | tell | retract | rules | ...", "asks the knowledge base, or tells it", &skb},
    {"prices", "[&]", "measures messages between cores, for the knowledge base", &prices},
    {"pci", "", "the devices on the PCI buses", &pci},
    {"records", "[QUERY | set RECORD | erase, wait or gone QUERY]", "named records of programs", &records},
    {"trace", "[CORE]", "the last events of a core's trace ring", &trace},
    {"reboot", "", "starts the machine again", &reboot},
    {"poweroff", "", "ends it", &poweroff},
};
}  // namespace

std::span<const Command> commands() {
    return table;
}

const Command* find_command(std::string_view name) {
    for (const Command& command : table) {
        if (command.name == name) return &command;
    }
    return nullptr;
}

bool parse_number(std::string_view text, uint64_t most, uint64_t& number) {
    if (text.empty()) return false;
    uint64_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return false;
        auto digit = static_cast<uint64_t>(c - '0');
        if (digit > most || value > (most - digit) / 10) return false;
        value = value * 10 + digit;
    }
    number = value;
    return true;
}

void put_domain(base::Text& text, base::DomainId domain) {
    text << base::core_of(domain) << ':' << base::counter_of(domain);
}

bool parse_domain(std::string_view text, base::DomainId& domain) {
    size_t colon = text.find(':');
    uint64_t core = 0;
    uint64_t counter = 0;
    if (colon == std::string_view::npos || !parse_number(text.substr(0, colon), ~uint32_t{0}, core) ||
        !parse_number(text.substr(colon + 1), ~uint32_t{0}, counter)) {
        return false;
    }
    domain = base::make_domain_id(base::CoreId{static_cast<uint32_t>(core)}, static_cast<uint32_t>(counter));
    return domain.value != 0;
}

}  // namespace skerry::usr::shell
