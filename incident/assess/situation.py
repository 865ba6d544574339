"""What is known, what follows from it, and what is taken until somebody says otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from incident.assess.enisa import Severity, severity_of
from incident.assess.method import Method
from incident.assess.names import BAND, IDENTIFICATION, REFUTED, SCORE
from incident.assess.rules import Circumstance, Inferred, Rules
from incident.clock.conditions import Condition, Value, Verdict, judge
from incident.clock.unintelligible import why_refuted


@dataclass(frozen=True)
class Known:
    """
    What a judgement starts from.

    values: answered facts by id, in the form conditions ask. reasons: why a fact was stated so, by id.
    role: as which the organisation acts in this matter. approximate: ids of facts that are known only about.
    """

    values: Mapping[str, Value]
    reasons: Mapping[str, str] = field(default_factory=dict)
    role: str = "controller"
    approximate: frozenset[str] = frozenset()

    def answered(self, fact: str) -> bool:
        return self.values.get(fact) is not None

    def supposing(self, fact: str, value: Value) -> Known:
        """The same with another answer; None takes the answer away."""
        return Known({**self.values, fact: value}, self.reasons, self.role, self.approximate)


@dataclass(frozen=True)
class Situation:
    """
    A case worked out.

    values: facts, inferred facts, circumstances, scores and groups. inferred: what was inferred, with why.
    severity: ENISA's.
    """

    known: Known
    rules: Rules
    method: Method
    values: Mapping[str, Value]
    inferred: tuple[Inferred, ...]
    severity: Severity
    unknown: Mapping[str, frozenset[str]]

    @cached_property
    def supposed(self) -> Mapping[str, Value]:
        """The values, with what is taken for a fact until it is answered."""
        return {**self.rules.quiet, **{name: value for name, value in self.values.items() if value is not None}}

    def judge(self, condition: Condition) -> Verdict:
        """Whether `condition` holds; the missing names are facts a person can answer."""
        verdict = judge(condition, self.supposed)
        return Verdict(verdict.holds, self._facts(verdict.missing)) if verdict.holds is None else verdict

    def judge_strictly(self, condition: Condition) -> Verdict:
        """The same, with nothing taken for a fact that nobody answered."""
        return judge(condition, self.values)

    def _facts(self, names: frozenset[str]) -> frozenset[str]:
        """Circumstances and scores replaced by the facts that would settle them."""
        facts: frozenset[str] = frozenset()
        for name in names:
            facts |= self.unknown.get(name, frozenset({name}))
        return frozenset(fact for fact in facts if fact not in self.rules.quiet)


def situation_of(known: Known, rules: Rules, method: Method) -> Situation:
    """Infer, work out the circumstances, score."""
    values: dict[str, Value] = {**rules.groups, **known.values, "role": known.role}
    values[REFUTED] = bool(why_refuted(known.values))
    unknown: dict[str, frozenset[str]] = {}
    before = frozenset().union(*(each.when.names for each in rules.inferred))
    for each in rules.circumstances:
        if each.name in before:
            _work_out(each, values, unknown)
    inferred = []
    for guess in rules.inferred:
        if values.get(guess.fact) is None and judge(guess.when, values).holds:
            values[guess.fact] = guess.value
            inferred.append(guess)
    for each in rules.circumstances:
        _work_out(each, values, unknown)
    severity = severity_of(method, values, known.reasons)
    values[SCORE] = severity.dpc.hundredths // 100 if severity.dpc.hundredths is not None else None
    values[IDENTIFICATION] = severity.ei.hundredths
    values[BAND] = severity.severity
    unknown[SCORE] = unknown[BAND] = frozenset({"data_categories"})
    return Situation(known, rules, method, values, tuple(inferred), severity, unknown)


def _work_out(each: Circumstance, values: dict[str, Value], unknown: dict[str, frozenset[str]]) -> None:
    yes = judge(each.yes, values)
    no = judge(each.no, values) if each.no else Verdict(False)
    order = ((no, False), (yes, True)) if each.no_first else ((yes, True), (no, False))
    found: Value = next((answer for verdict, answer in order if verdict.holds), each.otherwise)
    values[each.name] = found
    names = yes.missing | no.missing
    unknown[each.name] = frozenset().union(*(unknown.get(name, frozenset({name})) for name in names))
