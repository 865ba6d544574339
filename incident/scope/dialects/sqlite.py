"""SQLite's words."""

from __future__ import annotations

import json
import operator
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from incident.moments import stamp
from incident.scope.datamap import Time
from incident.scope.dialects.words import FIRST, LAST, Column, Expression, since_1970
from incident.scope.questions import Network
from incident.scope.readings import TO_THE_SECOND

_RECKONED = "+0 days"  # day 30 of February is then written as the day it is, and not as it was given
_FULL_YEAR = 1000  # from which on a year has four digits in strftime too
_HOURS = ("0[0-9]", "1[0-3]")  # of an offset
# A time to the second; in years from which no offset leads out of those that there are.
_SECOND = "[12][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9]"


class SQLite:
    """Times are text or whole numbers. What SQLite cannot say by itself, it asks of `readings.py`."""

    dialect: Dialect = sqlite.dialect(paramstyle="named")
    ids = "incident_ids"
    reads_in_once = True

    def text(self, value: Expression) -> Expression:
        return sa.cast(value, sa.Text)

    def concat(self, parts: Sequence[Expression]) -> Expression:
        return reduce(lambda before, part: before.op("||")(part), parts)

    def json_value(self, column: Column, path: Sequence[str]) -> Expression:
        # SQLite's own functions differ from release to release in what they take for JSON, and write 1e2 as 100.0.
        return sa.func.incident_json(self.text(column.value), json.dumps(list(path), ensure_ascii=False))

    def exact(self, column: Column) -> Expression:
        return self.by_bytes(column.value) if "char" in column.type or "text" in column.type else column.value

    def by_bytes(self, value: Expression) -> Expression:
        return sa.collate(value, "BINARY")

    def grouped(self, value: Expression) -> tuple[Expression, Expression]:
        return value, UnaryExpression(value, operator=custom_op("+"), type_=value.type)  # no join can go by that

    def lower(self, value: Expression) -> Expression:
        return sa.func.lower(value)

    def upper(self, value: Expression) -> Expression:
        return sa.func.upper(value)

    def matches_any(self, value: Expression, shapes: Sequence[str]) -> Expression:
        return sa.or_(*(value.op("GLOB", is_comparison=True)(shape) for shape in shapes))

    def utc(self, column: Column, time: Time) -> Expression:
        if time.unit in {"seconds", "milliseconds"}:
            return _sqlite_format(_whole_seconds(_number(column), time.unit), "unixepoch")
        asked = sa.func.incident_utc(self.text(column.value), time.zone)
        longer = sa.and_(_glob(column.value, f"{_SECOND}?*"), sa.func.substr(column.value, 12, 2) < "24")
        # The everyday forms are told apart by their shape, at a small part of what asking the function costs.
        plain = [(_is_whole(column, "Z"), _sqlite_format(column.value, _RECKONED))]
        if time.zone == "UTC":
            plain.append((_is_whole(column), _sqlite_format(column.value, _RECKONED)))
        there = column.value.is_not(None)  # most accounts are not deleted, and the function costs as much for nothing
        return sa.case(*plain, (longer, self._with_tail(column, time, asked)), (there, asked))

    def _with_tail(self, column: Column, time: Time, asked: Expression) -> Expression:
        """A time to the second that goes on: a fraction, an offset, or both."""
        value = self.text(column.value)
        rest = sa.func.substr(value, 20)
        offset = sa.case((_glob(rest, ".[0-9]*"), sa.func.ltrim(sa.func.substr(rest, 2), "0123456789")), else_=rest)
        in_utc = offset.in_(["Z", "+00", "+00:00", "+0000", *([""] if time.zone == "UTC" else [])])
        # SQLite's own reckoning knows offsets of up to 14 hours in this one form.
        shifted = sa.or_(*(_glob(offset, f"[+-]{hour}:[0-5][0-9]") for hour in _HOURS))
        seconds = sa.func.substr(value, 1, 19)
        return sa.case(
            (in_utc, _sqlite_format(seconds, _RECKONED)),
            (shifted, _sqlite_format(seconds.op("||")(offset), _RECKONED)),
            else_=asked,
        )

    def unreadable(self, column: Column, time: Time) -> Expression:
        unread = self.utc(column, time).is_(None)
        if time.unit in {"seconds", "milliseconds"}:
            return unread
        # Whether a time can be read is the same in every zone, so the everyday forms need not be asked of the function,
        # and a number for it comes at a small part of what writing it out costs.
        everyday = sa.or_(_is_whole(column, "Z"), _is_whole(column))
        return sa.case((everyday, sa.func.julianday(column.value).is_(None)), else_=unread)

    def day(self, column: Column, time: Time) -> Expression:
        if time.unit in {"seconds", "milliseconds"}:
            return sa.func.substr(self.utc(column, time), 1, 10)
        value = self.text(column.value)
        day = sa.func.substr(value, 1, 10)
        shape = value.op("GLOB", is_comparison=True)("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*")
        return sa.case((sa.and_(shape, day > "0001", sa.func.date(day).is_not(None)), day))

    def not_before(self, column: Column, time: Time, at: datetime) -> Expression:
        if time.unit in {"seconds", "milliseconds"}:
            return _number(column) >= since_1970(at, time.unit)
        # Days before, as text, are in the column's own words: an index can start there.
        coarse = column.value >= f"{at - timedelta(days=2):%Y-%m-%d}" if at.year > 1 else sa.true()
        exact = self.utc(column, time) >= stamp(at)
        return sa.and_(coarse, self._by_the_clock(column, time, at, operator.ge, exact))

    def not_after(self, column: Column, time: Time, at: datetime) -> Expression:
        if time.unit in {"seconds", "milliseconds"}:
            return _number(column) < since_1970(at + timedelta(seconds=1), time.unit)
        coarse = column.value < f"{at + timedelta(days=2):%Y-%m-%d}"
        exact = self.utc(column, time) <= stamp(at)
        return sa.and_(coarse, self._by_the_clock(column, time, at, operator.le, exact))

    def _by_the_clock(self, column: Column, time: Time, at: datetime, compare: Any, exact: Expression) -> Expression:
        """Everyday times compared with what the clock showed at `at`, in a small part of the time of `exact`."""
        value = self.text(column.value)
        shown = sa.func.replace(sa.func.substr(value, 1, TO_THE_SECOND), "T", " ")
        # Day 31 of a shorter month is another day.
        plain = sa.and_(sa.func.substr(value, 9, 2) <= "28", sa.func.julianday(column.value).is_not(None))
        cases = []
        for tail, zone in (("Z", "UTC"), ("", time.zone)):
            if (clock := _clock_at(at, zone)) is not None:
                cases.append((sa.and_(_is_whole(column, tail), plain), compare(shown, clock)))
        return sa.case(*cases, else_=exact) if cases else exact

    def is_address(self, column: Column) -> Expression:
        return sa.func.incident_is_address(self.text(column.value)) == 1

    def within(self, column: Column, networks: Sequence[Network]) -> Expression:
        listed = ",".join(str(network) for network in networks)
        return sa.func.incident_address_within(self.text(column.value), listed) == 1

    def listed_ids(self, text: str) -> sa.Select[Any]:
        return sa.select(sa.table(self.ids, sa.column("key")).c.key)


