// A 16550 serial port (National Semiconductor PC16550D data sheet, 1995), as far as its driver looks. What is at the
// other end of the line is the process's affair (process.cpp).
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <span>

namespace skerry::hosted {

class InterruptLines;

class SerialPort {
  public:
    static constexpr uint32_t base = 0x3f8, registers = 8, line = 4;

    explicit SerialPort(InterruptLines& interrupts) : interrupts_(interrupts) {}
    void start();  // from now on somebody types
    // Bytes have come; returns how many there was room for.
    size_t receive(std::span<const uint8_t> bytes);
    uint8_t read(uint32_t reg);
    void write(uint32_t reg, uint8_t value);

  private:
    static constexpr size_t waiting_maximum = 4096;  // bytes; more waits outside
    static void transmit(uint8_t byte);
    uint8_t identify();
    void update();

    InterruptLines& interrupts_;
    std::mutex mutex_;  // init and the console use it, and the reader
    uint8_t enable_ = 0, line_control_ = 0, modem_control_ = 0, scratch_ = 0, divisor_[2] = {};
    bool sent_ = true;  // the transmitter has something to say about being empty
    std::deque<uint8_t> waiting_;
};

}  // namespace skerry::hosted
