// The port's self-test can fail: platforms with one hook taken away, and what it says about them.
#include <catch2/catch.hpp>

#include "platform/machine.hpp"
#include "platform/page_table.hpp"
#include "platform/registers.hpp"
#include "platforms/contract/check.hpp"

using namespace skerry;
using contract::first_missing_hook;

namespace {

using P = platform::PageTable;
using R = platform::Registers;
using M = platform::Machine;

struct Nothing {};
struct NoLeaf : P {
    static void leaf() = delete;
};
struct LevelsOfText : P {
    static constexpr const char* levels = "four";
};
struct NoSanitize : R {
    void sanitize() = delete;
};
struct Huge : R {
    uint64_t more[64];
};
struct NoOwns : M {
    void owns() = delete;
};
struct NoFlush : M {
    void flush_page() = delete;
};
struct NoResult : M {
    void restore_extended(const void*);  // does not say whether the image was loaded
};
struct NoTimer : M {
    void arm() = delete;
    void disarm() = delete;
};
struct NoPorts : M {
    void port_out() = delete;
};

template <typename A, typename B, typename C>
std::string missing() {
    constexpr contract::HookName name = first_missing_hook<A, B, C>();
    return std::string(name.view());
}

}  // namespace

TEST_CASE("self-test: a whole platform lacks nothing") {
    CHECK(missing<P, R, M>() == "");
}

TEST_CASE("self-test: the first hook of nothing at all") {
    CHECK(missing<Nothing, Nothing, Nothing>() == "step 2: PageTable::levels");
    CHECK(missing<P, Nothing, Nothing>() == "step 3: Registers::call_number()");
    CHECK(missing<P, R, Nothing>() == "step 5: Machine::pointer(physical)");
}

TEST_CASE("self-test: one hook is missing") {
    CHECK(missing<NoLeaf, R, M>() == "step 2: PageTable::leaf(address, flags, level)");
    CHECK(missing<P, NoSanitize, M>() == "step 3: Registers::sanitize()");
    CHECK(missing<P, R, NoOwns>() == "step 5: Machine::owns(physical, bytes)");
    CHECK(missing<P, R, NoFlush>() == "step 6: Machine::flush_page(address)");
    CHECK(missing<P, R, NoPorts>() == "step 9: Machine::port_out(port, width, value)");
}

TEST_CASE("self-test: a hook of the wrong kind") {
    CHECK(missing<LevelsOfText, R, M>() == "step 2: PageTable::levels");
    CHECK(missing<P, Huge, M>() == "step 3: Registers, at most 512 bytes to copy");
    CHECK(missing<P, R, NoResult>() == "step 7: Machine::restore_extended(image)");
}

TEST_CASE("self-test: the first of several is named") {
    CHECK(missing<NoLeaf, NoSanitize, NoOwns>() == "step 2: PageTable::leaf(address, flags, level)");
    CHECK(missing<P, R, NoTimer>() == "step 8: Machine::arm(deadline)");
}
