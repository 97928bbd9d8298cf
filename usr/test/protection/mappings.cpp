// Mappings: never writable and executable, never with more rights than the frame, never of memory that may
// hold another's secrets.
#include <algorithm>
#include <cstring>

#include "usr/test/protection/checks.hpp"

namespace skerry::usr::test {
namespace {

using base::Error;
using base::page_size;
using capabilities::CapRef;
using capabilities::Type;
using runtime::CNodeCap;
using runtime::Object;
using runtime::Owned;
using runtime::Rights;
namespace map_flags = capabilities::map_flags;

constexpr uint64_t readable = map_flags::read, writable = map_flags::read | map_flags::write,
                   executable = map_flags::read | map_flags::execute;

struct Setting {
    Report& report;
    Attempts& attempts;
    runtime::AddressSpace& space;
    CapRef frame;      // one page, all rights
    CapRef read_only;  // the same with nothing but read
};

void expect_map(Setting& s, std::string_view name, CapRef frame, uint64_t flags, Error wanted) {
    auto mapped = s.space.map_anywhere(frame, 0, page_size, flags);
    s.report.equal(name, mapped.error(), wanted);
    if (mapped.ok()) (void)s.space.unmap(*mapped, page_size).ok();
}

void check_flags(Setting& s) {
    expect_map(s, "map_write_execute", s.frame, writable | map_flags::execute, Error::refused);
    expect_map(s, "map_without_read", s.frame, map_flags::write, Error::invalid_argument);
    expect_map(s, "map_unknown_flags", s.frame, readable | 8, Error::invalid_argument);
    expect_map(s, "map_ram_as_device", s.frame, writable | map_flags::device, Error::invalid_argument);
    expect_map(s, "map_write_beyond_frame", s.read_only, writable, Error::no_right);
    expect_map(s, "map_execute_beyond_frame", s.read_only, executable, Error::no_right);
    expect_map(s, "map_read", s.read_only, readable, Error::none);
    auto beyond = s.space.map_anywhere(s.frame, page_size, page_size, readable);
    s.report.equal("map_beyond_the_end", beyond.error(), Error::out_of_range);
    auto half = s.space.map_anywhere(s.frame, page_size / 2, page_size, readable);
    s.report.equal("map_half_a_page", half.error(), Error::misaligned);
}

void check_protect(Setting& s) {
    auto address = s.space.map_anywhere(s.read_only, 0, page_size, readable);
    s.report.check("protect_setting", address.ok());
    if (!address.ok()) return;
    auto* at = reinterpret_cast<volatile uint8_t*>(*address);
    s.report.equal("protect_write_beyond_frame", s.space.protect(*address, page_size, writable).error(),
                   Error::no_right);
    s.report.equal("protect_execute_beyond_frame", s.space.protect(*address, page_size, executable).error(),
                   Error::no_right);
    s.report.check("refused_protect_changed_nothing", s.attempts.write(at).page_fault_at(at, 2));
    (void)s.space.unmap(*address, page_size).ok();
    s.report.check("unmapped_at_once", s.attempts.read(at).page_fault_at(at, 1));

    address = s.space.map_anywhere(s.frame, 0, page_size, writable);
    if (!address.ok()) return;
    at = reinterpret_cast<volatile uint8_t*>(*address);
    std::span<const std::byte> code = platform::return_code();
    std::memcpy(const_cast<uint8_t*>(at), code.data(), code.size());
    s.report.equal("protect_write_execute", s.space.protect(*address, page_size, writable | map_flags::execute).error(),
                   Error::refused);
    s.report.check("execute_before_protect", s.attempts.execute(at).page_fault_at(at, 4));
    s.report.equal("protect_to_executable", s.space.protect(*address, page_size, executable).error(), Error::none);
    s.report.check("execute_after_protect", s.attempts.execute(at).kind == Outcome::Kind::returned);
    s.report.check("write_after_protect", s.attempts.write(at).page_fault_at(at, 2));
    (void)s.space.unmap(*address, page_size).ok();
}

// A frame above 64 KiB is zeroed in steps; before the last of them it is of no use.
void check_unclean(Report& report, runtime::Program& self) {
    constexpr uint64_t bytes = 256 * 1024;
    auto piece = self.ram().take(bytes);
    auto frame = Owned::empty(self.slots), copy = Owned::empty(self.slots);
    report.check("unclean_setting", piece.ok() && frame.ok() && copy.ok());
    if (!piece.ok() || !frame.ok() || !copy.ok()) return;
    CapRef slot = frame->ref();
    report.equal("unclean_made", CNodeCap{}.retype(slot, piece->ram, Type::frame, 0, piece->offset, bytes).error(),
                 Error::none);
    report.equal("unclean_map", self.space().map_anywhere(slot, 0, page_size, readable).error(), Error::unclean);
    report.equal("unclean_copy", CNodeCap{}.copy(copy->ref(), slot).error(), Error::unclean);
    (void)runtime::invoke(slot, capabilities::FrameOperation::clean).status().ok();  // one step of several
    report.equal("half_clean_map", self.space().map_anywhere(slot, 0, page_size, readable).error(), Error::unclean);
    report.equal("clean_finishes", runtime::FrameCap{slot}.clean().error(), Error::none);
    auto mapped = self.space().map_anywhere(slot, 0, bytes, readable);
    report.equal("clean_map", mapped.error(), Error::none);
    if (mapped.ok()) (void)self.space().unmap(*mapped, bytes).ok();
    frame->reset();
    self.ram().give_back(*piece);
}

// Fills a frame, gives it back, and takes frames until the same memory comes again.
void check_reuse(Report& report, runtime::Program& self) {
    constexpr uint64_t bytes = 128 * 1024;
    constexpr uint32_t tries = 8;
    uint64_t first = 0;
    bool again = false, zero = true;
    for (uint32_t i = 0; i < tries && !again; ++i) {
        auto frame = self.ram().make_frame(bytes);
        if (!frame.ok()) break;
        auto mapped = self.space().map_anywhere(frame->cap, 0, bytes, writable);
        if (!mapped.ok()) break;
        std::span words(reinterpret_cast<volatile uint64_t*>(*mapped), bytes / 8);
        again = frame->piece.base == first;
        for (volatile uint64_t& word : words) {
            if (word != 0) zero = false;
            word = 0x5ec2'e75e'c2e7'5ec2;
        }
        first = i == 0 ? frame->piece.base : first;
        (void)self.space().unmap(*mapped, bytes).ok();
        self.ram().destroy(*frame);
    }
    report.check("memory_comes_again", again, "the same memory was never given again");
    report.check("memory_zeroed", zero, "a frame showed what somebody had written");
}

}  // namespace

void check_mappings(Report& report, Attempts& attempts) {
    runtime::Program& self = attempts.program();
    auto frame = self.ram().make_frame(page_size);
    auto read_only = Owned::empty(self.slots);
    report.check("mapping_setting", frame.ok() && read_only.ok());
    if (!frame.ok() || !read_only.ok()) return;
    report.equal("mint_read_only", CNodeCap{}.mint(read_only->ref(), frame->cap, Rights::read).error(), Error::none);
    Setting setting{report, attempts, self.space(), frame->cap, read_only->ref()};
    check_flags(setting);
    check_protect(setting);
    read_only->reset();
    self.ram().destroy(*frame);
}

void check_memory(Report& report, Attempts& attempts) {
    check_unclean(report, attempts.program());
    check_reuse(report, attempts.program());
}

}  // namespace skerry::usr::test
