// The service `records`: one a machine, started by whoever first wants it.
#pragma once

#include "urpc/protocols/records.hpp"
#include "usr/console/port.hpp"
#include "usr/records/shelf.hpp"

namespace skerry::usr::records {

namespace protocol = urpc::records;

class Service final : public Shelf::Listener {
  public:
    static constexpr uint32_t clients_maximum = 16;

    explicit Service(runtime::Program& self);
    // Never returns. Errors: those of the registration.
    Status serve();
    void changed() override { changed_.wake_all(); }
    static constexpr uint64_t never = ~uint64_t{0};
    // One channel a program: its share of what is here.
    Error accept(const urpc::monitor::Incoming& who);

    template <typename T>
    using Work = urpc::Task<Result<T>>;

    // One program.
    class Client {
      public:
        Client(Service& service, const urpc::monitor::Incoming& who);

        Result<protocol::Stored> operator()(const protocol::Set& request);
        Result<protocol::Found> operator()(const protocol::Get& request);
        Result<protocol::Erased> operator()(const protocol::Erase& request);
        Work<protocol::Found> operator()(urpc::FramePool& pool, const protocol::Wait& request);
        Result<protocol::Watching> operator()(const protocol::Watch& request);
        Work<protocol::Event> operator()(urpc::FramePool& pool, const protocol::NextEvent& request) {
            return next_event(pool, *this, request);
        }
        Result<protocol::Unwatched> operator()(const protocol::Unwatch& request);
        Work<protocol::Locked> operator()(urpc::FramePool& pool, const protocol::Lock& request) {
            return lock(pool, *this, request);
        }
        Result<protocol::Unlocked> operator()(const protocol::Unlock& request);
        Work<protocol::Passed> operator()(urpc::FramePool& pool, const protocol::Barrier& request) {
            return barrier(pool, *this, request);
        }
        void closing();
        ~Client();

      private:
        static Work<protocol::Found> wait(urpc::FramePool& pool, Client& client, Result<Query> query, bool gone,
                                          uint64_t patience_ns);
        static Work<protocol::Event> next_event(urpc::FramePool& pool, Client& client, protocol::NextEvent request);
        static Work<protocol::Locked> lock(urpc::FramePool& pool, Client& client, protocol::Lock request);
        static Work<protocol::Passed> barrier(urpc::FramePool& pool, Client& client, protocol::Barrier request);

        friend class Service;
        Service& service_;
        base::DomainId domain_;
        base::ListLink link_;
        Share share_;
        bool closed_ = false;
    };

  private:
    // How long a call waits; in its frame.
    class Patience {
      public:
        Patience(Service& service, uint64_t ns);
        ~Patience();
        Patience(const Patience&) = delete;
        Patience& operator=(const Patience&) = delete;
        bool over() const { return deadline_ <= service_.now(); }

      private:
        friend class Service;
        Service& service_;
        uint64_t deadline_;
        base::ListLink link_;
    };
    uint64_t now() { return port_.loop().program().dispatcher.now(); }
    uint64_t first_deadline();  // never: nobody waits with an end

    // Each client's calls in flight have a frame for the work and one for its answer: no client can take another's.
    static constexpr uint32_t frames = clients_maximum * urpc::Connection::usual_calls * 2;
    static constexpr size_t frame_bytes = 2048;

    urpc::StaticFramePool<frame_bytes, frames> pool_;
    Shelf shelf_{*this};
    base::List<Client, &Client::link_> clients_;
    console::Port<protocol::Protocol, Service, clients_maximum> port_;
    urpc::WaitList changed_;
    base::List<Patience, &Patience::link_> patient_;
};

}  // namespace skerry::usr::records
