// Every program of simulated machines: name, bytes of static data (platforms/hosted/program_list.hpp; meson.build).
#define SKERRY_HOSTED_PROGRAMS(program)                                                                   \
    program(init, 0x40000) program(monitor, 0x40000) program(memory, 0x400000) program(console, 0x100000) \
        program(shell, 0x100000) program(hello, 0x40000) program(spin, 0x20000) program(trial, 0x40000)   \
            program(juggle, 0x80000) program(bench_shootdown, 0x80000) program(bench_retype, 0x80000)     \
                program(skb, 0x40000) program(prices, 0x80000) program(peers, 0x100000)
