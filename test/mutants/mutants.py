"""Mistakes that were made on purpose, each a patch beside this file, and whether schedules from seeds find them.

A patch says what it breaks and which sources it is compiled in (`# recompile:`); only those are compiled, with the patched
files before the tree's on the include path, and the program is linked once more with them. The tree is not touched.

    mutants.py            each is compiled into the simulated machine and must be caught: by the checker whose words the patch
                          names (`# says:`), in a seed (`# seed:`, else the first that is found) or its scene, which the
                          unchanged machine passes; and each checker must have caught one
    mutants.py --note     the same, and writes the seeds that were found into the patches
    mutants.py --unit     each is compiled into the unit tests, which must not catch it (a quarter of an hour: headers reach
                          far); those that passed are noted in unit.txt
    mutants.py --unit --quick   of those that stand in unit.txt, the ones of which at most two objects are compiled; of the
                          others, the patch must be the one that was judged
    mutants.py NAME...    only these"""
import glob
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, ROOT)

from tools import simulated  # noqa: E402  pylint: disable=wrong-import-position
from tools.common import BUILD  # noqa: E402  pylint: disable=wrong-import-position

SCRATCH = os.path.join(BUILD, "mutants")
SEEDS, CAPABILITY_SEEDS, SEEDS_FROM_BOOT = 8000, 320, 60    # where the noted seed is none any more
SECONDS, UNIT_SECONDS = 240, 600
NOTED = os.path.join(HERE, "unit.txt")
# What the checkers of platforms/simulated say: each of these must be said of some mutant, so that it is seen to fail.
CHECKERS = (
    "a driver touches memory that is not its core's",       # nothing_shared.hpp
    "a line is written over before anybody took it",        # message_order.hpp
    "a line is taken twice",
    "a counter is wrong",                                   # capability_rules.cpp
    "ranges cut each other",
    "an object of its own lies in memory that it does not own",     # sharing_rules.cpp: one owner
    "it holds an object of which the owner knows nothing",  # no orphan
    "an anchor with nothing beside it",                     # books that are exact at rest
    "its owner does not know of it",
    "memory of another core's in no book",
    "keeps a stale translation",                            # translation_rules.cpp
    "a mapping of what this core does not hold",
    "an entry of a page table without its mapping",
    "a wake-up is lost",                                    # explorer.cpp
    "no progress",
    "it left something else",                               # usr/test/juggle: the model
    "juggle crowd",                                         # all memory has come back
)
QUICK_OBJECTS = 2


