"""A piece of work that is killed (SIGKILL) at one exact call that changes something on the disk."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

_DYING = """
import os, signal, sys
from pathlib import Path
folder, calls = Path(sys.argv[2]), 0
def dying(real):
    def call(*args, **named):
        global calls
        calls += 1
        if calls == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **named)
    return call
def from_here_on():
    for name in ("fsync", "rename", "replace", "unlink", "pwrite", "ftruncate", "rmdir"):
        setattr(os, name, dying(getattr(os, name)))
"""


def killed_at(number: int, folder: Path, work: str) -> bool:
    """
    Run `work`, which knows `folder`; True where it was killed before it came to its end.

    number: of the call to die at, 1-based, counted from where `work` calls from_here_on().
    """
    command = [sys.executable, "-c", _DYING + work, str(number), str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode != 0
