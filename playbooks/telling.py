"""How a story is told as it goes: its steps, what is typed, and what each command answers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, redirect_stdout
from typing import TextIO


class Teller:
    """Tells on a screen. out: where to; the commands' own answers go there too."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def answers(self) -> AbstractContextManager[object]:
        """While it is open, what commands answer is part of the story."""
        return redirect_stdout(self._out)

    def line(self, text: str = "") -> None:
        print(text, file=self._out)

    def step(self, number: int, text: str) -> None:
        """What happens next. number: from 1."""
        self.line()
        self.line(f"{number}. {text}")

    def command(self, actor: str, typed: str) -> None:
        """What somebody types. typed: as in a shell, after the program's name."""
        self.line(f"   {actor} $ incident {typed}")

    def outcome(self, sentences: Sequence[str]) -> None:
        """How it ended."""
        for sentence in ("", *sentences):
            self.line(sentence)
