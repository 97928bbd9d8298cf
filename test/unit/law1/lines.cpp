// The judge of law 1 on metal: what counts as shared, and what is forgiven.
#include "test/law1/lines.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "test/law1/counts.hpp"

using namespace skerry::law1;

namespace {

template <typename What>
std::string report_of(const What& what) {
    char* text = nullptr;
    size_t size = 0;
    std::FILE* out = open_memstream(&text, &size);
    what.write(out);
    std::fclose(out);
    std::string report(text, size);
    std::free(text);
    return report;
}

bool contains(const std::string& text, const char* what) {
    return text.find(what) != std::string::npos;
}

struct Watched {
    std::unique_ptr<Lines> lines = std::make_unique<Lines>();
    void touch(unsigned vcpu, uint64_t physical, Kind kind = Kind::load, bool window = false) {
        lines->touch(vcpu, physical, kind, 0xffff'ffff'8000'1000, window);
    }
    std::string report() { return report_of(*lines); }
};

}  // namespace

TEST_CASE("drivers that keep to their lines share none", "[law1]") {
    Watched w;
    w.lines->begin(0);
    w.lines->begin(1);
    w.touch(0, 0x1000, Kind::store);
    w.touch(1, 0x1040, Kind::store);
    w.touch(0, 0x1007);
    std::string report = w.report();
    REQUIRE(contains(report, "end shared 0"));
    REQUIRE(contains(report, "driver 0 order 1 lines 1 loads 1 stores 1 fetches 0"));
}

TEST_CASE("one line that both touch is shared, whatever they do", "[law1]") {
    for (Kind kind : {Kind::load, Kind::store, Kind::fetch}) {
        Watched w;
        w.lines->begin(0);
        w.lines->begin(1);
        w.touch(1, 0x7fff'f040, kind);
        w.touch(0, 0x7fff'f07f, kind);
        REQUIRE(contains(w.report(), "shared 0x7ffff040"));
        REQUIRE(contains(w.report(), "plain"));
    }
}

TEST_CASE("memory handed over before a driver's first instruction is forgiven, later use is not", "[law1]") {
    Watched w;
    w.lines->begin(0);
    w.touch(0, 0x5000, Kind::store);
    w.lines->begin(3);
    w.touch(3, 0x5000);
    REQUIRE(contains(w.report(), "end shared 0"));
    w.touch(0, 0x5010);
    REQUIRE(contains(w.report(), "end shared 1"));
}

TEST_CASE("the window counts only while nothing else touched the line", "[law1]") {
    Watched w;
    w.lines->begin(0);
    w.touch(0, 0x9000, Kind::store);  // zeroed before anybody else ran
    w.lines->begin(1);
    w.touch(0, 0x9000, Kind::store, true);
    w.touch(1, 0x9000, Kind::load, true);
    REQUIRE(contains(w.report(), "end shared 1"));
    REQUIRE_FALSE(contains(w.report(), "plain"));
    w.touch(1, 0x9000);
    REQUIRE(contains(w.report(), "plain"));
}

TEST_CASE("stretches are counted from the first instruction to before the second, on one vCPU", "[law1]") {
    Counts counts;
    counts.between(0x100, 0x108);
    Site *first = counts.site(0x100), *kernel = counts.site(0xffff'ffff'8000'0000), *last = counts.site(0x108);
    for (Site* site : {first, kernel, kernel, last, kernel}) counts.executed(0, *site);
    counts.executed(1, *last);
    std::string report = report_of(counts);
    REQUIRE(contains(report, "vcpu 0 user 2 kernel 3"));
    REQUIRE(contains(report, "stretches 0 count 1 min 3 median 3 max 3"));
    REQUIRE(contains(report, "site 0xffffffff80000000 2"));
    REQUIRE_FALSE(contains(report, "stretches 1"));
}
