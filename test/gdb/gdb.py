#!/usr/bin/env python3
"""`./skerry boot --gdb`: what gdb prints of a booted machine, compared with what the machine says of itself.

    python3 test/gdb/gdb.py

Needs the built image and gdb. Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a check
failed.
"""
import os
import re
import socket
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CORES, QUESTIONS, SECONDS = 4, 100, 100
ASKER = "1:4"                       # domain of the program that the test starts first
STAY = "questions 0 0 stay"         # a program that waits for ever, in the foreground: the machine stays as it is
# What starts behind the prompt is there when it has answered.
TALK = ["pci", "skb 'running(0)'", f"oncore 1 questions 2 {QUESTIONS} stay &", "ps", "caps", f"caps {ASKER}", "cores", f"run {STAY}"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def say(name, wrong):
    print(f"not ok {name}: " + "\n    ".join(map(str, wrong[:12])) if wrong else f"ok {name}", flush=True)
    return bool(wrong)


def lines_with(pattern, text):
    return re.findall(pattern, text, re.MULTILINE)


class Machine:
    """`./skerry boot --gdb PORT` with the commands of TALK, and what it has printed so far."""

    def __init__(self, port):
        command = [sys.executable, os.path.join(ROOT, "skerry"), "boot", "--no-install", "--gdb", str(port), "--cores",
                   str(CORES), "--timeout", str(SECONDS)]
        for line in TALK:
            command += ["--run", line]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.text = ""
        self.words = self._until("QEMU waits for: ", self.process.stderr)

    def _until(self, pattern, stream):
        """Reads lines up to one that the pattern is found in; returns it."""
        timer = threading.Timer(SECONDS, self.process.kill)
        timer.start()
        try:
            for line in stream:
                if stream is self.process.stdout:
                    self.text += line
                if re.search(pattern, line):
                    return line
        finally:
            timer.cancel()
        raise OSError(f"the machine ended before it said '{pattern}'")

    def until(self, pattern):
        return self._until(pattern, self.process.stdout)

    def gdb(self, *commands):
        """What gdb prints to these commands, in which it says their names before each."""
        file = re.search(r"gdb -x (\S+)", self.words)[1]
        line = ["gdb", "-nx", "--batch", "-x", file]
        for command in commands:
            line += ["-ex", f"echo >>> {command}\\n", "-ex", command]
        done = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False)
        return done.stdout + done.stderr

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def answers(text, commands):
    """{command: what came after it}; errors of gdb go to another stream and are looked for in the whole."""
    parts = re.split(r"^>>> (.*)\n", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2]))
    return {command: found.get(command, "") for command in commands}


def before_the_first_instruction(machine):
    """Symbols mean the core whose thread is looked at: each driver's boot is stopped at with the same breakpoint."""
    text = machine.gdb("skerry cores", "break skerry::cpudriver::Core::boot", "continue", "print record.core", "continue",
                       "print record.core", "info threads", "delete", "detach")
    wrong = []
    if "no CPU driver runs yet" not in text:
        wrong.append("drivers before the first instruction")
    if lines_with(r"^\$\d = (\d+)", text)[:1] != ["0"] or len(set(lines_with(r"^\$\d = (\d+)", text))) != 2:
        wrong.append("the breakpoint was not met by two cores")
    if len(lines_with(r"^\*? +\d+ +Thread", text)) != CORES:
        wrong.append(f"not {CORES} threads")
    return say("gdb: one thread a core, one symbol file for every core's kernel", wrong and [*wrong, text])


def wait_for_the_waiter(machine):
    """The last command has begun when its program waits: that one's domain."""
    for _ in range(60):
        found = re.search(r"domain (\S+) questions blocked", machine.gdb("skerry dispatchers 0", "detach"))
        if found:
            return found[1]
        time.sleep(0.3)     # the machine runs meanwhile
    return None


def same_as_ps(machine, told, waiter):
    """Dispatchers and names by core."""
    listed = set(lines_with(r"^(\d+:\d+) +(\S+) ", machine.text.split("core 0 ")[0]))
    seen = lines_with(r"^core (\d+) domain (\d+:\d+) (\S+) (\S+) cpu \d+ ms upcalls [1-9]\d* messages \d+", told)
    wrong = [f"core {core} has domain {domain}" for core, domain, _, _ in seen if domain.split(":")[0] != core]
    wrong += sorted({(domain, name) for _, domain, name, _ in seen} ^ (listed | {(waiter, "questions")}))
    wrong += [(domain, state) for _, domain, name, state in seen if name == "questions" and state != "blocked"]
    return say("gdb: skerry dispatchers lists what ps lists", wrong and [*wrong, told])


