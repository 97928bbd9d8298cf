#include "test/instructions/counts.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace skerry::instructions;

namespace {

constexpr Where where{.begin = 0x1000, .end = 0x2000, .skip_begin = 0x3000, .skip_end = 0x3010};

std::string report(const Counts& counts) {
    char* text = nullptr;
    size_t size = 0;
    std::FILE* file = open_memstream(&text, &size);
    counts.write(file);
    std::fclose(file);
    std::string result(text, size);
    free(text);
    return result;
}
void run(Counts& counts, unsigned vcpu, int instructions) {
    for (int i = 0; i < instructions; ++i) counts.executed(vcpu);
}

}  // namespace

TEST_CASE("Poll loops are not counted") {
    Counts counts(where);
    CHECK(counts.counted(0x2fff));
    CHECK_FALSE(counts.counted(0x3000));
    CHECK_FALSE(counts.counted(0x300f));
    CHECK(counts.counted(0x3010));
    CHECK(counts.counted(0xffff'ffff'8020'0000));  // a driver's
    CHECK(counts.mark(0x1000));
    CHECK(counts.mark(0x2000));
    CHECK_FALSE(counts.mark(0x1001));
}

TEST_CASE("An interval has what every vCPU did between the marks") {
    Counts counts(where);
    run(counts, 0, 7);
    counts.passed(0, where.begin);
    run(counts, 0, 3);
    run(counts, 2, 5);
    counts.passed(0, where.end);
    run(counts, 1, 9);
    counts.passed(0, where.begin);
    run(counts, 1, 1);
    counts.passed(0, where.end);
    CHECK(report(counts) == "interval 0 3 0 5\ninterval 0 0 1\nend 2\n");
}

TEST_CASE("Marks out of turn open nothing") {
    Counts counts(where);
    counts.passed(0, where.end);
    counts.passed(0, where.begin);
    counts.passed(1, where.end);  // another vCPU's
    run(counts, 0, 2);
    counts.passed(0, where.end);
    counts.passed(0, where.end);
    CHECK(report(counts) == "interval 0 2\nend 1\n");
}

TEST_CASE("Turns of a poll loop that find nothing are dropped") {
    Counts counts(where);
    counts.passed(0, where.begin);
    run(counts, 1, 4);
    counts.look(1);
    run(counts, 1, 10);
    counts.look(1);  // the ten were for nothing
    run(counts, 1, 20);
    counts.found(1);
    run(counts, 1, 3);
    counts.look(1);
    run(counts, 1, 5);
    counts.executed_by_driver(1);  // interrupted: the five count, and the driver's one
    run(counts, 1, 6);
    counts.look(1);
    run(counts, 1, 100);  // not over: it may be for nothing
    counts.passed(0, where.end);
    CHECK(report(counts) == "interval 0 0 39\nend 1\n");
}

TEST_CASE("An interval that begins or ends within a turn has no part of one that finds nothing") {
    Counts counts(where);
    counts.look(1);
    run(counts, 1, 10);
    counts.passed(0, where.begin);
    run(counts, 1, 10);
    counts.look(1);
    run(counts, 1, 7);
    counts.passed(0, where.end);
    counts.passed(0, where.begin);
    run(counts, 1, 1);
    counts.found(1);  // all eight, since it ended in this interval
    counts.passed(0, where.end);
    CHECK(report(counts) == "interval 0\ninterval 0 0 8\nend 2\n");
}
