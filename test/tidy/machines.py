"""Portable code names no machine (law 5): no #if on an architecture, no architecture's words, no assembly."""
import re

from _tree import code_only, cpp, line_of, report, tracked

PORTABLE = ("cpudriver/", "monitor/", "urpc/", "capabilities/", "skb/", "usr/", "platforms/base/",
            "platforms/contract/", "platforms/image/", "platforms/firmware/", "platforms/devices/", "test/unit/")
WORDLESS = ("cpudriver/", "monitor/", "urpc/", "capabilities/", "skb/", "usr/", "platforms/base/",
            "platforms/contract/")
MACROS = re.compile(r"__x86_64|__amd64|__i386|_M_X64|_M_ARM64|__aarch64|__arm|__riscv|__ppc|__SSE|__AVX")
NAMES = re.compile(r"\b\w*(?:x86|amd64|i386|aarch64|arm64|riscv)\w*\b|__builtin_(?:ia32|arm|riscv)\w*")
# Registers, instructions and devices of one ISA. Words that two ISAs share (timer, page table) are not here.
WORDS = re.compile(r"\b(?:cr[0234]|cr8|[er]flags|[gf]s_?base|gs|xcr0|x[24]?apic|lapic|ioapic|[rw]rmsr|msr|xsave\w*|invlpg"
                   r"|cpuid|rdtsc\w*|swapgs|syscall_entry|sysret\w*|r[abcd]x|r[sd]i|r[sb]p|rip|ttbr[01]\w*|satp"
                   r"|vbar\w*|gic|plic|psci|scause|sepc|stval|esr_el1)\b")
ASSEMBLY = re.compile(r"\b(?:asm|__asm__|__asm)\b")


def check_conditions(files):
    complaints = []
    for path, text in cpp(files, PORTABLE):
        for match in re.finditer(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b(?:[^\n]*\\\n)*[^\n]*", text, re.MULTILINE):
            if MACROS.search(match.group()):
                complaints.append(f"{path}:{line_of(text, match.start())}: {match.group().strip()}")
    return complaints


def check_names(files):
    complaints = []
    for path, text in cpp(files, WORDLESS):
        code = re.sub(r"^[ \t]*#[ \t]*include[^\n]*", "", code_only(text), flags=re.MULTILINE)
        for pattern, what in ((NAMES, "names an architecture"), (WORDS, "is one machine's word"),
                              (ASSEMBLY, "is assembly")):
            for match in pattern.finditer(code):
                complaints.append(f"{path}:{line_of(code, match.start())}: '{match.group()}' {what}")
    return complaints


def main():
    files = tracked()
    report("machines: no #if on an architecture outside platforms/", check_conditions(files))
    report("machines: portable code uses no machine's words", check_names(files))


if __name__ == "__main__":
    main()
