#include "monitor/machine_view.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <memory>

#include "monitor/share.hpp"

using namespace skerry;
using namespace skerry::monitor;
using base::Error;
using urpc::MachineInfo;

namespace {
std::unique_ptr<MachineInfo> machine(uint32_t cores, uint32_t nodes) {
    auto info = std::make_unique<MachineInfo>();
    info->magic = urpc::machine_info_magic;
    info->core_count = info->start_count = cores;
    info->node_count = nodes;
    info->clock_multiplier = 1;
    for (uint32_t i = 0; i < cores; ++i) info->core[i] = {i * 2, i % nodes, 0};
    return info;
}
}  // namespace

TEST_CASE("a machine's page is believed only when it is whole", "[monitor]") {
    auto good = machine(256, 64);
    REQUIRE(check(*good).ok());
    auto refuse = [&](auto&& change) {
        auto bad = std::make_unique<MachineInfo>(*good);
        change(*bad);
        CHECK(check(*bad).error() == Error::corrupt);
    };
    refuse([](MachineInfo& m) { m.magic++; });
    refuse([](MachineInfo& m) { m.core_count = 0; });
    refuse([](MachineInfo& m) { m.core_count = 257; });
    refuse([](MachineInfo& m) { m.core_count = ~0u; });
    refuse([](MachineInfo& m) { m.node_count = 0; });
    refuse([](MachineInfo& m) { m.node_count = 65; });
    refuse([](MachineInfo& m) { m.self = 256; });
    refuse([](MachineInfo& m) { m.start_count = 0; });
    refuse([](MachineInfo& m) { m.start_count = 257; });
    refuse([](MachineInfo& m) { m.core[255].node = 64; });
    refuse([](MachineInfo& m) { m.core[255].hardware_id = m.core[3].hardware_id; });
    refuse([](MachineInfo& m) { m.firmware_root_size = 41; });
    refuse([](MachineInfo& m) { std::memset(m.command_line, 'x', sizeof m.command_line); });
    refuse([](MachineInfo& m) { m.clock_multiplier = 0; });
    refuse([](MachineInfo& m) { m.poke_area = 8; });
}

TEST_CASE("the command line may ask for fewer cores, never for more", "[monitor]") {
    CHECK(cores_wanted("", 16) == 16);
    CHECK(cores_wanted("cores=4", 16) == 4);
    CHECK(cores_wanted("quiet cores=4 loud", 16) == 4);
    CHECK(cores_wanted("cores=64", 16) == 16);
    CHECK(cores_wanted("cores=0", 16) == 1);
    CHECK(cores_wanted("cores=4x", 16) == 16);
    CHECK(cores_wanted("cores=", 16) == 16);
    CHECK(cores_wanted("cores=-1", 16) == 16);
    CHECK(cores_wanted("cores=99999999999999999999", 16) == 16);
    CHECK(cores_wanted("mycores=4  cores=2", 16) == 2);
    CHECK(cores_wanted(" ", 16) == 16);
}

TEST_CASE("shares are powers of two within bounds, and fit half of the node", "[monitor]") {
    CHECK(cores_of_node(*machine(16, 4), 3) == 4);
    CHECK(cores_of_node(*machine(5, 4), 0) == 2);
    CHECK(core_share(512 * mebibyte, 4) == 64 * mebibyte);
    CHECK(core_share(500 * mebibyte, 4) == 32 * mebibyte);
    CHECK(core_share(1, 1) == smallest_share);
    CHECK(core_share(1, 0) == smallest_share);
    CHECK(core_share(uint64_t{1} << 44, 2) == largest_share);
    for (uint32_t cores : {1u, 3u, 16u, 256u}) {
        for (uint64_t free = 8 * mebibyte; free < (uint64_t{1} << 36); free = free * 3 / 2) {
            uint64_t share = core_share(free, cores);
            REQUIRE((share & (share - 1)) == 0);
            if (share > smallest_share) REQUIRE(share * cores <= free / 2);
        }
    }
    CHECK(account_limit(0) == mebibyte);
    CHECK(account_limit(64 * mebibyte) == 32 * mebibyte);
}
