// Records, locks, barriers and watches of several clients, without channels; and random ones against plain counting.
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <random>
#include <string>

#include "usr/records/shelf.hpp"

using namespace skerry::usr::records;

namespace {

template <typename T>
T must(skerry::base::Result<T> result) {
    REQUIRE(result.ok());
    return result.value();
}

struct World final : Shelf::Listener {
    void changed() override { changes++; }
    uint32_t changes = 0;
    Shelf shelf{*this};
};

Record record(std::string_view text) {
    auto parsed = Record::parse(text);
    REQUIRE(parsed.ok());
    return *parsed;
}
Query query(std::string_view text) {
    auto parsed = Query::parse(text);
    REQUIRE(parsed.ok());
    return *parsed;
}
Word word(std::string_view text) {
    return must(Word::of(text));
}
std::string text_of(const Record& r) {
    skerry::base::Buffer<700> text;
    r.write(text);
    return std::string(text.view());
}

}  // namespace

TEST_CASE("a record is what its text says", "[records]") {
    CHECK(text_of(record("a")) == "a");
    CHECK(text_of(record("  disk.0{core:3,kind : ssd}  ")) == "disk.0 { core: 3, kind: ssd }");
    CHECK(text_of(record("a {}")) == "a");
    CHECK(record("a { x: 1, y: 2 }") == record("a { y: 2, x: 1 }"));
    CHECK_FALSE(record("a { x: 1 }") == record("a { x: 2 }"));
    for (const char* wrong : {"", "{", "a {", "a { x }", "a { x: }", "a { x: 1,", "a { x: 1, }", "a } b", "a b", "ä",
                              "a123456789012345678901234567890123"}) {
        CHECK(Record::parse(wrong).error() == Error::corrupt);
    }
    CHECK(Record::parse("a { x: 1, x: 2 }").error() == Error::exists);
    CHECK(Record::parse("a { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1 }").error() == Error::full);
}

TEST_CASE("a query matches names and values", "[records]") {
    Record r = record("disk.0 { core: 3, kind: ssd, left: -5 }");
    for (const char* yes : {"disk.0", "disk.*", "*", "* { core: 3 }", "* { core }", "* { core > 2, core < 4 }",
                            "disk* { kind: ssd }", "* { left < 0 }"}) {
        CHECK(query(yes).matches(r));
    }
    for (const char* no : {"disk", "disk.1*", "* { core: 4 }", "* { core > 3 }", "* { core < 3 }", "* { size }",
                           "* { kind > 1 }", "* { kind: 3 }", "* { core: ssd }"}) {
        CHECK_FALSE(query(no).matches(r));
    }
    for (const char* wrong : {"", "disk *", "* { core > ssd }", "* { core >", "* { : 1 }"}) {
        CHECK(Query::parse(wrong).error() == Error::corrupt);
    }
}

TEST_CASE("hostile text is refused or understood, nothing else", "[records]") {
    std::mt19937 random(7);
    constexpr std::string_view letters = "ab.*{}:,<> 19-\0\xff";
    uint32_t understood = 0;
    for (uint32_t i = 0; i < 200'000; i++) {
        std::string text;
        for (uint32_t length = random() % 24; length > 0; length--) text += letters[random() % letters.size()];
        (void)Query::parse(text).error();
        auto parsed = Record::parse(text);
        if (!parsed.ok()) continue;
        understood++;
        CHECK(record(text_of(*parsed)) == *parsed);
    }
    CHECK(understood > 100);
}

TEST_CASE("a record is its maker's, and goes with it", "[records]") {
    World w;
    auto a = std::make_unique<Share>(), b = std::make_unique<Share>();
    w.shelf.add(*a), w.shelf.add(*b);
    REQUIRE(w.shelf.set(*a, record("x { v: 1 }")).ok());
    CHECK(w.shelf.set(*b, record("x { v: 2 }")).error() == Error::exists);
    CHECK(w.shelf.erase(*b, query("x")) == 0);
    REQUIRE(w.shelf.set(*b, record("w")).ok());
    CHECK(text_of(*w.shelf.find(query("*"))) == "w");
    CHECK(text_of(*w.shelf.find(query("*"), "w")) == "x { v: 1 }");
    CHECK(w.shelf.find(query("*"), "x") == nullptr);
    a.reset();
    CHECK(w.shelf.find(query("x")) == nullptr);
    CHECK(w.shelf.set(*b, record("x")).ok());
    for (uint32_t i = 0; i + 2 < Share::records_maximum; i++) {
        CHECK(w.shelf.set(*b, record("y." + std::to_string(i))).ok());
    }
    CHECK(w.shelf.set(*b, record("one-more")).error() == Error::full);
}

TEST_CASE("a lock is had in the order of coming", "[records]") {
    World w;
    auto a = std::make_unique<Share>(), b = std::make_unique<Share>(), c = std::make_unique<Share>();
    for (Share* share : {a.get(), b.get(), c.get()}) w.shelf.add(*share);
    uint64_t first = must(w.shelf.enter_lock(*b, word("l"))), second = must(w.shelf.enter_lock(*a, word("l")));
    uint64_t third = must(w.shelf.enter_lock(*c, word("l"))), other = must(w.shelf.enter_lock(*c, word("m")));
    CHECK(w.shelf.enter_lock(*c, word("l")).error() == Error::exists);
    CHECK((w.shelf.has_lock(*b, first) && !w.shelf.has_lock(*a, second) && !w.shelf.has_lock(*c, third)));
    CHECK(w.shelf.has_lock(*c, other));
    CHECK(w.shelf.leave_lock(*b, word("l")).ok());
    CHECK(w.shelf.leave_lock(*b, word("l")).error() == Error::not_found);
    CHECK((w.shelf.has_lock(*a, second) && !w.shelf.has_lock(*c, third)));
    uint32_t before = w.changes;
    a.reset();  // dies with it
    CHECK(w.changes > before);
    CHECK(w.shelf.has_lock(*c, third));
}

