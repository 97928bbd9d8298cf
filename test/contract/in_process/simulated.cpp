// On a simulated machine: virtual time, each access of the suite seen, and law 1 checked at it.
#include <cstdio>
#include <cstdlib>

#include "platforms/simulated/nothing_shared.hpp"
#include "start.hpp"

namespace {

struct Process final : skerry::simulated::Outside {
    void printed(uint8_t) override {}
    void quiet() override { failed("nobody can go on"); }
    void ended(int status) override {
        std::fflush(nullptr);
        std::_Exit(status);
    }
    void failed(const std::string& why) override {
        std::printf("not ok %s\n", why.c_str());
        ended(1);
    }
};

}  // namespace

int main() {
    using namespace skerry;
    hosted::World world(contract_test::shape(), {});
    Process process;
    simulated::Simulator simulator(world, process);
    simulated::NothingShared nothing_shared(simulator);
    simulator.add(nothing_shared);
    simulator.run();
}
