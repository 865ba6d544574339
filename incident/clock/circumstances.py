"""
What is known of an incident and its organisation, in the form that conditions ask it: names and values, and moments.

Nothing is filled in here: what nobody has stated is None, and a number known only in part is a `Range`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property

from incident.clock.conditions import IS, Range, Value, Verdict
from incident.clock.places import ClockPlace, Places, is_country, is_part_of, zone_of
from incident.clock.rules import Law
from incident.moments import local
from incident.organisation.profile import Organisation
from incident.record.ledger import Ledger
from incident.record.timeline import Incident
from incident.record.vocabulary import vocabulary

# The words by which a choice says that the answer is not known yet; a condition must not take them for an answer.
_NO_ANSWER = ("unknown", "undecided")
ASKABLE = ("count", "yes_no", "choice", "set")  # the types of facts that conditions can ask
_MOMENT_OF = {"occurrence": "occurred_at", "detection": "detected_at"}
# What a person records, or writes into the profile, to supply a circumstance.
RECORDED_AS = {
    "residents": "people_by_country",
    "individuals": "people_affected",
    "data_subjects": "people_affected",
    "seat": "organisation.country",
    "role": "organisation.role",
    "sector": "organisation.sector",
}


@dataclass(frozen=True)
class Start:
    """The event that starts a clock. because: which moment was taken, and why, in words."""

    at: datetime
    because: str
    provisional: bool = False


@dataclass(frozen=True)
class Whereabouts:
    """
    Where the people concerned live, as far as that is known.

    tally: people by country code (or part of a country); None where nobody has counted. elsewhere: how many people
    no country is known for; None where that is not known either, because nobody has said how many there are in all.
    lives_in: where the profile says the company has users, one set a place named.
    """

    tally: Mapping[str, int] | None = None
    elsewhere: int | None = 0
    lives_in: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def residents(self, places: frozenset[str]) -> Value:
        """How many people live in `places`: a number, bounds of it, or None."""
        if self.tally is None:
            return Range(1) if any(named and named <= places for named in self.lives_in.values()) else None
        codes = frozenset().union(*(self._codes_in.get(place, frozenset()) for place in places))
        low = sum(self.tally[code] for code in codes)
        # People counted for a whole country may live in the part of it that is asked for.
        wholes = {place.partition("-")[0] for place in places if "-" in place} - places
        wider = sum(self.tally.get(whole, 0) for whole in wholes)
        if self.elsewhere is None:
            return Range(low)
        high = low + wider + self.elsewhere
        return low if high == low else Range(low, high)

    def places_named(self) -> tuple[str, ...]:
        """The places people were counted in; without a count, the single countries that the profile names."""
        if self.tally is not None:
            return tuple(code for code, count in sorted(self.tally.items()) if count)
        return tuple(sorted(place for places in self.lives_in.values() if len(places) == 1 for place in places))

    @cached_property
    def _codes_in(self) -> Mapping[str, frozenset[str]]:
        """By place, the codes of the tally that are it or lie in it; asked once for every law on file."""
        found: dict[str, frozenset[str]] = {}
        for code in self.tally or ():
            for place in {code, code.partition("-")[0]}:
                found[place] = found.get(place, frozenset()) | {code}
        return found

    def countries(self) -> tuple[tuple[str, int | None], ...]:
        """Where people are known to live: country code or a word of the profile, and how many."""
        if self.tally is not None:
            return tuple((code, count) for code, count in sorted(self.tally.items()) if count)
        named = {code for name, codes in self.lives_in.items() for code in codes or {name}}
        return tuple((code, None) for code in sorted(named))


def facts_of(ledger: Ledger, askable: frozenset[str] | None = None) -> dict[str, Value]:
    """The known facts that conditions can ask, by name. askable: their ids, where laws that were read have them."""
    if askable is None:
        askable = frozenset(fact.id for fact in vocabulary().values() if fact.type in ASKABLE)
    values: dict[str, Value] = {}
    for name in askable:
        if (stated := ledger.value(name)) is not None:
            values[name] = as_value(stated)
    values["individuals"] = values["data_subjects"] = values.get("people_affected")
    return values


def as_value(stated: object) -> Value:
    if isinstance(stated, list):
        return frozenset(str(part) for part in stated)
    if isinstance(stated, str):
        return None if stated in _NO_ANSWER else stated
    return stated if isinstance(stated, bool | int) else None


def about(organisation: Organisation | None) -> dict[str, Value]:
    """Seat, role, sector and kinds; None for each where there is no profile, or where it does not say."""
    if organisation is None:
        return {"seat": None, "role": None, "sector": None, IS: None}
    kinds = None if organisation.kinds is None else frozenset(organisation.kinds)
    return {"seat": organisation.country, "role": organisation.role, "sector": organisation.sector, IS: kinds}


def recorded_as(name: str) -> str:
    """What a person records, or writes into the profile, to answer `name`."""
    return "organisation.is" + name.removeprefix(IS) if name.startswith(IS) else RECORDED_AS.get(name, name)


def whereabouts(ledger: Ledger, organisation: Organisation | None, places: Places) -> Whereabouts:
    """Where the people live: by the facts recorded, else by the profile."""
    lives_in = {name: places.members(name) for name in (organisation.people_live_in if organisation else ())}
    stated = ledger.value("people_by_country")
    if not isinstance(stated, dict):
        return Whereabouts(lives_in=lives_in)
    tally: dict[str, int] = {}
    nowhere = 0
    for name, count in stated.items():
        code = places.code(name)
        if is_country(code):
            tally[code] = tally.get(code, 0) + int(count)
        else:
            nowhere += int(count)
    people = ledger.value("people_affected")
    if not isinstance(people, int):
        return Whereabouts(tally, None, lives_in)
    return Whereabouts(tally, max(nowhere, people - sum(tally.values())), lives_in)


def start_of(events: tuple[str, ...], incident: Incident, zone: tzinfo) -> Start:
    """
    The earliest moment of `events`, each of them occurrence, detection, awareness, or a moment fact; in the words of
    `because` it is in `zone`, the reader's.

    Where one is not recorded, the earliest moment known (detection, awareness, the opening) takes its place, and that
    is said where it is the one that counts.
    """
    return min((_start_of(event, incident, zone) for event in events), key=lambda start: (start.at, start.provisional))


def _start_of(event: str, incident: Incident, zone: tzinfo) -> Start:
    awareness = incident.awareness
    if event == "awareness":
        if awareness.provisional:
            return Start(awareness.at, f"Awareness is provisional: {awareness.because}.", True)
        why = awareness.because.rstrip(".")
        return Start(awareness.at, f"Awareness was decided by {awareness.decided_by}: {why}.")
    fact = _MOMENT_OF.get(event, event)
    if (at := incident.ledger.moment(fact)) is not None:
        return Start(at, f"Counted from {event}, recorded as {local(at, zone)}.")
    known = {"awareness": awareness.at, "the opening of this incident": incident.opened_at}
    if (detected := incident.ledger.moment("detected_at")) is not None:
        known = {"detection": detected, **known}
    name = min(known, key=lambda key: known[key])
    because = f"{event.capitalize()} is not recorded ({fact}); counted from the earliest moment known, {name}."
    return Start(known[name], because, True)


def reach_of(law: Law, values: Mapping[str, Value], lives: Whereabouts, residents: Value) -> tuple[Verdict, str]:
    """
    Whether `law` reaches the organisation by its seat or by the people concerned, and why, in words.

    residents: how many of the people live where it is the law.
    """
    if "kind" in law.reached_by:
        return Verdict(True), ""
    verdict, words = Verdict(False), _out_of_reach(law)
    if "people" in law.reached_by:
        if isinstance(residents, int):
            verdict = Verdict(residents > 0)
            words = f"{residents} of the people concerned live in {law.covers_words}." if residents else words
        elif isinstance(residents, Range) and residents.low > 0:
            verdict, words = Verdict(True), f"People concerned live in {law.covers_words}."
        else:
            verdict = Verdict(None, frozenset({"residents" if lives.elsewhere is not None else "people_affected"}))
    if "seat" in law.reached_by:
        seat = values.get("seat")
        if not isinstance(seat, str):
            verdict = verdict | Verdict(None, frozenset({"seat"}))
        elif is_part_of(seat, law.covers):
            verdict, words = Verdict(True), f"The organisation sits in {seat}."
        elif any(place.startswith(f"{seat}-") for place in law.covers):
            verdict = verdict | Verdict(None, frozenset({"seat"}))  # it may sit in that part of its country
    if verdict.holds is None:
        reached_by = " or ".join({"seat": "the seat", "people": "people concerned"}[name] for name in law.reached_by)
        words = f"Whether it applies is not known: it does where {reached_by} are in {law.covers_words}."
    return verdict, words


def _out_of_reach(law: Law) -> str:
    if law.reached_by == ("seat",):
        return f"The organisation does not sit in {law.covers_words}."
    if law.reached_by == ("people",):
        return f"None of the people concerned live in {law.covers_words}."
    return f"Neither the seat nor the people concerned are in {law.covers_words}."


def clock_place(law: Law | None, organisation: Organisation | None, places: Places) -> ClockPlace:
    """
    The clock and calendar of a duty's days: the law's own place, else the authority's, else the organisation's.

    UTC where nothing is known. The public holidays of a law of one country, or of one part of it, are that country's.
    law: None for the organisation's own promises.
    """
    if law is not None and law.place is not None:
        return ClockPlace(zone_of(places.zones[law.place]), law.place)
    only = country_of(law)
    if organisation is None:
        return ClockPlace(zone_of("UTC"), only)
    countries = [organisation.authority.country if organisation.authority else None, organisation.country]
    for country in countries:
        if country is not None and (law is None or is_part_of(country, law.covers)):
            if country == organisation.country or country not in places.zones:
                return ClockPlace(organisation.zone, country)
            return ClockPlace(zone_of(places.zones[country]), country)
    return ClockPlace(organisation.zone, only)


def country_of(law: Law | None) -> str | None:
    """The one country, or part of one, whose law it is; None for a law of several."""
    return next(iter(law.covers)) if law is not None and len(law.covers) == 1 else None
