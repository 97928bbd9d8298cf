% Where memory, rings and programs go.
:- table memory_for/3, region_for/4, ring_node/3, open/1, dispatcher_core/2, span_core/3, driver_core/2, busy/2.

% memory_for(Core, Node, Distance): nodes with memory; ask with minimize(Distance, ...) for the best, or take them in
% the order of their distance.
memory_for(Core, Node, Distance) :- core(Core, _, Home), near(Home, Node, Distance), memory(Node, _, _, ram).

% region_for(Core, Bytes, Node, Distance): where so much is free; Bytes from 4 KiB to 1 TiB in powers of two.
region_for(Core, Bytes, Node, Distance) :-
    between(12, 40, Order), Bytes is 1 << Order,
    core(Core, _, Home),
    minimize([Distance, Node], (near(Home, Node, Distance), free(Node, Free), Free >= Bytes)).

% ring_node(From, To, Node): a ring's memory lies where the receiver polls, or in the nearest node that has any.
ring_node(From, To, Node) :-
    core(From, _, _), core(To, _, _),
    minimize([Distance, Node], memory_for(To, Node, Distance)).

% open(Core): may be given work.
open(Core) :- running(Core), \+ reserved(Core).

busy(Core, Count) :- load(Core, Count).
busy(Core, 0) :- running(Core), \+ load(Core, _).

% dispatcher_core(From, Core): for one more dispatcher of a domain that began on From: the least busy core, then the
% nearest, then the lowest number.
dispatcher_core(From, Core) :-
    running(From),
    minimize([Count, Distance, Core], (open(Core), busy(Core, Count), apart(From, Core, Distance))).

% span_core(From, Turn, Core): for the further dispatchers of a program that began on From: turn by turn, of one turn the lowest
% number first. The least busy core, then the nearest.
span_core(From, Turn, Core) :-
    running(From), open(Core), Core =\= From, busy(Core, Count), apart(From, Core, Distance),
    Turn is Count * 1000 + Distance.

% driver_core(Source, Core): for the driver of an interrupt's device: near the device, then the least busy.
driver_core(Source, Core) :-
    device_node(Source, Node),
    minimize([Distance, Count, Core],
             (open(Core), core(Core, _, Home), near(Node, Home, Distance), busy(Core, Count))).
