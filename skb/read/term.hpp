// Prolog terms as they are read, before anybody asks what they mean. Operators are Prolog's own.
#pragma once

#include "skb/read/lexer.hpp"
#include "skb/read/problem.hpp"
#include "skb/store/value.hpp"

namespace skerry::skb {

constexpr uint32_t most_variables = 64;  // of one clause: a set of them is a word

struct Term {
    enum class Kind : uint8_t { variable, number, atom, compound, list };
    Kind kind = Kind::atom;
    uint32_t line = 0;
    uint32_t variable = 0;  // index in its clause
    int64_t number = 0;
    std::string_view name;  // of an atom or a compound; lives as long as the source and the arena
    uint32_t arity = 0;     // of a compound or a list
    Term* first = nullptr;  // argument
    Term* next = nullptr;   // argument of the same compound

    bool is(std::string_view wanted, uint32_t arguments) const {
        return (kind == Kind::compound || kind == Kind::atom) && arity == arguments && name == wanted;
    }
    Term* argument(uint32_t index) const {
        Term* at = first;
        while (index-- != 0) at = at->next;
        return at;
    }
};

class TermReader {
  public:
    TermReader(std::string_view source, Arena& arena, Problem& problem)
        : lexer_(source, arena), arena_(arena), problem_(problem) {
        token_ = lexer_.next();
    }

    // The next clause up to its full stop; null at the end of the text. Errors: corrupt (the problem says what),
    // no_memory. `stop_needed`: false lets the end of the text stand for the last full stop.
    Result<Term*> read(bool stop_needed = true);
    // Of the clause that was read last, in order of appearance; each '_' is one of its own, with that name.
    std::span<const std::string_view> variables() const { return {names_, variable_count_}; }

  private:
    static constexpr uint32_t most_nested = 100;

    Term* parse(uint32_t most);  // null: failed, and said why
    Term* primary(uint32_t most, uint32_t& priority);
    Term* named(uint32_t most, uint32_t& priority);
    Term* prefixed(std::string_view name, uint32_t line, uint32_t most, uint32_t& priority);
    Term* variable();
    Term* list();
    bool arguments(Term& into, char close);
    bool starts_term() const;
    Term* make(Term::Kind kind, uint32_t line);
    Term* expected(std::string_view what);
    void advance() { token_ = lexer_.next(); }

    Lexer lexer_;
    Arena& arena_;
    Problem& problem_;
    Token token_;
    std::string_view names_[most_variables];
    uint32_t variable_count_ = 0, nested_ = 0;
    bool full_ = false;
};

}  // namespace skerry::skb
