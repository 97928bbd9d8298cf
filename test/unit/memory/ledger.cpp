#include "usr/memory/ledger.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace skerry;
using base::Error;
using usr::memory::AccountRecord;
using usr::memory::Block;
using usr::memory::BlockRecord;
using usr::memory::Ledger;

TEST_CASE("accounts open and close", "[memory]") {
    std::array<AccountRecord, 2> accounts;
    std::array<BlockRecord, 4> blocks;
    Ledger ledger(accounts, blocks);
    CHECK(ledger.open(0, 8192).ok());
    CHECK(ledger.open(0, 1).error() == Error::exists);
    CHECK(ledger.open(7, 4096).ok());
    CHECK(ledger.open(8, 4096).error() == Error::full);
    CHECK(ledger.accounts_open() == 2);
    CHECK(ledger.close(9).error() == Error::not_found);
    CHECK(ledger.close(0).ok());
    CHECK(ledger.account(0) == nullptr);
    CHECK(ledger.open(8, 4096).ok());
}

TEST_CASE("blocks are charged within limits and found by base", "[memory]") {
    std::array<AccountRecord, 2> accounts;
    std::array<BlockRecord, 3> blocks;
    Ledger ledger(accounts, blocks);
    REQUIRE(ledger.open(5, 3 * 4096).ok());
    REQUIRE(ledger.open(6, 1 << 20).ok());
    auto a = ledger.charge(5, 0, Block{0x4000, 1});
    REQUIRE(a.ok());
    CHECK(ledger.charge(5, 0, Block{0x6000, 1}).error() == Error::refused);
    auto b = ledger.charge(5, 0, Block{0x1000, 0});
    auto c = ledger.charge(6, 1, Block{0x2000, 0});
    REQUIRE((b.ok() && c.ok()));
    CHECK(ledger.charge(6, 0, Block{0x8000, 0}).error() == Error::full);
    CHECK(ledger.charge(9, 0, Block{0x8000, 0}).error() == Error::not_found);
    CHECK(ledger.first(5).value() == b.value());
    CHECK(ledger.find(5, 0x4000).value() == a.value());
    CHECK(ledger.find(6, 0x4000).error() == Error::not_found);
    CHECK(ledger.close(5).error() == Error::busy);
    ledger.discharge(*a);
    ledger.discharge(*b);
    CHECK_THROWS(ledger.discharge(*b));
    CHECK(ledger.account(5)->used == 0);
    CHECK(ledger.first(5).error() == Error::not_found);
    CHECK(ledger.first(6).value() == c.value());
    CHECK(ledger.close(5).ok());
}
