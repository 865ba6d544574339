"""The open questions as a TOML file to fill, and back. Pure: text in, text out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from incident.asking.answers import Answer, AwarenessAnswer, read_awareness, read_reply
from incident.asking.contents import AWARENESS
from incident.asking.questions import Question
from incident.asking.show import group_title, kept_words, why_line
from incident.datafile import Section
from incident.errors import RefusedError, UsageError
from incident.moments import stamp
from incident.record.timeline import Incident
from incident.record.vocabulary import fact_named, takes

_WIDTH = 116
_HEAD = (
    'Write each answer between the quotes, or as TOML has it: 1200, true, ["users"]. What is left as "" stays open. '
    '"?" is not known yet; "-" cannot be determined; "~1200" is roughly. With a reason: '
    '{ value = 1200, state = "approximate", because = "…" }. Names and addresses of the people concerned do not belong '
    "here: the record is never erased."
)


@dataclass(frozen=True)
class Filled:
    """
    A file that was filled in.

    incident: its id, None where the file does not say. after: the journal's event after which it was written.
    lines: where each answer stands, "answers.toml, line 12", by the name of the fact.
    """

    incident: str | None
    after: int | None
    answers: tuple[Answer, ...]
    awareness: AwarenessAnswer | None
    lines: Mapping[str, str]


def form_text(incident: Incident, questions: Sequence[Question], *, now: datetime, zone: ZoneInfo) -> str:
    """The file that `incident ask --out` writes; its order is that of the questions."""
    lines = _comment(f"{incident.id}: {incident.title}. {kept_words(questions)} Written {stamp(now)}.")
    lines += ["#", *_comment(_HEAD), *_comment("Then: incident ask --from FILE records all of it, or nothing.")]
    lines += ["", f"incident = {_quoted(incident.id)}", f"after_event = {incident.sequence}"]
    decision = next((question for question in questions if question.name == AWARENESS), None)
    if decision is not None:
        lines += ["", "[awareness]", *_about(decision, now, zone), 'at = ""', 'because = ""']
    lines += ["", "[facts]"]
    group = None
    for question in questions:
        if question is decision:
            continue
        if question.group != group:
            lines += ["", *_comment(f"== {group_title(question, now=now, zone=zone)}")]
            group = question.group
        key = question.name if question.language is None else _quoted(question.name)
        lines += ["", *_about(question, now, zone), f"{key} = {_quoted('?') if question.is_pending else _quoted('')}"]
    return "\n".join(lines) + "\n"


def _about(question: Question, now: datetime, zone: ZoneInfo) -> list[str]:
    language = f" (in the language {question.language})" if question.language else ""
    lines = [*_comment(f"{question.fact.question}{language}"), *_comment(question.fact.help, "  ")]
    lines += _comment(f"Answer: {takes(question.fact)}.", "  ")
    if question.suggested and len(question.suggested) < len(question.fact.options):
        lines += _comment(f"You hold, by your profile: {', '.join(question.suggested)}.", "  ")
    return [*lines, *_comment(why_line(question, now=now, zone=zone), "  ")]


def _comment(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"# {indent}",
        subsequent_indent=f"# {indent}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic string of TOML is one of JSON


def read_form(root: Section, *, now: datetime, zone: ZoneInfo, languages: Sequence[str]) -> Filled:
    """
    Everything that was answered in a file.

    Raises UsageError or RefusedError naming file, line and key of the first thing that is wrong.
    """
    incident = root.text_or_none("incident")
    after = root.whole_or_none("after_event")
    awareness = _awareness(root.section_or_none("awareness"), now=now, zone=zone)
    facts = root.section_or_none("facts")
    answers: list[Answer] = []
    lines: dict[str, str] = {}
    for key, value in facts.items() if facts is not None else ():
        assert facts is not None  # noqa: S101 - mypy does not see that the loop is empty without it
        try:
            answer = _answer(key, value, now=now, zone=zone, languages=languages)
        except (UsageError, RefusedError) as error:
            raise type(error)(
                f"{where(facts, key)}: {error.what}", state="Nothing was recorded.", next_step=error.next_step
            ) from None
        if answer is not None:
            answers.append(answer)
            lines[str(answer.name)] = where(facts, key)
    root.finish()
    return Filled(incident, after, tuple(answers), awareness, lines)


def where(section: Section, key: str) -> str:
    """File and line of a key."""
    try:
        section.wrong(key, "")
    except UsageError as error:
        return error.what.split(":")[0]


def _awareness(section: Section | None, *, now: datetime, zone: ZoneInfo) -> AwarenessAnswer | None:
    if section is None:
        return None
    at, because = (dict(section.items()).get(key, "") for key in ("at", "because"))
    for key in dict(section.items()):
        if key not in {"at", "because"}:
            section.wrong(key, "is not a key of this table; it has at and because")
    try:
        return read_awareness(_plain(at), _plain(because), now=now, zone=zone)
    except (UsageError, RefusedError) as error:
        raise type(error)(
            f"{where(section, 'at')}: {error.what}", state="Nothing was recorded.", next_step=error.next_step
        ) from None


def _answer(key: str, value: Any, *, now: datetime, zone: ZoneInfo, languages: Sequence[str]) -> Answer | None:
    name = fact_named(key, languages=languages)
    state = because = None
    if isinstance(value, dict) and value and set(value) <= {"value", "state", "because"}:
        state, because = value.get("state"), value.get("because")
        if not all(part is None or isinstance(part, str) for part in (state, because)):
            raise UsageError(f"state and because of {key} are texts.", next_step="write them in quotes")
        value = value.get("value", "")
    return read_reply(name, _plain(value), now=now, zone=zone, state=state, because=because)


def _plain(value: Any) -> str:
    """A TOML value as a person would have typed it to `incident fact`."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case dict():
            return ", ".join(f"{key}={count}" for key, count in value.items())
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)
