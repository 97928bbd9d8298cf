#include "usr/runtime/spawn.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

#include "capabilities/interface/dispatcher_page.hpp"
#include "fixture.hpp"
#include "usr/runtime/domain_layout.hpp"

using namespace skerry;
using namespace skerry::test;
using namespace skerry::runtime;
namespace well_known = capabilities::well_known;
namespace map_flags = capabilities::map_flags;
namespace layout = domain_layout;

namespace {

void put(std::vector<std::byte>& file, size_t at, auto value) {
    std::memcpy(file.data() + at, &value, sizeof value);
}

void program_header(std::vector<std::byte>& file, int index, uint32_t flags, uint64_t offset, uint64_t address,
                    uint64_t file_size, uint64_t memory_size) {
    size_t at = 64 + static_cast<size_t>(index) * 56;
    put(file, at, uint32_t{1});
    put(file, at + 4, flags);
    put(file, at + 8, offset);
    put(file, at + 16, address);
    put(file, at + 24, address);
    put(file, at + 32, file_size);
    put(file, at + 40, memory_size);
    put(file, at + 48, uint64_t{4096});
}

// Text of 5000 bytes at 0x400000; data of 100 bytes, and zeros up to 200 KiB, at 0x402080.
std::vector<std::byte> elf() {
    std::vector<std::byte> file(0x3000 + 0x100);
    const unsigned char identity[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    std::memcpy(file.data(), identity, sizeof identity);
    put(file, 16, uint16_t{2});
    put(file, 18, uint16_t{62});
    put(file, 20, uint32_t{1});
    put(file, 24, uint64_t{0x400010});
    put(file, 32, uint64_t{64});
    put(file, 52, uint16_t{64});
    put(file, 54, uint16_t{56});
    put(file, 56, uint16_t{2});
    put(file, 58, uint16_t{64});
    program_header(file, 0, 5, 0x1000, 0x400000, 5000, 5000);
    program_header(file, 1, 6, 0x3080, 0x402080, 100, 200 * 1024);
    std::memset(file.data() + 0x1000, 0xc3, 5000);
    std::memset(file.data() + 0x3080, 0xdd, 100);
    return file;
}

struct SpawnFixture : Fixture {
    std::vector<std::byte> image = elf();
    std::string_view arguments[2] = {"hello", "world"};
    CapRef endpoint;
    SpawnOptions options;

    SpawnFixture() {
        auto made = pool.make(Type::endpoint, 0, 4096);
        endpoint = made->cap;
        options.name = "hello";
        options.arguments = arguments;
        options.domain = base::make_domain_id(base::CoreId{3}, 17);
        options.memory_endpoint = options.monitor_endpoint = options.fault_endpoint = endpoint;
        options.weight = 5;
    }
    base::Result<SpawnedDomain> run() { return spawn({slots, space, ram}, image, options); }
    std::byte* at(uint64_t vspace, uint64_t address) {
        auto found = kernel.lookup(vspace, base::round_down(address, 4096));
        return found ? kernel.memory(found->physical) + address % 4096 : nullptr;
    }
};

}  // namespace

TEST_CASE("a domain is built as its image says, writable or executable but never both", "[runtime]") {
    SpawnFixture f;
    auto domain = f.run();
    REQUIRE(domain.ok());
    const auto& d = f.kernel.dispatchers.at(f.kernel.own(domain->dispatcher.ref()).base);
    REQUIRE(d.page == layout::dispatcher_address);
    REQUIRE(d.domain == f.options.domain.value);
    REQUIRE(d.bound);
    REQUIRE(d.weight == 5);
    REQUIRE(!d.started);

    REQUIRE(f.kernel.lookup(d.vspace, 0x401000)->flags == (map_flags::read | map_flags::execute));
    REQUIRE(f.kernel.lookup(d.vspace, 0x402000)->flags == (map_flags::read | map_flags::write));
    REQUIRE(*f.at(d.vspace, 0x401387) == std::byte{0xc3});
    REQUIRE(*f.at(d.vspace, 0x401388) == std::byte{0});
    REQUIRE(*f.at(d.vspace, 0x402080) == std::byte{0xdd});
    REQUIRE(*f.at(d.vspace, 0x402080 + 100) == std::byte{0});
    REQUIRE(*f.at(d.vspace, 0x402080 + 200 * 1024 - 1) == std::byte{0});
    REQUIRE(f.at(d.vspace, 0x3ff000) == nullptr);
    REQUIRE(!f.kernel.lookup(d.vspace, layout::stack_address));

    auto& page = *reinterpret_cast<capabilities::DispatcherPage*>(f.at(d.vspace, layout::dispatcher_address));
    REQUIRE(page.entry[0] == 0x400010);
    REQUIRE(page.self == layout::dispatcher_address);
    REQUIRE(page.startup == layout::start_info_address);
    auto& info = *reinterpret_cast<StartInfo*>(f.at(d.vspace, layout::start_info_address));
    REQUIRE(info.magic == start_info_magic);
    REQUIRE(info.argument(1) == "world");
    REQUIRE(f.kernel.lookup(d.vspace, layout::start_info_address)->flags == map_flags::read);
}

TEST_CASE("a domain gets its well-known capabilities, badged with its counter, and no slot too many", "[runtime]") {
    SpawnFixture f;
    Grant extra{well_known::service, FakeKernel::ram, capabilities::Rights::retype, 0};
    f.options.grants = {&extra, 1};
    f.options.stack_bytes = 3 * 1024 * 1024;
    auto domain = f.run();
    REQUIRE(domain.ok());
    const auto& d = f.kernel.dispatchers.at(f.kernel.own(domain->dispatcher.ref()).base);
    auto slot = [&](CapRef ref) { return *f.kernel.slot(d.cspace, ref); };
    REQUIRE(slot(well_known::root_cnode).base == d.cspace);
    REQUIRE(slot(well_known::vspace_root).base == d.vspace);
    REQUIRE(slot(well_known::dispatcher).type == Type::dispatcher);
    REQUIRE(slot(well_known::self_endpoint).badge == 0);
    REQUIRE(slot(well_known::memory_endpoint).badge == 17);
    REQUIRE(!includes(slot(well_known::memory_endpoint).rights, capabilities::Rights::read));
    REQUIRE(slot(well_known::monitor_endpoint).badge == 17);
    // Capabilities would use up slots that the receiver needs for others.
    REQUIRE(slot(well_known::monitor_endpoint).rights == capabilities::Rights::send);
    REQUIRE(slot(well_known::memory_endpoint).rights == capabilities::Rights::send);
    REQUIRE(slot(well_known::self_notify).type == Type::notify);
    REQUIRE(slot(well_known::kernel).empty());
    REQUIRE(slot(well_known::service).rights == capabilities::Rights::retype);
    auto& info = *reinterpret_cast<StartInfo*>(f.at(d.vspace, layout::start_info_address));
    REQUIRE(!slot(CapRef{0, static_cast<uint32_t>(info.first_slot) - 1}).empty());
    for (auto i = static_cast<uint32_t>(info.first_slot); i < 256; ++i) REQUIRE(slot(CapRef{0, i}).empty());
    REQUIRE(f.at(d.vspace, layout::stack_address + 3 * 1024 * 1024 - 8) != nullptr);
    REQUIRE(info.stack_base == layout::stack_address);
}

TEST_CASE("destroying a domain leaves nothing", "[runtime]") {
    SpawnFixture f;
    auto first = f.run();  // makes the tables for copying
    first->destroy(f.ram);
    size_t capabilities = f.kernel.capabilities();
    uint32_t free = f.slots.free_slots();
    int out = f.ram.out;
    auto domain = f.run();
    REQUIRE(domain->start().ok());
    domain->destroy(f.ram);
    REQUIRE(f.kernel.capabilities() == capabilities);
    REQUIRE(f.slots.free_slots() == free);
    REQUIRE(f.ram.out == out);
    REQUIRE(f.kernel.dispatchers.empty());
}

TEST_CASE("a spawn that fails at any step undoes all before it", "[runtime]") {
    SpawnFixture f;
    auto first = f.run();
    first->destroy(f.ram);
    size_t capabilities = f.kernel.capabilities();
    uint32_t free = f.slots.free_slots();
    int out = f.ram.out;
    uint64_t step = 0;
    for (;; ++step) {
        f.kernel.fail_after(step);
        auto domain = f.run();
        if (domain.ok()) break;
        INFO("step " << step);
        REQUIRE(f.kernel.capabilities() == capabilities);
        REQUIRE(f.slots.free_slots() == free);
        REQUIRE(f.ram.out == out);
        for (const auto& piece : f.pieces) REQUIRE(piece.bytes == 0);
    }
    REQUIRE(f.kernel.failure_pending());  // the last try met no failure
    REQUIRE(step > 50);
}

TEST_CASE("bad images and options are refused before anything is made", "[runtime]") {
    SpawnFixture f;
    size_t capabilities = f.kernel.capabilities();
    const char* problem = nullptr;
    auto refused = [&] {
        auto result = spawn({f.slots, f.space, f.ram}, f.image, f.options, &problem);
        REQUIRE(f.kernel.capabilities() == capabilities);
        return result.error();
    };
    f.image.resize(0x3000);
    REQUIRE(refused() == Error::corrupt);
    REQUIRE(problem != nullptr);
    f.image = elf();
    put(f.image, 64 + 56 + 40, uint64_t{1} << 32);  // 4 GiB of zeros
    REQUIRE(refused() == Error::out_of_range);
    f.image = elf();
    f.options.stack_bytes = uint64_t{1} << 30;
    REQUIRE(refused() == Error::out_of_range);
    f.options.stack_bytes = 0;
    Grant bad{well_known::root_cnode, FakeKernel::ram};
    f.options.grants = {&bad, 1};
    REQUIRE(refused() == Error::out_of_range);
}
