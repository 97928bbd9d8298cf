% tree(Root, Parent, Child, Turn): along which edges Root's messages go to all cores that run. A parent sends to the
% child with turn 0 first. NUMA-aware multicast (The Multikernel, SOSP 2009, 5.1): to the first core of each package,
% the farthest package first, so that the longest way begins earliest; they pass it on within their package, each as many as
% possible (fans). Where the measured prices of messages decide, the tree is theirs.
:- table tree/4, tree_by/2, package_tree/4, fans/3.

tree(Root, Parent, Child, Turn) :- tree_by(Root, prices), fast_tree(Root, Parent, Child, Turn).
tree(Root, Parent, Child, Turn) :- tree_by(Root, distances), package_tree(Root, Parent, Child, Turn).

package_tree(Root, Root, Head, Turn) :-
    turn(Root, Head, Turn), others(Root, Others), fans(Root, Fan, _), Others - Turn =< Fan.
package_tree(Root, Parent, Head, Turn) :-
    turn(Root, Head, Turn), others(Root, Others), fans(Root, Fan, _), Nearer is Others - 1 - Turn, Nearer >= Fan,
    Above is Others - Nearer // Fan, turn(Root, Parent, Above).
package_tree(Root, Head, Core, Turn) :-
    follower(Root, Head, Core, Index), others(Root, Others), fans(Root, _, Within), Index < Within, Turn is Others + Index.
package_tree(Root, Parent, Core, Turn) :-
    follower(Root, Head, Core, Index), fans(Root, _, Within), Index >= Within,
    Above is Index // Within - 1, follower(Root, Head, Parent, Above), Turn is Index mod Within.

% fans(Root, Fan, Within): to so many heads, and to so many of its own package, one core sends at the most: to all, or, where
% most_children is fewer, the others hang as heaps below the nearest heads and below the first cores of each package.
fans(Root, Others, Size) :- others(Root, Others), size(Size), \+ (most_children(Most), Others + Size > Most + 1).
fans(Root, Fan, Within) :-
    others(Root, Others), size(Size), most_children(Most), Others + Size > Most + 1,
    Fan is min(Others, max(Most // 2, Most + 1 - Size)), Within is Most - Fan.

% tree_by(Root, By): what it is made for.
tree_by(Root, prices) :- running(Root), prices_decide(Root).
tree_by(Root, distances) :- running(Root), \+ prices_decide(Root).
