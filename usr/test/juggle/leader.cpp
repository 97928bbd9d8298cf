#include "usr/test/juggle/leader.hpp"

#include "usr/test/juggle/hand.hpp"

namespace skerry::usr::test::juggle {

namespace monitor = urpc::monitor;

namespace {

Books books_of(const monitor::Sharing& sharing) {
    return {sharing.exported, sharing.holders, sharing.imported};
}

}  // namespace

Status Leader::start() {
    base::Buffer<32> prefix;
    prefix << "juggle." << session_.loop.program().core() << '.' << base::counter_of(session_.loop.program().domain());
    for (uint32_t i = 0; i < hands_; ++i) {
        base::Buffer<64> arguments;
        arguments << "hand" << '\0' << prefix.view() << '\0' << i << '\0';
        monitor::Spawn spawn{base::CoreId{i}, monitor::Name::cut("juggle"), {}, 0};
        for (char c : arguments.view()) spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
        domains_[i] = SKERRY_TRY(session_.monitor.ask(spawn)).domain;
    }
    for (uint32_t i = 0; i < hands_; ++i) {
        peers_[i].emplace(session_);
        SKERRY_CHECK(peers_[i]->bind(ServiceName(prefix.view(), i).view(), patience));
    }
    // One after the other: a program has room for five capabilities that it has not taken yet, and each bind brings two.
    for (uint32_t i = 0; i < hands_; ++i) {
        SKERRY_CHECK(peers_[i]->send(Meet{hands_}));
        Looked looked{};
        while (!looked.met) looked = SKERRY_TRY(peers_[i]->call(Look{}));
        model_.set_block(i, looked.place[block_place].base);
        before_[i] = books_of(SKERRY_TRY(session_.monitor.ask(monitor::CountSharing{base::CoreId{i}})));
    }
    return {};
}

// How the hands that are no more have ended.
void Leader::tell_ends() {
    for (uint32_t i = 0; i < hands_; ++i) {
        if (!peers_[i] || peers_[i]->open() || domains_[i].value == 0) continue;
        auto ended = session_.monitor.ask(monitor::AwaitEnd{domains_[i]});
        if (!ended.ok()) continue;
        text_ << "hand " << i << " ended with status " << ended->status << ' '
              << std::string_view{ended->reason.data, ended->reason.length};
    }
}

Status Leader::stop() {
    for (uint32_t i = 0; i < hands_; ++i) SKERRY_CHECK(peers_[i]->call(End{}));
    for (auto& peer : peers_) peer.reset();
    for (uint32_t i = 0; i < hands_; ++i) {
        auto ended = SKERRY_TRY(session_.monitor.ask(monitor::AwaitEnd{domains_[i]}));
        if (ended.status != 0) {
            text_ << "hand " << i << " ended with status " << ended.status << ' '
                  << std::string_view{ended.reason.data, ended.reason.length};
            return Error::closed;
        }
    }
    Model none(hands_);
    const Model* wanted[] = {&none};
    return wait_for_books(wanted);
}

Status Leader::run(uint32_t steps) {
    for (uint32_t i = 0; i < steps; ++i) {
        bool pair = hands_ > 1 && below(2) == 0;
        SKERRY_CHECK(pair ? two() : one());
        ++done_;
    }
    return {};
}

void Leader::begin(Step& step) {
    session_.loop.start(peers_[step.operation.hand]->caller(), Do{step.operation}, step.pending);
}
void Leader::wait(Step& step) {
    (void)session_.loop.program().dispatcher.wait_until([&] { return step.pending.done; }).ok();
}

Status Leader::play(std::span<const Turn> turns) {
    for (size_t i = 0; i < turns.size(); ++i) {
        bool pair = i + 1 < turns.size() && turns[i + 1].beside;
        SKERRY_CHECK(pair ? at_once(turns[i].operation, turns[i + 1].operation) : alone(turns[i].operation));
        i += pair;
        ++done_;
    }
    return {};
}

Status Leader::one() {
    Operation operation = choose(static_cast<uint32_t>(below(hands_)));
    if (operation.kind == Kind::give && hands_ == 1) return {};
    return alone(operation);
}

Status Leader::alone(const Operation& operation) {
    Step step{operation};
    begin(step);
    wait(step);
    if (!step.pending.result.ok())
        return differs("no answer", step.operation, step.pending.result.error(), Error::none);
    Done done = step.pending.result.value();
    const Model before = model_;
    Error wanted = model_.apply(step.operation, done.base);
    bool answered = done.error == wanted;
    const Model* models[] = {&model_};
    if (answered && wait_for_books(models).ok() && hands_are(model_)) return {};
    (void)differs(answered ? "it left something else" : "answered", step.operation, done.error, wanted).ok();
    tell_places(before);
    return Error::corrupt;
}

Status Leader::two() {
    uint32_t hand = static_cast<uint32_t>(below(hands_));
    Operation first = choose(hand);
    // Often by one hand, which goes on to the second while the first waits for its monitor. Not while it has given its
    // block back and has no other yet: that is the hand's own doing, and in neither order.
    bool renews = first.kind == Kind::renew;
    bool same = below(3) == 0 && !renews;
    uint32_t other = same ? hand : static_cast<uint32_t>((hand + 1 + below(hands_ - 1)) % hands_);
    return at_once(first, choose_beside(first, other));
}

Status Leader::at_once(const Operation& first, const Operation& second) {
    std::array<Step, 2> step{Step{first}, Step{second}};
    return together(step, false);
}

// Both begun before either has ended: what came of it must be what one of the two orders brings. Monitors let go of what nobody
// holds any more a while after the last capability went, so of what the first leaves before the second or, if that has brought
// something back in time that it lies around, not at all: each order comes in both ways.
Status Leader::together(std::array<Step, 2>& step, bool says_order) {
    for (Step& each : step) begin(each);
    for (Step& each : step) wait(each);
    std::array<const Model*, 4> fits{};
    for (uint32_t way = 0; way < after_.size(); ++way) {
        after_[way] = model_;
        bool fit = true;
        for (uint32_t i = 0; i < 2; ++i) {
            Step& each = step[i ^ (way & 1)];
            auto& result = each.pending.result;
            if (!result.ok()) return differs("no answer", each.operation, result.error(), Error::none);
            Error wanted = after_[way].apply(each.operation, result->base, i == 1 || way < 2);
            // Which of several reasons there is to refuse it may be another one. What came and went may have been given
            // before the other, or refused after it: what is left says which.
            bool either = each.operation.kind == Kind::give && result->error == came_and_went;
            fit = fit && (either || (result->error == Error::none) == (wanted == Error::none));
        }
        if (fit) fits[way] = &after_[way];
    }
    Status books = wait_for_books(fits);
    bool answered = false;
    uint32_t orders = 0;
    for (uint32_t way = 0; way < fits.size(); ++way) {
        const Model* fit = fits[way];
        answered = answered || fit != nullptr;
        if (fit == nullptr || !books.ok() || !books_are(*fit) || !hands_are(*fit)) continue;
        if (orders == 0) model_ = *fit;
        orders |= 1u << (way & 1);
        if (!says_order) break;
    }
    constexpr std::string_view which[] = {"", "one, other", "other, one", "either order"};
    if (says_order) text_ << which[orders];
    if (orders != 0) return {};
    (void)differs("at once", step[0].operation, step[0].pending.result->error, Error::none).ok();
    (void)differs(answered ? "left" : "answered", step[1].operation, step[1].pending.result->error, Error::none).ok();
    tell_places(model_);
    return Error::corrupt;
}

Status Leader::kill() {
    for (uint32_t i = 0; i < hands_; ++i) SKERRY_CHECK(session_.monitor.ask(monitor::Kill{domains_[i]}));
    for (auto& peer : peers_) peer.reset();
    for (uint32_t i = 0; i < hands_; ++i) SKERRY_CHECK(session_.monitor.ask(monitor::AwaitEnd{domains_[i]}));
    Model none(hands_);
    const Model* wanted[] = {&none};
    return wait_for_books(wanted);
}

Status Leader::read_books() {
    for (uint32_t i = 0; i < hands_; ++i)
        books_[i] = books_of(SKERRY_TRY(session_.monitor.ask(monitor::CountSharing{base::CoreId{i}})));
    return {};
}

Books Leader::wanted_books(const Model& wanted, uint32_t hand) const {
    Books more = wanted.books(hand);
    const Books& before = before_[hand];
    return {before.exported + more.exported, before.holders + more.holders, before.imported + more.imported};
}

// As they were read last.
bool Leader::books_are(const Model& wanted) const {
    for (uint32_t i = 0; i < hands_; ++i) {
        if (!(books_[i] == wanted_books(wanted, i))) return false;
    }
    return true;
}

// Whoever has nothing left is released a while later: so at rest, and soon, the books are exact. Null: not that one.
Status Leader::wait_for_books(std::span<const Model* const> any) {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    uint64_t deadline = dispatcher.now() + patience;
    for (uint64_t pause = 0;; pause = 1'000'000) {
        SKERRY_CHECK(read_books());
        for (const Model* wanted : any) {
            if (wanted != nullptr && books_are(*wanted)) return {};
        }
        if (dispatcher.now() > deadline) break;
        if (pause != 0) dispatcher.sleep_until(dispatcher.now() + pause);
    }
    for (uint32_t i = 0; i < hands_; ++i) {
        text_ << "books of " << i << ": " << books_[i].exported << '/' << books_[i].holders << '/'
              << books_[i].imported;
        for (const Model* model : any) {
            if (model == nullptr) continue;
            Books wanted = wanted_books(*model, i);
            text_ << " wanted " << wanted.exported << '/' << wanted.holders << '/' << wanted.imported;
        }
        text_ << ". ";
    }
    return Error::timed_out;
}

// What each hand holds: place, type, offset in the owner's block if it lies there, size.

bool Leader::hands_are(const Model& wanted) {
    for (uint32_t i = 0; i < hands_; ++i) {
        auto looked = peers_[i]->call(Look{});
        if (!looked.ok() || !wanted.equals(i, *looked)) return false;
    }
    return true;
}

}  // namespace skerry::usr::test::juggle
