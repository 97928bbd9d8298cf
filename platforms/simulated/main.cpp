// A simulated machine in this process, its serial line on standard input and output.
//   skerry_simulated SHAPE...            as skerry_hosted (platforms/hosted/machine_shape.hpp)
#include <cstdio>

#include "platforms/hosted/machine_shape.hpp"
#include "platforms/hosted/programs.hpp"
#include "platforms/hosted/world.hpp"
#include "platforms/simulated/simulator.hpp"

int main(int count, char** arguments) {
    using namespace skerry;
    hosted::MachineShape shape;
    if (const char* problem = hosted::read_shape({arguments + 1, static_cast<size_t>(count - 1)}, shape)) {
        std::fprintf(stderr, "skerry_simulated: %s\n", problem);
        return 2;
    }
    std::vector<std::byte> archive = hosted::make_archive();
    hosted::World world(std::move(shape), archive);
    simulated::Settings settings;
    settings.report = true;
    simulated::Simulator simulator(world, settings);
    simulator.run();
}
