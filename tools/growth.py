"""How a cost grows with the number of cores: the law, of a few, that fits best."""
import math

LAWS = {
    "constant": lambda n: 0.0,
    "log n": math.log2,
    "sqrt n": math.sqrt,
    "n": float,
    "n log n": lambda n: n * math.log2(n),
    "n sqrt n": lambda n: n * math.sqrt(n),     # one after another, across a mesh
    "n^2": lambda n: float(n) * n,
}


def fit(points):
    """(law, fixed part, factor, worst relative error) for [(cores, cost)]: least squares of relative errors of a + b law(n)."""
    best = None
    for name, law in LAWS.items():
        # With weights 1/cost: minimise the sum of ((a + b f - y) / y)^2.
        rows = [(1 / y, law(n) / y) for n, y in points]
        aa, ab, bb = (sum(u * v for u, v in pairs) for pairs in
                      ([(r[0], r[0]) for r in rows], [(r[0], r[1]) for r in rows], [(r[1], r[1]) for r in rows]))
        a1, b1 = sum(r[0] for r in rows), sum(r[1] for r in rows)
        determinant = aa * bb - ab * ab
        if name == "constant" or abs(determinant) < 1e-12 * max(aa * bb, 1e-300):
            a, b = a1 / aa, 0.0
        else:
            a, b = (a1 * bb - b1 * ab) / determinant, (b1 * aa - a1 * ab) / determinant
        errors = [abs((a + b * law(n) - y) / y) for n, y in points]
        score = sum(error * error for error in errors)
        if best is None or score < best[0] - 1e-9:  # of equals the simplest
            best = (score, name, a, b, max(errors))
    return best[1:]


def exponent(points):
    """x of n^x between the last two points."""
    (n, y), (m, z) = sorted(points)[-2:]
    return math.log(z / y) / math.log(m / n)


def text(points):
    name, a, b, worst = fit(points)
    (n, _), (m, _) = sorted(points)[-2:]
    return f"{a:.0f} + {b:.3g} x {name} cycles (at most {worst * 100:.0f}% off); n^{exponent(points):.2f} from {n} to {m} cores"
