"""Programs for the differential test: random facts and rules that are safe and stratified by construction.

A program's predicates carry its number (p7_2 is predicate 2 of program 7), so that hundreds fit into one file. Columns
are of numbers (n) or atoms (a); a predicate of layer L uses layers below as it likes, its own only without negation.
"""
import random

ATOMS = ["a", "b", "c", "'D e'"]
TYPES = "na"


class Program:
    """One program and the questions to it."""

    def __init__(self, number, seed):
        self.pick = random.Random(seed)
        self.number = number
        self.facts, self.rules, self.questions = [], [], []
        self.bases, self.layers = [], []
        for index in range(self.pick.randint(2, 3)):
            self.add_base(index)
        for index in range(self.pick.randint(2, 5)):
            self.add_predicate(index)
        for _ in range(4):
            self.add_question()

    def name(self, kind, index):
        return f"{kind}{self.number}_{index}"

    def constant(self, kind):
        return str(self.pick.randint(-2, 6)) if kind == "n" else self.pick.choice(ATOMS)

    def fact(self, base):
        name, types = base
        return f"{name}({', '.join(self.constant(kind) for kind in types)})"

    def add_base(self, index):
        base = (self.name("e", index), "".join(self.pick.choice(TYPES + "n") for _ in range(self.pick.randint(1, 3))))
        self.bases.append(base)
        self.facts += {self.fact(base) for _ in range(self.pick.randint(3, 14))}

    def add_predicate(self, index):
        types = "".join(self.pick.choice(TYPES + "n") for _ in range(self.pick.randint(1, 3)))
        own = (self.name("p", index), types)
        for number in range(self.pick.randint(1, 3)):
            rule = Rule(self, own if number else None)
            self.rules.append(rule.text(own))
        self.layers.append(own)

    def add_question(self):
        name, types = self.pick.choice(self.layers)
        words = [self.constant(kind) if self.pick.random() < 0.2 else self.pick.choice(["A", "B", "C", "A", "_"])
                 for kind in types]
        for index, kind in enumerate(types):  # a variable has one type
            if words[index] in "ABC":
                words[index] += kind
        self.questions.append(f"{name}({', '.join(words)})")

    def heads(self):
        return sorted({(name, len(types)) for name, types in self.layers})


