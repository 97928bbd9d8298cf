#include "usr/shell/shell.hpp"

#include <new>

namespace skerry::usr::shell {

namespace {
constexpr std::string_view prompt_text = "skerry> ";
constexpr char interrupt_byte = 3;
constexpr uint32_t failure = 1, wrong_use = 2;
}  // namespace

Status Shell::start() {
    constexpr uint64_t patience = 60'000'000'000;  // ns: without us nobody can use the system, however slow it is
    SKERRY_CHECK(session_.start(patience));
    auto focus = session_.console.ask(urpc::console::TakeFocus{});
    return focus.ok() ? Status{} : Status{focus.error()};
}

void Shell::serve() {
    write(ready_sequence);
    at_line_start_ = true;
    prompt();
    play_commands();
    for (;;) {
        session_.console.push();
        (void)self_.dispatcher.wait_until([this] { return !typed_.empty(); }).ok();
        while (!typed_.empty()) take(typed_.pop());
    }
}

// What the image brings along for us, as if it were typed. Nothing of it depends on when bytes arrive: so a run of an
// emulator that counts instructions is the same every time.
void Shell::play_commands() {
    using namespace capabilities;
    auto frame = runtime::CNodeCap{}.identify(well_known::service);
    if (!frame.ok() || frame->type != Type::frame) return;
    auto at = self_.space().map_anywhere(well_known::service, 0, frame->size, map_flags::read);
    if (!at.ok()) return;
    std::string_view text(reinterpret_cast<const char*>(*at), frame->size);
    for (char byte : text.substr(0, text.find('\0'))) take(byte);
}

void Shell::prompt() {
    report_jobs();
    if (!at_line_start_) write("\n");
    editor_.start(prompt_text);
}

void Shell::take(char byte) {
    if (frame_.active() || (editor_.empty() && byte == FrameReader::mark)) return framed(frame_.feed(byte));
    switch (editor_.feed(byte)) {
        case LineEditor::Event::none:
            return;
        case LineEditor::Event::end:
            write("\n");
            break;  // the shell of the machine does not end
        case LineEditor::Event::interrupt:
            break;
        case LineEditor::Event::line:
            (void)run(editor_.line());
            break;
    }
    prompt();
}

void Shell::framed(FrameReader::Event event) {
    if (event == FrameReader::Event::none) return;
    if (event == FrameReader::Event::replay) {
        for (char byte : frame_.held()) (void)editor_.feed(byte);
        return;
    }
    base::Buffer<64> mark;
    frame_begin(mark, frame_.token());
    write(mark.view());
    (void)session_.console.flush().ok();
    uint32_t status =
        event == FrameReader::Event::too_long ? wrong("line too long (1024 bytes at most)") : run(frame_.command());
    mark.clear();
    frame_end(mark, frame_.token(), status);
    write(mark.view());
    at_line_start_ = false;
    prompt();
}

uint32_t Shell::run(std::string_view line) {
    CommandLine words;
    interrupt_ = false;
    if (const char* problem = words.parse(line)) return wrong(problem);
    if (words.command().empty()) return 0;
    const Command* command = find_command(words.command());
    if (command == nullptr) return wrong("no such command (try help)", words.command());
    bool starts_programs = command->run == &shell::run || command->run == &oncore;
    if (words.background() && !starts_programs) return wrong("only a program can go to the background", command->name);
    uint32_t status = command->run(*this, words);
    session_.console.push();
    return status;
}

void Shell::write(std::string_view text) {
    if (text.empty()) return;
    session_.console.write(text);
    at_line_start_ = text.back() == '\n' || text.back() == '\r';
}

uint32_t Shell::wrong(std::string_view what, std::string_view more) {
    if (!more.empty()) {
        write(more);
        write(": ");
    }
    write(what);
    write("\n");
    return wrong_use;
}

uint32_t Shell::failed(std::string_view what, std::string_view object, Error error) {
    base::Buffer<160> text;
    text << what << ' ' << object << ": " << base::text(error) << '\n';
    write(text.view());
    return failure;
}

bool Shell::interrupted() {
    if (!std::exchange(interrupt_, false)) return false;
    typed_.clear();
    return true;
}

bool Shell::follow(base::DomainId domain, std::string_view name) {
    for (Job& job : jobs_) {
        if (job.domain.value != 0) continue;
        job.domain = domain;
        job.name = urpc::monitor::Name::cut(name);
        job.end = {};
        session_.monitor.ask_later(urpc::monitor::AwaitEnd{domain}, job.end);
        return true;
    }
    return false;
}

void Shell::report_jobs() {
    for (Job& job : jobs_) {
        if (job.domain.value == 0 || !job.end.done) continue;
        if (job.end.result.ok()) tell_end(*this, job.name.view(), job.domain, *job.end.result);
        job.domain = {};
    }
}

// Called in the middle of polling: only stores. What does not fit is dropped, but a Ctrl-C never.
void Shell::input(std::span<const uint8_t> bytes) {
    for (uint8_t byte : bytes) {
        if (byte == interrupt_byte) interrupt_ = true;
        (void)typed_.push(static_cast<char>(byte));
    }
}

void Shell::candidates(std::string_view before, Candidates& out) {
    CommandLine line;
    if (line.parse(before) != nullptr) return;
    if (line.words().empty()) {
        for (const Command& command : commands()) out.add(command.name);
        return;
    }
    std::string_view command = line.command();
    size_t position = line.words().size();
    bool core = position == 1 && (command == "oncore" || command == "trace");
    bool program = (position == 1 && command == "run") || (position == 2 && command == "oncore");
    if (core) {
        auto status = ask(urpc::monitor::CoreStatus{self_.core()});
        for (uint64_t i = 0; status.ok() && i < status->core_count; ++i) out.add_number(i);
    }
    for (uint32_t i = 0; program; ++i) {
        auto name = ask(urpc::monitor::ListPrograms{i});
        if (!name.ok()) return;
        out.add(name->name.view());
    }
    if (position == 1 && command == "help") {
        for (const Command& each : commands()) out.add(each.name);
    }
}

}  // namespace skerry::usr::shell

int program_main(skerry::runtime::Program& self) {
    auto& shell = *new (skerry::platform::static_storage<skerry::usr::shell::Shell>()) skerry::usr::shell::Shell(self);
    auto started = shell.start();
    if (!started.ok()) return 1 + static_cast<int>(started.error());  // init's line names it: here is no console
    shell.serve();
    return 0;
}
