"""`make bench`: every benchmark, each with its table; exit 1 when a target is missed."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))

if __name__ == "__main__":
    missed = []
    for name in NAMES:
        print(f"\n{name}")
        if import_module(f"benchmarks.{name}").main([]):
            missed.append(name)
    print(f"\nMissed a target: {', '.join(missed)}" if missed else "\nEvery target met.")
    sys.exit(1 if missed else 0)
