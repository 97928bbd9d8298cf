#include "usr/prices/worker.hpp"

#include <cstring>

#include "platform/user/address.hpp"
#include "usr/console/port.hpp"
#include "usr/prices/exchange.hpp"

namespace skerry::usr::prices {

namespace {

constexpr uint64_t patience = 20'000'000'000;  // ns, for a pair
constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;

struct Handler {
    explicit Handler(runtime::Program& program) : self(program), worker(program) {}

    Result<Lent> operator()(const Lend&) {
        auto page = SKERRY_TRY(worker.lend());
        return Lent{urpc::Capability::copy_of(page.word)};
    }
    Result<Taken> operator()(const Take& request) {
        SKERRY_CHECK(worker.take(runtime::Owned(runtime::CapRef{request.page.slot}, self.slots)));
        return Taken{};
    }
    Result<Begun> operator()(const Work& request) {
        SKERRY_CHECK(worker.prepare());
        part = request.part;
        time = request.time;
        return Begun{};
    }
    Result<Outcome> operator()(const Report&) { return outcome; }

    runtime::Program& self;
    Worker worker;
    Part part = Part::none;  // to be done as soon as the answer is on its way
    uint64_t time = 0;
    Outcome outcome{Error::not_found, {}};
};

struct Partner {
    explicit Partner(runtime::Program& program) : handler(program), port(program, handler) {}
    Handler handler;
    console::Port<Protocol, Handler, 3> port;  // who comes again may come before it has quite gone
    console::Pending<urpc::monitor::Ended> leader;
};

}  // namespace

Worker::~Worker() {
    let_go();
    if (own_address_ == 0) return;
    (void)self_.space().unmap(own_address_, page_bytes).ok();
    self_.ram().destroy(own_);
}

Result<runtime::CapRef> Worker::lend() {
    if (own_address_ != 0) return own_.cap;
    runtime::Object page = SKERRY_TRY(self_.ram().make_frame(page_bytes));
    auto address = self_.space().map_anywhere(page.cap, 0, page_bytes, read_write);
    if (!address.ok()) {
        self_.ram().destroy(page);
        return address.error();
    }
    own_ = page;
    own_address_ = *address;
    return own_.cap;
}

void Worker::let_go() {
    if (other_address_ != 0) (void)self_.space().unmap(other_address_, page_bytes).ok();
    other_address_ = 0;
    other_.reset();
}

Status Worker::take(runtime::Owned page) {
    if (!page) return Error::no_capability;
    let_go();
    other_address_ = SKERRY_TRY(self_.space().map_anywhere(page.ref(), 0, page_bytes, read_write));
    other_ = std::move(page);
    return {};
}

Status Worker::prepare() {
    if (own_address_ == 0 || other_address_ == 0) return Error::not_found;
    std::memset(platform::at<void>(own_address_), 0, page_bytes);
    return {};
}

Outcome Worker::work(Part part, uint64_t time) {
    SKERRY_ASSERT(own_address_ != 0 && other_address_ != 0);
    Pages pages{platform::at<const std::byte>(own_address_), platform::at<std::byte>(other_address_)};
    uint64_t now = self_.dispatcher.now(), deadline = now + patience;
    if (part == Part::answer) return {answer(pages, deadline).error(), {}};
    auto price = measure(pages, now + time, deadline);
    return {price.error(), price.ok() ? *price : Price{}};
}

int serve_leader(runtime::Program& self, std::string_view name) {
    Partner& partner = *new (platform::static_storage<Partner>()) Partner(self);
    Handler& handler = partner.handler;
    if (!partner.port.open(name).ok()) return 1;
    partner.port.monitor().ask_later(urpc::monitor::AwaitEnd{base::DomainId{self.start->parent}}, partner.leader);
    for (;;) {
        auto told = [&] { return handler.part != Part::none || partner.leader.done; };
        if (!partner.port.serve(told).ok() || partner.leader.done) return 0;
        handler.outcome = handler.worker.work(std::exchange(handler.part, Part::none), handler.time);
    }
}

}  // namespace skerry::usr::prices
