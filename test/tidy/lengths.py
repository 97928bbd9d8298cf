"""Lengths: files at most 400 lines, functions under 70; the median file is told."""
import ast
import statistics

from _tree import code_only, collapsed, cpp, line_of, report, scan, tracked

SOURCE = (".cpp", ".hpp", ".S", ".py", ".ld")
FILE_LINES = 400
FUNCTION_LINES = 70
MEDIAN_LINES = 120  # the best code bases have 60 to 100


def lines(text):
    return text.count("\n") + (not text.endswith("\n"))


def sources(files):
    return {path: text for path, text in files.items() if path.endswith(SOURCE) or text.startswith("#!/usr/bin/env py")}


def check_files(files):
    return [f"{path}: {lines(text)} lines" for path, text in sorted(sources(files).items()) if lines(text) > FILE_LINES]


def check_cpp_functions(files):
    complaints = []
    for path, text in cpp(files):
        code = code_only(text)
        for scope in scan(code)[0]:
            first, last = line_of(code, scope.start), line_of(code, scope.end)
            if scope.kind == "function" and last - first + 1 >= FUNCTION_LINES:
                name = " ".join(collapsed(scope.header).split())[-60:]
                complaints.append(f"{path}:{first}: {last - first + 1} lines: {name}")
    return complaints


def check_python_functions(files):
    complaints = []
    for path, text in sorted(sources(files).items()):
        if path.endswith(SOURCE) and not path.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = node.end_lineno - node.lineno + 1
                if length >= FUNCTION_LINES:
                    complaints.append(f"{path}:{node.lineno}: {length} lines: {node.name}")
    return complaints


def median(files):
    counts = [lines(text) for text in sources(files).values()]
    return statistics.median(counts) if counts else 0


def check_median(files):
    value = median(files)
    return [f"the median is {value:g} lines"] if value > MEDIAN_LINES else []


def main():
    files = tracked()
    report(f"lengths: files have at most {FILE_LINES} lines", check_files(files))
    report(f"lengths: C++ functions have under {FUNCTION_LINES} lines", check_cpp_functions(files))
    report(f"lengths: Python functions have under {FUNCTION_LINES} lines", check_python_functions(files))
    report("lengths: median file", check_median(files), f"{median(files):g} lines of {len(sources(files))} files")


if __name__ == "__main__":
    main()
