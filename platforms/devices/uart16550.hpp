// The 16550A serial port (National Semiconductor PC16550D data sheet, 1995), register logic only: how a
// register is reached is the Ports parameter's business, so that the same code runs over I/O ports, memory
// and a fake.
//
//   put() --> [ transmit buffer ] --THRE interrupt--> 16-byte FIFO --> line
//   take() <- [ receive buffer  ] <--data interrupt-- 16-byte FIFO <-- line
//
// Both buffers are bounded. Call service() after each interrupt: it leaves no cause pending, without which an
// edge-triggered line would never rise again.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "platforms/devices/byte_queue.hpp"

namespace skerry::platforms {

template <typename P>
concept UartPorts = requires(P& ports, uint32_t reg, uint8_t value) {
    { ports.read(reg) } -> std::same_as<uint8_t>;  // reg: 0..7
    ports.write(reg, value);
};

template <UartPorts Ports>
class Uart16550 {
  public:
    static constexpr size_t transmit_bytes = 4096;
    static constexpr size_t receive_bytes = 512;

    explicit Uart16550(Ports& ports) : ports_(ports) {}

    // Is there one, and makes it ready: 115200 baud, 8N1, FIFOs on, receive interrupt on. False: none
    // answers.
    bool start() {
        if (!present()) return false;
        ports_.write(interrupt_enable, 0);
        ports_.write(line_control, divisor_access);
        ports_.write(divisor_low, 1);  // 1.8432 MHz / 16 / 1 = 115200
        ports_.write(divisor_high, 0);
        ports_.write(line_control, eight_bits);
        ports_.write(fifo_control, fifo_enable | fifo_clear | fifo_trigger_8);
        fifo_depth_ = (ports_.read(interrupt_identity) & fifo_works) == fifo_works ? 16 : 1;
        ports_.write(modem_control, data_terminal_ready | request_to_send | interrupt_gate);
        (void)ports_.read(line_status);
        (void)ports_.read(data);
        enable(data_interrupt);
        return true;
    }

    // Takes what fits, and starts sending. -> bytes taken.
    size_t put(std::span<const char> bytes) {
        size_t taken = 0;
        while (taken < bytes.size() && transmit_.push(bytes[taken])) ++taken;
        accepted_ += taken;
        if (transmit_.size() != 0) enable(enabled_ | transmit_interrupt);
        return taken;
    }
    // Running totals of bytes: put, and of those on the wire (given to the chip).
    uint64_t accepted() const { return accepted_; }
    uint64_t on_wire() const { return accepted_ - transmit_.size(); }
    size_t room() const { return transmit_.room(); }
    // Everything that was put has left the chip.
    bool idle() { return transmit_.size() == 0 && (ports_.read(line_status) & all_sent) != 0; }

    // What was typed. -> bytes written to `bytes`.
    size_t take(std::span<char> bytes) {
        size_t count = 0;
        while (count < bytes.size() && receive_.size() != 0) bytes[count++] = receive_.pop();
        return count;
    }
    uint64_t lost() const { return lost_; }  // received bytes that found no room, here or in the chip

    // Moves bytes both ways until no cause is pending. A bounded number of rounds; true: call again soon.
    bool service() {
        for (uint32_t round = 0; round < rounds_maximum; ++round) {
            uint8_t status = ports_.read(line_status);
            if ((status & overrun) != 0) ++lost_;
            if ((status & data_ready) != 0) {
                char byte = static_cast<char>(ports_.read(data));
                bool broken = (status & (break_received | framing_error)) != 0;  // a break comes as a zero byte
                if (!broken && !receive_.push(byte)) ++lost_;
            }
            if ((status & holding_empty) != 0) fill();
            if ((ports_.read(interrupt_identity) & none_pending) != 0 && (status & data_ready) == 0) return false;
        }
        return true;
    }

  private:
    enum Register : uint32_t {
        data = 0,
        divisor_low = 0,
        interrupt_enable = 1,
        divisor_high = 1,
        interrupt_identity = 2,
        fifo_control = 2,
        line_control = 3,
        modem_control = 4,
        line_status = 5,
        scratch = 7,
    };
    static constexpr uint8_t data_interrupt = 1, transmit_interrupt = 2;
    static constexpr uint8_t none_pending = 1, fifo_works = 0xc0;
    static constexpr uint8_t fifo_enable = 1, fifo_clear = 6, fifo_trigger_8 = 0x80;
    static constexpr uint8_t eight_bits = 3, divisor_access = 0x80;
    static constexpr uint8_t data_terminal_ready = 1, request_to_send = 2, interrupt_gate = 8;
    static constexpr uint8_t data_ready = 1, overrun = 2, framing_error = 8, break_received = 0x10;
    static constexpr uint8_t holding_empty = 0x20, all_sent = 0x40;
    static constexpr uint32_t rounds_maximum = 256;

    // The scratch register keeps what is written; an empty bus reads all ones.
    bool present() {
        ports_.write(scratch, 0x5a);
        if (ports_.read(scratch) != 0x5a) return false;
        ports_.write(scratch, 0xa5);
        return ports_.read(scratch) == 0xa5;
    }
    void fill() {
        for (size_t i = 0; i < fifo_depth_ && transmit_.size() != 0; ++i) {
            ports_.write(data, static_cast<uint8_t>(transmit_.pop()));
        }
        if (transmit_.size() == 0) enable(enabled_ & static_cast<uint8_t>(~transmit_interrupt));
    }
    void enable(int interrupts) {
        if (interrupts == enabled_) return;
        enabled_ = static_cast<uint8_t>(interrupts);
        ports_.write(interrupt_enable, enabled_);
    }

    Ports& ports_;
    uint8_t enabled_ = 0;
    size_t fifo_depth_ = 1;
    uint64_t accepted_ = 0;
    uint64_t lost_ = 0;
    ByteQueue<transmit_bytes> transmit_;
    ByteQueue<receive_bytes> receive_;
};

}  // namespace skerry::platforms
