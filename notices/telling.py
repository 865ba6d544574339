"""
How facts reach a template: through a recorder that notes the name and version of whatever was read.

A fact that is not there is false in an `{% if %}`. Printed, it is either "not yet known", where the letter may say so
(article 33(4)), or missing; all missing ones are collected, so that a person hears of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, is_dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import TemplateError

from incident.moments import stamp
from incident.record.events import INCIDENT_KINDS, AwarenessDecided, happening_in
from incident.record.ledger import FactVersion
from incident.record.timeline import Incident
from incident.record.vocabulary import Fact, vocabulary
from notices import markdown
from notices.contents import AWARENESS, Item, Missing, missing_fact, missing_profile, named
from notices.followup import version_then
from notices.letters import Letter
from notices.markdown import Markdown
from notices.parts import BY_COUNTRY, Part, Split, split
from notices.wording import Wording

_AWARENESS = Fact(AWARENESS, "moment", "When did the organisation become aware?", "")


def present_versions(incident: Incident, names: Iterable[str]) -> dict[str, int]:
    """The version each of `names` has now, 0 where there is none; the awareness decision's is its journal sequence."""
    versions = {}
    for name in names:
        if name == AWARENESS:
            versions[name] = awareness_sequence(incident)
        else:
            found = incident.ledger.get(name)
            versions[name] = found.version if found else 0
    return versions


def awareness_sequence(incident: Incident) -> int:
    """The journal sequence of the awareness decision in force; 0 while nobody has decided."""
    counted = (
        event.sequence
        for event in incident.events
        if event.kind == AwarenessDecided.kind and event.sequence not in incident.taken_back
    )
    return max(counted, default=0)


@dataclass
class Record:
    """What one rendering read, and what it did not find. still_open: printed as "not yet known"."""

    facts: dict[str, int] = field(default_factory=dict)
    missing: dict[str, Missing] = field(default_factory=dict)
    still_open: dict[str, Missing] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """may_be_open: the letter may say "not yet known"; not for the facts in `strict`. items: what it must contain."""

    items: tuple[Item, ...]
    may_be_open: bool
    strict: frozenset[str]


class Facts:
    """The ledger as a template sees it: `facts.people_affected` is a `Said`. `facts.awareness` is the decision."""

    def __init__(
        self,
        incident: Incident,
        wording: Wording,
        zone: ZoneInfo,
        rules: Rules,
        record: Record,
        *,
        languages: Sequence[str] = (),
    ) -> None:
        self._incident = incident
        self._languages = languages
        self._wording = wording
        self._zone = zone
        self._rules = rules
        self._record = record

    def __getitem__(self, fact_id: str) -> Said:
        """Raises KeyError for a word that is not in the vocabulary; the template engine names its line."""
        fact = _AWARENESS if fact_id == AWARENESS else vocabulary()[fact_id]
        name = named(fact_id, self._wording.language)
        version = self._awareness() if fact_id == AWARENESS else self._incident.ledger.get(name)
        self._record.facts[name] = version.version if version else 0
        if version is None and fact.has_languages:  # said in another language of the plan, it is to be said here too
            self._record.facts.update(dict.fromkeys(self._others(fact_id), 0))
        return Said(fact, name, version, self._wording, self._zone, self)

    @property
    def language(self) -> str:
        return self._wording.language

    def _others(self, fact_id: str) -> list[str]:
        """The fact's names in the other languages of the organisation that it is not said in."""
        names = (f"{fact_id}@{language}" for language in self._languages)
        return [name for name in names if self._incident.ledger.get(name) is None]

    def now_or_in(self, fact_id: str, last: Letter | None, part: Part | None = None) -> Markdown:
        """
        How a fact reads now, or as `last` had it; for comparison, so that nothing is noted as missing.

        part: who lives where is the number of those people alone.
        """
        name = named(fact_id, self._wording.language)
        fact = _AWARENESS if fact_id == AWARENESS else vocabulary()[fact_id]
        if fact_id == AWARENESS:
            version = self._awareness(last.facts.get(AWARENESS) if last else None)
        else:
            version = version_then(self._incident, last, name) if last else self._incident.ledger.get(name)
        if version is None or version.state == "pending":
            return markdown.escape(self._wording.words["not_yet_known"])
        said = Said(fact, name, version, self._wording, self._zone, self)
        shown = said.of(part.countries).printed() if part and fact.id == BY_COUNTRY else said.printed()
        return shown if isinstance(shown, Markdown) else markdown.escape(shown)

    def stand_in(self, fact: Fact, name: str) -> str:
        """What is printed for a fact that is not known, after noting that it was wanted."""
        lacking = missing_fact(name, self._rules.items)
        if self._rules.may_be_open and fact.id not in self._rules.strict and not self.is_said_elsewhere(fact):
            self._record.still_open[name] = lacking
        else:
            self._record.missing[name] = lacking
        return self._wording.words["not_yet_known"]

    def is_said_elsewhere(self, fact: Fact) -> bool:
        """Known in some language: to call that "not yet known" in this one, or to leave it out, would be untrue."""
        return fact.has_languages and any(
            version.name.startswith(f"{fact.id}@") and version.is_known for version in self._incident.ledger
        )

    def _awareness(self, sequence: int | None = None) -> FactVersion | None:
        """The decision at `sequence`; None for the one in force."""
        number = awareness_sequence(self._incident) if sequence is None else sequence
        event = next((each for each in self._incident.events if number and each.sequence == number), None)
        decided = happening_in(event, INCIDENT_KINDS) if event else None
        if event is None or not isinstance(decided, AwarenessDecided):
            return None
        at = decided.at
        return FactVersion(AWARENESS, number, stamp(at), "exact", decided.because, event.actor, at, at, None, number)


