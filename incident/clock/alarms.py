"""
What rings: the due times that calendars and reminders take. Pure.

Beside each duty that is owed there is a moment to aim at, where the law's own is one at which offices are closed. What
is only perhaps owed rings by itself where its law is known to apply; all the rest, which hangs on where the people live
or on what the organisation is, is one entry: a hundred of them would hide the three that count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from incident.clock.judging import Duty
from incident.clock.rules import AS_SOON_AS_POSSIBLE

AIM = "aim"
PERHAPS = "perhaps-owed"
KIND = "organisation.is:"
_WHY = (
    "Which of them are owed hangs on where the people live and on what you are; incident clock says which facts decide."
)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Perhaps:
    """
    Duties that may be owed, by what they hang on.

    alone: a fact of this incident decides. by_place: where the people live and where the organisation sits. by_kind:
    what the organisation is.
    """

    alone: tuple[Duty, ...]
    by_place: tuple[Duty, ...]
    by_kind: tuple[Duty, ...]

    @property
    def folded(self) -> tuple[Duty, ...]:
        """Those whose law is not known to apply."""
        return (*self.by_place, *self.by_kind)


def perhaps_of(possible: Sequence[Duty]) -> Perhaps:
    by_kind = tuple(duty for duty in possible if any(name.startswith(KIND) for name in duty.missing))
    kind_ids = {duty.id for duty in by_kind}
    rest = [duty for duty in possible if duty.id not in kind_ids]
    by_place = tuple(duty for duty in rest if duty.reached is None)
    return Perhaps(tuple(duty for duty in rest if duty.reached is not None), by_place, by_kind)


def alarms_of(duties: Sequence[Duty], *, after: datetime | None = None) -> list[Duty]:
    """
    The duties that ring, those owed and done as they are, with a duty of its own for each aim.

    after: the entry for all that is perhaps owed stands at the first of their due times after it; without it, or where
    all have passed, at the first of all.
    """
    folded = perhaps_of([duty for duty in duties if duty.state == "possible" and duty.due_at is not None]).folded
    folded_ids = {duty.id for duty in folded}
    alarms = [duty for duty in duties if duty.id not in folded_ids]
    alarms += [_aim_of(duty) for duty in duties if duty.aim is not None and duty.state == "running"]
    return [*alarms, _one_of(folded, after)] if folded else alarms


def _aim_of(duty: Duty) -> Duty:
    assert duty.aim is not None  # noqa: S101 - asked by the only caller
    before = f" before {duty.aim.before}" if duty.aim.before else ""
    name = f"Aim: {duty.name}{before}"
    return replace(duty, id=f"{duty.id}-{AIM}", law=AIM, name=name, due_at=duty.aim.at, aim=None)


def _one_of(folded: Sequence[Duty], after: datetime | None) -> Duty:
    """All of `folded` as one duty; its due time is the first of theirs."""
    times = sorted(duty.due_at or _NEVER for duty in folded)
    due_at = next((at for at in times if after is not None and at > after), times[0])
    laws = len({duty.law for duty in folded})
    return Duty(
        id=PERHAPS,
        law=PERHAPS,
        name=f"{len(folded)} duties of {laws} {'law' if laws == 1 else 'laws'}, should they apply",
        owed_to="unknown",
        recipient=None,
        state="possible",
        starts_with="awareness",
        starts_at=None,
        period=AS_SOON_AS_POSSIBLE,
        due_at=due_at,
        cite="none: which of them apply is not known",
        reasons=(_WHY,),
        missing=(),
        confidence="knowledge",
        checked_on=None,
    )
