// A 16550 serial port (National Semiconductor PC16550D data sheet, 1995), as far as its driver looks. Standard output is
// the line; what comes on standard input is brought by a thread.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

namespace skerry::hosted {

class InterruptLines;

class SerialPort {
  public:
    static constexpr uint32_t base = 0x3f8, registers = 8, line = 4;

    explicit SerialPort(InterruptLines& interrupts) : interrupts_(interrupts) {}
    void start();  // begins to read standard input
    uint8_t read(uint32_t reg);
    void write(uint32_t reg, uint8_t value);

  private:
    static constexpr size_t waiting_maximum = 4096;  // bytes; more stays in the pipe
    void read_input();
    uint8_t identify();
    void update();

    InterruptLines& interrupts_;
    std::mutex mutex_;  // init and the console use it, and the reader
    uint8_t enable_ = 0, line_control_ = 0, modem_control_ = 0, scratch_ = 0, divisor_[2] = {};
    bool sent_ = true;  // the transmitter has something to say about being empty
    std::deque<uint8_t> waiting_;
};

}  // namespace skerry::hosted
