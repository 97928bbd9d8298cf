#include "boot/agreed_time.hpp"

#include <algorithm>
#include <charconv>

#include "platform/instructions.hpp"
#include "platform/machine.hpp"
#include "trap/descriptors.hpp"

namespace skerry::platform {
namespace {

// 0: no such word.
uint64_t agreed_time(std::string_view line) {
    constexpr std::string_view key = "start=";
    while (!line.empty()) {
        std::string_view word = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(word.size() + 1, line.size()));
        if (!word.starts_with(key)) continue;
        uint64_t value = 0;
        auto [end, error] = std::from_chars(word.data() + key.size(), word.data() + word.size(), value);
        if (error == std::errc{} && end == word.data() + word.size()) return value;
    }
    return 0;
}

[[gnu::naked]] void only_return() {
    asm volatile("iretq");
}

}  // namespace

// A core that halts wakes at the very tick of its timer; one that looks at the counter in a loop, some instructions late.
void wait_for_agreed_time(Machine& machine, std::string_view loader_line) {
    uint64_t until = agreed_time(loader_line);
    if (until <= read_cycles()) return;
    set_handler(vector_timer, reinterpret_cast<uint64_t>(&only_return));
    machine.halt_until(until);
    load_descriptors();
}

}  // namespace skerry::platform
