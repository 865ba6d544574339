"""
MariaDB's and MySQL's words.

Collations there hold "a", "A" and "á " for one text, and most tables have such a one: every text is compared by its
bytes instead. Zones need tables that few servers have loaded: the changes of a zone's clocks stand in the statement.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects.mysql.mysqldb import MySQLCompiler_mysqldb
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.engine import Dialect

from incident.moments import stamp
from incident.scope.datamap import Time
from incident.scope.dialects.offsets import changes
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

_FIRST_DAY = 366  # TO_DAYS of 1 January of the year 1; of 0000-00-00 and of 2026-00-00 it is NULL
_EPOCH: Expression = sa.literal_column("TIMESTAMP'1970-01-01 00:00:00'")
_SECOND: Expression = sa.literal_column("SECOND")
# A list of keys in the statement: MariaDB reads it in time that grows with its square, and longer texts not at all.
_LISTED_AT_MOST, _LONGEST_LISTED = 1000, 255


class _Compiler(MySQLCompiler_mysqldb):
    """Functions that other engines call by these names mean something else here, or nothing."""

    def visit_length_func(self, function: Any, **words: Any) -> str:
        return f"CHAR_LENGTH{self.function_argspec(function, **words)}"  # LENGTH counts bytes

    def visit_rtrim_func(self, function: Any, **words: Any) -> str:
        value, _blank = function.clauses
        return f"RTRIM({self.process(value, **words)})"

    def visit_trim_func(self, function: Any, **words: Any) -> str:
        arguments = list(function.clauses)
        if len(arguments) == 1:
            return f"TRIM{self.function_argspec(function, **words)}"
        value, signs = arguments
        ends = "".join(f"\\x{{{ord(sign):x}}}" for sign in signs.value)
        either = sa.bindparam(None, f"^[{ends}]+|[{ends}]+\\z", sa.Text)
        return str(self.process(sa.func.regexp_replace(value, either, sa.literal_column("''")), **words))


class _Dialect(MySQLDialect_pymysql):
    statement_compiler = _Compiler
    supports_statement_cache = True


class MySQL:
    """
    Both servers; they differ in the name of a collation.

    collation: one that goes by the bytes alone, blanks at the end included. lists_as_json: whether a list of keys may
    stand in the statement; it is a temporary table where not.
    """

    dialect: Dialect = _Dialect(paramstyle="pyformat")
    ids = "incident_ids"
    reads_in_once = False

    def __init__(self, collation: str = "utf8mb4_nopad_bin", *, lists_as_json: bool = True) -> None:
        self._collation = collation
        self._lists_as_json = lists_as_json

    def text(self, value: Expression) -> Expression:
        return self.by_bytes(sa.cast(value, mysql.CHAR(charset="utf8mb4")))

    def concat(self, parts: Sequence[Expression]) -> Expression:
        return sa.func.concat(*parts)

    def json_value(self, column: Column, path: Sequence[str]) -> Expression:
        steps = "".join(f".{json.dumps(name, ensure_ascii=False)}" for name in path)
        found = sa.func.json_extract(column.value, f"${steps}")
        scalar = sa.func.json_type(found).not_in(["OBJECT", "ARRAY", "NULL"])
        return sa.case((sa.and_(sa.func.json_valid(column.value), scalar), self.text(sa.func.json_unquote(found))))

    def exact(self, column: Column) -> Expression:
        letters = ("char", "text", "tinytext", "mediumtext", "longtext", "varchar", "enum", "set")
        return self.text(column.value) if column.type.startswith(letters) else column.value

    def by_bytes(self, value: Expression) -> Expression:
        return sa.collate(value, self._collation)

    def grouped(self, value: Expression) -> tuple[Expression, Expression]:
        return value, value

    def lower(self, value: Expression) -> Expression:
        return self._ascii_alone(sa.func.lower, value)

    def upper(self, value: Expression) -> Expression:
        return self._ascii_alone(sa.func.upper, value)

    def matches_any(self, value: Expression, shapes: Sequence[str]) -> Expression:
        return self._matches(value, "|".join(pattern_of(shape) for shape in shapes))

    def utc(self, column: Column, time: Time) -> Expression:
        return _written(self._instant(column, time), "%Y-%m-%dT%H:%i:%sZ")

    def unreadable(self, column: Column, time: Time) -> Expression:
        return self._instant(column, time).is_(None)

    def day(self, column: Column, time: Time) -> Expression:
        if time.unit in {"seconds", "milliseconds"}:
            return sa.func.left(self.utc(column, time), 10)
        if _is_native(column.type):
            return sa.case((_is_time(column.value), _written(column.value, "%Y-%m-%d")))
        value = self.text(column.value)
        shape = "(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]).*"
        return sa.case((self._matches(value, shape), sa.func.left(value, 10)))

    def not_before(self, column: Column, time: Time, at: datetime) -> Expression:
        return self._compare(column, time, at, not_before=True)

    def not_after(self, column: Column, time: Time, at: datetime) -> Expression:
        return self._compare(column, time, at + timedelta(seconds=1), not_before=False)

    def is_address(self, column: Column) -> Expression:
        address = self._address(column)
        is_there = sa.case(
            (sa.func.locate(":", address) == 0, self._matches(address, IPV4_PATTERN)),
            (sa.func.locate(".", address) > 0, self._matches(address, IPV6_PATTERN)),  # it takes ::01.2.3.4 for one
            else_=sa.func.is_ipv6(address) == 1,  # at a small part of what the pattern takes
        )
        return sa.func.coalesce(is_there, sa.false())

    def within(self, column: Column, networks: Sequence[Network]) -> Expression:
        number = sa.func.inet6_aton(self._without_dots(self._address(column)))
        inside = []
        for spelt in (ip_network(spelt) for network in networks for spelt in spellings(network)):
            size = sa.func.octet_length(number) == spelt.max_prefixlen // 8
            inside.append(
                sa.and_(size, number.between(_packed(spelt.network_address), _packed(spelt.broadcast_address)))
            )
        return sa.and_(self.is_address(column), sa.or_(*inside))

    def listed_ids(self, text: str) -> sa.Select[Any]:
        if not self.fits(text):
            return sa.select(sa.table(self.ids, sa.column("entry")).c.entry)
        listed = sa.bindparam(self.ids, json.dumps(text.split("\n"), ensure_ascii=False), sa.Text)
        rows = sa.func.json_table(listed, sa.literal_column(f"'$[*]' {_JSON_ROW}"))
        return sa.select(self.text(sa.literal_column("listed.entry"))).select_from(rows.alias("listed"))

    def fits(self, text: str) -> bool:
        """Whether this list of keys may stand in a statement."""
        entries = text.split("\n")
        short = len(entries) <= _LISTED_AT_MOST and max(map(len, entries)) <= _LONGEST_LISTED
        return self._lists_as_json and short

    # -- how it is said

    def _matches(self, value: Expression, pattern: str) -> Expression:
        # "(?s)" and "\z": a line break is a character like any other.
        return value.op("REGEXP", is_comparison=True)(f"(?s)^(?:{_for_both(pattern)})\\z")

    def _ascii_alone(self, change: Any, value: Expression) -> Expression:
        """Through a Thai character set, which has the letters of ASCII and no others that are large or small."""
        thai = sa.cast(sa.cast(value, sa.BINARY), mysql.CHAR(charset="tis620"))
        return self.text(sa.cast(change(thai), sa.BINARY))

    def _address(self, column: Column) -> Expression:
        if column.type.startswith(("binary", "varbinary")):
            return self.text(sa.func.inet6_ntoa(column.value))
        if "int" in column.type:
            return self.text(sa.func.inet_ntoa(column.value))
        return sa.func.lower(sa.func.trim(self.text(column.value)))

    def _without_dots(self, address: Expression) -> Expression:
        """IPv4 inside IPv6 as IPv6 writes it: with dots it may be longer than the server's functions take."""
        tail = sa.func.substring_index(address, ":", -1)
        head = sa.func.left(address, sa.func.length(address) - sa.func.length(tail))
        number = sa.func.inet_aton(tail)
        halves = [sa.func.hex(number.op(">>")(16)), sa.literal_column("':'"), sa.func.hex(number.op("&")(0xFFFF))]
        is_both = sa.and_(sa.func.locate(":", address) > 0, sa.func.locate(".", address) > 0)
        return sa.case((is_both, self.text(sa.func.concat(head, *halves))), else_=address)

    def _compare(self, column: Column, time: Time, at: datetime, *, not_before: bool) -> Expression:
        """`column` at or after `at`, or before it; in the column's own unit, so that an index helps."""
        value: Expression = column.value
        if time.unit in {"seconds", "milliseconds"}:
            number = since_1970(at, time.unit)
            return value >= number if not_before else value < number
        if not _is_native(column.type):
            read = self.utc(column, time)
            return read >= stamp(at) if not_before else read < stamp(at)
        is_time = _is_time(value)
        if column.type.startswith("timestamp") or time.zone == "UTC":
            bound = _moment(at.replace(tzinfo=None))
            return sa.and_(value >= bound if not_before else value < bound, is_time)
        # No zone is more than a day from UTC; only in between the clocks have to be asked.
        naive = at.replace(tzinfo=None)
        early, late = (_moment(naive + timedelta(days=days)) for days in (-2, 2))
        instant = _earlier_instant(value, time.zone, naive)
        if not_before:
            return sa.and_(value >= early, is_time, sa.or_(value >= late, instant >= _moment(naive)))
        return sa.and_(value < late, is_time, sa.or_(value < early, instant < _moment(naive)))

    def _instant(self, column: Column, time: Time) -> Expression:
        """`column` as a time in UTC; NULL where it is no time."""
        if time.unit in {"seconds", "milliseconds"}:
            seconds = column.value if time.unit == "seconds" else column.value / 1000
            whole = sa.func.floor(seconds)
            return sa.case((whole.between(FIRST, LAST), sa.func.timestampadd(_SECOND, whole, _EPOCH)))
        if _is_native(column.type):
            zone = "UTC" if column.type.startswith("timestamp") else time.zone
            return sa.case((_is_time(column.value), _earlier_instant(column.value, zone)))
        return self._parsed(self.text(column.value), time.zone)

    def _parsed(self, value: Expression, zone: str) -> Expression:
        # The everyday form the server reads itself, at a small part of what the pieces of others take.
        plain: Expression = sa.cast(sa.func.left(value, TO_THE_SECOND), sa.DATETIME)
        is_plain = self._matches(value, EVERYDAY)
        # Day 31 of a shorter month counts on into the next; see `readings.utc_text`.
        month = sa.cast(sa.func.concat(sa.func.left(value, 7), sa.literal_column("'-01 00:00:00'")), sa.DATETIME)
        days = sa.cast(sa.func.substr(value, 9, 2), mysql.INTEGER) - 1
        clock = _found(value, "[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
        seconds = days * 86400 + sa.func.coalesce(sa.func.time_to_sec(clock), 0)
        local = sa.case((is_plain, plain), else_=sa.func.timestampadd(_SECOND, seconds, month))
        offset = _found(sa.func.substr(value, 11), "(Z|[+-][0-9]{2}(:?[0-9]{2})?)$")
        digits = sa.func.rpad(sa.func.replace(sa.func.substr(offset, 2), ":", ""), 4, "0")
        size = sa.func.time_to_sec(sa.func.insert(digits, 3, 0, ":"))
        stated = sa.case((is_plain, sa.null()), (sa.func.left(offset, 1) == "-", size), else_=-size)
        instant = sa.func.timestampadd(_SECOND, sa.func.coalesce(stated, _offset_of(local, zone)), local)
        return sa.case(
            (self._matches(value, f"{EVERYDAY}Z"), plain),
            (sa.or_(is_plain, self._matches(value, TIME_PATTERN)), instant),
        )


_JSON_ROW = "COLUMNS (entry VARCHAR(255) CHARACTER SET utf8mb4 PATH '$')"


def _is_native(type_name: str) -> bool:
    return type_name.startswith(("datetime", "timestamp", "date"))


def _is_time(value: Expression) -> Expression:
    return sa.func.to_days(value) >= _FIRST_DAY


def _found(value: Expression, pattern: str) -> Expression:
    """The first part like this; NULL where there is none, which MariaDB gives back as an empty text."""
    return sa.func.nullif(sa.func.regexp_substr(value, pattern), "")


def _written(value: Expression, form: str) -> Expression:
    return sa.func.date_format(value, sa.literal_column(f"'{form}'"))


def _moment(naive: datetime) -> Expression:
    return sa.literal_column(f"TIMESTAMP'{naive.isoformat(sep=' ', timespec='seconds')}'")


def _packed(address: IPv4Address | IPv6Address) -> Expression:
    return sa.literal_column(f"x'{address.packed.hex()}'")


def _earlier_instant(local: Expression, zone: str, near: datetime | None = None) -> Expression:
    """A local time in UTC; of two the earlier. near: naive; what is more than two days from it need not be right."""
    return local if zone == "UTC" else sa.func.timestampadd(_SECOND, _offset_of(local, zone, near), local)


def _offset_of(local: Expression, zone: str, near: datetime | None = None) -> Expression:
    """Seconds from a local time to UTC."""
    first, later = changes(zone)
    reach = timedelta(days=3)
    before = [offset for at, offset in later if near is not None and near - at > reach]
    steps = [(at, offset) for at, offset in later if near is None or abs(at - near) <= reach]
    return _offset(local, before[-1] if before else first, steps)


def _offset(local: Expression, first: int, steps: Sequence[tuple[datetime, int]]) -> Expression:
    """
    INTERVAL looks for the place among two hundred changes by halves, and names `local` once: as a text's reading is
    long, a comparison for each change made statements on which the server died.
    """
    if not steps:
        return sa.literal_column(str(-first))
    # The 0 stands for all time before the first change: "1 + INTERVAL(…)" would be read as a span of time.
    bounds = ", ".join(["0", *(str(_seconds_since_0(at)) for at, _ in steps)])
    offsets = ", ".join(str(-offset) for offset in (first, *(offset for _, offset in steps)))
    place = sa.func.interval(sa.func.to_seconds(local), sa.literal_column(bounds))
    return sa.cast(sa.func.elt(place, sa.literal_column(offsets)), mysql.INTEGER)


def _seconds_since_0(naive: datetime) -> int:
    """As TO_SECONDS counts: from the first day of the year 0."""
    return (naive.toordinal() + 365) * 86_400 + naive.hour * 3600 + naive.minute * 60 + naive.second


def _for_both(pattern: str) -> str:
    """MariaDB and MySQL read expressions alike, but for signs inside brackets that mean something to one of them."""
    found, inside = [], False
    for place, sign in enumerate(pattern):
        opens = not inside and sign == "[" and (place == 0 or pattern[place - 1] != "\\")
        found.append("\\" + sign if inside and sign in "[&" else sign)
        inside = opens or (inside and sign != "]")
    return "".join(found)
