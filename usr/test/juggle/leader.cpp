#include "usr/test/juggle/leader.hpp"

#include "usr/test/juggle/hand.hpp"

namespace skerry::usr::test::juggle {

namespace monitor = urpc::monitor;

namespace {

const char* name_of(Kind kind) {
    constexpr const char* names[] = {"copy",   "mint", "move",  "remove", "retype",
                                     "revoke", "map",  "unmap", "give",   "renew"};
    return names[static_cast<size_t>(kind)];
}

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
    return wait_for_books(nullptr, nullptr);
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

Status Leader::differs(std::string_view what, const Operation& o, Error found, Error wanted) {
    text_ << "step " << done_ << ": " << what << ": " << name_of(o.kind) << " by " << o.hand << " from " << o.from
          << " to " << o.to << " of " << o.receiver << " rights " << o.rights << " type " << o.type << " offset "
          << o.offset << " size " << o.size << ": " << base::text(found) << ", wanted " << base::text(wanted) << ". ";
    return Error::corrupt;
}

Status Leader::one() {
    Step step;
    step.operation = choose(static_cast<uint32_t>(below(hands_)));
    if (step.operation.kind == Kind::give && hands_ == 1) return {};
    begin(step);
    wait(step);
    if (!step.pending.result.ok())
        return differs("no answer", step.operation, step.pending.result.error(), Error::none);
    Done done = step.pending.result.value();
    Error wanted = model_.apply(step.operation, done.base);
    if (done.error != wanted) return differs("answered", step.operation, done.error, wanted);
    if (wait_for_books(&model_, nullptr).ok() && hands_are(model_)) return {};
    return differs("it left something else", step.operation, done.error, wanted);
}

// Both begun before either has ended: what came of it must be what one of the two orders brings.
Status Leader::two() {
    std::array<Step, 2> step;
    uint32_t first = static_cast<uint32_t>(below(hands_));
    step[0].operation = choose(first);
    // Often by one hand, which goes on to the second while the first waits for its monitor. Not while it has given its
    // block back and has no other yet: that is the hand's own doing, and in neither order.
    bool renews = step[0].operation.kind == Kind::renew;
    bool same = below(3) == 0 && !renews;
    uint32_t second = same ? first : static_cast<uint32_t>((first + 1 + below(hands_ - 1)) % hands_);
    step[1].operation = choose_beside(step[0].operation, second);
    for (Step& each : step) begin(each);
    for (Step& each : step) wait(each);
    std::array<Model, 2> models{model_, model_};
    std::array<bool, 2> fits{true, true};
    for (uint32_t order = 0; order < 2; ++order) {
        for (uint32_t i = 0; i < 2; ++i) {
            Step& each = step[i ^ order];
            auto& result = each.pending.result;
            if (!result.ok()) return differs("no answer", each.operation, result.error(), Error::none);
            Error wanted = models[order].apply(each.operation, result->base);
            // Which of several reasons there is to refuse it may be another one. What came and went may have been given
            // before the other, or refused after it: what is left says which.
            bool either = each.operation.kind == Kind::give && result->error == came_and_went;
            fits[order] = fits[order] && (either || (result->error == Error::none) == (wanted == Error::none));
        }
    }
    Status books = wait_for_books(fits[0] ? &models[0] : nullptr, fits[1] ? &models[1] : nullptr);
    for (uint32_t order = 0; order < 2; ++order) {
        if (!fits[order] || !books.ok() || !books_are(models[order]) || !hands_are(models[order])) continue;
        model_ = models[order];
        return {};
    }
    (void)differs("at once", step[0].operation, step[0].pending.result->error, Error::none).ok();
    return differs(fits[0] || fits[1] ? "left" : "answered", step[1].operation, step[1].pending.result->error,
                   Error::none);
}

Status Leader::kill() {
    for (uint32_t i = 0; i < hands_; ++i) SKERRY_CHECK(session_.monitor.ask(monitor::Kill{domains_[i]}));
    for (auto& peer : peers_) peer.reset();
    for (uint32_t i = 0; i < hands_; ++i) SKERRY_CHECK(session_.monitor.ask(monitor::AwaitEnd{domains_[i]}));
    return wait_for_books(nullptr, nullptr);
}

bool Leader::books_are(const Model& wanted) {
    for (uint32_t i = 0; i < hands_; ++i) {
        auto now = session_.monitor.ask(monitor::CountSharing{base::CoreId{i}});
        if (!now.ok()) return false;
        Books more = wanted.books(i);
        Books sum{before_[i].exported + more.exported, before_[i].holders + more.holders,
                  before_[i].imported + more.imported};
        if (!(books_of(*now) == sum)) return false;
    }
    return true;
}

// Whoever has nothing left is released a while later: so at rest, and soon, the books are exact.
Status Leader::wait_for_books(const Model* one, const Model* other) {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    uint64_t deadline = dispatcher.now() + patience;
    for (uint64_t pause = 0;; pause = 1'000'000) {
        if (one == nullptr && other == nullptr) {
            Model none(hands_);
            if (books_are(none)) return {};
        }
        if ((one != nullptr && books_are(*one)) || (other != nullptr && books_are(*other))) return {};
        if (dispatcher.now() > deadline) break;
        if (pause != 0) dispatcher.sleep_until(dispatcher.now() + pause);
    }
    for (uint32_t i = 0; i < hands_; ++i) {
        auto now = session_.monitor.ask(monitor::CountSharing{base::CoreId{i}});
        if (!now.ok()) return now.error();
        text_ << "books of " << i << ": " << now->exported << '/' << now->holders << '/' << now->imported;
        if (one != nullptr) {
            Books wanted = one->books(i);
            text_ << " wanted " << wanted.exported << '/' << wanted.holders << '/' << wanted.imported;
        }
        text_ << ". ";
    }
    return Error::timed_out;
}

bool Leader::hands_are(const Model& wanted) {
    for (uint32_t i = 0; i < hands_; ++i) {
        auto looked = peers_[i]->call(Look{});
        if (!looked.ok() || !wanted.equals(i, *looked)) return false;
    }
    return true;
}

}  // namespace skerry::usr::test::juggle
