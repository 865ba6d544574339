"""Questions as lines that read aloud, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from incident.asking.contents import AWARENESS
from incident.asking.needs import FIRST, Need
from incident.asking.questions import DECIDING, Question
from incident.clock.show import both
from incident.moments import span, stamp
from incident.record.canonical import Json
from incident.record.vocabulary import command_for

_ADDRESSEES = {"supervisory_authority": "the authority", "people": "the people concerned", "media": "the media"}


def question_lines(questions: Sequence[Question], *, now: datetime, zone: tzinfo) -> list[str]:
    """Every question with its command, under what it is needed for."""
    lines: list[str] = []
    group = None
    for question in questions:
        if question.group != group:
            title = group_title(question, now=now, zone=zone)
            lines += ["", title] if lines else [title]
            group = question.group
        pending = " [not known yet]" if question.is_pending else ""
        lines += [f"{question_words(question)}{pending}", f"    {question.fact.help}"]
        lines += [f"    {why_line(question, now=now, zone=zone)}", f"    {command_of(question)}"]
    return lines or ["Nothing is missing."]


def question_document(question: Question) -> Json:
    """One question for scripts; `fact` is the name that `incident fact` takes, or "awareness"."""
    return {
        "fact": question.name,
        "question": question.fact.question,
        "help": question.fact.help,
        "command": command_of(question),
        "type": question.fact.type,
        "options": list(question.fact.options),
        "state": "pending" if question.is_pending else None,
        "stage": question.stage,
        "due_at": _stamp(question.due_at),
        "why": [_need_document(need) for need in question.needs],
    }


def question_words(question: Question) -> str:
    return f"{question.fact.question} ({question.language})" if question.language else question.fact.question


def command_of(question: Question) -> str:
    return 'incident aware WHEN --because "…"' if question.name == AWARENESS else command_for(question.name)


def group_title(question: Question, *, now: datetime, zone: tzinfo) -> str:
    """What a run of questions is for: "For the first notice to the authority: 2 d 4 h left, due …"."""
    owed_to = question.group[1]
    to = _ADDRESSEES.get(owed_to, owed_to.replace("_", " "))
    if question.stage != FIRST:
        return f"For the whole notice to {to}"
    what = "To decide what else is owed" if owed_to == DECIDING else f"For the first notice to {to}"
    same = (need.due_at for need in question.needs if need.owed_to == owed_to and not need.decides)
    due_at = next(same, question.due_at)
    if due_at is None:
        return f"{what}: as soon as possible"
    left = due_at - now
    words = f"{span(left)} left" if left.total_seconds() > 0 else f"{span(-left)} LATE"
    return f"{what}: {words}, due {both(due_at, zone)}"


def why_line(question: Question, *, now: datetime, zone: tzinfo) -> str:
    """The most urgent duty that needs it, what its notice says with it, and how many others need it too."""
    first = question.needs[0]
    said = next((need for need in question.needs if need.words and not need.decides), None)
    due = f", due {both(first.due_at, zone)}" if first.due_at else ""
    words = f"; it says {said.words} ({said.cite})" if said and said.cite else ""
    if first.decides:
        words = "; it decides whether that is owed" + words
    others = len({need.duty for need in question.needs}) - 1
    more = f"; {others} more duties need it" if others > 1 else "; 1 more duty needs it" if others else ""
    return f"For: {first.name} ({first.duty}){due}{words}{more}."


def kept_words(questions: Sequence[Question]) -> str:
    """ "13 questions for the first notices, 26 more for the whole ones." """
    first = sum(question.stage == FIRST for question in questions)
    rest = len(questions) - first
    words = f"{first} {'question' if first == 1 else 'questions'} for the first notices"
    return f"{words}, {rest} more for the whole ones."


def _need_document(need: Need) -> Json:
    return {
        "duty": need.duty,
        "name": need.name,
        "owed_to": need.owed_to,
        "due_at": _stamp(need.due_at),
        "stage": need.stage,
        "decides": need.decides,
        "words": need.words or None,
        "cite": need.cite,
    }


def _stamp(at: datetime | None) -> str | None:
    return stamp(at) if at else None
