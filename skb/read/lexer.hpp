// Prolog's tokens. The text may be anything: what is no token becomes a bad one with a reason.
#pragma once

#include <cstdint>
#include <string_view>

#include "skb/store/pool.hpp"

namespace skerry::skb {

struct Token {
    enum class Kind : uint8_t { atom, quoted, variable, number, open, open_call, mark, end, end_of_file, bad };
    // open: '(' after layout, open_call: '(' that follows its functor at once, mark: ) [ ] { } , |
    Kind kind = Kind::end_of_file;
    bool layout_before = false;
    uint32_t line = 1;
    std::string_view text;  // of the source; of a quoted atom what it stands for; of a bad token the reason
    int64_t number = 0;

    bool is(char c) const { return kind == Kind::mark && text.size() == 1 && text[0] == c; }
};

class Lexer {
  public:
    // Quoted atoms with escapes are unpacked into `arena`.
    Lexer(std::string_view source, Arena& arena) : source_(source), arena_(arena) {}

    Token next();

  private:
    char peek(size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
    bool done() const { return at_ >= source_.size(); }
    bool skip_layout(Token& token);
    Token::Kind digits(Token& token, uint32_t base);
    Token::Kind number(Token& token);
    Token::Kind character_code(Token& token);
    Token::Kind quoted(Token& token);
    static constexpr int64_t unended = -1, unknown_escape = -2;
    int64_t unpack(char* into);
    Token::Kind symbols(Token& token);
    Token::Kind bad(Token& token, std::string_view why) {
        token.text = why;
        return Token::Kind::bad;
    }
    int escape();  // the byte that a backslash and what follows stand for; -1: nothing, -2: unknown

    std::string_view source_;
    Arena& arena_;
    size_t at_ = 0;
    uint32_t line_ = 1;
};

}  // namespace skerry::skb
