"""
What a law file says, as values: a law, its duties, and each duty's versions in time.

Only the shape is here. The numbers, dates and places are in `incident/law/*.toml`; `regimes.py` reads them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property

from incident.clock.conditions import Condition, kinds_asked
from incident.clock.places import Places
from incident.errors import UsageError

UNITS = ("hours", "calendar_days", "working_days", "weeks", "months", "years")
CONFIDENCE = ("verified", "secondary", "knowledge")
AS_SOON_AS_POSSIBLE = "as soon as possible"


@dataclass(frozen=True)
class Period:
    """A stretch of time as a law states it. unit: one of UNITS."""

    count: int
    unit: str

    def __str__(self) -> str:
        words = self.unit.replace("_", " ")
        return f"{self.count} {words.removesuffix('s') if self.count == 1 else words}"


@dataclass(frozen=True)
class Source:
    """Where a rule is written. cite: instrument and article. published: in its official journal."""

    cite: str
    url: str | None = None
    published: date | None = None


@dataclass(frozen=True)
class Item:
    """
    One thing a notice must say, or, where `forbidden`, must not.

    facts: ids of the vocabulary, all needed. one_of: ids of which one suffices. profile: keys of the organisation
    profile ("profile.contact") of which one suffices. when: asked only where this holds (`late`), None: always.
    """

    id: str
    words: str
    cite: str
    facts: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    when: Condition | None = None
    forbidden: bool = False


@dataclass(frozen=True)
class Exemption:
    """A ground on which the duty is not owed. It counts only where it is known to hold."""

    when: Condition
    words: str
    cite: str


@dataclass(frozen=True)
class Way:
    """One way of counting periods of one unit; the keys are explained in `incident/law/counting.toml`."""

    name: str
    unit: str
    why: str
    event_hour_dropped: bool = False
    event_day_counted: bool = False
    from_year_end: bool = False
    frozen: bool = False
    rolls_over: bool = False
    roll_over_until: time | None = None
    opens: time | None = None
    closes: time | None = None
    least_working_days: int = 0
    whole_working_days: bool = False
    unless_same_as: str | None = None
    before: str | None = None

    @property
    def needs_calendar(self) -> bool:
        return self.rolls_over or self.least_working_days > 0 or self.unit == "working_days"


@dataclass(frozen=True)
class OuterEdge:
    """
    A second period that ends a duty even where the first one runs on, unless the first began after it had ended.

    starts_with: its own event.
    """

    period: Period
    starts_with: str
    readings: tuple[Way, ...]


@dataclass(frozen=True)
class Version:
    """
    A duty as it stands, or stood, from one date to another, both included, in local time of the duty's place.

    in_force_from: None only where `pending` (announced, or without a date), which never counts as in force.
    amends: it amended or replaced a text that is not on file, so that the duty is older than its first version here.
    starts_with: the event: occurrence, detection, awareness, or a moment fact of the vocabulary.
    or_with: other events; the earliest of all starts the clock.
    none: this is no duty: it states that none was found, and where that was looked for.
    uncertain: whether there is such a duty could not be read; it is never more than possible, and `note` says why.
    targets: ways of counting that are shown as something to aim at, and are no reading of the law.
    starts_after: the id of the duty whose completion starts this one instead.
    period: None for "as soon as possible". readings: the ways it is counted in, the prudent one among them.
    threshold: owed only where it holds; otherwise: what it means where it does not, in words.
    assume: values taken for facts nobody has stated yet, the strictest ones.
    when: which of several versions in force at once this is (small undertakings, say).
    """

    source: Source
    confidence: str
    checked_on: date
    review_by: date
    starts_with: str
    in_force_from: date | None = None
    in_force_until: date | None = None
    amends: bool = False
    pending: bool = False
    none: bool = False
    uncertain: bool = False
    or_with: tuple[str, ...] = ()
    starts_after: str | None = None
    period: Period | None = None
    at_latest: OuterEdge | None = None
    targets: tuple[Way, ...] = ()
    says: str | None = None
    without_undue_delay: bool = False
    readings: tuple[Way, ...] = ()
    threshold: Condition | None = None
    otherwise: str | None = None
    assume: Mapping[str, str | bool] | None = None
    when: Condition | None = None
    exemptions: tuple[Exemption, ...] = ()
    items: tuple[Item, ...] = ()
    in_phases: bool = False
    languages: tuple[str, ...] = ()
    channel: str | None = None
    recipient: str | None = None
    calendar: str | None = None
    note: str | None = None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition in it, those of its items left out."""
        exempt = tuple(exemption.when for exemption in self.exemptions)
        return (*(part for part in (self.threshold, self.when) if part is not None), *exempt)

    def is_in_force_on(self, day: date) -> bool:
        if self.pending or (self.in_force_from is None and not self.none):
            return False
        if self.in_force_from is not None and day < self.in_force_from:
            return False
        return self.in_force_until is None or day <= self.in_force_until

    def is_older_text_missing_on(self, day: date) -> bool:
        """Whether `day` lies before it, when another text applied of which only that it was there is known."""
        return self.amends and self.in_force_from is not None and day < self.in_force_from

    @property
    def starts_with_words(self) -> str:
        return " or ".join((self.starts_with, *self.or_with))

    @property
    def period_words(self) -> str:
        if self.none:
            return "none"
        return str(self.period) if self.period else AS_SOON_AS_POSSIBLE


