// The only place where the driver prints: its last words. One line on the first serial port, then the end: under
// QEMU through its exit device, elsewhere by halting for good.
#include "trap/panic.hpp"

#include "platform/instructions.hpp"
#include "platforms/base/assert.hpp"
#include "platforms/base/format.hpp"

extern "C" {
extern const char skerry_machine_check_text[];
extern const char skerry_double_fault_text[];
const char skerry_machine_check_text[] = "machine check";
const char skerry_double_fault_text[] = "double fault in the driver (stack overflow?)";
[[noreturn]] void skerry_fatal(const char* reason);
}

namespace skerry::platform {
namespace {
constinit uint32_t this_core = 0;  // for the text alone
}

void name_core_for_panic(uint32_t core) {
    this_core = core;
}

void panic(std::string_view reason) {
    base::Buffer<300> line;
    line << "\r\npanic: core " << this_core << ": " << reason << "\r\n";
    for (char c : line.view()) {
        // An absent port reads all ones, so this wait ends everywhere.
        for (int spin = 0; spin < 100000 && !(in8(0x3fd) & 0x20); spin++) asm volatile("pause");
        out8(0x3f8, static_cast<uint8_t>(c));
    }
    for (int spin = 0; spin < 100000 && !(in8(0x3fd) & 0x40); spin++) asm volatile("pause");
    out8(0xf4, 0x3e);
    for (;;) asm volatile("cli; hlt");
}

}  // namespace skerry::platform

extern "C" void skerry_fatal(const char* reason) {
    skerry::platform::panic(reason);
}

void skerry::base::assertion_failed(const char* expression, const char* file, int line) {
    Buffer<250> text;
    text << "assertion failed: " << expression << " at " << file << ':' << line;
    platform::panic(text.view());
}
