"""Curves as SVG, with no library: lines of points, axes, a legend; dashes for what others have published."""
import math

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 50
COLOURS = ("#1f6fb2", "#c8443c", "#2c8f4a", "#8457a8", "#b5731a", "#3b8c93", "#8a6d5a", "#d06aa8")


def ticks(most):
    """Round numbers from 0 to `most` and a bit."""
    step = 10 ** math.floor(math.log10(most / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if most / (step * factor) <= 6)
    return [step * i for i in range(int(math.ceil(most / step)) + 1)]


class Axes:
    def __init__(self, curves, logarithmic):
        xs = [x for curve in curves for x, _ in curve["points"]]
        ys = [y for curve in curves for _, y in curve["points"]] + [y for curve in curves for _, *y2 in curve.get("band", ()) for y in y2]
        self.logarithmic = logarithmic
        self.least_x, self.most_x = min(xs), max(xs)
        self.x_ticks = sorted(set(xs))
        if logarithmic:
            low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
            self.y_ticks = [10.0 ** power for power in range(low, max(high, low + 1) + 1)]
        else:
            self.y_ticks = ticks(max(ys))

    def x(self, value):
        low, high = self.least_x, self.most_x
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return LEFT + (value - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = self.y_ticks[0], self.y_ticks[-1]
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _text(x, y, text, anchor="middle", more=""):
    escaped = str(text).replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escaped}</text>'


def _grid(axes, x_label, y_label, title):
    parts = [_text(LEFT, 22, title, "start", ' font-weight="bold"'),
             _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_label),
             _text(0, 0, y_label, "middle", f' transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)"')]
    for tick in axes.y_ticks:
        y = axes.y(tick)
        parts += [f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>',
                  _text(LEFT - 8, y + 4, f"{tick:g}", "end")]
    parts += [_text(axes.x(tick), HEIGHT - BOTTOM + 18, f"{tick:g}") for tick in axes.x_ticks]
    return parts


def svg(curves, title, x_label, y_label, logarithmic=False):
    """`curves`: dictionaries with name, points [(x, y)], and maybe band [(x, low, high)], dashed, like (another's name: its
    colour)."""
    axes = Axes(curves, logarithmic)
    parts = _grid(axes, x_label, y_label, title)
    colours = {}
    for index, curve in enumerate(curves):
        colour = colours.get(curve.get("like")) or COLOURS[len(colours) % len(COLOURS)]
        colours.setdefault(curve.get("like", curve["name"]), colour)
        if curve.get("band"):
            edge = [(x, low) for x, low, _ in curve["band"]] + [(x, high) for x, _, high in reversed(curve["band"])]
            path = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in edge)
            parts.append(f'<polygon points="{path}" fill="{colour}" fill-opacity="0.12"/>')
        path = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in curve["points"])
        dashes = ' stroke-dasharray="5 4"' if curve.get("dashed") else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        y = TOP + 12 + index * 18
        parts += [f'<line x1="{WIDTH - RIGHT + 12}" y1="{y}" x2="{WIDTH - RIGHT + 40}" y2="{y}" stroke="{colour}" stroke-width="2"{dashes}/>',
                  _text(WIDTH - RIGHT + 46, y + 4, curve["name"], "start")]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">\n'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")
