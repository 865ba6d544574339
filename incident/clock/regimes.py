"""
Reading the law files: `incident/law/*.toml` -> `Laws`. Strict: what is misspelt names its file, line and key.

Five files beside the laws are shared by them: `groups.toml` (places), `counting.toml` (ways of counting),
`elements.toml` (groups of kinds of data), `kinds.toml` (what an organisation may be) and `index.toml` (the laws that
must be there).
"""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from incident.clock.cache import keep, kept
from incident.clock.circumstances import ASKABLE
from incident.clock.conditions import IS, Condition, Kind, read_condition
from incident.clock.places import Places
from incident.clock.rules import (
    CONFIDENCE,
    UNITS,
    DutyRule,
    Exemption,
    Item,
    Law,
    Laws,
    OrganisationKind,
    OuterEdge,
    Period,
    Source,
    Version,
    Way,
)
from incident.clock.shared_files import (
    keys_of,
    read_elements,
    read_index,
    read_organisation_kinds,
    read_places,
    read_ways,
)
from incident.datafile import Section, read_datafile
from incident.errors import UsageError
from incident.organisation.profile import ROLES
from incident.record.vocabulary import vocabulary

SHARED = ("groups.toml", "counting.toml", "elements.toml", "kinds.toml", "index.toml")
EVENTS = ("occurrence", "detection", "awareness")
REACHES = ("seat", "people", "kind")
OWED_TO = (
    "supervisory_authority",
    "other_authority",
    "people",
    "controller",
    "customers",
    "consumer_reporting_agencies",
    "media",
    "public",
    "law_enforcement",
    "insurer",
    "partner",
    "internal",  # a step of the organisation's own, such as an assessment to be finished
)
# What a condition may ask beside the facts of the vocabulary; `circumstances.py` supplies them.
CIRCUMSTANCES = {
    "seat": Kind("text"),
    "role": Kind("choice", ROLES),
    "sector": Kind("text"),
    "residents": Kind("count"),
    "individuals": Kind("count"),
    "data_subjects": Kind("count"),
    "late": Kind("yes_no"),
}
_KEPT = "laws"
_SHAPES = tuple(
    Path(__file__).parent / name for name in ("conditions.py", "places.py", "regimes.py", "rules.py", "shared_files.py")
)


@cache
def load_laws() -> Laws:
    """Every law the program ships. Raises UsageError naming file, line and key of whatever is wrong in one."""
    folder = Path(__file__).parents[1] / "law"
    if not folder.is_dir():  # the package is inside an archive, where no file has times to go by
        return read_laws(resources.files("incident.law"))
    made_from = (folder, folder.parent / "record", folder.parent / "organisation" / "profile.py", *_SHAPES)
    laws = kept(_KEPT, made_from, Laws)
    if laws is None:
        laws = read_laws(folder)
        _ = laws.covered, laws.kinds_asked, laws.named  # worked out once, and kept with the rest
        keep(_KEPT, made_from, laws)
    # They stay until the program ends, and are many: the garbage collector need not go through them again and again.
    gc.freeze()
    return laws


def read_laws(folder: Traversable) -> Laws:
    """The laws in `folder`, with its groups.toml and counting.toml."""
    places = read_places(_open(folder, "groups.toml"))
    ways = read_ways(_open(folder, "counting.toml"))
    elements = read_elements(_open(folder, "elements.toml"))
    organisations = read_organisation_kinds(_open(folder, "kinds.toml"))
    kinds = known_kinds(places, elements, organisations)
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml") and file.name not in SHARED)
    read = tuple(_Reader(_open(folder, name), places, ways, kinds).law() for name in names)
    facts = frozenset(fact.id for fact in vocabulary().values() if fact.type in ASKABLE)
    laws = Laws(read, places, ways, elements, organisations, facts, read_index(_open(folder, "index.toml")))
    _check_links(laws)
    return laws


def known_kinds(
    places: Places,
    elements: Mapping[str, frozenset[str]] | None = None,
    organisations: Mapping[str, OrganisationKind] | None = None,
) -> dict[str, Kind]:
    """Every name a condition may ask: facts, circumstances, groups of countries and of kinds of data."""
    facts = {fact.id: Kind(fact.type, fact.options) for fact in vocabulary().values() if fact.type in ASKABLE}
    groups = {**dict.fromkeys(places.groups, Kind("set")), **dict.fromkeys(elements or {}, Kind("element"))}
    return {**facts, **CIRCUMSTANCES, IS: Kind("set", tuple(organisations or ())), **groups}


def _open(folder: Traversable, name: str) -> Section:
    return read_datafile(folder.joinpath(name), name=f"law/{name}")


