#include "skb/read/term.hpp"

namespace skerry::skb {

namespace {

using Kind = Term::Kind;

struct Operator {
    std::string_view name;
    uint16_t priority;
    uint16_t left, right;  // most priority of the operands; left 0: a prefix operator
};

// ISO 13211-1, table 7, those that the language has; and SWI-Prolog's `table`.
constexpr Operator infix[] = {
    {":-", 1200, 1199, 1199}, {",", 1000, 999, 1000},  {"=", 700, 699, 699},   {"\\=", 700, 699, 699},
    {"==", 700, 699, 699},    {"\\==", 700, 699, 699}, {"@<", 700, 699, 699},  {"@>", 700, 699, 699},
    {"@=<", 700, 699, 699},   {"@>=", 700, 699, 699},  {"is", 700, 699, 699},  {"=:=", 700, 699, 699},
    {"=\\=", 700, 699, 699},  {"<", 700, 699, 699},    {">", 700, 699, 699},   {"=<", 700, 699, 699},
    {">=", 700, 699, 699},    {"+", 500, 500, 499},    {"-", 500, 500, 499},   {"/\\", 500, 500, 499},
    {"\\/", 500, 500, 499},   {"xor", 500, 500, 499},  {"*", 400, 400, 399},   {"/", 400, 400, 399},
    {"//", 400, 400, 399},    {"mod", 400, 400, 399},  {"rem", 400, 400, 399}, {"<<", 400, 400, 399},
    {">>", 400, 400, 399},
};
constexpr Operator prefix[] = {
    {":-", 1200, 0, 1199},    {"dynamic", 1150, 0, 1149}, {"discontiguous", 1150, 0, 1149},
    {"table", 1150, 0, 1149}, {"\\+", 900, 0, 900},       {"-", 200, 0, 200},
    {"+", 200, 0, 200},       {"\\", 200, 0, 200},
};

template <size_t N>
const Operator* find(const Operator (&table)[N], std::string_view name) {
    for (const Operator& each : table) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

}  // namespace

Term* TermReader::make(Kind kind, uint32_t line) {
    Term* term = arena_.make<Term>();
    if (term == nullptr) {
        full_ = true;
        problem_.at(line) << "out of memory";
        return nullptr;
    }
    term->kind = kind;
    term->line = line;
    return term;
}

// Says what was found instead; always null.
Term* TermReader::expected(std::string_view what) {
    if (token_.kind == Token::Kind::bad) {
        problem_.at(token_.line) << "expected " << token_.text;
        return nullptr;
    }
    base::Text& text = problem_.at(token_.line) << "expected " << what << ", found ";
    switch (token_.kind) {
        case Token::Kind::end:
            text << "the full stop";
            break;
        case Token::Kind::end_of_file:
            text << "the end of the text";
            break;
        case Token::Kind::number:
            text << token_.number;
            break;
        case Token::Kind::open:
        case Token::Kind::open_call:
            text << "'('";
            break;
        default:
            text << '\'' << token_.text.substr(0, 40) << '\'';
    }
    return nullptr;
}

bool TermReader::starts_term() const {
    switch (token_.kind) {
        case Token::Kind::variable:
        case Token::Kind::number:
        case Token::Kind::quoted:
        case Token::Kind::open:
        case Token::Kind::open_call:
            return true;
        case Token::Kind::atom:
            return find(infix, token_.text) == nullptr || find(prefix, token_.text) != nullptr;
        default:
            return token_.is('[');
    }
}

Term* TermReader::variable() {
    Term* term = make(Kind::variable, token_.line);
    if (term == nullptr) return nullptr;
    term->name = token_.text;
    uint32_t index = token_.text == "_" ? variable_count_ : 0;
    while (index < variable_count_ && names_[index] != token_.text) index++;
    if (index == most_variables) return expected("at most 64 variables in a clause");
    if (index == variable_count_) names_[variable_count_++] = token_.text;
    term->variable = index;
    advance();
    return term;
}

// Terms between commas, up to `close`.
bool TermReader::arguments(Term& into, char close) {
    Term** tail = &into.first;
    for (;;) {
        Term* argument = parse(999);
        if (argument == nullptr) return false;
        // The same term may not be linked twice: each is made where it is read.
        *tail = argument;
        tail = &argument->next;
        into.arity++;
        if (token_.is(close)) break;
        if (!token_.is(',')) return expected(close == ')' ? "',' or ')'" : "',' or ']'") != nullptr;
        advance();
    }
    advance();
    return true;
}

Term* TermReader::list() {
    Term* term = make(Kind::list, token_.line);
    if (term == nullptr) return nullptr;
    advance();
    if (token_.is(']')) {
        advance();
        return term;
    }
    return arguments(*term, ']') ? term : nullptr;
}

Term* TermReader::prefixed(std::string_view name, uint32_t line, uint32_t most, uint32_t& priority) {
    const Operator* found = find(prefix, name);
    if (name == "-" && token_.kind == Token::Kind::number && !token_.layout_before) {
        Term* term = make(Kind::number, line);
        if (term == nullptr) return nullptr;
        term->number = -token_.number;
        advance();
        return term;
    }
    // Inside an argument an operator of a high priority binds as little as there is room for.
    uint32_t own = found->priority > most ? 999 : found->priority;
    if (own > most) return expected("brackets around this operator");
    Term* term = make(Kind::compound, line);
    Term* operand = term == nullptr ? nullptr : parse(own < found->priority ? own : found->right);
    if (operand == nullptr) return nullptr;
    term->name = name;
    term->arity = 1;
    term->first = operand;
    priority = own;
    return term;
}

Term* TermReader::named(uint32_t most, uint32_t& priority) {
    std::string_view name = token_.text;
    uint32_t line = token_.line;
    bool plain = token_.kind == Token::Kind::atom;
    advance();
    if (token_.kind == Token::Kind::open_call) {
        Term* term = make(Kind::compound, line);
        if (term == nullptr) return nullptr;
        term->name = name;
        advance();
        return arguments(*term, ')') ? term : nullptr;
    }
    if (plain && find(prefix, name) != nullptr && starts_term()) return prefixed(name, line, most, priority);
    Term* term = make(Kind::atom, line);
    if (term != nullptr) term->name = name;
    return term;
}

Term* TermReader::primary(uint32_t most, uint32_t& priority) {
    priority = 0;
    switch (token_.kind) {
        case Token::Kind::variable:
            return variable();
        case Token::Kind::number: {
            Term* term = make(Kind::number, token_.line);
            if (term != nullptr) term->number = token_.number;
            advance();
            return term;
        }
        case Token::Kind::open:
        case Token::Kind::open_call: {
            advance();
            Term* term = parse(1200);
            if (term == nullptr) return nullptr;
            if (!token_.is(')')) return expected("')'");
            advance();
            return term;
        }
        case Token::Kind::atom:
        case Token::Kind::quoted:
            return named(most, priority);
        default:
            return token_.is('[') ? list() : expected("a term");
    }
}

Term* TermReader::parse(uint32_t most) {
    if (++nested_ > most_nested) return expected("less deeply nested brackets and operators");
    uint32_t priority = 0;
    Term* left = primary(most, priority);
    while (left != nullptr) {
        bool named = token_.kind == Token::Kind::atom || token_.is(',');
        const Operator* found = named ? find(infix, token_.text) : nullptr;
        if (found == nullptr || found->priority > most || priority > found->left) break;
        Term* term = make(Kind::compound, token_.line);
        advance();
        Term* right = term == nullptr ? nullptr : parse(found->right);
        if (right == nullptr) return nullptr;
        term->name = found->name;
        term->arity = 2;
        term->first = left;
        left->next = right;
        left = term;
        priority = found->priority;
    }
    nested_--;
    return left;
}

Result<Term*> TermReader::read(bool stop_needed) {
    variable_count_ = nested_ = 0;
    if (token_.kind == Token::Kind::end_of_file) return static_cast<Term*>(nullptr);
    Term* term = parse(1200);
    if (term != nullptr && token_.kind == Token::Kind::end) {
        advance();
        return term;
    }
    if (term != nullptr && token_.kind == Token::Kind::end_of_file && !stop_needed) return term;
    if (term != nullptr) (void)expected("an operator or the full stop");
    return full_ ? Error::no_memory : Error::corrupt;
}

}  // namespace skerry::skb
