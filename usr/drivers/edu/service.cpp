#include "usr/drivers/edu/service.hpp"

namespace skerry::usr::edu {

namespace monitor = urpc::monitor;

Service::Service(runtime::Program& self)
    : self_(self), port_(self, *this), changed_(port_.loop().set().ready()), core_(self.core()), wanted_(core_) {}

Status Service::serve() {
    SKERRY_CHECK(port_.open(service_name));
    for (;;) {
        auto work = [&] { return driver_.value == 0 && (oldest(State::waits) || oldest(State::begun)); };
        SKERRY_CHECK(port_.serve(work));
        Status started = start_driver();
        if (!started.ok()) fail_all(started.error());
    }
}

Status Service::start_driver() {
    constexpr uint32_t deaths_most = 3;
    if (deaths_ == deaths_most) {
        deaths_ = 0;
        return Error::closed;
    }
    monitor::Spawn spawn{core_, monitor::Name::cut("edu"), {}, monitor::spawn_flags::background};
    for (char c : std::string_view("drive", 6))
        spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
    auto spawned = port_.monitor().ask(spawn);
    if (!spawned.ok() && core_ != self_.core()) {  // that core cannot have it: rather here than nowhere
        core_ = self_.core();
        spawn.core = core_;
        spawned = port_.monitor().ask(spawn);
    }
    if (!spawned.ok()) return spawned.error();
    driver_ = spawned->domain;
    told_.core = core_;
    return {};
}

Service::Job* Service::oldest(State state) {
    Job* first = nullptr;
    for (Job& job : jobs_) {
        if (job.state == state && (first == nullptr || job.number < first->number)) first = &job;
    }
    return first;
}

void Service::fail_all(Error error) {
    for (Job& job : jobs_) {
        if (job.state == State::waits || job.state == State::begun) job.state = State::ended, job.value = error;
    }
    changed_.wake_all();
}

Status Service::finish(const Done& done) {
    for (Job& job : jobs_) {
        if (job.state != State::begun || job.number != done.job) continue;
        job.state = State::ended;
        job.value = done.value;
        job.core = core_;
        (done.interrupted ? told_.interrupted : told_.found)++;
        told_.lost += done.lost;
        deaths_ = 0;
        changed_.wake_all();
        return {};
    }
    return Error::corrupt;  // no such job, or a second end of it
}

Service::Work<Computed> Service::Client::compute(urpc::FramePool&, Client& c, Compute request) {
    Service& s = c.service_;
    if (request.n > largest) co_return Error::out_of_range;
    Job* job = s.oldest(State::free);
    if (job == nullptr) co_return Error::full;
    *job = Job{.state = State::waits, .number = ++s.numbers_, .n = request.n, .value = Error::again, .core = {}};
    s.told_.asked++;
    s.changed_.wake_all();
    while (job->state != State::ended) {  // also for a client that is gone: the device is at it
        auto wait = s.changed_.wait();
        co_await wait;
    }
    Job ended = *job;
    job->state = State::free;
    if (!ended.value.ok()) co_return ended.value.error();
    co_return Computed{ended.value.value(), ended.core};
}

// One job at a time is the device's.
Service::Work<Order> Service::Client::fetch(urpc::FramePool&, Client& c) {
    Service& s = c.service_;
    if (!c.drives()) co_return Error::refused;
    for (;;) {
        if (c.closed_) co_return Error::closed;
        Job* begun = s.oldest(State::begun);
        bool first = !std::exchange(c.has_fetched_, true);
        if (begun != nullptr && first) co_return Order{Kind::compute, begun->number, begun->n, true};
        Job* next = begun == nullptr ? s.oldest(State::waits) : nullptr;
        if (s.leaves_ && !(s.one_more_ && next != nullptr)) co_return Order{Kind::leave, 0, 0, false};
        if (next != nullptr) {
            s.one_more_ = false;
            next->state = State::begun;
            co_return Order{Kind::compute, next->number, next->n, false};
        }
        auto wait = s.changed_.wait();
        co_await wait;
    }
}

Status Service::Client::operator()(const Elsewhere& wanted) {
    if (!drives()) return Error::refused;
    service_.wanted_ = wanted.core;
    service_.leaves_ = service_.one_more_ = true;
    service_.changed_.wake_all();
    return {};
}

Status Service::Client::operator()(const Left& left) {
    if (!drives()) return Error::refused;
    Service& s = service_;
    s.told_.messages += left.messages;
    s.told_.empty += left.empty;
    s.told_.moves++;
    s.core_ = s.wanted_;
    s.leaves_ = false;
    s.driver_ = {};
    return {};
}

Status Service::Client::operator()(const Failed& failed) {
    if (!drives()) return Error::refused;
    service_.driver_ = {};
    service_.leaves_ = false;
    service_.fail_all(failed.error);
    return {};
}

void Service::Client::closing() {
    closed_ = true;
    if (drives()) {  // without a word: what it had begun goes to the next one
        service_.driver_ = {};
        service_.leaves_ = false;
        service_.deaths_++;
    }
    service_.changed_.wake_all();
}

}  // namespace skerry::usr::edu
