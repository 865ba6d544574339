"""
Whether a record lets it stand that the data were unintelligible to whoever has them: `unintelligible.toml`, read.

The one place that says what refutes it. Laws, the judgement of risk and letters ask here, so that they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from incident.clock.circumstances import ASKABLE
from incident.clock.conditions import Condition, Kind, Value, judge, read_condition
from incident.datafile import Section, read_datafile
from incident.record.vocabulary import vocabulary

_FILE = "unintelligible.toml"


@dataclass(frozen=True)
class Refutation:
    """What speaks against it where `when` is known to hold. words: a clause that names the fact."""

    when: Condition
    words: str


@dataclass(frozen=True)
class Unintelligible:
    """states: the answers that state it, by fact. refuted: what the record may hold against it."""

    states: Mapping[str, Value]
    refuted: tuple[Refutation, ...]


def why_refuted(values: Mapping[str, Value]) -> tuple[str, ...]:
    """What is known, of facts by name, that shows the data were not unintelligible; one clause each."""
    return tuple(each.words for each in _shipped().refuted if judge(each.when, values).holds)


def states_it(fact: str, value: object) -> bool:
    """Whether `value`, as an answer to `fact`, says that the data were unintelligible."""
    states = _shipped().states
    return fact in states and states[fact] == value


def without_it(values: Mapping[str, Value]) -> dict[str, Value]:
    """The same facts, with nothing in them that states it; each such answer becomes "not known"."""
    return {name: None if states_it(name, value) else value for name, value in values.items()}


@cache
def _shipped() -> Unintelligible:
    return read_unintelligible(read_datafile(resources.files("incident.clock").joinpath(_FILE), name=f"clock/{_FILE}"))


def read_unintelligible(root: Section) -> Unintelligible:
    """Raises UsageError naming file, line and key of whatever is wrong."""
    root.day("checked_on")
    kinds = {fact.id: Kind(fact.type, fact.options) for fact in vocabulary().values() if fact.type in ASKABLE}
    states = root.section("states")
    answers = dict(states.items())
    for name, value in answers.items():
        kind = kinds.get(name) or states.wrong(name, "is no fact that can be asked")
        if not (value is True if kind.type == "yes_no" else value in kind.options):
            states.wrong(name, f"is {value!r}, which is no answer of {name}")
    states.finish()
    found = Unintelligible(answers, tuple(_refutation(entry, kinds) for entry in root.sections("refuted")))
    root.finish()
    return found


def _refutation(entry: Section, kinds: Mapping[str, Kind]) -> Refutation:
    try:
        when = read_condition(entry.text("when"), kinds)
    except ValueError as error:
        entry.wrong("when", str(error))
    refutation = Refutation(when, entry.text("words"))
    entry.finish()
    return refutation
