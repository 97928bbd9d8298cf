#!/usr/bin/env python3
"""`./skerry boot --trace`: what the file says of messages whose number is known, and of systems that end badly.

    python3 test/trace/trace.py

Needs the built image. Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a check failed.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CORES, QUESTIONS, MANY = 4, 100, 1500


def boot(path, *arguments, keys=None):
    """(exit status, its words on stderr) of `./skerry boot --trace path`."""
    command = [sys.executable, os.path.join(ROOT, "skerry"), "boot", "--no-install", "--trace", path, *arguments]
    done = subprocess.run(command, input=keys, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stderr


def boot_and_end(path, line, *arguments):
    """The same, but ended from outside after it has printed `line`."""
    command = [sys.executable, os.path.join(ROOT, "skerry"), "boot", "--no-install", "--trace", path, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while line not in (printed := process.stdout.readline()) and printed:
            pass
        time.sleep(0.5)     # it goes on to what never ends
        process.terminate()
        _, words = process.communicate(timeout=60)
    return process.returncode, words


def say(name, wrong):
    print(f"not ok {name}: " + "\n    ".join(map(str, wrong[:10])) if wrong else f"ok {name}", flush=True)
    return bool(wrong)


class Picture:
    """The file, by track."""

    def __init__(self, path):
        with open(path, encoding="ascii") as file:
            data = json.load(file)
        self.events, self.report = data["traceEvents"], data["otherData"]
        self.names = {(event["pid"], event["tid"]): event["args"]["name"] for event in self.events
                      if event["name"] == "thread_name"}
        self.ends = defaultdict(dict)
        for event in self.events:
            if event["ph"] in ("s", "f"):
                self.ends[event["id"]].setdefault(event["ph"], []).append(event)

    def named(self, event):
        return f"{event['pid']} {self.names[event['pid'], event['tid']].split()[0]}"

    def arrows(self):
        """How many go from which program to which: ("1 questions", "1 monitor") -> number."""
        return Counter((self.named(end["s"][0]), self.named(end["f"][0])) for end in self.ends.values())


def form(picture):
    """What must hold of any trace."""
    wrong = [f"core {core} is missing" for core in range(CORES)
             if not any(event["pid"] == core and event["ph"] == "X" for event in picture.events)]
    latest = defaultdict(float)
    for event in picture.events:
        if "ts" in event:
            track = event["pid"], event["tid"]
            if event["ts"] < latest[track]:
                wrong.append(f"time runs backwards: {event}")
            latest[track] = event["ts"]
            if track not in picture.names:
                wrong.append(f"track {track} has no name")
    failed = say("trace: every core is there, and time runs forward on every track", wrong)

    slices = defaultdict(list)
    wrong = []
    for event in (event for event in picture.events if event["ph"] == "X"):
        begin, end = round(event["ts"] * 1000), round((event["ts"] + event["dur"]) * 1000)
        stack = slices[event["pid"], event["tid"]]
        while stack and stack[-1] <= begin:
            stack.pop()
        if stack and end > stack[-1]:
            wrong.append(f"slices overlap: {event}")
        stack.append(end)
    return failed | say("trace: slices of a track lie within each other", wrong)


def arrows(picture):
    wrong = [f"arrow {number}: {end}" for number, end in picture.ends.items()
             if len(end.get("s", [])) != 1 or len(end.get("f", [])) != 1]
    marks = Counter(event["name"].split()[1] for event in picture.events
                    if event["ph"] == "X" and event["name"].startswith(("URPC ", "LRPC ")))
    lonely = picture.report["sends without receipt"], picture.report["receipts without send"]
    if len(picture.ends) != picture.report["arrows"] or not picture.ends:
        wrong.append(f"{len(picture.ends)} arrows are drawn, {picture.report['arrows']} told")
    if (marks["send"], marks["receive"]) != (len(picture.ends) + lonely[0], len(picture.ends) + lonely[1]):
        wrong.append(f"{marks}, {len(picture.ends)} arrows, {lonely} without the other end")
    failed = say("trace: every arrow has both its ends, and those that lack one are counted", wrong)

    errors = picture.report["clock error ns"]
    wrong = []
    for end in picture.ends.values():
        start, finish = end["s"][0], end["f"][0]
        limit = errors[str(start["pid"])] + errors[str(finish["pid"])] if start["pid"] != finish["pid"] else 0
        if round((start["ts"] - finish["ts"]) * 1000) > limit:
            wrong.append(f"{start} {finish} limit {limit} ns")
    return failed | say("trace: arrows go forward in time, or back by no more than the clocks may be wrong", wrong)


def known_numbers(picture):
    """Core 1's program asked core 2 QUESTIONS times, core 2's asked core 0 none; core 3's asked more than a ring holds."""
    found = picture.arrows()
    wanted = {("1 questions", "1 monitor"): QUESTIONS, ("1 monitor", "1 questions"): QUESTIONS,
              ("2 questions", "2 monitor"): 0, ("2 monitor", "2 questions"): 0}

    def urpc(pair):
        return sum(1 for end in picture.ends.values() if end["s"][0]["name"] == "URPC"
                   and (picture.named(end["s"][0]), picture.named(end["f"][0])) == pair)
    wrong = [f"{pair}: {urpc(pair)}, not {number}" for pair, number in wanted.items() if urpc(pair) != number]
    wrong += [f"{pair}: {found[pair]}, fewer than {QUESTIONS}" for pair in
              (("1 monitor", "2 monitor"), ("2 monitor", "1 monitor")) if found[pair] < QUESTIONS]
    failed = say(f"trace: {QUESTIONS} questions are {QUESTIONS} arrows each way, on one core and between two", wrong)
    lost = sum(number for name, number in picture.report["overwritten by ring"].items() if name.startswith("3 questions"))
    wrong = [] if lost == 2 * MANY - 1024 + 1 else [picture.report["overwritten by ring"]]
    if picture.report["damaged events"]:
        wrong.append(f"{picture.report['damaged events']} damaged events")
    return failed | say("trace: a ring that overflows says by how much", wrong)


