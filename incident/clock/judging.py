"""
One duty on one set of facts: owed, perhaps owed, or not, and until when.

It fails closed. What is not known never makes a duty "not owed"; where a law file says which answer to assume, the
duty runs on that answer and says so, and otherwise it is "possible", with the facts that would decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any

from incident.authorities.competence import Recipient
from incident.clock.answers import Answer, Case, answers, answers_before
from incident.clock.calendars import CalendarOf
from incident.clock.circumstances import Start, recorded_as
from incident.clock.counting import Reading, ends_at, every_day_works
from incident.clock.places import ClockPlace
from incident.clock.rules import DutyRule, Item, Law, Period, Version, Way
from incident.moments import local
from incident.record.events import DutyDone

_AWARENESS = ("awareness",)


def no_readings() -> tuple[Reading, ...]:
    return ()


@dataclass(frozen=True)
class Aim:
    """A moment before the due one worth keeping, no reading of the law. at: aware, UTC. before: what happens then."""

    at: datetime
    before: str | None


@dataclass(frozen=True)
class Duty:
    """
    One duty of one incident.

    state: running, done, late, possible, not_owed. starts_at: aware, UTC; None while it waits for another duty.
    due_at: the earliest reading, None for "as soon as possible" and where nothing is owed. aim: where it is earlier.
    reasons: why it stands so, one sentence each. missing: facts and profile keys that would decide or confirm it.
    provisional: the start is not decided yet. assumed: it rests on an assumption; `reasons` say which.
    late: whether `now` is past due_at, in whatever state. items: what its notice must say.
    standing: "" as a rule; "none" where the law states no duty, "pending" where it is announced and not in force.
    reached: whether the law itself applies, whatever its thresholds say; None where that is not known.
    recipients: the authorities on file that it goes to, or that hear of it; recipient says in words to whom it goes.
    recipient_country: of that one authority; None where it is not known, or where there are several.
    remaining: of several that are each to be notified, those not recorded yet, once others are.
    """

    id: str
    law: str
    name: str
    owed_to: str
    recipient: str | None
    state: str
    starts_with: str
    starts_at: datetime | None
    period: str
    due_at: datetime | None
    cite: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    confidence: str
    checked_on: date | None
    provisional: bool = False
    assumed: bool = False
    late: bool = False
    items: tuple[Item, ...] = ()
    standing: str = ""
    reached: bool | None = None
    recipients: tuple[Recipient, ...] = ()
    aim: Aim | None = None
    recipient_country: str | None = None
    remaining: tuple[Recipient, ...] = ()
    count: Callable[[], tuple[Reading, ...]] = field(default=no_readings, repr=False, compare=False)

    @property
    def each(self) -> tuple[Recipient, ...]:
        """Those of `recipients` that must each be notified for it to be met; empty where there are not several."""
        each = tuple(one for one in self.recipients if one.role == "each")
        return each if len(each) > 1 else ()

    @property
    def because(self) -> str:
        return " ".join(self.reasons)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The due moment in every way the law may be read; counted when asked for, since calendars cost time."""
        return self.count()


def judged(law: Law, rule: DutyRule, case: Case) -> Duty:
    """`rule` on the facts of `case`; of several versions in force at once, the one that falls due first."""
    started = [(version, _start(version, case)) for version in rule.versions]
    days = [(version, start, _day(start or case.start(_AWARENESS), case)) for version, start in started]
    found = [
        _judged_version(law, rule, version, start, case, answers(law, rule, version, case))
        for version, start, day in days
        if version.is_in_force_on(day)
    ]
    # A text that is missing here is not the absence of a duty: the oldest one on file stands in for it.
    found = found or [
        _judged_version(law, rule, version, start, case, answers_before(law, rule, version, day, case))
        for version, start, day in days
        if version.is_older_text_missing_on(day)
    ]
    if not found:
        # Announced law has a version of its own; what was in force last says more of what there is.
        version, start = next((pair for pair in reversed(started) if not pair[0].pending), started[-1])
        start = start or case.start(_AWARENESS)
        standing = "pending" if any(version.pending for version in rule.versions) else ""
        why = (_not_in_force(rule, start, case),)
        duty = _duty(law, rule, version, start, case, state="not_owed", standing=standing, reasons=why)
        return with_done(duty, case.done, case.zone)
    # An owed or possible one before a not-owed one, and of those the earliest alarm.
    return min(found, key=lambda duty: (duty.state == "not_owed", duty.due_at or datetime.max.replace(tzinfo=UTC)))


