#include "platforms/hosted/serial_port.hpp"

#include <poll.h>
#include <unistd.h>

namespace skerry::hosted {

namespace {
enum Register : uint32_t { data, enable, identity, line_control, modem_control, line_status, modem_status, scratch };
constexpr uint8_t divisor_access = 0x80, data_ready = 1, sent = 0x60, none_pending = 1, fifo_works = 0xc0;
}  // namespace

// Takes the next byte of standard input if there is one.
bool SerialPort::fill() {
    if (ready_ || ended_) return ready_;
    pollfd input{0, POLLIN, 0};
    if (poll(&input, 1, 0) != 1) return false;
    ssize_t count = ::read(0, &byte_, 1);
    ended_ = count == 0;
    return ready_ = count == 1;
}

uint8_t SerialPort::read(uint32_t reg) {
    std::lock_guard guard(mutex_);
    bool divisor = (line_control_ & divisor_access) != 0;
    switch (reg) {
        case data:
            if (divisor) return divisor_[0];
            ready_ = false;
            return byte_;
        case enable:
            return divisor ? divisor_[1] : enable_;
        case identity:
            return none_pending | fifo_works;
        case line_control:
            return line_control_;
        case modem_control:
            return modem_control_;
        case line_status:
            return static_cast<uint8_t>(sent | (fill() ? data_ready : 0));
        case modem_status:
            return 0xb0;
        default:
            return scratch_;
    }
}

void SerialPort::write(uint32_t reg, uint8_t value) {
    std::lock_guard guard(mutex_);
    bool divisor = (line_control_ & divisor_access) != 0;
    switch (reg) {
        case data:
            if (divisor) {
                divisor_[0] = value;
            } else {
                while (::write(1, &value, 1) < 0) {
                }
            }
            break;
        case enable:
            (divisor ? divisor_[1] : enable_) = value;
            break;
        case line_control:
            line_control_ = value;
            break;
        case modem_control:
            modem_control_ = value;
            break;
        case scratch:
            scratch_ = value;
            break;
        default:
            break;
    }
}

}  // namespace skerry::hosted
