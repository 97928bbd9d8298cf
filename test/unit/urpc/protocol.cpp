#include "urpc/protocol.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace skerry;
using namespace skerry::urpc;

namespace {
enum class Colour : uint16_t { red, green, blue, count_ };
struct Range {
    base::PhysAddr base;
    uint64_t size;
    bool operator==(const Range&) const = default;
};
struct Empty {
    bool operator==(const Empty&) const = default;
};
struct Reply {
    base::Error error;
    bool operator==(const Reply&) const = default;
};
struct All {
    using Response = Reply;
    uint64_t word;
    int32_t number;
    Colour colour;
    base::CoreId core;
    String<48> name;
    std::array<uint8_t, 11> raw;
    Range range;
    Bytes<9> bytes;
    bool flag;
    std::array<Range, 2> ranges;
    bool operator==(const All&) const = default;
};
struct Long {
    Bytes<3000> bytes;
};
using Example = Protocol<All, Reply, Empty, Long>;

static_assert(Example::opcode<All> == 1 && Example::opcode<Reply> == 2 && Example::opcode<Long> == 4);
static_assert(Example::is_response<Reply> && !Example::is_response<All> && !Example::is_response<Empty>);
static_assert(Example::is_response_opcode(2) && !Example::is_response_opcode(1) && !Example::is_response_opcode(0));
static_assert(Example::max_lines == 54);
static_assert(!Example::contains<Range>);

All example() {
    All all{~uint64_t{0}, -5, Colour::blue, base::CoreId{3}, "a name of some length", {1, 2, 3}, {}, {}, true, {}};
    all.range = {base::PhysAddr{0x1000}, 0x2000};
    all.bytes.assign(std::array<uint8_t, 9>{9, 8, 7, 6, 5, 4, 3, 2, 1});
    all.ranges[1] = {base::PhysAddr{1}, 2};
    return all;
}

template <typename T>
std::vector<uint64_t> lines_of(const T& message) {
    std::vector<uint64_t> words(max_message_words);
    size_t used = Example::marshal(message, words);
    words.resize(used == 0 ? payload_words : (used + payload_words - 1) / payload_words * payload_words);
    return words;
}
}  // namespace

TEST_CASE("messages of every kind of field come out as they went in", "[urpc]") {
    auto words = lines_of(example());
    auto back = Example::unmarshal<All>(words);
    REQUIRE(back.ok());
    REQUIRE(back.value() == example());
    REQUIRE(back->name.view() == "a name of some length");
    REQUIRE(words[1] == static_cast<uint64_t>(int64_t{-5}));
    REQUIRE(words[4] == 21);
    REQUIRE(words[5] == 0x6f20656d616e2061);  // "a name o", little-endian

    Long big{};
    for (size_t i = 0; i < 3000; ++i) big.bytes.data[i] = static_cast<uint8_t>(i * 7);
    for (uint32_t length : {0, 1, 7, 8, 9, 48, 49, 2999, 3000}) {
        big.bytes.length = length;
        auto lines = lines_of(big);
        REQUIRE(lines.size() == (1 + (length + 7) / 8 + 6) / 7 * 7);  // only what is in use travels
        auto copy = Example::unmarshal<Long>(lines);
        REQUIRE(copy.ok());
        REQUIRE(copy->bytes.length == length);
        REQUIRE(std::equal(big.bytes.data, big.bytes.data + length, copy->bytes.data));
    }
    REQUIRE(Example::unmarshal<Empty>(lines_of(Empty{})).ok());
}