class _Reader:
    """One law file, read with what the shared files say."""

    def __init__(
        self, root: Section, places: Places, ways: Mapping[tuple[str, str], Way], kinds: Mapping[str, Kind]
    ) -> None:
        self.root, self.places, self.ways, self.kinds = root, places, ways, kinds
        self.checked_on = root.day("checked_on")
        self.review_by = root.day("review_by")

    def law(self) -> Law:
        root = self.root
        law = Law(
            id=root.text("id"),
            name=root.text("name"),
            file=root.file,
            covers=self._covers(),
            covers_words=", ".join(_in_words(place) for place in root.texts("covers")),
            reached_by=_chosen(root, "reached_by", REACHES),
            place=self._place(),
            general=root.flag("general", True),
            checked_on=self.checked_on,
            review_by=self.review_by,
            duties=tuple(self._duty(entry) for entry in root.sections("duty")),
        )
        if root.file != f"law/{law.id}.toml":
            root.wrong("id", f'is "{law.id}"; it must be the name of the file')
        if not law.duties:
            root.wrong("duty", "is missing: a law has at least one [[duty]]")
        root.finish()
        return law

    def _covers(self) -> frozenset[str]:
        covered: set[str] = set()
        for place in self.root.texts("covers"):
            covered |= self.places.members(place) or self.root.wrong("covers", f'names "{place}", which is no place')
        return frozenset(covered)

    def _place(self) -> str | None:
        place = self.root.text_or_none("place")
        if place is not None and place not in self.places.zones:
            self.root.wrong("place", f'is "{place}", whose zone law/groups.toml does not name')
        return place

    def _duty(self, entry: Section) -> DutyRule:
        duty = DutyRule(
            id=entry.text("id"),
            name=entry.text("name"),
            owed_by=_chosen(entry, "owed_by", ROLES),
            owed_to=entry.choice("owed_to", OWED_TO),
            assumed=entry.flag("assumed"),
            versions=tuple(self._version(version) for version in entry.sections("version")),
        )
        if not duty.versions:
            entry.wrong("version", "is missing: a duty has at least one [[duty.version]]")
        if not all(_may_amend(version, duty.versions) for version in duty.versions if version.amends):
            entry.wrong("version", "says amends; only the earliest one that is, or was, in force can say it")
        entry.finish()
        return duty

    def _version(self, entry: Section) -> Version:
        period = _period(entry)
        pending, none = entry.flag("pending"), entry.flag("none")
        events = self._events(entry, needed=not none)
        if none and period is not None:
            entry.wrong("none", "says that there is no duty, so it has no period")
        version = Version(
            source=Source(entry.text("cite"), entry.text_or_none("url"), entry.day_or_none("published")),
            confidence=entry.choice("confidence", CONFIDENCE),
            checked_on=entry.day_or_none("checked_on") or self.checked_on,
            review_by=entry.day_or_none("review_by") or self.review_by,
            starts_with=events[0],
            or_with=events[1:],
            in_force_from=entry.day_or_none("in_force_from") if pending or none else entry.day("in_force_from"),
            in_force_until=entry.day_or_none("in_force_until"),
            amends=entry.flag("amends"),
            pending=pending,
            none=none,
            uncertain=entry.flag("uncertain"),
            starts_after=entry.text_or_none("starts_after"),
            period=period,
            at_latest=self._outer_edge(entry),
            targets=self._ways(entry, "targets", period),
            says=entry.text_or_none("says"),
            without_undue_delay=entry.flag("without_undue_delay"),
            readings=self._readings(entry, period),
            threshold=self._condition(entry, "threshold"),
            otherwise=entry.text_or_none("otherwise"),
            assume=self._assumptions(entry),
            when=self._condition(entry, "when"),
            exemptions=tuple(self._exemption(part) for part in entry.sections("exemption")),
            items=tuple(self._item(part) for part in entry.sections("item")),
            in_phases=entry.flag("in_phases"),
            languages=entry.texts("languages"),
            channel=entry.text_or_none("channel"),
            recipient=entry.text_or_none("recipient"),
            calendar=entry.text_or_none("calendar"),
            note=entry.text_or_none("note"),
        )
        entry.finish()
        return version

    def _events(self, entry: Section, *, needed: bool) -> tuple[str, ...]:
        """The starting events; awareness where it does not matter, since there is no duty."""
        if not needed and "starts_with" not in entry:
            return ("awareness",)
        many = entry.is_list("starts_with")
        events = entry.texts("starts_with") if many else (entry.text("starts_with"),)
        for event in events:
            if event not in EVENTS and ((fact := vocabulary().get(event)) is None or fact.type != "moment"):
                words = f'is "{event}"; it must be {", ".join(EVENTS)} or a moment of the vocabulary'
                entry.wrong("starts_with", words)
        return events or entry.wrong("starts_with", "must name at least one event")

    def _readings(self, entry: Section, period: Period | None) -> tuple[Way, ...]:
        ways = self._ways(entry, "readings", period)
        if period is not None and not ways:
            entry.wrong("readings", "is missing: a period is counted in some way")
        return ways

    def _ways(self, entry: Section, key: str, period: Period | None) -> tuple[Way, ...]:
        names = entry.texts(key)
        if period is None:
            return () if not names else entry.wrong(key, "needs a period")
        for name in names:
            if (name, period.unit) not in self.ways:
                entry.wrong(key, f'names "{name}", by which law/counting.toml counts no {period.unit}')
        return tuple(self.ways[name, period.unit] for name in names)

    def _outer_edge(self, entry: Section) -> OuterEdge | None:
        section = entry.section_or_none("at_latest")
        if section is None:
            return None
        period = _period(section) or section.wrong("period", "is missing")
        edge = OuterEdge(period, self._events(section, needed=True)[0], self._readings(section, period))
        section.finish()
        return edge

    def _condition(self, entry: Section, key: str) -> Condition | None:
        text = entry.text_or_none(key)
        if text is None:
            return None
        try:
            return read_condition(text, self.kinds)
        except ValueError as error:
            entry.wrong(key, str(error))

    def _assumptions(self, entry: Section) -> dict[str, str | bool] | None:
        section = entry.section_or_none("assume")
        if section is None:
            return None
        assumed: dict[str, str | bool] = {}
        for name in keys_of(section):
            kind = self.kinds.get(name) or section.wrong(name, "is no fact")
            if kind.type == "yes_no":
                assumed[name] = section.flag(name)
            elif (value := section.text(name)) in kind.options:
                assumed[name] = value
            else:
                section.wrong(name, f'is "{value}", which is none of {", ".join(kind.options)}')
        return assumed

    def _exemption(self, entry: Section) -> Exemption:
        when = self._condition(entry, "when") or entry.wrong("when", "is missing")
        exemption = Exemption(when=when, words=entry.text("words"), cite=entry.text("cite"))
        entry.finish()
        return exemption

    def _item(self, entry: Section) -> Item:
        item = Item(
            id=entry.text("id"),
            words=entry.text("words"),
            cite=entry.text("cite"),
            facts=_facts(entry, "facts"),
            one_of=_facts(entry, "one_of"),
            profile=entry.texts("profile"),
            when=self._condition(entry, "when"),
            forbidden=entry.flag("forbidden"),
        )
        entry.finish()
        return item


