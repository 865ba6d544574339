"""The memo on a judgement of risk as a paper for the file: Markdown that the press prints. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from incident.assess.decision import Judgement
from incident.assess.enisa import Score, as_number
from incident.assess.memo import Memo, answers_of, changes_by_fact, conclusion, decision_lines, known_to, would_lower
from incident.clock.conditions import Range, Value
from incident.record.vocabulary import vocabulary
from notices.markdown import Markdown, bullets, escape, within
from notices.wording import Wording

_LEVELS = {"unlikely": "unlikely", "risk": "likely, and not high", "high": "high"}
EXERCISE = "EXERCISE. This is a rehearsal. No breach has taken place."


def assessment_markdown(memo: Memo, *, wording: Wording, organisation: str | None, invented: str | None) -> str:
    """
    The memo for the file: facts and reasons only, so no personal data but what somebody typed into a reason.

    organisation: its name; None without a profile. invented: the profile's sentence that nothing in it is real.
    """
    judgement = memo.judgement
    words = _Words(wording)
    parts: list[tuple[str, Markdown]] = [
        ("To be asked first", bullets(judgement.questions)),
        ("What decided", bullets(f"{rule.words} ({rule.cite})" for rule in judgement.decided_by)),
        ("What speaks for a risk", bullets(judgement.reasons_for)),
        ("What speaks against", bullets(judgement.reasons_against)),
        ("Exemptions of article 34(3), tested", bullets(_exemptions(judgement))),
        ("What would change it", _changes(judgement, words)),
        ("What would lower it", bullets(would_lower(judgement))),
        ("Missing", bullets(words.question(fact) for fact in judgement.missing)),
        ("Taken as given, since nobody said otherwise", _inferred(judgement, words)),
        ("ENISA's severity, which supports a decision and takes none", _enisa(judgement, words)),
        ("Factors of EDPB Guidelines 9/2022", _factors(judgement, words)),
    ]
    lines = [*_head(memo, wording, organisation)]
    for title, body in parts:
        if body:
            lines += [f"## {title}", "", body, ""]
    if invented:
        lines += ["::: invented", escape(invented), ":::", ""]
    return "\n".join(lines)


class _Words:
    """What the letters call facts and their answers, where they have words for them; else the ids."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def fact(self, fact: str) -> str:
        return self._wording.facts.get(fact, fact.replace("_", " "))

    def answer(self, fact: str, value: Value | list[str]) -> str:
        match value:
            case bool():
                return self._wording.words["yes" if value else "no"]
            case int():
                return self._wording.number(value)
            case str():
                return self._option(fact, value)
            case frozenset() | list():
                return "; ".join(self._option(fact, each) for each in sorted(value))
            case Range(low=low):
                return f"{self._wording.number(low)} or more"
        return "not known"

    def question(self, fact: str) -> Markdown:
        return Markdown(f"{escape(vocabulary()[fact].question)} ({escape(fact)})")

    def _option(self, fact: str, key: str) -> str:
        known = key in self._wording.categories or key in self._wording.options.get(fact, {})
        return self._wording.option(fact, key) if known else key.replace("_", " ")


def _head(memo: Memo, wording: Wording, organisation: str | None) -> Iterable[str]:
    if memo.exercise:
        yield from ("::: exercise", EXERCISE, ":::", "")
    if organisation:
        yield from ("::: sender", f"**{escape(organisation)}**", ":::", "")
    at = memo.now.astimezone(memo.zone)
    yield from ("# Assessment of the risk to people", "")
    yield from (f"{escape(memo.title)}\\", f"As of {escape(f'{at:%Y-%m-%d %H:%M %z}')}", "")
    yield from (f"**{escape(conclusion(memo.judgement))}**", "")
    for question, answer in answers_of(memo.judgement):
        yield from (escape(question), f":   {escape(answer)}", "")
    decided, *more = decision_lines(memo)
    yield from ("Decision", f":   {escape(' '.join([decided, *more]))}", "")


def _exemptions(judgement: Judgement) -> list[str]:
    return [
        f"{each.id}, {each.words}: " + ("holds" if each.holds else f"does not hold: {'; '.join(each.why_not)}")
        for each in judgement.tested
    ]


def _changes(judgement: Judgement, words: _Words) -> Markdown:
    rows = [
        (words.fact(fact), ", or ".join(words.answer(fact, _as_value(each)) for each in answers), _LEVELS[level])
        for (fact, level), answers in changes_by_fact(judgement).items()
    ]
    return _table(("Fact", "If it were", "The risk would be"), rows)


def _as_value(answer: str) -> Value:
    return {"yes": True, "no": False}.get(answer, answer)


def _inferred(judgement: Judgement, words: _Words) -> Markdown:
    found = judgement.situation.inferred
    return bullets(f"{words.fact(each.fact)}: {words.answer(each.fact, each.value)}; {each.words}" for each in found)


def _enisa(judgement: Judgement, words: _Words) -> Markdown:
    severity = judgement.severity
    scores = {"Data (DPC)": severity.dpc, "Identification (EI)": severity.ei, "Circumstances (CB)": severity.cb}
    rows = [row for name, score in scores.items() for row in _score_rows(name, score, words)]
    if severity.hundredths is None:
        result = "There is no score: it is not known which data were touched."
    else:
        numbers = [as_number(score.hundredths) for score in scores.values()]
        band = str(severity.severity).replace("_", " ")
        result = (
            f"DPC x EI + CB = {numbers[0]} x {numbers[1]} + {numbers[2]} = {as_number(severity.hundredths)}: {band},"
        )
        result += f" {severity.words or ''}"
    flags = bullets(f"Flag: {flag}" for flag in severity.flags)
    return Markdown(
        "\n\n".join(
            [escape(result), _table(("Part", "Score", "Rule", "From the fact"), rows), *([flags] if flags else [])]
        )
    )


def _score_rows(name: str, score: Score, words: _Words) -> Iterable[tuple[str, ...]]:
    for part in score.parts:
        overridden = f"; computed {as_number(score.computed)}" if score.because is not None else ""
        rests_on = ", ".join(words.fact(fact) for fact in part.fact.split(", "))
        yield name, f"{as_number(part.hundredths)}", part.why + overridden, rests_on + (" (assumed)" * part.assumed)
        name = ""


def _factors(judgement: Judgement, words: _Words) -> Markdown:
    parts = []
    for factor in judgement.situation.rules.factors:
        known, about = known_to(judgement, factor.facts), judgement.situation.known.approximate
        lines = [
            f"{words.fact(fact)}: {'about ' if fact in about else ''}{words.answer(fact, value)}"
            for fact, value in known.items()
        ]
        body = bullets(lines) if lines else escape("nothing is known")
        parts.append(f"{escape(factor.words)}\n:   {within(body)}")
    return Markdown("\n\n".join(parts))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Markdown:
    """A table; nothing without rows."""
    lines = [f"| {' | '.join(escape(cell) for cell in row)} |" for row in rows]
    if not lines:
        return Markdown("")
    return Markdown("\n".join([f"| {' | '.join(head)} |", "|:--" * len(head) + "|", *lines]))
