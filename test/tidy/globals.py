"""A core is an object (law 6): no mutable global in the folders of which many live in one process.

Twice: the text, and the symbols of what is built, so that neither a disguise nor a missing build hides one."""
import json
import os
import re
import subprocess

from _tree import ROOT, code_only, collapsed, cpp, line_of, report, scan, tracked

FOLDERS = ("cpudriver/", "monitor/", "urpc/", "capabilities/", "skb/")
BUILD = os.path.join(ROOT, "build", "x86_64")
HARMLESS = re.compile(r"^(?:using|typedef|static_assert|template|namespace|class|struct|enum|union|friend|concept|extern\s*\"|"
                      r"public|private|protected|SKERRY_\w+)\b|\b(?:constexpr|consteval|concept|operator|requires)\b")
MUTABLE_SECTION = re.compile(r"\s(\.(?:data|bss|tdata|tbss|ldata|lbss)(?!\.rel\.ro)\S*|\*COM\*)\s")


def constant(text):
    """Whether the variable itself, not only what it points to, is const."""
    declared = re.split(r"[={]", text)[0]
    if "*" in declared:
        return re.search(r"\*\s*const\b", declared) is not None
    return re.search(r"\bconst\b", declared) is not None


def is_variable(text):
    short = collapsed(text)
    before = re.split(r"[={]", short)[0]
    return "()" not in before and re.search(r"\w[\s*&]+\w", before) is not None


def check_text(files):
    complaints = []
    for path, text in cpp(files, FOLDERS):
        code = code_only(text)
        scopes, statements = scan(code)
        for statement in statements:
            words = re.sub(r"\[\[[^\]]*\]\]", "", statement.text).strip()
            if HARMLESS.search(words) or constant(words) or not is_variable(words):
                continue
            if statement.kind == "class" and not re.match(r"(inline\s+|constinit\s+)*(static|thread_local)\b", words):
                continue
            complaints.append(f"{path}:{line_of(code, statement.start)}: mutable global: {' '.join(words.split())[:70]}")
        for scope in scopes:
            if scope.kind != "function":
                continue
            for match in re.finditer(r"\b(static|thread_local)\s+(?!constexpr\b|constinit const\b)[^;]*", code[scope.open:scope.end]):
                if not constant(match.group()) and is_variable(match.group()):
                    line = line_of(code, scope.open + match.start())
                    complaints.append(f"{path}:{line}: mutable local static: {' '.join(match.group().split())[:70]}")
    return complaints


def check_symbols(listing, path):
    """`listing` is what `objdump -t -C` says of the object made from `path`."""
    complaints = []
    for line in listing.splitlines():
        section = MUTABLE_SECTION.search(line)
        kind = line[17:24]
        if not section or "d" in kind or "\t" not in line or "DW.ref." in line:
            continue  # section symbols, debugging, the compiler's own
        complaints.append(f"{path}: {section.group(1)}: {line.split(chr(9))[1].split(' ', 1)[-1].strip()}")
    return complaints


def objects():
    """(source, object) of what is built and not older than its source."""
    try:
        with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
            commands = json.load(file)
    except (OSError, ValueError):
        return []
    found = []
    for command in commands:
        source = os.path.normpath(os.path.join(command["directory"], command["file"]))
        made = os.path.join(command["directory"], command.get("output", ""))
        path = os.path.relpath(source, ROOT)
        if path.startswith(FOLDERS) and os.path.isfile(made) and os.path.isfile(source):
            if os.path.getmtime(made) >= os.path.getmtime(source):
                found.append((path, made))
    return found


def main():
    report("globals: the text declares none", check_text(tracked()))
    complaints, made = [], objects()
    for path, name in made:
        listing = subprocess.run(["objdump", "-t", "-C", name], capture_output=True, text=True, check=False).stdout
        complaints += check_symbols(listing, path)
    if made:
        report("globals: the objects hold none", sorted(set(complaints)), f"{len(made)} objects")
    else:
        print("skipped globals: the objects hold none: nothing is built")


if __name__ == "__main__":
    main()
