"""
The talk on a terminal: one question after another, each answer recorded as it is given.

Whoever leads it hands in how to read and write lines, how to know what is open, and how to record; nothing here knows
of a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from incident.asking.contents import AWARENESS, RISK
from incident.asking.needs import FIRST
from incident.asking.questions import DECIDING, Question
from incident.asking.show import group_title, question_words, why_line
from incident.errors import RefusedError, UsageError
from incident.record.vocabulary import takes

STOP = "."
_AUTHORITY = (FIRST, "supervisory_authority")
_KEYS = "Enter: later.  ?: not known yet.  -: cannot be determined.  ~1200: roughly.  .: stop."
_KEPT = "Each answer is recorded as you give it; stop whenever you like."


class Stopped(Exception):  # noqa: N818 - no error: somebody has said enough
    """The person wants no more questions."""


@dataclass
class Talk:
    """
    What the interview is led with.

    still_open: the questions as they are now. record: takes a question and the reply, for awareness with the reason;
    raises UsageError or RefusedError for a reply that cannot be, and answers False where nothing was said.
    """

    say: Callable[[str], None]
    ask: Callable[[str], str]
    still_open: Callable[[], Sequence[Question]]
    record: Callable[[Question, str, str], bool]
    now: Callable[[], datetime]
    zone: tzinfo
    answered: int = 0
    passed: set[str] = field(default_factory=set)


def lead(talk: Talk) -> int:
    """Ask until nothing is open, or until somebody stops; returns how many answers were recorded."""
    questions = _next(talk)
    if not questions:
        return 0
    talk.say(_KEPT)
    talk.say(_KEYS)
    group: tuple[str, str] | None = None
    try:
        while questions:
            if questions[0].group != group and DECIDING not in questions[0].group:
                _turn_to(questions, talk, after=group)
                group = questions[0].group
            _put(questions[0], talk, left=sum(each.group == questions[0].group for each in questions))
            questions = _next(talk)
    except (Stopped, EOFError, KeyboardInterrupt):
        talk.say("")
    return talk.answered


def _next(talk: Talk) -> list[Question]:
    return [question for question in talk.still_open() if question.name not in talk.passed]


def _turn_to(questions: Sequence[Question], talk: Talk, *, after: tuple[str, str] | None) -> None:
    """Say what the next questions are for; after the first run, ask whether to go on."""
    count = sum(each.group == questions[0].group for each in questions)
    number = "1 question" if count == 1 else f"{count} questions"
    if after == _AUTHORITY:
        talk.say("\nThat is what a first notice to the authority needs: incident notice draft authority")
    talk.say(f"\n{group_title(questions[0], now=talk.now(), zone=talk.zone)} ({number})")
    if after is not None:
        _heard(talk, "Enter to go on, . to stop: ")


def _put(question: Question, talk: Talk, *, left: int) -> None:
    """Ask one question until the reply can be understood, or is put off."""
    talk.say(f"\n{left} to go. {question_words(question)}")
    talk.say(f"  {question.fact.help}")
    for line in _options(question):
        talk.say(f"  {line}")
    talk.say(f"  {why_line(question, now=talk.now(), zone=talk.zone)}")
    while True:
        reply = _reply(question, talk)
        try:
            because = _reason(question, reply, talk)
            if talk.record(question, reply, because):
                talk.answered += 1
            talk.passed.add(question.name)
            return
        except (UsageError, RefusedError) as error:
            talk.say(f"  {error.what}")
            if error.next_step:
                talk.say(f"  {error.next_step}")


def _reason(question: Question, reply: str, talk: Talk) -> str:
    """Why, of a decision that was given: needed for awareness, welcome for the risk."""
    if reply.strip() in {"", "?", "-"}:
        return ""
    if question.name == RISK:
        return _heard(talk, "Why? (Enter: say it later) ")
    return _heard(talk, "Why then? ") if question.name == AWARENESS else ""


def _reply(question: Question, talk: Talk) -> str:
    """One line; of a text, the lines up to an empty one. Numbers stand for the options that were shown."""
    first = _heard(talk, "> ")
    if question.fact.type == "text" and first.strip() not in {"", "?", "-"}:
        lines = [first]
        while line := _heard(talk, "  ").strip():
            lines.append(line)
        return "\n".join(lines)
    shown = _shown(question)
    parts = [part.strip() for part in first.split(",")]
    if shown and all(part.isdigit() and 0 < int(part) <= len(shown) for part in parts):
        return ",".join(shown[int(part) - 1] for part in parts)
    if question.fact.type == "yes_no" and first.strip().lower() in {"y", "n"}:
        return {"y": "yes", "n": "no"}[first.strip().lower()]
    return first


def _heard(talk: Talk, prompt: str) -> str:
    line = talk.ask(prompt)
    if line.strip() == STOP:
        raise Stopped
    return line


def _shown(question: Question) -> tuple[str, ...]:
    return question.suggested or question.fact.options


def _options(question: Question) -> list[str]:
    shown = _shown(question)
    if not shown:
        return [f"Give {takes(question.fact)}."] if question.fact.type not in {"text", "yes_no"} else []
    lines = [f"{number}  {option}" for number, option in enumerate(shown, start=1)]
    if question.fact.type == "set":
        lines.append("Several with commas between, by number or by name.")
    if more := len(question.fact.options) - len(shown):
        lines.append(f"These are what your profile holds; {more} more by name (incident facts --missing --json).")
    return lines
