"""What notices are made of beside the law's own items: `contents.toml` and `beyond.toml`, parsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from incident.clock.judging import Duty
from incident.clock.rules import CONFIDENCE
from incident.datafile import Section, read_datafile
from incident.record.vocabulary import vocabulary

AWARENESS = "awareness"  # a decision with a reason, asked like a fact
RISK = "risk"  # a decision too, kept as a fact
FORMS = ("edpb",)


@dataclass(frozen=True)
class Contents:
    """
    What one kind of notice is made of.

    owed_to: of the duties it fulfils. laws: whose duties; empty: those that list no items of their own.
    first: what even a first notice has, in order. whole: what the complete one has beyond that, in order.
    instead: by a fact of `first`, those that would do as well.
    """

    owed_to: tuple[str, ...]
    laws: tuple[str, ...]
    first: tuple[str, ...]
    whole: tuple[str, ...]
    instead: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Asked:
    """
    What a single authority asks beyond form and law. facts: what answers it; else `derived` says what does, in words.

    country: only where that country's authority is the one addressed. later: only of a notice that follows another.
    """

    duties: tuple[str, ...]
    words: str
    facts: tuple[str, ...]
    derived: str | None
    source: str
    confidence: str
    country: str | None = None
    later: bool = False


@dataclass(frozen=True)
class Beyond:
    """
    in_the_letter: how the items of law begin that the text of a letter says by itself. later: how those begin that a
    first notice may go without.
    """

    asked: tuple[Asked, ...]
    in_the_letter: tuple[str, ...]
    later: tuple[str, ...]


@dataclass(frozen=True)
class Library:
    """
    Both files. judging: the facts a judgement of the risk rests on, in the order in which they are asked.
    """

    contents: tuple[Contents, ...]
    judging: tuple[str, ...]
    beyond: Beyond

    def of(self, duty: Duty) -> Contents | None:
        """The contents of the notice that fulfils `duty`; None where the law's own list is all there is."""
        fitting = [each for each in self.contents if duty.owed_to in each.owed_to]
        named = next((each for each in fitting if duty.law in each.laws), None)
        if named is not None or duty.items:
            return named
        return next((each for each in fitting if not each.laws), None)


@cache
def library() -> Library:
    """The files that ship. Raises UsageError naming file, line and key of whatever is wrong."""
    root = _shipped("contents.toml")
    judging = root.section("judging_the_risk")
    found = Library(
        contents=tuple(_contents(entry) for entry in root.sections("notice")),
        judging=_facts(judging, "facts"),
        beyond=_beyond(_shipped("beyond.toml")),
    )
    judging.finish()
    root.finish()
    return found


def fields_in_order() -> tuple[str, ...]:
    """The facts that fill fields of the EDPB's common template, in the order of the form."""
    filling = [fact for fact in vocabulary().values() if fact.edpb]
    return tuple(fact.id for fact in sorted(filling, key=lambda fact: fact.edpb[0]))


def _shipped(name: str) -> Section:
    return read_datafile(resources.files("incident.asking").joinpath(name), name=f"asking/{name}")


def _contents(entry: Section) -> Contents:
    form = entry.choice("form", FORMS) if "form" in entry else None
    first = [_checked(entry, "first", entered.split("|")) for entered in entry.texts("first")]
    then = _facts(entry, "then")
    contents = Contents(
        owed_to=entry.texts("owed_to") or entry.wrong("owed_to", "must name somebody"),
        laws=entry.texts("laws"),
        first=tuple(names[0] for names in first),
        whole=(*(fields_in_order() if form else ()), *then),
        instead={names[0]: names[1:] for names in first},
    )
    entry.finish()
    return contents


def _beyond(root: Section) -> Beyond:
    beyond = Beyond(
        asked=tuple(_asked(entry) for entry in root.sections("asked")),
        in_the_letter=tuple(_words(entry) for entry in root.sections("in_the_letter")),
        later=tuple(_words(entry) for entry in root.sections("later")),
    )
    root.finish()
    return beyond


def _words(entry: Section) -> str:
    words = entry.text("words")
    entry.finish()
    return words


def _asked(entry: Section) -> Asked:
    asked = Asked(
        duties=entry.texts("duties"),
        words=entry.text("words"),
        facts=_facts(entry, "facts"),
        derived=entry.text_or_none("derived"),
        source=entry.text("source"),
        confidence=entry.choice("confidence", CONFIDENCE),
        country=entry.text_or_none("country"),
        later=entry.flag("later"),
    )
    if bool(asked.facts) == bool(asked.derived):
        entry.wrong("facts", "or derived must be given, and not both")
    entry.finish()
    return asked


def _facts(entry: Section, key: str) -> tuple[str, ...]:
    return _checked(entry, key, entry.texts(key))


def _checked(entry: Section, key: str, names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name != AWARENESS and name not in vocabulary():
            entry.wrong(key, f'names "{name}", which is not in the vocabulary of facts')
    return tuple(names)
