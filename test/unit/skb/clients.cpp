#include "skb/service/questions.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "test/unit/skb/world.hpp"

namespace knowledge = skerry::urpc::knowledge;
using skerry::base::Error;
using skerry::skb::Questions;
using skerry::test::Numbers;
using skerry::test::SkbWorld;

namespace {

struct News final : skerry::skb::Listener {
    void knowledge_changed() override { ++count; }
    uint32_t count = 0;
};

struct ServiceWorld : SkbWorld {
    explicit ServiceWorld(bool ready = true) {
        if (ready) questions->begin();
    }
    std::unique_ptr<Questions::Client> client(bool manager) {
        skerry::urpc::monitor::Incoming who{};
        who.manager = manager;
        return std::make_unique<Questions::Client>(*questions, who);
    }
    News news;
    std::unique_ptr<Questions> questions = std::make_unique<Questions>(base, news);
};

template <typename Text>
Text text(std::string_view from) {
    return Text::cut(from);
}
knowledge::Ask goals(std::string_view from) {
    return {text<decltype(knowledge::Ask::goals)>(from)};
}
knowledge::Tell facts(std::string_view from) {
    return {text<decltype(knowledge::Tell::facts)>(from)};
}
knowledge::Retract pattern(std::string_view from) {
    return {text<decltype(knowledge::Retract::pattern)>(from)};
}
knowledge::AddText more(std::string_view from) {
    return {text<decltype(knowledge::AddText::text)>(from)};
}
const knowledge::Replace rules{"rules.pl"};

// All rows as the client reads them.
std::string rows(Questions::Client& client, std::string_view question) {
    auto found = client(goals(question));
    REQUIRE(found.ok());
    if (found->error != Error::none) return std::string(found->text.view());
    std::string all;
    for (uint32_t row = 0; row < found->rows;) {
        auto some = client(knowledge::Next{found->question, row});
        REQUIRE(some.ok());
        REQUIRE(some->next > row);
        all += some->text.view();
        row = some->next;
    }
    return all;
}

std::string exported(Questions::Client& client) {
    std::string all;
    uint64_t cursor = 0;
    do {
        auto some = client(knowledge::NextFacts{cursor});
        REQUIRE(some.ok());
        all += some->text.view();
        cursor = some->next;
    } while (cursor != 0);
    return all;
}

}  // namespace

TEST_CASE("before there are facts nobody is answered", "[skb]") {
    ServiceWorld world(false);
    auto client = world.client(true);
    CHECK((*client)(goals("a(X)")).error() == Error::again);
    CHECK((*client)(facts("a(1).")).error() == Error::again);
}

TEST_CASE("anybody asks, managers tell", "[skb]") {
    ServiceWorld world;
    auto manager = world.client(true), other = world.client(false);
    for (const char* fact : {"a(1). a(2).", "a(3)."}) CHECK((*manager)(facts(fact))->error == Error::none);
    CHECK(world.news.count == 2);
    CHECK(rows(*other, "a(X)") == "1\t\n2\t\n3\t\n");
    CHECK((*other)(facts("a(4).")).error() == Error::refused);
    CHECK((*other)(pattern("a(_)")).error() == Error::refused);
    CHECK((*other)(more("a(5).")).error() == Error::refused);
    CHECK((*other)(rules).error() == Error::refused);
    CHECK((*other)(knowledge::Remove{"rules.pl"}).error() == Error::refused);
    CHECK(world.news.count == 2);
    CHECK((*manager)(pattern("a(2)"))->count == 1);
    CHECK(rows(*other, "a(X)") == "1\t\n3\t\n");
    // Wrong facts: none of them is told, and nobody is woken.
    auto wrong = (*manager)(facts("a(7). a(X)."));
    CHECK(wrong->error == Error::corrupt);
    CHECK(wrong->text.view().starts_with("fact:1: "));
    CHECK(rows(*other, "a(X)") == "1\t\n3\t\n");
    CHECK(world.news.count == 3);
}

TEST_CASE("a client keeps its rows whatever others ask, and may stop in the middle", "[skb]") {
    ServiceWorld world;
    auto one = world.client(false), two = world.client(false);
    auto first = (*one)(goals("between(1, 500, X)"));
    auto begun = (*one)(knowledge::Next{first->question, 0});
    REQUIRE(begun->next < 500);
    for (int i = 0; i < 20; i++) CHECK(rows(*two, "X = 5") == "5\t\n");
    auto later = (*one)(knowledge::Next{first->question, begun->next});
    CHECK(later->next > begun->next);
    CHECK((*two)(knowledge::Next{first->question, 0}).error() == Error::not_found);
    auto second = (*one)(goals("X = 1"));
    CHECK((*one)(knowledge::Next{first->question, 0}).error() == Error::not_found);
    CHECK((*one)(knowledge::Next{second->question, 2}).error() == Error::out_of_range);
    // More than may be kept for one is refused; what it took is given back.
    size_t used = world.base.pool().used();
    CHECK(rows(*two, "between(1, 9000, X)").starts_with("question:1: these are 9000 rows"));
    CHECK(world.base.pool().used() <= used);
    one.reset(), two.reset();
    CHECK(world.ask("between(1, 2, X)") == "1; 2");
}