TEST_CASE("what does not fit a field is refused", "[urpc]") {
    auto words = lines_of(example());
    auto refused = [&](size_t index, uint64_t value) {
        auto changed = words;
        changed[index] = value;
        return Example::unmarshal<All>(changed).error() == base::Error::corrupt;
    };
    CHECK(refused(1, 0x80000000));  // int32_t
    CHECK(refused(2, static_cast<uint64_t>(Colour::count_)));
    CHECK(refused(2, 0x10000));            // the enum's own width
    CHECK(refused(3, uint64_t{1} << 32));  // CoreId
    CHECK(refused(4, 49));                 // longer than the string can be
    CHECK(refused(4, ~uint64_t{0}));
    CHECK(refused(12, 10));  // longer than the bytes can be
    CHECK(refused(15, 2));   // bool
    CHECK(!refused(0, 77));
    SECTION("and so is a message of another length") {
        auto longer = words;
        longer.resize(words.size() + payload_words);
        CHECK(!Example::unmarshal<All>(longer).ok());
        longer.resize(words.size() - payload_words);
        CHECK(!Example::unmarshal<All>(longer).ok());
        CHECK(!Example::unmarshal<Empty>(words).ok());
    }
}

TEST_CASE("strings hold what fits", "[urpc]") {
    auto cut = String<4>::cut("abcdef");
    REQUIRE(cut.view() == "abcd");
    REQUIRE(cut == String<4>("abcd"));
    REQUIRE(!(cut == String<4>("abc")));
    REQUIRE(String<4>().view().empty());
    static_assert(!std::is_constructible_v<String<4>, const char(&)[6]>);  // a literal too long does not compile
    Bytes<2> bytes;
    REQUIRE(!bytes.assign(std::array<uint8_t, 3>{1, 2, 3}));
    REQUIRE(bytes.size() == 2);
}

TEST_CASE("dispatch finds the handler by opcode", "[urpc]") {
    struct Handler {
        int called = 0;
        void operator()(const All&) { called = 1; }
        base::Status operator()(const Reply&) { return called = 2, base::Error::busy; }
        void operator()(const Empty&) { called = 3; }
        void operator()(const Long&) { called = 4; }
    } handler;
    auto words = lines_of(example());
    REQUIRE(Example::dispatch({.opcode = 1, .words = words}, handler).ok());
    REQUIRE(handler.called == 1);
    auto reply = lines_of(Reply{base::Error::full});
    REQUIRE(Example::dispatch({.opcode = 2, .words = reply}, handler).error() == base::Error::busy);
    REQUIRE(handler.called == 2);
    handler.called = 0;
    for (int code : {0, 5, 255}) {
        REQUIRE(Example::dispatch({.opcode = static_cast<uint8_t>(code), .words = words}, handler).error() ==
                base::Error::corrupt);
    }
    REQUIRE(!Example::dispatch({.opcode = 3, .words = words}, handler).ok());
    REQUIRE(handler.called == 0);
}

namespace one {
struct M {
    uint32_t a;
};
}  // namespace one
namespace two {
struct M {
    uint64_t a;
};
struct N {
    uint64_t a;
};
}  // namespace two
namespace three {
struct M {
    int32_t a;
};
}  // namespace three
namespace four {
struct M {
    String<8> a;
};
struct Same {
    uint32_t a;
};
}  // namespace four
namespace five {
struct M {
    String<16> a;
};
}  // namespace five

TEST_CASE("the hash tells protocols apart by names, shapes and order", "[urpc]") {
    uint64_t hashes[] = {Protocol<one::M>::hash,         Protocol<two::M>::hash,         Protocol<two::N>::hash,
                         Protocol<three::M>::hash,       Protocol<four::M>::hash,        Protocol<five::M>::hash,
                         Protocol<two::M, two::N>::hash, Protocol<two::N, two::M>::hash, Protocol<four::Same>::hash};
    for (auto& a : hashes) {
        REQUIRE(a != 0);
        for (auto& b : hashes) REQUIRE((&a == &b || a != b));
    }
    // The shape alone: a message whose name stays but whose field changes.
    Hash narrow, wide, text, longer;
    Field<one::M>::describe(narrow);
    Field<two::M>::describe(wide);
    Field<four::M>::describe(text);
    Field<five::M>::describe(longer);
    REQUIRE((narrow.value != wide.value && text.value != longer.value && wide.value != text.value));
}
