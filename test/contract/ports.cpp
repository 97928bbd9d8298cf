// I/O ports, where the machine has them.
#include "suite.hpp"

namespace skerry::contract_test {

void test_ports(Glue& glue, Report& report) {
    bool any = false, kept = true;
    for (uint32_t width : {1u, 2u, 4u}) {
        uint32_t port = glue.echo_port(width);
        if (port == 0) continue;
        any = true;
        for (uint32_t value : {0x5au, 0x24u, 0u}) {
            // Four bytes: the top bit enables the port that echoes on every PC.
            uint32_t written = width == 4 ? 0x8000'0000 | value << 8 : value;
            glue.machine.port_out(port, width, written);
            kept &= glue.machine.port_in(port, width) == written;
        }
    }
    report.check(!any || kept, any ? "a port reads as it was written" : "this machine has no port that echoes");
}

}  // namespace skerry::contract_test
