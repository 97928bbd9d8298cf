#include "platforms/hosted/serial_port.hpp"

#include <algorithm>

#include "platforms/hosted/interrupt_lines.hpp"

namespace skerry::hosted {

namespace {
enum Register : uint32_t { data, enable, identity, line_control, modem_control, line_status, modem_status, scratch };
constexpr uint8_t divisor_access = 0x80, data_ready = 1, all_sent = 0x60, fifo_works = 0xc0;
constexpr uint8_t none_pending = 1, sent_pending = 2, data_pending = 4;      // in the identity register
constexpr uint8_t data_interrupt = 1, sent_interrupt = 2, connected = 0xb0;  // enable register; modem status
}  // namespace

size_t SerialPort::receive(std::span<const uint8_t> bytes) {
    std::lock_guard guard(mutex_);
    size_t count = std::min(bytes.size(), waiting_maximum - waiting_.size());
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
    update();
    return count;
}

void SerialPort::update() {
    bool wants_data = (enable_ & data_interrupt) != 0 && !waiting_.empty();
    bool wants_room = (enable_ & sent_interrupt) != 0 && sent_;
    interrupts_.set_level(line, wants_data || wants_room);
}

// Reading says "sent" once.
uint8_t SerialPort::identify() {
    if ((enable_ & data_interrupt) != 0 && !waiting_.empty()) return data_pending | fifo_works;
    if ((enable_ & sent_interrupt) == 0 || !sent_) return none_pending | fifo_works;
    sent_ = false;
    update();
    return sent_pending | fifo_works;
}

uint8_t SerialPort::read(uint32_t reg) {
    std::lock_guard guard(mutex_);
    bool divisor = (line_control_ & divisor_access) != 0;
    switch (reg) {
        case data: {
            if (divisor) return divisor_[0];
            if (waiting_.empty()) return 0;
            uint8_t byte = waiting_.front();
            waiting_.pop_front();
            update();
            return byte;
        }
        case enable:
            return divisor ? divisor_[1] : enable_;
        case identity:
            return identify();
        case line_control:
            return line_control_;
        case modem_control:
            return modem_control_;
        case line_status:
            return static_cast<uint8_t>(all_sent | (waiting_.empty() ? 0 : data_ready));
        case modem_status:
            return connected;
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
                break;
            }
            transmit(value);
            sent_ = true;
            update();
            break;
        case enable:
            if (!divisor && (value & sent_interrupt) != 0 && (enable_ & sent_interrupt) == 0) sent_ = true;
            (divisor ? divisor_[1] : enable_) = value;
            update();
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
