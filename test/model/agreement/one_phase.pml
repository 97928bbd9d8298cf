/* One phase over a tree (monitor/agreement/round.hpp): core 0 orders cores 1 to N; up to LOSSES of them are lost at any step.
   A set of cores is a mask of bits. -DFORGETS_THOSE_BELOW and -DANSWERS_TOO_EARLY are mistakes that must be found. */
#ifndef N
#define N 4
#endif
#ifndef LOSSES
#define LOSSES 2
#endif
#define has(set, core) (((set) >> (core)) & 1)

bool dead[N + 1];
bool performed[N + 1];
byte losses;
bool ended;
chan order[N + 1] = [N + 1] of { byte, byte };  /* who asks, the set below */
chan answer[N + 1] = [N + 1] of { byte };       /* who answers */

inline take(set, core) {
    core = 1;
    do
    :: has(set, core) -> break
    :: else -> core++
    od;
    set = set & ~(1 << core)
}

/* Asks child after child until all that is in `set` has been asked for by somebody alive. */
inline ask(me, set, child) {
    do
    :: set == 0 -> break
    :: else ->
        take(set, child);
        order[child]!me, set;
        if
        :: answer[me]??eval(child) -> set = 0
        :: dead[child] ->  /* heard of; those below it are ours */
#ifdef FORGETS_THOSE_BELOW
            set = 0
#else
            skip
#endif
        fi
    od
}

proctype Member(byte me) provided (!dead[me]) {
    byte from, set, child;
end:
    do
    :: order[me]?from, set ->
#ifdef ANSWERS_TOO_EARLY
        answer[from]!me;
        ask(me, set, child);
        performed[me] = true
#else
        performed[me] = true;
        ask(me, set, child);
        answer[from]!me
#endif
    od
}

/* One of the root's branches. */
byte branches_done;
proctype Branch(byte set) {
    byte child;
    ask(0, set, child);
    branches_done++
}

proctype Root() {
    byte i;
    run Branch(2 | 4);
    run Branch(((1 << (N + 1)) - 1) & ~7);
    branches_done == 2;
    ended = true;
    i = 1;
    do
    :: i > N -> break
    :: else -> assert(performed[i] || dead[i]); i++
    od
}

proctype Fate() {
    byte victim;
end:
    do
    :: losses < LOSSES ->
        select(victim : 1 .. N);
        if
        :: !dead[victim] -> atomic { dead[victim] = true; losses++ }
        :: else -> skip
        fi
    :: true -> break
    od
}

/* Nothing more can happen: the operation has ended. */
proctype Rest() {
    timeout -> assert(ended)
}

init {
    byte i = 1;
    atomic {
        do
        :: i > N -> break
        :: else -> run Member(i); i++
        od;
        run Root();
        run Fate();
        run Rest()
    }
}