class Rule:
    """One rule under construction: goals so far, and variables bound by type."""

    def __init__(self, program, own):
        self.program, self.pick = program, program.pick
        self.goals, self.bound, self.count = [], {"n": [], "a": []}, 0
        below = program.bases + program.layers
        chosen = [self.pick.choice(below) for _ in range(self.pick.randint(1, 3))]
        if own and self.pick.random() < 0.7:
            chosen.insert(self.pick.randint(0, len(chosen)), own)
        for each in chosen:
            self.goals.append(self.atom(each, self.bound))
            if self.pick.random() < 0.45:
                self.more(below)

    def fresh(self):
        self.count += 1
        return f"V{self.count}"

    def atom(self, predicate, bound, outer=None):
        """A goal that binds new variables in `bound`; `outer` are more that it may use."""
        name, types = predicate
        words = []
        for kind in types:
            known = bound[kind] + (outer[kind] if outer else [])
            chance = self.pick.random()
            if known and chance < 0.42:
                words.append(self.pick.choice(known))
            elif chance < 0.48:
                words.append(self.program.constant(kind))
            elif chance < 0.58:
                words.append("_")
            else:
                words.append(self.fresh())
                bound[kind].append(words[-1])
        return f"{name}({', '.join(words)})"

    def more(self, below):
        """A test, arithmetic, a negation, an aggregate or an optimum over what is bound."""
        numbers = self.bound["n"]
        choice = self.pick.randint(0, 8)
        if choice <= 1 and numbers:
            test = self.pick.choice(["<", ">", "=<", ">=", "=:=", "=\\="])
            self.goals.append(f"{self.pick.choice(numbers)} {test} {self.expression()}")
        elif choice == 2 and numbers:
            made = self.fresh()
            self.goals.append(f"{made} is ({self.expression()}) mod {self.pick.randint(2, 7)}")
            numbers.append(made)
        elif choice == 3 and self.bound["a"]:
            one, other = self.pick.choice(self.bound["a"]), self.pick.choice(self.bound["a"] + ATOMS)
            self.goals.append(f"{one} {self.pick.choice(['==', chr(92) + '==', '@<', '@>='])} {other}")
        elif choice <= 5:
            self.goals.append(f"\\+ {self.inside(below)[0]}")
        elif choice == 6:
            self.aggregate(below)
        elif choice == 7:
            self.optimum(below)
        else:
            made = self.fresh()
            low = self.pick.randint(-1, 3)
            self.goals.append(f"between({low}, {low + self.pick.randint(-1, 3)}, {made})")
            numbers.append(made)

    def expression(self, numbers=None):
        numbers = numbers or self.bound["n"] or ["1"]
        left, right = self.pick.choice(numbers), self.pick.choice(numbers + [str(self.pick.randint(-3, 5))])
        form = self.pick.choice(["{0} + {1}", "{0} * {1}", "{0} - {1}", "min({0}, {1})", "max({0}, 2 * {1})",
                                 "abs({0} - {1})", "{0} // 3 + {1} mod 4", "- {0}", "{0} xor {1}", "{0} >> 1"])
        return form.format(left, right)

    def inside(self, below):
        """(goals in brackets, their own bound variables)."""
        own = {"n": [], "a": []}
        goals = [self.atom(self.pick.choice(below), own, self.bound) for _ in range(self.pick.randint(1, 2))]
        return f"({', '.join(goals)})", own

    def aggregate(self, below):
        goal, own = self.inside(below)
        how = self.pick.choice(["count", "sum", "min", "max"])
        if how in ("min", "max"):
            if not own["n"]:
                return
            how = f"{how}({self.pick.choice(own['n'])})"
        elif how == "sum":
            # Of the goal's own variables: what recursion brings along could grow without end.
            how = f"sum({self.expression(own['n'] or ['1'])})"
        made = self.fresh()
        self.goals.append(f"aggregate_all({how}, {goal}, {made})")
        self.bound["n"].append(made)

    def optimum(self, below):
        goal, own = self.inside(below)
        if not own["n"]:
            return
        keys = self.pick.sample(own["n"], self.pick.randint(1, min(2, len(own["n"]))))
        if self.pick.random() < 0.5 and len(own["n"]) > 1:
            made = self.fresh()
            goal = f"({goal[1:-1]}, {made} is {self.expression(own['n'])})"
            keys, own["n"] = [made], own["n"] + [made]
        words = keys[0] if len(keys) == 1 else f"[{', '.join(keys)}]"
        self.goals.append(f"{self.pick.choice(['minimize', 'maximize'])}({words}, {goal})")
        for kind in TYPES:
            self.bound[kind] += own[kind]

    def text(self, own):
        name, types = own
        words = [self.pick.choice(self.bound[kind]) if self.bound[kind] and self.pick.random() < 0.95
                 else self.program.constant(kind) for kind in types]
        return f"{name}({', '.join(words)}) :- {', '.join(self.goals)}."


def batch(first, count, seed):
    """Programs number first, first + 1, ... as the text of one file, and the programs."""
    programs = [Program(number, f"{seed}:{number}") for number in range(first, first + count)]
    lines = []
    for program in programs:
        lines.append(f":- dynamic {', '.join(f'{name}/{len(types)}' for name, types in program.bases)}.")
        lines.append(f":- table {', '.join(f'{name}/{arity}' for name, arity in program.heads())}.")
        lines += [fact + "." for fact in sorted(program.facts)]
        # A predicate's rules stand together: Prolog would complain.
        lines += sorted(program.rules, key=lambda rule: rule.split("(")[0])
    return "\n".join(lines) + "\n", programs
