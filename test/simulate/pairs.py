"""Pairs of capability operations in every order, as many as a test run has time for; and mistakes made on purpose that a pair
must catch (patches of test/mutants that name one: `# pair:`).

    pairs.py              these
    pairs.py --mutants    only the mistakes"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "mutants"))

import mutants  # noqa: E402  pylint: disable=wrong-import-position
from tools import pairs, simulated  # noqa: E402  pylint: disable=wrong-import-position

# Each has at most a few hundred orders. `./skerry test simulate --pairs all` has the others, too.
CHOSEN = ("retype:retype retype:copy copy:revoke revoke:revoke retype:revoke revoke_frame:revoke_frame delete:give "
          "give:delete give_into_tree:delete_tree delete_tree:give_into_tree retype:give_back give_back:retype "
          "map:revoke_frame revoke_frame:map unmap:revoke_frame give_back:map revoke_frame:unmap delete:revoke").split()
CHANCE = 20
MUTANT_RUNS, MUTANT_SECONDS = 2000, 200


def caught(mutant, pair):
    """(whether the pair fails with the mistake, in the words that its patch names; what was said)"""
    says = re.search(r"^# pair says: (.+)$", mutant.text, re.MULTILINE).group(1)
    try:
        program = mutants.build(mutant, simulated.TARGET, "platforms/simulated/lib", lambda source, _: source in mutant.sources)
    except ValueError as problem:
        return False, str(problem)
    found = next(pairs.explore([pair], MUTANT_RUNS, 0, program, MUTANT_SECONDS))
    right = not found.passed and found.orders > 0 and says in found.problem    # not in what comes before the pair
    return right, f"in {found.orders} orders {found.problem}"


def main(arguments):
    if "--mutants" not in arguments:
        for each in pairs.explore(list(CHOSEN), chance=CHANCE):
            word = "ok" if each.passed else "not ok"
            print(f"{word} {each.name}: {each.orders} orders, {each.states} states {each.problem}", flush=True)
    for path in sorted(mutants.glob.glob(os.path.join(os.path.dirname(mutants.__file__), "*.patch"))):
        mutant = mutants.Mutant(path)
        named = re.search(r"^# pair: (\S+)$", mutant.text, re.MULTILINE)
        if not named:
            continue
        mutant.folder += ".pair"    # the suite may compile it for its seed at the same time
        right, said = caught(mutant, named.group(1))
        print(f"{'ok' if right else 'not ok'} {mutant.name} by {named.group(1)}: {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
