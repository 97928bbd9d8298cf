"""The agreement between monitors in SPIN: every order of messages and losses in small machines. Each mistake that a model can
be compiled with must be found."""
import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "agreement")
SECONDS = 120
SOUND = [("one_phase", ["-DN=3", "-DLOSSES=3"]), ("one_phase", ["-DN=4", "-DLOSSES=1"]),
         ("two_phase", ["-DN=3", "-DLOSSES=1"]), ("two_phase", ["-DN=2", "-DLOSSES=2"])]
WRONG = [("one_phase", ["-DN=3", "-DLOSSES=1", "-DFORGETS_THOSE_BELOW"]),
         ("one_phase", ["-DN=3", "-DLOSSES=1", "-DANSWERS_TOO_EARLY"]),
         ("two_phase", ["-DN=3", "-DLOSSES=0", "-DIGNORES_VOTES"]),
         ("two_phase", ["-DN=3", "-DLOSSES=2", "-DLOOKS_WITHOUT_AUTHORITY"]),
         ("two_phase", ["-DN=3", "-DLOSSES=2", "-DSEEKS_NO_SUCCESSOR"]),
         ("two_phase", ["-DN=3", "-DLOSSES=1", "-DFORGETS_A_DECISION"])]


def explore(name, options):
    """What the exhaustive search of a model says."""
    folder = tempfile.mkdtemp(prefix="skerry-spin-")
    try:
        shutil.copy(os.path.join(HERE, name + ".pml"), os.path.join(folder, "model.pml"))

        def run(*command):
            return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False).stdout
        run("spin", *options, "-a", "model.pml")
        run("gcc", "-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c")
        # Members that are lost stand still for ever; whether all others are through is asserted by the model.
        return run("./pan", "-E", "-m100000")
    finally:
        shutil.rmtree(folder)


class Agreement(unittest.TestCase):
    def test_no_order_is_wrong(self):
        for name, options in SOUND:
            with self.subTest(model=name, options=options):
                said = explore(name, options)
                self.assertIn("errors: 0", said)
                self.assertNotIn("max search depth too small", said)

    def test_mistakes_are_found(self):
        for name, options in WRONG:
            with self.subTest(model=name, options=options):
                self.assertIn("assertion violated", explore(name, options))


if __name__ == "__main__":
    unittest.main()
