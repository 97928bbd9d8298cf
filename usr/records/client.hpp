// A program's side of the service `records`, which is started when it is first wanted.
//
//   Records records(session);
//   SKERRY_CHECK(records.open());
//   SKERRY_CHECK(records.set("worker.3 { core: 3 }"));
//   SKERRY_CHECK(records.barrier("all here", 4));
#pragma once

#include "urpc/protocols/records.hpp"
#include "usr/console/bound.hpp"

namespace skerry::usr::records {

namespace protocol = urpc::records;
using base::Error;
using base::Result;
using base::Status;

class Records {
  public:
    explicit Records(console::Session& session) : session_(session), service_(session) {}

    // Errors: those of Spawn and of a bind.
    Status open() {
        Status bound = service_.bind(protocol::service_name, 0);
        if (bound.error() != Error::timed_out) return bound;
        namespace monitor = urpc::monitor;
        monitor::Spawn spawn{session_.loop.program().core(),
                             monitor::Name::cut(protocol::service_name),
                             {},
                             monitor::spawn_flags::background};
        SKERRY_CHECK(session_.monitor.ask(spawn));
        constexpr uint64_t patience = 5'000'000'000;  // ns
        return service_.bind(protocol::service_name, patience);
    }

    // Errors of all: those of urpc/protocols/records.hpp, and invalid_argument for a text that is too long.
    Status set(std::string_view record) { return ask(&protocol::Set::record, record); }
    Result<protocol::Found> get(std::string_view query, std::string_view after = {}) {
        protocol::Get request{};
        if (!assign(request.query, query) || !assign(request.after, after)) return Error::invalid_argument;
        return service_.call(request);
    }
    Result<uint32_t> erase(std::string_view query) {
        protocol::Erase request{};
        if (!assign(request.query, query)) return Error::invalid_argument;
        auto erased = SKERRY_TRY(service_.call(request));
        return erased.count;
    }
    // `patience` of all that wait: ns, 0 = as long as it takes.
    Result<protocol::Found> wait(std::string_view query, bool gone = false, uint64_t patience = 0) {
        protocol::Wait request{};
        if (!assign(request.query, query)) return Error::invalid_argument;
        request.gone = gone;
        request.patience_ns = patience;
        return service_.call(request);
    }
    // Returns at once; `found` must stay until it is done.
    Status wait_later(std::string_view query, bool gone, console::Pending<protocol::Found>& found) {
        protocol::Wait request{};
        if (!assign(request.query, query)) return Error::invalid_argument;
        if (!service_.open()) return Error::closed;
        request.gone = gone;
        session_.loop.start(service_.caller(), request, found);
        return {};
    }
    Result<uint32_t> watch(std::string_view query) {
        protocol::Watch request{};
        if (!assign(request.query, query)) return Error::invalid_argument;
        auto watching = SKERRY_TRY(service_.call(request));
        return watching.watch;
    }
    Result<protocol::Event> next_event(uint32_t watch, uint64_t patience = 0) {
        return service_.call(protocol::NextEvent{watch, patience});
    }
    Status unwatch(uint32_t watch) { return service_.call(protocol::Unwatch{watch}).error(); }
    Status lock(std::string_view name, uint64_t patience = 0) {
        protocol::Lock request{};
        if (!assign(request.name, name)) return Error::invalid_argument;
        request.patience_ns = patience;
        return service_.call(request).error();
    }
    Status unlock(std::string_view name) { return ask(&protocol::Unlock::name, name); }
    Status barrier(std::string_view name, uint32_t parties, uint64_t patience = 0) {
        protocol::Barrier request{};
        if (!assign(request.name, name)) return Error::invalid_argument;
        request.parties = parties;
        request.patience_ns = patience;
        return service_.call(request).error();
    }
    void leave() { service_.leave(); }  // whoever waits is told
    bool is_open() const { return service_.open(); }

  private:
    static bool assign(auto& to, std::string_view text) { return to.assign({text.data(), text.size()}); }
    template <typename Request, typename Field>
    Status ask(Field Request::*field, std::string_view text) {
        Request request{};
        if (!assign(request.*field, text)) return Error::invalid_argument;
        return service_.call(request).error();
    }

    console::Session& session_;
    console::Bound<protocol::Protocol> service_;
};

}  // namespace skerry::usr::records
