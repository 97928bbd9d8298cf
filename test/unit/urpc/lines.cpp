// In steady state a message costs one line written and one line read.
#include <catch2/catch.hpp>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;

namespace {
// Fills every line of the frame but `keep` and the status lines' state words with what no reader would
// accept.
template <size_t Bytes>
void poison_all_but(Frame<Bytes>& frame, size_t keep) {
    for (size_t i = 0; i < frame.line_count; ++i) {
        if (i == keep) continue;
        bool status = i == 0 || i == frame.line_count / 2;
        std::memset(frame.memory + i * line_size + (status ? 8 : 0), 0x5a, line_size - (status ? 8 : 0));
    }
}
}  // namespace

TEST_CASE("a message writes one line and reads one", "[urpc]") {
    Pair<> pair;
    size_t written = 0, messages = 0;
    auto hop = [&](Channel& from, Channel& to) {
        auto before = pair.frame.snapshot();
        uint64_t word = ++messages;
        REQUIRE(from.try_send(1, static_cast<uint16_t>(messages), {&word, 1}).ok());
        auto changed = pair.frame.changed_lines(before);
        REQUIRE(changed.size() == 1);
        written += changed.size();
        // The receiver depends on that line alone, and changes none.
        auto sent = pair.frame.snapshot();
        poison_all_but(pair.frame, changed[0]);
        auto poisoned = pair.frame.snapshot();
        auto message = to.receive();
        REQUIRE(message.ok());
        REQUIRE(message->words[0] == word);
        REQUIRE(pair.frame.changed_lines(poisoned).empty());
        pair.frame.restore(sent);
    };
    for (int round = 0; round < 1000; ++round) {
        hop(pair.a, pair.b);
        hop(pair.b, pair.a);
    }
    REQUIRE(written == messages);
    for (Channel* side : {&pair.a, &pair.b}) {
        REQUIRE(side->lines_sent() == messages / 2);
        REQUIRE(side->lines_received() == messages / 2);
        REQUIRE(side->counts().status_reads == 0);
        REQUIRE(side->counts().acknowledgements == 0);
        REQUIRE(side->counts().pokes == 0);
    }
}
