#include "monitor/domain_table.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <set>

#include "monitor/core_set.hpp"

using namespace skerry;
using namespace skerry::monitor;

namespace {
constexpr CoreId here{7};
Name named(const char* text) {
    return Name::cut(text);
}
}  // namespace

TEST_CASE("a domain's id names its core and is never used twice", "[monitor]") {
    auto table = std::make_unique<DomainTable>(here);
    std::set<uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        auto added = table->add(named("hello"), DomainId{5});
        REQUIRE(added.ok());
        DomainRecord& record = **added;
        CHECK(base::core_of(record.id) == here);
        CHECK(base::counter_of(record.id) >= domain_counter::first_program);
        REQUIRE(seen.insert(record.id.value).second);
        REQUIRE(table->find(base::counter_of(record.id)) == &record);
        if (i % 2 == 0) {
            table->forget(record);
        } else {
            table->begin_end(record, 0, "");
            table->finish(record);
        }
        REQUIRE(table->count() == 0);
    }
}

TEST_CASE("the domain table is bounded, and refuses what has no name", "[monitor]") {
    auto table = std::make_unique<DomainTable>(here);
    CHECK(table->add(Name{}, DomainId{}).error() == Error::invalid_argument);
    CHECK(table->add_system(domain_counter::monitor, "monitor").ok());
    CHECK(table->add_system(domain_counter::monitor, "monitor").error() == Error::exists);
    for (uint32_t i = 1; i < DomainTable::capacity; ++i) REQUIRE(table->add(named("x"), DomainId{}).ok());
    CHECK(table->add(named("x"), DomainId{}).error() == Error::full);
    CHECK(table->count() == DomainTable::capacity);
    CHECK_THROWS(table->add_system(domain_counter::first_program, "late").ok());

    auto other = std::make_unique<DomainTable>(here);
    for (uint32_t i = 0; i < DomainTable::per_parent; ++i) REQUIRE(other->add(named("x"), DomainId{99}).ok());
    CHECK(other->add(named("x"), DomainId{99}).error() == Error::full);
    CHECK(other->add(named("x"), DomainId{98}).ok());
}

TEST_CASE("domains are listed by id, each once", "[monitor]") {
    auto table = std::make_unique<DomainTable>(here);
    std::vector<DomainRecord*> records;
    for (int i = 0; i < 10; ++i) records.push_back(table->add(named("x"), DomainId{}).value());
    table->forget(*records[3]);
    (void)table->add(named("y"), DomainId{}).ok();  // takes the free record; its id is the greatest
    DomainId last{};
    int count = 0;
    while (DomainRecord* next = table->next(last)) {
        REQUIRE(next->id > last);
        last = next->id;
        ++count;
    }
    CHECK(count == 10);
    CHECK(table->find(last)->name == named("y"));
}

TEST_CASE("the first cause of an end counts, and one claims it", "[monitor]") {
    auto table = std::make_unique<DomainTable>(here);
    DomainRecord& record = *table->add(named("x"), DomainId{}).value();
    DomainId id = record.id;
    CHECK(table->alive(id));
    CHECK(table->claim_ending() == nullptr);
    table->begin_end(record, 134, "page fault (read) at 0x10, ip 0x400012");
    table->begin_end(record, 137, "killed");
    CHECK_FALSE(table->alive(id));
    CHECK(table->claim_ending() == &record);
    CHECK(table->claim_ending() == nullptr);
    table->give_up_claim(record);
    CHECK(table->claim_ending() == &record);
    CHECK(table->claim_ending() == nullptr);
    CHECK(table->ended(id) == nullptr);  // not before all of it is gone
    table->finish(record);
    REQUIRE(table->ended(id) != nullptr);
    CHECK(table->ended(id)->status == 134);
    CHECK(table->ended(id)->reason.view() == "page fault (read) at 0x10, ip 0x400012");
    CHECK(table->find(id) == nullptr);
    CHECK(table->ended(DomainId{}) == nullptr);
}

TEST_CASE("what is forgotten or finished while nobody has claimed it is not claimed later", "[monitor]") {
    auto table = std::make_unique<DomainTable>(here);
    for (bool started : {false, true}) {
        DomainRecord& record = *table->add(named("x"), DomainId{}).value();
        table->begin_end(record, 1, "");
        started ? table->finish(record) : table->forget(record);
        CHECK(table->claim_ending() == nullptr);
        CHECK(table->count() == 0);
    }
    DomainRecord& other = *table->add(named("y"), DomainId{}).value();
    CHECK(table->claim_ending() == nullptr);
    table->begin_end(other, 1, "");
    CHECK(table->claim_ending() == &other);
}

TEST_CASE("old ends are forgotten, and long reasons cut", "[monitor]") {
    auto table = std::make_unique<DomainTable>(here);
    DomainId first{};
    for (uint32_t i = 0; i <= DomainTable::log_capacity; ++i) {
        DomainRecord& record = *table->add(named("x"), DomainId{}).value();
        if (i == 0) first = record.id;
        table->begin_end(record, i & 255, std::string(500, 'r'));
        table->finish(record);
        if (i == 0) CHECK(table->ended(first)->reason.length == 96);
    }
    CHECK(table->ended(first) == nullptr);
}

TEST_CASE("a set of cores holds the largest machine", "[monitor]") {
    CoreSet set;
    CHECK(set.empty());
    for (uint32_t core : {255u, 0u, 64u, 63u, 64u}) set.add(CoreId{core});
    CHECK(set.contains(CoreId{255}));
    CHECK_FALSE(set.contains(CoreId{1}));
    CHECK_FALSE(set.contains(CoreId{256}));
    std::vector<uint32_t> taken;
    while (!set.empty()) taken.push_back(set.take().value);
    CHECK(taken == std::vector<uint32_t>{0, 63, 64, 255});
    CHECK_THROWS(set.add(CoreId{256}));
}
