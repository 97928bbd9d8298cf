#include "usr/init/boot_cores.hpp"

#include <catch2/catch.hpp>

using skerry::base::Error;
using skerry::init::cores_at_boot;

TEST_CASE("the boot line says how many cores are started", "[init]") {
    CHECK(cores_at_boot("", 8).value() == 8);
    CHECK(cores_at_boot("/boot/cpudriver cores=4 start=1", 8).value() == 8);
    CHECK(cores_at_boot("online=1", 8).value() == 1);
    CHECK(cores_at_boot("/boot/cpudriver  quiet online=8 driver=a:1+1:2", 8).value() == 8);
    CHECK(cores_at_boot("notonline=3 online=4", 8).value() == 4);
}

TEST_CASE("a number of cores that cannot be is refused", "[init]") {
    for (const char* line : {"online=", "online=four", "online=4x", "online=-1", "online= 4", "online=0x2"}) {
        INFO(line);
        CHECK(cores_at_boot(line, 8).error() == Error::corrupt);
    }
    for (const char* line : {"online=0", "online=9", "online=99999999999999999999"}) {
        INFO(line);
        CHECK(cores_at_boot(line, 8).error() == Error::out_of_range);
    }
}
