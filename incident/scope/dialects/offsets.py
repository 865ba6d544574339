"""
When the clocks of a zone are changed, for engines that do not know zones themselves.

A local time that came twice is the earlier one, and one that was skipped has the offset before the change; so each
change takes effect at one local time, from which on the next offset holds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_FIRST_YEAR, _LAST_YEAR = 1850, 2100  # zones had their own time before; no account's time is later
_STEP = timedelta(days=1)


@lru_cache(maxsize=16)
def changes(zone: str) -> tuple[int, tuple[tuple[datetime, int], ...]]:
    """
    The offset of `zone` before all changes, in seconds east of UTC, and each change: the local time, naive, from which
    on an offset holds, and that offset. Years 1850 to 2100.
    """
    place = ZoneInfo(zone)

    at, end = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
    first = before = _offset(at, place)
    found: list[tuple[datetime, int]] = []
    while at < end:
        following = at + _STEP
        after = _offset(following, place)
        if after != before:
            instant = _change_between(at, following, place)
            local = instant.replace(tzinfo=None) + timedelta(seconds=max(before, after))
            found.append((local, after))
            before = after
        at = following
    return first, tuple(found)


def _change_between(at: datetime, end: datetime, place: ZoneInfo) -> datetime:
    """The instant between the two, to the second, from which on the later offset holds."""
    before = _offset(at, place)
    while end - at > timedelta(seconds=1):
        middle = at + timedelta(seconds=int((end - at).total_seconds()) // 2)
        at, end = (middle, end) if _offset(middle, place) == before else (at, middle)
    return end


def _offset(at: datetime, place: ZoneInfo) -> int:
    return int((at.astimezone(place).utcoffset() or timedelta()).total_seconds())
