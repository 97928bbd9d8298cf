"""A machine and one of its trees as SVG: packages as frames, nodes' distances along their links, cores as circles, messages as
arrows that bear their turn."""
import math

from .plot import COLOURS

CORE, GAP = 26, 24              # a circle and the room beside it, in points: an arrow and its turn must fit
CURVED_CORES = 256              # of more, arrows are straight: to look for curves would take minutes
ASIDE = (0, 25, -25, 50, -50, 90, -90, 140, -140)
LETTER = 6.6                    # at most so wide, of 11 points
MARGIN, HEADLINE = 24, 40
STYLE = 'font-family="sans-serif" font-size="11"'


def escaped(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


class Layout:
    """Where everything lies. `cores`: (core, package, node) each."""

    def __init__(self, cores):
        self.packages = sorted({package for _, package, _ in cores})
        members = {package: sorted(core for core, its, _ in cores if its == package) for package in self.packages}
        widest = max(len(members[package]) for package in self.packages)
        self.columns_inside = math.ceil(math.sqrt(widest))
        rows_inside = math.ceil(widest / self.columns_inside)
        self.width = max(self.columns_inside * (CORE + GAP) + GAP, LETTER * len("package 000, node 000"))
        self.height = rows_inside * (CORE + GAP) + GAP + 18
        columns = math.ceil(math.sqrt(len(self.packages)))
        between = max(70, CORE * 2)     # room for arrows and distances
        self.frames = {package: (MARGIN + (index % columns) * (self.width + between),
                                 MARGIN + HEADLINE + (index // columns) * (self.height + between))
                       for index, package in enumerate(self.packages)}
        self.core = {}
        for package in self.packages:
            left, top = self.frames[package]
            for place, core in enumerate(members[package]):
                self.core[core] = (left + GAP + CORE / 2 + place % self.columns_inside * (CORE + GAP),
                                   top + 18 + GAP + CORE / 2 + place // self.columns_inside * (CORE + GAP))
        self.whole = (max(x for x, _ in self.frames.values()) + self.width + MARGIN,
                      max(y for _, y in self.frames.values()) + self.height + MARGIN)

    def middle(self, package):
        left, top = self.frames[package]
        return left + self.width / 2, top + self.height / 2


def frames(layout, cores, memory):
    nodes = {}
    for _, package, node in cores:
        nodes.setdefault(package, set()).add(node)
    for package in layout.packages:
        left, top = layout.frames[package]
        there = sorted(nodes[package])
        label = f"package {package}, node{'s' if len(there) > 1 else ''} {' '.join(map(str, there))}"
        size = sum(memory.get(node, 0) for node in there)
        if size and layout.width > 180:
            label += f", {size >> 20} MiB"
        yield (f'<g id="package-{package}"><rect x="{left:.0f}" y="{top:.0f}" width="{layout.width:.0f}" height="{layout.height:.0f}" '
               f'rx="6" fill="#f4f6f8" stroke="#8a97a5"/><text x="{left + 6:.0f}" y="{top + 14:.0f}">{escaped(label)}</text></g>')


def distances(layout, cores, distance):
    """A dashed line between each two packages whose nodes are the nearest to one another; a note says what the others are."""
    node_of = {}
    for _, package, node in cores:
        node_of.setdefault(package, node)
    pairs = [(one, other, distance.get((node_of[one], node_of[other])))
             for one in layout.packages for other in layout.packages if one < other]
    known = [(one, other, far) for one, other, far in pairs if far is not None and node_of[one] != node_of[other]]
    least = min((far for *_, far in known), default=None)
    for one, other, far in known:
        if far != least:
            continue
        (x1, y1), (x2, y2) = layout.middle(one), layout.middle(other)
        yield (f'<line class="near" x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="#c2cbd4" stroke-width="6"/>'
               f'<text x="{(x1 + x2) / 2:.0f}" y="{(y1 + y2) / 2 - 6:.0f}" fill="#66727e" text-anchor="middle">{far}</text>')
    values = sorted({far for *_, far in known})
    if values:
        yield (f'<text x="{MARGIN}" y="{MARGIN + 30}" fill="#66727e">distances between packages (10 is local): '
               f'{", ".join(map(str, values))}; grey: the nearest; arrows: their turn</text>')


def bend(layout, parent, child):
    """The curve's middle point: on the straight line, or so far beside it that it passes no other circle."""
    (x1, y1), (x2, y2) = layout.core[parent], layout.core[child]
    length = math.hypot(x2 - x1, y2 - y1) or 1
    others = [place for core, place in layout.core.items() if core not in (parent, child)]
    best, least = (x1, y1), math.inf
    for aside in ASIDE if len(others) <= CURVED_CORES else (0,):
        control = ((x1 + x2) / 2 - (y2 - y1) / length * aside, (y1 + y2) / 2 + (x2 - x1) / length * aside)
        points = [at((x1, y1), control, (x2, y2), step / 40) for step in range(1, 40)]
        hit = sum(math.dist(point, other) < CORE / 2 + 3 for other in others for point in points)
        hit += sum(not 0 < x < layout.whole[0] for x, _ in points)
        if hit < least:
            best, least = control, hit
        if hit == 0:
            break
    return best


def at(start, control, end, t):
    """A point of a quadratic Bezier curve."""
    return tuple((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t ** 2 * c for a, b, c in zip(start, control, end))


def towards(place, other, by):
    far = math.dist(place, other) or 1
    return tuple(a + (b - a) * by / far for a, b in zip(place, other))


def edge(layout, parent, child, turn, depth):
    """From circle to circle; the arrow's turn stands beyond its middle."""
    control = bend(layout, parent, child)
    (x1, y1), (x2, y2) = (towards(layout.core[one], control, CORE / 2) for one in (parent, child))
    colour = COLOURS[depth % len(COLOURS)]
    x, y = at((x1, y1), control, (x2, y2), 0.45)
    return (f'<g class="edge" id="edge-{parent}-{child}"><title>{parent} to {child}, turn {turn}</title>'
            f'<path d="M{x1:.1f} {y1:.1f}Q{control[0]:.1f} {control[1]:.1f} {x2:.1f} {y2:.1f}" fill="none" stroke="{colour}" '
            f'stroke-width="1.4" marker-end="url(#head{depth % len(COLOURS)})"/>'
            f'<text x="{x:.1f}" y="{y + 3:.1f}" font-size="9" text-anchor="middle" fill="{colour}" stroke="white" '
            f'stroke-width="3" paint-order="stroke">{turn}</text></g>')


def depths(root, tree):
    """How many messages it takes to each core."""
    depth, waiting = {root: 0}, [root]
    children = {}
    for parent, child, _ in tree:
        children.setdefault(parent, []).append(child)
    for near in waiting:  # grows while we walk it
        for child in children.get(near, ()):
            if child not in depth:
                depth[child] = depth[near] + 1
                waiting.append(child)
    return depth


def svg(title, root, cores, distance, tree, memory=None):
    """`cores`: (core, package, node); `distance`: {(node, node): n}; `tree`: (parent, child, turn); `memory`: {node: bytes}."""
    layout = Layout(cores)
    depth = depths(root, tree)
    width, height = layout.whole
    width = max(width, 2 * MARGIN + len(title) * LETTER * 14 / 11, 420)
    heads = "".join(f'<marker id="head{i}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
                    f'<path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>' for i, colour in enumerate(COLOURS))
    parts = [f'<text x="{MARGIN}" y="{MARGIN + 10}" font-size="14" font-weight="bold">{escaped(title)}</text>',
             *distances(layout, cores, distance), *frames(layout, cores, memory or {})]
    parts += [edge(layout, parent, child, turn, depth.get(parent, 0)) for parent, child, turn in sorted(tree)]
    for core, (x, y) in sorted(layout.core.items()):
        fill = "#ffe9a8" if core == root else "white"
        parts.append(f'<g class="core" id="core-{core}"><circle cx="{x:.1f}" cy="{y:.1f}" r="{CORE / 2:.0f}" fill="{fill}" '
                     f'stroke="#333"/><text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{core}</text></g>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" {STYLE}>\n<defs>{heads}</defs>\n'
            f'<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")
