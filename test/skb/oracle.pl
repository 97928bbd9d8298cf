% The same commands as host.cpp, answered by SWI-Prolog: swipl prelude.pl oracle.pl < commands
:- use_module(library(readutil)).

:- style_check(-singleton).

main :-
    read_line_to_string(user_input, Line),
    (   Line == end_of_file
    ->  halt
    ;   sub_string(Line, Before, 1, After, " "), !,
        sub_string(Line, 0, Before, _, Word),
        sub_string(Line, _, After, 0, Rest),
        statistics(process_cputime, Start),
        catch(command(Word, Rest), Error, (print_message(error, Error), format("error~n"))),
        statistics(process_cputime, End),
        Microseconds is round((End - Start) * 1000000),
        format("time ~d~n", [Microseconds]),
        flush_output,
        main
    ).

command("load", File) :- load_files(File, [silent(true)]), format("ok~n").
command("tell", Text) :- term_string(Fact, Text), (catch(Fact, _, fail) -> true ; assertz(Fact)), abolish_all_tables, format("ok~n").
command("retract", Text) :- term_string(Fact, Text), retractall(Fact), abolish_all_tables, format("ok~n").
command("forget", _) :- abolish_all_tables, format("ok~n").
command("ask", Text) :-
    term_string(Written, Text, [variable_names(Names)]),
    expand_goal(Written, Goal),
    findall(Row, (call(Goal), exclude(hidden, Names, Shown), maplist(value, Shown, Row)), Rows),
    sort(Rows, Sorted),
    length(Sorted, Count),
    format("answers ~d~n", [Count]),
    forall(member(Row, Sorted), (write_row(Row), nl)).
% Asked, and counted only.
command("count", Text) :-
    term_string(Written, Text),
    expand_goal(Written, Goal),
    aggregate_all(count, Goal, Count),
    format("answers ~d~n", [Count]).

hidden(Name = Value) :- var(Value), !, Name = _.
hidden(Name = _) :- sub_atom(Name, 0, 1, _, '_').
value(_ = Value, Value).

write_row([]).
write_row([Value]) :- !, writeq(Value).
write_row([Value | Rest]) :- writeq(Value), write(' '), write_row(Rest).

:- initialization(main, main).
