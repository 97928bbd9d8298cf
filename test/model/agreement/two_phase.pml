/* Two phases (monitor/agreement/commit.hpp): core 0 coordinates, cores 1 to N vote; up to LOSSES cores are lost at any step,
   the coordinator and its successors included. Mistakes that must be found: -DIGNORES_VOTES, -DLOOKS_WITHOUT_AUTHORITY,
   -DSEEKS_NO_SUCCESSOR, -DFORGETS_A_DECISION. */
#ifndef N
#define N 3
#endif
#ifndef LOSSES
#define LOSSES 2
#endif

mtype = { PREPARE, DECIDE, INQUIRE, TAKEOVER };
#define NOTHING 0
#define PREPARED 1
#define ABORTED 2
#define COMMITTED 3

bool dead[N + 1];
byte stage[N + 1];
bool refused[N + 1];
byte authority[N + 1];
bool recovered[N + 1];
byte losses;
bool ended;
chan inbox[N + 1] = [2 * N + 2] of { mtype, byte, byte };  /* what, who, decision */
chan reply[N + 1] = [2 * N + 2] of { byte, byte };         /* who, what it says */

/* No survivor commits what another aborts, or what a survivor refused. */
inline agree() {
    d_step {
        byte a, b;
        a = 1;
        do
        :: a > N -> break
        :: else ->
            b = 1;
            do
            :: b > N -> break
            :: else ->
                assert(dead[a] || dead[b] || stage[a] != COMMITTED || stage[b] != ABORTED);
                b++
            od;
            a++
        od;
        a = 0;
        b = 0
    }
}

/* Sends to every other surviving member, and waits for its answer or for its loss. The last ones first: so that the first to
   hear of a decision is not the one who would succeed its coordinator. */
inline ask_all(me, what, decision, merged) {
    other = N;
    do
    :: other == 0 -> break
    :: other == me && other != 0 -> other--
    :: other != 0 && other != me ->
        if
        :: dead[other] -> merged = (what == PREPARE -> 255 : merged)
        :: else ->
            inbox[other]!what, me, decision;
            if
            :: reply[me]??eval(other), said -> merged = (said > merged -> said : merged)
            :: dead[other] -> merged = (what == PREPARE -> 255 : merged)
            fi
        fi;
        other--
    od
}

inline recover(me) {
    if
    :: recovered[me] -> skip
    :: else ->
        recovered[me] = true;
        authority[me] = me;
        merged = (stage[me] == NOTHING -> ABORTED : stage[me]);
        if
        :: stage[me] == NOTHING -> stage[me] = ABORTED
        :: else -> skip
        fi;
        ask_all(me, INQUIRE, 0, merged);
        decision = (merged == COMMITTED -> COMMITTED : ABORTED);
        if
        :: stage[me] == PREPARED -> stage[me] = decision; agree()
        :: else -> skip
        fi;
        merged = 0;
        ask_all(me, DECIDE, decision, merged)
    fi
}

inline successor(who) {
    who = 1;
    do
    :: who <= N && dead[who] -> who++
    :: else -> break
    od
}

proctype Member(byte me) provided (!dead[me]) {
    mtype what;
    byte from, decision, other, said, merged, next;
    byte told;
end:
    do
    :: inbox[me]?what, from, decision ->
        if
        :: what == PREPARE ->
            if
            :: stage[me] == NOTHING -> stage[me] = PREPARED; reply[from]!me, 0
            :: stage[me] == NOTHING -> stage[me] = ABORTED; refused[me] = true; reply[from]!me, 1
            :: stage[me] == PREPARED -> reply[from]!me, 0
            :: stage[me] > PREPARED -> reply[from]!me, 1
            fi
        :: what == DECIDE ->
            if
            :: stage[me] == PREPARED && authority[me] == from -> stage[me] = decision; agree()
            :: else -> skip
            fi;
            reply[from]!me, 0
        :: what == INQUIRE ->
            if
            :: authority[me] != 0 && from < authority[me] -> reply[from]!me, 0
            :: else ->
                if
                :: stage[me] == NOTHING -> stage[me] = ABORTED
                :: else -> skip
                fi;
#ifndef LOOKS_WITHOUT_AUTHORITY
                authority[me] = from;
#endif
#ifdef FORGETS_A_DECISION
                reply[from]!me, (stage[me] == PREPARED -> PREPARED : ABORTED)
#else
                reply[from]!me, stage[me]
#endif
            fi
        :: what == TAKEOVER -> recover(me)
        fi
#ifndef SEEKS_NO_SUCCESSOR
    :: stage[me] == PREPARED && dead[authority[me]] ->
        successor(next);
        if
        :: next == me -> recover(me)
        :: next != me && told != next -> inbox[next]!TAKEOVER, me, 0; told = next
        :: next != me && told == next -> dead[next] || nempty(inbox[me])
        fi
#endif
    od
}

proctype Coordinator() provided (!dead[0]) {
    byte other, said, merged, decision;
    ask_all(0, PREPARE, 0, merged);
#ifdef IGNORES_VOTES
    decision = COMMITTED;
#else
    decision = (merged == 0 -> COMMITTED : ABORTED);
#endif
    merged = 0;
    ask_all(0, DECIDE, decision, merged);
    ended = true
}

proctype Fate() {
    byte victim;
end:
    do
    :: losses < LOSSES ->
        select(victim : 0 .. N);
        if
        :: !dead[victim] -> atomic { dead[victim] = true; losses++ }
        :: else -> skip
        fi
    :: true -> break
    od
}

/* Nothing more can happen: no survivor waits for a decision. */
proctype Rest() {
    byte i;
    timeout ->
    assert(ended || dead[0]);
    i = 1;
    do
    :: i > N -> break
    :: else -> assert(dead[i] || stage[i] != PREPARED); i++
    od
}

init {
    byte i = 1;
    atomic {
        do
        :: i > N -> break
        :: else -> run Member(i); i++
        od;
        run Coordinator();
        run Fate();
        run Rest()
    }
}
