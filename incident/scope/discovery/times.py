"""Which column says when, in which unit and zone; and from when to when a row was there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.columns import TOO_SMALL_FOR_TIMES
from incident.scope.discovery.names import words
from incident.scope.discovery.proposal import Place, Span

_UTC = {"utc", "gmt"}
_PLAIN = {"at", "on", "date", "time", "local"}  # created_at and created_utc speak of the same
# Not "started", "ended" or "closed": a contract that ended is still there.
_BEGUN = ("create", "issued", "granted", "connected", "linked", "add")
_GONE = ("delete", "revoke", "disconnected", "unlinked")
_MARKS = {"at", "on", "date", "time", "utc", "gmt", "when", "unix"}


def unit_of(column: Column) -> str | None:
    """The unit of a time that is kept as a number or a text; None for the database's own type."""
    if column.kind in {"time", "day"}:
        return None
    if column.kind == "text":
        return "seconds" if words(column.name)[-1:] == ("seconds",) else None
    if column.kind in {"whole", "number"}:
        if "milliseconds since 1970" in column.shapes:
            return "milliseconds"
        if "seconds since 1970" in column.shapes or re.search(r"unix|epoch|sec", column.name, re.IGNORECASE):
            return "seconds"
        # bigint(20) is what MySQL writes for every bigint, so only a bare one hints at milliseconds.
        return "milliseconds" if column.type == "bigint" or re.search(r"ms|milli", column.name) else "seconds"
    return None


def utc_twin(table: Table, column: Column) -> Column:
    """The column beside it that says the same in UTC; itself where there is none."""
    named = set(words(column.name))
    if named & _UTC:
        return column
    twins = (one for one in table.columns if _UTC & set(words(one.name)) and one.kind == column.kind)
    return next((one for one in twins if set(words(one.name)) - _UTC - _PLAIN == named - _PLAIN), column)


def zone_is_open(column: Column) -> bool:
    """Whether its times may stand there without an offset, in a zone that nothing says."""
    bare = column.has_no_offset or (column.kind == "text" and unit_of(column) is None)
    return bare and not _UTC & set(words(column.name))


def span(table: Table, secrets: Iterable[str]) -> Span:
    """By the names of a table's times: issued_at, connected_at, created_at; revoked_at, disconnected_at, deleted_at."""
    secret = set(secrets)
    times = [column for column in table.columns if column.name not in secret and _is_moment(column)]
    created, deleted = _first(table, times, _BEGUN), _first(table, times, _GONE)
    until = next((one.name for one in times if "expire" in words(one.name)), None)
    return Span(created, deleted, None if deleted else until)


def _is_moment(column: Column) -> bool:
    """A time, or a number or a text that is called as one."""
    if column.kind == "time":
        return True
    called = bool(_MARKS & set(words(column.name)[-1:]))
    return called and column.kind in {"whole", "text"} and not TOO_SMALL_FOR_TIMES.search(column.type)


def _first(table: Table, times: list[Column], wanted: tuple[str, ...]) -> Place | None:
    for word in wanted:
        for column in times:
            named = set(words(column.name))
            if word in named and named <= {word, *_MARKS, *words(table.bare_name)}:
                best = utc_twin(table, column)
                return Place(table.name, best.name, "its name", unit=unit_of(best), zone_open=zone_is_open(best))
    return None
