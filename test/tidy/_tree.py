"""What all checks share: the tracked files, C++ without comments, its scopes, and how a check reports.

A check is a function from files ({path: text}) to complaints (a list of lines), so that selftest.py can feed it."""
import os
import re
import subprocess
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CPP = (".cpp", ".hpp")
SHOWN = 60  # complaints printed a check

# The folders whose code runs without an operating system below it.
FREESTANDING = ("cpudriver/", "monitor/", "urpc/", "capabilities/", "skb/", "usr/", "platforms/base/",
                "platforms/contract/", "platforms/image/", "platforms/firmware/", "platforms/devices/",
                "platforms/x86_64/", "platforms/aarch64/", "platforms/riscv64/")


def tracked():
    """{path: text} of all tracked text files."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = {}
    for name in filter(None, names.split("\0")):
        path = os.path.join(ROOT, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                files[name] = file.read()
    return files


def cpp(files, folders=("",)):
    """(path, text) of the C++ files below the folders, in order."""
    return [(path, files[path]) for path in sorted(files) if path.endswith(CPP) and path.startswith(tuple(folders))]


def report(name, complaints, note=""):
    if not complaints:
        print(f"ok {name}" + (f": {note}" if note else ""))
        return
    print(f"not ok {name}: {len(complaints)} " + ("complaint" if len(complaints) == 1 else "complaints"))
    for line in complaints[:SHOWN]:
        print(f"    {line}")
    if len(complaints) > SHOWN:
        print(f"    and {len(complaints) - SHOWN} more")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


LITERAL = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
                     r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text):
    return LITERAL.sub(lambda m: _blank(m) if m.group().startswith("/") else m.group(), text)


def code_only(text):
    """The text with comments and the insides of literals blanked; every position stays where it was."""
    return LITERAL.sub(lambda m: _blank(m) if m.group()[0] == "/" else '"' + _blank(m)[1:-1] + '"', text)


def without_preprocessor(code):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", _blank, code, flags=re.MULTILINE)


@dataclass
class Scope:
    kind: str    # namespace, class, function, block, value
    header: str  # the text before its brace
    start: int   # where the header begins
    open: int    # the brace
    end: int = 0


@dataclass
class Statement:
    text: str
    start: int
    kind: str  # of the scope that it stands in


def collapsed(header):
    """A header without template arguments and what stands in parentheses."""
    previous = None
    while previous != header:
        previous = header
        header = re.sub(r"\([^()]*\)", "\0", header)
    header = header.replace("\0", "()")
    header = re.sub(r"\boperator\s*(<=>|<<|>>|<=|>=|->|<|>)", "operator_", header)
    header = header.replace("->", "  ")
    previous = None
    while previous != header:
        previous = header
        header = re.sub(r"<[^<>;{}]*>", "", header)
    return header.strip()


def kind_of(header, parent):
    """What a brace after this header opens."""
    if parent in ("function", "block"):
        return "block"
    short = collapsed(header)
    if re.match(r'(inline\s+)?namespace\b|extern\s*"\s*"\s*$', short):
        return "namespace"
    typed = re.findall(r"\b(?:class|struct|union|enum)\b(?!.*\b(?:class|struct|union|enum)\b)(.*)", short, re.DOTALL)
    if typed and "()" not in typed[0].replace("alignas()", ""):
        return "value" if "=" in typed[0] else "class"
    if "operator" in short:
        return "function"
    if "=" in short or "()" not in short:
        return "value"
    if re.search(r"\(\)[^:]*(?<!:):(?!:)(.*,)?\s*[\w:]+$", short, re.DOTALL):
        return "value"  # a member initialiser: a_{...}
    return "function"


def scan(code):
    """(scopes, statements) of code_only() text. Inside a function only its own scope is told."""
    code = without_preprocessor(code)
    scopes, statements, stack = [], [], []
    begin, depth = 0, 0
    for match in re.finditer(r"[{};()]|\b(?:public|private|protected)\s*:(?!:)", code):
        token, at = match.group(), match.start()
        parent = stack[-1][0].kind if stack else "namespace"
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
        elif token == "{":
            header = code[begin:at]
            kind = kind_of(header, parent) if depth == 0 or parent in ("function", "block") else "value"
            start = begin + len(header) - len(header.lstrip())
            stack.append((Scope(kind, header.strip(), start, at), begin, depth))
            begin, depth = at + 1, 0
        elif token == "}" and stack:
            scope, outer_begin, depth = stack.pop()
            scope.end = at
            if scope.kind != "block":
                scopes.append(scope)
            begin = outer_begin if scope.kind == "value" else at + 1
        elif token == ";" and depth == 0:
            text = code[begin:at].strip()
            if text and parent in ("namespace", "class"):
                statements.append(Statement(text, begin + len(code[begin:at]) - len(code[begin:at].lstrip()), parent))
            begin = at + 1
        elif token[0] == "p" and depth == 0:
            begin = match.end()
    return scopes, statements
