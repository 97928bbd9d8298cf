#include "usr/records/service.hpp"

#include <algorithm>

namespace skerry::usr::records {

Service::Service(runtime::Program& self) : port_(self, *this, &pool_.pool()), changed_(port_.loop().set().ready()) {}

Status Service::serve() {
    SKERRY_CHECK(port_.open(protocol::service_name));
    for (;;) {
        uint64_t deadline = first_deadline();
        Status served = port_.serve([&] { return first_deadline() < deadline; }, deadline == never ? 0 : deadline);
        if (served.ok()) continue;  // somebody has less patience
        if (served.error() != Error::timed_out) return served;
        changed();
    }
}

uint64_t Service::first_deadline() {
    uint64_t first = never;
    for (Patience* one = patient_.front(); one != nullptr; one = patient_.next(*one)) {
        first = std::min(first, one->deadline_);
    }
    return first;
}

Service::Patience::Patience(Service& service, uint64_t ns) : service_(service), deadline_(never) {
    uint64_t now = service.now();
    if (ns == 0 || ns > never - now) return;
    deadline_ = now + ns;
    service.patient_.push_back(*this);
}

Service::Patience::~Patience() {
    if (deadline_ != never) service_.patient_.remove(*this);
}

namespace {

protocol::Found found(const Record& record) {
    base::Buffer<600> text;
    record.write(text);
    return {protocol::FullText::cut(text.view())};
}

}  // namespace

Error Service::accept(const urpc::monitor::Incoming& who) {
    for (Client* client = clients_.front(); client != nullptr; client = clients_.next(*client)) {
        if (client->domain_ == who.client && !client->closed_) return Error::refused;
    }
    return Error::none;
}

Service::Client::Client(Service& service, const urpc::monitor::Incoming& who) : service_(service), domain_(who.client) {
    service.shelf_.add(share_);
    service.clients_.push_back(*this);
}

Service::Client::~Client() {
    service_.clients_.remove(*this);
}

// What it has goes at once, not when the last of its calls has given up.
void Service::Client::closing() {
    closed_ = true;
    service_.shelf_.clear(share_);
    service_.changed();
}

Result<protocol::Stored> Service::Client::operator()(const protocol::Set& request) {
    Record record = SKERRY_TRY(Record::parse(request.record.view()));
    SKERRY_CHECK(service_.shelf_.set(share_, record));
    return protocol::Stored{};
}

Result<protocol::Found> Service::Client::operator()(const protocol::Get& request) {
    Query query = SKERRY_TRY(Query::parse(request.query.view()));
    const Record* record = service_.shelf_.find(query, request.after.view());
    if (record == nullptr) return Error::not_found;
    return found(*record);
}

Result<protocol::Erased> Service::Client::operator()(const protocol::Erase& request) {
    Query query = SKERRY_TRY(Query::parse(request.query.view()));
    return protocol::Erased{service_.shelf_.erase(share_, query)};
}

Service::Work<protocol::Found> Service::Client::operator()(urpc::FramePool& pool, const protocol::Wait& request) {
    return wait(pool, *this, Query::parse(request.query.view()), request.gone, request.patience_ns);
}

Service::Work<protocol::Found> Service::Client::wait(urpc::FramePool&, Client& c, Result<Query> query, bool gone,
                                                     uint64_t patience_ns) {
    if (!query.ok()) co_return query.error();
    Patience patience(c.service_, patience_ns);
    for (;;) {
        if (c.closed_) co_return Error::closed;
        const Record* record = c.service_.shelf_.find(query.value());
        if (!gone && record != nullptr) co_return found(*record);
        if (gone && record == nullptr) co_return protocol::Found{};
        if (patience.over()) co_return Error::timed_out;
        auto change = c.service_.changed_.wait();
        co_await change;
    }
}

Result<protocol::Watching> Service::Client::operator()(const protocol::Watch& request) {
    Query query = SKERRY_TRY(Query::parse(request.query.view()));
    return protocol::Watching{SKERRY_TRY(service_.shelf_.watch(share_, query))};
}

Service::Work<protocol::Event> Service::Client::next_event(urpc::FramePool&, Client& c, protocol::NextEvent request) {
    uint32_t watch = request.watch;
    Patience patience(c.service_, request.patience_ns);
    for (;;) {
        if (c.closed_) co_return Error::closed;
        if (!c.service_.shelf_.watches(c.share_, watch)) co_return Error::not_found;
        auto event = c.service_.shelf_.take_event(c.share_, watch);
        if (event.ok()) {
            auto change = static_cast<protocol::Change>(event.value().change);
            co_return protocol::Event{change, event.value().missed, found(event.value().record).record};
        }
        if (patience.over()) co_return Error::timed_out;
        auto wait = c.service_.changed_.wait();
        co_await wait;
    }
}

Result<protocol::Unwatched> Service::Client::operator()(const protocol::Unwatch& request) {
    SKERRY_CHECK(service_.shelf_.unwatch(share_, request.watch));
    return protocol::Unwatched{};
}

Service::Work<protocol::Locked> Service::Client::lock(urpc::FramePool&, Client& c, protocol::Lock request) {
    auto name = Word::of(request.name.view());
    if (!name.ok()) co_return name.error();
    auto ticket = c.service_.shelf_.enter_lock(c.share_, name.value());
    if (!ticket.ok()) co_return ticket.error();
    Patience patience(c.service_, request.patience_ns);
    while (!c.service_.shelf_.has_lock(c.share_, ticket.value())) {
        // Gone with the channel, or given up by an Unlock that came while this waits.
        if (c.closed_ || !c.service_.shelf_.stands(c.share_, ticket.value())) co_return Error::closed;
        if (patience.over()) {
            (void)c.service_.shelf_.leave_lock(c.share_, name.value()).ok();  // those behind it move up
            co_return Error::timed_out;
        }
        auto wait = c.service_.changed_.wait();
        co_await wait;
    }
    co_return protocol::Locked{};
}

Result<protocol::Unlocked> Service::Client::operator()(const protocol::Unlock& request) {
    Word name = SKERRY_TRY(Word::of(request.name.view()));
    SKERRY_CHECK(service_.shelf_.leave_lock(share_, name));
    return protocol::Unlocked{};
}

Service::Work<protocol::Passed> Service::Client::barrier(urpc::FramePool&, Client& c, protocol::Barrier request) {
    auto name = Word::of(request.name.view());
    if (!name.ok()) co_return name.error();
    auto ticket = c.service_.shelf_.enter_barrier(c.share_, name.value(), request.parties);
    if (!ticket.ok()) co_return ticket.error();
    Patience patience(c.service_, request.patience_ns);
    while (!c.service_.shelf_.is_open(c.share_, ticket.value())) {
        if (c.closed_) co_return Error::closed;
        if (patience.over()) {
            c.service_.shelf_.leave_barrier(c.share_, ticket.value());
            co_return Error::timed_out;
        }
        auto wait = c.service_.changed_.wait();
        co_await wait;
    }
    c.service_.shelf_.leave_barrier(c.share_, ticket.value());
    co_return protocol::Passed{};
}

}  // namespace skerry::usr::records