def _clock_at(at: datetime, zone: str) -> str | None:
    """What a clock shows at `at`; None where clocks change within two days of it: then they do not tell the order."""
    try:
        around = [(at + timedelta(hours=hours)).astimezone(ZoneInfo(zone)) for hours in range(-48, 49)]
    except OverflowError:  # the first and the last days of the calendar
        return None
    if len({local.utcoffset() for local in around}) > 1 or at.year < _FULL_YEAR:
        return None
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _is_whole(column: Column, tail: str = "") -> Expression:
    """Whether it is a time to the second, `tail`, and no more, so that only its numbers may still be wrong."""
    return sa.and_(_glob(column.value, f"{_SECOND}{tail}"), sa.func.substr(column.value, 12, 2) < "24")


def _glob(value: Expression, shape: str) -> Expression:
    return value.op("GLOB", is_comparison=True)(shape)


def _number(column: Column) -> Expression:
    """The number in a column of texts, which would be compared as texts; NULL where it holds none."""
    if not any(word in column.type for word in ("char", "text", "clob")):
        return column.value
    is_number = sa.or_(_glob(column.value, "[0-9]*"), _glob(column.value, "-[0-9]*"))
    return sa.case((is_number, sa.cast(column.value, sa.BigInteger)))


def _sqlite_format(value: Expression, *modifiers: str) -> Expression:
    return sa.func.strftime("%Y-%m-%dT%H:%M:%SZ", value, *modifiers)


def _whole_seconds(value: Expression, unit: str) -> Expression:
    """Whole seconds since 1970, rounded down (SQLite's division cuts towards zero); NULL outside years 1 to 9999."""
    whole: Expression = sa.cast(value, sa.BigInteger)
    if unit == "milliseconds":
        whole = (whole - ((whole % 1000) + 1000) % 1000) // 1000
    return sa.case((whole.between(FIRST, LAST), whole))
