% group_tree(Group, Root, Parent, Child, Turn): along which edges messages of a group of programs go from the core Root to all its
% members: the cores for which group_member(Group, Core) is a fact, while that group asks (usr/group) or until it is retracted:
%   skb tell 'group_member(mine, 0). group_member(mine, 6). group_member(mine, 7).'     skb 'group_tree(mine, 0, P, C, T)'
% A parent sends to the child with the least turn first; of one turn to the lowest number.
:- table group_tree/5, group_head/3, group_of_all/1, group/1.

% All cores that run: as the monitors' orders, for distances or for prices.
group_tree(Group, Root, Parent, Child, Turn) :- group_of_all(Group), tree(Root, Parent, Child, Turn).
% Some of them: NUMA-aware multicast, always by distances, since prices are worked out for whole machines (logp.pl). To the first
% member of each package, the farthest package first ...
group_tree(Group, Root, Root, Head, Turn) :-
    group_member(Group, Root), \+ group_of_all(Group),
    group_head(Group, Root, Head), Head =\= Root, apart(Root, Head, Distance),
    aggregate_all(count, (group_head(Group, Root, Other), Other =\= Root, apart(Root, Other, Far), Far > Distance), Turn).
% ... which passes it on within its package; the root does so last.
group_tree(Group, Root, Head, Core, Turn) :-
    group_member(Group, Root), \+ group_of_all(Group),
    group_head(Group, Root, Head), core(Head, Package, _),
    group_member(Group, Core), core(Core, Package, _), Core =\= Head, Turn is 1000 + Core.

group_head(Group, Root, Root) :- group_member(Group, Root).
group_head(Group, Root, Head) :-
    group_member(Group, Root), core(Root, Own, _), package(Package), Package =\= Own,
    aggregate_all(min(Core), (group_member(Group, Core), core(Core, Package, _)), Head).

group(Group) :- group_member(Group, _).
group_of_all(Group) :-
    group(Group), forall(running(Core), group_member(Group, Core)), forall(group_member(Group, Member), running(Member)).
