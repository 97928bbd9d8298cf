#include "platforms/hosted/serial_port.hpp"

#include <poll.h>
#include <unistd.h>

#include "platforms/hosted/interrupt_lines.hpp"

namespace skerry::hosted {

namespace {
enum Register : uint32_t { data, enable, identity, line_control, modem_control, line_status, modem_status, scratch };
constexpr uint8_t divisor_access = 0x80, data_ready = 1, all_sent = 0x60, fifo_works = 0xc0;
constexpr uint8_t none_pending = 1, sent_pending = 2, data_pending = 4;      // in the identity register
constexpr uint8_t data_interrupt = 1, sent_interrupt = 2, connected = 0xb0;  // enable register; modem status
}  // namespace

void SerialPort::start() {
    std::thread([this] { read_input(); }).detach();  // ends with the process
}

void SerialPort::read_input() {
    for (;;) {
        uint8_t bytes[256];
        ssize_t count = ::read(0, bytes, sizeof bytes);
        if (count <= 0) return;
        for (ssize_t at = 0; at < count;) {
            {
                std::lock_guard guard(mutex_);
                while (at < count && waiting_.size() < waiting_maximum) waiting_.push_back(bytes[at++]);
                update();
            }
            if (at < count) poll(nullptr, 0, 1);  // the driver is behind
        }
    }
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
            while (::write(1, &value, 1) < 0) poll(nullptr, 0, 1);
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
