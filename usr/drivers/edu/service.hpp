// The service `edu`: takes computations from programs and has them carried out by a driver, on the core that the driver says
// the rules want. It outlives its drivers.
#pragma once

#include "usr/console/port.hpp"
#include "usr/drivers/edu/protocol.hpp"

namespace skerry::usr::edu {

using base::Error;
using base::Result;
using base::Status;

class Service {
  public:
    explicit Service(runtime::Program& self);
    // Never returns. Errors: those of the registration.
    Status serve();

    template <typename T>
    using Work = urpc::Task<Result<T>>;

    class Client {
      public:
        Client(Service& service, const urpc::monitor::Incoming& who) : service_(service), domain_(who.client) {}
        Work<Computed> operator()(urpc::FramePool& pool, const Compute& request) {
            return compute(pool, *this, request);
        }
        Result<Told> operator()(const Tell&) { return service_.told_; }
        Work<Order> operator()(urpc::FramePool& pool, const Fetch&) { return fetch(pool, *this); }
        // An error ends the channel.
        Status operator()(const Done& done) { return drives() ? service_.finish(done) : Status{Error::refused}; }
        Status operator()(const Elsewhere& wanted);
        Status operator()(const Left& left);
        Status operator()(const Failed& failed);
        void closing();

      private:
        friend class Service;
        bool drives() const { return service_.driver_ == domain_; }
        static Work<Computed> compute(urpc::FramePool& pool, Client& client, Compute request);
        static Work<Order> fetch(urpc::FramePool& pool, Client& client);

        Service& service_;
        base::DomainId domain_;
        bool closed_ = false;
        bool has_fetched_ = false;  // a driver's first order may be what the one before has begun
    };

  private:
    enum class State : uint8_t { free, waits, begun, ended };
    struct Job {
        State state = State::free;
        uint64_t number = 0;
        uint32_t n = 0;
        Result<uint32_t> value{Error::again};
        base::CoreId core;
    };
    static constexpr uint32_t jobs_maximum = 16, clients_maximum = 8;

    Status finish(const Done& done);
    void fail_all(Error error);
    Job* oldest(State state);
    Status start_driver();

    runtime::Program& self_;
    console::Port<Protocol, Service, clients_maximum> port_;
    urpc::WaitList changed_;
    std::array<Job, jobs_maximum> jobs_;
    uint64_t numbers_ = 0;
    base::DomainId driver_;  // 0 = none
    base::CoreId core_;      // its, or the next one's
    base::CoreId wanted_;    // elsewhere, if `leaves_`
    bool leaves_ = false;    // after one more order, so that it does not leave with nothing to do
    bool one_more_ = false;
    uint32_t deaths_ = 0;  // of drivers in a row, without a computation done
    Told told_{};
};

}  // namespace skerry::usr::edu
