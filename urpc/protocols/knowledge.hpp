// What programs ask of the knowledge base (skb), by the name `skb`, and tell it, if they may.
//
//   client                         service
//     | --Ask(goals)-------------->  |     how many rows there are, and their columns' names
//     | <-----------------Found----- |
//     | --Next(question, 0)------->  |     the rows as text, as many as fit; the next call goes on, or none does:
//     | <------------------Rows----- |     rows are sent only to who asks for them
//
//     | --AskGroup(root, cores)-->  |     the same: along which tree a group of programs is to send (skb/rules/groups.pl)
//     | <-----------------Found----- |
//
//     | --AddText(text)----------->  |     as often as need be: a draft of at most draft_bytes
//     | <-------------TextAdded----- |
//     | --Replace(name)----------->  |     the draft takes the rule file's place, whole or not at all
//     | <------------------Told----- |
//
// A client's last question is kept until it asks another one. Anybody may ask. Tell, Retract, AddText, Replace and
// Remove are for managers, to whom init has given that right (service_start::flags::manager: the shell); the client's
// monitor vouches for that when it binds. To others: refused.
#pragma once

#include "urpc/protocol.hpp"
#include "urpc/protocols/machine_info.hpp"

namespace skerry::urpc::knowledge {

struct Found {
    uint64_t question;  // names it in Next
    base::Error error;  // none, or why there are no rows; then the text says what was expected where
    uint32_t columns;
    uint32_t rows;
    String<320> text;  // the columns' names, each ended by a tab
};
// Errors: again (the machine's facts are not collected yet).
struct Ask {
    using Response = Found;
    String<480> goals;  // Prolog's syntax, see skb/README.md
};
// As Ask for group_tree(GROUP, ROOT, Parent, Child, Turn), while group_member(GROUP, Core) is a fact for each of the cores: it is
// nobody else's to see, and gone when this is answered. Whoever manages the machine may tell such facts for good; then that name
// is taken: Found says exists.
constexpr size_t group_name_bytes = 24;
struct AskGroup {
    using Response = Found;
    String<group_name_bytes> group;  // small letters, digits and _, a letter first
    base::CoreId root;
    std::array<uint64_t, machine_cores_maximum / 64> cores;  // a bit a core: core 0 is the lowest of the first word
};
struct Rows {
    uint32_t next;     // the first row that is not in the text
    String<600> text;  // each value ended by a tab, each row by a line feed
};
// Errors: not_found (the question's rows are gone), out_of_range (no such row).
struct Next {
    using Response = Rows;
    uint64_t question;
    uint32_t row;
};

constexpr size_t file_name_bytes = 32;
constexpr uint32_t draft_bytes = 16384;

struct Told {
    base::Error error;  // none, or why nothing was changed; then the text says what was expected where
    uint32_t count;     // facts that were taken away
    String<320> text;
};
struct Tell {
    using Response = Told;
    String<800> facts;
};
struct Retract {  // all facts that match
    using Response = Told;
    String<480> pattern;
};
// Errors: full (the draft is longer than draft_bytes), busy (another manager writes one).
struct TextAdded {
    uint32_t bytes;  // of the draft
};
struct AddText {
    using Response = TextAdded;
    String<800> text;
};
struct Replace {
    using Response = Told;
    String<file_name_bytes> file;
};
struct Remove {
    using Response = Told;
    String<file_name_bytes> file;
};
// Errors: out_of_range (no more).
struct RuleFile {
    String<file_name_bytes> file;
    uint32_t rules;
};
struct NextRuleFile {
    using Response = RuleFile;
    uint32_t index;
};
// All facts that were told, as text that can be loaded again. (Those in rule files are in the files.)
struct Facts {
    uint64_t next;  // cursor; 0 = that was all
    String<800> text;
};
struct NextFacts {
    using Response = Facts;
    uint64_t cursor;  // 0 = from the first
};

using Protocol = urpc::Protocol<Ask, Found, Next, Rows, Tell, Told, Retract, AddText, TextAdded, Replace, Remove,
                                NextRuleFile, RuleFile, NextFacts, Facts, AskGroup>;
static_assert(Protocol::max_lines <= 16);  // fits a ring of 4 KiB with both directions

}  // namespace skerry::urpc::knowledge
