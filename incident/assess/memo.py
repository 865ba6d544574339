"""The memo on a judgement: conclusion first, then why, what would change it, what is missing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from incident.assess.decision import Judgement
from incident.assess.enisa import OVERRIDES, Score, Severity, as_number
from incident.clock.conditions import Value
from incident.moments import stamp
from incident.record.vocabulary import vocabulary

_HEADLINES = {
    "unlikely": "A risk to people's rights and freedoms is unlikely.",
    "risk": "A risk to people's rights and freedoms is likely; a high one is not shown.",
    "high": "A high risk to people's rights and freedoms is likely.",
}
_OPEN_WORDS = {"authority": "whether the authority is notified", "people": "whether the people are told"}


@dataclass(frozen=True)
class DecidedBy:
    """
    Who decided on the risk. at: aware, UTC; None for facts from a file, which nobody recorded.

    since: facts that speak to the risk and were recorded after the decision.
    """

    actor: str | None
    at: datetime | None
    because: str | None
    since: tuple[str, ...] = ()


@dataclass(frozen=True)
class Memo:
    """
    A judgement to be shown.

    title: of the incident, or of the file. decided: where a person has decided on the risk. of_record: an incident's.
    """

    title: str
    judgement: Judgement
    decided: DecidedBy | None
    now: datetime
    zone: tzinfo
    of_record: bool = True
    exercise: bool = False


Sections = list[tuple[str, list[str]]]


def conclusion(judgement: Judgement) -> str:
    """The first sentence."""
    if judgement.role == "processor":
        return "As a processor you tell the controllers concerned, without undue delay; they judge the risk."
    if judgement.rests_on_nothing:
        return "Decided, and nothing is known that bears it out: a risk to people's rights and freedoms is unlikely."
    if judgement.nothing_known and not judgement.by_person:
        return "Assume high risk: nothing is known yet that would lower it."
    if judgement.open and not judgement.by_person and judgement.level == "high":
        return "Assume high risk until the questions below are answered."
    return _HEADLINES[judgement.level]


def sections_of(memo: Memo) -> Sections:
    """Every part of the memo that has something to say: its heading and its lines."""
    judgement = memo.judgement
    parts = [
        ("", [conclusion(judgement), *_what_to_do(judgement), *decision_lines(memo)]),
        ("To be asked first", list(judgement.questions)),
        ("What decided", [f"{rule.words} ({rule.cite})" for rule in judgement.decided_by]),
        ("What speaks for a risk", list(judgement.reasons_for)),
        ("What speaks against", list(judgement.reasons_against)),
        ("Exemptions of article 34(3), tested", _exemptions(judgement)),
        ("Taken as given, since nobody said otherwise", _inferred(judgement)),
        ("ENISA's severity, which supports a decision and takes none", _enisa(judgement)),
        ("Factors of EDPB Guidelines 9/2022", _factors(judgement)),
        ("What would change it", _changes(judgement)),
        ("What would lower it", would_lower(judgement)),
        ("Missing", [_ask_for(fact) for fact in judgement.missing]),
        ("Next", _next(memo)),
    ]
    return [(title, lines) for title, lines in parts if lines]


def memo_lines(memo: Memo) -> list[str]:
    """The memo for a terminal."""
    lines = [f"{'EXERCISE. ' if memo.exercise else ''}{memo.title}"]
    for title, body in sections_of(memo):
        lines += ["", *([f"{title}:"] if title else []), *(f"  {line}" if title else line for line in body)]
    return lines


def memo_document(memo: Memo) -> dict[str, Any]:
    """The memo as JSON; its first seven keys are what scripts rely on."""
    judgement = memo.judgement
    return {
        "enisa": _severity_document(judgement.severity),
        "risk": judgement.level,
        "notify_authority": judgement.notify_authority,
        "tell_people": judgement.tell_people,
        "exemption": judgement.exemption,
        "reasons": [*(rule.words for rule in judgement.decided_by), *judgement.reasons_for, *judgement.reasons_against],
        "missing": list(judgement.missing),
        "conclusion": conclusion(judgement),
        "suggested": judgement.suggested,
        "decided": _decided_document(memo.decided),
        "open": list(judgement.open),
        "questions": list(judgement.questions),
        "role": judgement.role,
        "tell_controllers": judgement.tell_controllers,
        "public_notice": judgement.public_notice,
        "nothing_known": judgement.nothing_known,
        "exercise": memo.exercise,
        **_grounds_document(judgement),
    }


def _severity_document(severity: Severity) -> dict[str, Any]:
    return {
        "dpc": as_number(severity.dpc.hundredths),
        "ei": as_number(severity.ei.hundredths),
        "cb": as_number(severity.cb.hundredths),
        "score": as_number(severity.hundredths),
        "severity": severity.severity,
        "flags": list(severity.flags),
        "assumed": list(severity.assumed),
        "parts": {name: _score_document(getattr(severity, name)) for name in OVERRIDES},
    }


def _grounds_document(judgement: Judgement) -> dict[str, Any]:
    return {
        "decided_by": [{"rule": rule.id, "words": rule.words, "cite": rule.cite} for rule in judgement.decided_by],
        "reasons_for": list(judgement.reasons_for),
        "reasons_against": list(judgement.reasons_against),
        "inferred": [
            {"fact": each.fact, "value": _plain(each.value), "why": each.words} for each in judgement.situation.inferred
        ],
        "exemptions": [
            {"id": each.id, "holds": each.holds, "words": each.words, "why_not": list(each.why_not)}
            for each in judgement.tested
        ],
        "factors": [
            {"id": factor.id, "words": factor.words, "facts": known_to(judgement, factor.facts)}
            for factor in judgement.situation.rules.factors
        ],
        "would_change": [
            {"fact": change.fact, "answer": change.answer, "risk": change.level} for change in judgement.would_change
        ],
        "would_lower": would_lower(judgement),
    }


def would_lower(judgement: Judgement) -> list[str]:
    """What would make a risk unlikely, while the strictest is assumed."""
    if not (judgement.nothing_known or judgement.open):
        return []
    situation = judgement.situation
    still_possible = [rule for rule in situation.rules.unlikely if situation.judge_strictly(rule.when).holds is None]
    return [f"{rule.words} ({rule.cite})" for rule in still_possible]


def answers_of(judgement: Judgement) -> list[tuple[str, str]]:
    """What articles 33 and 34 ask, each with its answer, and what is open."""
    if judgement.role == "processor":
        return [
            ("Notify the authority", "no, the controllers do"),
            ("Tell the people", "no, the controllers do"),
            ("Tell the controllers", "yes; each one's own clock starts when you tell it"),
        ]
    people = "yes" if judgement.tell_people else "no"
    if judgement.exemption:
        people += f": article {judgement.exemption}" + (", by a public notice" if judgement.public_notice else "")
    authority = "yes" if judgement.notify_authority else "no; record why (article 33(5))"
    opened = ", ".join(_OPEN_WORDS[name] for name in judgement.open)
    answers = [("Notify the authority", authority), ("Tell the people", people)]
    return answers + ([("Open, and so on the safe side", opened)] if opened else [])


def _what_to_do(judgement: Judgement) -> list[str]:
    return [f"{question}: {answer}." for question, answer in answers_of(judgement)]


def decision_lines(memo: Memo) -> list[str]:
    """Who decided, when and why, and what speaks against that decision."""
    judgement, decided = memo.judgement, memo.decided
    if not judgement.by_person or decided is None:
        return ["Nobody has decided yet: this supports a decision and takes none."]
    by = f" by {decided.actor}" if decided.actor else ""
    at = f" on {decided.at.astimezone(memo.zone):%Y-%m-%d %H:%M %z}" if decided.at else ""
    lines = [f"Decided{by}{at}: {judgement.level}, because {decided.because or 'no reason was given'}."]
    if judgement.suggested != judgement.level:
        lines.append(f"The facts by themselves suggest otherwise: {judgement.suggested}.")
    if decided.since:
        lines.append(f"Recorded since that decision, so decide again: {', '.join(decided.since)}.")
    return lines


def _inferred(judgement: Judgement) -> list[str]:
    return [f"{each.fact} = {_plain_words(each.value)}: {each.words}" for each in judgement.situation.inferred]


def _exemptions(judgement: Judgement) -> list[str]:
    return [
        f"{each.id}, {each.words}: " + ("holds" if each.holds else f"does not hold: {'; '.join(each.why_not)}")
        for each in judgement.tested
    ]


def _enisa(judgement: Judgement) -> list[str]:
    severity = judgement.severity
    if severity.hundredths is None:
        lines = ["No score: it is not known which data were touched."]
    else:
        numbers = [as_number(score.hundredths) for score in (severity.dpc, severity.ei, severity.cb)]
        lines = [
            f"{numbers[0]} x {numbers[1]} + {numbers[2]} = {as_number(severity.hundredths)}: "
            f"{str(severity.severity).replace('_', ' ')}, {severity.words}"
        ]
    scores = {
        "data (DPC)": severity.dpc,
        "identification (EI)": severity.ei,
        "circumstances (CB)": severity.cb,
    }
    for name, score in scores.items():
        if score.because is not None:
            lines.append(f"{name}: computed {as_number(score.computed)}, overridden")
        lines += [
            f"{name}: {as_number(part.hundredths)}, {part.why} [{part.fact}{', assumed' if part.assumed else ''}]"
            for part in score.parts
        ]
    return [*lines, *(f"flag: {flag}" for flag in severity.flags)]


def _factors(judgement: Judgement) -> list[str]:
    lines = []
    for factor in judgement.situation.rules.factors:
        known = known_to(judgement, factor.facts)
        about = judgement.situation.known.approximate
        words = "; ".join(
            f"{fact} = {'about ' if fact in about else ''}{_plain_words(value)}" for fact, value in known.items()
        )
        lines.append(f"{factor.words}: {words or 'nothing is known'}")
    return lines


def known_to(judgement: Judgement, facts: Sequence[str]) -> dict[str, Any]:
    """Those of `facts` that are answered or follow from others; sets as sorted lists."""
    values = judgement.situation.known.values
    return {fact: _plain(values[fact]) for fact in facts if values.get(fact) is not None}


def changes_by_fact(judgement: Judgement) -> dict[tuple[str, str], list[str]]:
    """The answers that would each lead to another level, by fact and that level; none while nothing is known."""
    answers: dict[tuple[str, str], list[str]] = {}
    for change in () if judgement.nothing_known else judgement.would_change:
        answers.setdefault((change.fact, change.level), []).append(change.answer)
    return answers


def _changes(judgement: Judgement) -> list[str]:
    return [f"{fact} = {' or '.join(words)}: {level}" for (fact, level), words in changes_by_fact(judgement).items()]


def _ask_for(fact: str) -> str:
    known = vocabulary()[fact]
    return f"{known.question}  incident fact {fact} {'|'.join(known.options[:6]) or 'VALUE'}"


def _next(memo: Memo) -> list[str]:
    judgement = memo.judgement
    if not memo.of_record or judgement.role == "processor":
        return []
    lines = [f"incident fact {fact} …" for fact in judgement.missing[:3]]
    if not judgement.by_person:
        lines.append(
            f'incident assess --decide {judgement.suggested} --because "…"    who decides, when and why is kept'
        )
    for each in judgement.tested:
        if each.holds and judgement.level == "high":
            lines.append(
                f'incident fact people_told {each.told} --because "…"    article {each.id} holds; a person decides'
            )
    if judgement.level == "unlikely" and judgement.by_person:
        lines.append('incident fact harm_unlikely yes --because "…"    where other laws ask for a finding in writing')
    return lines


def _score_document(score: Score) -> dict[str, Any]:
    return {
        "score": as_number(score.hundredths),
        "computed": as_number(score.computed),
        "because": score.because,
        "from": [
            {"score": as_number(part.hundredths), "fact": part.fact, "why": part.why, "assumed": part.assumed}
            for part in score.parts
        ],
    }


def _decided_document(decided: DecidedBy | None) -> dict[str, Any] | None:
    if decided is None:
        return None
    at = stamp(decided.at) if decided.at else None
    return {"by": decided.actor, "at": at, "because": decided.because, "since": list(decided.since)}


def _plain(value: Value) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _plain_words(value: Any) -> str:
    if isinstance(value, list | frozenset):
        return ", ".join(sorted(value))
    return "yes" if value is True else "no" if value is False else str(value)
