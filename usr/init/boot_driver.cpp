#include "usr/init/boot_driver.hpp"

#include <algorithm>
#include <charconv>

namespace skerry::init {
namespace {

constexpr std::string_view key = "driver=";
constexpr uint32_t all_ports = 65536, isa_interrupts = 16;

// What stands before `end`, taken from `text` together with it.
std::string_view take(std::string_view& text, char end) {
    std::string_view part = text.substr(0, text.find(end));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

bool number(std::string_view text, uint32_t& value) {
    bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string_view next_boot_driver(std::string_view& line) {
    while (!line.empty()) {
        std::string_view word = take(line, ' ');
        if (word.starts_with(key)) return word;
    }
    return {};
}

base::Result<BootDriver> parse_boot_driver(std::string_view word) {
    if (!word.starts_with(key)) return base::Error::corrupt;
    word.remove_prefix(key.size());
    BootDriver driver{.name = take(word, ':')};
    uint32_t interrupt = 0;
    if (driver.name.empty() || !number(take(word, '+'), driver.first_port)) return base::Error::corrupt;
    if (!number(take(word, ':'), driver.ports) || !number(take(word, ':'), interrupt)) return base::Error::corrupt;
    driver.by_level = word == "level";
    if (!word.empty() && !driver.by_level) return base::Error::corrupt;
    bool ports = driver.ports != 0 && driver.ports <= all_ports && driver.first_port <= all_ports - driver.ports;
    if (!ports || interrupt >= isa_interrupts) return base::Error::out_of_range;
    driver.interrupt = static_cast<uint8_t>(interrupt);
    return driver;
}

}  // namespace skerry::init
