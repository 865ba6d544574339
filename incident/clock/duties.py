"""
Which duties one incident brings, each with its state, its due moment and its reasons.

Three ways lead to a duty: where the organisation sits, where the people concerned live, and what it promised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache, partial

from incident.authorities.competence import Recipient, recipient_document, recipients
from incident.authorities.registry import load_authorities
from incident.clock import calendars
from incident.clock.answers import Case
from incident.clock.calendars import CalendarOf
from incident.clock.circumstances import (
    Start,
    Whereabouts,
    about,
    clock_place,
    country_of,
    facts_of,
    reach_of,
    start_of,
    whereabouts,
)
from incident.clock.conditions import IS, Range, Value, Verdict, judge
from incident.clock.judging import Duty, each_of, judged
from incident.clock.places import ClockPlace, is_part_of
from incident.clock.promises import contracted, promised
from incident.clock.rules import Item, Law, Laws
from incident.moments import local, stamp
from incident.organisation.profile import Organisation
from incident.record.canonical import Json
from incident.record.events import DutyDone
from incident.record.ledger import Ledger
from incident.record.timeline import Incident

__all__ = ["Duty", "deadline_of", "duties_of", "duty_document", "items_asked", "items_judged"]

NO_LAW = "no-law"
STATES = ("late", "running", "possible", "done", "not_owed")
_NO_PROFILE = (
    "Assumed: there is no organisation profile, so the strictest general duties are taken to apply; "
    "fill in country and role (incident organisation init)."
)
_NO_COUNTRY = (
    "Assumed: the organisation profile names no country, so the strictest general duties are taken to apply; "
    "fill in country."
)


@dataclass(frozen=True)
class _Scene:
    """Everything the duties of one incident rest on."""

    incident: Incident
    organisation: Organisation | None
    laws: Laws
    values: Mapping[str, Value]
    lives: Whereabouts
    calendar_of: CalendarOf
    now: datetime
    zone: tzinfo
    start: Callable[[tuple[str, ...]], Start]


def _started(incident: Incident, zone: tzinfo, events: tuple[str, ...]) -> Start:
    return start_of(events, incident, zone)


def duties_of(
    incident: Incident,
    organisation: Organisation | None,
    laws: Laws,
    *,
    now: datetime,
    calendar_of: CalendarOf = calendars.calendar_of,
) -> list[Duty]:
    """
    Every duty on file for `incident`, those that fall due first in front, those not owed at the end.

    now: aware. calendar_of: working days by country; asked only where a reading needs them.
    """
    values = {**facts_of(incident.ledger, laws.facts), **about(organisation), **laws.named}
    lives = whereabouts(incident.ledger, organisation, laws.places)
    zone = organisation.zone if organisation else UTC  # in which people read what is said of a moment
    started = cache(partial(_started, incident, zone))
    scene = _Scene(incident, organisation, laws, values, lives, calendar_of, now, zone, started)
    duties: list[Duty] = []
    for law in laws.laws:
        case = _case(law, scene)
        duties += [judged(law, rule, case) for rule in law.duties]
    if organisation is not None:
        place = clock_place(None, organisation, laws.places)
        duties += [
            promised(promise, to, incident, organisation, laws, place=place, calendar_of=calendar_of, now=now)
            for promise in organisation.promises
            for to in promise.to
        ]
        duties += [
            contracted(contract, to, incident, organisation, laws, place=place, calendar_of=calendar_of, now=now)
            for contract in organisation.contracts
            for to in contract.to
        ]
    return sorted([*duties, *_uncovered(scene)], key=_urgency)


def deadline_of(
    duty_id: str,
    start: datetime,
    laws: Laws,
    *,
    facts: Mapping[str, Value],
    place: ClockPlace,
    organisation: Organisation | None,
    now: datetime,
    calendar_of: CalendarOf = calendars.calendar_of,
    events: Mapping[str, datetime] | None = None,
    done: Mapping[str, datetime] | None = None,
    presupposed: tuple[str, ...] = (),
) -> Duty:
    """
    One duty by itself, taken to reach whoever asks, with `start` as its starting event; aware.

    facts: by the names that conditions use. place: whose clock and days off, where the law has none of its own.
    events: moments of single events that are not `start`. done: when other duties were done; without it, the duty
    that starts this one is taken to be done at `start`. presupposed: see `Case`.
    Raises UsageError with the nearest ids for a duty that is not on file.
    """
    law, rule = laws.rule(duty_id)
    own_place = clock_place(law, None, laws.places) if law.place else place
    if own_place.country is not None and not is_part_of(own_place.country, law.covers):
        own_place = ClockPlace(own_place.zone)  # another country's public holidays are none of this law's
    if own_place.country is None:
        own_place = ClockPlace(own_place.zone, country_of(law))
    values = {"role": rule.owed_by[0], **laws.named, **_people(facts), **facts}
    if done is None:
        done = {name: start for version in rule.versions if (name := version.starts_after)}
    found = _recipients(law, organisation, ())
    recipient, country = _recipient(law, organisation, found)
    case = Case(
        values=values,
        reach=Verdict(True),
        reach_words="Counted as if it applies.",
        unknown_organisation=None,
        start=lambda asked: _asked(asked, start, events or {}, place.zone),
        done={name: (DutyDone(name, at),) for name, at in done.items()},
        place=own_place,
        recipient=recipient,
        calendar_of=calendar_of,
        now=now,
        zone=place.zone,
        recipients=found,
        presupposed=presupposed,
        recipient_country=country,
    )
    return judged(law, rule, case)


def _people(facts: Mapping[str, Value]) -> dict[str, Value]:
    """How many people there are, under each name that laws have for it; residents of one place are some of them."""
    names = ("people_affected", "individuals", "data_subjects")
    stated = next((facts[name] for name in names if name in facts), None)
    residents = facts.get("residents")
    if stated is None and isinstance(residents, int):
        stated = Range(residents)
    return {} if stated is None else dict.fromkeys(names, stated)


def _asked(asked: tuple[str, ...], start: datetime, events: Mapping[str, datetime], zone: tzinfo) -> Start:
    at = min(events.get(event, start) for event in asked)
    return Start(at, f"Counted from {' or '.join(asked)} at {local(at, zone)}, as asked.")


def duty_document(duty: Duty) -> dict[str, Json]:
    """The contract's JSON of one duty."""
    return {
        "id": duty.id,
        "law": duty.law,
        "owed_to": duty.owed_to,
        "recipient": duty.recipient,
        "state": duty.state,
        "starts_with": duty.starts_with,
        "starts_at": _stamp(duty.starts_at),
        "period": duty.period,
        "due_at": _stamp(duty.due_at),
        "aim_at": _stamp(duty.aim.at if duty.aim else None),
        "readings": [
            {"name": reading.name, "due_at": stamp(reading.due_at), "why": reading.why} for reading in duty.readings
        ],
        "cite": duty.cite,
        "because": duty.because,
        "missing": list(duty.missing),
        "confidence": duty.confidence,
        "checked_on": duty.checked_on.isoformat() if duty.checked_on else None,
        "recipients": [recipient_document(one) for one in duty.recipients],
        "remaining": [one.country for one in duty.remaining],
    }


