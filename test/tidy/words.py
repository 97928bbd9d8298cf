"""Words: no marks of unfinished work, and no protocol that knows a core by its number (law 4)."""
import re

from _tree import code_only, cpp, line_of, report, tracked

WRITTEN = (".cpp", ".hpp", ".S", ".ld", ".py", "meson.build", ".md", ".scenario")
MARKS = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|\b(?:stub(?:bed|s)?|placeholders?|not implemented|unimplemented)\b")
PROTOCOLS = ("cpudriver/", "monitor/", "urpc/", "skb/", "usr/", "capabilities/")
CORE_NUMBER = re.compile(r"\b(?:Core|Node|Package)Id[{(]\s*\d+\s*[)}]|\b\w*core(?:_id)?(?:_)?(?:\.value)?\s*[=!]=\s*\d+\b(?!\.)")
# Where a number is no topology: a file, and why.
EXCUSED = {}


def check_marks(files):
    complaints = []
    for path, text in sorted(files.items()):
        if not path.endswith(WRITTEN) or path.startswith("test/tidy/"):  # these speak of the words themselves
            continue
        for match in MARKS.finditer(text):
            complaints.append(f"{path}:{line_of(text, match.start())}: {match.group()}")
    return complaints


def check_core_numbers(files):
    complaints = []
    for path, text in cpp(files, PROTOCOLS):
        if path in EXCUSED:
            continue
        code = code_only(text)
        for match in CORE_NUMBER.finditer(code):
            complaints.append(f"{path}:{line_of(code, match.start())}: {match.group()}")
    return complaints


def main():
    files = tracked()
    report("words: no marks of unfinished work", check_marks(files))
    report("words: no core, node or package is known by its number", check_core_numbers(files))


if __name__ == "__main__":
    main()
