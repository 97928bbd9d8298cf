"""Names: types in PascalCase, everything else in snake_case, private members with a trailing underscore."""
import re

from _tree import code_only, cpp, line_of, report, tracked, without_preprocessor

# Names that the language or the standard library asks for.
GIVEN = {"promise_type", "tuple_size", "tuple_element", "hash", "local"}
TYPE = re.compile(r"\b(?:class|struct|union|enum(?:\s+class|\s+struct)?)\s+(?:\[\[[^\]]*\]\]\s*|alignas\([^)]*\)\s*)*"
                  r"([A-Za-z_]\w*)(?:<[^;{}]*>)?\s*(?:final\s*)?(?::(?!:)[^;{}()]*)?\{")
FUNCTION = re.compile(r"^[ \t]*(?:[\w:<>,*&\[\]]+[ \t]+)+[*&]?(?:\w+::)*([a-z]+[A-Z]\w*)\(", re.MULTILINE)
CONSTANT = re.compile(r"\bconstexpr\s+[\w:<>]+(?:\s*\*)?\s+(k[A-Z]\w*|[A-Z][A-Z0-9_]+)\s*[=\[{]")


def check_names(files):
    complaints = []
    for path, text in cpp(files):
        code = without_preprocessor(code_only(text))
        for pattern, wanted in ((TYPE, "PascalCase"), (FUNCTION, "snake_case"), (CONSTANT, "snake_case")):
            for match in pattern.finditer(code):
                name = match.group(1)
                if pattern is TYPE and (re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) or name in GIVEN):
                    continue
                complaints.append(f"{path}:{line_of(code, match.start(1))}: {name} should be {wanted}")
    return complaints


def private_parts(code):
    """(start, text) of what stands in the private sections of classes."""
    for match in re.finditer(r"\b(class\s[^;{}()]*\{|private\s*:)", code):
        depth, position = 0, match.end()
        while position < len(code) and depth >= 0:
            if depth == 0 and re.compile(r"(?:public|protected)\s*:").match(code, position):
                break
            depth += {"{": 1, "}": -1}.get(code[position], 0)
            position += 1
        yield match.end(), code[match.end():position]


def check_members(files):
    complaints = []
    member = re.compile(r"^ +(?! |static|using|friend|return|constexpr|template|enum|class|struct|union)(?:mutable |const )*[\w:<>, ]+[ *&]+"
                        r"([a-z]\w*[a-z0-9])(?:\[[^\]]*\])?\s*(?:=[^;()]*|\{[^;{}()]*\})?;", re.MULTILINE)
    for path, text in cpp(files):
        code = without_preprocessor(code_only(text))
        for start, part in private_parts(code):
            flat = re.sub(r"\{[^{}]*\{.*?\n    \}|\{[^{}\n]*\n[^{}]*\}", lambda m: re.sub(r"[^\n]", " ", m.group()), part,
                          flags=re.DOTALL)
            for match in member.finditer(flat):
                complaints.append(f"{path}:{line_of(code, start + match.start(1))}: private {match.group(1)} should be "
                                  f"{match.group(1)}_")
    return sorted(set(complaints))


def main():
    files = tracked()
    report("names: types in PascalCase, the rest in snake_case", check_names(files))
    report("names: private members end in an underscore", check_members(files))


if __name__ == "__main__":
    main()