def items_asked(duty: Duty, ledger: Ledger, laws: Laws) -> tuple[Item, ...]:
    """What the notice of `duty` must say as things stand; an item whose condition is not known is asked for."""
    return tuple(item for item, verdict in items_judged(duty, ledger, laws) if verdict.holds is not False)


def items_judged(duty: Duty, ledger: Ledger, laws: Laws) -> tuple[tuple[Item, Verdict], ...]:
    """Every item of `duty`, and whether it is asked for; one without a condition always is. laws: for their groups."""
    values: dict[str, Value] = {**laws.named, **facts_of(ledger, laws.facts), "late": duty.late}
    always = Verdict(True)
    return tuple((item, judge(item.when, values) if item.when else always) for item in duty.items)


def _stamp(at: datetime | None) -> str | None:
    return stamp(at) if at else None


def _urgency(duty: Duty) -> tuple[int, datetime, str]:
    """Late before running before possible; those with a date by date, those without after them."""
    owed = 0 if duty.state in {"late", "running"} else STATES.index(duty.state)
    return owed, duty.due_at or datetime.max.replace(tzinfo=UTC), duty.id


def _case(law: Law, scene: _Scene) -> Case:
    organisation, incident = scene.organisation, scene.incident
    residents = scene.lives.residents(law.covers)
    reach, words = reach_of(law, scene.values, scene.lives, residents)
    unknown = _NO_PROFILE if organisation is None else _NO_COUNTRY if organisation.country is None else None
    found = () if reach.holds is False else _recipients(law, organisation, scene.lives.places_named())
    recipient, country = _recipient(law, organisation, found)
    return Case(
        values={**scene.values, "residents": residents},
        reach=reach,
        reach_words=words,
        unknown_organisation=unknown,
        start=scene.start,
        done=incident.duties_done,
        place=clock_place(law, organisation, scene.laws.places),
        recipient=recipient,
        calendar_of=scene.calendar_of,
        now=scene.now,
        zone=scene.zone,
        recipients=found,
        recipient_country=country,
    )


