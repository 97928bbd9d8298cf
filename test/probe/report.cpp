#include "report.hpp"

#include "platform/instructions.hpp"

namespace skerry::probe {
namespace {
constinit uint32_t checks = 0, failures = 0;
}

void print(std::string_view text) {
    for (char c : text) {
        while ((platform::in8(0x3fd) & 0x20) == 0) asm volatile("pause");
        platform::out8(0x3f8, static_cast<uint8_t>(c));
    }
}

void check(std::string_view name, bool ok, std::string_view detail) {
    checks++;
    failures += !ok;
    base::Buffer<240> line;
    line << "probe " << name << (ok ? " ok" : " FAILED ") << (ok ? std::string_view{} : detail) << "\r\n";
    print(line.view());
}

void left_out(std::string_view name, std::string_view why) {
    base::Buffer<240> line;
    line << "probe " << name << " left out: " << why << "\r\n";
    print(line.view());
}

void check_page_fault(std::string_view name, void (*what)(void*), void* at, uint64_t code) {
    Outcome outcome = attempt(what, at);
    base::Buffer<160> detail;
    if (!outcome.faulted) {
        detail << "no fault at " << base::Hex{reinterpret_cast<uint64_t>(at)};
    } else {
        detail << "exception " << outcome.vector << " code " << base::Hex{outcome.code} << " address "
               << base::Hex{outcome.address} << ", expected a page fault, code " << base::Hex{code} << " address "
               << base::Hex{reinterpret_cast<uint64_t>(at)};
    }
    constexpr uint64_t page_fault = 14;
    check(name,
          outcome.faulted && outcome.vector == page_fault && outcome.code == code &&
              outcome.address == reinterpret_cast<uint64_t>(at),
          detail.view());
}

void read_byte(void* at) {
    (void)*static_cast<volatile uint8_t*>(at);
}
void write_byte(void* at) {
    auto* byte = static_cast<volatile uint8_t*>(at);
    uint8_t same = *byte;
    *byte = same;
}
void execute(void* at) {
    reinterpret_cast<void (*)()>(at)();
}

void finish() {
    base::Buffer<80> line;
    line << "probe finished: " << checks << " checks, " << failures << " failed\r\n";
    print(line.view());
    while ((platform::in8(0x3fd) & 0x40) == 0) asm volatile("pause");
    platform::out8(0xf4, failures == 0 ? 0x10 : 0x11);
    for (;;) asm volatile("cli; hlt");
}

}  // namespace skerry::probe