TEST_CASE("a barrier opens for those who were there", "[records]") {
    World w;
    Share a, b, c;
    for (Share* share : {&a, &b, &c}) w.shelf.add(*share);
    uint64_t one = must(w.shelf.enter_barrier(a, word("x"), 2));
    CHECK_FALSE(w.shelf.is_open(a, one));
    CHECK(w.shelf.enter_barrier(b, word("x"), 3).error() == Error::refused);
    uint64_t two = must(w.shelf.enter_barrier(b, word("x"), 2));
    CHECK((w.shelf.is_open(a, one) && w.shelf.is_open(b, two)));
    uint64_t three = must(w.shelf.enter_barrier(c, word("x"), 2));  // the next round, while the first two have not left
    CHECK_FALSE(w.shelf.is_open(c, three));
    w.shelf.leave_barrier(a, one);
    uint64_t again = must(w.shelf.enter_barrier(a, word("x"), 2));
    CHECK((w.shelf.is_open(c, three) && w.shelf.is_open(a, again)));
    w.shelf.clear(c);
    CHECK_FALSE(w.shelf.is_open(c, three));
    CHECK(w.shelf.enter_barrier(a, word("x"), 0).error() == Error::invalid_argument);
}

TEST_CASE("who has died is not counted at a barrier", "[records]") {
    World w;
    Share a, b, c;
    w.shelf.add(a), w.shelf.add(c);
    w.shelf.add(b);
    (void)must(w.shelf.enter_barrier(b, word("x"), 2));
    w.shelf.clear(b);
    uint64_t one = must(w.shelf.enter_barrier(a, word("x"), 2));
    CHECK_FALSE(w.shelf.is_open(a, one));
    (void)must(w.shelf.enter_barrier(c, word("x"), 2));
    CHECK(w.shelf.is_open(a, one));
}

TEST_CASE("a watch hears of changes, and of those that it missed", "[records]") {
    World w;
    Share a, b;
    w.shelf.add(a), w.shelf.add(b);
    uint32_t watch = must(w.shelf.watch(a, query("x* { v > 0 }")));
    CHECK(w.shelf.set(b, record("x { v: 1 }")).ok());
    CHECK(w.shelf.set(b, record("x { v: 1 }")).ok());  // no change
    CHECK(w.shelf.set(b, record("y { v: 1 }")).ok());
    CHECK(must(w.shelf.take_event(a, watch)).change == Change::made);
    CHECK_FALSE(w.shelf.has_event(a, watch));
    for (uint32_t i = 0; i < Share::events_maximum + 3; i++) {
        CHECK(w.shelf.set(b, record("x { v: " + std::to_string(i + 2) + " }")).ok());
    }
    for (uint32_t i = 0; i < Share::events_maximum; i++) CHECK(must(w.shelf.take_event(a, watch)).missed == 0);
    w.shelf.clear(b);
    auto last = w.shelf.take_event(a, watch);
    CHECK((last.ok() && last->change == Change::gone && last->missed == 3));
    for (uint32_t i = 1; i < Share::watches_maximum; i++) CHECK(w.shelf.watch(a, query("*")).ok());
    CHECK(w.shelf.watch(a, query("*")).error() == Error::full);
    CHECK(w.shelf.unwatch(a, watch).ok());
    CHECK(w.shelf.unwatch(a, 99).error() == Error::not_found);
    CHECK(w.shelf.watch(a, query("*")).ok());
}

TEST_CASE("locks of many clients, against a queue", "[records]") {
    std::mt19937 random(11);
    World w;
    constexpr uint32_t clients = 6, names = 3;
    std::vector<std::unique_ptr<Share>> share(clients);
    for (auto& s : share) s = std::make_unique<Share>(), w.shelf.add(*s);
    std::map<uint32_t, std::deque<std::pair<uint32_t, uint64_t>>> model;  // name -> who stands there, in order
    for (uint32_t step = 0; step < 20'000; step++) {
        uint32_t who = random() % clients, name = random() % names;
        auto& queue = model[name];
        auto place = std::find_if(queue.begin(), queue.end(), [&](auto& entry) { return entry.first == who; });
        Word text = word("n" + std::to_string(name));
        switch (random() % 8) {
            case 0:
                w.shelf.clear(*share[who]);
                for (auto& [_, q] : model) std::erase_if(q, [&](auto& entry) { return entry.first == who; });
                break;
            case 1:
            case 2:
            case 3: {
                auto left = w.shelf.leave_lock(*share[who], text);
                REQUIRE(left.ok() == (place != queue.end()));
                if (left.ok()) queue.erase(place);
                break;
            }
            default: {
                auto ticket = w.shelf.enter_lock(*share[who], text);
                REQUIRE(ticket.ok() == (place == queue.end()));
                if (ticket.ok()) queue.emplace_back(who, *ticket);
            }
        }
        for (auto& [_, q] : model) {
            for (size_t i = 0; i < q.size(); i++)
                REQUIRE(w.shelf.has_lock(*share[q[i].first], q[i].second) == (i == 0));
        }
    }
}
