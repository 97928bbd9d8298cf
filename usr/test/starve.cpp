// Takes its core for some seconds (first argument; 5 without) and never gives it up of its own will. Whoever
// shares the core must still get their part.
#include <charconv>

#include "usr/runtime/program.hpp"

int program_main(skerry::runtime::Program& self) {
    std::string_view argument = self.argument(0);
    uint64_t seconds = 5;
    auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), seconds);
    constexpr uint64_t most = 3600;
    bool number = error == std::errc{} && end == argument.data() + argument.size() && seconds <= most;
    constexpr int wrong_input = 2;
    if (!argument.empty() && !number) return wrong_input;
    constexpr uint64_t second = 1'000'000'000;
    uint64_t until = self.dispatcher.now() + seconds * second;
    while (self.dispatcher.now() < until) skerry::platform::pause();
    return 0;
}
