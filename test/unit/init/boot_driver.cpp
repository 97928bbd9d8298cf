#include "usr/init/boot_driver.hpp"

#include <catch2/catch.hpp>

using skerry::base::Error;
using skerry::init::next_boot_driver;
using skerry::init::parse_boot_driver;

TEST_CASE("the boot line's words that ask for drivers are taken in their order", "[init]") {
    std::string_view line = "/boot/cpudriver cores=4 driver=a:1+1:2  driverless driver=b:1+1:3 driver=";
    CHECK(next_boot_driver(line) == "driver=a:1+1:2");
    CHECK(next_boot_driver(line) == "driver=b:1+1:3");
    CHECK(next_boot_driver(line) == "driver=");
    CHECK(next_boot_driver(line).empty());
    CHECK(next_boot_driver(line).empty());
}

TEST_CASE("a driver's ports and interrupt", "[init]") {
    auto driver = parse_boot_driver("driver=storm:0x40+4:0");
    REQUIRE(driver.ok());
    CHECK(driver->name == "storm");
    CHECK(driver->first_port == 0x40);
    CHECK(driver->ports == 4);
    CHECK(driver->interrupt == 0);
    CHECK_FALSE(driver->by_level);
    driver = parse_boot_driver("driver=x:112+65424:15:level");
    REQUIRE(driver.ok());
    CHECK(driver->first_port + driver->ports == 65536);
    CHECK(driver->interrupt == 15);
    CHECK(driver->by_level);
}

TEST_CASE("what is not a driver's word is refused", "[init]") {
    for (const char* word :
         {"", "driver=", "driver=a", "driver=a:", "driver=a:1", "driver=a:1+1", "driver=a:1+1:", "driver=:1+1:1",
          "driver=a:x+1:1", "driver=a:1+x:1", "driver=a:1+1:x", "driver=a:1+1:1:edge", "driver=a:-1+1:1",
          "driver=a:1+1:1:level:", "a:1+1:1", "driver=a:99999999999+1:1"}) {
        INFO(word);
        CHECK(parse_boot_driver(word).error() == Error::corrupt);
    }
    for (const char* word : {"driver=a:1+0:1", "driver=a:65536+1:1", "driver=a:65535+2:1", "driver=a:0+65537:1",
                             "driver=a:4294967295+2:1", "driver=a:1+1:16"}) {
        INFO(word);
        CHECK(parse_boot_driver(word).error() == Error::out_of_range);
    }
}
