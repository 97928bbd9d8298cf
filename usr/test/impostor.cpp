// impostor WAY: a service with the knowledge base's name, once there is none, that answers whoever asks for the tree of a group
// with something that is no tree, or not at all: `silent`, `unready`, or one of the answers below. So that it can be seen that
// programs go on without one.
#include "urpc/protocols/knowledge.hpp"
#include "usr/console/port.hpp"

using namespace skerry;
namespace knowledge = urpc::knowledge;
using base::Error;
using base::Result;

namespace {

struct Answer {
    std::string_view way;
    uint32_t columns, rows;
    uint32_t step;  // rows that a message is said to have
    std::string_view text;
};
constexpr Answer answers[] = {
    {"words", 3, 1, 1, "0\tnowhere\tsoon\t\n"},   {"columns", 2, 1, 1, "0\t1\t\n"},
    {"cycle", 3, 2, 2, "1\t2\t0\t\n2\t1\t0\t\n"}, {"endless", 3, 2, 0, "0\t1\t0\t\n"},
    {"flood", 3, ~uint32_t{0}, 1, "0\t1\t0\t\n"}, {"lies", 3, 2, 2, "0\t1\t0\t\n"},  // there is one row in it
};
constexpr uint64_t silence = 20'000'000'000;  // ns

struct Impostor {
    runtime::Program& self;
    std::string_view way;
    const Answer* answer = nullptr;

    Result<knowledge::Found> operator()(const knowledge::AskGroup&) {
        if (way == "unready") return Error::again;
        if (answer == nullptr) self.dispatcher.sleep_until(self.dispatcher.now() + silence);
        if (answer == nullptr) return Error::closed;
        return knowledge::Found{1, Error::none, answer->columns, answer->rows, {}};
    }
    Result<knowledge::Rows> operator()(const knowledge::Next& next) {
        if (answer == nullptr) return Error::not_found;
        knowledge::Rows rows{next.row + answer->step, {}};
        rows.text = decltype(rows.text)::cut(answer->text);
        return rows;
    }
    template <typename Request>
    Result<typename Request::Response> operator()(const Request&) {
        return Error::refused;
    }
};

struct World {
    World(runtime::Program& self, std::string_view way) : impostor{self, way}, port(self, impostor) {}
    Impostor impostor;
    usr::console::Port<knowledge::Protocol, Impostor, 4> port;
};

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() != 1) return 2;
    World& world = *new (platform::static_storage<World>()) World(self, self.argument(0));
    for (const Answer& answer : answers) {
        if (answer.way == self.argument(0)) world.impostor.answer = &answer;
    }
    bool known = world.impostor.answer != nullptr || self.argument(0) == "silent" || self.argument(0) == "unready";
    if (!known) return 2;
    if (!world.port.open("skb").ok()) return 1;
    return world.port.serve([] { return false; }).ok() ? 0 : 1;
}
