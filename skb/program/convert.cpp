#include "skb/program/convert.hpp"

#include <algorithm>

namespace skerry::skb {

namespace {

// An arity of which `between` is named, too; the highest number of arguments is a predicate's.
base::Text& write_name(base::Text& text, std::string_view name, uint32_t arity) {
    return text << name.substr(0, 60) << '/' << arity;
}

}  // namespace

bool Converter::out_of_memory(const Term& term) {
    full_ = true;
    wrong(term) << "out of memory";
    return false;
}

Result<Value> Converter::value(const Term& term) {
    Result<Value> made = Error::corrupt;
    if (term.kind == Term::Kind::number) {
        made = symbols_.number(term.number);
    } else if (term.kind == Term::Kind::atom) {
        made = symbols_.atom(term.name);
    } else {
        wrong(term) << "expected an atom or a number"
                    << (term.kind == Term::Kind::variable ? ", found a variable" : ", found a term with arguments");
        return Error::corrupt;
    }
    if (!made.ok()) (void)out_of_memory(term);
    return made;
}

bool Converter::operand(const Term& term, Operand& into) {
    if (term.kind == Term::Kind::variable) {
        into = {true, static_cast<uint8_t>(term.variable), {}};
        return true;
    }
    if (term.kind == Term::Kind::compound || term.kind == Term::Kind::list) {
        wrong(term) << "expected a variable, an atom or a number as argument, found "
                    << (term.kind == Term::Kind::list ? "a list" : "a term with arguments");
        return false;
    }
    Result<Value> found = value(term);
    if (found.ok()) into = {false, 0, *found};
    return found.ok();
}

// All arguments of a compound or elements of a list.
bool Converter::operands(const Term& term, Literal& literal) {
    if (term.arity > most_columns) {
        wrong(term) << "expected at most " << most_columns << " arguments, found " << term.arity;
        return false;
    }
    auto* made = arena_.make<Operand>(std::max<uint32_t>(term.arity, 1));
    if (made == nullptr) return out_of_memory(term);
    uint32_t count = 0;
    for (const Term* each = term.first; each != nullptr; each = each->next, count++) {
        if (!operand(*each, made[count])) return false;
        literal.variables |= made[count].variables();
    }
    literal.operands = made;
    literal.operand_count = count;
    return true;
}

bool Converter::atom(const Term& term, Literal& into) {
    if (term.kind == Term::Kind::variable || term.kind == Term::Kind::number || term.kind == Term::Kind::list) {
        wrong(term) << "expected a goal, found "
                    << (term.kind == Term::Kind::variable ? "a variable"
                        : term.kind == Term::Kind::list   ? "a list"
                                                          : "a number");
        return false;
    }
    if (!operands(term, into)) return false;
    Result<Value> name = symbols_.atom(term.name);
    if (!name.ok()) return out_of_memory(term);
    Result<Predicate*> found = predicates_.get(*name, term.arity);
    if (!found.ok()) return out_of_memory(term);
    into.kind = Literal::Kind::atom;
    into.predicate = *found;
    return true;
}

bool Converter::literal(const Term& term, Literal& into) {
    into.line = term.line;
    bool known = false;
    if (!built_in(term, into, known)) return false;
    return known || atom(term, into);
}

// Goals between commas; brackets around some of them mean nothing.
bool Converter::conjunction(const Term& term, Conjunction& into) {
    const Term* waiting[most_goals];
    const Term* found[most_goals];
    uint32_t left = 1, count = 0;
    waiting[0] = &term;
    while (left != 0) {
        const Term* each = waiting[--left];
        bool pair = each->is(",", 2);
        if (left + count + 2 > most_goals) {
            wrong(term) << "expected fewer than " << most_goals << " goals";
            return false;
        }
        if (pair) {
            waiting[left++] = each->argument(1);
            waiting[left++] = each->argument(0);
        } else {
            found[count++] = each;
        }
    }
    auto* made = arena_.make<Literal>(count);
    if (made == nullptr) return out_of_memory(term);
    for (uint32_t i = 0; i < count; i++) {
        if (!literal(*found[i], made[i])) return false;
        into.variables |= made[i].variables;
    }
    into.literals = made;
    into.count = count;
    return true;
}

Result<Clause*> Converter::finish(Clause* clause, std::span<const std::string_view> names) {
    clause->variables = static_cast<uint32_t>(names.size());
    if (!Safety(names, problem_).check(*clause)) return Error::corrupt;
    return clause;
}

Result<Clause*> Converter::rule(const Term& head, const Term* body, std::span<const std::string_view> names) {
    auto failed = [this] { return full_ ? Error::no_memory : Error::corrupt; };
    auto* clause = arena_.make<Clause>();
    Literal made, reserved;
    bool known = false;
    bool usual = head.kind == Term::Kind::atom || head.kind == Term::Kind::compound;
    if (clause == nullptr) {
        (void)out_of_memory(head);
    } else if (!usual || head.is(",", 2)) {
        wrong(head) << "expected the name of a predicate at the head of a rule";
    } else if (built_in(head, reserved, known) && known) {
        write_name(wrong(head) << "expected a predicate of one's own at the head, found ", head.name, head.arity)
            << ", which is built in";
    } else if (!known && atom(head, made) && (body == nullptr || conjunction(*body, clause->body))) {
        clause->head = made.predicate;
        clause->operands = made.operands;
        clause->line = head.line;
        return finish(clause, names);
    }
    return failed();
}

Result<Clause*> Converter::query(const Term& body, std::span<const std::string_view> names, Predicate& head) {
    auto* clause = arena_.make<Clause>();
    auto* operands = arena_.make<Operand>(most_columns);
    if (clause == nullptr || operands == nullptr) {
        (void)out_of_memory(body);
        return Error::no_memory;
    }
    if (!conjunction(body, clause->body)) return full_ ? Error::no_memory : Error::corrupt;
    // What occurs in negations and aggregates alone has no value outside.
    Variables shown = 0;
    for (uint32_t i = 0; i < clause->body.count; i++) {
        const Literal& goal = clause->body.literals[i];
        bool result = goal.kind == Literal::Kind::aggregate && goal.operands[0].is_variable;
        if (goal.kind == Literal::Kind::aggregate) shown |= result ? goal.operands[0].variables() : 0;
        if (goal.kind != Literal::Kind::aggregate && goal.kind != Literal::Kind::negation) shown |= goal.variables;
    }
    for (uint32_t i = 0; i < names.size(); i++) {
        if (names[i][0] == '_' || (shown >> i & 1) == 0) continue;
        if (head.arity == most_columns) {
            wrong(body) << "expected at most " << most_columns << " variables that do not begin with '_'";
            return Error::corrupt;
        }
        operands[head.arity++] = {true, static_cast<uint8_t>(i), {}};
    }
    clause->head = &head;
    clause->operands = operands;
    clause->line = body.line;
    return finish(clause, names);
}

Result<Predicate*> Converter::pattern(const Term& term, Value* row, Columns& given) {
    Literal made, reserved;
    bool known = false;
    if (term.kind == Term::Kind::compound && built_in(term, reserved, known) && known) {
        write_name(wrong(term) << "expected a fact, found ", term.name, term.arity) << ", which is built in";
        return Error::corrupt;
    }
    if (known || !atom(term, made)) return full_ ? Error::no_memory : Error::corrupt;
    given = made.columns(0);
    for (uint32_t i = 0; i < made.operand_count; i++) row[i] = made.operands[i].value;
    return made.predicate;
}

Result<Predicate*> Converter::fact(const Term& term, Value* row) {
    Columns given = 0;
    Predicate* found = SKERRY_TRY(pattern(term, row, given));
    for (const Term* each = term.first; each != nullptr; each = each->next) {
        if (each->kind != Term::Kind::variable) continue;
        wrong(*each) << "expected a fact without variables, found " << each->name;
        return Error::corrupt;
    }
    return found;
}

}  // namespace skerry::skb
