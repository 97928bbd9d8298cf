% Where a core that is started lies: its copy of the CPU driver, and the memory that is its own from then on. Asked when somebody
% starts one (`cores start N`); those that are started with the machine lie at their own nodes, since nobody waits for rules then.
:- table image_node/2, core_memory_node/2.

% image_node(Core, Node): its own node, or the nearest that has memory; of two as near the lower number.
image_node(Core, Node) :-
    core(Core, _, Home),
    minimize([Distance, Node], (near(Home, Node, Distance), memory(Node, _, _, ram))).

% core_memory_node(Core, Node): where its image lies.
core_memory_node(Core, Node) :- image_node(Core, Node).
