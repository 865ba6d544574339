"""
Replies as a person gives them, understood and recorded: all of one file, or none.

A reply is a value as `incident fact` takes it, or `?` (not known yet), or `-` (cannot be determined); `~` or "about" in
front of a value makes it approximate. Nothing at all leaves the question for later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from incident.errors import RefusedError, UsageError
from incident.moments import from_stamp, read_moment
from incident.record.canonical import Json
from incident.record.chronology import check_order, check_past
from incident.record.events import AwarenessDecided, FactStated, Happening
from incident.record.timeline import Incident
from incident.record.vocabulary import STATES, FactName, read_value, vocabulary

NOT_YET, NEVER = "?", "-"
_ROUGHLY = re.compile(r"(?:~|about\s|approximately\s|circa\s|ca\.\s)\s*(?P<value>.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """What is to be recorded of one fact. name: with "@" and the language for texts. value: in the stored form."""

    name: FactName
    value: Json
    state: str
    because: str | None = None

    @property
    def happening(self) -> FactStated:
        return FactStated(str(self.name), self.value, self.state, self.because)


@dataclass(frozen=True)
class AwarenessAnswer:
    """at: aware, UTC."""

    at: datetime
    because: str


def read_reply(
    name: FactName, reply: str, *, now: datetime, zone: ZoneInfo, state: str | None = None, because: str | None = None
) -> Answer | None:
    """
    `reply` to the question for `name`; None where nothing was said.

    state: where it is given beside the value. Raises UsageError for what is no answer, RefusedError for a past moment
    that lies in the future.
    """
    words = reply.strip()
    if state is None and words in {NOT_YET, NEVER}:
        return Answer(name, None, "pending" if words == NOT_YET else "unknowable", because)
    if state is not None and state not in STATES:
        raise UsageError(f'"{state}" is not a state of a fact.', next_step="use one of: " + ", ".join(STATES))
    if state in {"unknowable", "pending"}:
        if words:
            raise UsageError(f"A fact that is {state} has no value.", next_step="leave out one of the two")
        return Answer(name, None, state, because)
    if not words:
        return None
    fact = name.fact
    roughly = _ROUGHLY.fullmatch(words) if fact.type in {"count", "moment", "tally"} else None
    value = read_value(fact, roughly["value"] if roughly else words, now=now, zone=zone)
    if fact.type == "moment" and fact.past:
        check_past(fact.id, from_stamp(value), now=now)
    return Answer(name, value, "approximate" if roughly else state or "exact", because)


def read_awareness(at: str, because: str, *, now: datetime, zone: ZoneInfo) -> AwarenessAnswer | None:
    """The decision about awareness; None where neither part was given."""
    if not at.strip() and not because.strip():
        return None
    if not at.strip() or not because.strip():
        raise UsageError("Awareness is a decision: it needs a time and a reason.", next_step="give both, or neither")
    moment = read_moment(at, now=now, zone=zone).at
    check_past("aware", moment, now=now)
    return AwarenessAnswer(moment, because.strip())


def happenings_of(
    answers: Sequence[Answer], awareness: AwarenessAnswer | None, found: Incident, *, after: int | None = None
) -> list[Happening]:
    """
    What is to be recorded: answers that say something new, checked together with what `found` has.

    after: the event after which the questions were written down. Raises RefusedError where moments contradict each
    other, and where somebody has answered one of them otherwise since.
    """
    news = [answer for answer in answers if not _is_there(answer, found)]
    for answer in news:
        _check_not_overtaken(str(answer.name), _last_on(str(answer.name), found), after)
    moments = {name: at for name in _moment_facts() if (at := found.ledger.moment(name))}
    if found.awareness_decisions:
        moments["aware"] = found.awareness.at
    given = {answer.name.fact.id: answer.value for answer in news if answer.name.fact.type == "moment"}
    moments |= {name: from_stamp(value) for name, value in given.items() if value is not None}
    decided = awareness and not (found.awareness_decisions and found.awareness.at == awareness.at)
    if awareness and decided:
        _check_not_overtaken("awareness", _last_decision(found), after)
        moments["aware"] = awareness.at
    for name in (*given, *(["aware"] if decided else [])):
        check_order(moments, changed=name)
    happenings: list[Happening] = [AwarenessDecided(awareness.at, awareness.because)] if awareness and decided else []
    return [*happenings, *(answer.happening for answer in news)]


def _moment_facts() -> list[str]:
    return [fact.id for fact in vocabulary().values() if fact.type == "moment"]


def _is_there(answer: Answer, found: Incident) -> bool:
    known = found.ledger.get(str(answer.name))
    return known is not None and (known.value, known.state) == (answer.value, answer.state)


def _last_on(name: str, found: Incident) -> tuple[int, str] | None:
    """The newest event that answered `name`, and whose it is."""
    known = found.ledger.get(name)
    return (known.sequence, known.actor) if known is not None else None


def _last_decision(found: Incident) -> tuple[int, str] | None:
    counted = [event for event in found.events if event.sequence not in found.taken_back]
    events = [(event.sequence, event.actor) for event in counted if event.kind == AwarenessDecided.kind]
    return max(events, default=None)


def _check_not_overtaken(name: str, last: tuple[int, str] | None, after: int | None) -> None:
    if after is not None and last is not None and last[0] > after:
        raise RefusedError(
            f"{name} was answered by {last[1]} after this file was written, and otherwise.",
            state="Nothing was recorded.",
            next_step=f"look at incident facts and incident timeline; then take {name} out of the file",
        )
