// A 16550 serial port (National Semiconductor PC16550D data sheet, 1995), as far as its driver looks: standard input
// and output are the line. Without interrupts: its driver polls.
#pragma once

#include <cstdint>
#include <mutex>

namespace skerry::hosted {

class SerialPort {
  public:
    static constexpr uint32_t base = 0x3f8, registers = 8;
    uint8_t read(uint32_t reg);
    void write(uint32_t reg, uint8_t value);

  private:
    bool fill();

    std::mutex mutex_;  // init and the console may both use it
    uint8_t enable_ = 0, line_control_ = 0, modem_control_ = 0, scratch_ = 0, divisor_[2] = {};
    uint8_t byte_ = 0;
    bool ready_ = false, ended_ = false;
};

}  // namespace skerry::hosted