@dataclass
class Mutant:
    path: str

    def __post_init__(self):
        with open(self.path, encoding="utf-8") as file:
            self.text = file.read()
        self.name = os.path.splitext(os.path.basename(self.path))[0]
        self.sources = re.search(r"^# recompile: (.+)$", self.text, re.MULTILINE).group(1).split()
        self.capabilities = re.search(r"^# capabilities$", self.text, re.MULTILINE) is not None
        self.losses = re.search(r"^# losses$", self.text, re.MULTILINE) is not None
        noted = re.search(r"^# seed: (\d+)$", self.text, re.MULTILINE)
        self.seed = int(noted.group(1)) if noted else None
        noted = re.search(r"^# says: (.+)$", self.text, re.MULTILINE)
        self.says = noted.group(1) if noted else ""
        self.from_boot = re.search(r"^# from boot$", self.text, re.MULTILINE) is not None
        self.touched = re.findall(r"^\+\+\+ b/(\S+)", self.text, re.MULTILINE)
        self.folder = os.path.join(SCRATCH, self.name)
        mistake = re.sub(r"^# (seed|says): .*\n", "", self.text, flags=re.MULTILINE)
        self.mark = hashlib.sha256(mistake.encode()).hexdigest()[:16]

    def lay_out(self):
        """The patched files, at their places below the mutant's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in self.touched:
            os.makedirs(os.path.dirname(os.path.join(self.folder, name)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, name), os.path.join(self.folder, name))
        done = subprocess.run(["patch", "-p1", "-s", "-d", self.folder, "-i", self.path], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise ValueError("the patch does not fit: " + " ".join(done.stdout.split()))


def commands():
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        return json.load(file)


def compile_one(mutant, entry):
    """Compiles one source with the mutant's files; returns (the object that it stands for, its own)."""
    source = os.path.relpath(os.path.normpath(os.path.join(entry["directory"], entry["file"])), ROOT)
    patched = os.path.join(mutant.folder, source)
    made = os.path.join(mutant.folder, entry["output"])
    os.makedirs(os.path.dirname(made), exist_ok=True)
    words, arguments = shlex.split(entry["command"]), []
    while words:
        word = words.pop(0)
        if word in ("-MQ", "-MF"):
            words.pop(0)
        elif word == "-o":
            arguments += ["-o", made]
            words.pop(0)
        elif word == entry["file"]:
            arguments.append(patched if os.path.exists(patched) else word)
        elif word not in ("-MD", "-Werror", "-g"):
            arguments.append("-O0" if word == "-O1" else word)  # the unit tests': soon compiled is better there
    first = next(i for i, word in enumerate(arguments) if word.startswith("-I"))
    arguments.insert(first, "-I" + mutant.folder)
    done = subprocess.run(arguments, cwd=entry["directory"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError(f"{source} does not compile: {done.stderr[-500:]}")
    return entry["output"], made


def link(mutant, target, objects):
    """Links `target` with the mutant's objects instead of those that they stand for; returns the program."""
    listed = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "-s", target], capture_output=True, text=True, check=True)
    command = listed.stdout.strip().splitlines()[-1]
    for archive in {name.split(".p/")[0] for name in objects if ".a.p/" in name}:
        members = [entry["output"] for entry in commands() if entry["output"].startswith(archive + ".p/")]
        command = command.replace(f" {archive} ", " " + " ".join(objects.get(name, name) for name in members) + " ")
    for name, made in objects.items():
        command = command.replace(f" {name} ", f" {made} ")
    program = os.path.join(mutant.folder, os.path.basename(target) + ".program")   # beside the folders of patched files
    command = command.replace(f"-o {target} ", f"-o {program} ")
    done = subprocess.run(command, shell=True, cwd=BUILD, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError("it does not link: " + " ".join(done.stderr[-500:].split()))
    return program


def build(mutant, target, folder, wanted):
    """The program of `target`, whose objects lie in `folder`..., with what `wanted(source)` says compiled anew."""
    mutant.lay_out()
    entries = [entry for entry in commands() if entry["output"].startswith(folder) and
               wanted(os.path.relpath(os.path.normpath(os.path.join(entry["directory"], entry["file"])), ROOT), entry)]
    if not entries:
        raise ValueError("none of its sources is in " + target)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) + 1) as pool:
        return link(mutant, target, dict(pool.map(lambda entry: compile_one(mutant, entry), entries)))


