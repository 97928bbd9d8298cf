% route(Source, Core, Address): to which core an interrupt goes, and that core's address. Where the driver runs; a
% source of which nobody knows the device's node goes to the least busy core.
:- table route/3, goes_to/2.

goes_to(Source, Core) :- interrupt(Source, _, _), driver_core(Source, Core).
goes_to(Source, Core) :-
    interrupt(Source, _, _), \+ device_node(Source, _),
    minimize([Count, Core], (open(Core), busy(Core, Count))).

route(Source, Core, Address) :- goes_to(Source, Core), apic(Core, Address).
