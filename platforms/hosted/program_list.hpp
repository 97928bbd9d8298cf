// Every program of hosted machines: name, bytes of static data. Each is compiled with its own name for program_main
// (meson.build).
#define SKERRY_HOSTED_PROGRAMS(program)                                                                   \
    program(init, 0x40000) program(monitor, 0x40000) program(memory, 0x400000) program(console, 0x100000) \
        program(shell, 0x100000) program(hello, 0x40000) program(skb, 0x40000) program(prices, 0x80000)
