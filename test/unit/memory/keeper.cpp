// The memory service over a model of its capability space.
#include "usr/memory/keeper.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

using namespace skerry;
using namespace skerry::usr::memory;
namespace protocol = skerry::urpc::memory;
using base::Error;
using protocol::Words;

namespace {

struct Reply {
    Words words;
    bool capability;
    bool trusted;
};

struct ModelVault final : Vault {
    Range offered;
    bool received = false;
    std::map<uint32_t, Range> regions;
    std::map<uint32_t, Range> carved;  // by record
    std::map<uint32_t, std::deque<Reply>> inbox;
    size_t inbox_limit = 1000;
    Error carve_error = Error::none;
    Error destroy_error = Error::none;
    std::vector<std::unique_ptr<uint64_t[]>> books;

    base::Result<Range> take_region(uint32_t region) override {
        if (!received) return Error::no_capability;
        received = false;
        regions[region] = offered;
        return offered;
    }
    void drop_region(uint32_t region) override { regions.erase(region); }
    base::Status take_endpoint(uint32_t account) override {
        if (!received) return Error::no_capability;
        received = false;
        inbox[account];
        return {};
    }
    void drop_endpoint(uint32_t account) override { inbox.erase(account); }
    void drop_received() override { received = false; }
    uint64_t own_bytes(uint32_t region) override { return region == 0 ? 0x8000 : 0; }
    base::Result<std::span<uint64_t>> set_aside(uint32_t, uint64_t, uint64_t words) override {
        books.push_back(std::make_unique<uint64_t[]>(words));
        return std::span<uint64_t>(books.back().get(), words);
    }
    base::Status carve(uint32_t region, uint64_t offset, uint64_t bytes, uint32_t record) override {
        if (carve_error != Error::none) return carve_error;
        Range made{regions.at(region).base + offset, bytes};
        for (auto& [other, range] : carved) {
            if (made.base < range.base + range.size && range.base < made.base + made.size) return Error::overlaps;
        }
        REQUIRE(carved.emplace(record, made).second);
        return {};
    }
    base::Status destroy(uint32_t record) override {
        if (destroy_error != Error::none) return destroy_error;
        REQUIRE(carved.erase(record) == 1);
        return {};
    }
    Error send(uint32_t account, const Words& words, uint32_t record, bool trusted) override {
        if (inbox.count(account) == 0) return Error::closed;
        if (inbox[account].size() >= inbox_limit) return Error::full;
        if (record != no_record) REQUIRE(carved.count(record) == 1);
        inbox[account].push_back({words, record != no_record, trusted});
        return Error::none;
    }
};

struct World {
    ModelVault vault;
    std::vector<AccountRecord> accounts = std::vector<AccountRecord>(8);
    std::vector<BlockRecord> blocks = std::vector<BlockRecord>(64);
    Keeper keeper{vault, accounts, blocks};
    uint32_t tag = 100;

    World() {
        REQUIRE(ask(0, protocol::RegisterDomain{0, 1 << 20}, true) == Error::none);
        vault.offered = {0x101000, 0x3ff000};
        REQUIRE(ask(0, protocol::AddRegion{3}, true) == Error::none);
        REQUIRE(ask(0, protocol::RegisterDomain{7, 0x10000}, true) == Error::none);
    }
    template <typename Request>
    void send(uint32_t badge, const Request& request, bool capability = false) {
        vault.received = capability;
        keeper.handle(badge, protocol::request(request, ++tag), capability);
        REQUIRE_FALSE(vault.received);
    }
    Reply next(uint32_t badge) {
        auto& box = vault.inbox[keeper.ledger().account_index(badge).value()];
        REQUIRE_FALSE(box.empty());
        Reply reply = box.front();
        box.pop_front();
        REQUIRE(protocol::operation_of(reply.words) == protocol::Operation::reply);
        return reply;
    }
    template <typename Request>
    Error ask(uint32_t badge, const Request& request, bool capability = false, Reply* out = nullptr) {
        send(badge, request, capability);
        Reply reply = next(badge);
        REQUIRE(protocol::tag_of(reply.words) == tag);
        if (out) *out = reply;
        return protocol::error_of(reply.words);
    }
    uint64_t alloc(uint32_t badge, uint64_t bytes, uint64_t account = 0) {
        Reply reply;
        REQUIRE(ask(badge, protocol::Alloc{bytes, 0, account}, false, &reply) == Error::none);
        CHECK(reply.capability);
        CHECK(reply.trusted == (badge < 2));
        return protocol::values_of<protocol::Granted>(reply.words).base;
    }
    protocol::RegionStatistics statistics() {
        Reply reply;
        REQUIRE(ask(7, protocol::Statistics{0}, false, &reply) == Error::none);
        return protocol::values_of<protocol::RegionStatistics>(reply.words);
    }
};

}  // namespace

