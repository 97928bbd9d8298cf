// Marks in a program, and the samples between them.
#include "test/traffic/tally.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "platforms/x86_64/platform/user/mark.hpp"

using namespace skerry::traffic;

namespace {

std::string report_of(const Tally& tally) {
    char* text = nullptr;
    size_t size = 0;
    std::FILE* out = open_memstream(&text, &size);
    tally.write(out);
    std::fclose(out);
    std::string report(text, size);
    std::free(text);
    return report;
}
Counts at(uint64_t transfers, uint64_t invalidations = 0) {
    return {transfers, 7, transfers / 10, invalidations};
}

// The instruction that this compiles to.
template <skerry::platform::Mark Which>
[[gnu::noipa]] void marked() {
    skerry::platform::mark<Which>();
}
template <skerry::platform::Mark Which>
std::optional<Mark> recognised() {
    const auto* code = reinterpret_cast<const uint8_t*>(&marked<Which>);
    for (int i = 0; i < 32; ++i) {  // behind what the compiler puts before it
        if (auto mark = mark_of(code + i, 8)) return mark;
    }
    return {};
}

}  // namespace

TEST_CASE("the marks that programs make are recognised, and no other instruction", "[traffic]") {
    CHECK(recognised<skerry::platform::Mark::series>() == Mark::series);
    CHECK(recognised<skerry::platform::Mark::begin>() == Mark::begin);
    CHECK(recognised<skerry::platform::Mark::end>() == Mark::end);
    CHECK(recognised<skerry::platform::Mark::turn>() == Mark::turn);
    CHECK(recognised<skerry::platform::Mark::look>() == Mark::look);
    CHECK(recognised<skerry::platform::Mark::found>() == Mark::found);
    const uint8_t usual_nop[] = {0x0f, 0x1f, 0x84, 0x00, 0, 0, 0, 0},
                  next[] = {0x0f, 0x1f, 0x84, 0x00, 7, 0x79, 0x6b, 0x53};
    CHECK_FALSE(mark_of(usual_nop, 8));
    CHECK_FALSE(mark_of(next, 8));
    CHECK_FALSE(mark_of(next, 7));
}

TEST_CASE("samples lie between their own vCPU's marks, series by series", "[traffic]") {
    Tally tally;
    tally.passed(Mark::begin, 0, at(5));
    tally.passed(Mark::end, 0, at(6));
    CHECK_FALSE(tally.begun());
    tally.passed(Mark::series, 0, at(10));
    CHECK(tally.begun());
    tally.passed(Mark::begin, 0, at(20, 1));
    tally.passed(Mark::end, 1, at(25, 2));  // somebody else's
    tally.passed(Mark::turn, 1, at(26, 2));
    tally.passed(Mark::end, 0, at(40, 4));
    tally.passed(Mark::end, 0, at(50, 9));  // nothing is open
    tally.passed(Mark::series, 0, at(50));  // without samples: left out
    tally.passed(Mark::series, 0, at(50));
    tally.passed(Mark::turn, 2, at(60));
    tally.passed(Mark::turn, 2, at(61));
    tally.passed(Mark::turn, 2, at(64));
    CHECK(report_of(tally) == "series\nsample 20 0 2 3\nseries\nsample 1 0 0 0\nsample 3 0 0 0\nend 2\n");
}
