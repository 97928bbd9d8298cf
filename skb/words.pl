% Words that all rule files share. Load it behind facts.pl and before them.
:- dynamic prices_decide/1, fast_tree/4, package_tree/4.  % where choice.pl, logp.pl or multicast.pl are taken away
:- dynamic tree/4, group_tree/5.          % where multicast.pl or groups.pl is taken away, that gives no tree
:- table aggregator/2, near/3, apart/3, head/3, turn/3, place/3, follower/4, package_size/2, others/2, size/1.

% aggregator(Package, Core): who passes messages on in its package: the first core there that runs.
aggregator(Package, Core) :-
    package(Package),
    aggregate_all(min(Each), (core(Each, Package, _), running(Each)), Core).

% head(Root, Package, Core): the same, when Root sends: its own package it serves itself.
head(Root, Package, Root) :- core(Root, Package, _), running(Root).
head(Root, Package, Core) :- core(Root, Own, _), running(Root), aggregator(Package, Core), Package =\= Own.

% near(From, To, Distance): nodes. Without distances from the firmware: 10 to itself, 20 to any other.
near(From, To, Distance) :- node_distance(From, To, Distance).
near(Node, Node, 10) :- node(Node), \+ node_distance(Node, Node, _).
near(From, To, 20) :- node(From), node(To), From =\= To, \+ node_distance(From, To, _).

% apart(From, To, Distance): cores, by their nodes.
apart(From, To, Distance) :- core(From, _, Here), core(To, _, There), near(Here, There, Distance).

% turn(Root, Head, Turn): the farthest head first: as many are farther away, or as far and of a lower number.
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

% follower(Root, Head, Core, Index): the other cores of a head's package, in their order.
follower(Root, Head, Core, Index) :-
    head(Root, Package, Head), place(Package, Head, Own),
    place(Package, Core, Place), Core =\= Head,
    Index is Place - max(0, min(1, Place - Own)).

% package_size(Package, Size): its running cores. size(Most): those of the largest. others(Root, Count): packages but the root's.
package_size(Package, Size) :- package(Package), aggregate_all(count, place(Package, _, _), Size).
size(Most) :- aggregate_all(max(Cores), (aggregator(P, _), package_size(P, Cores)), Most).
others(Root, Count) :- running(Root), aggregate_all(count, (head(Root, _, Head), Head =\= Root), Count).