TEST_CASE("a rule file is replaced as a whole, or not at all", "[skb]") {
    ServiceWorld world;
    auto manager = world.client(true), another = world.client(true);
    CHECK((*manager)(more("good(X) :- n(X), "))->bytes == 17);
    CHECK((*another)(more("bad.")).error() == Error::busy);
    CHECK((*manager)(more("X > 1.\nn(1). n(2). n(3).\n")).ok());
    CHECK((*manager)(rules)->error == Error::none);
    CHECK(rows(*another, "good(X)") == "2\t\n3\t\n");
    // The draft is used up, whatever came of it.
    CHECK((*another)(more("good(X) :- n(X).\nn(8).\nworse(X) :- \\+ n(X).\n"))->bytes != 0);
    auto refused = (*another)(rules);
    CHECK(refused->error == Error::corrupt);
    CHECK(refused->text.view().starts_with("rules.pl:3: "));
    CHECK(rows(*another, "good(X)") == "2\t\n3\t\n");
    CHECK((*manager)(knowledge::NextRuleFile{0})->rules == 1);
    CHECK((*manager)(knowledge::NextRuleFile{1}).error() == Error::out_of_range);
    // Too much is not taken; who leaves takes his draft along.
    std::string line(700, '%');
    while ((*manager)(more(line)).ok()) {
    }
    CHECK((*manager)(more(line)).error() == Error::full);
    manager.reset();
    CHECK((*another)(more("n(4)."))->bytes == 5);
    CHECK((*another)(knowledge::Remove{"rules.pl"})->error == Error::none);
    CHECK((*another)(knowledge::Remove{"rules.pl"})->error == Error::not_found);
    CHECK((*another)(knowledge::NextRuleFile{0}).error() == Error::out_of_range);
}

TEST_CASE("what is exported can be loaded again", "[skb]") {
    ServiceWorld world;
    auto manager = world.client(true);
    REQUIRE((*manager)(facts("b. 'Odd name'('it''s', -5). c(1, two, 'a\\nb').")).ok());
    for (int i = 0; i < 200; i++) {
        REQUIRE((*manager)(facts("n(" + std::to_string(i) + ", some_atom_that_is_long)."))->error == Error::none);
    }
    REQUIRE(world.load("of_the_file(1).\nrule(X) :- n(X, _).", "other.pl") == "");
    std::string all = exported(*manager);
    CHECK(all.find("of_the_file") == std::string::npos);
    SkbWorld fresh;
    REQUIRE(fresh.load(all, "facts.pl") == "");
    CHECK(fresh.ask("aggregate_all(count, n(_, some_atom_that_is_long), N)") == "200");
    CHECK(fresh.ask("'Odd name'(X, Y), b, c(1, two, 'a\\nb')") == world.ask("'Odd name'(X, Y)"));
}

TEST_CASE("hostile clients harm nobody", "[skb]") {
    Numbers numbers{0x51c7};
    ServiceWorld world;
    auto manager = world.client(true), hostile = world.client(true);
    REQUIRE((*manager)(facts("fine(1)."))->error == Error::none);
    std::string_view pieces[] = {"(",         ")",
                                 "a",         "X",
                                 ",",         ".",
                                 " :- ",      "\\+ ",
                                 "'",         "fine",
                                 "[",         "|",
                                 "0x",        "-",
                                 "\n",        "%",
                                 "/*",        "aggregate_all(count, ",
                                 "minimize(", "between(1, 9, ",
                                 "\xff",      ":- dynamic "};
    for (int i = 0; i < 3000; i++) {
        std::string some;
        for (uint32_t n = numbers.below(30); n != 0; n--) some += pieces[numbers.below(std::size(pieces))];
        switch (numbers.below(6)) {
            case 0:
                (void)(*hostile)(goals(some)).ok();
                break;
            case 1:
                (void)(*hostile)(facts("h(" + some + ").")).ok();
                break;
            case 2:
                (void)(*hostile)(pattern("h(" + some + ")")).ok();
                break;
            case 3:
                (void)(*hostile)(more(some)).ok();
                break;
            case 4:
                (void)(*hostile)(knowledge::Replace{"hostile.pl"}).ok();
                break;
            default:
                (void)(*hostile)(knowledge::NextFacts{numbers.next()}).ok();
                (void)(*hostile)(knowledge::Next{numbers.next() % 4, numbers.below(9)}).ok();
        }
    }
    CHECK(rows(*manager, "fine(X)").starts_with("1\t\n"));
}
