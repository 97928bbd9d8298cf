// The ends of a machine that are a process's: standard input and output, and its exit status.
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "platforms/hosted/serial_port.hpp"
#include "platforms/hosted/world.hpp"

namespace skerry::hosted {

namespace {
void read_input(SerialPort& port) {
    for (;;) {
        uint8_t bytes[256];
        ssize_t count = ::read(0, bytes, sizeof bytes);
        if (count <= 0) return;
        std::span<const uint8_t> left(bytes, static_cast<size_t>(count));
        for (;;) {
            left = left.subspan(port.receive(left));
            if (left.empty()) break;
            poll(nullptr, 0, 1);  // the driver is behind
        }
    }
}
}  // namespace

void SerialPort::start() {
    std::thread([this] { read_input(*this); }).detach();  // ends with the process
}

void SerialPort::transmit(uint8_t byte) {
    while (::write(1, &byte, 1) < 0) poll(nullptr, 0, 1);
}

void World::end(int status) {
    std::fflush(nullptr);
    _exit(status);
}

}  // namespace skerry::hosted