TEST_CASE("memory is granted, counted and given back", "[memory]") {
    World w;
    auto rest = w.statistics();
    CHECK(rest.node == 3);
    CHECK(rest.base == 0x101000);
    CHECK(rest.free == rest.size);
    CHECK(rest.domains == 2);
    uint64_t block = w.alloc(7, 5000);
    CHECK(w.vault.carved.begin()->second.size == 8192);
    CHECK(w.statistics().free == rest.size - 8192);
    CHECK(w.ask(7, protocol::GiveBack{block + 4096, 0}) == Error::not_found);
    CHECK(w.ask(0, protocol::GiveBack{block, 0}) == Error::not_found);
    CHECK(w.ask(7, protocol::GiveBack{block, 0}) == Error::none);
    CHECK(w.ask(7, protocol::GiveBack{block, 0}) == Error::not_found);
    CHECK(w.vault.carved.empty());
    CHECK(w.statistics().free == rest.size);
    CHECK(w.statistics().largest_free == rest.largest_free);
}

TEST_CASE("memory comes from the nodes that are preferred, where nobody wishes otherwise", "[memory]") {
    World w;
    for (uint64_t node : {5, 4}) {
        w.vault.offered = {0x1000000 * node, 0x400000};
        REQUIRE(w.ask(0, protocol::AddRegion{node}, true) == Error::none);
    }
    auto node_of = [&](uint64_t wish) {
        Reply reply;
        REQUIRE(w.ask(7, protocol::Alloc{4096, 0, 0, wish}, false, &reply) == Error::none);
        uint64_t base = protocol::values_of<protocol::Granted>(reply.words).base;
        REQUIRE(w.ask(7, protocol::GiveBack{base, 0}) == Error::none);
        return base < 0x1000000 ? 3 : base / 0x1000000;
    };
    auto prefer = [&](uint32_t badge, std::initializer_list<uint8_t> nodes) {
        protocol::PreferNodes request;
        request.nodes.fill(protocol::no_node);
        std::copy(nodes.begin(), nodes.end(), request.nodes.begin());
        return w.ask(badge, request);
    };
    CHECK(node_of(protocol::any_node) == 3);
    CHECK(prefer(7, {5}) == Error::refused);
    CHECK(node_of(protocol::any_node) == 3);
    REQUIRE(prefer(0, {4, 5}) == Error::none);
    CHECK(node_of(protocol::any_node) == 4);
    CHECK(node_of(5) == 5);
    CHECK(node_of(77) == 4);  // no such node
    REQUIRE(prefer(0, {77, 5}) == Error::none);
    CHECK(node_of(protocol::any_node) == 5);
    // A region that comes later has its place, too.
    REQUIRE(prefer(0, {9}) == Error::none);
    CHECK(node_of(protocol::any_node) == 3);
    w.vault.offered = {0x9000000, 0x400000};
    REQUIRE(w.ask(0, protocol::AddRegion{9}, true) == Error::none);
    CHECK(node_of(protocol::any_node) == 9);
    REQUIRE(prefer(0, {}) == Error::none);
    CHECK(node_of(protocol::any_node) == 3);
}

TEST_CASE("limits, sizes and strangers are refused", "[memory]") {
    World w;
    CHECK(w.ask(7, protocol::Alloc{0x11000, 0, 0}) == Error::refused);
    CHECK(w.ask(7, protocol::Alloc{0, 0, 0}) == Error::invalid_argument);
    CHECK(w.ask(7, protocol::Alloc{4096, 12, 0}) == Error::invalid_argument);
    CHECK(w.ask(7, protocol::Alloc{4096, 0, 1}) == Error::refused);
    CHECK(w.ask(0, protocol::Alloc{4096, 0, 55}) == Error::not_found);
    CHECK(w.ask(0, protocol::Alloc{4096, 0, uint64_t{7} << 32}) == Error::invalid_argument);
    CHECK(w.ask(7, protocol::RegisterDomain{9, 1}, true) == Error::refused);
    CHECK(w.ask(0, protocol::RegisterDomain{9, 1}, false) == Error::no_capability);
    CHECK(w.ask(0, protocol::RegisterDomain{7, 1}, true) == Error::exists);
    CHECK(w.ask(7, protocol::AddRegion{0}, true) == Error::refused);
    CHECK(w.ask(7, protocol::ReleaseDomain{0}) == Error::refused);
    CHECK(w.ask(0, protocol::ReleaseDomain{99}) == Error::not_found);
    CHECK(w.ask(7, protocol::Account{0}) == Error::refused);
    CHECK(w.ask(7, protocol::Statistics{1}) == Error::out_of_range);
    w.vault.offered = {0x800, 0x100000};
    CHECK(w.ask(0, protocol::AddRegion{0}, true) == Error::misaligned);
    w.vault.offered = {0x800000, 0x1000};
    CHECK(w.ask(0, protocol::AddRegion{0}, true) == Error::no_memory);
    CHECK(w.vault.regions.size() == 1);
    w.send(99, protocol::Alloc{4096, 0, 0});  // nobody to answer to
    Words nonsense{0x7777, 1, 2, 3};
    w.keeper.handle(7, nonsense, false);
    CHECK(protocol::error_of(w.next(7).words) == Error::unsupported);
    CHECK(w.vault.carved.empty());
}

