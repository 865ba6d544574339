"""What the moments of one incident may not say together. Pure; `now` is an argument."""

from __future__ import annotations

from datetime import datetime, tzinfo

from incident.errors import RefusedError, UsageError
from incident.moments import local, stamp

# (earlier, later, why a later "earlier" makes no sense)
_ORDER = (
    ("occurred_at", "occurred_until", "a breach cannot end before it began"),
    ("occurred_at", "detected_at", "a breach cannot be noticed before it began"),
    ("occurred_at", "aware", "nobody can be aware of a breach before it began"),
    ("detected_at", "aware", "awareness cannot come before the first sign"),
    ("occurred_at", "contained_at", "a breach cannot be stopped before it began"),
)


def check_order(moments: dict[str, datetime], *, changed: str) -> None:
    """
    Refuse `moments` (by fact id, "aware" for the awareness decision) where two contradict each other.

    changed: the one just given; only contradictions it takes part in count, so that an old one does not block.
    """
    for earlier, later, why in _ORDER:
        if changed in (earlier, later) and earlier in moments and later in moments:
            if moments[earlier] <= moments[later]:
                continue
            other = later if changed == earlier else earlier
            raise RefusedError(
                f"{changed} {stamp(moments[changed])} contradicts {other} {stamp(moments[other])}: {why}.",
                state="Nothing was recorded.",
                next_step=f"correct this time, or {other} first if that one is wrong",
            )


def check_done_after(at: datetime, moments: dict[str, datetime], *, zone: tzinfo) -> None:
    """
    Refuse that a duty was met before there was a breach to tell of; raises UsageError.

    moments: by fact id. zone: of the message.
    """
    for name, words in (("occurred_at", "the breach began"), ("detected_at", "it was noticed")):
        if name in moments and at < moments[name]:
            raise UsageError(
                f"It cannot have been done at {local(at, zone)}: {words} at {local(moments[name], zone)}.",
                state="Nothing was recorded.",
                next_step=f"correct --at, with the time of day; or incident fact {name} WHEN, if that is wrong",
            )


def check_past(name: str, at: datetime, *, now: datetime) -> None:
    """Refuse a moment that has not come yet."""
    if at > now:
        raise RefusedError(
            f"{name} {stamp(at)} lies in the future; it is now {stamp(now)}.",
            state="Nothing was recorded.",
            next_step="give a time that has passed; check the date and the zone",
        )
