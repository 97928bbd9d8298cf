// skb: asks the knowledge base and prints its answers as a table, tells it facts, changes its rule files. An image in which
// init has not started the service has it started when it is first asked; then it decides nothing for monitors.
#include "urpc/protocols/knowledge.hpp"
#include "usr/console/bound.hpp"
#include "usr/shell/shell.hpp"

namespace skerry::usr::shell {

namespace knowledge = urpc::knowledge;
namespace monitor = urpc::monitor;

namespace {

using Service = console::Bound<knowledge::Protocol>;
using Words = std::span<const std::string_view>;
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
    // Init's is on its way, or there is none.
    bound = service.bind("skb", 3'000'000'000);
    if (bound.error() != Error::timed_out) return bound;
    SKERRY_CHECK(start_service(shell, "skb"));
    return service.bind("skb", patience);
}

// The first answer waits for the machine's facts.
template <typename Request>
Result<typename Request::Response> ask(Shell& shell, Service& service, const Request& request) {
    runtime::Dispatcher& dispatcher = shell.program().dispatcher;
    uint64_t deadline = dispatcher.now() + patience;
    for (;;) {
        auto answer = service.call(request);
        if (answer.error() != Error::again || dispatcher.now() > deadline || shell.interrupted()) return answer;
        constexpr uint64_t while_ns = 20'000'000;
        (void)dispatcher.wait_until([] { return false; }, dispatcher.now() + while_ns).ok();
    }
}

uint32_t ask_goals(Shell& shell, Service& service, std::string_view goals) {
    knowledge::Ask question{};
    if (!question.goals.assign({goals.data(), goals.size()}))
        return shell.wrong("the question is longer than 480 bytes");
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

// A change's outcome: nothing to say, or why it was refused.
uint32_t outcome(Shell& shell, Result<knowledge::Told> told) {
    if (!told.ok()) return shell.failed("cannot tell", "skb", told.error());
    return told->error == Error::none ? 0 : shell.wrong(told->text.view());
}

uint32_t tell(Shell& shell, Service& service, Words words) {
    knowledge::Tell request{};
    if (!request.facts.assign(words[0])) return shell.wrong("the facts are longer than 800 bytes");
    return outcome(shell, ask(shell, service, request));
}

uint32_t retract(Shell& shell, Service& service, Words words) {
    knowledge::Retract request{};
    if (!request.pattern.assign(words[0])) return shell.wrong("the pattern is longer than 480 bytes");
    auto told = ask(shell, service, request);
    if (uint32_t status = outcome(shell, told)) return status;
    base::Buffer<40> text;
    uint32_t count = told->count;
    text << "facts taken away: " << count << '\n';
    shell.write(text.view());
    return 0;
}

// As many messages as it takes.
uint32_t add_text(Shell& shell, Service& service, std::string_view text) {
    while (!text.empty()) {
        knowledge::AddText request{};
        std::string_view part = text.substr(0, request.text.capacity);
        request.text = decltype(request.text)::cut(part);
        text.remove_prefix(part.size());
        auto added = ask(shell, service, request);
        if (added.error() == Error::full) return shell.wrong("a rule file has at most 16384 bytes");
        if (!added.ok()) return shell.failed("cannot tell", "skb", added.error());
    }
    return 0;
}

// The text's words are lines of the file.
uint32_t replace(Shell& shell, Service& service, Words words) {
    knowledge::Replace request{};
    if (!request.file.assign(words[0])) return shell.wrong("a rule file's name has at most 32 bytes");
    std::string_view written = shell.draft().view();
    if (uint32_t status = add_text(shell, service, written)) return status;
    for (std::string_view line : words.subspan(1)) {
        if (uint32_t status = add_text(shell, service, line)) return status;
        if (uint32_t status = add_text(shell, service, "\n")) return status;
    }
    shell.draft().clear();
    return outcome(shell, ask(shell, service, request));
}

uint32_t remove(Shell& shell, Service& service, Words words) {
    knowledge::Remove request{};
    if (!request.file.assign(words[0])) return shell.wrong("a rule file's name has at most 32 bytes");
    return outcome(shell, ask(shell, service, request));
}

uint32_t list_files(Shell& shell, Service& service, Words) {
    for (uint32_t i = 0; !shell.interrupted(); ++i) {
        auto file = ask(shell, service, knowledge::NextRuleFile{i});
        if (file.error() == Error::out_of_range) return 0;
        if (!file.ok()) return shell.failed("cannot ask", "skb", file.error());
        base::Buffer<80> text;
        uint32_t rules = file->rules;
        text << file->file.view();
        text.pad(0, 24) << ' ' << rules << " rules\n";
        shell.write(text.view());
    }
    return 0;
}

uint32_t export_facts(Shell& shell, Service& service, Words) {
    uint64_t cursor = 0;
    while (!shell.interrupted()) {
        auto facts = ask(shell, service, knowledge::NextFacts{cursor});
        if (!facts.ok()) return shell.failed("cannot ask", "skb", facts.error());
        shell.write(facts->text.view());
        if (facts->next <= cursor) return 0;
        cursor = facts->next;
    }
    return 0;
}

// What is kept here until `replace`, so that a file may be longer than a line that is typed.
uint32_t write_draft(Shell& shell, Words words) {
    for (std::string_view line : words) shell.draft() << line << '\n';
    if (!shell.draft().cut()) return 0;
    shell.draft().clear();
    return shell.wrong("a rule file has at most 16384 bytes; what was written is forgotten");
}

// What the rules have made it for (tree_by in skb/rules/multicast.pl): packages and distances, or measured prices. Nothing
// where no rule says so.
void put_reason(Shell& shell, base::Text& text) {
    Service service(shell.session());
    if (!service.bind("skb", 0).ok()) return;
    base::Buffer<40> goals;
    goals << "tree_by(" << shell.program().core() << ", By)";
    knowledge::Ask question{};
    question.goals = decltype(question.goals)::cut(goals.view());
    auto found = service.call(question);
    if (!found.ok() || found->rows != 1) return;
    auto rows = service.call(knowledge::Next{found->question, 0});
    if (!rows.ok()) return;
    std::string_view by = rows->text.view();
    text << ", for " << by.substr(0, by.find('\t'));
}

// The tree along which orders go to all monitors: parents and their children, in the order in which they are sent to.
uint32_t show_tree(Shell& shell, Words) {
    base::Buffer<900> text;
    base::CoreId parent{~uint32_t{0}};
    for (uint32_t i = 0;; ++i) {
        auto edge = shell.ask(monitor::NextTreeEdge{i});
        if (edge.error() == Error::out_of_range) break;
        if (!edge.ok()) return shell.failed("cannot ask for", "the tree", edge.error());
        if (i == 0) text << (edge->by_rules ? "by the rules" : "by default: ") << edge->about.view();
        if (i == 0 && edge->by_rules) put_reason(shell, text);
        if (edge->parent != parent) text << '\n' << edge->parent << " ->";
        parent = edge->parent;
        text << ' ' << edge->child;
        if (text.size() < 800) continue;
        shell.write(text.view());
        text.clear();
    }
    if (text.size() == 0) text << "one core";
    text << '\n';
    shell.write(text.view());
    return 0;
}

struct Action {
    std::string_view name;
    size_t least, most;  // words behind it
    uint32_t (*run)(Shell& shell, Service& service, Words words);
    std::string_view usage;
};
constexpr size_t many = 20;
constexpr Action actions[] = {
    {"tell", 1, 1, &tell, "usage: skb tell 'FACT. ...'"},
    {"retract", 1, 1, &retract, "usage: skb retract 'PATTERN'"},
    {"rules", 0, 0, &list_files, "usage: skb rules"},
    {"replace", 1, many, &replace, "usage: skb replace FILE 'LINE' ... (behind what skb write has kept)"},
    {"remove", 1, 1, &remove, "usage: skb remove FILE"},
    {"export", 0, 0, &export_facts, "usage: skb export"},
};

}  // namespace

uint32_t skb(Shell& shell, const CommandLine& line) {
    constexpr std::string_view usage =
        "usage: skb 'GOALS', such as skb 'aggregator(P, C)'; or skb tell retract rules write replace remove export "
        "tree";
    Words words = line.arguments();
    if (words.empty()) return shell.wrong(usage);
    if (words[0] == "tree" && words.size() == 1) return show_tree(shell, words);
    if (words[0] == "write") return write_draft(shell, words.subspan(1));
    const Action* action = nullptr;
    for (const Action& each : actions) {
        if (each.name == words[0]) action = &each;
    }
    Words rest = words.subspan(1);
    if (action == nullptr && !rest.empty()) return shell.wrong(usage);
    if (action != nullptr && (rest.size() < action->least || rest.size() > action->most)) {
        return shell.wrong(action->usage);
    }
    Service service(shell.session());
    Status bound = bind(shell, service);
    if (!bound.ok()) return shell.failed("cannot reach", "skb", bound.error());
    return action != nullptr ? action->run(shell, service, rest) : ask_goals(shell, service, words[0]);
}

}  // namespace skerry::usr::shell
