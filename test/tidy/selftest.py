"""Each check must be able to fail: small bad inputs that it must complain about, and good ones that it must not."""
import contract
import coroutines
import costs
import documents
import globals as mutable_globals  # the check, not the built-in
import includes
import layers
import lengths
import machines
import names
import style
import words
from _tree import report

BODY = "\n".join(["    work();"] * 70)
CHECKED = """\
Task<int> good(Peer& peer) {
    Request request{1, 2};
    auto answer = co_await peer.ask(request);
    int value = SKERRY_TRY(answer);
    auto later = [&]() -> Task<void> { co_await peer.rest(); };
    if (value > 1) { co_await later(); }
    for (int i = 0; i < 3; i++) co_await peer.rest();
    co_return value;
}
"""


def cpp_body(statement):
    return {"monitor/a.cpp": "Task<int> f(Peer& p) {\n    " + statement + "\n}\n"}


# check, what it is, bad input
BAD = [
    (layers.check_arrows, "driver includes urpc", {"cpudriver/a.cpp": '#include "urpc/ring.hpp"\n'}),
    (layers.check_arrows, "driver includes usr", {"cpudriver/x/a.hpp": '#include "usr/runtime/exit.hpp"\n'}),
    (layers.check_arrows, "driver includes the user half", {"cpudriver/a.hpp": '# include "monitor/m.hpp"\n'}),
    (layers.check_arrows, "rules include the driver", {"capabilities/a.hpp": '#include "cpudriver/core.hpp"\n'}),
    (layers.check_arrows, "rules name a platform", {"capabilities/a.hpp": '#include "platform/machine.hpp"\n'}),
    (layers.check_arrows, "rules ask the contract", {"capabilities/a.hpp": '#include "platforms/contract/m.hpp"\n'}),
    (layers.check_arrows, "runtime includes monitor", {"usr/runtime/a.cpp": '#include "monitor/a.hpp"\n'}),
    (layers.check_arrows, "runtime includes a service", {"usr/runtime/a.cpp": '#include "usr/shell/a.hpp"\n'}),
    (layers.check_arrows, "firmware includes contract", {"platforms/firmware/a.cpp": '#include "platforms/contract/m.hpp"\n'}),
    (layers.check_arrows, "image includes firmware", {"platforms/image/a.cpp": '#include "platforms/firmware/m.hpp"\n'}),
    (layers.check_arrows, "base includes contract", {"platforms/base/a.hpp": '#include "platforms/contract/m.hpp"\n'}),
    (layers.check_arrows, "ring includes capabilities", {"urpc/ring.hpp": '#include "capabilities/type.hpp"\n'}),
    (machines.check_conditions, "#ifdef", {"cpudriver/a.cpp": "#ifdef __x86_64__\n#endif\n"}),
    (machines.check_conditions, "continued #if", {"urpc/a.hpp": "#if defined(A) && \\\n  defined(__aarch64__)\n#endif\n"}),
    (machines.check_names, "an architecture", {"monitor/a.cpp": "int x86_flags = 0;\n"}),
    (machines.check_names, "a register", {"cpudriver/a.cpp": "void f() { live.gs_base = 1; }\n"}),
    (machines.check_names, "assembly", {"usr/a/a.cpp": 'void f() { asm volatile("pause"); }\n'}),
    (lengths.check_files, "a long file", {"monitor/a.hpp": "\n" * 401}),
    (lengths.check_cpp_functions, "a long function", {"a.cpp": f"namespace a {{\nvoid A::f(int a) const {{\n{BODY}\n}}\n}}\n"}),
    (lengths.check_cpp_functions, "a long constructor", {"a.cpp": f"A::A(int a)\n  : a_{{a}}, b_(1) {{\n{BODY}\n}}\n"}),
    (lengths.check_cpp_functions, "a long member", {"a.hpp": f"struct A {{\n  public:\n    int f() {{\n{BODY}\n}}\n}};\n"}),
    (lengths.check_cpp_functions, "a long template", {"a.hpp": f"template <typename T>\nauto f(T<int> t) -> R<T> {{\n{BODY}\n}}\n"}),
    (lengths.check_cpp_functions, "a long test", {"test/a.cpp": f'TEST_CASE("a {{") {{\n{BODY}\n}}\n'}),
    (lengths.check_python_functions, "a long function", {"a.py": "def f():\n" + "    x = 1\n" * 70}),
    (lengths.check_median, "long files", {"a.cpp": "\n" * 300}),
    (contract.check_length, "long headers", {"platforms/contract/a.hpp": "\n" * 200, "platforms/contract/b.hpp": "\n" * 201}),
    (contract.check_length, "no headers", {"platforms/contract/README.md": ""}),
    (includes.check_standard, "vector", {"monitor/a.cpp": "#include <vector>\n"}),
    (includes.check_standard, "mutex", {"cpudriver/a.hpp": "#  include <mutex>\n"}),
    (includes.check_standard, "intrinsics", {"urpc/a.hpp": "#include <immintrin.h>\n"}),
    (includes.check_existing, "missing", {"urpc/a.hpp": '#include "urpc/b.hpp"\n'}),
    (includes.check_existing, "another's folder", {"urpc/x/a.hpp": '#include "b.hpp"\n', "urpc/b.hpp": ""}),
    (includes.check_orphan_headers, "orphan", {"urpc/a.hpp": '#include "urpc/a.hpp"\n'}),
    (includes.check_orphan_headers, "only in a comment", {"a/a.cpp": '// #include "a/a.hpp"\n', "a/a.hpp": ""}),
    (includes.check_orphan_sources, "orphan", {"urpc/a.cpp": "", "urpc/meson.build": "x = files('b.cpp') # 'a.cpp'\n"}),
    (mutable_globals.check_text, "plain", {"cpudriver/a.cpp": "namespace a {\nint count = 0;\n}\n"}),
    (mutable_globals.check_text, "unnamed", {"monitor/a.cpp": "namespace {\nCore* core;\n}\n"}),
    (mutable_globals.check_text, "braces", {"urpc/a.cpp": "static std::atomic<uint64_t> a{0};\n"}),
    (mutable_globals.check_text, "pointers to const", {"skb/a.cpp": 'const char* names[] = {"a"};\n'}),
    (mutable_globals.check_text, "constinit", {"urpc/a.cpp": "constinit Table table{};\n"}),
    (mutable_globals.check_text, "local", {"urpc/a.cpp": "int f() {\n    static int calls = 0;\n    return calls++;\n}\n"}),
    (mutable_globals.check_text, "member", {"skb/a.hpp": "struct A {\n    inline static int calls = 0;\n};\n"}),
    (mutable_globals.check_text, "thread", {"monitor/a.cpp": "thread_local int calls = 0;\n"}),
    (words.check_marks, "mark", {"monitor/a.cpp": "// TO" "DO: the rest\n"}),
    (words.check_marks, "word", {"tools/a.py": "# only a st" "ub\n"}),
    (words.check_core_numbers, "core", {"monitor/a.cpp": "auto c = base::CoreId{0};\n"}),
    (words.check_core_numbers, "comparison", {"monitor/a.cpp": "void f() { if (my_core.value == 0) g(); }\n"}),
    (names.check_names, "type", {"a.hpp": "struct run_queue {\n    int a;\n};\n"}),
    (names.check_names, "enum", {"a.hpp": "enum class run_state : uint8_t { a };\n"}),
    (names.check_names, "function", {"a.hpp": "    uint64_t nextDeadline() const;\n"}),
    (names.check_names, "constant", {"a.hpp": "constexpr int kLimit = 1;\n"}),
    (names.check_members, "member", {"a.hpp": "class A {\n  public:\n    int a() const;\n\n  private:\n    int count = 0;\n};\n"}),
    (names.check_members, "array", {"a.hpp": "class A {\n    std::span<int> bytes[2];\n};\n"}),
    (costs.check_costs, "no source", {"platforms/machines/a": "cost hop = 3\n"}),
    (costs.check_costs, "an empty source", {"platforms/machines/a": "cost hop = 3 from \n"}),
    (costs.check_costs, "a source of no kind", {"platforms/machines/a": "cost hop = 3 from hearsay\n"}),
    (costs.check_costs, "unknown without a range", {"platforms/machines/a": "cost hop = 3 from unknown: a guess\n"}),
    (documents.check_readmes, "none", {"README.md": "", "a/b/c.cpp": "", "a/README.md": ""}),
    (documents.check_readmes, "long", {"README.md": "", "a/README.md": "\n" * 200}),
    (documents.check_links, "dead", {"a/README.md": "see [b](../b/README.md)\n"}),
    (documents.check_top, "foreign", {"lib/a.cpp": ""}),
    *((coroutines.check_shapes, what, cpp_body(statement)) for what, statement in (
        ("macro", "int a = SKERRY_TRY(co_await p.ask());"),
        ("check", "SKERRY_CHECK(co_await p.ask());"),
        ("ternary", "auto a = b ? co_await p.ask() : other;"),
        ("ternary argument", "co_await p.ask(b ? one : two);"),
        ("aggregate", "S s{co_await p.one(), co_await p.two()};"),
        ("assigned braces", "s = {co_await p.one(), 2};"),
        ("braced argument", "auto a = co_await p.ask(Request{1, 2});"),
        ("list argument", "auto a = co_await p.ask({1, 2});"),
        ("binding", "auto [a, b] = co_await p.ask();"),
        ("in a condition", "if (SKERRY_TRY(co_await p.ask()) > 1) { return; }"))),
]

