"""Includes: only headers that work without an operating system, only files that exist, and nothing left over."""
import os
import re

from _tree import CPP, FREESTANDING, cpp, report, tracked, without_comments

# Everything else of the standard library needs a heap, exceptions, threads or an operating system.
ALLOWED = set("""algorithm array atomic bit cctype charconv compare concepts coroutine cstdarg cstddef cstdint cstring
    functional initializer_list iterator limits memory new numbers numeric optional ranges span string_view tuple
    type_traits utility variant version""".split())
# Headers of the processor's compiler: platforms only.
INTRINSICS = re.compile(r"(?:x86|imm)intrin\.h|cpuid\.h|arm_\w+\.h")
LINUX = ("usr/bench/linux/", "usr/bench/host/")  # programs of Linux, for comparison
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
WORLDS = ("platforms/x86_64", "platforms/aarch64", "platforms/riscv64", "platforms/hosted", "platforms/simulated",
          "test/world")


def includes(text):
    """(line, quote, name) of each include."""
    text = without_comments(text)
    return [(text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)) for match in INCLUDE.finditer(text)]


def check_standard(files):
    complaints = []
    for path, text in cpp(files, FREESTANDING):
        if path.startswith(LINUX):
            continue
        for line, quote, name in includes(text):
            if quote == '"' or name in ALLOWED or (path.startswith(WORLDS) and INTRINSICS.fullmatch(name)):
                continue
            complaints.append(f"{path}:{line}: <{name}>")
    return complaints


def resolve(path, name, exists):
    """The files that an include of `path` may mean."""
    places = [os.path.dirname(path), "", *(world for world in WORLDS if path.startswith(world + "/"))]
    if name.startswith("platform/") or path.startswith("test/"):
        places += WORLDS
    candidates = {os.path.normpath(os.path.join(place, name)) for place in places}
    return {candidate for candidate in candidates if candidate in exists}


def check_existing(files):
    complaints = []
    for path, text in files.items():
        if not path.endswith((*CPP, ".S")):
            continue
        for line, quote, name in includes(text):
            if quote == '"' and not resolve(path, name, files):
                complaints.append(f"{path}:{line}: there is no {name}")
    return sorted(complaints)


def check_orphan_headers(files):
    included = set()
    for path, text in files.items():
        if path.endswith((*CPP, ".S", ".ld")):
            for _, _, name in includes(text):
                included |= resolve(path, name, files) - {path}
    included |= built(files)  # what a compiler is told to include first
    return [f"{path}: nothing includes it" for path in sorted(files) if path.endswith(".hpp") and path not in included]


def built(files):
    """Every path that a meson.build names, and names that a loop in one completes."""
    named, loops = set(), set()
    for path, text in files.items():
        if os.path.basename(path) != "meson.build":
            continue
        text = re.sub(r"#[^\n]*", "", text)
        folder = os.path.dirname(path)
        strings = re.findall(r"'([^'\n]*)'", text)
        named |= {os.path.normpath(os.path.join(folder, string)) for string in strings}
        # foreach name : ['a', 'b'] ... files(name + '.cpp') or name / 'main.cpp' or '@0@.cpp'.format(name)
        if "foreach" not in text:
            continue
        for suffix in (string for string in strings if string.endswith((".cpp", ".S"))):
            for string in strings:
                for joined in (string + suffix, os.path.join(string, suffix), suffix.replace("@0@", string)):
                    loops.add(os.path.normpath(os.path.join(folder, joined)))
    return named | loops


def check_orphan_sources(files):
    known = built(files)
    return [f"{path}: no meson.build names it" for path in sorted(files)
            if path.endswith((".cpp", ".S")) and path not in known]


def main():
    files = tracked()
    report("includes: freestanding code uses freestanding headers", check_standard(files))
    report("includes: every included file exists", check_existing(files))
    report("includes: every header is included", check_orphan_headers(files))
    report("includes: every source is built", check_orphan_sources(files))


if __name__ == "__main__":
    main()
