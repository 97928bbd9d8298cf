% fast_tree(Root, Parent, Child, Turn): a multicast tree from measured prices of messages. Whoever has the message goes
% on sending to those who do not: greedy, and so the quickest where all pairs cost the same (Karp, Sahay, Santos,
% Schauser: Optimal broadcast and summation in the LogP model, SPAA 1993). Two such trees: over the packages, then
% within each. A core sends to other packages first.
%
%   sender   |-O-|-O-|-O-|         O: the sender is busy with one message
%   first         `--L--> has it   L: until it is there
:- table price/3, size/2, power/3, limit/4, slot/7, time/4, enough/4, rank/5, edge/6, wanted/3, member/4, fast_tree/4,
         others/3, latency/2, occupancy/2, kind/2.

% What a message costs between packages and within one: the median-like middle of the extremes that were measured.
latency(far, L) :- core(A, P, _), core(B, Q, _), P =\= Q, message_latency(A, B, L).
latency(near, L) :- core(A, P, _), core(B, P, _), A =\= B, message_latency(A, B, L).
occupancy(far, O) :- core(A, P, _), core(B, Q, _), P =\= Q, message_occupancy(A, B, O).
occupancy(near, O) :- core(A, P, _), core(B, P, _), A =\= B, message_occupancy(A, B, O).

kind(far, 1).
kind(near, 1).
price(Kind, L, O) :-
    kind(Kind, _),
    aggregate_all(min(A), latency(Kind, A), A1), aggregate_all(max(B), latency(Kind, B), B1),
    aggregate_all(min(C), occupancy(Kind, C), C1), aggregate_all(max(D), occupancy(Kind, D), D1),
    L is (A1 + B1) // 2, O is max(1, (C1 + D1) // 2).

% size(Kind, Members): how many take part.
size(far, Size) :- aggregate_all(count, aggregator(_, _), Size).
size(near, Size) :- aggregator(P, _), aggregate_all(count, (core(C, P, _), running(C)), Size).

wanted(L, O, Size) :- price(Kind, L, O), size(Kind, Size), Size > 1.

% limit(L, O, Size, Time): some full tree of one fan-out reaches that many by then, so the greedy one does.
power(Fan, 0, 1) :- between(2, 62, Fan).
power(Fan, Depth, Nodes) :- power(Fan, Above, Some), Some < 4096, Depth is Above + 1, Nodes is Some * Fan.
limit(L, O, Size, Time) :-
    wanted(L, O, Size),
    aggregate_all(min(T), (power(Fan, Depth, Nodes), Nodes >= Size, T is Depth * (Fan * O + L)), Time).

% slot(L, O, Size, Id, Parent, Turn, Time): somebody has it at Time, from Parent, as the Turn-th to whom that one sends.
slot(L, O, Size, 1, 0, 0, 0) :- wanted(L, O, Size).
slot(L, O, Size, Id, Parent, Turn, Time) :-
    slot(L, O, Size, Parent, _, _, Start),
    limit(L, O, Size, Limit),
    Most is min(61, (Limit - Start - L) // O - 1),
    between(0, Most, Turn),
    Time is Start + (Turn + 1) * O + L,
    Id is Parent * 64 + Turn + 1.

% enough(L, O, Size, Time): the least time by which there are slots for all.
time(L, O, Size, Time) :- slot(L, O, Size, _, _, _, Time).
enough(L, O, Size, Least) :-
    wanted(L, O, Size),
    aggregate_all(min(Time), (time(L, O, Size, Time),
                              aggregate_all(count, (slot(L, O, Size, _, _, _, T), T =< Time), Slots),
                              Slots >= Size), Least).

% rank(L, O, Size, Id, Rank): slots by time; as many as members are taken.
rank(L, O, Size, Id, Rank) :-
    enough(L, O, Size, Last),
    slot(L, O, Size, Id, _, _, Time), Time =< Last,
    aggregate_all(count, (slot(L, O, Size, _, _, _, T), T < Time), Sooner),
    aggregate_all(count, (slot(L, O, Size, Other, _, _, Time), Other < Id), Earlier),
    Rank is Sooner + Earlier, Rank < Size.

% edge(L, O, Size, ParentRank, ChildRank, Turn)
edge(L, O, Size, From, To, Turn) :-
    rank(L, O, Size, Id, To), slot(L, O, Size, Id, Parent, Turn, _), rank(L, O, Size, Parent, From).

% member(Root, Group, Core, Rank): the heads of all packages (group far), the farthest first; each package's cores.
member(Root, far, Root, 0) :- running(Root).
member(Root, far, Head, Rank) :- turn(Root, Head, Turn), Rank is Turn + 1.
member(Root, Package, Head, 0) :- head(Root, Package, Head).
member(Root, Package, Core, Rank) :-
    head(Root, Package, Head), place(Package, Head, Own),
    place(Package, Core, Place), Core =\= Head,
    Rank is Place + 1 - max(0, min(1, Place - Own)).

fast_tree(Root, Parent, Child, Turn) :-
    price(far, L, O), size(far, Size), edge(L, O, Size, From, To, Turn),
    member(Root, far, Parent, From), member(Root, far, Child, To).
fast_tree(Root, Parent, Child, Turn) :-
    price(near, L, O), head(Root, Package, _), package_size(Package, Size), edge(L, O, Size, From, To, Place),
    member(Root, Package, Parent, From), member(Root, Package, Child, To),
    others(Root, Parent, Before), Turn is Before + Place.

:- table package_size/2.
package_size(Package, Size) :- package(Package), aggregate_all(count, place(Package, _, _), Size).

% others(Root, Core, Count): to how many other packages it sends.
others(Root, Parent, Count) :-
    running(Root), running(Parent), price(far, L, O), size(far, Size),
    aggregate_all(count, (member(Root, far, Parent, From), edge(L, O, Size, From, _, _)), Count).
