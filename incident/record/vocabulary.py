"""
The declared vocabulary of facts: `vocabulary.toml` parsed, and values read from what a person types.

A value is stored in one plain form for each type, so that equal answers are equal bytes:
text and choice -> str, count -> int, yes_no -> bool, moment -> UTC stamp, set -> sorted list, tally -> object.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from incident.errors import UsageError
from incident.moments import EXAMPLES, read_moment, stamp
from incident.record.canonical import Json

STATES = ("exact", "approximate", "unknowable", "pending")
_TYPES = ("text", "count", "moment", "yes_no", "choice", "set", "tally")
_KEYS = {"id", "type", "past", "options", "question", "help", "edpb", "when"}
_NAME = re.compile(r"(?P<id>[a-z0-9_]+)(?:@(?P<language>[a-z]{2,3}))?")


@dataclass(frozen=True)
class Fact:
    """
    One question the ledger can hold an answer to.

    type: one of the types in vocabulary.toml. options: the allowed keys of a choice or set, else empty.
    edpb: field numbers of the EDPB common notification template. past: a moment that cannot lie in the future.
    when: the condition under which a person is asked, None for always (read by `incident/asking`).
    """

    id: str
    type: str
    question: str
    help: str
    options: tuple[str, ...] = ()
    edpb: tuple[int, ...] = ()
    past: bool = False
    when: str | None = None

    @property
    def has_languages(self) -> bool:
        return self.type == "text"


@dataclass(frozen=True)
class FactName:
    """A fact, and the language where its text has one; written `what_happened@et`."""

    fact: Fact
    language: str | None = None

    def __str__(self) -> str:
        return f"{self.fact.id}@{self.language}" if self.language else self.fact.id


@cache
def data_categories() -> tuple[str, ...]:
    """The ids of categories.toml, in its order."""
    text = resources.files("incident.record").joinpath("categories.toml").read_text(encoding="utf-8")
    return tuple(entry["id"] for entry in tomllib.loads(text)["category"])


@cache
def identifying_categories() -> frozenset[str]:
    """The ids of data by which a person can be singled out; what goes along with them is not anonymous."""
    text = resources.files("incident.record").joinpath("categories.toml").read_text(encoding="utf-8")
    return frozenset(entry["id"] for entry in tomllib.loads(text)["category"] if entry.get("singles_out"))


@cache
def vocabulary() -> dict[str, Fact]:
    """Every declared fact by id, in the order of the file. Raises ValueError where the shipped file is wrong."""
    text = resources.files("incident.record").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    facts: dict[str, Fact] = {}
    for entry in tomllib.loads(text)["fact"]:
        if set(entry) - _KEYS or entry["type"] not in _TYPES or entry["id"] in facts:
            raise ValueError(f"vocabulary.toml: fact {entry.get('id')!r} is not well formed")
        options = entry.get("options", ())
        entry["options"] = data_categories() if options == "data_categories" else tuple(options)
        entry["edpb"] = tuple(entry.get("edpb", ()))
        facts[entry["id"]] = Fact(**entry)
    return facts


def fact_named(name: str, *, languages: Sequence[str]) -> FactName:
    """
    The fact a person means by `name`.

    languages: the organisation's, first one first; a text without "@language" is in that one.
    Raises UsageError with the nearest names for a word that is not in the vocabulary.
    """
    found = _NAME.fullmatch(name)
    fact = vocabulary().get(found["id"]) if found else None
    if found is None or fact is None:
        word = name.partition("@")[0]
        holding = [known for known in vocabulary() if word in known]
        near = (holding + difflib.get_close_matches(word, vocabulary()))[:4]
        raise UsageError(
            f'There is no fact called "{name}".',
            state="Nothing was recorded.",
            next_step=f"did you mean {' or '.join(near)}?" if near else "incident facts --missing lists the names",
        )
    language = found["language"]
    if language and not fact.has_languages:
        raise UsageError(f"{fact.id} is a {fact.type} and has no language.", next_step=f"incident fact {fact.id} …")
    if fact.has_languages:
        language = language or languages[0]
    return FactName(fact, language)


def read_value(fact: Fact, text: str, *, now: datetime, zone: ZoneInfo) -> Json:
    """
    `text` as a person typed it, in the stored form of `fact`.

    Raises UsageError naming the fact and what it takes.
    """
    words = text.strip()
    if fact.type == "text" and words:
        return words
    if fact.type == "count" and re.fullmatch(r"\d{1,15}", plain := re.sub(r"[\s_,']", "", words)):
        return int(plain)
    if fact.type == "moment":
        return stamp(read_moment(words, now=now, zone=zone).at)
    if fact.type == "yes_no" and words.lower() in {"yes", "no", "true", "false"}:
        return words.lower() in {"yes", "true"}
    if fact.type == "choice" and words in fact.options:
        return words
    if fact.type == "set":
        chosen = {part.strip() for part in words.split(",") if part.strip()}
        if chosen and chosen <= set(fact.options):
            return sorted(chosen)
    if fact.type == "tally" and (tally := _tally(words)) is not None:
        return tally
    raise UsageError(f'{fact.id} cannot be "{text}".', state="Nothing was recorded.", next_step=f"give {_takes(fact)}")


def command_for(name: str) -> str:
    """The exact command that records the fact called `name`, with "@" and the language for texts."""
    fact = vocabulary()[name.partition("@")[0]]
    value = {
        "text": '"…"',
        "count": "NUMBER",
        "moment": "WHEN",
        "yes_no": "yes|no",
        "choice": "|".join(fact.options),
        "set": ",".join(fact.options) if len(fact.options) < 5 else "KEY,KEY",
        "tally": "EE=120,FI=31",
    }[fact.type]
    return f"incident fact {name} {value}"


def takes(fact: Fact) -> str:
    """What an answer to `fact` looks like, in words."""
    return _takes(fact) if fact.type != "moment" else "a time, such as " + ", ".join(EXAMPLES[:5])


def _tally(words: str) -> dict[str, int] | None:
    pairs = [
        re.fullmatch(r"([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\s*=\s*(\d{1,15})", part.strip())
        for part in words.split(",")
    ]
    if not all(pairs):
        return None
    return {pair[1]: int(pair[2]) for pair in pairs if pair}


def _takes(fact: Fact) -> str:
    if fact.type == "choice":
        return "one of: " + ", ".join(fact.options)
    if fact.type == "set":
        return "some of these, with commas between: " + ", ".join(fact.options)
    return {
        "text": "some words",
        "count": "a whole number, 0 or more",
        "yes_no": "yes or no",
        "tally": "numbers by key, such as EE=120,FI=31",
    }[fact.type]
