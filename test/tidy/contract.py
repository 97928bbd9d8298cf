"""The contract: its headers together stay short (DESIGN.md section 10), and a port's self-test names the first hook
that is missing, in the words of the guide. Compiles declarations only."""
import os
import re
import shutil
import subprocess
import tempfile

from _tree import ROOT, report, tracked

CONTRACT_LINES = 400
HOOKS = "test/contract/hooks.cpp"
PLATFORM = "platforms/x86_64/platform"
FIRST = re.compile(r"step \d+: [^\"\n]*")

# The name that is taken away (None: the file), from which header, and what the self-test must say first.
MISSING = [
    (None, "page_table.hpp", "step 2: platform/page_table.hpp"),
    ("with_rights", "page_table.hpp", "step 2: PageTable::with_rights(entry, flags)"),
    ("clear_message_words", "registers.hpp", "step 3: Registers::clear_message_words()"),
    ("flush_page", "machine.hpp", "step 6: Machine::flush_page(address)"),
    ("send_poke", "machine.hpp", "step 9: Machine::send_poke(core)"),
    ("send_pokes", "machine.hpp", "step 9: Machine::send_pokes(cores)"),
]


def check_length(files):
    headers = [path for path in files if path.startswith("platforms/contract/") and path.endswith(".hpp")]
    total = sum(files[path].count("\n") for path in headers)
    if not headers:
        return ["there are no headers in platforms/contract"]
    return [f"{total} lines in {len(headers)} headers; {CONTRACT_LINES} at most"] if total > CONTRACT_LINES else []


def first_missing(folder):
    """What the self-test says about the platform in `folder`: (exit status, first hook missing)."""
    done = subprocess.run([os.environ.get("CXX", "g++"), "-std=c++20", "-fsyntax-only", "-I.", "-I" + folder, HOOKS],
                          cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    found = FIRST.search(done.stderr)
    return done.returncode, found.group().strip() if found else done.stderr.strip()[-200:]


def take_away(folder, name, header):
    """A copy of the platform's headers in `folder`, without `name` of `header`."""
    shutil.copytree(os.path.join(ROOT, PLATFORM), os.path.join(folder, "platform"))
    if header and not name:
        os.remove(os.path.join(folder, "platform", header))
    for each in ("page_table.hpp", "registers.hpp", "machine.hpp"):
        path = os.path.join(folder, "platform", each)
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"static_assert\(contract::[^;]*;", "", file.read())  # a port adds these last
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(rf"\b{name}\b", "taken_away", text) if each == header else text)


def check_self_test():
    complaints = []
    for name, header, wanted in [("", "", ""), *MISSING]:
        with tempfile.TemporaryDirectory(prefix="skerry-port-") as folder:
            take_away(folder, name, header)
            status, said = first_missing(folder)
        if said != wanted or (status == 0) != (wanted == ""):
            complaints.append(f"{wanted or 'nothing'} is missing, and it says: {said}")
    return complaints


def main():
    report(f"contract: its headers have at most {CONTRACT_LINES} lines together", check_length(tracked()))
    if shutil.which(os.environ.get("CXX", "g++")):
        report("contract: a port's self-test names the first hook missing", check_self_test())
    else:
        print("skipped contract: a port's self-test names the first hook missing: there is no compiler")


if __name__ == "__main__":
    main()
