"""
A sample company's page in docs/companies, made by running its story: what a reader would see at each step.

What differs from run to run (folders, digests, times that a clock measured) is cut; everything else is as printed.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Sequence
from contextlib import redirect_stderr
from datetime import datetime
from pathlib import Path

from incident.organisation.profile import Organisation, read_organisation
from playbooks.demo import Demo, run_demo
from playbooks.samples.samples import Sample
from playbooks.telling import Teller

PEOPLE = 1_000
_HASH = re.compile(r"\b[0-9a-f]{12,64}\b…?")  # digests change with every comma of a template


class Page(Teller):
    """Tells into Markdown: each step a heading, each command with its answer a block."""

    def __init__(self) -> None:
        self._screen = io.StringIO()
        super().__init__(self._screen)
        self.lines: list[str] = []

    def step(self, number: int, text: str) -> None:
        self.end_block()
        headline, *more = re.split(r"(?<=[.?:])\s", text, maxsplit=1)
        self.lines += [f"## {number}. {headline.rstrip('.:')}", "", *wrapped(" ".join(more)), *[""] * len(more)]

    def outcome(self, sentences: Sequence[str]) -> None:
        self.end_block()
        self.lines += ["## How it ended", "", *wrapped(" ".join(sentences)), ""]

    def command(self, actor: str, typed: str) -> None:
        self.end_block()
        self.line(f"{actor} $ incident {typed}")

    def end_block(self) -> None:
        if text := self._screen.getvalue().strip("\n"):
            self.lines += ["```text", text, "```", ""]
        self._screen.seek(0)
        self._screen.truncate()


def page_of(sample: Sample, folder: Path, *, now: datetime) -> tuple[str, Demo]:
    """The page as Markdown, and what the demo left in `folder`."""
    page = Page()
    with page.answers() as screen, redirect_stderr(screen):
        demo = run_demo(sample, folder=folder, people=PEOPLE, now=now, teller=page)
    page.end_block()
    told = _HASH.sub("…", "\n".join(page.lines[3:]).replace(str(folder), "tour"))
    profile = read_organisation(folder / "workspace" / "organisation.toml")
    return "\n".join([*_opening(sample, profile), told]).rstrip() + "\n", demo


def _opening(sample: Sample, profile: Organisation) -> list[str]:
    lines = [f"# {sample.name}, {sample.place}", "", *wrapped(sample.what), ""]
    if profile.incomplete:
        lines += [
            *wrapped(f"The profile is incomplete: {profile.incomplete} Missing: {', '.join(profile.missing)}."),
            "",
        ]
    if profile.promises or profile.claims:
        lines += ["Its policy says:", ""]
        quoted = [f"- “{promise.quote}” ({promise.source})" for promise in profile.promises]
        quoted += [f"- “{claim.quote}” ({claim.source})" for claim in profile.claims]
        lines += [*dict.fromkeys(quoted), ""]  # one sentence may hold two claims
    command = f"incident demo --company {sample.id} --people {PEOPLE} --out tour"
    return [
        *lines,
        *wrapped(str(profile.invented)),
        "",
        "This page is what the story prints, step by step; digests are left out. Run it yourself:",
        "",
        f"    {command}",
        "",
    ]


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False)