def _day(start: Start, case: Case) -> date:
    return start.at.astimezone(case.place.zone).date()


def _judged_version(
    law: Law, rule: DutyRule, version: Version, start: Start | None, case: Case, asked: Iterator[Answer]
) -> Duty:
    """asked: worked out one by one, as long as none of them says no."""
    if version.none:
        found = f"No breach-notice duty was found: {version.source.cite}. {version.note or ''}".strip()
        duty = _duty(law, rule, version, start, case, state="not_owed", standing="none", reasons=(found,))
        return with_done(duty, case.done, case.zone)
    given: list[Answer] = []
    for answer in asked:
        verdict, words, _ = answer
        if verdict.holds is False:  # one reason is enough, and most laws fall at the first question
            return with_done(
                _duty(law, rule, version, start, case, state="not_owed", reasons=(words,)), case.done, case.zone
            )
        given.append(answer)
    missing = frozenset().union(*(verdict.missing for verdict, _, _ in given))
    missing_facts = tuple(sorted({recorded_as(name) for name in missing}))
    reasons = [words for _, words, _ in given if words]
    open_answers = [verdict for verdict, _, _ in given if verdict.holds is None]
    undecided = any(not name.startswith(case.presupposed) for verdict in open_answers for name in verdict.missing)
    undecided = undecided or any(not verdict.missing for verdict in open_answers)
    if open_answers and not undecided:
        reasons.insert(0, f"Taken to be as this duty asks, unless --fact says otherwise: {', '.join(missing_facts)}.")
    if undecided:
        reasons.insert(0, f"It may be owed; this would decide it: {', '.join(missing_facts)}.")
    known: dict[str, Any] = {"missing": missing_facts, "assumed": any(assumed for _, _, assumed in given)}
    if start is None:
        waits = f"Its clock starts when {version.starts_after} is done; nothing is recorded of that yet."
        known |= {"missing": (*missing_facts, str(version.starts_after)), "reasons": (*reasons, waits)}
    else:
        known |= _running(version, start, case, reasons=reasons, undecided=undecided)
    return with_done(_duty(law, rule, version, start, case, **known), case.done, case.zone)


def _running(version: Version, start: Start, case: Case, *, reasons: list[str], undecided: bool) -> dict[str, Any]:
    """What a duty's clock says, started and read. undecided: the duty may not be owed."""
    reasons = [*reasons, start.because]
    if version.without_undue_delay and version.period:
        reasons.append(f"Owed without undue delay; {version.period} is the outer edge.")
    elif version.period is None:
        reasons.append("The law gives no number, and none is invented.")
    due_at, count, said = _counted(version, start, case)
    aim, to_aim_at = _aim(version, start, case, due_at)
    reasons += [*said, *to_aim_at]
    late = due_at is not None and case.now > due_at
    state = "possible" if undecided else "late" if late else "running"
    return {"state": state, "due_at": due_at, "aim": aim, "count": count, "late": late, "reasons": tuple(reasons)}