@dataclass(frozen=True)
class DutyRule:
    """One obligation. owed_by: roles. assumed: taken to be owed where nothing is known of the organisation."""

    id: str
    name: str
    owed_by: tuple[str, ...]
    owed_to: str
    versions: tuple[Version, ...]
    assumed: bool = False


@dataclass(frozen=True)
class Law:
    """
    One law file. covers: the countries (codes) whose law it is. reached_by: of "seat" and "people", or "kind":
    anywhere, and its conditions ask what the organisation is.
    place: a country whose clock and calendar its days follow, where it has one of its own.
    general: the law of breaches there; False for one of a trade or a kind of organisation, which leaves a country
    without its general law uncovered.
    """

    id: str
    name: str
    file: str
    covers: frozenset[str]
    covers_words: str
    reached_by: tuple[str, ...]
    place: str | None
    checked_on: date
    review_by: date
    duties: tuple[DutyRule, ...]
    general: bool = True


@dataclass(frozen=True)
class OrganisationKind:
    """What an organisation may be, beside its country and role. question: as a person is asked it."""

    id: str
    question: str


@dataclass(frozen=True)
class Laws:
    """
    Every law on file, in the order of their ids, and what they speak of.

    elements: groups of kinds of data by name. kinds: what an organisation can be, by id. facts: the ids that
    conditions may ask; None: those of the vocabulary. index: the laws that must be there, by id, and whose they are.
    """

    laws: tuple[Law, ...]
    places: Places
    ways: Mapping[tuple[str, str], Way]
    elements: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kinds: Mapping[str, OrganisationKind] = field(default_factory=dict)
    facts: frozenset[str] | None = None
    index: Mapping[str, str] = field(default_factory=dict)

    def law(self, law_id: str) -> Law:
        """The law called `law_id`; raises UsageError with the nearest ids."""
        for law in self.laws:
            if law.id == law_id:
                return law
        raise _nothing_called("law", law_id, [law.id for law in self.laws])

    def rule(self, duty_id: str) -> tuple[Law, DutyRule]:
        """The duty called `duty_id` and its law; raises UsageError with the nearest ids."""
        for law in self.laws:
            for rule in law.duties:
                if rule.id == duty_id:
                    return law, rule
        raise _nothing_called("duty", duty_id, [rule.id for law in self.laws for rule in law.duties])

    def law_meant(self, name: str) -> Law:
        """The law called `name`, or that of the duty called so; raises UsageError with the nearest ids of laws."""
        return next((law for law in self.laws if any(rule.id == name for rule in law.duties)), None) or self.law(name)

    @cached_property
    def lost(self) -> tuple[str, ...]:
        """The laws of the index that are not on file: a file is missing from this copy of the program."""
        there = {law.id for law in self.laws}
        return tuple(name for name in self.index if name not in there)

    @cached_property
    def covered(self) -> frozenset[str]:
        """Every country, or part of one, whose general law is on file."""
        return frozenset().union(*(law.covers for law in self.laws if law.general))

    @cached_property
    def kinds_asked(self) -> frozenset[str]:
        """The kinds of organisation that some law on file asks for."""
        versions = [version for law in self.laws for rule in law.duties for version in rule.versions]
        conditions = [part for version in versions for part in version.conditions]
        return frozenset().union(*(kinds_asked(condition) for condition in conditions))

    @cached_property
    def named(self) -> Mapping[str, frozenset[str]]:
        """The groups of countries and of kinds of data that conditions may name."""
        return {**self.places.groups, **self.elements}

    def uncovered_parts(self, place: str) -> tuple[str, ...]:
        """
        What of `place` has no general law on file: nothing, the place itself, or parts of it.

        Where a country's parts have laws of their own (the states of the US), each of them is looked for.
        """
        parts = self.places.parts.get(place)
        if parts:
            return tuple(part for part in parts if part not in self.covered)
        head = place.partition("-")[0]
        if place in self.covered or (head in self.covered and head not in self.places.parts):
            return ()
        return (place,)


def _nothing_called(what: str, name: str, ids: list[str]) -> UsageError:
    near = difflib.get_close_matches(name, ids, n=3, cutoff=0.4)
    return UsageError(
        f'There is no {what} called "{name}".',
        next_step=f"did you mean {' or '.join(near)}?" if near else "incident law list shows every id",
    )
