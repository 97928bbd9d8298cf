#include "usr/hostile/rings/scribbler.hpp"

namespace skerry::usr::hostile {

using urpc::Header;
using urpc::Line;
using urpc::StatusLine;

Scribbler::Scribbler(const urpc::ChannelLayout& layout, Vocabulary& vocabulary, uint64_t seed)
    : layout_(layout), vocabulary_(vocabulary), random_(seed), reader_(layout.peer_ring, layout.lines) {
    uint64_t hash = random_.one_in(50) ? random_.next() : vocabulary.hash();
    layout_.our_status->protocol.store(hash, std::memory_order_relaxed);
}

bool Scribbler::closed() const {
    return (layout_.peer_status->state.load(std::memory_order_acquire) & StatusLine::closed) != 0;
}

void Scribbler::take_answers() {
    uint64_t words[urpc::payload_words];
    for (uint32_t i = 0; i < layout_.lines; ++i) {
        auto header = reader_.take(words);
        if (!header.ok()) break;
        ++answers_;
        acknowledged_ += (header->acknowledged - acknowledged_) & Header::count_mask;
    }
    uint64_t consumed = layout_.peer_status->consumed.load(std::memory_order_acquire);
    if (static_cast<int64_t>(consumed - acknowledged_) > 0) acknowledged_ = consumed;
}

// What would be right for that line, for a message of one line without an opcode.
Header Scribbler::header_for(uint64_t number) const {
    Header header;
    header.epoch = 1 + number / lap() % Header::epochs;
    header.sequence = number & Header::count_mask;
    header.first = 1;
    header.acknowledged = reader_.consumed() & Header::count_mask;
    return header;
}

// Release and seq_cst as an honest writer's: a misdeed that the victim sees late would only be tamer.
void Scribbler::put(Header header, std::span<const uint64_t> words) {
    Line& to = line(sent_++);
    for (size_t i = 0; i < urpc::payload_words; ++i) {
        to.payload[i].store(i < words.size() ? words[i] : 0, std::memory_order_relaxed);
    }
    to.header.store(header.word(), std::memory_order_seq_cst);
}

void Scribbler::say() {
    uint64_t words[urpc::max_message_words];
    Vocabulary::Phrase phrase = vocabulary_.compose(random_, words);
    vocabulary_.tame(phrase.opcode, std::span(words).first(phrase.words));
    size_t lines = phrase.words / urpc::payload_words;
    bool room = sent_ - acknowledged_ + lines <= lap();
    if (!room && !random_.one_in(200)) return;  // now and then it writes over what was not read yet
    auto id = static_cast<uint16_t>(random_.next());
    for (size_t i = 0; i < lines; ++i) {
        Header header = header_for(sent_);
        header.opcode = phrase.opcode;
        header.id = id;
        header.first = i == 0;
        header.left = lines - 1 - i;
        put(header, std::span(words).subspan(i * urpc::payload_words, urpc::payload_words));
    }
    ++valid_;
}

size_t Scribbler::misbehave() {
    // Channels shall live long enough for some honest traffic first.
    if (!random_.one_in(10)) return say(), 0;
    ++misdeeds_;
    uint64_t words[urpc::payload_words];
    for (uint64_t& word : words) word = random_.awkward();
    Header header = header_for(sent_);
    header.opcode = 1 + random_.below(vocabulary_.opcodes());
    header.id = random_.next() & 0xffff;
    switch (static_cast<Misdeed>(random_.below(static_cast<uint64_t>(Misdeed::count_)))) {
        case Misdeed::header:
            wrong_header();
            return 0;
        case Misdeed::words:
            vocabulary_.tame(static_cast<uint8_t>(header.opcode), words);
            put(header, words);
            return 0;
        case Misdeed::halves:
            vocabulary_.tame(static_cast<uint8_t>(header.opcode), words);
            torn_ = header;
            std::copy(std::begin(words), std::end(words), torn_words_);
            header_first_ = random_.one_in(2) && !vocabulary_.only_whole(static_cast<uint8_t>(header.opcode));
            if (header_first_) {
                line(sent_).header.store(header.word(), std::memory_order_seq_cst);
            } else {
                for (size_t i = 0; i < 3; ++i) line(sent_).payload[i].store(words[i], std::memory_order_relaxed);
            }
            return 1;
        case Misdeed::replay:
            replay();
            return 0;
        case Misdeed::acknowledgement:
            header.acknowledged = random_.below(Header::count_mask + 1);
            vocabulary_.tame(static_cast<uint8_t>(header.opcode), words);
            put(header, words);
            return 0;
        case Misdeed::length:
            wrong_length();
            return 0;
        case Misdeed::status:
            lie_in_status();
            return 0;
        case Misdeed::anywhere:
        case Misdeed::count_:
            break;
    }
    change_any_line();
    return 0;
}

// A bit of its header, or a word.
void Scribbler::change_any_line() {
    Line& any = layout_.our_ring[random_.below(layout_.lines)];
    uint64_t was = any.header.load(std::memory_order_relaxed);
    uint64_t changed = random_.one_in(2) ? was ^ uint64_t { 1 } << random_.below(64) : was;
    auto whole = [&](uint64_t header) { return vocabulary_.only_whole(Header::opcode_in(header)); };
    if (whole(was) || whole(changed)) return;
    if (changed != was) {
        any.header.store(changed, std::memory_order_seq_cst);
    } else {
        any.payload[random_.below(urpc::payload_words)].store(random_.awkward() & 0xffff, std::memory_order_relaxed);
    }
}

void Scribbler::finish_torn() {
    if (header_first_) {
        Line& to = line(sent_++);
        for (size_t i = 0; i < urpc::payload_words; ++i) to.payload[i].store(torn_words_[i], std::memory_order_relaxed);
    } else {
        put(torn_, torn_words_);
    }
}

// One field of it, or all.
void Scribbler::wrong_header() {
    Header header = header_for(sent_);
    header.opcode = 1 + random_.below(vocabulary_.opcodes());
    switch (random_.below(8)) {
        case 0:
            header.epoch = random_.next();
            break;
        case 1:
            header.sequence = random_.next();
            break;
        case 2:
            header.opcode = random_.one_in(2) ? 0 : vocabulary_.opcodes() + 1 + random_.below(200);
            break;
        case 3:
            header.control = 1;
            break;
        case 4:
            header.first = 0;
            break;
        case 5:
            header.epoch += 1;
            break;
        case 6:
            header.short_lap = 1;  // where it is believed, the victim looks for the next line elsewhere than we put it
            break;
        default:
            header = Header::from(random_.next());
    }
    uint64_t words[urpc::payload_words] = {random_.awkward(), random_.awkward()};
    vocabulary_.tame(static_cast<uint8_t>(header.opcode), words);
    put(header, words);
}

// A message that says it is longer or shorter than it is, than its receiver's room, or that changes its mind.
void Scribbler::wrong_length() {
    uint64_t left = random_.one_in(2) ? 63 : random_.below(64), lines = 1 + random_.below(8);
    Header header = header_for(sent_);
    header.opcode = 1 + random_.below(vocabulary_.opcodes());
    for (uint64_t i = 0; i < lines; ++i) {
        Header next = header_for(sent_);
        next.opcode = header.opcode;
        next.first = i == 0;
        next.left = random_.one_in(16) ? random_.below(64) : left - i;
        uint64_t words[urpc::payload_words] = {random_.awkward(), random_.awkward(), 0x4141'4141'4141'4141};
        vocabulary_.tame(static_cast<uint8_t>(header.opcode), words);
        put(next, words);
    }
}

// An old line as it was, or its words once more under a header that is right.
void Scribbler::replay() {
    if (sent_ == 0) return;
    Line& old = line(sent_ - 1 - random_.below(std::min<uint64_t>(sent_, lap())));
    uint64_t words[urpc::payload_words];
    for (size_t i = 0; i < urpc::payload_words; ++i) words[i] = old.payload[i].load(std::memory_order_relaxed);
    Header was = Header::from(old.header.load(std::memory_order_relaxed));
    if (random_.one_in(2)) {
        Header header = header_for(sent_);
        was.epoch = header.epoch;
        was.sequence = header.sequence;
        was.acknowledged = header.acknowledged;
    }
    put(was, words);
}

void Scribbler::lie_in_status() {
    StatusLine& status = *layout_.our_status;
    switch (random_.below(4)) {
        case 0:
            status.consumed.store(random_.one_in(2) ? random_.awkward() : random_.below(100),
                                  std::memory_order_seq_cst);
            break;
        case 1:
            status.sent.store(random_.awkward(), std::memory_order_seq_cst);
            break;
        case 2:  // asleep, starved, a new ticket: the victim pokes for nothing
            status.state.store(random_.next() & ~StatusLine::closed, std::memory_order_seq_cst);
            break;
        default:
            status.protocol.store(random_.next(), std::memory_order_seq_cst);
    }
}

}  // namespace skerry::usr::hostile
