"""Shapes of co_await that GCC 12 miscompiles or crashes on: await named locals only.

  A macro's argument (a statement expression crashes the compiler; an assertion is a ternary), a ternary, a braced
  initialiser around or inside the awaited expression, a structured binding of the result."""
import re

from _tree import code_only, cpp, line_of, report, tracked, without_preprocessor

AWAIT = re.compile(r"\bco_await\b")
BLOCK_BEFORE = re.compile(r"(?:\)|\belse|\bdo|\btry|\bconst|\bnoexcept|\bmutable|\boverride|->\s*[\w:<>,\s*&]+|^|[;{}:])\s*$")


def closing(code, opening):
    """The position of the bracket that closes the one at `opening`, or the end."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    wanted = []
    for position in range(opening, len(code)):
        char = code[position]
        if char in pairs:
            wanted.append(pairs[char])
        elif wanted and char == wanted[-1]:
            wanted.pop()
            if not wanted:
                return position
    return len(code)


def statements(code):
    """(start, text) of the pieces between ; and the braces of blocks; braced initialisers stay inside."""
    begin, position = 0, 0
    while position < len(code):
        char = code[position]
        if char == "{" and not BLOCK_BEFORE.search(code[max(begin, position - 200):position]):
            inside = code[position:closing(code, position)]
            if ";" not in inside:  # an initialiser, not a lambda's or a class's body
                position += len(inside)
                continue
        if char in ";{}":
            yield begin, code[begin:position]
            begin = position + 1
        position += 1
    yield begin, code[begin:]


def complaint_of(text):
    """What is wrong with one statement that awaits, or None."""
    for macro in re.finditer(r"\b[A-Z][A-Z0-9_]{2,}\s*\(", text):
        if AWAIT.search(text[macro.end():closing(text, macro.end() - 1)]):
            return f"co_await inside {macro.group()[:-1].strip()}(): name the result first"
    if re.search(r"\?(?!\?)[^?]*:", re.sub(r"::", "  ", text)):
        return "co_await and ?: in one statement: use if"
    if re.search(r"\bauto\s*&{0,2}\s*\[[^\]]*\]\s*=\s*co_await", text):
        return "a structured binding of a co_await: name the result first"
    for brace in re.finditer(r"\{", text):
        if AWAIT.search(text[brace.end():closing(text, brace.start())]):
            return "co_await inside braces: name the result first"
        if AWAIT.search(text[:brace.start()]):
            return "a braced initialiser inside a co_await expression: name the value first"
    return None


def check_shapes(files):
    complaints = []
    for path, text in cpp(files):
        if "co_await" not in text:
            continue
        code = without_preprocessor(code_only(text))
        for start, statement in statements(code):
            found = AWAIT.search(statement)
            wrong = complaint_of(statement) if found else None
            if wrong:
                complaints.append(f"{path}:{line_of(code, start + found.start())}: {wrong}")
    return complaints


def main():
    report("coroutines: no shape of co_await that GCC 12 gets wrong", check_shapes(tracked()))


if __name__ == "__main__":
    main()
