"""
The tables of an SQL file while it is read: what each statement makes, changes, renames and drops.

Migrations that stand one after another in a file leave the tables as the last of them left them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from incident.scope.discovery.catalogue import Column, ForeignKey, Table

NAME = r"(?:\[[^\]]+\]|\"(?:[^\"]|\"\")+\"|`[^`]+`|[\w$#@]+)"
PATH = rf"{NAME}(?:\s*\.\s*{NAME})*"
_OWN_SCHEMAS = {"public", "dbo", "main"}
_KEYS = re.compile(
    rf"(?P<kind>primary\s+key|unique(?:\s+(?:key|index))?|foreign\s+key)\s*(?:(?:non)?clustered\s*)?(?:{NAME}\s*)?\((?P<columns>[^()]*(?:\(\d+\)[^()]*)*)\)"
    rf"(?:\s*references\s+(?P<to>{PATH})\s*(?:\((?P<to_columns>[^()]*)\))?)?",
    re.IGNORECASE,
)


@dataclass
class Draft:
    """One table while its statements are read."""

    columns: dict[str, Column] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    unique: list[tuple[str, ...]] = field(default_factory=list)
    foreign: list[ForeignKey] = field(default_factory=list)
    comment: str = ""
    part_of: str | None = None

    def take_keys(self, text: str) -> None:
        """The keys that stand in a constraint's text."""
        for found in _KEYS.finditer(text):
            self._take_key(found)

    def _take_key(self, found: re.Match[str]) -> None:
        columns = tuple(
            plain(re.sub(r"\(\d+\)|\b(?:asc|desc)\b", "", part, flags=re.IGNORECASE).strip())
            for part in found["columns"].split(",")
        )
        kind = found["kind"].lower()
        if kind.startswith("primary"):
            self.key = columns
        elif kind.startswith("unique"):
            self.unique.append(columns)
        elif found["to"]:
            to_columns = tuple(plain(part.strip()) for part in (found["to_columns"] or "").split(",") if part.strip())
            self.foreign.append(ForeignKey(columns, plain_path(found["to"]), to_columns))

    def known(self, column: str) -> str:
        """The column's name as its own definition spells it."""
        return next((name for name in self.columns if name.lower() == column.lower()), column)

    def rename(self, old: str, new: str) -> None:
        """Give a column another name, wherever it stands; its place in the row stays."""
        old = self.known(old)
        called = {old: new}
        self.columns = {
            called.get(name, name): replace(column, name=called.get(name, name))
            for name, column in self.columns.items()
        }
        self.key = _renamed(self.key, old, new)
        self.unique = [_renamed(unique, old, new) for unique in self.unique]
        self.foreign = [replace(one, columns=_renamed(one.columns, old, new)) for one in self.foreign]

    def drop(self, column: str) -> None:
        """Take a column away, and with it the keys that it was part of."""
        small = column.lower()
        self.columns.pop(self.known(column), None)
        self.key = () if _has(self.key, small) else self.key
        self.unique = [unique for unique in self.unique if not _has(unique, small)]
        self.foreign = [one for one in self.foreign if not _has(one.columns, small)]


class Drafts:
    """All tables of a file, by the name that the file gives them."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}
        self._small: dict[str, str] = {}
        self._was: dict[str, str] = {}  # renamed table to what it was called before

    def get(self, name: str) -> Draft | None:
        return self._drafts.get(self._known(name))

    def draft(self, name: str) -> Draft:
        """The table by that name; a new one if there is none."""
        known = self._known(name)
        self._small.setdefault(known.lower(), known)
        return self._drafts.setdefault(known, Draft())

    def drop(self, name: str) -> None:
        known = self._known(name)
        if self._drafts.pop(known, None) is None:
            return
        del self._small[known.lower()]
        # A table that was put aside, made anew and then dropped: keys that followed it mean the new one.
        before = self._was.pop(known, None)
        if before in self._drafts:
            self._point(known, before)

    def rename(self, old: str, new: str) -> None:
        old = self._known(old)
        if old not in self._drafts:
            return
        schema = old.rpartition(".")[0]
        new = f"{schema}.{new}" if schema and "." not in new else new
        self._point(old, new)
        self._drafts[new] = self._drafts.pop(old)
        del self._small[old.lower()]
        self._small[new.lower()] = new
        self._was[new] = old

    def rename_column(self, table: str, old: str, new: str) -> None:
        self.draft(table).rename(old, new)
        known = self._known(table)
        for draft in self._drafts.values():
            draft.foreign = [
                replace(one, to_columns=_renamed(one.to_columns, old, new))
                if self._known(one.to_table) == known
                else one
                for one in draft.foreign
            ]

    def tables(self, *, alone: bool) -> tuple[Table, ...]:
        """Those with columns. alone: where all stand in one schema, its name is left out."""
        alone = alone and len({name.rpartition(".")[0] for name in self._drafts}) == 1
        return tuple(
            Table(
                name=_without_own_schema(name, alone),
                columns=tuple(draft.columns.values()),
                key=tuple(map(draft.known, draft.key)),
                unique=tuple(tuple(map(draft.known, unique)) for unique in draft.unique),
                foreign=tuple(
                    ForeignKey(
                        tuple(map(draft.known, one.columns)), _without_own_schema(one.to_table, alone), one.to_columns
                    )
                    for one in draft.foreign
                ),
                part_of=draft.part_of,
                comment=draft.comment,
            )
            for name, draft in self._drafts.items()
            if draft.columns
        )

    def _known(self, name: str) -> str:
        """The name as the table's own statement spells it; its schema may be left out where that is certain."""
        if name in self._drafts:
            return name
        found = self._small.get(name.lower())
        if found is None and "." not in name:
            spelt = (f"{schema}.{name.lower()}" for schema in ("public", "dbo"))
            found = next((self._small[one] for one in spelt if one in self._small), None)
        elif found is None and name.lower().partition(".")[0] in _OWN_SCHEMAS:
            found = self._small.get(name.lower().partition(".")[2])
        return found or name

    def _point(self, old: str, new: str) -> None:
        for draft in self._drafts.values():
            draft.foreign = [
                replace(one, to_table=new) if self._known(one.to_table) == old else one for one in draft.foreign
            ]


def plain(name: str) -> str:
    """A name without its quotes."""
    text = name.strip()
    return text[1:-1] if text[:1] in '["`' else text


def plain_path(text: str) -> str:
    """A table's name without quotes, with its schema where one is given."""
    return ".".join(plain(part) for part in re.findall(NAME, text)[-2:])


def lines(body: str) -> Iterator[str]:
    """The definitions between the outer parentheses, cut at the commas that are in none."""
    depth, start = 0, 0
    for found in re.finditer(r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|[(),]", body):
        mark = found.group()
        if mark == "(":
            depth += 1
            start = found.end() if depth == 1 else start
        elif mark == ")":
            depth -= 1
        if (mark == "," and depth == 1) or (mark == ")" and depth == 0):
            if line := body[start : found.start()].strip():
                yield line
            start = found.end()
        if mark == ")" and depth == 0:
            return


def _renamed(columns: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name.lower() == old.lower() else name for name in columns)


def _with_key(key: ForeignKey, old: str, new: str) -> ForeignKey:
    return replace(key, to_columns=_renamed(key.to_columns, old, new))


def _has(columns: tuple[str, ...], small: str) -> bool:
    return small in {name.lower() for name in columns}


def _without_own_schema(name: str, alone: bool) -> str:
    schema, _, table = name.rpartition(".")
    return table if alone or schema.lower() in _OWN_SCHEMAS else name
