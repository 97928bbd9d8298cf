#include "usr/records/record.hpp"

namespace skerry::usr::records {

namespace {

constexpr bool part_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

// Reads from the front of a text.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}
    bool take(char c) {
        skip();
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool take_here(char c) {  // without a space before it
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    Result<Word> word() {
        skip();
        size_t length = 0;
        while (length < text_.size() && part_of_word(text_[length])) length++;
        auto word = Word::of(text_.substr(0, length));
        text_.remove_prefix(length);
        return word;
    }
    bool at_end() {
        skip();
        return text_.empty();
    }

  private:
    void skip() {
        while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
    }
    std::string_view text_;
};

// A value that reads as a whole number of at most 18 digits is one.
void set_value(Attribute& attribute, const Word& word) {
    std::string_view text = word.view();
    bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    attribute.word = word;
    attribute.is_number = !text.empty() && text.size() <= 18;
    attribute.number = 0;
    for (char c : text) {
        if (c < '0' || c > '9') attribute.is_number = false;
        if (attribute.is_number) attribute.number = attribute.number * 10 + (c - '0');
    }
    if (negative) attribute.number = -attribute.number;
}

bool same_value(const Attribute& a, const Attribute& b) {
    if (a.is_number != b.is_number) return false;
    return a.is_number ? a.number == b.number : a.word == b.word;
}

// { item, item }, or nothing at all; `item` reads one.
template <typename Item>
Status read_items(Reader& reader, uint32_t& count, Item&& item) {
    if (reader.take('{') && !reader.take('}')) {
        do {
            if (count == Record::attributes_maximum) return Error::full;
            SKERRY_CHECK(item());
            count++;
        } while (reader.take(','));
        if (!reader.take('}')) return Error::corrupt;
    }
    return reader.at_end() ? Status{} : Status{Error::corrupt};
}

}  // namespace

Result<Word> Word::of(std::string_view text) {
    if (text.empty() || text.size() > longest) return Error::corrupt;
    Word word;
    for (char c : text) {
        if (!part_of_word(c)) return Error::corrupt;
        word.text_[word.length_++] = c;
    }
    return word;
}

Result<Record> Record::parse(std::string_view text) {
    Reader reader(text);
    Record record;
    record.name = SKERRY_TRY(reader.word());
    SKERRY_CHECK(read_items(reader, record.count, [&]() -> Status {
        Attribute read;
        read.key = SKERRY_TRY(reader.word());
        if (record.find(read.key) != nullptr) return Error::exists;
        if (!reader.take(':')) return Error::corrupt;
        set_value(read, SKERRY_TRY(reader.word()));
        record.attribute[record.count] = read;
        return {};
    }));
    return record;
}

void Record::write(base::Text& text) const {
    text << name.view();
    for (uint32_t i = 0; i < count; i++) {
        text << (i == 0 ? " { " : ", ") << attribute[i].key.view() << ": " << attribute[i].word.view();
    }
    if (count != 0) text << " }";
}

const Attribute* Record::find(const Word& key) const {
    for (uint32_t i = 0; i < count; i++) {
        if (attribute[i].key == key) return &attribute[i];
    }
    return nullptr;
}

bool Record::operator==(const Record& other) const {
    if (!(name == other.name) || count != other.count) return false;
    for (uint32_t i = 0; i < count; i++) {
        const Attribute* same = other.find(attribute[i].key);
        if (same == nullptr || !same_value(*same, attribute[i])) return false;
    }
    return true;
}

Result<Query> Query::parse(std::string_view text) {
    Reader reader(text);
    Query query;
    if (!reader.take('*')) {
        query.name = SKERRY_TRY(reader.word());
        query.any_end = reader.take_here('*');
    } else {
        query.any_end = true;
    }
    SKERRY_CHECK(read_items(reader, query.count, [&]() -> Status {
        Condition read;
        read.with.key = SKERRY_TRY(reader.word());
        read.relation = reader.take(':')   ? Relation::same
                        : reader.take('<') ? Relation::less
                        : reader.take('>') ? Relation::more
                                           : Relation::present;
        if (read.relation != Relation::present) set_value(read.with, SKERRY_TRY(reader.word()));
        bool compares = read.relation == Relation::less || read.relation == Relation::more;
        if (compares && !read.with.is_number) return Error::corrupt;
        query.condition[query.count] = read;
        return {};
    }));
    return query;
}

bool Query::matches(const Record& record) const {
    if (any_end ? !record.name.view().starts_with(name.view()) : !(record.name == name)) return false;
    for (uint32_t i = 0; i < count; i++) {
        const Attribute* has = record.find(condition[i].with.key);
        if (has == nullptr) return false;
        const Attribute& with = condition[i].with;
        switch (condition[i].relation) {
            case Relation::present:
                break;
            case Relation::same:
                if (!same_value(*has, with)) return false;
                break;
            case Relation::less:
                if (!has->is_number || has->number >= with.number) return false;
                break;
            case Relation::more:
                if (!has->is_number || has->number <= with.number) return false;
                break;
        }
    }
    return true;
}

}  // namespace skerry::usr::records
