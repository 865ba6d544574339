"""
The whole main job on a sample company, told as it goes. Every step is a real command, run as a person would run it.

The company's account database is generated, the clock is the story's own, and letters only ever go into a folder.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from incident.cli import main
from incident.datafile import Readable, read_datafile
from incident.errors import OutsideError, RefusedError
from incident.moments import from_stamp


@dataclass(frozen=True)
class Step:
    """
    One line of a story.

    minutes: after the step before. actor: who types it. say: what a reader should know before seeing it.
    run: the command's words, `{database}`, `{map}`, `{out}` filled in. code: the exit code the story expects.
    """

    minutes: int
    actor: str
    say: str
    run: tuple[str, ...]
    code: int


@dataclass(frozen=True)
class Story:
    """A sample company's night. begins: aware, UTC. steps: in order."""

    title: str
    begins: datetime
    steps: tuple[Step, ...]


def read_story(file: Readable, *, name: str) -> Story:
    """Parse a `story.toml`. Raises UsageError naming file, line and key of whatever is wrong."""
    root = read_datafile(file, name=name)
    steps = []
    for entry in root.sections("step"):
        steps.append(
            Step(
                minutes=entry.whole_or_none("minutes") or 0,
                actor=entry.text("actor"),
                say=entry.text("say"),
                run=entry.texts("run"),
                code=entry.whole_or_none("code") or 0,
            )
        )
        entry.finish()
    story = Story(root.text("title"), from_stamp(root.text("begins")), tuple(steps))
    root.finish()
    return story


def tell(story: Story, words: Mapping[str, str], *, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """
    Run the story's commands one after the other and say before each what it is for.

    words: what `{name}` in a command stands for. environ: of the commands; INCIDENT_ACTOR is set for each step.
    Raises OutsideError where a command leaves with another exit code than the story expects.
    """
    now = story.begins
    for number, step in enumerate(story.steps, start=1):
        now += timedelta(minutes=step.minutes)
        argv = [_filled(word, words) for word in step.run]
        say("")
        say(f"--- {number}. {step.say}")
        say(f"[{step.actor}] $ incident {_as_typed(argv)}")
        code = main(argv, environ={**environ, "INCIDENT_ACTOR": step.actor}, now=lambda at=now: at)  # type: ignore[misc]  # the default binds this step's time
        if code != step.code:
            raise OutsideError(
                f"Step {number} of the story left with exit code {code}; {step.code} was expected.",
                state="What was made so far lies in the demo's folder.",
                next_step="read the message above",
            )


def empty_folder(folder: Path) -> None:
    """Make `folder` ready for a new demo. Removes one that an earlier demo left, and nothing else."""
    mark = folder / ".demo"
    if folder.exists() and any(folder.iterdir()):
        if not mark.exists():
            raise RefusedError(
                f"{folder} is not empty and was not made by a demo.",
                state="Nothing was changed.",
                next_step="choose another folder with --out DIR",
            )
        shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark.touch(mode=0o600)
    except OSError as error:
        raise OutsideError(
            f"The folder {folder} cannot be made: {error.strerror}.", next_step="choose another with --out DIR"
        ) from error


def _filled(word: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        word = word.replace("{" + name + "}", value)
    return word


def _as_typed(argv: Sequence[str]) -> str:
    return " ".join(shlex.quote(word) if not word.isascii() or shlex.quote(word) != word else word for word in argv)
