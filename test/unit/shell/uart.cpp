// The serial port driver on a fake chip.
#include "platforms/devices/uart16550.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <string>
#include <utility>

using skerry::platforms::Uart16550;

namespace {

struct FakeUart {
    bool absent = false;
    bool has_fifo = true;
    uint8_t scratch = 0, enable = 0, line_control = 0, fifo_control = 0, divisor = 0;
    std::deque<char> transmitting, receiving;
    std::string sent;
    bool overran = false;

    uint8_t read(uint32_t reg) {
        if (absent) return 0xff;
        switch (reg) {
            case 0: {
                if (receiving.empty()) return 0;
                char byte = receiving.front();
                receiving.pop_front();
                return static_cast<uint8_t>(byte);
            }
            case 1:
                return enable;
            case 2: {
                uint8_t fifo = has_fifo && (fifo_control & 1) ? 0xc0 : 0;
                if ((enable & 1) && !receiving.empty()) return fifo | 4;
                if ((enable & 2) && transmitting.empty()) return fifo | 2;
                return fifo | 1;
            }
            case 5: {
                uint8_t status = 0;
                if (!receiving.empty()) status |= 1;
                if (std::exchange(overran, false)) status |= 2;
                if (transmitting.empty()) status |= 0x60;
                return status;
            }
            case 7:
                return scratch;
            default:
                return 0;
        }
    }
    void write(uint32_t reg, uint8_t value) {
        if (absent) return;
        bool divisors = (line_control & 0x80) != 0;
        if (reg == 0 && divisors) divisor = value;
        if (reg == 0 && !divisors) {
            REQUIRE(transmitting.size() < (has_fifo ? 16 : 1));
            transmitting.push_back(static_cast<char>(value));
        }
        if (reg == 1 && !divisors) enable = value;
        if (reg == 2) fifo_control = value;
        if (reg == 3) line_control = value;
        if (reg == 7) scratch = value;
    }
    void drain() {
        sent.append(transmitting.begin(), transmitting.end());
        transmitting.clear();
    }
    void type(std::string_view text) {
        for (char c : text) {
            if (receiving.size() == 16)
                overran = true;
            else
                receiving.push_back(c);
        }
    }
    bool interrupt() { return (read(2) & 1) == 0; }
};

using Uart = Uart16550<FakeUart>;

}  // namespace

TEST_CASE("an absent serial port is noticed", "[uart]") {
    FakeUart chip;
    Uart uart(chip);
    chip.absent = true;
    CHECK_FALSE(uart.start());
    chip.absent = false;
    CHECK(uart.start());
    CHECK(chip.divisor == 1);
    CHECK(chip.line_control == 3);
    CHECK(chip.enable == 1);
}

TEST_CASE("output goes out by transmit interrupts, in order", "[uart]") {
    for (bool fifo : {true, false}) {
        FakeUart chip;
        chip.has_fifo = fifo;
        Uart uart(chip);
        REQUIRE(uart.start());
        std::string text;
        for (int i = 0; i < 1000; ++i) text += static_cast<char>('a' + i % 26);
        REQUIRE(uart.put(text) == text.size());
        CHECK_FALSE(uart.idle());
        int rounds = 0;
        while (chip.interrupt() && ++rounds < 5000) {
            uart.service();
            chip.drain();
        }
        CHECK(chip.sent == text);
        CHECK(uart.idle());
        CHECK(chip.enable == 1);
        CHECK(rounds < (fifo ? 70 : 1100));
    }
}

TEST_CASE("the transmit buffer is bounded", "[uart]") {
    FakeUart chip;
    Uart uart(chip);
    REQUIRE(uart.start());
    std::string text(Uart::transmit_bytes + 100, 'x');
    CHECK(uart.put(text) == Uart::transmit_bytes);
    CHECK(uart.put(text) == 0);
    CHECK(uart.room() == 0);
    uart.service();
    CHECK(uart.room() == 16);
}

TEST_CASE("input is kept until it is taken, and losses are counted", "[uart]") {
    FakeUart chip;
    Uart uart(chip);
    REQUIRE(uart.start());
    chip.type("help\r");
    REQUIRE(chip.interrupt());
    CHECK_FALSE(uart.service());
    CHECK_FALSE(chip.interrupt());
    char text[16];
    CHECK(uart.take(text) == 5);
    CHECK(std::string(text, 5) == "help\r");
    CHECK(uart.take(text) == 0);
    chip.type("12345678901234567");
    uart.service();
    CHECK(uart.take(text) == 16);
    CHECK(uart.lost() == 1);
    for (size_t i = 0; i < Uart::receive_bytes / 16 + 1; ++i) {
        chip.type("1234567890123456");
        uart.service();
    }
    CHECK(uart.lost() == 17);
}