GOOD = [
    (layers.check_arrows, {"cpudriver/a.cpp": '#include "capabilities/type.hpp"\n#include "platform/machine.hpp"\n#include <span>\n',
                           "urpc/protocols/a.hpp": '#include "capabilities/type.hpp"\n#include "urpc/ring.hpp"\n'}),
    (machines.check_conditions, {"platforms/x86_64/a.cpp": "#ifdef __x86_64__\n#endif\n", "urpc/a.hpp": "#if DEBUG\n#endif\n"}),
    (machines.check_names, {"cpudriver/a.cpp": '// on x86 this is cr3\nconst char* a = "x86_64 asm";\n', "platforms/x86_64/b.cpp": "int cr3;\n"}),
    (lengths.check_cpp_functions, {"a.cpp": f"namespace a {{\nclass [[nodiscard]] A : public B<int> {{\n{BODY}\n}};\n"
                                            f"template <typename T>\nrequires(C<T>) struct D {{\n{BODY}\n}};\n"
                                            f"constexpr int t[] = {{\n{BODY.replace('work();', '1,')}\n}};\n}}\n"}),
    (contract.check_length, {"platforms/contract/a.hpp": "\n" * 400, "platforms/contract/README.md": "\n" * 20}),
    (includes.check_standard, {"monitor/a.cpp": "#include <span>\n", "test/a.cpp": "#include <vector>\n"}),
    (includes.check_existing, {"urpc/a.hpp": '#include "urpc/b.hpp"\n#include "platform/m.hpp"\n', "urpc/b.hpp": "",
                               "platforms/x86_64/platform/m.hpp": ""}),
    (includes.check_orphan_sources, {"a/b.cpp": "", "a/meson.build": "foreach n : ['b']\n x += files(n + '.cpp')\nendforeach\n",
                                     "a/c/d.S": "", "meson.build": "files('a/c/d.S')\n"}),
    (mutable_globals.check_text, {"cpudriver/a.cpp": "namespace a {\nconstexpr int a = 1;\nconst uint64_t b{2};\nint f(int x);\n"
                                                     "const char* const n[] = {\"a\"};\nstatic Task g(int a = 1);\nclass C;\nusing D = int;\n"
                                                     "template <typename T>\nconstexpr bool v = true;\nstatic_assert(sizeof(int) == 4);\n"
                                                     "struct S {\n    static Task make() { return Task(1); }\n    int a = 0;\n    std::span<int> b;\n};\n"
                                                     "A::A(int x) : a_{x} { static constexpr int y = 1; }\nbool operator==(A, B) { return true; }\n}\n"}),
    (words.check_marks, {"monitor/a.cpp": "// a stubborn backhack\n"}),
    (words.check_core_numbers, {"monitor/a.cpp": "auto c = base::CoreId{number};\nbool b = count == 0;\n"}),
    (names.check_names, {"a.hpp": "struct RunQueue : B { int a; };\nstruct promise_type { };\nTask f_g(A b);\nconstexpr int a_b = 1;\n"}),
    (names.check_members, {"a.hpp": "class A {\n  public:\n    int a = 0;\n    int f() {\n        int b = 1;\n        return b;\n    }\n\n"
                                    "  private:\n    static constexpr int c = 1;\n    struct In {\n        int d;\n    };\n"
                                    "    enum class E : uint8_t { e };\n    void g();\n    int h_ = 0;\n};\n"}),
    (costs.check_costs, {"platforms/machines/a": "packages = 2\ncost hop = 3 from vendor: a data sheet\n"
                                                 "cost hit.die = 3.5 1..9 from unknown: a guess\n"}),
    (documents.check_links, {"a/README.md": "[b](../b/c.cpp) [w](https://a.b/) ```\n", "b/c.cpp": ""}),
    (documents.check_readmes, {"README.md": "", "a/README.md": "", ".ci/run": ""}),
    (documents.check_top, {"usr/a.cpp": "", ".ci/run": "", "skerry": ""}),
    (coroutines.check_shapes, {"monitor/a.cpp": CHECKED}),
]