def _recipients(law: Law, organisation: Organisation | None, people_in: Iterable[str]) -> tuple[Recipient, ...]:
    if all(rule.owed_to != "supervisory_authority" for rule in law.duties):
        return ()
    seat = organisation.country if organisation else None
    return recipients(law.id, law.covers, seat, people_in, load_authorities())


def _recipient(
    law: Law, organisation: Organisation | None, found: tuple[Recipient, ...]
) -> tuple[str | None, str | None]:
    """
    Whom a notice goes to, in words, and the country of it where it is one authority: that of the profile, where this
    law is the law of its country; else what is on file. Where each of several is notified, no profile makes it one.
    """
    notified = [one for one in found if one.role != "concerned"]
    if len(notified) > 1:
        return f"the authority of {each_of(notified)}", None
    authority = organisation.authority if organisation else None
    country = (authority.country if authority else None) or (organisation.country if organisation else None)
    if authority is not None and country and is_part_of(country, law.covers):
        return authority.name, country
    return (notified[0].name, notified[0].country) if notified else (None, None)


def _uncovered(scene: _Scene) -> list[Duty]:
    """
    A loud line for each place of which no law is on file, each kind of organisation that no law on file asks for, and
    each law file that is missing.

    That is not "nothing is owed": a law file may be missing.
    """
    peopled = dict(scene.lives.countries())
    seat = scene.organisation.country if scene.organisation else None
    found = [
        (part, f"{'Some' if count is None else count} of the people may live in {part}, whose law is not on file.")
        for place, count in peopled.items()
        for part in scene.laws.uncovered_parts(place)
    ]
    if seat is not None and seat not in peopled:
        parts = scene.laws.uncovered_parts(seat)
        found += [(part, f"The organisation sits in {seat}; the law of {part} is not on file.") for part in parts]
    kinds = scene.values[IS]
    named = kinds if isinstance(kinds, frozenset) else frozenset(scene.laws.kinds)
    found += [
        (kind, f"No law on file speaks of an organisation that is {kind}.")
        for kind in sorted(named - scene.laws.kinds_asked)
    ]
    found += [
        (lost, f"The law file {lost}.toml ({scene.laws.index[lost]}) is missing from this copy of the program.")
        for lost in scene.laws.lost
    ]
    return [_not_on_file(name, why, scene) for name, why in found]


def _not_on_file(name: str, why: str, scene: _Scene) -> Duty:
    awareness = scene.start(("awareness",))
    return Duty(
        id=f"{NO_LAW}-{re.sub(r'[^a-z0-9]+', '-', name.lower())}",
        law=NO_LAW,
        name=f"No law of {name} is on file",
        owed_to="unknown",
        recipient=None,
        state="possible",
        starts_with="awareness",
        starts_at=awareness.at,
        period="unknown",
        due_at=None,
        cite="none on file",
        reasons=(why, "It cannot be computed: assume the strictest, and ask someone who knows that law."),
        missing=(f"law of {name}",),
        confidence="knowledge",
        checked_on=None,
        provisional=awareness.provisional,
    )
