// What a core does instead of booting a driver: it makes the machine as a driver's loop does, runs the suite, and ends the
// machine. One line a check on standard output.
#include <cstdio>
#include <cstdlib>
#include <new>

#include "glue.hpp"
#include "platforms/hosted/programs.hpp"
#include "start.hpp"
#include "test/contract/suite.hpp"

namespace skerry::contract_test {

namespace {

constexpr uint64_t suite_memory = 8 * unit, foreign = suite_memory + units * unit;

class LineReport final : public Report {
  public:
    void check(bool ok, std::string_view name) override {
        ++checks;
        failures += !ok;
        std::printf("%s %.*s: %.*s\n", ok ? "ok" : "not ok", static_cast<int>(group.size()), group.data(),
                    static_cast<int>(name.size()), name.data());
    }
    std::string_view group;
    uint32_t checks = 0, failures = 0;
};

}  // namespace

hosted::MachineShape shape() {
    hosted::MachineShape shape;
    shape.cores = {{}};
    shape.bytes_per_node = foreign + unit;
    return shape;
}

int run_suite(platform::Machine& machine, hosted::CoreThread& core, platform::Registers& live) {
    core.world().set_owner(suite_memory, units * unit, core.hardware());
    InProcessGlue glue(machine, core, live, base::PhysAddr{suite_memory}, base::PhysAddr{foreign});
    LineReport report;
    for (const Group& group : all_groups()) {
        report.group = group.name;
        uint32_t before = report.checks;
        group.run(glue, report);
        if (report.checks == before) report.check(false, "no check");
    }
    std::printf("contract finished: %u checks, %u failed\n", report.checks, report.failures);
    return report.failures == 0 ? 0 : 1;
}

}  // namespace skerry::contract_test

namespace skerry::hosted {

namespace {
struct State {
    alignas(64) std::byte machine[sizeof(platform::Machine)];
    alignas(64) platform::Registers live;
};
constexpr uint64_t poke_area = 0xa0000;  // as World's
}  // namespace

uint64_t driver_image_bytes() {
    return base::round_up(sizeof(State), base::page_size);
}

void CoreThread::run(uint64_t image) {
    world_.set_owner(image, driver_image_bytes(), hardware_);
    auto* state = new (world_.memory() + image) State;
    live_ = &state->live;
    machine_ = new (state->machine) platform::Machine(world_, *this, base::PhysAddr{poke_area});
    world_.end(contract_test::run_suite(*machine_, *this, *live_));
}

}  // namespace skerry::hosted

namespace skerry::base {

void assertion_failed(const char* expression, const char* file, int line) {
    std::printf("not ok assertion %s failed, %s:%d\n", expression, file, line);
    std::fflush(nullptr);
    std::_Exit(1);
}

}  // namespace skerry::base
