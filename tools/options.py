"""The command line: what may be said, and one line for what may not."""
import argparse
import re
import socket

from .common import Refused

PLATFORMS = ("x86_64", "aarch64", "riscv64", "hosted", "simulated")
CORES_MOST = 255        # xAPIC ids are 8 bits, one of them means "all"
RUN_SECONDS = 60
GDB_PORT = "1234"


class Parser(argparse.ArgumentParser):
    """An argument parser that refuses in one line."""

    def error(self, message):
        raise Refused(f"{message} ({self.prog} --help tells what there is)")


def whole_number(option, text, least, most, why=""):
    """`text` as a number in least..most, or a Refused that says which numbers are right."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise Refused(f"{option} {text}: not a whole number from {least} to {most}{why}")
    return int(text)


def cores(text, most=CORES_MOST, what=""):
    why = f" (over {CORES_MOST} needs an x2APIC: no x2APIC here)" if most == CORES_MOST else what
    return whole_number("--cores", text, 1, most, why)


def online(text, there):
    """How many of the cores that are there start with the machine."""
    return whole_number("--online", text, 1, there, f" (there {'is' if there == 1 else 'are'} {there})")


def seconds(text):
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 86400:
        raise Refused(f"--timeout {text}: not a number of seconds above 0, at most 86400")
    return value


def gdb_port(text):
    """The port of --gdb, free now."""
    port = whole_number("--gdb", text, 1024, 65535)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            raise Refused(f"--gdb: port {port} cannot be had ({problem.strerror}); --gdb PORT names another") from None
    return port


def devices(words):
    """QEMU's arguments for devices, each NAME or NAME,key=value,..."""
    for word in words:
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(,[\w.-]+=[^,\s]+)*", word):
            raise Refused(f"--device {word}: not the name of a device of QEMU's, or NAME,key=value,...")
    return [part for word in words for part in ("-device", word)]


def check_platform(name, there=("x86_64",)):
    if name not in PLATFORMS:
        raise Refused(f"there is no platform '{name}'; there are: {' '.join(PLATFORMS)}")
    if name not in there:
        raise Refused(f"platform {name}: not there yet; {' and '.join(there)} {'are' if len(there) > 1 else 'is'}")


def check_choice(option, value, choices):
    if value not in choices:
        raise Refused(f"{option} {value}: must be {' or '.join(filter(None, (', '.join(choices[:-1]), choices[-1])))}")


def _add_guest(parser):
    parser.add_argument("--platform", default="x86_64", metavar="P", help=" ".join(PLATFORMS) + " (default x86_64)")
    parser.add_argument("--cores", metavar="N", help="how many cores")
    parser.add_argument("--machine", metavar="M", help="packages, nodes and distances of platforms/machines/M")


def parse(arguments):
    """The parsed command line; raises Refused, or SystemExit(0) after --help."""
    parser = Parser(prog="./skerry", description="Builds, boots, tests and measures Skerry.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    common = Parser(add_help=False)
    common.add_argument("--no-install", action="store_true", help="exit with 2 if a Debian package is missing")

    def command(name, text):
        return commands.add_parser(name, help=text, description=text, parents=[common], allow_abbrev=False)

    boot = command("boot", "boots to a shell on this terminal, or runs commands")
    _add_guest(boot)
    boot.add_argument("--run", action="append", default=[], metavar="CMD", help="runs CMD and ends; may come again")
    boot.add_argument("--accel", default="auto", metavar="A", help="auto, tcg or kvm")
    boot.add_argument("--gdb", nargs="?", const=GDB_PORT, metavar="PORT",
                      help=f"waits for gdb before the first instruction, on port {GDB_PORT} of this machine")
    boot.add_argument("--trace", metavar="FILE", help="at the end, writes the cores' trace rings for Perfetto")
    boot.add_argument("--timeout", metavar="SECONDS", help=f"default {RUN_SECONDS} with --run, else none")
    boot.add_argument("--firmware", default="bios", metavar="F", help="bios or uefi")
    boot.add_argument("--deterministic", action="store_true", help="one virtual clock: the same run every time")
    boot.add_argument("--device", action="append", default=[], metavar="D",
                      help="one more device of QEMU's, such as edu; may come again")
    boot.add_argument("--memory", metavar="MB", help="memory of the guest")
    boot.add_argument("--online", metavar="N", help="starts the first N cores with the machine; `cores start` the others")
    boot.add_argument("--seed", metavar="N", help="simulated: who runs when is drawn from N; without it, a fixed schedule")

    test = command("test", "runs the tests")
    test.add_argument("suite", nargs="*", metavar="SUITE", help="without a name: all")
    test.add_argument("--boots", metavar="N", help="soak: how often to boot (20 of each kind without it)")
    test.add_argument("--cores", metavar="N", help="soak: how many cores")
    test.add_argument("--thread", metavar="T", help="soak: single or multi")
    test.add_argument("--first", metavar="SEED", help="soak: the number of the first boot")
    test.add_argument("--seeds", metavar="N", help="simulate: how many schedules (5000 without it); goes on where it was stopped")
    test.add_argument("--seed", metavar="S", help="simulate: only this schedule; a failure is made shorter")
    test.add_argument("--pairs", metavar="P", help="simulate: pairs of capability operations, ONE:OTHER,... or all, each in every order")
    test.add_argument("--sanitize", metavar="KINDS", help="contract, unit and hosted, under the compiler's sanitizers: "
                      "thread, address, undefined, address+undefined")
    test.add_argument("--image", metavar="FILE", help="soak: another image than the one built here")

    bench = command("bench", "runs one experiment and prints a table")
    bench.add_argument("name", metavar="NAME")
    _add_guest(bench)
    bench.add_argument("--csv", metavar="F", help="also writes the CSV lines to F")
    bench.add_argument("--vs", metavar="SYSTEM", help="message, traffic: linux, in the same QEMU")
    bench.add_argument("--variants", metavar="V", help="shootdown, shared, traffic: some of the variants, with commas between")
    bench.add_argument("--plot", metavar="F", help="simulated: also draws the curves, as SVG; topology: the machine and its tree")
    bench.add_argument("--tries", metavar="N", help="trees: how many trees the search that judges them measures")
    bench.add_argument("--timeout", metavar="SECONDS", default="120")

    reproduce = command("reproduce", "tables and figures from scratch: CSV, SVG and a page (table2 fig3 fig6 fig7 fig8 growth)")
    reproduce.add_argument("figure", nargs="*", metavar="FIGURE", help="without a name: all")
    image = command("image", "makes the bootable ISO")
    image.add_argument("--platform", default="x86_64", metavar="P")

    parsed = parser.parse_args(arguments)
    if parsed.command is None:
        raise Refused("say what to do: boot, test, bench, reproduce or image (--help tells more)")
    return parsed
