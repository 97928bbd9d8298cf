// skb 'GOALS': asks the knowledge base and prints its answers as a table. The service is started when it is first asked.
#include "urpc/protocols/knowledge.hpp"
#include "usr/console/bound.hpp"
#include "usr/shell/shell.hpp"

namespace skerry::usr::shell {

namespace knowledge = urpc::knowledge;

namespace {

using Service = console::Bound<knowledge::Protocol>;
constexpr uint64_t patience = 10'000'000'000;  // ns
constexpr size_t width = 10;                   // of a column, at least

// A line of values that each end by a tab, as columns.
void show(Shell& shell, std::string_view values) {
    base::Buffer<700> line;
    while (!values.empty()) {
        size_t end = values.find('\t');
        size_t from = line.size();
        line << values.substr(0, end);
        values.remove_prefix(end == std::string_view::npos ? values.size() : end + 1);
        if (!values.empty()) line.pad(from, width) << ' ';
    }
    line << '\n';
    shell.write(line.view());
}

Status bind(Shell& shell, Service& service) {
    Status bound = service.bind("skb", 0);
    if (bound.error() != Error::timed_out) return bound;
    SKERRY_CHECK(start_service(shell, "skb"));
    return service.bind("skb", patience);
}

// The first answer waits for the machine's facts.
Result<knowledge::Found> ask(Shell& shell, Service& service, const knowledge::Ask& question) {
    runtime::Dispatcher& dispatcher = shell.program().dispatcher;
    uint64_t deadline = dispatcher.now() + patience;
    for (;;) {
        Result<knowledge::Found> found = service.call(question);
        if (found.error() != Error::again || dispatcher.now() > deadline || shell.interrupted()) return found;
        constexpr uint64_t while_ns = 20'000'000;
        (void)dispatcher.wait_until([] { return false; }, dispatcher.now() + while_ns).ok();
    }
}

}  // namespace

uint32_t skb(Shell& shell, const CommandLine& line) {
    if (line.arguments().size() != 1) return shell.wrong("usage: skb 'GOALS', such as skb 'aggregator(P, C)'");
    knowledge::Ask question{};
    std::string_view goals = line.arguments()[0];
    if (!question.goals.assign({goals.data(), goals.size()}))
        return shell.wrong("the question is longer than 480 bytes");
    Service service(shell.session());
    Status bound = bind(shell, service);
    if (!bound.ok()) return shell.failed("cannot reach", "skb", bound.error());
    Result<knowledge::Found> found = ask(shell, service, question);
    if (!found.ok()) return shell.failed("cannot ask", "skb", found.error());
    if (found->error != Error::none) return shell.wrong(found->text.view());
    if (found->columns == 0 || found->rows == 0) {
        shell.write(found->rows != 0 ? "yes\n" : "no\n");
        return 0;
    }
    show(shell, found->text.view());
    for (uint32_t row = 0; row < found->rows && !shell.interrupted();) {
        Result<knowledge::Rows> rows = service.call(knowledge::Next{found->question, row});
        if (!rows.ok() || rows->next <= row) return shell.failed("lost answers of", "skb", rows.error());
        std::string_view text = rows->text.view();
        while (!text.empty()) {
            size_t end = text.find('\n');
            show(shell, text.substr(0, end));
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        }
        row = rows->next;
    }
    return 0;
}

}  // namespace skerry::usr::shell
