"""What discovery proposes: plain values, made by `propose`, printed and written by others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from incident.scope.discovery.catalogue import Catalogue
from incident.scope.discovery.references import Way

ROLES = ("email", "name", "locale", "country", "birth_date", "created_at", "last_seen_at", "ip", "deleted_at", "tenant")


@dataclass(frozen=True)
class Place:
    """
    Where a value is: a column, a member of a JSON document in it, or the rows of it whose `where` column has a value.

    way: from its table to the account table; empty for a column of that table. unit: of a time kept as a number.
    zone_open: whether times may stand there without an offset, in a zone that nothing says.
    """

    table: str
    column: str
    why: str
    weight: float = 1.0
    json: tuple[str, ...] = ()
    where: tuple[str, str] | None = None
    way: Way = field(default_factory=Way)
    unit: str | None = None
    role: str = ""
    zone_open: bool = False

    def __str__(self) -> str:
        inside = "->" + ".".join(self.json) if self.json else ""
        chosen = f"[{self.where[0]}={self.where[1]}]" if self.where else ""
        return f"{self.table}.{self.column}{inside}{chosen}"


@dataclass(frozen=True)
class Account:
    """
    A table of people. columns: for each of ROLES the places, the likeliest first.

    not_understood: its columns that speak in no role. only: the condition that leaves its people, where not all are.
    """

    table: str
    key: tuple[str, ...]
    columns: Mapping[str, tuple[Place, ...]]
    why: tuple[str, ...]
    score: float
    flags: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    only: str | None = None


@dataclass(frozen=True)
class Holding:
    """A column with personal data of an account's person. account: None where no way leads to one."""

    place: Place
    category: str
    account: str | None


@dataclass(frozen=True)
class Span:
    """From when to when a row was there. until: the column that says only how long it could be used."""

    created: Place | None
    deleted: Place | None
    until: str | None = None


@dataclass(frozen=True)
class TrailFound:
    """
    Who, when, from which address.

    of: the account table. account: a column, or a member of a document; None where it is not known. nobody: what
    stands there where no account did it.
    """

    table: str
    of: str
    account: Place | None
    at: Place
    ip: Place | None
    why: str
    nobody: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unclear:
    """A column that may hold anything: a document, rows of names and values. way: to the account table."""

    column: str
    account: str
    way: Way
    why: str


@dataclass(frozen=True)
class Proposal:
    """Everything found in one catalogue."""

    catalogue: Catalogue
    accounts: tuple[Account, ...]
    holds: tuple[Holding, ...]
    secrets: Mapping[str, str]
    trails: tuple[TrailFound, ...]
    unclear: tuple[Unclear, ...]
    cannot_answer: tuple[str, ...]
    guests: tuple[Account, ...] = ()
    spans: Mapping[str, Span] = field(default_factory=dict)