def same_as_caps(machine, counts, listed):
    pattern = r"^core [1-9] (?:\S+ \d+ ?)+$"
    wrong = [line for line in lines_with(pattern, machine.text) if line not in lines_with(pattern, counts)]
    if len(lines_with(pattern, counts)) != CORES - 1:
        wrong.append(counts)
    failed = say("gdb: skerry capabilities counts what caps counts", wrong)
    slot = r"^\d+:\d+ +[A-Z].* size 0x.* rights .*$"
    wrong = [] if lines_with(slot, machine.text) == lines_with(slot, listed) != [] else [
        *lines_with(slot, machine.text), "is not", listed]
    return failed | say("gdb: skerry capabilities of a domain is what caps says of it", wrong)


def rings(told):
    """The asker sent QUESTIONS lines to its monitor, which answered each with the same number of lines."""
    name = f"domain {ASKER} questions"
    pattern = rf"^core 1 {name} frame 0x[0-9a-f]+ (\S+) -> (\S+) lines 31 sent (\d+) unread (\d+) writer (\w+)$"
    found = {(writer, reader): (int(sent), unread, state)
             for writer, reader, sent, unread, state in lines_with(pattern, told)}
    asked, answered = found.get((ASKER, "1:1"), ()), found.get(("1:1", ASKER), ())
    wrong = []
    if asked != (QUESTIONS, "0", "asleep"):
        wrong.append(f"asked: {asked}")
    if not answered or answered[0] == 0 or answered[0] % QUESTIONS or answered[1:] != ("0", "asleep"):
        wrong.append(f"answered: {answered}")
    if not lines_with(rf"^core 1 {name} endpoint token 0x0 messages 0 of [1-9]", told):
        wrong.append("no endpoint")
    if lines_with(r"^core [^1] ", told):
        wrong.append("other cores' rings")
    return say("gdb: skerry rings shows channels and queues as they must be", wrong and [*wrong, told])


def wrong_words(machine):
    pairs = {"skerry rings 9": "there is no core 9", "skerry dispatchers x": "x: not a core's number",
             "skerry capabilities 9:9": "9:9: there is no such domain", "skerry symbols nothing": "no such program",
             "skerry cores 1 2": "usage: skerry cores [CORE]"}
    text = machine.gdb(*pairs, "detach")
    wrong = [f"{command}: no '{words}'" for command, words in pairs.items() if words not in text]
    return say("gdb: wrong words are answered in one line", wrong and [*wrong, text])


def symbols(machine):
    text = machine.gdb("skerry symbols questions", "info address program_main", "detach")
    wrong = [] if "program_main(skerry::runtime::Program&)" in text and "is a function at address" in text else [text]
    return say("gdb: a program's symbols can be had", wrong)


def main():
    try:
        with Machine(free_port()) as machine:
            failed = before_the_first_instruction(machine)
            machine.until(rf"^core {CORES - 1} online")
            commands = ["skerry cores", "skerry dispatchers", "skerry capabilities", f"skerry capabilities {ASKER}",
                        "skerry rings 1", "detach"]
            waiter = wait_for_the_waiter(machine)
            told = answers(machine.gdb(*commands), commands)
            copies = set(lines_with(r"^core \d+ thread \d+ kernel (0x[0-9a-f]+) ", told["skerry cores"]))
            failed |= say("gdb: every core's own copy of the kernel", [] if len(copies) == CORES else [told])
            failed |= same_as_ps(machine, told["skerry dispatchers"], waiter)
            failed |= same_as_caps(machine, told["skerry capabilities"], told[f"skerry capabilities {ASKER}"])
            failed |= rings(told["skerry rings 1"])
            failed |= wrong_words(machine)
            failed |= symbols(machine)
    except (OSError, TypeError, subprocess.TimeoutExpired) as problem:
        failed = say("gdb: the machine can be looked at", [repr(problem)])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
