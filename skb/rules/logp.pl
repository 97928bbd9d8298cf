% fast_tree(Root, Parent, Child, Turn): a multicast tree for the measured prices of messages; a parent sends in the order of Turn.
% Trees of one regular shape are tried, shape(Fan, Direct, Within), and the one that takes the least time is chosen:
%
%   root ----- all cores of the Direct nearest packages, and those of its own
%     \------- heads of the other packages, the nearest first: Fan below the root, Fan below each of those, ...
%                 \--- each head's package, in the same way: Within below the head, Within below each of those, ...
%
% What one takes is worked out as in LogP (Culler et al., PPoPP 1993): an edge's latency is waited for, its occupancy is the
% parent's, a third to send and two to take the answer. Where trees were tried out, what was measured decides.
:- table price/3, price_of/3, shape/3, node/2, within/6, below/3, job/5, head/6, beyond/5, estimate/5, nearest/3,
         latency/2, occupancy/2, fast_tree/4.

% What a message costs between packages and within one: the middle of the extremes that were measured. With one package
% nothing is far, with one core in each nothing near: the other's price stands in.
latency(far, L) :- core(A, P, _), core(B, Q, _), P =\= Q, message_latency(A, B, L).
latency(near, L) :- core(A, P, _), core(B, P, _), A =\= B, message_latency(A, B, L).
occupancy(far, O) :- core(A, P, _), core(B, Q, _), P =\= Q, message_occupancy(A, B, O).
occupancy(near, O) :- core(A, P, _), core(B, P, _), A =\= B, message_occupancy(A, B, O).
other(near, far).
other(far, near).

price(Kind, L, O) :-
    other(Kind, _), latency(Kind, _), occupancy(Kind, _),
    aggregate_all(min(A), latency(Kind, A), A1), aggregate_all(max(B), latency(Kind, B), B1),
    aggregate_all(min(C), occupancy(Kind, C), C1), aggregate_all(max(D), occupancy(Kind, D), D1),
    L is (A1 + B1) // 2, O is max(3, (C1 + D1) // 2).
price(Kind, L, O) :- other(Kind, Other), \+ latency(Kind, _), price_of(Other, L, O).
price_of(Kind, L, O) :-
    other(Kind, _), latency(Kind, _), occupancy(Kind, _),
    aggregate_all(max(B), latency(Kind, B), L), aggregate_all(max(D), occupancy(Kind, D), O1), O is max(3, O1).

% The shapes that are tried. 999: all at once. The root serves up to three packages itself, or all.
fan(2). fan(3). fan(4). fan(6). fan(8). fan(12). fan(16). fan(999).
shape(Fan, Direct, Within) :- fan(Fan), between(0, 3, Direct), fan(Within), Within > 3.
shape(999, Direct, Within) :- others(_, Direct), Direct > 3, fan(Within), Within > 3.

% A heap of Members below node 0: Node's children are Fan * Node + 1 and so on. The first child has most below it, so it is
% the one that is waited for, and only first children are looked at.
%
% within(Within, Node, Count, Inner, Deep, Time): in a package, Node has Count children, of whom Inner have some, too; the
% first of those has answered Deep after the order came to Node, all have after Time. Those without answer first.
node(Within, 0) :- fan(Within).
node(Within, Child) :- node(Within, Node), size(Size), Child is Within * Node + 1, Child < Size.