def good(folder):
    path = os.path.join(folder, "good.json")
    status, words = boot(path, "--cores", str(CORES), "--run", f"oncore 3 questions 0 {MANY}", "--run",
                         f"oncore 1 questions 2 {QUESTIONS}", "--run", "oncore 2 questions 0 0")
    wrong = [] if status == 0 and f"{CORES} cores" in words else [f"status {status}: {words}"]
    if say("trace: a booted system leaves one", wrong):
        return True
    picture = Picture(path)
    failed = form(picture)
    failed |= arrows(picture)
    return failed | known_numbers(picture)


def bad_ends(folder):
    """A system that hangs, one that was switched off by hand, and one that never had a driver."""
    hung, off, none = (os.path.join(folder, name) for name in ("hung.json", "off.json", "none.json"))
    status, words = boot_and_end(hung, "core 1 online", "--cores", "2", "--timeout", "100", "--run", "cores", "--run",
                                 "run spin")
    wrong = [] if status == 143 and Picture(hung).report["arrows"] > 0 else [f"status {status}: {words}"]
    failed = say("trace: a command that never ends leaves its trace", wrong)
    status, words = boot(off, "--machine", "2x2-amd", "--timeout", "100", keys="poweroff\r")
    wrong = [] if status == 0 and Picture(off).report["cores"] == 4 else [f"status {status}: {words}"]
    failed |= say("trace: a session at the terminal leaves one at its end, of all nodes' memory", wrong)
    status, words = boot(none, "--timeout", "0.2", "--run", "cores")
    wrong = [] if status == 124 and "no CPU driver had started" in words and not os.path.exists(none) else [
        f"status {status}: {words}"]
    return failed | say("trace: where there was nothing to trace, one line says so", wrong)


def main():
    with tempfile.TemporaryDirectory(prefix="skerry-trace-") as folder:
        try:
            failed = good(folder)
            failed |= bad_ends(folder)
        except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as problem:
            failed = say("trace: the file can be read", [repr(problem)])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
