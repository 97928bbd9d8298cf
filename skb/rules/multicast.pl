% tree(Root, Parent, Child, Turn): along which edges Root's messages go to all cores that run. A parent sends to the
% child with turn 0 first. NUMA-aware multicast (The Multikernel, SOSP 2009, 5.1): to the first core of each package,
% the farthest package first, so that the longest way begins earliest; they pass it on within their package. Where the
% measured prices of messages decide, it is theirs.
:- table tree/4, tree_by/2, package_tree/4, heads/2, sends_before/3.

tree(Root, Parent, Child, Turn) :- tree_by(Root, prices), fast_tree(Root, Parent, Child, Turn).
tree(Root, Parent, Child, Turn) :- tree_by(Root, distances), package_tree(Root, Parent, Child, Turn).

package_tree(Root, Root, Head, Turn) :- turn(Root, Head, Turn).
package_tree(Root, Head, Core, Turn) :-
    head(Root, Package, Head),
    core(Core, Package, _), running(Core), Core =\= Head,
    sends_before(Root, Head, Before),
    place(Package, Core, Place),
    place(Package, Head, Own),
    Turn is Before + Place - max(0, min(1, Place - Own)).

% tree_by(Root, By): what it is made for.
tree_by(Root, prices) :- running(Root), prices_decide(Root).
tree_by(Root, distances) :- running(Root), \+ prices_decide(Root).

% The root's own package comes after all others.
sends_before(Root, Root, Before) :- running(Root), heads(Root, Before).
sends_before(Root, Head, 0) :- head(Root, _, Head), Head =\= Root.

heads(Root, Count) :- running(Root), aggregate_all(count, (head(Root, _, Head), Head =\= Root), Count).
