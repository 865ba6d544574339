"""The ledger of facts: every version of every answer, who gave it, when and why. Derived from the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from incident.moments import from_stamp
from incident.record.canonical import Json


@dataclass(frozen=True)
class FactVersion:
    """
    One answer. Letters cite it as `name` and `version`.

    name: the fact's id, with "@" and the language for texts. version: 1, 2, 3, … of that name.
    value: the stored form (see vocabulary.py); None where state is "unknowable" or "pending".
    sequence: the journal's event. at: when it was recorded. as_of: when it was true.
    """

    name: str
    version: int
    value: Json
    state: str
    because: str | None
    actor: str
    at: datetime
    as_of: datetime
    source: str | None
    sequence: int

    @property
    def is_known(self) -> bool:
        return self.state in {"exact", "approximate"}

    @property
    def moment(self) -> datetime | None:
        """The value of a moment fact, aware, UTC; None while it is not known."""
        return from_stamp(self.value) if self.is_known else None


@dataclass(frozen=True)
class Ledger:
    """All versions by name, oldest first."""

    versions: dict[str, tuple[FactVersion, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> FactVersion:
        return self.versions[name][-1]

    def __contains__(self, name: str) -> bool:
        return name in self.versions

    def __iter__(self) -> Iterator[FactVersion]:
        return (versions[-1] for versions in self.versions.values())

    def get(self, name: str) -> FactVersion | None:
        versions = self.versions.get(name)
        return versions[-1] if versions else None

    def value(self, name: str) -> Json:
        """The present value, or None where nothing is known."""
        fact = self.get(name)
        return fact.value if fact and fact.is_known else None

    def moment(self, name: str) -> datetime | None:
        fact = self.get(name)
        return fact.moment if fact else None

    def counted(self, name: str) -> FactVersion | None:
        """What a list of people supplied last, whoever stated something else since."""
        from_lists = (fact for fact in self.versions.get(name, ()) if (fact.source or "").startswith("scope "))
        return max(from_lists, key=lambda fact: fact.sequence, default=None)

    def with_version(self, version: FactVersion) -> Ledger:
        return Ledger({**self.versions, version.name: (*self.versions.get(version.name, ()), version)})
