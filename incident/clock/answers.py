"""
The questions that decide whether a duty is owed: does the law reach, whom does it bind, which data, how many people.

Each answer is: the verdict, why in words, and whether it rests on an assumption. What is not known is never a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from incident.authorities.competence import Recipient
from incident.clock.calendars import CalendarOf
from incident.clock.circumstances import Start
from incident.clock.conditions import IS, Condition, Range, Value, Verdict, judge
from incident.clock.places import ClockPlace
from incident.clock.rules import DutyRule, Law, Version
from incident.clock.unintelligible import why_refuted, without_it
from incident.record.events import DutyDone

# What the organisation is, whichever text of a law is asked about it.
_OF_THE_ORGANISATION = (IS, "seat", "sector")


@dataclass(frozen=True)
class Case:
    """
    What a law's duties are judged on.

    values: facts and circumstances by name. reach, reach_words: whether the law applies at all.
    unknown_organisation: why nothing is known of the organisation, where that is so; else None.
    start: the earliest moment of some events. done: duties met so far, the earliest record of each first.
    recipient, recipient_country: the authority, where there is one; no country where there are several.
    zone: the reader's, for moments in words.
    presupposed: beginnings of names that, while nothing is known of them, are taken to be as the duty asks.
    """

    values: Mapping[str, Value]
    reach: Verdict
    reach_words: str
    unknown_organisation: str | None
    start: Callable[[tuple[str, ...]], Start]
    done: Mapping[str, Sequence[DutyDone]]
    place: ClockPlace
    recipient: str | None
    calendar_of: CalendarOf
    now: datetime
    zone: tzinfo
    recipients: tuple[Recipient, ...] = ()
    presupposed: tuple[str, ...] = ()
    recipient_country: str | None = None


Answer = tuple[Verdict, str, bool]


def answers(law: Law, rule: DutyRule, version: Version, case: Case) -> Iterator[Answer]:
    """Each is worked out only where those before it leave the duty standing."""
    yield _reach(rule, case)
    yield _role(rule, case)
    yield _certainty(law, version)
    yield _case_of(version, case)
    yield _threshold(version, case)
    yield from _exemptions(version, case)


def answers_before(law: Law, rule: DutyRule, version: Version, day: date, case: Case) -> Iterator[Answer]:
    """
    The answers for `day`, when a text applied that is not on file and that `version` took the place of.

    Where the law holds and whom it binds are taken from `version`, and so is the trade or seat it asks for. Its kinds
    of data, numbers and exemptions are not: an amendment may have narrowed the duty as well as widened it, so a no of
    the newer text is no answer here. The duty is possible until someone has read the older one.
    """
    yield _reach(rule, case)
    yield _role(rule, case)
    known = {name: case.values[name] for name in _OF_THE_ORGANISATION if name in case.values}
    of_the_organisation = replace(case, values=known)
    for answer in (_case_of(version, of_the_organisation), _threshold(version, of_the_organisation)):
        if answer[0].holds is False:
            yield answer
    since = version.in_force_from
    words = (
        f"The text that applied on {day} is not on file; it was amended or replaced from {since}. A notice was "
        "owed before that too. Counted by the amended text; ask counsel."
    )
    newer = (_case_of(version, case), _threshold(version, case), *_exemptions(version, case))
    said = next((f" By the amended text: {why}" for verdict, why, _ in newer if verdict.holds is False), "")
    yield Verdict(None, frozenset({f"law of {law.covers_words} before {since}"})), words + said, False


def _reach(rule: DutyRule, case: Case) -> Answer:
    if case.reach.holds is None and rule.assumed and case.unknown_organisation:
        return Verdict(True, case.reach.missing), case.unknown_organisation, True
    return case.reach, case.reach_words, False


def _role(rule: DutyRule, case: Case) -> Answer:
    role = case.values.get("role")
    if not isinstance(role, str):
        unknown = frozenset({"role"})
        return (Verdict(True, unknown), "", True) if rule.assumed else (Verdict(None, unknown), "", False)
    if role in rule.owed_by:
        return Verdict(True), "", False
    owed_by = " or ".join(name.replace("_", " ") for name in rule.owed_by)
    return Verdict(False), f"It is owed by a {owed_by}; the organisation acts as {role.replace('_', ' ')}.", False


def _certainty(law: Law, version: Version) -> Answer:
    if not version.uncertain:
        return Verdict(True), "", False
    return Verdict(None, frozenset({f"law of {law.covers_words}"})), version.note or "", False


def _case_of(version: Version, case: Case) -> Answer:
    if version.when is None:
        return Verdict(True), "", False
    verdict = judge(version.when, case.values)
    return verdict, "" if verdict.holds else _fails(version.when, case.values), False


def _threshold(version: Version, case: Case) -> Answer:
    if version.threshold is None:
        return Verdict(True), "", False
    verdict = judge(version.threshold, case.values)
    if verdict.holds is False:
        otherwise = f"Not owed: {version.otherwise}. " if version.otherwise else "Not owed. "
        return verdict, otherwise + _fails(version.threshold, case.values), False
    assumed = {name: value for name, value in (version.assume or {}).items() if case.values.get(name) is None}
    if verdict.holds is None and assumed and judge(version.threshold, {**case.values, **assumed}).holds:
        names = " and ".join(sorted(assumed))
        return Verdict(True, verdict.missing), f"{names} is not assessed; the strictest is assumed.", True
    return verdict, "", False


def _exemptions(version: Version, case: Case) -> list[Answer]:
    """
    Only an exemption that is known to hold counts. One for data that nobody could read does not, where the record
    itself shows that somebody could: no law excuses a notice on what its own file gainsays.
    """
    found: list[Answer] = []
    for exemption in version.exemptions:
        if not judge(exemption.when, case.values).holds:
            continue
        refuted = why_refuted(case.values)
        if refuted and not judge(exemption.when, without_it(case.values)).holds:
            words = f"That {exemption.words} ({exemption.cite}) does not count: {'; '.join(refuted)}."
            found.append((Verdict(True), words, False))
        else:
            found.append((Verdict(False), f"Not owed: {exemption.words} ({exemption.cite}).", False))
    return found


def _fails(condition: Condition, values: Mapping[str, Value]) -> str:
    known = ", ".join(f"{name} is {_words(values[name])}" for name in sorted(condition.names) if name in values)
    return f"The condition {condition.text} does not hold: {known}."


def _words(value: Value) -> str:
    match value:
        case Range(low=low, high=None):
            return f"{low} or more"
        case Range(low=low, high=high):
            return f"{low} to {high}"
        case frozenset():
            return ", ".join(sorted(value))
        case bool():
            return "yes" if value else "no"
    return "not known" if value is None else str(value)
