"""A pretended QEMU for the launcher's tests: a program `qemu-system-x86_64` that speaks the shell's side of the frames."""
import os
import stat
import sys
import tempfile

SCRIPT = r'''#!{python}
import os, sys, time

def out(data):
    os.write(1, data)

def read_line():
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            time.sleep(60)
        line += byte
    return line

log = sys.argv[sys.argv.index("-D") + 1]
with open(os.environ.get("FAKE_ARGUMENTS", os.devnull), "w") as file:
    file.write("\n".join(sys.argv[1:]))
mode = os.environ.get("FAKE_BOOT", "")
if mode == "grub":
    out(b"\x1b[1;1Herror: file `/boot/x' not found.\r\ngrub> ")
    time.sleep(60)
if mode == "complain":
    sys.stderr.write("qemu: no such machine\n")
    sys.exit(1)
out(b"noise of the firmware\r\n")
if mode == "silent":
    time.sleep(60)
out(b"\x1b]skerry;ready\x07skerry> ")
counted = 0
while True:
    line = read_line()
    if not line.startswith(b"\x01"):
        out(b"typed " + line)
        continue
    token, command = line[1:].strip().split(b" ", 1)
    out(b"\x1b]skerry;begin;" + token + b"\x07")
    status = b"0"
    if command == b"hello":
        out(b"hello from core 0\r\nsecond\r\n")
    elif command.startswith(b"status "):
        status = command.split()[1]
    elif command == b"count":
        counted += 1
        out(b"%d\r\n" % counted)
    elif command == b"slow":
        out(b"first\r"); time.sleep(0.05); out(b"\nsecond"); time.sleep(0.05)
    elif command == b"forge":
        out(b"\x1b]skerry;end;0000000000000000;7\x07after the forged mark\r\n")
    elif command == b"escapes":
        out(b"\x1b[1mbold\x1b[0m \x1b]skerry;\n")
    elif command == b"cores":
        out(b"core 0 online timer ok\r\ncore 1 online timer " + (b"failed" if mode == "timer" else b"ok") + b"\r\n")
    elif command.startswith(b"oncore "):
        if mode == "hang":
            time.sleep(60)
        out(b"hello from core " + command.split()[1] + b"\r\n")
    elif command == b"panic":
        out(b"panic: core 3: asked for\r\n"); sys.exit(125)
    elif command == b"triple":
        open(log, "w").write("Triple fault\n"); sys.exit(0)
    elif command == b"poweroff":
        sys.exit(33)
    elif command == b"reboot":
        sys.exit(0)
    elif command == b"bench_wrong":
        out(b"csv,1,2\r\n")
    elif command == b"run bench_message":
        out(b"chatter\r\ncsv,message,,,,lrpc,1,one_way,380,379,391,instructions,1000\r\n")
    elif command == b"loop":
        time.sleep(60)
    out(b"\x1b]skerry;end;" + token + b";" + status + b"\x07skerry> ")
'''


class FakeQemu:
    """While this lives, `qemu-system-x86_64` on PATH is the pretended one."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="skerry-fake-")
        path = os.path.join(self.folder.name, "qemu-system-x86_64")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SCRIPT.replace("{python}", sys.executable))
        os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        self.arguments = os.path.join(self.folder.name, "arguments")
        self.before = dict(os.environ)
        os.environ["PATH"] = self.folder.name + os.pathsep + os.environ["PATH"]
        os.environ["FAKE_ARGUMENTS"] = self.arguments
        return self

    def __exit__(self, *_):
        os.environ.clear()
        os.environ.update(self.before)
        self.folder.cleanup()

    def given(self):
        """The arguments that the last pretended QEMU was started with."""
        with open(self.arguments, encoding="utf-8") as file:
            return file.read().split("\n")
