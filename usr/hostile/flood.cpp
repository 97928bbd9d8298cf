// Sends to its monitor's endpoint as fast as it can, until the ring is full. The monitor must stay well.
#include "urpc/protocols/monitor.hpp"
#include "usr/console/session.hpp"

int program_main(skerry::runtime::Program& self) {
    using namespace skerry;
    constexpr uint64_t most = 100'000;
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    uint64_t words[10] = {urpc::monitor::poke_opcode};
    base::Error end = base::Error::none;
    uint64_t sent = 0;
    for (; sent < most && end == base::Error::none; ++sent) {
        auto status =
            runtime::send(capabilities::well_known::monitor_endpoint, capabilities::SendHeader::words(10), words);
        end = status.error();
    }
    base::Buffer<96> text;
    if (end == base::Error::none) {
        text << "flood: " << sent << " messages, never full\n";
    } else {
        text << "flood: " << base::text(end) << " after " << sent - 1 << " messages\n";
    }
    session.console.write(text.view());
    return session.finish(end == base::Error::none || end == base::Error::full ? 0 : 1);
}
