"""
A sample company's night as data: the facts that become known and the commands that are typed, in order.

Times are told relative to the telling, since clocks run from now: the words in `{braces}` are filled in by whoever
tells the story.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources.abc import Traversable

from incident.datafile import Section, read_datafile


@dataclass(frozen=True)
class Step:
    """
    What somebody does.

    minutes: after the step before. actor: who. say: what a reader should know before seeing it.
    commands: the words of each command; the first is shown in full, the others by what they print.
    code: the exit code the story expects.
    """

    minutes: int
    actor: str
    say: str
    commands: tuple[tuple[str, ...], ...]
    code: int


@dataclass(frozen=True)
class Story:
    """facts: by name as `incident fact` takes them. steps: in order."""

    title: str
    facts: dict[str, str]
    steps: tuple[Step, ...]

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=sum(step.minutes for step in self.steps))


def read_story(folder: Traversable) -> Story:
    """The `story.toml` of a sample. Raises UsageError naming file, line and key of whatever is wrong."""
    root = read_datafile(folder / "story.toml", name=f"{folder.name}/story.toml")
    title = root.section("breach").text("title")
    facts = {str(name): str(value) for name, value in root.section("facts").items()}
    root.section("company")
    steps = tuple(_step(entry, title, facts) for entry in root.sections("step"))
    root.finish()
    return Story(title, facts, steps)


def _step(entry: Section, title: str, facts: Mapping[str, str]) -> Step:
    commands = [tuple(word.replace("{title}", title) for word in line) for line in _lines(entry)]
    if entry.flag("states_the_facts"):
        commands += [("fact", name, value) for name, value in facts.items()]
    step = Step(
        minutes=entry.whole_or_none("minutes") or 0,
        actor=entry.text("actor"),
        say=entry.text("say"),
        commands=tuple(commands) or entry.wrong("run", "must name at least one command"),
        code=entry.whole_or_none("code") or 0,
    )
    entry.finish()
    return step


def _lines(entry: Section) -> list[list[str]]:
    """`run` is a list of commands, each a list of words."""
    lines = entry.lists("run")
    return [list(line) for line in lines]
