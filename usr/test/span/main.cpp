// spanning [ROUNDS]         a program on all cores: threads of control, memory, pages; then ROUNDS of hammering (default 500)
// spanning any COUNT        so many members on cores that the rules choose; says which
// spanning crash|exit|write the member on the last core faults, exits, or writes to a page that may only be read
#include <charconv>

#include "usr/span/chosen.hpp"
#include "usr/test/span/checks.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr;
using namespace skerry::usr::test::span_checks;

constinit span::Span the_span;
constexpr uint64_t arena_bytes = 64 * 1024;

void crash(span::Span&, uint32_t, void*) {
    static volatile uint64_t nowhere = 0x10;  // the compiler must not know
    *reinterpret_cast<volatile uint64_t*>(nowhere) = 1;
}
void leave(span::Span&, uint32_t, void*) {
    runtime::program().dispatcher.exit(42);
}
void write_page(span::Span&, uint32_t, void*) {
    *reinterpret_cast<volatile uint64_t*>(span::Span::at(9)) = 1;
}
void read_page(span::Span&, uint32_t, void*) {
    (void)*reinterpret_cast<const volatile uint64_t*>(span::Span::at(9));
}
void spin(span::Span&, uint32_t, void*) {
    for (;;) platform::pause();
}

constinit std::array<std::atomic<uint32_t>, span::members_maximum> cores_of_members{};
void say_core(span::Span&, uint32_t member, void*) {
    cores_of_members[member].store(runtime::program().core().value, std::memory_order_relaxed);
}

// Each says where it runs.
int run_anywhere(World& world, uint32_t count) {
    auto members = span::add_chosen(world.span, world.session, count);
    Status done = members.error();
    if (done.ok()) done = run_all(world, &say_core, nullptr);
    if (done.ok()) done = wait_all(world);
    if (!done.ok()) return 1;
    base::Buffer<320> line;
    line << "spanning on core " << world.self.core() << " and";
    for (uint32_t i = 1; i < *members; ++i) line << ' ' << cores_of_members[i].load(std::memory_order_relaxed);
    line << '\n';
    world.session.console.write(line.view());
    return 0;
}

// The others spin meanwhile; whatever one does ends all of them.
int end_by(World& world, span::Work* work) {
    uint32_t last = world.span.members() - 1;
    if (last == 0) return 2;
    for (uint32_t i = 1; i < last; ++i) (void)world.span.run(i, &spin, nullptr).ok();
    if (work == &write_page) {
        (void)world.span.map(9, 0, true).ok();
        (void)world.span.run(last, &read_page, nullptr).ok();
        (void)world.span.wait(last).ok();
        (void)world.span.protect(9).ok();
    }
    (void)world.span.run(last, work, nullptr).ok();
    (void)world.span.wait(last, world.self.dispatcher.now() + 20'000'000'000).ok();
    return 3;  // it should not have come back
}

}  // namespace

int program_main(runtime::Program& self) {
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    auto write = [](void* to, std::string_view line) { static_cast<console::Session*>(to)->console.write(line); };
    World world{session, self, test::Report("spanning", write, &session), the_span};
    std::string_view word = self.argument(0);
    span::Work* last_work = word == "crash"   ? &crash
                            : word == "exit"  ? &leave
                            : word == "write" ? &write_page
                                              : nullptr;
    bool any = word == "any" && self.argument_count() == 2;
    if (any) word = self.argument(1);
    uint32_t rounds = 500;
    auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), rounds);
    bool number = error == std::errc{} && end == word.data() + word.size();
    uint32_t words = self.argument_count() - (any ? 1 : 0);
    if (words > 1 || (any && !number) || (words == 1 && last_work == nullptr && !number)) {
        session.console.write("usage: spanning [ROUNDS | any COUNT | crash | exit | write]\n");
        return session.finish(2);
    }
    world.report.equal("memory", the_span.open(self, session.monitor, arena_bytes).error(), base::Error::none);
    if (any) return session.finish(run_anywhere(world, rounds));
    auto members = add_members(world, span::members_maximum);
    if (last_work != nullptr) return session.finish(members.ok() ? end_by(world, last_work) : 1);
    world.report.equal("cores", members.error(), base::Error::none);
    if (!members.ok() || *members < 2) return session.finish(world.report.finish() + 1);
    check_work(world);
    check_pages(world);
    check_hammer(world, rounds);
    return session.finish(world.report.finish());
}
