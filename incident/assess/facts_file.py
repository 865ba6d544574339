"""Facts from a TOML file, for a judgement without an incident: the ledger's own ids and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from incident.asking.answers import Answer, read_reply
from incident.assess.situation import Known
from incident.clock.circumstances import as_value
from incident.clock.conditions import Value
from incident.datafile import Section, read_datafile_at
from incident.errors import RefusedError, UsageError
from incident.moments import from_stamp
from incident.organisation.profile import ROLES
from incident.record.canonical import Json
from incident.record.vocabulary import fact_named, vocabulary

_ABOUT = {"value", "state", "because"}
# A file that `incident ask --out` wrote says these of itself; they are no facts.
_OF_THE_FORM = {"incident", "after_event", "awareness"}


def read_facts(
    file: Path, *, now: datetime, zone: ZoneInfo, languages: Sequence[str], role: str = "controller"
) -> Known:
    """
    What the file says: `fact = answer` lines, at its top or in a table [facts]; `role` beside them.

    An answer is a TOML value, a word that a person would type, or `{ value, state, because }`. A file written by
    `incident ask --out` reads as well. role: where the file does not say. Raises UsageError naming file, line and key
    of what is wrong.
    """
    root = read_datafile_at(file)
    acts_as = root.choice("role", ROLES, role)
    tables = [root, *([root.section("facts")] if root.is_table("facts") else [])]
    stated: dict[str, Json] = {}
    reasons: dict[str, str] = {}
    approximate: set[str] = set()
    for table in tables:
        for key, given in table.items():
            if table is root and (key in _OF_THE_FORM or key == "role" or (key == "facts" and root.is_table(key))):
                continue
            answer = _answer(table, key, given, now=now, zone=zone, languages=languages)
            if answer is not None and answer.value is not None:
                stated[answer.name.fact.id] = answer.value
                reasons |= {answer.name.fact.id: answer.because} if answer.because else {}
                approximate |= {answer.name.fact.id} if answer.state == "approximate" else set()
    return Known(values_of(stated), reasons, acts_as, frozenset(approximate))


def values_of(stated: Mapping[str, Json]) -> dict[str, Value]:
    """Answers in their stored form, by fact id, as conditions ask them; hours out of reach follow from moments."""
    values = {name: as_value(value) for name, value in stated.items() if vocabulary()[name].type != "moment"}
    values = {name: value for name, value in values.items() if value is not None}
    began = stated.get("occurred_at")
    ended = stated.get("impact_ended_at") or stated.get("occurred_until")
    touched = values.get("breach_type")
    if began and ended and touched == frozenset({"availability"}) and "unavailable_hours" not in values:
        seconds = (from_stamp(ended) - from_stamp(began)).total_seconds()
        values["unavailable_hours"] = max(0, int(seconds // 3600))
    return values


def _answer(
    table: Section, key: str, given: Any, *, now: datetime, zone: ZoneInfo, languages: Sequence[str]
) -> Answer | None:
    state = because = None
    if isinstance(given, dict) and given and set(given) <= _ABOUT:
        state, because, given = given.get("state"), given.get("because"), given.get("value", "")
    if not all(part is None or isinstance(part, str) for part in (state, because)):
        table.wrong(key, "has a state or a reason that is no text")
    words = _typed(given)
    if state is None and words in {"unknowable", "pending"}:
        state, words = words, ""
    try:
        return read_reply(fact_named(key, languages=languages), words, now=now, zone=zone, state=state, because=because)
    except (UsageError, RefusedError) as error:
        _wrong(table, key, error)


def _wrong(table: Section, key: str, error: UsageError | RefusedError) -> NoReturn:
    try:
        table.wrong(key, "")
    except UsageError as found:
        place = found.what.split(":")[0]
        raise UsageError(f"{place}: {error.what}", state="Nothing was assessed.", next_step=error.next_step) from None


def _typed(given: Any) -> str:
    """A TOML value as a person would have typed it."""
    match given:
        case bool():
            return "yes" if given else "no"
        case list():
            return ", ".join(map(str, given))
        case dict():
            return ", ".join(f"{key}={count}" for key, count in given.items())
        case datetime() | date() | time():
            return given.isoformat()
    return str(given)
