// A relation against std::set, with indexes that are made early and late, and removals between.
#include <catch2/catch.hpp>

#include <set>

#include "test/unit/skb/world.hpp"

using namespace skerry::skb;
using Row = std::array<int64_t, 3>;

namespace {

Row read(const Value* row) {
    return {row[0].number(), row[1].number(), row[2].number()};
}

// What an index finds, which must come from later rows to earlier ones.
std::set<Row> found(Pool& pool, Relation& relation, Columns columns, const Row& wanted) {
    Value key[3];
    for (int i = 0; i < 3; i++) key[i] = Value::small(wanted[i]);
    Relation::Index* index = relation.index(pool, columns).value();
    std::set<Row> rows;
    uint32_t before = no_row;
    for (uint32_t id = relation.last(*index, key, no_row); id != no_row; id = relation.next(*index, key, id)) {
        REQUIRE(id < before);
        before = id;
        REQUIRE(rows.insert(read(relation.row(id))).second);
    }
    return rows;
}

}  // namespace

TEST_CASE("a relation is a set, whatever its indexes", "[skb]") {
    uint64_t seed = GENERATE(1, 2, 3, 4);
    skerry::test::Numbers numbers{seed};
    std::vector<std::byte> memory(4 << 20);
    Pool pool(memory);
    Relation relation(3);
    std::set<Row> model;
    for (int i = 0; i < 6000; i++) {
        Row row = {numbers.below(6), numbers.below(6), numbers.below(6)};
        Value values[3];
        for (int k = 0; k < 3; k++) values[k] = Value::small(row[k]);
        uint32_t what = numbers.below(10);
        if (what < 5) {
            REQUIRE(relation.insert(pool, values).value() == model.insert(row).second);
        } else if (what < 8) {
            uint32_t id = relation.find(values);
            REQUIRE((id != no_row) == (model.count(row) != 0));
            if (id != no_row) relation.remove(id), model.erase(row);
        } else {
            auto columns = static_cast<Columns>(numbers.below(8));
            std::set<Row> wanted;
            for (const Row& each : model) {
                bool same = true;
                for (int k = 0; k < 3; k++) same = same && ((columns >> k & 1) == 0 || each[k] == row[k]);
                if (same) wanted.insert(each);
            }
            REQUIRE(found(pool, relation, columns, row) == wanted);
        }
        REQUIRE(relation.size() == model.size());
    }
    relation.free(pool);
    CHECK(pool.used() == 0);
}
