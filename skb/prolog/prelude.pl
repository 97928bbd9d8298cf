% What SWI-Prolog lacks of the knowledge base's language. Load it before rule files:
%
%     swipl skb/prolog/prelude.pl FACTS.pl skb/rules/*.pl
%
% Rule files declare with `:- table` each predicate that has rules: then Prolog, too, finds each answer once.

% minimize(Cost, Goal): each answer of Goal with the least Cost. A list of variables: the first decides, then the next.
minimize(Keys, Goal) :-
    findall(Keys, Goal, All),
    sort(0, @=<, All, [Keys | _]),
    call(Goal).

maximize(Keys, Goal) :-
    findall(Keys, Goal, All),
    sort(0, @>=, All, [Keys | _]),
    call(Goal).

:- meta_predicate minimize(?, 0), maximize(?, 0).

% What is asked must not come into the choice: cheap(X) :- minimize(C, cost(X, C)) means the same however it is called.
choosing(Body) :- sub_term(Goal, Body), nonvar(Goal), (Goal = minimize(_, _) ; Goal = maximize(_, _)), !.

unify_all([], [], true).
unify_all([A | As], [B | Bs], (A = B, Rest)) :- unify_all(As, Bs, Rest).

user:term_expansion((Head :- Body), (Open :- Body, Same)) :-
    choosing(Body),
    Head =.. [Name | Arguments],
    length(Arguments, Count),
    length(Fresh, Count),
    Open =.. [Name | Fresh],
    unify_all(Fresh, Arguments, Same).

% SWI-Prolog 9.0's aggregate_all(min(X), Goal, Min) holds when Goal has no answer and Min is bound already.
:- meta_predicate least(?, 0, ?), greatest(?, 0, ?).
least(X, Goal, Least) :- findall(X, Goal, All), min_list(All, Found), Least = Found.
greatest(X, Goal, Greatest) :- findall(X, Goal, All), max_list(All, Found), Greatest = Found.

user:goal_expansion(aggregate_all(min(X), Goal, Least), least(X, Goal, Least)).
user:goal_expansion(aggregate_all(max(X), Goal, Greatest), greatest(X, Goal, Greatest)).