TEST_CASE("releasing a domain brings all its memory back", "[memory]") {
    World w;
    auto rest = w.statistics();
    for (int i = 0; i < 8; ++i) w.alloc(7, 4096);
    uint64_t pinned = w.alloc(0, 0x4000, 7);  // the monitor's, for the domain
    CHECK(w.ask(7, protocol::GiveBack{pinned, 0}) == Error::refused);
    uint64_t own = w.alloc(0, 4096);
    Reply reply;
    CHECK(w.ask(0, protocol::Account{7}, false, &reply) == Error::none);
    CHECK(protocol::values_of<protocol::AccountState>(reply.words).used == 0xc000);
    CHECK(w.ask(0, protocol::ReleaseDomain{7}, false, &reply) == Error::none);
    CHECK(reply.words[2] == 0xc000);
    CHECK(w.vault.carved.size() == 1);
    CHECK(w.ask(0, protocol::GiveBack{own, 0}) == Error::none);
    CHECK(w.keeper.region(0).free_bytes() == rest.size);
    CHECK(w.keeper.region(0).largest_free() == rest.largest_free);
    CHECK(w.ask(0, protocol::RegisterDomain{7, 1}, true) == Error::none);
}

TEST_CASE("a reply that meets a full endpoint is sent later or rolled back", "[memory]") {
    World w;
    w.vault.inbox_limit = 0;
    w.send(7, protocol::Alloc{4096, 0, 0});
    CHECK(w.vault.carved.size() == 1);
    CHECK(w.keeper.retry());
    w.vault.inbox_limit = 5;
    CHECK_FALSE(w.keeper.retry());
    CHECK(w.next(7).capability);
    w.vault.inbox_limit = 0;
    for (int i = 0; i < 20; ++i) w.send(7, protocol::Alloc{4096, 0, 0});  // the last few find no place to wait
    CHECK(w.vault.carved.size() == 1 + Keeper::pending_maximum - 1);
    while (w.keeper.retry()) {
    }
    CHECK(w.vault.carved.size() == 1);
    CHECK(w.keeper.ledger().account(7)->used == 4096);
    CHECK(w.keeper.dropped() == 20);
}

TEST_CASE("a failed carve or revoke loses nothing but what it must", "[memory]") {
    World w;
    auto rest = w.statistics();
    w.vault.carve_error = Error::no_memory;
    CHECK(w.ask(7, protocol::Alloc{4096, 0, 0}) == Error::no_memory);
    CHECK(w.statistics().free == rest.size);
    w.vault.carve_error = Error::none;
    uint64_t block = w.alloc(7, 4096);
    w.vault.destroy_error = Error::overlaps;
    CHECK(w.ask(7, protocol::GiveBack{block, 0}) == Error::none);
    CHECK(w.statistics().free == rest.size - 4096);
    CHECK(w.keeper.lost_bytes() == 4096);
}

TEST_CASE("a block of which other cores hold something is free, and its owner answered, when they let go", "[memory]") {
    World w;
    auto free = [&] { return w.keeper.region(0).free_bytes(); };
    uint64_t rest = free();
    uint64_t block = w.alloc(7, 4096);
    w.vault.destroy_error = Error::shared;
    w.send(7, protocol::GiveBack{block, 0});
    uint32_t owed = w.tag;
    auto& answers = w.vault.inbox[w.keeper.ledger().account_index(7).value()];
    CHECK(answers.empty());
    CHECK(w.keeper.draining() == 1);
    CHECK(free() == rest - 4096);
    uint64_t other = w.alloc(7, 4096);  // its record and its memory are not used meanwhile
    CHECK(other != block);
    w.vault.destroy_error = Error::none;
    w.send(7, protocol::Statistics{0});
    REQUIRE(answers.size() == 2);
    CHECK(protocol::tag_of(answers.front().words) == owed);
    CHECK(w.keeper.draining() == 0);
    CHECK(w.keeper.lost_bytes() == 0);
    CHECK(free() == rest - 4096);
}

TEST_CASE("an account is closed although other cores hold something of its memory", "[memory]") {
    World w;
    auto free = [&] { return w.keeper.region(0).free_bytes(); };
    uint64_t rest = free();
    (void)w.alloc(7, 4096);
    (void)w.alloc(7, 8192);
    w.vault.destroy_error = Error::shared;
    CHECK(w.ask(0, protocol::ReleaseDomain{7}) == Error::none);
    CHECK(w.keeper.draining() == 2);
    CHECK(free() == rest - 12288);
    w.vault.destroy_error = Error::none;
    w.send(0, protocol::Statistics{0});
    CHECK(w.keeper.draining() == 0);
    CHECK(free() == rest);
}
