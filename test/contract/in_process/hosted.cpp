// On a hosted machine: a thread of Linux.
#include "platforms/hosted/world.hpp"
#include "start.hpp"

int main() {
    skerry::hosted::World world(skerry::contract_test::shape(), {});
    return world.run();
}