class Said:
    """
    One fact in a template. True where there is something to say, "cannot be determined" included.

    Printed by itself it takes the form its type has; the properties give other forms. Plain texts are escaped when
    they are printed; paragraphs, bullets and steps are Markdown.
    """

    def __init__(
        self, fact: Fact, name: str, version: FactVersion | None, wording: Wording, zone: ZoneInfo, facts: Facts
    ) -> None:
        self._fact = fact
        self._name = name
        self._version = version
        self._wording = wording
        self._zone = zone
        self._facts = facts

    def __bool__(self) -> bool:
        if self._version is not None and self._version.state != "pending":
            return True
        # Said in another language, it is to be said in this one too: printed, it is missing, and the draft says so.
        return self._facts.is_said_elsewhere(self._fact)

    @property
    def known(self) -> bool:
        return self._version is not None and self._version.is_known

    @property
    def pending(self) -> bool:
        """Somebody recorded that it is not known yet, which is more than nobody having said anything."""
        return self._version is not None and self._version.state == "pending"

    @property
    def value(self) -> Any:
        """The stored value, None where nothing is known: for comparisons, not for printing."""
        return self._version.value if self._version and self.known else None

    @property
    def at(self) -> datetime | None:
        return self._version.moment if self._version else None

    def printed(self) -> str:
        """The form its type has."""
        if not self.known:
            return self._unsaid()
        if self._fact.type == "text":
            return markdown.paragraphs(self.value)
        return self._approximately(self._plain())

    @property
    def day(self) -> str:
        return self._dated(self._wording.day)

    @property
    def on_day(self) -> str:
        """The date as it stands in a sentence, after "on" in English."""
        return self._dated(self._wording.on_day)

    @property
    def names(self) -> list[str]:
        """The phrases of a set's options, in the order of the vocabulary."""
        if not self.known:
            return [self._unsaid()]
        return [self._wording.option(self._fact.id, key) for key in self._fact.options if key in self.value]

    @property
    def bullets(self) -> Markdown:
        """The names of a set, or the lines of a text, as a list."""
        return self._as_list(markdown.bullets)

    @property
    def outline(self) -> Markdown | str:
        """A text of one line as a paragraph, of several as a list."""
        lines = markdown.lines_of(self.value) if self.known else []
        return Markdown(markdown.bullets(lines)) if len(lines) > 1 else self.printed()

    @property
    def steps(self) -> Markdown:
        """The lines of a text as a numbered list."""
        return self._as_list(markdown.steps)

    @property
    def countries(self) -> list[tuple[str, str]]:
        """Countries and numbers, the largest number first, those of unknown places together at the end."""
        self._must_say_where()
        return self._tallied({})

    @property
    def countries_of_all(self) -> list[tuple[str, str]]:
        """The same, and with it those of the people affected whose country nobody stated: the table adds up."""
        self._must_say_where()
        everyone = self._facts["people_affected"].value
        rest = everyone - sum(self.value.values()) if everyone is not None and self.known else 0
        return self._tallied({"ZZ": rest} if rest > 0 else {})

    def of(self, countries: Sequence[str]) -> Counted:
        """How many of the people live in `countries`; those of unknown country are not among them."""
        return Counted(self._split(countries).inside, self)

    @property
    def unknown(self) -> Counted:
        """Of how many of the people affected the country is not known."""
        number = self._split(()).unknown
        return Counted(number, self._facts["people_affected"] if number is None else self)

    def is_all_of(self, countries: Sequence[str]) -> bool:
        """Whether everybody is known to live in `countries`, so that what is true of the whole is true of the part."""
        return self._split(countries).is_all_inside

    def _must_say_where(self) -> None:
        """Raise TemplateError, with which the draft names the template's line, for a fact of something else."""
        if self._fact.id != BY_COUNTRY:
            raise TemplateError(f"{self._fact.id} does not say in which countries people live; {BY_COUNTRY} does")

    def _split(self, countries: Sequence[str]) -> Split:
        self._must_say_where()
        everyone = self._facts["people_affected"].value
        return split(self.value, everyone, countries) if self.known else Split(None, None, None)

    def _tallied(self, more: dict[str, int]) -> list[tuple[str, str]]:
        if not self.known:
            return []
        totals: dict[str, int] = {}
        for code, count in (*self.value.items(), *more.items()):
            name = self._wording.country(code) if self._fact.id == BY_COUNTRY else self._wording.language_name(code)
            totals[name] = totals.get(name, 0) + count
        nowhere = self._wording.words["nowhere"]
        ordered = sorted(totals.items(), key=lambda pair: (pair[0] == nowhere, -pair[1], pair[0]))
        return [(name, self._approximately(self._wording.number(count))) for name, count in ordered]

    def _as_list(self, form: Any) -> Markdown:
        if not self.known:
            return markdown.escape(self._unsaid())
        listed = self.names if self._fact.type == "set" else markdown.lines_of(self.value)
        return Markdown(form(listed))

    def _plain(self) -> str:
        value, words = self.value, self._wording
        match self._fact.type:
            case "count":
                return words.number(value)
            case "moment":
                return words.moment(self._need_at(), self._zone)
            case "yes_no":
                return words.words["yes" if value else "no"]
            case "choice":
                return words.option(self._fact.id, value)
            case "set":
                return words.listed(self.names)
            case _:
                return "; ".join(f"{name} {count}" for name, count in self._tallied({}))

    def _dated(self, form: Any) -> str:
        if not self.known:
            return self._unsaid()
        day: str = form(self._need_at(), self._zone)
        # A day is rough enough to stand for an approximate time of that day, so it is marked as such all the same.
        return self._approximately(day)

    def _need_at(self) -> datetime:
        assert self.at is not None  # noqa: S101 - callers have asked `known` first
        return self.at

    def _approximately(self, shown: str) -> str:
        if self._version is None or self._version.state != "approximate":
            return shown
        form = "about" if self._fact.type in {"count", "tally"} else "at_about"
        return self._wording.words[form].format(value=shown)

    def _unsaid(self) -> str:
        if self._version is not None and self._version.state == "unknowable":
            # Why it is so is a note to ourselves: in one language, and not written for the reader.
            return self._wording.words["cannot_be_determined"]
        return self._facts.stand_in(self._fact, self._name)

    def counted(self, number: int | None) -> str:
        """A number that follows from this fact, as this fact would say it."""
        if number is None:
            return self._wording.words["cannot_be_determined"] if self.known else self._unsaid()
        return self._approximately(self._wording.number(number))


