"""An offline search for the best multicast tree of a simulated machine: simulated annealing over ordered trees and the nodes at
which their rings lie, each measured by the model. What the rules choose is judged by what it finds. Of a few cores all_trees()
gives every one.
"""
import itertools
import math
import random

HOTTEST, COLDEST = 60.0, 1.0    # cycles: a tree that is so much worse is taken with probability 1/e
ROUNDS = 6                      # each cools down from half as hot, and begins with the best so far


class Tree:
    """Children in sending order, and of each edge whether its two rings lie at the child."""

    def __init__(self, edges):
        self.parent, self.at = {}, {}
        self.children = {0: []}
        for child, parent, down_at, up_at in edges:
            self.children.setdefault(parent, []).append(child)
            self.children.setdefault(child, [])
            self.parent[child] = parent
            self.at[child] = (down_at == child, up_at == child)

    def copy(self):
        other = Tree(())
        other.children = {parent: list(children) for parent, children in self.children.items()}
        other.parent, other.at = dict(self.parent), dict(self.at)
        return other

    def edges(self):
        found, border = [], [0]
        for parent in border:
            for child in self.children[parent]:
                down, up = self.at[child]
                found.append((child, parent, child if down else parent, child if up else parent))
                border.append(child)
        return found

    def below(self, top, core):
        while core != top and core in self.parent:
            core = self.parent[core]
        return core == top

    def changed(self, chance):
        """A neighbour: a subtree hangs elsewhere or is sent to at another turn, rings lie elsewhere, two cores swap places."""
        other, what = self.copy(), chance.random()
        core = chance.choice(list(self.parent))
        if what < 0.35:
            parents = [parent for parent in other.children if not other.below(core, parent)]
            other.hang(core, chance.choice(parents), chance)
        elif what < 0.6:
            other.hang(core, other.parent[core], chance)
        elif what < 0.8:
            down, up = other.at[core]
            other.at[core] = (not down, up) if chance.random() < 0.5 else (down, not up)
        elif what < 0.9:
            at = (chance.random() < 0.5, chance.random() < 0.5)
            for sibling in other.children[other.parent[core]]:
                other.at[sibling] = at
        else:
            other.swap(core, chance.choice(list(self.parent)))
        return other

    def hang(self, core, parent, chance):
        self.children[self.parent[core]].remove(core)
        self.children[parent].insert(chance.randrange(len(self.children[parent]) + 1), core)
        self.parent[core] = parent

    def swap(self, one, two):
        places = {one: two, two: one}

        def now(core):
            return places.get(core, core)
        self.children = {now(parent): [now(child) for child in children] for parent, children in self.children.items()}
        self.parent = {now(child): now(parent) for child, parent in self.parent.items()}
        self.at = {now(child): at for child, at in self.at.items()}


def search(cycles, edges, tries, seed):
    """(least cycles, its edges) of `tries` trees, from `edges` on; `cycles(edges)` measures one."""
    chance = random.Random(seed)
    here = Tree(edges)
    cost = cycles(edges)
    best = cost, edges
    length = -(-tries // ROUNDS)
    for number in range(tries):
        turn, part = divmod(number, max(1, length))
        if part == 0:
            here, cost = Tree(best[1]), best[0]
        warmth = HOTTEST / 2 ** turn * (1 - part / length) + COLDEST
        other = here.changed(chance)
        found = cycles(other.edges())
        if found <= cost or chance.random() < math.exp((cost - found) / warmth):
            here, cost = other, found
            if cost < best[0]:
                best = cost, here.edges()
    return best


def _forests(count):
    """Ordered trees side by side, `count` nodes in all, as nested tuples."""
    if count == 0:
        yield ()
    for size in range(count):
        for below in _forests(size):
            for beside in _forests(count - 1 - size):
                yield (below, *beside)


def _edges(forest, cores):
    """(child, parent) of a forest below core 0, level by level; its nodes are `cores` in that order."""
    found, border, left = [], [(0, forest)], iter(cores)
    for parent, children in border:
        for below in children:
            found.append((next(left), parent))
            border.append((found[-1][0], below))
    return found


def all_trees(cores):
    """Every tree over so many cores, with every order of turns and place of rings: for 4 cores 1,920, for 5 86,016."""
    for forest in _forests(cores - 1):
        for named in itertools.permutations(range(1, cores)):
            edges = _edges(forest, named)
            for places in itertools.product(itertools.product((0, 1), repeat=2), repeat=len(edges)):
                yield [(*edge, edge[down], edge[up]) for edge, (down, up) in zip(edges, places)]
