"""A simulated machine (platforms/simulated): one thread, virtual time. Its command line; else as a hosted one."""
import os
from dataclasses import dataclass

from . import hosted, options
from .common import BUILD, Refused

TARGET = "platforms/simulated/skerry_simulated"
PROGRAM = os.path.join(BUILD, TARGET)


def check(asked, cores):
    """What only an emulated machine has is refused; `--deterministic` is what it always is."""
    asked.deterministic = False
    hosted.check(asked, cores)


def seed(text):
    """None without one: the fixed schedule."""
    return None if text is None else options.whole_number("--seed", text, 0, 999_999_999)


@dataclass
class Guest(hosted.Guest):
    """`seed`: of the schedule; None = the fixed one."""
    seed: int = None
    program = PROGRAM

    def command_line(self, _log, _backend=None):
        chosen = [] if self.seed is None else ["--seed", str(self.seed)]
        return [PROGRAM, *hosted.shape_arguments(self.machine, self.cores, self.memory), *chosen]
