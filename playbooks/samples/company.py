"""
What a sample company's own module supplies: the tables of its stores, their rows, and the truth about its breach.

Each folder beside this file is a company. Its `database.py` has `STORES` and `contents()`; all else about it is data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from sqlalchemy import MetaData

Row = tuple[object, ...]


@dataclass(frozen=True)
class Store:
    """
    One account database. name: what the profile calls it. tables: in the form of the company's own kind of database.

    afterwards: statements for an engine (by its SQLAlchemy name) once the rows are there, such as row-level security.
    """

    name: str
    tables: MetaData
    afterwards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Truth:
    """
    What really happened, for whoever scores a scope. The program never reads it.

    seen_from, seen_until: aware; the intruder was there between them. ranges: the networks they came from.
    affected: whom the databases can name, by the keys of a sealed list (`key`, of several stores `store/key`).
    uncertain: by reason, people who were or may have been touched, and whom no database names.
    words: what a story and a question file call by a word in braces, beside `seen_from` and `seen_until`.
    """

    seen_from: datetime
    seen_until: datetime
    ranges: tuple[str, ...]
    affected: tuple[str, ...]
    uncertain: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contents:
    """rows: by store, by table in the order of writing; times are Unix seconds. Each is read once."""

    rows: Mapping[str, Mapping[str, Iterable[Row]]]
    truth: Truth


class Company(Protocol):
    """A company's `database.py`."""

    STORES: tuple[Store, ...]

    def contents(self, people: int, *, seed: int, until: int) -> Contents:
        """
        The same people, seed and until give the same rows and truth on any machine.

        people: at least 1,000, over all stores. until: Unix seconds; nothing in the data is newer.
        """


def company(sample_id: str) -> Company:
    """The module of the sample company in the folder `sample_id`."""
    return cast(Company, import_module(f"playbooks.samples.{sample_id}.database"))
