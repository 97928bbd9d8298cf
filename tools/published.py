"""Numbers that others have published, to print beside ours. [P]: the text of The Multikernel (SOSP 2009); [D]: read off its
authors' plots, about 0.1 k cycles."""

# Table 2 [P]: machine -> relation -> (cycles of a message, messages a kcycle with 16 in flight)
TABLE2 = {
    "2x4-intel": {"die": (180, 11.97), "package": (570, 3.78), "hop1": (570, 3.78)},
    "2x2-amd": {"die": (450, 3.42), "hop1": (532, 3.19)},
    "4x4-amd": {"die": (448, 3.57), "hop1": (545, 3.53), "hop2": (558, 3.51)},
    "8x4-amd": {"die": (538, 2.77), "hop1": (613, 2.79), "hop2": (618, 2.75)},
}
TABLE2_BOUND = 5            # percent

# Figure 3 [D], 4x4-amd: kcycles an operation
FIG3_MACHINE, FIG3_CORES = "4x4-amd", (2, 4, 8, 12, 16)
FIG3 = {
    "SHM1": (0.05, 0.06, 0.17, 0.77, 0.95), "SHM2": (0.65, 1.1, 1.7, 2.3, 3.0),
    "SHM4": (0.75, 1.5, 3.2, 5.7, 7.4), "SHM8": (1.7, 2.9, 6.0, 10.5, 11.7),
    "MSG1": (1.3, 1.3, 2.6, 4.1, 5.5), "MSG8": (1.3, 1.3, 2.7, 4.3, 5.8),
}
# Percent at the last point; elsewhere the order alone.
FIG3_BOUNDS = {"SHM1": 40, "SHM2": 40, "SHM4": 30, "SHM8": 40, "MSG1": 30, "MSG8": 30}

# Figure 6 [D], 8x4-amd: kcycles of the messages of a shootdown
FIG6_MACHINE, FIG6_CORES = "8x4-amd", (2, 4, 8, 12, 16, 20, 24, 28, 32)
FIG6 = {
    "broadcast": (1.2, 1.85, 3.61, 5.24, 6.65, 8.47, 10.43, 11.86, 13.8),
    "unicast": (1.2, 1.30, 1.71, 2.43, 4.34, 6.62, 8.80, 10.72, 12.7),
    "multicast": (1.35, 1.51, 2.54, 2.78, 3.07, 3.79, 4.54, 4.96, 4.85),
    "numa_multicast": (1.35, 1.51, 2.41, 2.62, 2.76, 2.84, 2.96, 3.18, 3.17),
}
# Percent at any point (or 0.3 k, where that is more), and at the last.
FIG6_BOUNDS = {"broadcast": (15, 15), "unicast": (50, 30), "multicast": (25, 15), "numa_multicast": (35, 35)}
FIG6_ABSOLUTE = 0.3         # kcycles

# Figure 7 [D], 8x4-amd: kcycles until a page is unmapped on all cores. Linux 2.6.26 (mprotect) and Windows 2008 R2 beta
# (VirtualProtect) interrupt every core.
FIG7_MACHINE, FIG7_CORES = "8x4-amd", FIG6_CORES
FIG7 = {
    "Windows": (6.0, 9.0, 14.1, 19.2, 24.0, 29.5, 35.1, 40.2, 45.6),
    "Linux": (5.3, 7.2, 10.4, 13.2, 16.0, 19.4, 23.0, 26.2, 29.5),
    "Barrelfish": (10.4, 10.5, 12.7, 13.5, 14.1, 15.1, 16.1, 16.9, 17.6),
}
FIG7_GOALS = {2: 5.3, 32: 10}   # ours
# Figure 8 [P], 8x4-amd: no values, but that a pipelined retype costs less than an IPI shootdown of Linux.
FIG8_GOALS = {32: 29.5}


def point(experiment, machine, variant, cores):
    """The published value at one point in kcycles, or None."""
    name, counts, curves = {"shootdown": (FIG6_MACHINE, FIG6_CORES, FIG6), "shared": (FIG3_MACHINE, FIG3_CORES, FIG3)}[experiment]
    if machine != name or variant not in curves or cores not in counts:
        return None
    return curves[variant][counts.index(cores)]


def within(experiment, variant, cores, value, paper):
    """Does a predicted point (kcycles) keep its bound? None: it has none."""
    last = cores == (FIG6_CORES if experiment == "shootdown" else FIG3_CORES)[-1]
    error = abs(value - paper)
    if experiment == "shared":
        return error <= FIG3_BOUNDS[variant] / 100 * paper if last else None
    anywhere, at_last = FIG6_BOUNDS[variant]
    if last:
        return error <= at_last / 100 * paper
    return error <= max(anywhere / 100 * paper, FIG6_ABSOLUTE)
