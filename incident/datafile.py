"""
Reading the TOML files people write: profiles, data maps, laws, letter descriptions.

A `Section` hands out values by key and type, remembers which were asked for, and names file, line and key of
whatever is wrong. An unknown key is an error: a misspelt one would otherwise be a rule that silently does not exist.
"""

from __future__ import annotations

import difflib
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, Protocol

from incident.errors import UsageError


class Readable(Protocol):
    """A file on disk or inside the package."""

    def read_bytes(self) -> bytes: ...


class Section:
    """
    One TOML table of a file.

    file: the name to show. path: the keys that lead here, such as ("duty", 2).
    """

    def __init__(self, values: Mapping[str, Any], *, file: str, source: str, path: tuple[str | int, ...] = ()) -> None:
        self._values = values
        self._asked: set[str] = set()
        self._source = source
        self.file = file
        self.path = path

    def __contains__(self, key: str) -> bool:
        return self._has(key)

    def is_table(self, key: str) -> bool:
        """Whether `key` was given as a table; for keys that also have a short form."""
        return isinstance(self._values.get(key), dict)

    def is_list(self, key: str) -> bool:
        """Whether `key` was given as a list; for keys that also have a short form."""
        return isinstance(self._values.get(key), list)

    def text(self, key: str) -> str:
        value: str = self._need(key, str, "text")
        # Hundreds of files say the same words, and those that are read stay: one copy of each will do.
        return sys.intern(value) if value.strip() else self.wrong(key, "is empty")

    def text_or_none(self, key: str) -> str | None:
        return self.text(key) if self._has(key) else None

    def whole(self, key: str) -> int:
        value: int = self._need(key, int, "a whole number")
        return value if not isinstance(value, bool) and value >= 0 else self.wrong(key, "must be a whole number >= 0")

    def whole_or_none(self, key: str) -> int | None:
        return self.whole(key) if self._has(key) else None

    def flag(self, key: str, default: bool = False) -> bool:
        return bool(self._need(key, bool, "true or false")) if self._has(key) else default

    def day(self, key: str) -> date:
        value: date = self._need(key, date, "a date such as 2026-11-21")
        return value

    def day_or_none(self, key: str) -> date | None:
        return self.day(key) if self._has(key) else None

    def choice(self, key: str, options: Sequence[str], default: str | None = None) -> str:
        if default is not None and not self._has(key):
            return default
        value = self.text(key)
        return value if value in options else self.wrong(key, f"must be one of {', '.join(options)}")

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is absent."""
        if not self._has(key):
            return ()
        values = self._need(key, list, "a list of texts")
        return tuple(values) if all(isinstance(v, str) and v for v in values) else self.wrong(key, "must hold texts")

    def lists(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts; empty where the key is absent."""
        if not self._has(key):
            return ()
        for line in (lines := self._need(key, list, "a list of lists of texts")):
            if not isinstance(line, list) or not all(isinstance(word, str) for word in line):
                self.wrong(key, "must hold lists of texts")
        return tuple(tuple(line) for line in lines)

    def section(self, key: str) -> Section:
        return self._child(self._need(key, dict, "a table"), key)

    def section_or_none(self, key: str) -> Section | None:
        return self.section(key) if self._has(key) else None

    def sections(self, key: str) -> tuple[Section, ...]:
        """The tables written `[[key]]`; empty where there are none."""
        if not self._has(key):
            return ()
        values = self._need(key, list, f"tables written [[{key}]]")
        if not all(isinstance(value, dict) for value in values):
            self.wrong(key, f"must be tables written [[{key}]]")
        return tuple(self._child(value, key, index) for index, value in enumerate(values))

    def texts_or_sections(self, key: str) -> tuple[str | Section, ...]:
        """A list whose entries are texts, or tables for what a text cannot say."""
        values = self._need(key, list, "a list")
        if not values or not all((isinstance(value, str) and value) or isinstance(value, dict) for value in values):
            self.wrong(key, "must hold texts or tables")
        return tuple(
            self._child(value, key, index) if isinstance(value, dict) else value for index, value in enumerate(values)
        )

    def items(self) -> Iterator[tuple[str, Any]]:
        """Every key and raw value, for tables whose keys are data."""
        self._asked.update(self._values)
        return iter(self._values.items())

    def finish(self, *, also: Sequence[str] = ()) -> None:
        """Refuse whatever key nobody asked for. `also`: keys that are allowed and not needed."""
        for key in self._values:
            if key not in self._asked and key not in also:
                near = difflib.get_close_matches(key, self._asked, n=1)
                self.wrong(key, "is not a key of this table" + (f"; did you mean {near[0]}?" if near else ""))

    def wrong(self, key: str, why: str) -> NoReturn:
        """Raise the error for `key`: file, line, key, and what is wrong with it."""
        where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in (*self.path, key))
        raise UsageError(f"{self.file}, line {self._line(key)}: {where} {why}.", next_step=f"correct {self.file}")

    def _need(self, key: str, kind: type, words: str) -> Any:
        self._asked.add(key)
        if key not in self._values:
            self.wrong(key, "is missing")
        value = self._values[key]
        return value if isinstance(value, kind) else self.wrong(key, f"must be {words}")

    def _has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._values

    def _child(self, values: Mapping[str, Any], *path: str | int) -> Section:
        return Section(values, file=self.file, source=self._source, path=(*self.path, *path))

    def _line(self, key: str) -> int:
        """Where `key`, or the table that lacks it, stands. tomllib keeps no positions, so the text is searched."""
        lines = self._source.splitlines()
        start, end = 0, len(lines)
        for name, index in _steps(self.path):
            heads = [
                number
                for number in range(start, end)
                if re.match(rf"\s*\[+[^\]]*\b{re.escape(name)}\s*\]+|\s*{re.escape(name)}\s*=", lines[number])
            ]
            if index < len(heads):
                start, end = heads[index], heads[index + 1] if index + 1 < len(heads) else end
        for number in range(start, end):
            if re.match(rf"\s*\[*[^=\[]*\b{re.escape(key)}\b\"?\s*[=\]]", lines[number]):
                return number + 1
        return start + 1


def read_datafile(file: Readable, *, name: str) -> Section:
    """
    The whole of a TOML file as one Section.

    name: how the file is called in messages. Raises UsageError for bytes that are no TOML, OutsideError never:
    a file that cannot be opened raises OSError, which the caller explains.
    """
    try:
        source = file.read_bytes().decode("utf-8")
        return Section(tomllib.loads(source), file=name, source=source)
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8 text.", next_step=f"save {name} as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is not valid TOML: {error}.", next_step=f"correct {name}") from None


def read_datafile_at(path: Path) -> Section:
    """`read_datafile` for a path a person gave; raises UsageError where there is no such file to read."""
    try:
        return read_datafile(path, name=str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", next_step="check the path") from None


def _steps(path: tuple[str | int, ...]) -> Iterator[tuple[str, int]]:
    for position, part in enumerate(path):
        if isinstance(part, str):
            following = path[position + 1] if position + 1 < len(path) else 0
            yield part, following if isinstance(following, int) else 0