def _duty(law: Law, rule: DutyRule, version: Version, start: Start | None, case: Case, **known: Any) -> Duty:
    """The duty as its law has it. known: what the facts say of it, by field of Duty."""
    to_authority = rule.owed_to == "supervisory_authority"
    named = version.recipient is not None  # by the law itself: then it is no other
    fields: dict[str, Any] = {
        "id": rule.id,
        "law": law.id,
        "name": rule.name,
        "owed_to": rule.owed_to,
        "recipient": version.recipient or (case.recipient if to_authority else None),
        "state": "possible",
        "starts_with": f"done:{version.starts_after}" if version.starts_after else version.starts_with_words,
        "starts_at": start.at if start else None,
        "period": version.period_words,
        "due_at": None,
        "cite": version.source.cite,
        "reasons": (),
        "missing": (),
        "confidence": version.confidence,
        "checked_on": version.checked_on,
        "provisional": start.provisional if start else False,
        "items": version.items,
        "recipients": case.recipients if to_authority else (),
        "recipient_country": case.recipient_country if to_authority and not named else None,
        "reached": case.reach.holds,
    }
    return Duty(**(fields | known))


def _start(version: Version, case: Case) -> Start | None:
    """The start of its clock; None where it waits for a duty that is not done."""
    if version.starts_after is None:
        return case.start((version.starts_with, *version.or_with))
    done = case.done.get(version.starts_after)
    return Start(done[0].at, f"Counted from when {version.starts_after} was done.") if done else None


def _not_in_force(rule: DutyRule, start: Start, case: Case) -> str:
    day = _day(start, case)
    stated = [version for version in rule.versions if not version.pending]
    if not stated:
        planned = min((version.in_force_from for version in rule.versions if version.in_force_from), default=None)
        return f"Announced, and not in force: {f'planned from {planned}' if planned else 'no date is set'}."
    first = min(version.in_force_from or date.min for version in stated)
    if day < first:
        return f"Not in force on {day}, when its clock would have started: it applies from {first}."
    return f"No longer in force on {day}, when its clock would have started."


def with_done(duty: Duty, all_done: Mapping[str, Sequence[DutyDone]], zone: tzinfo) -> Duty:
    """`duty`, or the same in the state done where it was met. all_done: the earliest first. zone: the reader's."""
    records = all_done.get(duty.id)
    if not records:
        return duty
    if duty.each:
        return _with_each_done(duty, records, zone)
    towards_it = [done for done in records if duty.recipient_country in {None, done.country} or done.country is None]
    if not towards_it:
        elsewhere = _join(*(_recorded(done, zone) for done in records))
        return replace(duty, reasons=(f"{elsewhere} It is still owed to {duty.recipient}.", *duty.reasons))
    done = towards_it[0]  # a later one follows it up, and makes nothing late
    words = f"Done at {local(done.at, zone)}" + (f", reference {done.reference}." if done.reference else ".")
    late = duty.due_at is not None and done.at > duty.due_at
    after = " That was after it fell due." if late else ""
    return replace(duty, state="done", late=late, reasons=(words + after, *duty.reasons))


def _with_each_done(duty: Duty, records: Sequence[DutyDone], zone: tzinfo) -> Duty:
    """`duty` towards several, each of whom has it met by the earliest record of their own; done once all have."""
    firsts = {done.country: done for done in reversed(records)}
    met = [firsts[one.country] for one in duty.each if one.country in firsts]
    remaining = tuple(one for one in duty.each if one.country not in firsts)
    words = [_recorded(done, zone) for done in (*met, firsts.get(None)) if done]
    if remaining:
        words.append(f"Still to be notified: {', '.join(one.country for one in remaining)}.")
        recipient = f"the authority of {each_of(remaining)}"
        return replace(duty, remaining=remaining, recipient=recipient, reasons=(*words, *duty.reasons))
    late = duty.due_at is not None and any(done.at > duty.due_at for done in met)
    words += ["That was after it fell due."] if late else []
    return replace(duty, state="done", late=late, reasons=(*words, *duty.reasons))


def each_of(several: Sequence[Recipient]) -> str:
    """Countries in words: "FR", "each of DE, FR"."""
    countries = ", ".join(one.country for one in several)
    return f"each of {countries}" if len(several) > 1 else countries


def _recorded(done: DutyDone, zone: tzinfo) -> str:
    """One record in words, with whom it is about."""
    towards = done.country or done.recipient
    reference = f", reference {done.reference}" if done.reference else ""
    return f"Done{f' for {towards}' if towards else ', not said for whom,'} at {local(done.at, zone)}{reference}."


