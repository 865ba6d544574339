"""What a database's catalogue says of itself: tables, columns, keys. Values in; nothing here reads a database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

# The first rule that fits a type as its engine spells it, in small letters, says what kind it is.
_KINDS = (
    ("flag", r"bool|^bit$|^bit\(1\)|tinyint\(1\)"),
    ("day", r"^date$"),
    ("clock", r"^time$|^time\(|^time with|^timetz|^interval"),
    ("time", r"timestamp|datetime|^smalldatetime|^date"),
    ("json", r"json|hstore|^super$|^variant|^object|^map|^struct"),
    ("ip", r"\b(?:inet[46]?|cidr)\b|^ipaddress|^ipv[46]"),
    ("uuid", r"uuid|uniqueidentifier"),
    ("list", r"\[\]$|^array"),
    ("choice", r"^enum|^set\b"),
    ("whole", r"int|serial|^year|^rowid|^number\(\d+\)$|^number\(\d+,\s*0\)"),
    ("number", r"dec|num|float|double|real|money"),
    ("binary", r"blob|binary|bytea|^raw|image|rowversion"),
    ("text", r"char|text|clob|string|citext|^name$|xml"),
)


@dataclass(frozen=True)
class Column:
    """
    type: as the engine spells it, in small letters; "" where the schema gives none, as SQLite allows.

    default: what the database writes where nothing is given, as it spells it; "" where there is none.

    shapes: what a masked sample of its values looked like, such as "e-mail address"; never a value.
    """

    name: str
    type: str = ""
    nullable: bool = True
    comment: str = ""
    shapes: frozenset[str] = frozenset()
    default: str = ""

    @property
    def defaults_to_zero(self) -> bool:
        """Whether 0 is written where no number is given: then 0 names nobody."""
        return re.fullmatch(r"[(' ]*0[)' ]*(?:::[\w ]+)?[) ]*", self.default) is not None

    @property
    def has_no_offset(self) -> bool:
        """Whether it holds times of day that do not say their zone."""
        return self.kind == "time" and not re.search(r"tz|with (?:local )?time zone|offset", self.type)

    @cached_property
    def kind(self) -> str:
        """flag, day, clock, time, json, ip, uuid, list, choice, whole, number, binary, text, or other."""
        if not self.type:
            return "text"
        return next((kind for kind, pattern in _KINDS if re.search(pattern, self.type)), "other")


@dataclass(frozen=True)
class ForeignKey:
    """columns of the table itself refer to `to_columns` of `to_table`; empty to_columns mean its key."""

    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """
    name: with its schema before it where that is not the connection's own ("auth.users").

    unique: sets of columns that name one row, the primary key left out. part_of: the table it is a partition of.
    keys_seen: names of rows, or of members of a JSON document, that a sample found, by column; known words only.
    """

    name: str
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[ForeignKey, ...] = ()
    is_view: bool = False
    part_of: str | None = None
    comment: str = ""
    keys_seen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def schema(self) -> str | None:
        schema, _, _ = self.name.rpartition(".")
        return schema or None

    @property
    def bare_name(self) -> str:
        return self.name.rpartition(".")[2] or self.name

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column | None:
        """The column by that name, written in small or large letters."""
        found = self.by_name.get(name)
        return found or next((one for one in self.columns if one.name.lower() == name.lower()), None)

    def names_one_row(self, column: str) -> bool:
        return self.key == (column,) or (column,) in self.unique


@dataclass(frozen=True)
class Catalogue:
    """
    A whole database. origin: how to call it, without a password. notes: what could not be read of it, in plain words.

    sampled: whether a masked sample of values went into it.
    """

    tables: tuple[Table, ...]
    origin: str = ""
    notes: tuple[str, ...] = ()
    sampled: bool = False

    @cached_property
    def by_name(self) -> dict[str, Table]:
        return {table.name: table for table in self.tables}

    def table(self, name: str) -> Table | None:
        """The table by that name, in small or large letters, with or without its schema where that is certain."""
        if name in self.by_name:
            return self.by_name[name]
        small = name.lower()
        found = [one for one in self.tables if one.name.lower() == small]
        if not found:
            bare = small.rpartition(".")[2]
            found = [one for one in self.tables if one.bare_name.lower() == bare]
        return found[0] if len(found) == 1 else None
