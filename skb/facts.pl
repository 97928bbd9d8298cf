% What the knowledge base may be told about a machine: each fact's arguments and their units. Where facts come from:
% the firmware's tables, the processor, measurement at start, or whoever asserts them; on a simulated machine and in
% tests the machine's file. Rules must work, less well, where facts are missing.
%
% Core, Package, Node: whole numbers. A core's is its dense index, a node's the firmware's (SRAT), 0 where there is none.
% From, To: a pair of cores or of nodes; every fact about a pair has a direction.

% The machine
:- dynamic
    core/3,               % core(Core, Package, Node): also one that is not started
    running/1,            % running(Core): its monitor answers. Rules choose among these
    package/1,            % package(Package)
    node/1,               % node(Node): memory behind one controller
    memory/4,             % memory(Node, Base, Bytes, Kind): physical bytes; Kind: ram, device
    cache/5,              % cache(Core, Level, Bytes, Line, SharedWith): of data, bytes, as that core says; SharedWith: the least core that shares it
    emulated/0,           % what messages take is the emulator's time, not a machine's
    most_children/1,      % most_children(Count): a tree's core passes an order on to so many at the most, 2 or more; without it, to any
                          % number. Monitors tell how many links they have room for: 16 (monitor/group_seat.hpp)
    apic/2,               % apic(Core, Id): what interrupts to the core are addressed to
    pci/6,                % pci(Bus, Device, Function, Vendor, Id, Class): whole numbers of PCI's configuration space
    interrupt/3.          % interrupt(Source, Kind, Route): Kind: line, message; Route: the line's number, or 0

% Distances that the firmware tells
:- dynamic
    node_distance/3,      % node_distance(From, To, Distance): SLIT, 10 is local
    node_latency/3,       % node_latency(From, To, Nanoseconds): HMAT, reads by the processors of From
    node_bandwidth/3.     % node_bandwidth(From, To, MiBps): HMAT, reads by the processors of From

% Messages, measured between cores, sampled on large machines (usr/prices: behind the prompt, or when somebody asks for it)
:- dynamic
    message_latency/3,    % message_latency(From, To, Cycles): from the sender's store to the receiver's load
    message_occupancy/3,  % message_occupancy(From, To, Cycles): how much longer From takes for one more message that is answered: to
                          % one more core; what it does itself for one to To (usr/prices)
    tree_measured/6.      % tree_measured(Root, Fan, Direct, Within, Rings, Cycles): a shape of rules/logp.pl (Fan 0: the tree of
                          % packages and distances), tried out; Rings: at the reader of each ring, at the parent, or shared:
                          % a line of the parent's, for all its children

% Wishes of whoever runs the machine, and needs that programs state; nothing discovers these
:- dynamic
    reserved/1,           % reserved(Core): keep dispatchers and drivers off it
    load/2,               % load(Core, Dispatchers): how many are placed there
    group_member/2,       % group_member(Group, Core): a program of the group with that name is there; stands while the group asks for its tree
    free/2,               % free(Node, Bytes): memory that is not given out
    device_node/2.        % device_node(Source, Node): the node at which an interrupt's device sits
