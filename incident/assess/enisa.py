"""
ENISA's severity of a breach, SE = DPC x EI + CB, with the fact and the rule behind every number. Pure.

Scores are whole hundredths inside (EI 0.25 is 25), so that they add up exactly; `as_number` shows them as ENISA does.
A fact nobody has answered is taken at its strictest and marked as assumed. Where it is not known which data were
touched there is no score: none is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incident.assess.method import Circumstance, DataClass, Method
from incident.clock.conditions import Value, judge

OVERRIDES = {"dpc": "enisa_dpc", "ei": "enisa_ei", "cb": "enisa_cb"}
MANY = 100  # ENISA's flag: more individuals than this


@dataclass(frozen=True)
class Part:
    """
    One number and where it comes from.

    hundredths: what it is, or adds. fact: the id of the fact that decided. why: the rule, in words.
    assumed: nobody has answered the fact; the strictest, or what such data usually are, was taken.
    """

    hundredths: int
    fact: str
    why: str
    assumed: bool = False


@dataclass(frozen=True)
class Score:
    """
    One of DPC, EI and CB. hundredths: None where it cannot be said.

    computed: what the rules gave, where a person set another value; else the same. because: that person's reason.
    """

    hundredths: int | None
    parts: tuple[Part, ...] = ()
    computed: int | None = None
    because: str | None = None


@dataclass(frozen=True)
class Severity:
    """The result. hundredths, severity: None where the data are not known. flags: what ENISA notes beside the score."""

    dpc: Score
    ei: Score
    cb: Score
    hundredths: int | None
    severity: str | None
    words: str | None
    flags: tuple[str, ...]

    @property
    def assumed(self) -> tuple[str, ...]:
        """The facts that nobody has answered and the score rests on."""
        parts = (*self.dpc.parts, *self.ei.parts, *self.cb.parts)
        return tuple(dict.fromkeys(part.fact for part in parts if part.assumed))


def as_number(hundredths: int | None) -> float | int | None:
    """Hundredths as a number: 225 -> 2.25, 300 -> 3."""
    if hundredths is None:
        return None
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def severity_of(method: Method, values: Mapping[str, Value], reasons: Mapping[str, str]) -> Severity:
    """
    values: the facts by id, with the circumstances `confidential`, `altered`, `unavailable`, `malicious`,
    `unreadable` worked out (None: not known). reasons: why a fact was stated so, by id; an override needs one.
    """
    dpc = _overridden("dpc", _dpc(method, values), values, reasons)
    ei = _overridden("ei", _ei(method, values), values, reasons)
    cb = _overridden("cb", _cb(method, values), values, reasons)
    total = band = words = None
    if dpc.hundredths is not None and ei.hundredths is not None and cb.hundredths is not None:
        total = dpc.hundredths * ei.hundredths // 100 + cb.hundredths
        band, words = method.band(total)
    return Severity(dpc, ei, cb, total, band, words, _flags(values))


def _overridden(name: str, score: Score, values: Mapping[str, Value], reasons: Mapping[str, str]) -> Score:
    fact = OVERRIDES[name]
    chosen = values.get(fact)
    if not isinstance(chosen, str):
        return score
    because = reasons.get(fact, "")
    part = Part(round(float(chosen) * 100), fact, f"set by a person: {because or 'no reason was given'}")
    return Score(part.hundredths, (part,), score.hundredths, because)


def _dpc(method: Method, values: Mapping[str, Value]) -> Score:
    touched = values.get("data_categories")
    kinds = touched if isinstance(touched, frozenset) else frozenset()
    parts = []
    for data in method.classes:
        if kinds & data.categories or isinstance(values.get(data.fact), str):
            parts.append(_of_class(data, kinds, values))
    if not parts:
        return Score(None)
    highest = max(part.hundredths for part in parts)
    return Score(highest, tuple(parts), highest)


def _of_class(data: DataClass, kinds: frozenset[str], values: Mapping[str, Value]) -> Part:
    answer, fact, assumed = values.get(data.fact), data.fact, False
    if not isinstance(answer, str):
        holding = [when for when in data.when if judge(when.condition, values).holds]
        if holding:
            answer, fact = holding[0].answer, ", ".join(sorted(holding[0].condition.names))
        else:
            # Of several kinds the one that usually shows most decides.
            usual = [data.usual.get(kind, data.base_answer) for kind in sorted(kinds & data.categories)]
            answer = max(usual, key=lambda word: data.adds[word], default=data.base_answer)
            assumed = True
    added = data.adds[answer]
    moved = f" {'+' if added > 0 else '-'} {as_number(abs(added))}" if added else ""
    why = f"{data.words}: {as_number(data.base)}{moved} ({answer.replace('_', ' ')})"
    return Part(min(400, max(100, data.base + added)), fact, why, assumed)


def _ei(method: Method, values: Mapping[str, Value]) -> Score:
    stated = values.get("ease_of_identification")
    if isinstance(stated, str):
        return _single(Part(method.ease[stated], "ease_of_identification", f"{stated}, as stated"))
    identifiers = values.get("identified_by")
    if isinstance(identifiers, frozenset) and identifiers:
        parts = [
            Part(method.identifiers[name], "identified_by", name.replace("_", " ")) for name in sorted(identifiers)
        ]
        highest = max(part.hundredths for part in parts)
        return Score(highest, tuple(parts), highest)
    if values.get("encryption") == "pseudonymised":
        safe = values.get("key_safe") is True
        why = "a code, without the table that resolves it" if safe else "a code; it is not known that its table is safe"
        return _single(Part(25 if safe else 75, "encryption", why, not safe))
    touched = values.get("data_categories")
    kinds = touched if isinstance(touched, frozenset) else frozenset()
    usual = [each for each in method.usual_identifiers if each.all_of <= kinds]
    if usual:
        strongest = max(usual, key=lambda each: each.hundredths)
        return _single(Part(strongest.hundredths, "identified_by", strongest.words, assumed=True))
    return _single(Part(100, "identified_by", "not known; the strictest is taken", assumed=True))


def _single(part: Part) -> Score:
    return Score(part.hundredths, (part,), part.hundredths)


def _cb(method: Method, values: Mapping[str, Value]) -> Score:
    parts = tuple(_circumstance(each, values) for each in method.circumstances)
    total = sum(part.hundredths for part in parts)
    return Score(total, parts, total)


def _circumstance(each: Circumstance, values: Mapping[str, Value]) -> Part:
    concerned = values.get(each.concerned)
    answer = values.get(each.fact)
    if concerned is False:
        return Part(0, each.fact, f"{each.words}: none")
    # Who acted on purpose is known from the kind of incident too; the fact need not say it again.
    if concerned is True and each.fact == "cause":
        return Part(each.strictest, each.fact, f"{each.words}: yes")
    if isinstance(answer, str) and answer in each.values:
        return Part(each.values[answer], each.fact, f"{each.words}: {f'{each.fact} {answer}'.replace('_', ' ')}")
    return Part(each.strictest, each.fact, f"{each.words}: not known; the strictest is taken", assumed=True)


def _flags(values: Mapping[str, Value]) -> tuple[str, ...]:
    flags = []
    people = values.get("people_affected")
    if isinstance(people, int) and people > MANY:
        flags.append(f"more than {MANY} individuals")
    if values.get("unreadable") is True:
        flags.append("data unintelligible to whoever has them")
    return tuple(flags)
