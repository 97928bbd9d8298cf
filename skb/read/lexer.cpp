#include "skb/read/lexer.hpp"

namespace skerry::skb {

namespace {

using Kind = Token::Kind;

bool lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool upper(char c) {
    return (c >= 'A' && c <= 'Z') || c == '_';
}
bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool word(char c) {
    return lower(c) || upper(c) || digit(c);
}
bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool symbol(char c) {
    return c != '\0' && std::string_view("+-*/\\^<>=~:.?@#&$").find(c) != std::string_view::npos;
}
int digit_value(char c) {
    if (digit(c)) return c - '0';
    char small = static_cast<char>(c | 32);
    return small >= 'a' && small <= 'z' ? small - 'a' + 10 : 99;
}

}  // namespace

// False: a comment has no end.
bool Lexer::skip_layout(Token& token) {
    while (!done()) {
        if (blank(peek())) {
            if (peek() == '\n') line_++;
            at_++;
        } else if (peek() == '%') {
            while (!done() && peek() != '\n') at_++;
        } else if (peek() == '/' && peek(1) == '*') {
            token.line = line_;
            for (at_ += 2; !done() && !(peek() == '*' && peek(1) == '/'); at_++) {
                if (peek() == '\n') line_++;
            }
            if (done()) return false;
            at_ += 2;
        } else {
            return true;
        }
        token.layout_before = true;
    }
    return true;
}

Kind Lexer::digits(Token& token, uint32_t base) {
    uint64_t value = 0;
    bool any = false;
    for (;; any = true) {
        // 1_000_000: a single underscore between digits.
        if (any && peek() == '_' && digit_value(peek(1)) < static_cast<int>(base)) at_++;
        int next = digit_value(peek());
        if (next >= static_cast<int>(base)) break;
        if (__builtin_mul_overflow(value, uint64_t{base}, &value) ||
            __builtin_add_overflow(value, static_cast<uint64_t>(next), &value) || value > INT64_MAX) {
            return bad(token, "a number of at most 63 bits");
        }
        at_++;
    }
    if (!any) return bad(token, "digits");
    token.number = static_cast<int64_t>(value);
    return Kind::number;
}

Kind Lexer::character_code(Token& token) {
    if (done()) return bad(token, "a character after 0'");
    char c = peek();
    at_++;
    token.number = static_cast<uint8_t>(c);
    if (c == '\\') {
        token.number = escape();
        if (token.number < 0) return bad(token, "a known escape after 0'\\");
    } else if (c == '\'') {
        if (peek() != '\'') return bad(token, "0''' written with two quotes");
        at_++;
    } else if (c == '\n') {
        line_++;
    } else if (static_cast<uint8_t>(c) >= 0x80) {
        return bad(token, "an ASCII character after 0'");
    }
    return Kind::number;
}

Kind Lexer::number(Token& token) {
    Kind kind;
    char second = peek() == '0' ? peek(1) : '\0';
    uint32_t base = second == 'x' ? 16 : second == 'o' ? 8 : second == 'b' ? 2 : 0;
    if (base != 0) {
        at_ += 2;
        kind = digits(token, base);
    } else if (second == '\'') {
        at_ += 2;
        kind = character_code(token);
    } else {
        kind = digits(token, 10);
        if (kind == Kind::number && peek() == '.' && digit(peek(1))) return bad(token, "a whole number");
    }
    if (kind == Kind::number && word(peek())) return bad(token, "a blank between a number and a name");
    return kind;
}

int Lexer::escape() {
    char c = peek();
    if (done()) return -2;
    at_++;
    switch (c) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 'r':
            return '\r';
        case '\\':
        case '\'':
        case '"':
        case '`':
            return c;
        case '\n':
            line_++;
            return -1;
        case 'x': {
            int value = 0, count = 0;
            for (; digit_value(peek()) < 16 && count < 2; count++, at_++) value = value * 16 + digit_value(peek());
            if (count == 0 || value == 0 || value > 127 || peek() != '\\') return -2;
            at_++;
            return value;
        }
        default:
            return -2;
    }
}

// From behind the first quote to behind the last: how many bytes it stands for, written to `into` unless null.
// Below 0: not to be understood.
int64_t Lexer::unpack(char* into) {
    for (int64_t length = 0; !done();) {
        int c = static_cast<uint8_t>(peek());
        at_++;
        if (c == '\n') return unended;
        if (c == '\'') {
            if (peek() != '\'') return length;
            at_++;
        } else if (c == '\\') {
            c = escape();
            if (c == -2) return unknown_escape;
            if (c == -1) continue;
        }
        if (into != nullptr) into[length] = static_cast<char>(c);
        length++;
    }
    return unended;
}

Kind Lexer::quoted(Token& token) {
    size_t start = ++at_;
    uint32_t line = line_;
    int64_t length = unpack(nullptr);
    if (length == unknown_escape) return bad(token, "a known escape after '\\' in a quoted atom");
    if (length == unended) return bad(token, "a quoted atom that ends on its line");
    auto* text = static_cast<char*>(arena_.allocate(static_cast<size_t>(length) + 1));
    if (text == nullptr) return bad(token, "less text (out of memory)");
    at_ = start;
    line_ = line;
    (void)unpack(text);
    token.text = {text, static_cast<size_t>(length)};
    return Kind::quoted;
}

Kind Lexer::symbols(Token& token) {
    size_t start = at_;
    while (symbol(peek())) at_++;
    token.text = source_.substr(start, at_ - start);
    return Kind::atom;
}

Token Lexer::next() {
    Token token;
    bool whole = skip_layout(token);
    if (!whole) {
        token.kind = bad(token, "the end '*/' of a comment");
        return token;
    }
    token.line = line_;
    if (done()) return token;
    char c = peek();
    size_t start = at_;
    if (digit(c)) {
        token.kind = number(token);
    } else if (lower(c) || upper(c)) {
        while (word(peek())) at_++;
        token.text = source_.substr(start, at_ - start);
        token.kind = lower(c) ? Kind::atom : Kind::variable;
    } else if (c == '\'') {
        token.kind = quoted(token);
    } else if (c == '.' && (at_ + 1 >= source_.size() || blank(peek(1)) || peek(1) == '%')) {
        at_++;
        token.kind = Kind::end;
    } else if (symbol(c)) {
        token.kind = symbols(token);
    } else if (c == '(') {
        at_++;
        token.kind = token.layout_before ? Kind::open : Kind::open_call;
    } else {
        at_++;
        token.text = source_.substr(start, 1);
        bool known = std::string_view(")[]{},|").find(c) != std::string_view::npos && c != '\0';
        token.kind = known ? Kind::mark : c == ';' || c == '!' ? Kind::atom : bad(token, "a character of the language");
        if (token.kind == Kind::mark || token.kind == Kind::atom) token.text = source_.substr(start, 1);
    }
    return token;
}

}  // namespace skerry::skb
