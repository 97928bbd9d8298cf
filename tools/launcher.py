"""./skerry from its arguments to its exit status. Reads from top to bottom: the commands, then main()."""
import signal
import sys

from . import build, hosted, iso, machine, options, packages, simulated
from .common import (BOOT_TARGETS, GDB_COMMANDS, GDB_SCRIPT, KERNEL, WRONG_INPUT, BuildFailed, Refused,
                     say, shown)

DETERMINISTIC_SHIFT = 3     # 8 ns an instruction: about as fast as real time (shared/QEMU.md)


def make_image(install, more_packages=()):
    """Everything up to the ISO; returns its path."""
    new = packages.ensure([*packages.BUILD, *packages.BOOT, *more_packages], install)
    with build.lock():
        build.configure(again=new)
        build.ninja(BOOT_TARGETS)
        return iso.ensure(build.ProgressLine())


def make_in_process(install, target):
    """A machine in a process."""
    new = packages.ensure([*packages.BUILD, *packages.HOSTED], install)
    with build.lock():
        build.configure(again=new)
        build.ninja([target])


def choose_cores(text, chosen):
    """--cores, or all of the machine's, or one."""
    if chosen is None:
        return options.cores(text) if text else 1
    return options.cores(text, chosen.cores, f" ({chosen.name} has no more)") if text else chosen.cores


def check_boot(asked):
    """Refuses what cannot work before anything is installed or built; returns (machine, cores, memory, seconds)."""
    from . import session, trace
    options.check_platform(asked.platform, ("x86_64", "hosted", "simulated"))
    options.check_choice("--accel", asked.accel, ("auto", "tcg", "kvm"))
    options.check_choice("--firmware", asked.firmware, ("bios", "uefi"))
    if asked.trace is not None:
        trace.check_file(asked.trace)
    if asked.deterministic and asked.accel == "kvm":
        raise Refused("--deterministic counts instructions, which KVM cannot; use --accel tcg")
    if asked.seed is not None and asked.platform != "simulated":
        raise Refused("--seed is for --platform simulated")
    if asked.device and asked.platform != "x86_64":
        raise Refused("--device is for QEMU, --platform x86_64")
    asked.device = options.devices(asked.device)
    for command in asked.run:
        session.check_command(command)
    chosen = machine.load(asked.machine) if asked.machine is not None else None
    cores = choose_cores(asked.cores, chosen)
    asked.online = options.online(asked.online, cores) if asked.online else None
    memory = options.whole_number("--memory", asked.memory, 64, 1 << 20, " (MB)") if asked.memory else None
    seconds = options.seconds(asked.timeout) if asked.timeout else None
    if asked.gdb is not None:
        asked.gdb = options.gdb_port(asked.gdb)
    if seconds is None and not asked.gdb and (asked.run or not sys.stdin.isatty()):
        seconds = options.RUN_SECONDS
    return chosen, cores, memory, seconds


def gdb_commands(port):
    """Writes what gdb shall do first; returns the file's path. One symbol file serves all cores: each runs its own copy
    of the kernel at the address that it was linked for."""
    path = f"{GDB_COMMANDS}.{port}"
    with open(path, "w", encoding="utf-8") as file:
        file.write("set pagination off\nset confirm off\nset architecture i386:x86-64\n"
                   f'file "{KERNEL}"\n'
                   f"source {GDB_SCRIPT}\ntarget remote localhost:{port}\n")
    return path


def boot(asked):
    from . import accelerator, images, qemu, session, terminal, trace
    chosen, cores, memory, seconds = check_boot(asked)
    words = f"online={asked.online}" if asked.online else ""
    if asked.platform == "hosted":
        hosted.check(asked, cores)
        make_in_process(not asked.no_install, hosted.TARGET)
        guest = hosted.Guest(cores, chosen, memory, words=words)
    elif asked.platform == "simulated":
        simulated.check(asked, cores)
        make_in_process(not asked.no_install, simulated.TARGET)
        guest = simulated.Guest(cores, chosen, memory, words=words, seed=simulated.seed(asked.seed))
    if asked.platform == "hosted" and not asked.run:
        say(f"{hosted.carriers(cores)}; Ctrl-] three times ends it")
    if asked.platform in ("hosted", "simulated"):
        return session.run(guest, asked.run, seconds, write_through, say) if asked.run else \
            terminal.run(guest, seconds, say)
    image = make_image(not asked.no_install, [*(packages.UEFI if asked.firmware == "uefi" else ()),
                                              *(packages.GDB if asked.gdb else ())])
    interactive = not asked.run
    recorder = trace.Recorder(asked.trace) if asked.trace is not None else None
    accel, how = ("tcg,thread=single", "TCG, deterministic") if asked.deterministic else \
        accelerator.choose(asked.accel, cores)
    guest = qemu.Guest(image, cores, chosen, memory, asked.firmware, accel,
                       DETERMINISTIC_SHIFT if asked.deterministic else None, asked.gdb,
                       may_reboot=interactive and recorder is None, trace=recorder, extra=asked.device)
    if asked.gdb:
        say(f"QEMU waits for: gdb -x {shown(gdb_commands(asked.gdb))}")
    try:
        with images.told(guest, words) as guest:
            if not interactive:
                return run_commands(guest, asked, seconds, words)
            say(f"{how}; Ctrl-] three times ends it")
            return terminal.run(guest, seconds, say)
    finally:
        if recorder:
            recorder.write()


def run_commands(guest, asked, seconds, words):
    """`--run`. In a deterministic run the image brings them along: what is typed comes when the host likes."""
    from . import images, session
    if not asked.deterministic:
        return session.run(guest, asked.run, seconds, write_through, say)
    with images.bringing(guest, asked.run, words) as bringing:
        return session.run(bringing, asked.run, seconds, write_through, say)


def write_through(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def image(asked):
    options.check_platform(asked.platform)
    print(shown(make_image(not asked.no_install)))
    return 0


def test(asked):
    from . import checks, sanitize, suites
    if asked.sanitize is not None:
        passed, failed = sanitize.run(asked.sanitize, asked.suite, not asked.no_install, checks.tell)
        print(checks.Totals(passed, failed))
        return 1 if failed else 0
    return suites.run(asked.suite, not asked.no_install, suites.soak_plans(asked), suites.check_seeds(asked))


def bench(asked):
    from . import bench as benches
    return benches.run(asked, make_image)


def reproduce(asked):
    from . import reproduce as figures
    return figures.run(asked)


COMMANDS = {"boot": boot, "test": test, "bench": bench, "reproduce": reproduce, "image": image}


def interrupted(*_):
    raise SystemExit(128 + signal.SIGTERM)


def main(arguments):
    signal.signal(signal.SIGTERM, interrupted)  # so that `finally` and `with` end what we started
    try:
        asked = options.parse(arguments)
        return COMMANDS[asked.command](asked)
    except Refused as refusal:
        say(str(refusal))
        return WRONG_INPUT
    except BuildFailed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; there is nobody to tell
        return 1
