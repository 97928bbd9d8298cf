% tree(Root, Parent, Child, Turn): along which edges Root's messages go to all cores that run. A parent sends to the
% child with turn 0 first. NUMA-aware multicast (The Multikernel, SOSP 2009, 5.1): to the first core of each package,
% the farthest package first, so that the longest way begins earliest; they pass it on within their package.
:- table tree/4, turn/3, heads/2, place/3.

tree(Root, Root, Head, Turn) :- turn(Root, Head, Turn).
tree(Root, Head, Core, Turn) :-
    head(Root, Package, Head),
    core(Core, Package, _), running(Core), Core =\= Head,
    sends_before(Root, Head, Before),
    place(Package, Core, Place),
    place(Package, Head, Own),
    Turn is Before + Place - max(0, min(1, Place - Own)).

% turn(Root, Head, Turn): as many heads are farther away, or as far and of a lower number.
turn(Root, Head, Turn) :-
    head(Root, _, Head), Head =\= Root,
    apart(Root, Head, Distance),
    aggregate_all(count, (head(Root, _, A), A =\= Root, apart(Root, A, Far), Far > Distance), Farther),
    aggregate_all(count, (head(Root, _, B), B =\= Root, B < Head, apart(Root, B, Distance)), Earlier),
    Turn is Farther + Earlier.

% place(Package, Core, Place): its place among the running cores of its package.
place(Package, Core, Place) :-
    core(Core, Package, _), running(Core),
    aggregate_all(count, (core(Each, Package, _), running(Each), Each < Core), Place).

% The root's own package comes after all others.
:- table sends_before/3.
sends_before(Root, Root, Before) :- running(Root), heads(Root, Before).
sends_before(Root, Head, 0) :- head(Root, _, Head), Head =\= Root.

heads(Root, Count) :- running(Root), aggregate_all(count, (head(Root, _, Head), Head =\= Root), Count).
