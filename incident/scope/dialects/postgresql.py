"""PostgreSQL's words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from incident.scope.datamap import Time
from incident.scope.dialects.words import (
    FIRST,
    IPV4_PATTERN,
    IPV6_PATTERN,
    LAST,
    Column,
    Expression,
    pattern_of,
    since_1970,
    spellings,
)
from incident.scope.questions import Network
from incident.scope.readings import EVERYDAY, TIME_PATTERN, TO_THE_SECOND

_JSON_DEPTH = 12  # of lists and objects in a text, where the pattern below decides; deeper ones are not read
_JSON_SPACE = r"[ \t\n\r]*"
_JSON_STRING = (
    r'"(?:[^"\\\x01-\x1f]|\\["\\/bfnrt]|\\u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4}'
    r'|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*"'
)
_JSON_SCALAR = r'(?:""|true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)'
_JSON_MEMBER = f'""{_JSON_SPACE}:{_JSON_SPACE}{_JSON_SCALAR}{_JSON_SPACE}'
_JSON_FLAT = (
    rf"\[{_JSON_SPACE}(?:{_JSON_SCALAR}{_JSON_SPACE}(?:,{_JSON_SPACE}{_JSON_SCALAR}{_JSON_SPACE})*)?\]"
    rf"|\{{{_JSON_SPACE}(?:{_JSON_MEMBER}(?:,{_JSON_SPACE}{_JSON_MEMBER})*)?\}}"
)


class PostgreSQL:
    """
    Native types where there are any; text is parsed behind a pattern, so that a value in disorder is no error.

    version: the server's, its first number. Since 16 the server itself can say whether a text is JSON.
    """

    dialect: Dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]  # has no annotations
    ids = "incident_ids"
    reads_in_once = False

    def __init__(self, version: int = 12) -> None:
        self._version = version

    def text(self, value: Expression) -> Expression:
        return sa.cast(value, sa.Text)

    def concat(self, parts: Sequence[Expression]) -> Expression:
        return reduce(lambda before, part: before.op("||")(part), parts)

    def json_value(self, column: Column, path: Sequence[str]) -> Expression:
        document: Expression = column.value
        if column.type != "jsonb":
            # Also for json, which admits characters and numbers that end the query once they are looked at.
            text = self.text(document)
            document = sa.case((self._is_json(text), sa.cast(text, postgresql.JSONB)))
        # A path in strict mode leads through objects alone, where #>> counts its way into lists too.
        steps = "".join(f".{json.dumps(name)}" for name in path)
        scalar = f'strict ${steps} ? (@.type() != "object" && @.type() != "array")'
        arguments: tuple[Expression, ...] = (
            sa.cast(scalar, postgresql.JSONPATH),
            sa.literal_column("'{}'"),
            sa.literal_column("true"),
        )
        found = sa.func.jsonb_path_query_first(document, *arguments)
        return found.op("#>>")(sa.literal_column("'{}'"))

    def _is_json(self, text: Expression) -> Expression:
        if self._version >= 16:
            return sa.func.pg_input_is_valid(text, "jsonb")
        # Lists and objects without others inside become "null", layer by layer; what is left of JSON is one scalar.
        bare = sa.func.regexp_replace(text, _JSON_STRING, '""', "g")
        for _ in range(_JSON_DEPTH):
            bare = sa.func.regexp_replace(bare, _JSON_FLAT, "null", "g")
        return bare.op("~", is_comparison=True)(f"^{_JSON_SPACE}{_JSON_SCALAR}{_JSON_SPACE}$")

    def exact(self, column: Column) -> Expression:
        return self.text(column.value) if column.type == "citext" else column.value

    def by_bytes(self, value: Expression) -> Expression:
        return sa.collate(value, "C")

    def grouped(self, value: Expression) -> tuple[Expression, Expression]:
        alone: Expression = sa.func.greatest(value)
        return alone, alone

    def lower(self, value: Expression) -> Expression:
        return sa.func.lower(sa.collate(value, "C"))

    def upper(self, value: Expression) -> Expression:
        return sa.func.upper(sa.collate(value, "C"))

    def matches_any(self, value: Expression, shapes: Sequence[str]) -> Expression:
        return value.op("~", is_comparison=True)(f"^(?:{'|'.join(map(pattern_of, shapes))})$")  # one pass for all

    def utc(self, column: Column, time: Time) -> Expression:
        there: Expression = sa.func.timezone("UTC", self._instant(column, time))
        if time.unit in {"native", "text"} and _kind(column.type) == "naive" and time.zone == "UTC":
            there = column.value  # already what is wanted; two conversions less for each row
        return sa.func.nullif(sa.func.to_char(there, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), "")

    def unreadable(self, column: Column, time: Time) -> Expression:
        native = _kind(column.type) != "text"  # then it is a time or nothing, and need not be written out to see which
        return column.value.is_(None) if native else self._instant(column, time).is_(None)

    def day(self, column: Column, time: Time) -> Expression:
        if time.unit in {"seconds", "milliseconds"}:
            return sa.func.left(self.utc(column, time), 10)
        if _kind(column.type) != "text":
            return sa.func.nullif(sa.func.to_char(column.value, "YYYY-MM-DD"), "")
        value = self.text(column.value)
        pattern = "^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        return sa.case((value.op("~", is_comparison=True)(pattern), sa.func.left(value, 10)))

    def not_before(self, column: Column, time: Time, at: datetime) -> Expression:
        return self._compare(column, time, at, not_before=True)

    def not_after(self, column: Column, time: Time, at: datetime) -> Expression:
        return self._compare(column, time, at + timedelta(seconds=1), not_before=False)

    def is_address(self, column: Column) -> Expression:
        if _kind(column.type) == "inet":
            return column.value.is_not(None)
        text = self._trimmed(column)
        is_ipv4 = text.op("~", is_comparison=True)(f"^{IPV4_PATTERN}$")
        return sa.case(
            (sa.func.strpos(text, ":") == 0, is_ipv4), else_=sa.func.coalesce(self._is_ipv6(text), sa.false())
        )

    def _is_ipv6(self, text: Expression) -> Expression:
        """Of a text with a colon in it. The pattern takes twenty times as long as the server's own reading."""
        if self._version < 16:
            return text.op("~", is_comparison=True)(f"^{IPV6_PATTERN}$")
        ends_well = sa.or_(
            sa.func.strpos(text, ".") == 0,
            text.op("~", is_comparison=True)(f":{IPV4_PATTERN}$"),  # for the server "::.1" is an address too
        )
        return sa.and_(sa.func.pg_input_is_valid(text, "inet"), sa.func.strpos(text, "/") == 0, ends_well)

    def within(self, column: Column, networks: Sequence[Network]) -> Expression:
        address = column.value
        if _kind(column.type) != "inet":
            # The pattern admits only what the cast takes, so that one line of junk does not end the whole query.
            address = sa.case((self.is_address(column), sa.cast(self._trimmed(column), postgresql.INET)))
        spelt = (sa.cast(one, postgresql.INET) for network in networks for one in spellings(network))
        return address.op("<<=", is_comparison=True)(sa.func.any(postgresql.array(spelt)))

    def listed_ids(self, text: str) -> sa.Select[Any]:
        # One text of any length in place of a temporary table, which a read-only transaction rightly refuses.
        lines = sa.func.string_to_array(sa.bindparam(self.ids, text, sa.Text), "\n")
        return sa.select(sa.func.unnest(lines).label("key"))

    def _trimmed(self, column: Column) -> Expression:
        return sa.func.lower(sa.func.btrim(self.text(column.value)))

    def _compare(self, column: Column, time: Time, at: datetime, *, not_before: bool) -> Expression:
        """`column` at or after `at`, or before it; in the column's own unit, so that an index helps."""
        kind = _kind(column.type)
        value: Expression = column.value
        bound: Any = at
        if time.unit in {"seconds", "milliseconds"}:
            bound = since_1970(at, time.unit)
        elif kind == "naive" and time.zone == "UTC":
            bound = at.replace(tzinfo=None)
        elif kind != "instant":
            value = self._instant(column, time)
        exact: Expression = value >= bound if not_before else value < bound
        if kind == "naive" and time.unit in {"native", "text"} and time.zone != "UTC":
            # No zone is more than a day from UTC; this half is in the column's own words.
            edge = at.replace(tzinfo=None) + timedelta(days=-2 if not_before else 2)
            return sa.and_(column.value >= edge if not_before else column.value < edge, exact)
        return exact

    def _instant(self, column: Column, time: Time) -> Expression:
        """`column` as a timestamp with time zone; NULL where it is no time."""
        if time.unit in {"seconds", "milliseconds"}:
            seconds = sa.cast(column.value, sa.Numeric) / (1000 if time.unit == "milliseconds" else 1)
            there = sa.and_(seconds >= FIRST, seconds < LAST + 1)
            return sa.case((there, sa.func.to_timestamp(sa.func.floor(seconds))))
        kind = _kind(column.type)
        if kind == "instant":
            return column.value
        if kind in {"naive", "date"}:
            return _earlier_instant(sa.cast(column.value, sa.TIMESTAMP), time.zone)
        return self._parsed(self.text(column.value), time.zone)

    def _parsed(self, value: Expression, zone: str) -> Expression:
        def number(pattern: str) -> Expression:
            return sa.func.coalesce(sa.cast(sa.func.substring(value, pattern), sa.Integer), 0)

        year_month = (sa.cast(sa.func.substr(value, start, length), sa.Integer) for start, length in ((1, 4), (6, 2)))
        # Day 31 of a shorter month counts on into the next; see `readings.utc_text`.
        day = sa.func.make_date(*year_month, 1) + (sa.cast(sa.func.substr(value, 9, 2), sa.Integer) - 1)
        # What stands behind the minutes without a colon are the hours of an offset.
        clock = [number(r"^.{11}(\d\d)"), number(r"^.{14}(\d\d)"), number(r"^.{16}:(\d\d)")]
        local = day + sa.func.make_interval(0, 0, 0, 0, *clock)
        tail = sa.func.substr(value, 11)
        sign = sa.case((tail.op("~", is_comparison=True)(r"-\d\d:?(\d\d)?$"), -1), else_=1)
        shift = sa.func.make_interval(
            0,
            0,
            0,
            0,
            sign * sa.func.coalesce(sa.cast(sa.func.substring(tail, r"[+-](\d\d)(?::?\d\d)?$"), sa.Integer), 0),
            sign * sa.func.coalesce(sa.cast(sa.func.substring(tail, r"[+-]\d\d:?(\d\d)$"), sa.Integer), 0),
        )
        has_offset = tail.op("~", is_comparison=True)(r"(Z|[+-]\d\d(:?\d\d)?)$")
        instant = sa.case((has_offset, sa.func.timezone("UTC", local) - shift), else_=_earlier_instant(local, zone))
        everyday: Expression = sa.cast(sa.func.left(value, TO_THE_SECOND), sa.TIMESTAMP)
        return sa.case(
            # The server's own reading takes a small part of what the pieces take.
            (value.op("~", is_comparison=True)(f"^{EVERYDAY}$"), _earlier_instant(everyday, zone)),
            (value.op("~", is_comparison=True)(f"^{EVERYDAY}Z$"), sa.func.timezone("UTC", everyday)),
            (value.op("~", is_comparison=True)(f"^{TIME_PATTERN}$"), instant),
        )


def _kind(type_name: str) -> str:
    """The kinds of PostgreSQL types that are treated differently."""
    if type_name.startswith("timestamp"):
        return "instant" if "with time zone" in type_name else "naive"
    return {"date": "date", "inet": "inet", "cidr": "inet"}.get(type_name, "text")


def _earlier_instant(local: Expression, zone: str) -> Expression:
    """A local time as an instant; of two the earlier, where PostgreSQL by itself takes the later."""
    later = sa.func.timezone(zone, local)
    if zone == "UTC":
        return later
    hour: Expression = sa.literal_column("interval '60 minutes'")
    half: Expression = sa.literal_column("interval '30 minutes'")
    return sa.case(
        (sa.func.timezone(zone, later - hour) == local, later - hour),
        (sa.func.timezone(zone, later - half) == local, later - half),  # Lord Howe Island
        else_=later,
    )
