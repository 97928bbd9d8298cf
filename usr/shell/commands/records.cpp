// records: what programs have told each other by the service `records`; those that the shell sets are its own.
#include "usr/records/client.hpp"
#include "usr/shell/shell.hpp"

namespace skerry::usr::shell {

namespace {

using records::Records;

uint32_t list(Shell& shell, Records& service, std::string_view query) {
    urpc::records::Name after{};
    for (uint32_t count = 0; !shell.interrupted(); count++) {
        auto found = service.get(query, after.view());
        if (found.error() == Error::not_found) {
            if (count == 0) shell.write("none\n");
            return 0;
        }
        if (!found.ok())
            return shell.wrong(query, found.error() == Error::corrupt ? ": no query" : base::text(found.error()));
        std::string_view text = found->record.view();
        shell.write(text);
        shell.write("\n");
        std::string_view name = text.substr(0, text.find(' '));
        if (!after.assign({name.data(), name.size()})) return 1;
    }
    return 0;
}

// Until there is one, or, `gone`, none; Ctrl-C ends it, and the calls that wait with the channel.
uint32_t wait(Shell& shell, Records& service, std::string_view query, bool gone) {
    console::Pending<urpc::records::Found> found;
    Status asked = service.wait_later(query, gone, found);
    if (!asked.ok()) return shell.failed("cannot wait for", query, asked.error());
    auto over = [&] { return found.done || shell.interrupted(); };
    (void)shell.program().dispatcher.wait_until(over).ok();
    if (!found.done) {
        service.leave();
        return 1;
    }
    if (found.result.error() == Error::corrupt) return shell.wrong(query, ": no query");
    if (!found.result.ok()) return shell.failed("cannot wait for", query, found.result.error());
    if (!gone) shell.write(found.result->record.view()), shell.write("\n");
    return 0;
}

// What the shell has set stays as long as it has this channel.
struct Kept {
    explicit Kept(Shell& shell) : service(shell.session()) {}
    Records service;
};

Kept& kept(Shell& shell) {
    alignas(Kept) static constinit std::byte storage[sizeof(Kept)]{};
    static constinit Kept* made = nullptr;
    if (made == nullptr) made = new (storage) Kept(shell);
    return *made;
}

}  // namespace

uint32_t records(Shell& shell, const CommandLine& line) {
    auto words = line.arguments();
    std::string_view verb = words.size() == 2 ? words[0] : std::string_view{};
    bool known = verb == "set" || verb == "erase" || verb == "wait" || verb == "gone";
    if (words.size() > 1 && !known) {
        return shell.wrong("usage: records [QUERY | set RECORD | erase QUERY | wait QUERY | gone QUERY]");
    }
    Kept& own = kept(shell);
    if (!own.service.is_open()) {
        Status opened = own.service.open();
        if (!opened.ok()) return shell.failed("cannot reach", "records", opened.error());
    }
    if (verb == "wait" || verb == "gone") return wait(shell, own.service, words[1], verb == "gone");
    if (verb == "set") {
        Status set = own.service.set(words[1]);
        if (set.error() == Error::corrupt) return shell.wrong(words[1], ": a record is NAME { KEY: VALUE, ... }");
        return set.ok() ? 0 : shell.failed("cannot set", words[1], set.error());
    }
    if (verb == "erase") {
        auto erased = own.service.erase(words[1]);
        if (!erased.ok()) return shell.failed("cannot erase", words[1], erased.error());
        base::Buffer<40> text;
        text << *erased << " erased\n";
        shell.write(text.view());
        return 0;
    }
    return list(shell, own.service, words.empty() ? "*" : words[0]);
}

}  // namespace skerry::usr::shell
