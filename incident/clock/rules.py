"""
What a law file says, as values: a law, its duties, and each duty's versions in time.

Only the shape is here. The numbers, dates and places are in `incident/law/*.toml`; `regimes.py` reads them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from incident.clock.conditions import Condition
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
    closes: time | None = None
    least_working_days: int = 0
    whole_working_days: bool = False
    unless_same_as: str | None = None

    @property
    def needs_calendar(self) -> bool:
        return self.rolls_over or self.least_working_days > 0 or self.unit == "working_days"


@dataclass(frozen=True)
class Version:
    """
    A duty as it stands, or stood, from one date to another, both included, in local time of the duty's place.

    in_force_from: None only where `pending` (announced, or without a date), which never counts as in force.
    starts_with: the event: occurrence, detection, awareness, or a moment fact of the vocabulary.
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
    pending: bool = False
    starts_after: str | None = None
    period: Period | None = None
    says: str | None = None
    without_undue_delay: bool = False
    readings: tuple[Way, ...] = ()
    threshold: Condition | None = None
    otherwise: str | None = None
    assume: Mapping[str, str] | None = None
    when: Condition | None = None
    exemptions: tuple[Exemption, ...] = ()
    items: tuple[Item, ...] = ()
    in_phases: bool = False
    languages: tuple[str, ...] = ()
    channel: str | None = None
    recipient: str | None = None
    calendar: str | None = None
    note: str | None = None

    def is_in_force_on(self, day: date) -> bool:
        if self.pending or self.in_force_from is None or day < self.in_force_from:
            return False
        return self.in_force_until is None or day <= self.in_force_until

    @property
    def period_words(self) -> str:
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
    One law file. covers: the countries (codes) whose law it is. reached_by: of "seat" and "people".
    place: a country whose clock and calendar its days follow, where it has one of its own.
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


@dataclass(frozen=True)
class Laws:
    """Every law on file, in the order of their ids, and the places they speak of."""

    laws: tuple[Law, ...]
    places: Places
    ways: Mapping[tuple[str, str], Way]

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

    @property
    def covered(self) -> frozenset[str]:
        """Every country some law on file covers."""
        return frozenset().union(*(law.covers for law in self.laws))


def _nothing_called(what: str, name: str, ids: list[str]) -> UsageError:
    near = difflib.get_close_matches(name, ids, n=3, cutoff=0.4)
    return UsageError(
        f'There is no {what} called "{name}".',
        next_step=f"did you mean {' or '.join(near)}?" if near else "incident law list shows every id",
    )