@dataclass(frozen=True)
class Counted:
    """A number of people that follows from a fact. False where it is 0; None: it cannot be told."""

    value: int | None
    _fact: Said

    def __bool__(self) -> bool:
        return self.value != 0

    @property
    def known(self) -> bool:
        return self.value is not None

    def printed(self) -> str:
        return self._fact.counted(self.value)


class Profile:
    """The organisation's profile in a template; what is not filled in is a `Blank`."""

    def __init__(self, values: Any, record: Record, items: tuple[Item, ...], path: str = "") -> None:
        self._values = values
        self._record = record
        self._items = items
        self._path = path

    def __getitem__(self, key: str) -> Any:
        if key.startswith("_") or not hasattr(self._values, key):
            raise KeyError(key)
        return self._wrapped(getattr(self._values, key), f"{self._path}.{key}" if self._path else key)

    def _wrapped(self, value: Any, path: str) -> Any:
        if value is None:
            return Blank(path, self._record, self._items)
        if is_dataclass(value):
            return Profile(value, self._record, self._items, path)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [self._wrapped(entry, path) for entry in value]
        return value


class Blank:
    """A key that organisation.toml does not have: false, and missing when printed."""

    def __init__(self, path: str, record: Record, items: tuple[Item, ...]) -> None:
        self._path = path
        self._record = record
        self._items = items

    def __bool__(self) -> bool:
        return False

    def __getitem__(self, key: str) -> Blank:
        return Blank(f"{self._path}.{key}", self._record, self._items)

    def printed(self) -> str:
        self._record.missing[self._path] = missing_profile(self._path, self._items)
        return ""