def play(program, mutant, first, count, until):
    """(the failure that is told in these words, or None; a seed of its scene)"""
    more = ["--from-boot", "yes"] if mutant.from_boot else []
    command = simulated.explore(first, count, "--until", until, *more)
    done = subprocess.run([program, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                          timeout=SECONDS, check=False)
    if done.returncode == 0:
        return None, first
    lines, seed = done.stdout.strip().splitlines() or [f"status {done.returncode}"], first
    for number, line in enumerate(lines):
        named = re.match(r"--seed (\d+)", line)
        scene = re.match(r"scene (\d+) did", lines[number + 1]) if number + 1 < len(lines) else None
        if until in line and (named or scene or line == lines[-1]):
            if scene:   # it did not come to its seeds: the first of them
                seed = first + (int(scene.group(1)) - first) % simulated.SCENES
            return line, int(named.group(1)) if named else seed
    return None, first


def simulate(mutant):
    """(caught, what was said)"""
    try:
        program = build(mutant, simulated.TARGET, "platforms/simulated/lib", lambda source, _: source in mutant.sources)
        first, count = (simulated.CAPABILITY_SEEDS, CAPABILITY_SEEDS) if mutant.capabilities else (1, SEEDS)
        if mutant.losses:
            first, count = simulated.LOSS_SEEDS, CAPABILITY_SEEDS
        said = None
        if mutant.seed is not None:
            said, seed = play(program, mutant, mutant.seed, 1, "")
        if said is None or mutant.says not in said:     # schedules are others since
            said, seed = play(program, mutant, first, SEEDS_FROM_BOOT if mutant.from_boot else count, mutant.says)
        if said is None:
            return False, f"no seed fails with '{mutant.says}'"
        wrong, _ = play(simulated.PROGRAM, mutant, seed, 1, "")
    except (ValueError, subprocess.TimeoutExpired) as problem:
        return False, str(problem)
    said = re.sub(r"^--seed \d+: |\s*\]skerry;\S*", "", said)[:200]
    if wrong is not None:
        return False, f"seed {seed} fails without the mistake, too: {wrong[:140]}"
    return True, f"seed {seed}: {said}"


def write_seed(mutant, said):
    """Notes where it was caught, for the next time."""
    seed = re.match(r"seed (\d+)", said).group(1)
    text = re.sub(r"^# seed: .*\n", "", mutant.text, flags=re.MULTILINE)
    with open(mutant.path, "w", encoding="utf-8") as file:
        file.write(re.sub(r"^--- ", f"# seed: {seed}\n--- ", text, count=1, flags=re.MULTILINE))


def silent_checkers(mutants):
    """Those of which no patch says that it fails."""
    return [words for words in CHECKERS if not any(words in mutant.says for mutant in mutants)]


def reached(headers):
    """Objects of the unit tests that include one of the headers, as ninja knows."""
    listed = subprocess.run(["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found, current = set(), None
    for line in listed.splitlines():
        if line and not line.startswith(" "):
            current = line.split(":")[0]
        elif any(line.strip().endswith("/" + header) for header in headers):
            found.add(current)
    return found


def noted():
    """{name: mark of the patch} of those that the unit tests did not catch when all were compiled."""
    with open(NOTED, encoding="ascii") as file:
        return dict(line.split() for line in file if not line.startswith("#"))


def note(mutants, passed):
    marks = noted() if os.path.exists(NOTED) else {}
    for mutant in mutants:
        marks.pop(mutant.name, None)
    marks.update((mutant.name, mutant.mark) for mutant in passed)
    with open(NOTED, "w", encoding="ascii") as file:
        file.write("# Mutants that passed all unit tests, and their patches' marks: written by `mutants.py --unit`.\n")
        file.writelines(f"{name} {mark}\n" for name, mark in sorted(marks.items()))


def unit(mutant, quick=False):
    """(not caught, what was said)"""
    built = {os.path.relpath(os.path.normpath(os.path.join(entry["directory"], entry["file"])), ROOT)
             for entry in commands() if entry["output"].startswith("test/unit/unit_tests.p/")}
    if not built.intersection([*mutant.sources, *mutant.touched]):
        return True, "no unit test is compiled with what it touches"
    objects = reached([name for name in mutant.touched if name.endswith(".hpp")])
    if quick and len(objects) > QUICK_OBJECTS:
        return noted().get(mutant.name) == mutant.mark, f"{len(objects)} objects: as noted in {os.path.basename(NOTED)}"
    mutant.folder += ".unit"    # not where it is compiled for the simulated machine, maybe at the same time
    try:
        program = build(mutant, "test/unit/unit_tests", "test/unit/unit_tests.p/",
                        lambda source, entry: source in mutant.sources or entry["output"] in objects)
        # A race on the host's threads is a matter of luck: not in a suite.
        tests = ["~[threads]"] if quick else []
        done = subprocess.run([program, *tests], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=UNIT_SECONDS, check=False)
    except (ValueError, subprocess.TimeoutExpired) as problem:
        return False, str(problem)
    return done.returncode == 0, (done.stdout.strip().splitlines() or ["no word"])[-1]


def main(arguments):
    quick = "--quick" in arguments
    judge = (lambda mutant: unit(mutant, quick)) if "--unit" in arguments else simulate
    names = [word for word in arguments if not word.startswith("--")]
    mutants = [Mutant(path) for path in sorted(glob.glob(os.path.join(HERE, "*.patch")))]
    names = names or (list(noted()) if quick else [])
    if "--unit" in arguments:   # those about capabilities are other mistakes: unit tests may see them, too
        mutants = [mutant for mutant in mutants if not mutant.capabilities]
    mutants = [mutant for mutant in mutants if not names or mutant.name in names]
    with ThreadPoolExecutor(max(1, min(2, len(os.sched_getaffinity(0))))) as pool:
        passed = []
        for mutant, (right, said) in zip(mutants, pool.map(judge, mutants)):
            print(f"ok {mutant.name}\n  {mutant.name}: {said}" if right else f"not ok {mutant.name}: {said}", flush=True)
            passed += [mutant] if right else []
            if right and "--note" in arguments:
                write_seed(mutant, said)
    for words in [] if names or "--unit" in arguments else silent_checkers(mutants):
        print(f"not ok no mutant is caught by the checker that says: {words}")
    if "--unit" in arguments and not quick:
        note(mutants, passed)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
