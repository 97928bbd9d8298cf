#include "urpc/group/group.hpp"

namespace skerry::urpc::group {

namespace {

constexpr uint8_t order_opcode = 1, answer_opcode = 2;
constexpr size_t read_ahead = 2;                 // children whose lines are on their way while one's is read
constexpr uint32_t closed_check_interval = 256;  // idle polls between two looks at whether a neighbour has closed

Header header_of(uint8_t opcode, uint64_t operation) {
    Header header;
    header.opcode = opcode;
    header.id = static_cast<uint16_t>(operation);
    return header;
}
// A line that is what it should be: whole, of this kind, about this operation.
bool is(const Header& header, uint8_t opcode, uint64_t operation) {
    return header.opcode == opcode && header.first && header.left == 0 && !header.control &&
           header.id == static_cast<uint16_t>(operation);
}

}  // namespace

Group::Group(Work& work, Member self, const Links& links, uint32_t window)
    : work_(work), self_(self), links_(links), window_(window) {
    SKERRY_ASSERT(window >= 2 && window <= most_window);
    SKERRY_ASSERT(links.answering.size() == links.children.size());
    SKERRY_ASSERT((links.answers == nullptr) == (links.parent == nullptr));
    SKERRY_ASSERT(links.senders.size() == links.children.size() ||
                  (links.senders.size() == 1 && !links.children.empty()));
    bool each = links.senders.size() == links.children.size();
    for (size_t i = 0; i < links.children.size(); ++i) {
        if (links.children[i].poker != nullptr) links.senders[each ? i : 0].publication = std::memory_order_seq_cst;
    }
    if (links.parent != nullptr && links.parent->poker != nullptr)
        links.answers->publication = std::memory_order_seq_cst;
}

Result<uint64_t> Group::begin(const Words& words) {
    SKERRY_ASSERT(links_.parent == nullptr);
    if (closed()) return Error::closed;
    if (full()) return Error::full;
    uint64_t operation = begun_;
    start(words);
    // A group of one is complete when it has done its own part.
    if (links_.children.empty()) gather();
    return operation;
}

// Passes it on before it does its own part: those below work meanwhile.
void Group::start(const Words& words) {
    uint64_t number = begun_++;
    Operation& operation = at(number);
    operation.any = operation.own = false;
    send_on(words);
    Words own = words;
    if (!work_.perform(number, own)) return;
    contribute(operation, own);
    operation.own = true;
}

void Group::send_on(const Words& words) {
    Header header = header_of(order_opcode, begun_ - 1);
    bool each = links_.senders.size() == links_.children.size();
    for (size_t i = 0; i < links_.senders.size(); ++i) {
        Sender& sender = links_.senders[i];
        Status sent = sender.line.try_send(header, words, sender.publication);
        SKERRY_ASSERT(sent.ok());  // the window is the credit
        if (each) poke_if_asleep(links_.children[i]);
    }
    if (each) return;
    for (Neighbour& child : links_.children) poke_if_asleep(child);
}

void Group::contribute(Operation& operation, const Words& answer) {
    if (operation.any)
        work_.merge(operation.sum, answer);
    else
        operation.sum = answer;
    operation.any = true;
}

void Group::finish(uint64_t operation, const Words& answer) {
    if (closed()) return;
    SKERRY_ASSERT(operation < begun_ && operation >= completed_ && !at(operation).own);
    contribute(at(operation), answer);
    at(operation).own = true;
    gather();
}

size_t Group::poll() {
    if (closed()) return 0;
    size_t taken = take_orders();
    if (!closed()) taken += gather();
    if (taken != 0) {
        idle_ = 0;
    } else if (++idle_ % closed_check_interval == 0) {
        taken += neighbour_closed();
    }
    return taken;
}

size_t Group::take_orders() {
    if (links_.parent == nullptr) return 0;
    size_t taken = 0;
    while (!closed() && !full()) {
        Words words;
        auto header = links_.parent->line.take(words);
        if (header.error() == Error::again) return taken;
        if (!header.ok() || !is(*header, order_opcode, begun_)) {
            close(Error::corrupt, links_.parent->member);
            return taken + 1;
        }
        ++taken;
        // Our parent has room for this one: it has completed what is a window older, so it has read our answer to it.
        if (begun_ >= window_) {
            Status known = links_.answers->line.acknowledge(begun_ + 1 - window_);
            SKERRY_ASSERT(known.ok());
        }
        start(words);
    }
    return taken;
}

// Of the oldest operation, child by child; then the next operation. Lines of children further on come meanwhile.
size_t Group::gather() {
    size_t taken = 0;
    while (!closed() && completed_ < begun_) {
        Operation& operation = at(completed_);
        for (; next_child_ < links_.children.size(); ++next_child_, ++taken) {
            Neighbour& child = next_child();
            Words answer;
            auto header = child.line.take(answer);
            if (header.error() == Error::again) return taken;
            if (!header.ok() || !is(*header, answer_opcode, completed_)) {
                close(Error::corrupt, child.member);
                return taken + 1;
            }
            if (next_child_ + read_ahead < links_.children.size())
                links_.answering.data()[next_child_ + read_ahead]->line.fetch();
            contribute(operation, answer);
        }
        if (!operation.own) return taken;
        Words sum = operation.sum;  // its place may be taken by the next one that completed() begins
        complete(sum);
    }
    return taken;
}

void Group::complete(const Words& answer) {
    uint64_t number = completed_++;
    next_child_ = 0;
    for (Sender& sender : links_.senders) {
        Status known = sender.line.acknowledge(completed_);
        SKERRY_ASSERT(known.ok());
    }
    if (links_.answers == nullptr) return work_.completed(number, answer);
    Status sent = links_.answers->line.try_send(header_of(answer_opcode, number), answer, links_.answers->publication);
    SKERRY_ASSERT(sent.ok());  // we took no order for whose answer there is no room
    poke_if_asleep(*links_.parent);
}

Member Group::waiting_for() const {
    if (completed_ == begun_ || next_child_ == links_.children.size()) return self_;
    return next_child().member;
}

uint64_t Group::lines_sent() const {
    uint64_t sum = links_.answers == nullptr ? 0 : links_.answers->line.sent();
    for (const Sender& sender : links_.senders) sum += sender.line.sent();
    return sum;
}

// After a seq_cst store of the line that it waits for (Sender::publication).
void Group::poke_if_asleep(Neighbour& neighbour) {
    if (neighbour.poker == nullptr) return;
    uint64_t state = neighbour.state->state.load(std::memory_order_seq_cst);
    if (!(state & StatusLine::asleep) || state == neighbour.poked) return;
    neighbour.poked = state;
    neighbour.poker->poke();
}

template <typename Function>
void Group::each_ring(Function function) {
    if (links_.answers != nullptr) function(*links_.answers->state);
    for (Sender& sender : links_.senders) function(*sender.state);
}

bool Group::prepare_to_block() {
    if (closed()) return true;
    uint64_t ticket = (state_ | (StatusLine::ticket - 1)) + 1;
    state_ = ticket | StatusLine::asleep;
    each_ring([&](RingState& ring) { ring.state.store(state_, std::memory_order_seq_cst); });
    if (!arrived() && !neighbour_closed()) return true;
    cancel_block();
    return false;
}

void Group::cancel_block() {
    if (closed() || !(state_ & StatusLine::asleep)) return;
    state_ &= ~StatusLine::asleep;
    // Relaxed would do: who still reads the old value only pokes once for nothing.
    each_ring([&](RingState& ring) { ring.state.store(state_, std::memory_order_release); });
}

// Looks; if so, the group is over for us as well, for the reason that it gives.
bool Group::neighbour_closed() {
    auto look = [this](const Neighbour& neighbour) {
        // Acquire (in seq_cst): reason and culprit were stored before. seq_cst: the second look of a sleeper.
        if (!(neighbour.state->state.load(std::memory_order_seq_cst) & StatusLine::closed)) return false;
        uint64_t reason = neighbour.state->reason.load(std::memory_order_relaxed);
        uint64_t culprit = neighbour.state->culprit.load(std::memory_order_relaxed);
        bool sane = reason != 0 && reason <= UINT32_MAX && culprit < most_members;
        if (sane)
            close(static_cast<Error>(reason), Member{static_cast<uint16_t>(culprit)});
        else
            close(Error::corrupt, neighbour.member);
        return true;
    };
    if (links_.parent != nullptr && look(*links_.parent)) return true;
    for (const Neighbour& child : links_.children) {
        if (look(child)) return true;
    }
    return false;
}

void Group::close(Error reason, Member culprit) {
    SKERRY_ASSERT(reason != Error::none);
    if (closed()) return;
    reason_ = reason;
    culprit_ = culprit;
    each_ring([&](RingState& ring) {
        // Relaxed: the store of the state publishes them.
        ring.reason.store(static_cast<uint64_t>(reason), std::memory_order_relaxed);
        ring.culprit.store(culprit.value, std::memory_order_relaxed);
        ring.state.store(state_ | StatusLine::closed, std::memory_order_seq_cst);
    });
    if (links_.parent != nullptr) poke_if_asleep(*links_.parent);
    for (Neighbour& child : links_.children) poke_if_asleep(child);
    work_.ended(reason, culprit);
}

}  // namespace skerry::urpc::group
