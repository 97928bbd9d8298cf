// Extended state: saved whole, restored whole, and never trusted.
#include <cstring>

#include "suite.hpp"

namespace skerry::contract_test {
namespace {

constexpr uint64_t room = 3328;  // in a save area

// Aligned as in a save area; zeroed, since what a save leaves out must not be old memory.
struct alignas(64) Image {
    std::byte bytes[room] = {};
};

}  // namespace

void test_extended_state(Glue& glue, Report& report) {
    platform::Machine& machine = glue.machine;
    uint64_t size = machine.extended_size();
    if (size == 0) {  // a program is left at calls alone, and keeps what calls keep
        report.check(machine.extended_mask() == 0, "this machine has no extended state to save");
        return;
    }
    report.check(size <= room, "fits a save area");
    report.check(machine.extended_mask() != 0, "has at least one component");

    Image clean, first, second;
    machine.clear_extended();
    machine.save_extended(clean.bytes);
    glue.fill_vectors(0x1111);
    report.check(glue.vectors_hold(0x1111), "registers hold what is put there");
    machine.save_extended(first.bytes);
    report.check(glue.vectors_hold(0x1111), "saving leaves them as they are");
    glue.fill_vectors(0x2222);
    machine.save_extended(second.bytes);
    report.check(std::memcmp(first.bytes, second.bytes, size) != 0, "other registers make another image");

    machine.clear_extended();
    report.check(!glue.vectors_hold(0x1111) && !glue.vectors_hold(0x2222), "cleared, they hold nothing of a program's");
    report.check(machine.restore_extended(first.bytes) && glue.vectors_hold(0x1111), "restored, they hold the first's");
    report.check(machine.restore_extended(second.bytes) && glue.vectors_hold(0x2222), "then the second's");
    report.check(machine.restore_extended(clean.bytes) && !glue.vectors_hold(0x2222), "then the clean ones");

    Image bad;
    std::memcpy(bad.bytes, first.bytes, room);
    glue.spoil({bad.bytes, size});
    report.check(!machine.restore_extended(bad.bytes), "a malformed image is refused");
    machine.clear_extended();
    report.check(machine.restore_extended(first.bytes) && glue.vectors_hold(0x1111), "and a good one taken after it");
    machine.clear_extended();
}

}  // namespace skerry::contract_test
