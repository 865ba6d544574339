"""
From a situation to what articles 33 and 34 ask: unlikely, risk or high; whom to tell; which exemption. Pure.

The judgement supports a decision. Where a person has decided, that decision is the answer, and what the rules would
have said stands beside it. What nobody knows never counts as "no": it leaves a decision open, and the strictest holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from incident.assess.enisa import OVERRIDES, Severity
from incident.assess.method import Method
from incident.assess.rules import Exemption, Rule, Rules
from incident.assess.situation import Known, Situation, situation_of
from incident.clock.conditions import Condition
from incident.record.vocabulary import Fact, vocabulary

LEVELS = ("unlikely", "risk", "high")
# What it was does not change by an answer; what is known of it does.
_WHAT_IT_WAS = {"incident_kind", "cause"}
# A person's own decision, and what follows from it, are no facts to decide by.
_DECISIONS = {"risk", "people_told", "harm_unlikely", *OVERRIDES.values()}


@dataclass(frozen=True)
class Tested:
    """An exemption of article 34(3) that was put to the test. why_not: what defeats it; empty where it holds."""

    id: str
    words: str
    told: str
    why_not: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.why_not


@dataclass(frozen=True)
class Change:
    """An answer that would change the level: a fact, the answer, and the level it leads to."""

    fact: str
    answer: str
    level: str


@dataclass(frozen=True)
class Judgement:
    """
    suggested: what the rules say, one of LEVELS; the strictest that is possible while something is open.
    level: the same, or what a person decided. open: "authority" or "people", the decisions that wait for an answer.
    decided_by: rules that decided. questions: what must be asked first, in words, with the source.
    missing: the facts to answer, those that settle most first. nothing_known: nobody has answered anything.
    """

    level: str
    suggested: str
    by_person: bool
    role: str
    open: tuple[str, ...]
    notify_authority: bool
    tell_people: bool
    tell_controllers: bool
    exemption: str | None
    tested: tuple[Tested, ...]
    decided_by: tuple[Rule, ...]
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    questions: tuple[str, ...]
    missing: tuple[str, ...]
    nothing_known: bool
    severity: Severity
    situation: Situation

    @cached_property
    def would_change(self) -> tuple[Change, ...]:
        """Worked out by trying every answer, so only where somebody wants to know."""
        case = self.situation
        return tuple(_changes(case.known, case.rules, case.method, self.suggested))

    @property
    def rests_on_nothing(self) -> bool:
        """Whether a person found a risk unlikely, and there is no fact to show for it."""
        return self.nothing_known and self.by_person and self.level == "unlikely"

    @property
    def public_notice(self) -> bool:
        """Whether a public notice takes the place of single messages."""
        return self.exemption == "34(3)(c)"


@dataclass(frozen=True)
class _Level:
    level: str
    open: frozenset[str]
    decided_by: tuple[Rule, ...]
    questions: tuple[str, ...]
    missing: tuple[str, ...]


def judge_risk(known: Known, rules: Rules, method: Method) -> Judgement:
    """The judgement on what is known, with everything it rests on."""
    situation = situation_of(known, rules, method)
    nothing_known = not any(known.answered(fact) for fact in rules.facts - _DECISIONS)
    found = _nothing(rules) if nothing_known else _level(situation)
    chosen = known.values.get("risk")
    level = chosen if isinstance(chosen, str) and chosen in LEVELS else found.level
    by_person = level is chosen
    tested = tuple(_tested(known, rules, method, situation, level if by_person else found.level))
    settled = by_person or "people" not in found.open  # no exemption answers a question that is still open
    exemption = next((each for each in tested if each.holds and settled), None)
    acts = known.role == "processor"
    told_otherwise = exemption is not None and exemption.id != "34(3)(c)"
    return Judgement(
        level=level,
        suggested=found.level,
        by_person=by_person,
        role=known.role,
        open=() if by_person or acts else tuple(sorted(found.open)),
        notify_authority=not acts and level != "unlikely",
        tell_people=not acts and level == "high" and not told_otherwise,
        tell_controllers=acts,
        exemption=None if acts or exemption is None else exemption.id,
        tested=tested,
        decided_by=found.decided_by,
        reasons_for=_reasons(situation, "for"),
        reasons_against=_reasons(situation, "against"),
        questions=found.questions,
        missing=found.missing,
        nothing_known=nothing_known,
        severity=situation.severity,
        situation=situation,
    )


def level_of(known: Known, rules: Rules, method: Method) -> str:
    """The level alone, as `judge_risk` suggests it."""
    return _level(situation_of(known, rules, method)).level


def _nothing(rules: Rules) -> _Level:
    asked = ("breach_type", "incident_kind", "cause", "data_categories", "recipients", "people_affected")
    words = ("Nothing is known yet; until something is, a high risk is assumed.",)
    return _Level("high", frozenset({"authority", "people"}), (), words, asked)


def _level(situation: Situation) -> _Level:
    rules = situation.rules
    high = [(rule, situation.judge(rule.when)) for rule in rules.high]
    certain = tuple(rule for rule, verdict in high if verdict.holds)
    if certain:
        return _Level("high", frozenset(), certain, (), ())
    unlikely = tuple(rule for rule in rules.unlikely if situation.judge(rule.when).holds)
    questions = [
        each
        for each in rules.questions
        if situation.judge(each.when).holds
        and not any(situation.known.answered(fact) for fact in each.facts)
        # Where a risk is unlikely, how bad it would be for the people is no question any more.
        and ("authority" in each.opens or not unlikely)
    ]
    opened = {name for each in questions for name in each.opens}
    asked = [fact for each in questions for fact in each.ask if not situation.known.answered(fact)]
    undecided = [verdict.missing for _, verdict in high if verdict.holds is None and verdict.missing]
    if undecided:
        opened |= {"people", "authority"} if unlikely else {"people"}
        asked += [fact for missing in undecided for fact in sorted(missing)]
    level = "high" if "people" in opened else "unlikely" if unlikely and not opened else "risk"
    words = tuple(f"{each.words} ({each.cite})" for each in questions)
    missing = tuple(dict.fromkeys(asked))
    return _Level(level, frozenset(opened), () if opened else unlikely, words, missing)


def _reasons(situation: Situation, side: str) -> tuple[str, ...]:
    return tuple(
        reason.words
        for reason in situation.rules.reasons
        if reason.side == side and situation.judge_strictly(reason.when).holds
    )


def _tested(known: Known, rules: Rules, method: Method, situation: Situation, level: str) -> Iterator[Tested]:
    """Each exemption that somebody claims, or that could matter: whether it holds, and what defeats it."""
    for exemption in rules.exemptions:
        if not situation.judge_strictly(exemption.claimed).holds:
            continue
        if level != "high" and not _is_why(exemption, known, rules, method, level):
            continue
        why_not = [words for when, words in exemption.defeats if _defeats(situation, when)]
        if not situation.judge(exemption.holds).holds:
            why_not = why_not or ["it is claimed, and no fact shows it"]
        yield Tested(exemption.id, exemption.words, exemption.told, tuple(why_not))


def _defeats(situation: Situation, when: Condition) -> bool:
    """Whether it is so, or cannot be told: an exemption is never assumed."""
    return situation.judge_strictly(when).holds is True or situation.judge(when).holds is None


def _is_why(exemption: Exemption, known: Known, rules: Rules, method: Method, level: str) -> bool:
    """Whether the people would have to be told but for what the exemption rests on."""
    if exemption.id != "34(3)(a)":
        return False
    bare = known.supposing("data_unintelligible", False).supposing("encryption", "none")
    return level_of(bare, rules, method) == "high"


def _changes(known: Known, rules: Rules, method: Method, level: str) -> Iterator[Change]:
    """Every answer, of a fact with few answers, that would lead to another level."""
    for fact in vocabulary().values():
        if fact.id not in rules.facts or fact.id in _DECISIONS | _WHAT_IT_WAS:
            continue
        for answer in _answers(fact):
            if known.values.get(fact.id) == answer:
                continue
            other = level_of(known.supposing(fact.id, answer), rules, method)
            if other != level:
                yield Change(fact.id, "yes" if answer is True else "no" if answer is False else str(answer), other)


def _answers(fact: Fact) -> tuple[bool | str, ...]:
    if fact.type == "yes_no":
        return (True, False)
    return tuple(option for option in fact.options if option != "unknown") if fact.type == "choice" else ()
