"""
The whole main job on a sample company, told as it goes. Every step is a real command, run as a person would run it.

The account database is generated, the night ends now, and letters only ever go into a folder.
"""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

from incident.cli import main
from incident.errors import OutsideError, RefusedError
from incident.moments import stamp
from incident.record.journal import Journal
from incident.record.timeline import replay
from incident.scope.sealed import read_segments
from playbooks.samples.samples import Made, Sample, copy_profile, make_accounts
from playbooks.samples.story import Step, Story, read_story

SPECIMEN = "O'Neill-Õunapuu"  # a name that breaks careless programs; the demo prints one person's letter in full
_RECORDS_EACH = 14  # rows of accounts, renders and purchases a person has in the sample, on average


@dataclass(frozen=True)
class Demo:
    """What the demo left behind. exact: whether the scope found the planted accounts and no other."""

    folder: Path
    planted: int
    found: int
    exact: bool
    specimen: Path | None


def run_demo(sample: Sample, *, folder: Path, people: int, now: datetime, say: Callable[[str], None]) -> Demo:
    """
    Make the company in `folder`, tell its story with real commands, and compare the scope with the planted truth.

    folder: empty, or left by an earlier demo. now: aware; the last step happens then. say: prints one line.
    """
    _empty(folder)
    story = read_story(sample.files)
    begins = (now - story.length).replace(second=0, microsecond=0)
    workspace = folder / "workspace"
    workspace.mkdir(mode=0o700)
    copy_profile(sample, workspace)
    say(f"{sample.name}, {sample.place}. {people:,} invented accounts are being made.")
    made = make_accounts(f"sqlite:///{folder / 'accounts.sqlite'}", people=people, until=begins - timedelta(minutes=25))
    environ = {"INCIDENT_WORKSPACE": str(workspace)}
    _tell(story, begins, _words(made, folder, begins), environ=environ, say=say)
    return _outcome(made, folder, environ, now=now, say=say)


def _words(made: Made, folder: Path, begins: datetime) -> dict[str, str]:
    """What the words in braces of a story stand for."""
    return {
        "database": f"sqlite:///{folder / 'accounts.sqlite'}",
        "map": str(folder / "workspace" / "accounts.toml"),
        "seen_from": stamp(made.seen_from),
        "seen_until": stamp(made.seen_until),
        "contained": stamp(begins + timedelta(minutes=5)),
        "today": stamp(begins + timedelta(hours=2)),
        "next_week": stamp(begins + timedelta(days=7)),
        "records": str(len(made.affected) * _RECORDS_EACH),
    }


def _tell(
    story: Story, begins: datetime, words: Mapping[str, str], *, environ: Mapping[str, str], say: Callable[[str], None]
) -> None:
    now = begins
    for number, step in enumerate(story.steps, start=1):
        now += timedelta(minutes=step.minutes)
        say("")
        say(f"{number}. {step.say}")
        for position, command in enumerate(step.commands):
            argv = [_filled(word, words) for word in command]
            if position == 0 or command[0] != "fact":
                say(f"   {step.actor} $ incident {_as_typed(argv)}")
            _expect(step, main(argv, environ={**environ, "INCIDENT_ACTOR": step.actor}, now=_always(now)))


def _expect(step: Step, code: int) -> None:
    if code != step.code:
        raise OutsideError(
            f"A command of the story left with exit code {code}; {step.code} was expected.",
            state="What was made so far lies in the demo's folder.",
            next_step="read the message above",
        )


def _outcome(
    made: Made, folder: Path, environ: Mapping[str, str], *, now: datetime, say: Callable[[str], None]
) -> Demo:
    """Compare the sealed list with the truth, and print one person's letter in every form."""
    workspace = folder / "workspace"
    journal = Journal(f"sqlite:///{workspace / 'journal.db'}", heads=workspace / "heads")
    incident = replay(journal.read(journal.incidents()[0]))
    journal.close()
    sealed = workspace / "incidents" / incident.id / incident.scopes[-1].file
    keys: set[str] = set()
    specimen: Path | None = None
    for segment in read_segments(sealed):
        keys |= {person.key for person in segment.people}
        for person in segment.people:
            if specimen is None and person.name and SPECIMEN in person.name and person.email:
                specimen = folder / "one-letter"
                letter = "people-et" if (person.locale or "").startswith("et") else "people-en"
                argv = ["notice", "export", letter, "--person", person.key, "--out", str(specimen)]
                with redirect_stdout(StringIO()):
                    main(argv, environ={**environ, "INCIDENT_ACTOR": "liis"}, now=_always(now))
    planted = {str(key) for key in json.loads(made.truth.read_bytes())["affected"]}
    say("")
    verdict = (
        "exactly those" if keys == planted else f"{len(keys & planted):,} of them and {len(keys - planted):,} others"
    )
    say(f"Planted by the sample: {len(planted):,} accounts. On the sealed list: {verdict}.")
    return Demo(folder, len(planted), len(keys), keys == planted, specimen)


def _empty(folder: Path) -> None:
    """Make `folder` ready. Removes what an earlier demo left there, and nothing else."""
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


def _always(now: datetime) -> Callable[[], datetime]:
    return lambda: now


def _filled(word: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        word = word.replace("{" + name + "}", value)
    return word


def _as_typed(argv: Sequence[str]) -> str:
    return " ".join(shlex.quote(word) for word in argv)
