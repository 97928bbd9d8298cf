#include "usr/prices/exchange.hpp"

#include "platform/user/context.hpp"
#include "urpc/channel.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::usr::prices {

using base::Error;
using base::Result;
using base::Status;

namespace {

constexpr uint64_t over = ~uint64_t{0};
// The first ones bring lines and code into the caches.
constexpr uint32_t warm_up = 4, least_rounds = 5;

// One side of two bare rings: what lines themselves cost. Who is on the other side may be gone for good.
class Side {
  public:
    Side(const urpc::ChannelLayout& layout, uint64_t deadline)
        : writer_(layout.our_ring, layout.lines), reader_(layout.peer_ring, layout.lines), deadline_(deadline) {}

    // One line, all of whose words are used. Who polls it needs no barrier, and groups send it none: with one we would count our
    // wait for each line as work. Error::full: no credit.
    Status send(uint64_t word) {
        urpc::Header header{.acknowledged = reader_.consumed() & urpc::Header::count_mask, .opcode = 1};
        urpc::Payload words;
        words.fill(word);
        return writer_.try_send(header, words, std::memory_order_release);
    }
    // Waits for the next line; its first word.
    Result<uint64_t> receive() {
        constexpr uint32_t looks = 1024;  // from one look at the clock to the next
        urpc::Payload words;
        for (uint32_t look = 1;; ++look) {
            auto header = reader_.take(words);
            if (header.ok()) {
                SKERRY_CHECK(writer_.acknowledge_modulo(header->acknowledged));
                return words[0];
            }
            if (header.error() != Error::again) return header.error();
            if (look % looks == 0 && runtime::program().dispatcher.now() >= deadline_) return Error::timed_out;
            platform::pause();
        }
    }

  private:
    urpc::RingWriter writer_;
    urpc::RingReader reader_;
    uint64_t deadline_;
};

// One line, and its answer: ticks.
Result<uint64_t> round_trip(Side& side, uint64_t word) {
    uint64_t before = platform::read_cycle_counter();
    SKERRY_CHECK(side.send(word));
    uint64_t back = SKERRY_TRY(side.receive());
    if (back != word) return Error::corrupt;
    return platform::read_cycle_counter() - before;
}

// Many lines at once, and their answers when `after` ticks all of them are there: what we have to do for them ourselves.
Result<uint64_t> own_work(Side& side, uint64_t word, uint64_t after) {
    uint64_t before = platform::read_cycle_counter();
    for (uint32_t i = 0; i < in_flight; ++i) SKERRY_CHECK(side.send(word + i));
    uint64_t sent = platform::read_cycle_counter();
    while (platform::read_cycle_counter() - before < after) platform::pause();
    uint64_t begun = platform::read_cycle_counter();
    for (uint32_t i = 0; i < in_flight; ++i) {
        uint64_t back = SKERRY_TRY(side.receive());
        if (back != word + i) return Error::corrupt;
    }
    return sent - before + (platform::read_cycle_counter() - begun);
}

// -> the median of what `once(number)` takes.
template <typename Once>
Result<uint64_t> rounds(uint64_t enough, Once&& once) {
    runtime::Dispatcher& dispatcher = runtime::program().dispatcher;
    Series series;
    for (uint32_t i = 0; i < warm_up; ++i) (void)SKERRY_TRY(once(i));
    while (!series.full() && !series.steady() && (series.size() < least_rounds || dispatcher.now() < enough)) {
        uint64_t ticks = SKERRY_TRY(once(series.size()));
        series.add(ticks);
    }
    return series.median();
}

}  // namespace

Status answer(const Pages& pages, uint64_t deadline) {
    Side side(SKERRY_TRY(urpc::ChannelLayout::of_halves(pages.other, pages.own, page_bytes)), deadline);
    for (;;) {
        uint64_t word = SKERRY_TRY(side.receive());
        SKERRY_CHECK(side.send(word));
        if (word == over) return {};
    }
}

Result<Price> measure(const Pages& pages, uint64_t enough, uint64_t deadline) {
    Side side(SKERRY_TRY(urpc::ChannelLayout::of_halves(pages.other, pages.own, page_bytes)), deadline);
    uint64_t one = SKERRY_TRY(rounds(enough, [&](uint64_t word) { return round_trip(side, word); }));
    // The other side has a line and sends it back sooner than a round trip takes.
    uint64_t after = in_flight / 2 * one;
    uint64_t own = SKERRY_TRY(rounds(enough, [&](uint64_t word) { return own_work(side, word, after); }));
    (void)SKERRY_TRY(round_trip(side, over));
    return price_of(one, own, in_flight);
}

}  // namespace skerry::usr::prices
