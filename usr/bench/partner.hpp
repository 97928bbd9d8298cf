// A benchmark's program on another core, as the one that started it sees it: the same image with the words `serve NAME`, and
// a channel to the service that it is there.
#pragma once

#include "platforms/base/format.hpp"
#include "usr/console/bound.hpp"

namespace skerry::bench {

template <typename P>
class Partner {
  public:
    // A program may have so many channels as a client: with more partners it comes and goes.
    static constexpr uint32_t kept_open = 12;

    // It will serve as SERVICE.CORE.
    Partner(usr::console::Session& session, std::string_view service, base::CoreId core)
        : session_(session), core_(core), peer_(session) {
        name_ << service << '.' << core;
    }
    base::CoreId core() const { return core_; }
    base::DomainId domain() const { return domain_; }  // 0: not started
    bool open() const { return peer_.open(); }
    // Its channel; asked again, it comes again.
    void leave() { peer_.leave(); }

    // Errors: those of Spawn.
    base::Status start(std::string_view program) {
        namespace monitor = urpc::monitor;
        monitor::Spawn spawn{core_, monitor::Name::cut(program), {}, monitor::spawn_flags::background};
        for (std::string_view word : {std::string_view("serve"), name_.view()}) {
            for (char c : word) spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
            spawn.arguments.data[spawn.arguments.length++] = 0;
        }
        auto spawned = session_.monitor.ask(spawn);
        if (spawned.ok()) domain_ = spawned->domain;
        return spawned.error();
    }
    // Until it has ended, and its name is free: it was told to.
    void await_end() {
        peer_.leave();
        if (domain_.value != 0) (void)session_.monitor.ask(urpc::monitor::AwaitEnd{domain_}).ok();
    }
    // One of `partners` is asked. Errors: those of a bind and of a call.
    template <typename Request>
    base::Result<typename Request::Response> ask(const Request& request, uint32_t partners) {
        SKERRY_CHECK(bind());
        auto answer = peer_.call(request);
        if (partners > kept_open) peer_.leave();
        return answer;
    }
    // Waits until it serves.
    base::Status meet(uint32_t partners) {
        SKERRY_CHECK(bind());
        if (partners > kept_open) peer_.leave();
        return {};
    }

  private:
    static constexpr uint64_t patience = 10'000'000'000;  // ns
    base::Status bind() { return peer_.open() ? base::Status{} : peer_.bind(name_.view(), patience); }

    usr::console::Session& session_;
    base::CoreId core_;
    base::DomainId domain_;
    usr::console::Bound<P> peer_;
    base::Buffer<32> name_;
};

}  // namespace skerry::bench