def _may_amend(version: Version, versions: Sequence[Version]) -> bool:
    """Of an older text that is on file nothing is missing; what is announced, or is no duty, amended nothing yet."""
    first = min((each.in_force_from or date.min for each in versions if not each.pending), default=None)
    return not version.pending and not version.none and version.in_force_from == first


def _period(entry: Section) -> Period | None:
    section = entry.section_or_none("period")
    if section is None:
        return None
    units = keys_of(section)
    if len(units) != 1 or units[0] not in UNITS:
        entry.wrong("period", f"must be one number of one unit: {', '.join(UNITS)}")
    return Period(section.whole(units[0]) or section.wrong(units[0], "must be 1 or more"), units[0])


def _chosen(entry: Section, key: str, options: Sequence[str]) -> tuple[str, ...]:
    names = entry.texts(key)
    if not names or not set(names) <= set(options):
        entry.wrong(key, f"must name some of {', '.join(options)}")
    return names


def _facts(entry: Section, key: str) -> tuple[str, ...]:
    names = entry.texts(key)
    for name in names:
        if name not in vocabulary():
            entry.wrong(key, f'names "{name}", which is not in the vocabulary of facts')
    return names


def _check_links(laws: Laws) -> None:
    """Ids are unique across all files, and a stage follows a duty that exists."""
    seen: dict[str, str] = {}
    for law in laws.laws:
        for rule in law.duties:
            if rule.id in seen:
                raise _wrong_link(law, f"the duty {rule.id} is also in {seen[rule.id]}")
            seen[rule.id] = law.file
    for law in laws.laws:
        for rule in law.duties:
            for version in rule.versions:
                if version.starts_after is not None and version.starts_after not in seen:
                    raise _wrong_link(law, f'{rule.id} starts after "{version.starts_after}", which is no duty')


def _wrong_link(law: Law, what: str) -> UsageError:
    return UsageError(f"{law.file}: {what}.", next_step=f"correct {law.file}")


def overdue_for_review(laws: Laws, today: date) -> list[tuple[Law, DutyRule, Version]]:
    """The duties that nobody has compared with the text since their review date."""
    return [
        (law, rule, version)
        for law in laws.laws
        for rule in law.duties
        for version in rule.versions
        if version.review_by < today and (version.in_force_until is None or version.in_force_until >= today)
    ]


def _in_words(place: str) -> str:
    """A country's code as it is; a group by its name: "the EEA"."""
    return place if place.isupper() else f"the {place.upper()}"
