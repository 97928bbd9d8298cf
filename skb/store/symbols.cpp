#include <algorithm>
#include <cstring>

#include "skb/store/value.hpp"

namespace skerry::skb {

namespace {

constexpr uint64_t multiplier = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: Knuth, TAOCP 3, 6.4

uint64_t hash_of(std::string_view text) {
    uint64_t hash = text.size();
    for (char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * multiplier;
    return hash ^ hash >> 32;
}

bool letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool needs_quotes(std::string_view text) {
    if (text.empty() || text[0] < 'a' || text[0] > 'z') return true;
    return !std::all_of(text.begin(), text.end(), letter_or_digit);
}

}  // namespace

Result<Value> Symbols::atom(std::string_view text) {
    return intern(hash_of(text), text.data() == nullptr ? std::string_view("") : text, 0);
}

Result<Value> Symbols::number(int64_t number) {
    if (Value::fits(number)) return Value::small(number);
    uint64_t hash = static_cast<uint64_t>(number) * multiplier;
    return intern(hash ^ hash >> 32, {}, number);
}

bool Symbols::grow() {
    uint32_t wanted = std::max<uint32_t>(64, heads_.size() * 2);
    Growing<uint32_t> heads;
    uint32_t* made = heads.extend(pool_, wanted);
    if (made == nullptr) return false;
    std::fill_n(made, wanted, 0);
    for (uint32_t i = 0; i < entries_.size(); i++) {
        uint32_t& head = made[hashes_[i] & (wanted - 1)];
        entries_[i].next = head;
        head = i + 1;
    }
    heads_.free(pool_);
    heads_ = heads;
    return true;
}

Result<Value> Symbols::intern(uint64_t hash, std::string_view text, int64_t number) {
    bool is_text = text.data() != nullptr;
    if (heads_.size() != 0) {
        for (uint32_t at = heads_[hash & (heads_.size() - 1)]; at != 0; at = entries_[at - 1].next) {
            const Entry& entry = entries_[at - 1];
            if (hashes_[at - 1] != hash || is_text != (entry.text != nullptr)) continue;
            if (is_text ? std::string_view(entry.text, entry.size) == text : entry.number == number) {
                return Value::symbol(at - 1);
            }
        }
    }
    if (entries_.size() >= heads_.size() && !grow()) return Error::no_memory;
    if (!entries_.reserve(pool_, entries_.size() + 1) || !hashes_.reserve(pool_, hashes_.size() + 1)) {
        return Error::no_memory;
    }
    char* copy = nullptr;
    if (is_text) {
        copy = pool_.array<char>(std::max<size_t>(text.size(), 1));
        if (copy == nullptr) return Error::no_memory;
        if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    }
    uint32_t& head = heads_[hash & (heads_.size() - 1)];
    SKERRY_ASSERT(entries_.add(pool_, {copy, number, static_cast<uint32_t>(text.size()), head}));
    SKERRY_ASSERT(hashes_.add(pool_, hash));
    head = entries_.size();
    return Value::symbol(entries_.size() - 1);
}

int Symbols::compare(Value one, Value other) const {
    bool numbers[] = {is_number(one), is_number(other)};
    if (numbers[0] != numbers[1]) return numbers[0] ? -1 : 1;
    if (!numbers[0]) return as_text(one).compare(as_text(other));
    int64_t first = as_number(one), second = as_number(other);
    return first < second ? -1 : first > second;
}

void Symbols::write(base::Text& text, Value value) const {
    if (is_number(value)) {
        text << as_number(value);
        return;
    }
    std::string_view atom = as_text(value);
    if (!needs_quotes(atom)) {
        text << atom;
        return;
    }
    text << '\'';
    for (char c : atom) {
        if (c == '\'' || c == '\\') text << '\\';
        if (c == '\n') {
            text << "\\n";
        } else if (static_cast<uint8_t>(c) < 32) {
            text << "\\x"
                 << "0123456789abcdef"[c >> 4 & 15] << "0123456789abcdef"[c & 15] << "\\";
        } else {
            text << c;
        }
    }
    text << '\'';
}

}  // namespace skerry::skb