SYMBOLS = ("0000000000000000 l     O .bss\t0000000000000008 (anonymous namespace)::count\n"
           "0000000000000000 l    d  .bss\t0000000000000000 .bss\n"
           "0000000000000000 l     O .rodata\t0000000000000008 table\n"
           "0000000000000000  w    O .data.rel.ro._ZTV1A\t0000000000000018 vtable for A\n"
           "0000000000000000 u     O .data._ZZ1fvE1a\t0000000000000018 f()::a\n")
FORMATTED = "urpc/a.hpp:3:1: error: code should be clang-formatted [-Wclang-format-violations]\n"


def expect(name, right):
    report(f"selftest: {name}", [] if right else ["the check did not do what it should"])


def main():
    for check, what, files in BAD:
        expect(f"{check.__module__}.{check.__name__} sees {what}", bool(check(files)))
    for check, files in GOOD:
        found = check(files)
        report(f"selftest: {check.__module__}.{check.__name__} leaves good input alone", found)
    found = mutable_globals.check_symbols(SYMBOLS, "a.cpp")
    expect("globals.check_symbols sees data and bss, and only these", len(found) == 2 and "count" in found[0])
    expect("style.complaints_in sees a place", style.complaints_in(FORMATTED) == ["urpc/a.hpp: line 3"])
    expect("style.complaints_in sees a bad configuration", bool(style.complaints_in("Error reading .clang-format: no\n")))


if __name__ == "__main__":
    main()