within(Within, Node, Count, Inner, Deep, Time) :-
    node(Within, Node), size(Size), price(near, L, O), Send is O // 3, Take is O - Send,
    Count is max(0, min(Within * Node + Within, Size - 1) - Within * Node),
    Inner is max(0, min(Within * Node + Within, (Size - 2) // Within) - Within * Node),
    below(Within, Node, Below), Leaves is Count - Inner,
    Deep is min(1, Inner) * (Send + 2 * L + Below),
    Time is max(Deep, max(Count * Send, min(1, Leaves) * (Inner * Send + Send + 2 * L)) + Leaves * Take) + Inner * Take.
below(Within, Node, 0) :- node(Within, Node), size(Size), Within * Node + 1 >= Size.
below(Within, Node, Time) :-
    node(Within, Node), size(Size), First is Within * Node + 1, First < Size, within(Within, First, _, _, _, Time).

% head(Fan, Within, Heads, Extra, Node, Time): the same for the head that is Node in the heap of Heads packages and serves
% Extra cores of others.
job(Fan, Within, Heads, Extra, 0) :-
    others(_, Others), size(Size), shape(Fan, Direct, Within), Direct =< Others,
    Heads is Others - Direct, Extra is Direct * Size.
job(Fan, Within, Heads, 0, Child) :- job(Fan, Within, Heads, _, Node), Child is Fan * Node + 1, Child =< Heads.

head(Fan, Within, Heads, Extra, Node, Time) :-
    job(Fan, Within, Heads, Extra, Node), beyond(Fan, Within, Heads, Node, Below),
    price(far, FL, FO), price(near, NL, NO), FS is FO // 3, FT is FO - FS, NS is NO // 3, NT is NO - NS,
    Count is max(0, min(Fan * Node + Fan, Heads) - Fan * Node),
    within(Within, 0, Own, Inner, Deep, _), Leaves is Own - Inner,
    Sent is (Count + Extra) * FS + Own * NS,
    Near is min(1, Leaves) * (Count * FS + NS + 2 * NL),
    Far is min(1, Extra) * (Count * FS + FS + 2 * FL),
    Took is max(Sent, max(Near, Far)) + Leaves * NT + Extra * FT,
    Joined is max(Took, min(1, Count) * (FS + 2 * FL + Below)) + Count * FT,
    Time is max(Joined, min(1, Inner) * (Count * FS + Deep)) + Inner * NT.
beyond(Fan, Within, Heads, Node, 0) :- job(Fan, Within, Heads, _, Node), Fan * Node + 1 > Heads.
beyond(Fan, Within, Heads, Node, Time) :-
    job(Fan, Within, Heads, _, Node), First is Fan * Node + 1, First =< Heads, head(Fan, Within, Heads, 0, First, Time).

% estimate(Root, Fan, Direct, Within, Time), of the shapes in which nobody has too many children; the root has most.
estimate(Root, Fan, Direct, Within, Time) :-
    others(Root, Others), size(Size), shape(Fan, Direct, Within), Direct =< Others,
    Heads is Others - Direct, Extra is Direct * Size,
    Children is min(Fan, Heads) + Extra + min(Within, Size - 1), \+ (most_children(Most), Children > Most),
    head(Fan, Within, Heads, Extra, 0, Time).

% chosen(Root, Fan, Direct, Within, Rings): what was tried and took least; before anything was, the least estimate. Of what was
% tried Fan may be 0: none of these shapes, but the tree of packages and distances (multicast.pl).
:- table chosen/5, fast_tree_rings/2.
chosen(Root, Fan, Direct, Within, Rings) :-
    running(Root), tree_measured(Root, _, _, _, _, _),
    minimize([Time, Direct, Fan, Within, Rings], tree_measured(Root, Fan, Direct, Within, Rings, Time)).
chosen(Root, Fan, Direct, Within, reader) :-
    running(Root), \+ tree_measured(Root, _, _, _, _, _),
    minimize([Time, Direct, Fan, Within], estimate(Root, Fan, Direct, Within, Time)).

% fast_tree_rings(Root, Rings): where its rings lie: at who reads them (reader), or at the parent; or one line of the parent's that
% all its children read (shared).
fast_tree_rings(Root, Rings) :- chosen(Root, _, _, _, Rings).

% nearest(Root, Head, Rank): heads of the other packages, the nearest is 0.
nearest(Root, Head, Rank) :-
    head(Root, _, Head), Head =\= Root, apart(Root, Head, Distance),
    aggregate_all(count, (head(Root, _, A), A =\= Root, apart(Root, A, Near), Near < Distance), Nearer),
    aggregate_all(count, (head(Root, _, B), B =\= Root, B < Head, apart(Root, B, Distance)), Earlier),
    Rank is Nearer + Earlier.

% In the order of Turn: heads, then the head's own package, then the packages that the root serves itself.
fast_tree(Root, Root, Head, Turn) :-
    shaped(Root, Fan, Direct, _), nearest(Root, Head, Rank), Index is Rank - Direct, Index >= 0, Index < Fan,
    waits(Head, Wait), Turn is Index + Wait.
fast_tree(Root, Parent, Head, Turn) :-
    shaped(Root, Fan, Direct, _), nearest(Root, Head, Rank), Index is Rank - Direct, Index >= Fan,
    Above is Index // Fan - 1 + Direct, nearest(Root, Parent, Above),
    waits(Head, Wait), Turn is Index mod Fan + Wait.
fast_tree(Root, Root, Core, Turn) :-
    shaped(Root, _, Direct, _), nearest(Root, Head, Rank), Rank < Direct,
    head(Root, Package, Head), place(Package, Core, Place), Turn is (Rank + 1) * 1000000 + Place.
fast_tree(Root, Head, Core, Turn) :-
    serves(Root, Head), shaped(Root, _, _, Within), follower(Root, Head, Core, Index), Index < Within,
    Turn is 2000 + Index.
fast_tree(Root, Parent, Core, Turn) :-
    serves(Root, Head), shaped(Root, _, _, Within), follower(Root, Head, Core, Index), Index >= Within,
    Above is Index // Within - 1, follower(Root, Head, Parent, Above), Turn is Index mod Within.
fast_tree(Root, Parent, Core, Turn) :- chosen(Root, 0, _, _, _), package_tree(Root, Parent, Core, Turn).

:- table shaped/4, waits/2, serves/2.
shaped(Root, Fan, Direct, Within) :- chosen(Root, Fan, Direct, Within, _), Fan > 0.

% waits(Head, Wait): who is alone in its package comes first: it has nobody to wait for, and such answers are taken first.
waits(Head, 0) :- core(Head, Package, _), package_size(Package, 1).
waits(Head, 1000) :- core(Head, Package, _), package_size(Package, Size), Size > 1.

% serves(Root, Head): its package is not the root's to serve.
serves(Root, Root) :- shaped(Root, _, _, _).
serves(Root, Head) :- shaped(Root, _, Direct, _), nearest(Root, Head, Rank), Rank >= Direct.
