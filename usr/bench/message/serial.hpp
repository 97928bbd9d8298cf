// Text of a program that runs alone on the CPU driver, as the core's first program: straight to the serial
// port.
#pragma once

#include "usr/bench/message/table.hpp"
#include "usr/runtime/capability.hpp"

namespace skerry::bench {

class SerialOutput final : public Output {
  public:
    void write(std::string_view text) override {
        for (char c : text) {
            if (c == '\n') put('\r');
            put(c);
        }
    }
    // Ends the emulator; elsewhere nothing happens.
    void power_off() { (void)ports_.out(0xf4, 1, 0x10).ok(); }

  private:
    static constexpr uint32_t data = 0x3f8, line_status = 0x3fd, room = 0x20;
    void put(char c) {
        // A port that is absent reads all ones: room.
        for (int spin = 0; spin < 100'000; ++spin) {
            auto status = ports_.in(line_status, 1);
            if (!status.ok() || (*status & room) != 0) break;
        }
        (void)ports_.out(data, 1, static_cast<uint8_t>(c)).ok();
    }
    runtime::PortsCap ports_;
};

}  // namespace skerry::bench
