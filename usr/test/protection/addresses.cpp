// Addresses: the kernel's are out of reach, text cannot be written, and nothing but text can be executed.
#include <cstring>

#include "usr/runtime/machine.hpp"
#include "usr/test/protection/checks.hpp"

namespace skerry::usr::test {
namespace {

constexpr uint64_t read = 1, write = 2, execute = 4;

alignas(64) constinit std::byte in_data[64] = {std::byte{1}};
alignas(64) constinit std::byte in_bss[64] = {};
constexpr std::byte in_rodata[64] = {std::byte{1}};

class Checker {
  public:
    Checker(Report& report, Attempts& attempts) : report_(report), attempts_(attempts) {}

    void expect(std::string_view name, Outcome outcome, const volatile void* at, uint64_t access) {
        base::Buffer<120> detail;
        outcome.describe(detail);
        report_.check(name, outcome.page_fault_at(at, access), detail.view());
    }
    void no_execution(std::string_view name, std::byte* at) {
        std::span<const std::byte> code = platform::return_code();
        std::memcpy(at, code.data(), code.size());
        expect(name, attempts_.execute(at), at, execute);
    }
    void kernel(uint64_t address) {
        auto* at = reinterpret_cast<std::byte*>(address);
        base::Buffer<60> name;
        name << "kernel_read " << base::Hex{address};
        expect(name.view(), attempts_.read(at), at, read);
        name.clear();
        name << "kernel_write " << base::Hex{address};
        expect(name.view(), attempts_.write(at), at, write);
        name.clear();
        name << "kernel_execute " << base::Hex{address};
        expect(name.view(), attempts_.execute(at), at, execute);
    }

  private:
    Report& report_;
    Attempts& attempts_;
};

}  // namespace

void check_addresses(Report& report, Attempts& attempts) {
    Checker checker(report, attempts);
    for (uint64_t address : platform::kernel_addresses()) checker.kernel(address);

    auto* text = reinterpret_cast<std::byte*>(&check_addresses);
    checker.expect("text_write", attempts.write(text), text, write);
    auto* constants = const_cast<std::byte*>(in_rodata);
    checker.expect("constants_write", attempts.write(constants), constants, write);
    checker.expect("constants_execute", attempts.execute(constants), constants, execute);
    checker.no_execution("data_execute", in_data);
    checker.no_execution("bss_execute", in_bss);
    std::byte on_stack[64];
    checker.no_execution("stack_execute", on_stack);
    auto* on_heap = new std::byte[64];
    checker.no_execution("heap_execute", on_heap);
    delete[] on_heap;
    auto* page = reinterpret_cast<std::byte*>(&attempts.program().dispatcher.page());
    checker.expect("dispatcher_page_execute", attempts.execute(page), page, execute);
    auto* nowhere = reinterpret_cast<std::byte*>(0x10);
    checker.expect("null_read", attempts.read(nowhere), nowhere, read);
}

}  // namespace skerry::usr::test
