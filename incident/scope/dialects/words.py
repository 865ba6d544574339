"""
The words every database engine is asked in. `sql.py` speaks them; another engine is another class beside this file.

Every value leaves the database as text in one form, so that the same data give the same list on any engine: times in
UTC, cut to the whole second; text compared and ordered by its bytes; small letters by ASCII alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from incident.scope.datamap import Time
from incident.scope.questions import Network

Expression = sa.ColumnElement[Any]
# Seconds of the years 1 to 9999: what every engine can write as a date.
FIRST, LAST = -62135596800, 253402300799


@dataclass(frozen=True)
class Column:
    """One column in a statement, and its type as the catalogue spells it, in small letters."""

    value: Expression
    type: str


class Engine(Protocol):
    """The words of one engine. Times compared are aware, UTC, whole seconds; both ends belong to a window."""

    dialect: Dialect
    ids: str  # the parameter that carries a list of keys, or the table made for it
    reads_in_once: bool  # whether the SELECT of an IN is read once, whatever stands around it

    def text(self, value: Expression) -> Expression: ...

    def concat(self, parts: Sequence[Expression]) -> Expression:
        """Texts one after another; NULL where one of them is."""

    def json_value(self, column: Column, path: Sequence[str]) -> Expression:
        """
        The scalar at `path`, names of members from the outside in, inside a JSON document, as text.

        NULL where it is absent or null, where an object or a list is in its place, or where the text is no JSON.
        Numbers keep their digits; true and false are those words.
        """

    def exact(self, column: Column) -> Expression:
        """
        The column in its own type, for =, IN, EXCEPT and GROUP BY by its bytes.

        A column may have a collation, or a type, that holds "a" and "A" for one.
        """

    def by_bytes(self, value: Expression) -> Expression: ...

    def grouped(self, value: Expression) -> tuple[Expression, Expression]:
        """
        How it is selected, and how it is grouped by: in words that no index is made of, where the engine would use one.

        An index gives group after group, each row in another place; to read a table of millions from its beginning to
        its end takes a small part of that.
        """

    def lower(self, value: Expression) -> Expression: ...

    def upper(self, value: Expression) -> Expression: ...

    def matches_any(self, value: Expression, shapes: Sequence[str]) -> Expression:
        """Whether it has one of `shapes`: "*" is any text, "[…]" and "[^…]" one character, the rest itself."""

    def utc(self, column: Column, time: Time) -> Expression: ...

    def unreadable(self, column: Column, time: Time) -> Expression: ...

    def day(self, column: Column, time: Time) -> Expression: ...

    def not_before(self, column: Column, time: Time, at: datetime) -> Expression: ...

    def not_after(self, column: Column, time: Time, at: datetime) -> Expression: ...

    def is_address(self, column: Column) -> Expression: ...

    def within(self, column: Column, networks: Sequence[Network]) -> Expression: ...

    def listed_ids(self, text: str) -> sa.Select[Any]: ...


def since_1970(at: datetime, unit: str) -> int:
    """An aware moment in the unit of a column of numbers, "seconds" or "milliseconds"."""
    seconds = math.floor((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return seconds * (1000 if unit == "milliseconds" else 1)


def spellings(network: Network) -> list[str]:
    """The network, and for IPv4 the same inside IPv6 (::ffff:203.0.113.0/120), as proxies log it."""
    if network.version == 6:
        return [str(network)]
    return [str(network), f"::ffff:{network.network_address}/{96 + network.prefixlen}"]


def pattern_of(shape: str) -> str:
    """A shape of `matches_any` as a regular expression."""
    parts = re.split(r"(\*|\[[^\]]*\])", shape)
    return "".join(".*" if part == "*" else part if part.startswith("[") else re.escape(part) for part in parts)


_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4_PATTERN = rf"{_BYTE}(\.{_BYTE}){{3}}"


def _ipv6_pattern() -> str:
    part, four = "[0-9a-f]{1,4}", IPV4_PATTERN
    forms = [f"({part}:){{7}}{part}", f"({part}:){{1,7}}:", f":((:{part}){{1,7}}|:)"]
    forms += [f"({part}:){{1,{left}}}(:{part}){{1,{7 - left}}}" for left in range(1, 7)]
    forms += [f"({part}:){{6}}{four}", f"::({part}:){{0,5}}{four}"]
    forms += [f"({part}:){{1,{left}}}:({part}:){{0,{5 - left}}}{four}" for left in range(1, 6)]
    return f"({'|'.join(forms)})"


IPV6_PATTERN = _ipv6_pattern()  # in small letters
