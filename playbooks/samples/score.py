"""How well a list of people fits what really happened. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from playbooks.samples.company import Truth


@dataclass(frozen=True)
class Score:
    """
    planted: accounts that were touched and that the databases can name. found: accounts on the list.

    hits: of the planted, those on the list. doubtful: of the uncertain, those on the list; they count neither for nor
    against it. uncertain: all who were or may have been touched and whom no database names.
    """

    planted: int
    found: int
    hits: int
    doubtful: int
    uncertain: int

    @property
    def precision(self) -> float:
        """Of those on the list, the share that belongs there; 1.0 for an empty list."""
        certain = self.found - self.doubtful
        return self.hits / certain if certain else 1.0

    @property
    def recall(self) -> float:
        """Of the planted, the share on the list."""
        return self.hits / self.planted if self.planted else 1.0

    @property
    def exact(self) -> bool:
        return self.hits == self.planted == self.found - self.doubtful

    def lines(self) -> list[str]:
        """In words, for people."""
        others = self.found - self.doubtful - self.hits
        verdict = "exactly those" if self.exact else f"{self.hits:,} of them and {others:,} others"
        lines = [f"Planted by the sample: {self.planted:,} accounts. On the sealed list: {verdict}."]
        if self.uncertain:
            on_it = f"{self.doubtful:,} of them on the list" if self.doubtful else "none of them on the list"
            lines.append(f"{self.uncertain:,} more were or may have been touched, and no database names them; {on_it}.")
        return lines


def score_of(truth: Truth, keys: Collection[str]) -> Score:
    """keys: of the list, in the form a sealed list has."""
    listed, planted = set(keys), set(truth.affected)
    uncertain = {key for found in truth.uncertain.values() for key in found}
    return Score(len(planted), len(listed), len(listed & planted), len(listed & uncertain), len(uncertain))
