"""Mutants in the unit tests: none must be caught by them (mutants.py --unit --quick says which are tried here)."""
import sys

import mutants

if __name__ == "__main__":
    sys.exit(mutants.main(["--unit", "--quick"]))
