// A requester on core a, and a dispatcher of core b with a line by which its pages are invalidated.
#pragma once

#include <catch2/catch.hpp>

#include "capabilities/interface/flush_line.hpp"
#include "test/unit/driver/driver.hpp"

namespace skerry::test {

namespace shootdown {
constexpr uint64_t mib = 1024 * 1024;
inline const CapRef ram{well_known::ram_cnode, 0};
inline CapRef slot(uint32_t i) {
    return CapRef{0, 100 + i};
}
constexpr uint64_t offset = 128, page = 0x7000;
inline const CapRef frame = slot(0), flush = slot(1);

struct Shootdown {
    platform::Arena arena{64 * mib};
    Driver a{arena, 0, mib, 30 * mib};
    Driver b{arena, 1, 32 * mib, 30 * mib};
    FlushLine* line = nullptr;

    Shootdown() {
        REQUIRE(a.boot().ok());
        REQUIRE(b.boot().ok());
        REQUIRE(b.retype(frame, ram, Type::frame, 0, 4096) == Error::none);
        line = reinterpret_cast<FlushLine*>(b.memory(b.identify(frame).base + offset));
    }
    ~Shootdown() {
        CHECK(a.machine.foreign_accesses.empty());
        CHECK(b.machine.foreign_accesses.empty());
    }
    Error make(CapRef dispatcher = well_known::dispatcher, CapRef to = flush, CapRef of = frame, uint64_t at = offset) {
        return b.invoke(dispatcher, DispatcherOperation::make_flush, {to.word, of.word, at}).error;
    }
    Error create(const Capability& cap) {
        uint64_t words[4];
        std::memcpy(words, &cap, sizeof words);
        return a
            .invoke(well_known::kernel, KernelOperation::create, {flush.word, words[0], words[1], words[2], words[3]})
            .error;
    }
    void connect() {
        REQUIRE(make() == Error::none);
        REQUIRE(create(b.identify(flush)) == Error::none);
    }
    void request(uint64_t address) {
        line->ask(address);
        REQUIRE(a.invoke(flush, FlushOperation::request).error == Error::none);
    }
    void gone(CapRef what) {
        Error removed = Error::again;
        while (removed == Error::again) removed = b.remove(what);
        REQUIRE(removed == Error::none);
    }
};

}  // namespace shootdown
}  // namespace skerry::test
