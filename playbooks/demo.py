"""
The whole main job on a sample company, told as it goes. Every step is a real command, run as a person would run it.

The account database is generated, the night ends now, and letters only ever go into a folder.
"""

from __future__ import annotations

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
from incident.organisation.profile import read_organisation
from incident.record.journal import Journal
from incident.record.timeline import replay
from incident.scope.sealed import Person as ListedPerson
from incident.scope.sealed import read_segments
from notices.letters import letters_of
from playbooks.samples.samples import (
    PROFILE,
    Made,
    Sample,
    check_number,
    copy_files,
    file_urls,
    filled,
    make_databases,
    private_folder,
)
from playbooks.samples.score import Score, score_of
from playbooks.samples.story import Step, Story, read_story
from playbooks.telling import Teller

SPECIMEN = "O'Neill"  # a name that breaks careless programs; the demo prints one person's letter in full


@dataclass(frozen=True)
class Demo:
    """What the demo left behind. specimen: the folder of one person's letter, None where no letter was written."""

    folder: Path
    score: Score
    specimen: Path | None


def run_demo(sample: Sample, *, folder: Path, people: int, now: datetime, teller: Teller) -> Demo:
    """
    Make the company in `folder`, tell its story with real commands, and compare the scope with the planted truth.

    folder: empty, or left by an earlier demo. now: aware; the last step happens then.
    """
    check_number(people)  # before an earlier demo is removed
    check_room(folder, people * sample.kilobytes_each * 1000)
    _empty(folder)
    story = read_story(sample.files)
    begins = (now - story.length).replace(second=0, microsecond=0)
    workspace = folder / "workspace"
    workspace.mkdir(mode=0o700)
    teller.line(f"{sample.name}, {sample.place}. {people:,} invented accounts are being made.")
    newest = begins - timedelta(minutes=25)
    made = make_databases(sample, file_urls(sample, folder), people=people, until=newest, truth=folder / "truth.json")
    copy_files(sample, workspace, made)
    environ = _environ(workspace, made)
    words = {**_words(made, begins), "workspace": str(workspace)}
    with teller.answers():
        _tell(story, begins, words, environ=environ, teller=teller)
        return _outcome(made, folder, environ, now=now, teller=teller)


def check_room(folder: Path, needed: int) -> None:
    """Raises OutsideError where `needed` bytes, accounts and rehearsed letters together, will not find room."""
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise OutsideError(
            f"This demo takes about {_size(needed)}, and {there} has {_size(free)} free.",
            state="Nothing was made.",
            next_step="ask for fewer with --people, or choose another folder with --out DIR",
        )


def _size(number: int) -> str:
    return f"{number / 1e9:,.1f} GB" if number >= 1e9 else f"{number / 1e6:,.0f} MB"


def _words(made: Made, begins: datetime) -> dict[str, str]:
    """What the words in braces of a story stand for."""
    return {
        **made.words,
        "contained": stamp(begins + timedelta(minutes=5)),
        "today": stamp(begins + timedelta(hours=2)),
        "next_week": stamp(begins + timedelta(days=7)),
    }


def _environ(workspace: Path, made: Made) -> dict[str, str]:
    """Where the program finds record and accounts, as a person would have set it."""
    profile = read_organisation(workspace / PROFILE)
    urls = {store.url_env: made.urls[store.name] for store in profile.accounts}
    return {"INCIDENT_WORKSPACE": str(workspace), **urls}


def _tell(
    story: Story, begins: datetime, words: Mapping[str, str], *, environ: Mapping[str, str], teller: Teller
) -> None:
    now = begins
    for number, step in enumerate(story.steps, start=1):
        now += timedelta(minutes=step.minutes)
        teller.step(number, step.say)
        for position, command in enumerate(step.commands):
            argv = [filled(word, words) for word in command]
            if position == 0 or command[0] != "fact":
                teller.command(step.actor, _as_typed(argv))
            _expect(step, main(argv, environ={**environ, "INCIDENT_ACTOR": step.actor}, now=_always(now)))


def _expect(step: Step, code: int) -> None:
    if code != step.code:
        raise OutsideError(
            f"A command of the story left with exit code {code}; {step.code} was expected.",
            state="What was made so far lies in the demo's folder.",
            next_step="read the message above",
        )


def _outcome(made: Made, folder: Path, environ: Mapping[str, str], *, now: datetime, teller: Teller) -> Demo:
    """Compare the sealed list with the truth, and print one person's letter in every form."""
    workspace = folder / "workspace"
    journal = Journal(f"sqlite:///{workspace / 'journal.db'}", heads=workspace / "heads")
    incident = replay(journal.read(journal.incidents()[0]))
    journal.close()
    keys: set[str] = set()
    somebody: ListedPerson | None = None
    if (scope := incident.scope_in_force) is not None:
        for segment in read_segments(workspace / "incidents" / incident.id / scope.file):
            keys |= {person.key for person in segment.people}
            named = (each for each in segment.people if each.name and SPECIMEN in each.name and each.email)
            somebody = somebody or next(named, None)
    letters = [letter for letter in letters_of(incident).values() if letter.is_to_people]
    specimen = folder / "one-letter" if somebody and letters else None
    if somebody and specimen:
        theirs = [each for each in letters if (somebody.locale or "").startswith(each.language)]
        argv = ["notice", "export", (theirs or letters)[0].id, "--person", somebody.key, "--out", str(specimen)]
        with redirect_stdout(StringIO()):
            main(argv, environ={**environ, "INCIDENT_ACTOR": "demo"}, now=_always(now))
    score = score_of(made.truth, keys)
    teller.outcome(score.lines())
    return Demo(folder, score, specimen)


def _empty(folder: Path) -> None:
    """Make `folder` ready. Removes what an earlier demo left there, and nothing else."""
    mark = folder / ".demo"
    if folder.is_dir() and any(folder.iterdir()):
        if not mark.exists():
            raise RefusedError(
                f"{folder} is not empty and was not made by a demo.",
                state="Nothing was changed.",
                next_step="choose another folder with --out DIR",
            )
        shutil.rmtree(folder)
    private_folder(folder)
    mark.touch(mode=0o600)


def _always(now: datetime) -> Callable[[], datetime]:
    return lambda: now


def _as_typed(argv: Sequence[str]) -> str:
    return " ".join(shlex.quote(word) for word in argv)
