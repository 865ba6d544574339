"""`decision.toml` read: every condition checked against the vocabulary, every fact known, no key misspelt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from incident.assess.names import CIRCUMSTANCES, kinds_of_names
from incident.clock.circumstances import ASKABLE, as_value
from incident.clock.conditions import Condition, Kind, Value, read_condition
from incident.datafile import Section, read_datafile
from incident.record.vocabulary import data_categories, vocabulary

OPENS = ("authority", "people")


@dataclass(frozen=True)
class Inferred:
    """`fact` is taken to be `value` where nobody has answered it and `when` holds; `words` say why."""

    fact: str
    value: Value
    when: Condition
    words: str


@dataclass(frozen=True)
class Circumstance:
    """A name worked out from facts. no_first: which condition is looked at first. otherwise: where neither holds."""

    name: str
    words: str
    yes: Condition
    no: Condition | None
    no_first: bool
    otherwise: bool | None


@dataclass(frozen=True)
class Rule:
    """A condition that makes a high risk likely, or a risk unlikely."""

    id: str
    when: Condition
    words: str
    cite: str


@dataclass(frozen=True)
class Question:
    """Where `when` holds and none of `facts` is answered, the decisions `opens` are open; `ask` is to be answered."""

    id: str
    when: Condition
    facts: tuple[str, ...]
    ask: tuple[str, ...]
    opens: tuple[str, ...]
    words: str
    cite: str


@dataclass(frozen=True)
class Reason:
    """Something that speaks for or against a risk without deciding. side: "for" or "against"."""

    side: str
    when: Condition
    words: str


@dataclass(frozen=True)
class Exemption:
    """An exemption of article 34(3). told: the answer of `people_told` that claims it. defeats: what defeats it."""

    id: str
    told: str
    words: str
    holds: Condition
    claimed: Condition
    defeats: tuple[tuple[Condition, str], ...]


@dataclass(frozen=True)
class Factor:
    """One factor of the guidelines, and the facts that speak to it."""

    id: str
    words: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """groups: kinds of data by name. quiet: what is taken for a fact until it is answered."""

    groups: Mapping[str, frozenset[str]]
    quiet: Mapping[str, Value]
    inferred: tuple[Inferred, ...]
    circumstances: tuple[Circumstance, ...]
    high: tuple[Rule, ...]
    unlikely: tuple[Rule, ...]
    questions: tuple[Question, ...]
    reasons: tuple[Reason, ...]
    exemptions: tuple[Exemption, ...]
    factors: tuple[Factor, ...]

    @property
    def facts(self) -> frozenset[str]:
        """Every fact that a judgement looks at."""
        conditions = [each.when for each in (*self.high, *self.unlikely)]
        conditions += [each.when for each in self.inferred] + [each.when for each in self.questions]
        conditions += [part for each in self.circumstances for part in (each.yes, each.no) if part is not None]
        named = frozenset().union(*(part.names for part in conditions))
        return (named | {fact for factor in self.factors for fact in factor.facts}) & set(vocabulary())


@cache
def load_rules() -> Rules:
    """The rules the program ships. Raises UsageError naming file, line and key of whatever is wrong in them."""
    return read_rules(
        read_datafile(resources.files("incident.assess").joinpath("decision.toml"), name="assess/decision.toml")
    )


def read_rules(root: Section) -> Rules:
    """The rules in `root`. Raises UsageError for a name, an answer or a key that is not known."""
    root.day("checked_on")
    groups = _groups(root)
    reader = _Reader(kinds_of_names(groups))
    rules = Rules(
        groups=groups,
        quiet=_quiet(root.section("quiet")),
        inferred=tuple(reader.inferred(entry) for entry in root.sections("inferred")),
        circumstances=tuple(reader.circumstance(entry) for entry in root.sections("circumstance")),
        high=tuple(reader.rule(entry) for entry in root.sections("high")),
        unlikely=tuple(reader.rule(entry) for entry in root.sections("unlikely")),
        questions=tuple(reader.question(entry) for entry in root.sections("ask")),
        reasons=tuple(reader.reason(entry) for entry in root.sections("reason")),
        exemptions=tuple(reader.exemption(entry) for entry in root.sections("exemption")),
        factors=tuple(_factor(entry) for entry in root.sections("factor")),
    )
    if tuple(each.name for each in rules.circumstances) != CIRCUMSTANCES:
        root.wrong("circumstance", f"must be, in this order: {', '.join(CIRCUMSTANCES)}")
    root.finish()
    return rules


class _Reader:
    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds

    def condition(self, entry: Section, key: str) -> Condition:
        try:
            return read_condition(entry.text(key), self.kinds)
        except ValueError as error:
            entry.wrong(key, str(error))

    def inferred(self, entry: Section) -> Inferred:
        fact = entry.text("fact")
        when, words = self.condition(entry, "when"), entry.text("words")
        read = Inferred(fact, _answer(entry, "value", fact, _stated(entry, fact)), when, words)
        entry.finish()
        return read

    def circumstance(self, entry: Section) -> Circumstance:
        read = Circumstance(
            name=entry.choice("name", CIRCUMSTANCES),
            words=entry.text("words"),
            yes=self.condition(entry, "yes"),
            no=self.condition(entry, "no") if "no" in entry else None,
            no_first=entry.choice("first", ("yes", "no")) == "no",
            otherwise=entry.flag("otherwise") if "otherwise" in entry else None,
        )
        entry.finish()
        return read

    def rule(self, entry: Section) -> Rule:
        rule = Rule(entry.text("id"), self.condition(entry, "when"), entry.text("words"), entry.text("cite"))
        entry.finish()
        return rule

    def question(self, entry: Section) -> Question:
        facts = _facts(entry, "facts")
        question = Question(
            id=entry.text("id"),
            when=self.condition(entry, "when"),
            facts=facts,
            ask=_facts(entry, "ask") if "ask" in entry else facts,
            opens=entry.texts("opens"),
            words=entry.text("words"),
            cite=entry.text("cite"),
        )
        if not question.opens or not set(question.opens) <= set(OPENS):
            entry.wrong("opens", f"must name some of {', '.join(OPENS)}")
        entry.finish()
        return question

    def reason(self, entry: Section) -> Reason:
        reason = Reason(entry.choice("side", ("for", "against")), self.condition(entry, "when"), entry.text("words"))
        entry.finish()
        return reason

    def exemption(self, entry: Section) -> Exemption:
        exemption = Exemption(
            id=entry.text("id"),
            told=entry.choice("told", vocabulary()["people_told"].options),
            words=entry.text("words"),
            holds=self.condition(entry, "holds"),
            claimed=self.condition(entry, "claimed"),
            defeats=tuple(self._defeat(part) for part in entry.sections("defeat")),
        )
        entry.finish()
        return exemption

    def _defeat(self, entry: Section) -> tuple[Condition, str]:
        defeat = (self.condition(entry, "when"), entry.text("words"))
        entry.finish()
        return defeat


def _groups(root: Section) -> dict[str, frozenset[str]]:
    every = frozenset(data_categories())
    groups = {}
    for key, turned in (("group", False), ("group_except", True)):
        section = root.section(key)
        for name, _ in section.items():
            named = frozenset(section.texts(name))
            if not named <= every:
                section.wrong(name, f"names what is no kind of data: {', '.join(sorted(named - every))}")
            groups[name] = every - named if turned else named
    return groups


def _quiet(section: Section) -> dict[str, Value]:
    return {name: _answer(section, name, name, value) for name, value in section.items()}


def _stated(entry: Section, fact: str) -> object:
    known = vocabulary().get(fact)
    if known is not None and known.type == "count":
        return entry.whole("value")
    return list(entry.texts("value")) if entry.is_list("value") else entry.text("value")


def _answer(section: Section, key: str, fact: str, value: object) -> Value:
    """`value` as an answer of `fact`; a choice may also be "", for none of its answers."""
    known = vocabulary().get(fact)
    if known is None or known.type not in ASKABLE:
        section.wrong(key, f"is about {fact}, which is no fact that can be asked")
    words = value if isinstance(value, list) else [value] if value != "" else []
    if known.type in {"choice", "set"} and not set(words) <= set(known.options):
        section.wrong(key, f"must be an answer of {fact}: {', '.join(known.options)}")
    return as_value(value)


def _facts(entry: Section, key: str) -> tuple[str, ...]:
    named = entry.texts(key)
    for fact in named:
        if fact not in vocabulary():
            entry.wrong(key, f'names "{fact}", which is not in the vocabulary of facts')
    return named or entry.wrong(key, "must name at least one fact")


def _factor(entry: Section) -> Factor:
    factor = Factor(entry.text("id"), entry.text("words"), _facts(entry, "facts"))
    entry.finish()
    return factor
