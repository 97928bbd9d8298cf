// A machine in this process, its serial line on standard input and output. The launcher (tools/hosted.py) checks what
// people type; what is wrong here ends with one line and status 2.
#include <cstdio>

#include "platforms/hosted/machine_shape.hpp"
#include "platforms/hosted/programs.hpp"
#include "platforms/hosted/world.hpp"

int main(int count, char** arguments) {
    using namespace skerry::hosted;
    MachineShape shape;
    if (const char* problem = read_shape({arguments + 1, static_cast<size_t>(count - 1)}, shape)) {
        std::fprintf(stderr, "skerry_hosted: %s\n", problem);
        return 2;
    }
    std::vector<std::byte> archive = make_archive();
    World world(std::move(shape), archive);
    return world.run();
}
