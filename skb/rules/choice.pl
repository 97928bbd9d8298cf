% prices_decide(Root): Root's tree is made for the prices of messages that were measured (logp.pl), not for packages and the
% firmware's distances (multicast.pl). On an emulated machine prices show the emulator's turns; elsewhere they count, unless
% they contradict the firmware: the cheapest message within a package costs more than the cheapest between two.
% To have them decide all the same: skb replace choice.pl 'prices_decide(R) :- running(R).'
prices_decide(Root) :-
    \+ emulated, priced, \+ contradicted, running(Root), fast_tree(Root, Root, _, _).

:- table priced/0, contradicted/0, message_within/1, message_between/1.
priced :- message_latency(_, _, _), message_occupancy(_, _, _).
contradicted :-
    message_within(_), message_between(_),
    aggregate_all(min(A), message_within(A), Within), aggregate_all(min(B), message_between(B), Between),
    Within > Between.
message_within(L) :- core(A, P, _), core(B, P, _), A =\= B, message_latency(A, B, L).
message_between(L) :- core(A, P, _), core(B, Q, _), P =\= Q, message_latency(A, B, L).
