"""An interview without a terminal: a person who knows her answers, and what she was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from programme import Programme

from incident.asking.actions import questions_of, record_reply
from incident.asking.interview import Talk, lead
from incident.settings import Settings
from incident.workspace import open_workspace


@dataclass
class Heard:
    """What was asked, in order, and every line that was said. answered: how many answers were recorded."""

    asked: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    answered: int = 0


class Interview(Protocol):
    """replies: by the name of a fact, or its id, what is said; several are said one after another."""

    def __call__(self, replies: Mapping[str, Any], *, go_on: bool = True) -> Heard: ...


def interview_in(programme: Programme) -> Callable[..., Heard]:
    """Lead interviews in the workspace of `programme`; go_on: past the end of the first part."""

    def led(replies: Mapping[str, Any], *, go_on: bool = True) -> Heard:
        heard = Heard()
        settings = Settings({"INCIDENT_ACTOR": "ann"}, workspace=programme.folder, now=lambda: programme.clock)
        workspace = open_workspace(settings)
        incident = workspace.incident().id
        said: dict[str, int] = {}

        def ask(prompt: str) -> str:
            if prompt.startswith("Enter to go on"):
                return "" if go_on else "."
            if prompt.startswith("Why"):
                return "the access log confirms it" if prompt.startswith("Why then") else str(replies.get("why", ""))
            if prompt.startswith("  "):
                return ""  # the end of a text
            question = next(each for each in talk.still_open() if each.name not in talk.passed)
            if question.name not in said:
                heard.asked.append(question.name)
            number = said[question.name] = said.get(question.name, -1) + 1
            reply: Any = replies.get(question.name, replies.get(question.fact.id, ""))
            return str(reply if isinstance(reply, str) else reply[number])

        talk = Talk(
            say=heard.lines.append,
            ask=ask,
            still_open=lambda: questions_of(workspace, workspace.incident(incident)),
            record=lambda question, reply, because: record_reply(workspace, incident, question, reply, because),
            now=workspace.now,
            zone=workspace.zone,
        )
        heard.answered = lead(talk)
        workspace.close()
        return heard

    return led
