"""Law 7: each .cpp of the portable parts is linked, from the same file, on every platform that is there, and no platform
compiles it with a definition of its own. Read off the linked programs themselves (their debugging tables name each compiled
file) and off Ninja's commands. And prefetches are where they are written (platforms/base/hint.hpp): GCC drops them easily."""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, ROOT)

from tools.common import BUILD, verdict     # noqa: E402

PARTS = ("capabilities", "cpudriver", "monitor", "skb", "urpc")
# What is booted or run there, below the build directory.
PLATFORMS = {
    "x86_64": ("platforms/x86_64/cpudriver", "platforms/x86_64/archive/monitor", "platforms/x86_64/archive/init",
               "platforms/x86_64/archive/bench_shootdown", "platforms/x86_64/archive/skb"),
    "hosted": ("platforms/hosted/skerry_hosted",),
    "simulated": ("platforms/simulated/skerry_simulated",),
}
# Definitions that mean the same everywhere, and the one name that a program's main function has to give up where all
# programs are linked into one.
# _FILE_OFFSET_BITS is Meson's own, for all that it compiles.
DEFINITIONS = re.compile(r"_GLIBCXX_ASSERTIONS|_FILE_OFFSET_BITS=64|program_main=skerry_program_\w+")
# Batches fetch lines for writing; so far they are sent by measurements alone.
PREFETCHING = "usr/bench/host/bench_host"
# What boots no system: experiments on the simulated machine's timing, whose groups have room for 4,096 members, and the
# host's measurements of queues, Boost's among them.
EXPERIMENTS = ("platforms/simulated/model/", "usr/bench/host/", "test/")
# Assertions for the compiler, and nothing to link.
NO_CODE = {"capabilities/table_check.cpp"}


def portable_files():
    """The .cpp files of the parts, from the root."""
    found = set()
    for part in PARTS:
        for folder, _, names in os.walk(os.path.join(ROOT, part)):
            found |= {os.path.relpath(os.path.join(folder, name), ROOT) for name in names if name.endswith(".cpp")}
    return found - NO_CODE


def compiled_into(program):
    """The files, from the root, whose code a linked program holds."""
    text = subprocess.run(["readelf", "--debug-dump=info", "--dwarf-depth=1", os.path.join(BUILD, program)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    return {os.path.relpath(os.path.join(BUILD, name), ROOT)
            for name in re.findall(r"DW_AT_name\s*:(?: \(indirect[^)]*\):)? (\S+\.cpp)$", text, re.MULTILINE)}


def own_definitions(commands, files):
    """-D words of the parts' compilations that are not among DEFINITIONS: [(file, word)]."""
    found = []
    for command in commands:
        name = os.path.relpath(os.path.join(command["directory"], command["file"]), ROOT)
        if name in files and not command.get("output", "").startswith(EXPERIMENTS):
            found += [(name, word) for word in re.findall(r"(?:^|\s)['\"]?-[DU]\s*([^\s'\"]+)", command["command"])
                      if not DEFINITIONS.fullmatch(word)]
    return found


def prefetches(program):
    """How many instructions of a linked program fetch a line for writing."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", os.path.join(BUILD, program)], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return len(re.findall(r"\tprefetchw\b", text))


def missing(files, linked):
    return sorted(files - linked)


def selftest(files):
    """The judge can fail."""
    one = sorted(files)[0]
    command = {"directory": BUILD, "file": os.path.relpath(os.path.join(ROOT, one), BUILD), "command": "c++ -DHOSTED=1 -c x.cpp"}
    return missing(files, files - {one}) == [one] and own_definitions([command], files) == [(one, "HOSTED=1")]


def main():
    files = portable_files()
    failed = verdict("a file left out, and a definition, would be found", "" if selftest(files) else "they were not")
    for platform, programs in PLATFORMS.items():
        linked = set().union(*map(compiled_into, programs))
        absent = missing(files, linked)
        failed |= verdict(f"{platform}: {len(files)} portable files are linked", ", ".join(absent) and f"not linked: {', '.join(absent)}")
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        definitions = own_definitions(json.load(file), files)
    failed |= verdict("no platform defines words of its own for them",
                      "; ".join(f"{name}: -D{word}" for name, word in definitions))
    failed |= verdict("batches fetch lines for writing", "" if prefetches(PREFETCHING) else f"not in {PREFETCHING}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