def _counted(
    version: Version, start: Start, case: Case
) -> tuple[datetime | None, Callable[[], tuple[Reading, ...]], list[str]]:
    """The earliest end of the version's period, how to get every reading of it, and what is to be said of that."""
    if version.period is None:
        return None, no_readings, []
    place = _place(version, case)
    end = counted(start.at, version.period, version.readings, place, case.calendar_of)
    said = [end.gap] if end.gap else []
    edge = version.at_latest
    if edge is None:
        return end.due_at, end.readings, said
    edge_start = case.start((edge.starts_with,))
    last = counted(edge_start.at, edge.period, edge.readings, place, case.calendar_of)
    if start.at > last.due_at:
        said.append(f"It began after {edge.period} from {edge.starts_with} had passed, so those do not end it.")
        return end.due_at, end.readings, said

    def readings() -> tuple[Reading, ...]:
        outer = (replace(reading, name=f"outer-edge-{reading.name}") for reading in last.readings())
        return (*end.readings(), *outer)

    said.append(f"At the latest {edge.period} from {edge.starts_with}.")
    return min(end.due_at, last.due_at), readings, said


def _aim(version: Version, start: Start, case: Case, due_at: datetime | None) -> tuple[Aim | None, list[str]]:
    """The earliest thing to aim at, where it lies before `due_at`; and a sentence for each there is."""
    if version.period is None or due_at is None:
        return None, []
    targets = _readings(start.at, version.period, version.targets, _place(version, case), case.calendar_of)
    words = [f"To aim at: {local(target.due_at, case.zone)}. {target.why}" for target in targets]
    ends_with = {way.name: way.before for way in version.targets}
    aims = [Aim(target.due_at, ends_with[target.name]) for target in targets if target.due_at < due_at]
    return min(aims, key=lambda aim: aim.at, default=None), words


def _place(version: Version, case: Case) -> ClockPlace:
    return replace(case.place, country=version.calendar) if version.calendar else case.place


@dataclass(frozen=True)
class End:
    """The earliest end of a period, aware, UTC; how to get every reading; what is not known of the days it rests on."""

    due_at: datetime
    readings: Callable[[], tuple[Reading, ...]]
    gap: str | None = None


def counted(start: datetime, period: Period, ways: tuple[Way, ...], place: ClockPlace, calendar_of: CalendarOf) -> End:
    """
    The earliest end of `period`, and how to get every reading of it.

    Days off only ever move an end back, so a way that needs a calendar is first counted without any: where that
    cannot beat a way that needs none, the earliest end is known and no calendar is loaded.
    """

    def readings() -> tuple[Reading, ...]:
        return _readings(start, period, ways, place, calendar_of)

    floor = {way: ends_at(start, period, way, place.zone, every_day_works) for way in ways}
    sure = min((end for way, end in floor.items() if not way.needs_calendar), default=None)
    if sure is not None and sure <= min(floor.values()):
        return End(sure, readings)
    first = min(readings(), key=lambda reading: reading.due_at)
    return End(first.due_at, readings, first.gap)


def _readings(
    start: datetime, period: Period, ways: tuple[Way, ...], place: ClockPlace, calendar_of: CalendarOf
) -> tuple[Reading, ...]:
    found: dict[str, Reading] = {}
    for way in ways:
        why, gap = way.why, None
        if way.needs_calendar:
            calendar = calendar_of(place.country)
            end = ends_at(start, period, way, place.zone, calendar.is_working)
            last = (end - timedelta(seconds=1)).astimezone(place.zone).date()
            gap = calendar.gap(start.astimezone(place.zone).date(), last)
            why = _join(why, gap or f"Public holidays of {place.country}.")
        else:
            end = ends_at(start, period, way, place.zone, every_day_works)
        if way.unless_same_as in found and found[way.unless_same_as].due_at == end:
            continue
        found[way.name] = Reading(way.name, end, why, gap)
    return tuple(found.values())


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
