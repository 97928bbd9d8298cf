#include "usr/init/report.hpp"

#include "usr/runtime/capability.hpp"

namespace skerry::init {

void report(std::string_view line) {
    constexpr uint32_t data = 0x3f8, line_status = 0x3fd;
    runtime::PortsCap ports;
    auto put = [&](char c) {
        // An absent port reads all ones: ready.
        for (int spin = 0; spin < 100000; spin++) {
            auto status = ports.in(line_status, 1);
            if (!status.ok() || (*status & 0x20) != 0) break;
        }
        (void)ports.out(data, 1, static_cast<uint8_t>(c)).ok();
    };
    for (char c : std::string_view("init: ")) put(c);
    for (char c : line) put(c);
    for (char c : std::string_view("\r\n")) put(c);
}

}  // namespace skerry::init
