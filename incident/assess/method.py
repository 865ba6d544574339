"""`enisa.toml` read: the numbers of the severity method, each checked against the vocabulary of facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from incident.assess.names import kinds_of_names
from incident.clock.conditions import Condition, read_condition
from incident.datafile import Section, read_datafile
from incident.record.vocabulary import data_categories, vocabulary


@dataclass(frozen=True)
class Shows:
    """What other facts say of a class of data until its own fact is answered."""

    condition: Condition
    answer: str


@dataclass(frozen=True)
class DataClass:
    """base, adds: hundredths of DPC; adds by answer of `fact`. usual: the answer that a kind of data commonly has."""

    id: str
    words: str
    base: int
    fact: str
    base_answer: str
    adds: Mapping[str, int]
    categories: frozenset[str]
    usual: Mapping[str, str]
    when: tuple[Shows, ...]


@dataclass(frozen=True)
class UsualIdentifier:
    """How easily people are identified, in hundredths of EI, where all these kinds of data are together."""

    all_of: frozenset[str]
    hundredths: int
    words: str


@dataclass(frozen=True)
class Circumstance:
    """What adds to CB: hundredths by answer of `fact`, asked where `concerned` does not say that it is not so."""

    id: str
    words: str
    fact: str
    concerned: str
    values: Mapping[str, int]
    strictest: int


@dataclass(frozen=True)
class Method:
    """bands: (hundredths from which it holds, severity, words), lowest first."""

    source: str
    bands: tuple[tuple[int, str, str], ...]
    classes: tuple[DataClass, ...]
    ease: Mapping[str, int]
    identifiers: Mapping[str, int]
    usual_identifiers: tuple[UsualIdentifier, ...]
    circumstances: tuple[Circumstance, ...]

    def band(self, hundredths: int) -> tuple[str, str]:
        """The severity of a score, and what it means."""
        _, severity, words = [band for band in self.bands if band[0] <= hundredths][-1]
        return severity, words


@cache
def load_method() -> Method:
    """The method the program ships. Raises UsageError naming file, line and key of whatever is wrong in it."""
    return read_method(
        read_datafile(resources.files("incident.assess").joinpath("enisa.toml"), name="assess/enisa.toml")
    )


def read_method(root: Section) -> Method:
    """The method in `root`. Raises UsageError for an unknown fact, answer or kind of data, and for a missing one."""
    root.day("checked_on")
    method = Method(
        source=root.text("source"),
        bands=tuple(_band(entry) for entry in root.sections("band")),
        classes=tuple(_class(entry) for entry in root.sections("class")),
        ease=_answers(root, "ease", "ease_of_identification"),
        identifiers=_answers(root, "identifier", "identified_by"),
        usual_identifiers=tuple(_usual(entry) for entry in root.sections("usual_identifier")),
        circumstances=tuple(_circumstance(entry) for entry in root.sections("circumstance")),
    )
    classified = [kind for data in method.classes for kind in data.categories]
    for kind in data_categories():
        if classified.count(kind) != 1:
            root.wrong("class", f"must have {kind} in exactly one class")
    root.finish()
    return method


def _band(entry: Section) -> tuple[int, str, str]:
    band = (entry.whole("from"), entry.text("severity"), entry.text("words"))
    entry.finish()
    return band


def _class(entry: Section) -> DataClass:
    fact = entry.text("fact")
    adds = _answers(entry, "adds", fact)
    data = DataClass(
        id=entry.text("id"),
        words=entry.text("words"),
        base=entry.whole("base"),
        fact=fact,
        base_answer=entry.choice("base_answer", tuple(adds)),
        adds=adds,
        categories=_kinds(entry, "categories"),
        usual=dict(entry.section("usual").items()) if "usual" in entry else {},
        when=tuple(_shows(part, tuple(adds)) for part in entry.sections("when")),
    )
    if not set(data.usual) <= data.categories or not set(data.usual.values()) <= set(adds):
        entry.wrong("usual", "must name kinds of this class, and answers of its fact")
    entry.finish()
    return data


def _shows(entry: Section, answers: tuple[str, ...]) -> Shows:
    try:
        condition = read_condition(entry.text("when"), kinds_of_names())
    except ValueError as error:
        entry.wrong("when", str(error))
    shows = Shows(condition, entry.choice("answer", answers))
    entry.finish()
    return shows


def _usual(entry: Section) -> UsualIdentifier:
    usual = UsualIdentifier(_kinds(entry, "all_of"), entry.whole("value"), entry.text("words"))
    entry.finish()
    return usual


def _circumstance(entry: Section) -> Circumstance:
    fact = entry.text("fact")
    known = vocabulary()[fact].options if fact in vocabulary() else entry.wrong("fact", "is not in the vocabulary")
    values = dict(entry.section("values").items())
    if not set(values) <= set(known):
        entry.wrong("values", f"must be answers of {fact}")
    each = Circumstance(
        id=entry.text("id"),
        words=entry.text("words"),
        fact=fact,
        concerned=entry.choice("concerned", ("confidential", "altered", "unavailable", "malicious")),
        values=values,
        strictest=entry.whole("strictest"),
    )
    entry.finish()
    return each


def _answers(section: Section, key: str, fact: str) -> dict[str, int]:
    """Whole numbers by answer of `fact`: every answer has one, and nothing else has."""
    found = dict(section.section(key).items())
    known = vocabulary()[fact].options if fact in vocabulary() else ()
    if set(found) != set(known) or not all(isinstance(value, int) for value in found.values()):
        section.wrong(key, f"must give a whole number for every answer of {fact}: {', '.join(known)}")
    return found


def _kinds(section: Section, key: str) -> frozenset[str]:
    named = section.texts(key)
    for kind in named:
        if kind not in data_categories():
            section.wrong(key, f'names "{kind}", which is no kind of record/categories.toml')
    return frozenset(named)
