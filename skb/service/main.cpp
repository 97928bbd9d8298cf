// The service `skb`: one a machine. It loads the rule files that were built in, collects the machine's facts, and answers
// programs and its monitor.
#include "skb/service/adviser.hpp"
#include "skb/service/machine_facts.hpp"
#include "skb/service/questions.hpp"
#include "usr/console/port.hpp"

// What tools/embed.py made of the files: their bytes, up to NAME_end.
#define SKERRY_RULE_FILES(add)                                                                                        \
    add(facts, "facts.pl") add(words, "words.pl") add(logp, "logp.pl") add(choice, "choice.pl")                       \
        add(multicast, "multicast.pl") add(groups, "groups.pl") add(placement, "placement.pl") add(cores, "cores.pl") \
            add(routes, "routes.pl")
#define SKERRY_DECLARE(name, text) extern "C" const char skerry_rules_##name[], skerry_rules_##name##_end[];
SKERRY_RULE_FILES(SKERRY_DECLARE)
#undef SKERRY_DECLARE

namespace {

using namespace skerry;
using namespace skerry::skb;

constexpr uint64_t memory_bytes = 4 << 20;  // the service's own objects, and the pool
constexpr uint32_t most_clients = 12;

Status load_rules(KnowledgeBase& base, Problem& problem) {
#define SKERRY_LOAD(name, file) \
    SKERRY_CHECK(base.load(file, {skerry_rules_##name, skerry_rules_##name##_end}, problem));
    SKERRY_RULE_FILES(SKERRY_LOAD)
#undef SKERRY_LOAD
    return {};
}

Result<std::span<std::byte>> own_memory(runtime::Program& self) {
    runtime::Object frame = SKERRY_TRY(self.ram().make_frame(memory_bytes));
    constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;
    uint64_t at = SKERRY_TRY(self.space().map_anywhere(frame.cap, 0, memory_bytes, read_write));
    return std::span(platform::at<std::byte>(at), memory_bytes);
}

struct Service {
    Service(runtime::Program& self, std::span<std::byte> memory)
        : base(memory),
          questions(base, listener),
          port(self, questions),
          adviser(base, port.monitor()),
          facts(base, port.monitor()) {
        listener.adviser = &adviser;
    }

    struct : Listener {
        void knowledge_changed() override { adviser->knowledge_changed(); }
        Adviser* adviser = nullptr;
    } listener;
    KnowledgeBase base;
    Questions questions;
    usr::console::Port<urpc::knowledge::Protocol, Questions, most_clients> port;
    Adviser adviser;
    MachineFacts facts;
};

}  // namespace

int program_main(runtime::Program& self) {
    // Whoever sits in front of the machine comes first: the shell is starting, too.
    constexpr uint64_t pause = 20'000'000;  // ns
    (void)self.dispatcher.wait_until([] { return false; }, self.dispatcher.now() + pause).ok();
    Result<std::span<std::byte>> memory = own_memory(self);
    if (!memory.ok()) return 1;
    // At the memory's start, which is a page's.
    auto& service =
        *new (memory->data()) Service(self, memory->subspan(base::round_up(sizeof(Service), base::page_size)));
    Problem problem;
    if (!load_rules(service.base, problem).ok()) return 2;
    if (!service.port.open("skb").ok()) return 3;
    if (!service.facts.begin().ok()) return 4;
    service.questions.begin();
    service.adviser.begin();
    for (;;) {
        if (!service.port.serve([&] { return service.adviser.due(); }).ok()) return 5;
        service.adviser.step();
        if (!service.adviser.take_told()) continue;
        // A core may be there that was not when the machine was described. One that has gone again is left as it was.
        Result<uint32_t> more = service.facts.look_again();
        if (more.ok() && *more != 0) service.adviser.knowledge_changed();
    }
}
