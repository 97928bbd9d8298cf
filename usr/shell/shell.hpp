// The shell's program: reads lines (typed or framed), runs commands, waits for programs.
//
//   bytes from the console -> FrameReader / LineEditor -> CommandLine -> Command table -> Session.monitor
//
// Input is only queued while channels are polled and is worked on in straight-line code; while a program runs
// in the foreground the queue is looked through for Ctrl-C and the rest waits for the next prompt.
#pragma once

#include "platforms/devices/byte_queue.hpp"
#include "usr/console/session.hpp"
#include "usr/shell/command_line.hpp"
#include "usr/shell/commands.hpp"
#include "usr/shell/frame_reader.hpp"
#include "usr/shell/line_editor.hpp"

namespace skerry::usr::shell {

using base::Error;
using base::Result;
using base::Status;

class Shell final : public Sink, public console::InputSink, public CompletionSource {
  public:
    explicit Shell(runtime::Program& self) : self_(self), session_(self, this), editor_(*this, this) {}

    // Errors: those of the session; busy (another shell has the keyboard).
    Status start();
    // Never returns.
    void serve();

    // --- for commands ---
    console::Session& session() { return session_; }
    runtime::Program& program() { return self_; }
    template <typename Request>
    Result<typename Request::Response> ask(const Request& request) {
        return session_.monitor.ask(request);
    }
    void write(std::string_view text) override;
    // One line about what is wrong; returns the status of a wrong use, 2, or of a failure, 1.
    uint32_t wrong(std::string_view what, std::string_view more = {});
    uint32_t failed(std::string_view what, std::string_view object, Error error);
    // Whether Ctrl-C was typed since the command began; takes it, and what was typed before it is forgotten.
    bool interrupted();
    // A program in the background, whose abnormal end is told at a later prompt. False: the table is full,
    // and its end will not be told.
    bool follow(base::DomainId domain, std::string_view name);

    // Text that is being written, line by line (skb write).
    static constexpr size_t draft_bytes = 16384;
    base::Text& draft() { return draft_; }

    // Console input, called while polling.
    void input(std::span<const uint8_t> bytes) override;
    void candidates(std::string_view before, Candidates& out) override;

  private:
    static constexpr size_t queue_bytes = 2048;
    struct Job {
        base::DomainId domain;  // 0 = free
        urpc::monitor::Name name;
        console::Pending<urpc::monitor::Ended> end;
    };
    void report_jobs();
    void prompt();
    void take(char byte);
    void play_commands();
    void framed(FrameReader::Event event);
    uint32_t run(std::string_view line);

    runtime::Program& self_;
    console::Session session_;
    LineEditor editor_;
    FrameReader frame_;
    platforms::ByteQueue<queue_bytes> typed_;
    std::array<Job, 4> jobs_;  // fewer than the calls that may be in flight
    base::Buffer<draft_bytes> draft_;
    bool interrupt_ = false;
    bool at_line_start_ = true;
};

}  // namespace skerry::usr::shell
