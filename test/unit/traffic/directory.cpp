// The directory of line states: what moves, and what must go.
#include "test/traffic/directory.hpp"

#include <catch2/catch.hpp>
#include <memory>

using namespace skerry::traffic;

namespace {

struct Caches {
    std::unique_ptr<Directory> directory = std::make_unique<Directory>();
    Counts last;
    bool kernel = false;

    // What this access did: {transfers, kernel's, invalidations}.
    std::array<uint64_t, 3> load(unsigned vcpu, uint64_t at) {
        directory->load(vcpu, at, kernel);
        return news();
    }
    std::array<uint64_t, 3> store(unsigned vcpu, uint64_t at) {
        directory->store(vcpu, at, kernel);
        return news();
    }

  private:
    std::array<uint64_t, 3> news() {
        Counts now = directory->counts(), what = now - last;
        last = now;
        return {what.transfers, what.kernel_transfers, what.invalidations};
    }
};
using Three = std::array<uint64_t, 3>;
constexpr Three nothing{0, 0, 0};

}  // namespace

TEST_CASE("what one vCPU alone uses does not move", "[traffic]") {
    Caches c;
    for (int i = 0; i < 3; ++i) {
        CHECK(c.load(0, 0x1000) == nothing);
        CHECK(c.store(0, 0x1000) == nothing);
    }
    CHECK(c.store(1, 0x1040) == nothing);  // the next line
}

TEST_CASE("a message's line goes to its reader once, and the writer's next store takes the copy away", "[traffic]") {
    Caches c;
    CHECK(c.store(0, 0x2000) == nothing);
    CHECK(c.load(1, 0x2038) == Three{1, 0, 0});
    for (int i = 0; i < 5; ++i) CHECK(c.load(1, 0x2000) == nothing);  // polled in its own copy
    CHECK(c.store(0, 0x2008) == Three{0, 0, 1});                      // owned: only the copy goes
    CHECK(c.store(0, 0x2010) == nothing);
    CHECK(c.load(1, 0x2000) == Three{1, 0, 0});
    CHECK(c.load(0, 0x2000) == nothing);
}

TEST_CASE("a line that both write moves with each turn, and takes all copies away", "[traffic]") {
    Caches c;
    CHECK(c.store(0, 0x3000) == nothing);
    CHECK(c.store(1, 0x3000) == Three{1, 0, 1});
    CHECK(c.store(0, 0x3000) == Three{1, 0, 1});
    for (unsigned vcpu = 1; vcpu < 8; ++vcpu) CHECK(c.load(vcpu, 0x3000) == Three{1, 0, 0});
    CHECK(c.store(3, 0x3000) == Three{0, 0, 7});  // a holder: nothing moves
    CHECK(c.load(0, 0x3000) == Three{1, 0, 0});
}

TEST_CASE("a line that nobody has written comes from memory", "[traffic]") {
    Caches c;
    for (unsigned vcpu = 0; vcpu < 4; ++vcpu) CHECK(c.load(vcpu, 0x4000) == nothing);
    CHECK(c.store(4, 0x4000) == Three{0, 0, 4});
    c.kernel = true;
    CHECK(c.load(255, 0x4000) == Three{1, 1, 0});
    CHECK(c.load(256, 0x4000) == nothing);  // no such vCPU
}

TEST_CASE("a line's way from package to package is told from one within", "[traffic]") {
    Caches c;
    c.directory->set_package(4);
    c.store(5, 0x5000);
    c.load(4, 0x5000);
    c.load(7, 0x5000);
    CHECK(c.directory->counts().far_transfers == 0);
    c.load(3, 0x5000);
    c.store(8, 0x5000);
    CHECK(c.directory->counts().far_transfers == 2);
    CHECK(c.directory->counts().transfers == 4);
}
