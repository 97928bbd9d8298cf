// rings serve WORD | play TARGET SEED STEPS | breed SEED STEPS | bite SEED STEPS: one program in four parts, which ../siege
// puts together.
#include "usr/hostile/rings/attack.hpp"
#include "usr/hostile/rings/service.hpp"

namespace {

bool number(std::string_view text, uint64_t& value) {
    value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    return !text.empty();
}

}  // namespace

int program_main(skerry::runtime::Program& self) {
    using namespace skerry::usr::hostile;
    constexpr int wrong_input = 2;
    uint32_t count = self.argument_count();
    std::string_view part = count > 0 ? self.argument(0) : std::string_view{};
    uint64_t seed = 0, steps = 0;
    if (part == "serve" && count == 2 && number(self.argument(1), seed)) return rings::serve(self, seed);
    bool numbers = count >= 3 && number(self.argument(count - 2), seed) && number(self.argument(count - 1), steps);
    if (!numbers) return wrong_input;
    if (part == "play" && count == 4) return rings::play(self, self.argument(1), seed, steps);
    if (part == "breed" && count == 3) return rings::breed(self, seed, steps);
    if (part == "bite" && count == 3) return rings::bite(self, seed, steps);
    return wrong_input;
}
