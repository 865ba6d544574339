"""A workspace in the middle of the work: a sample company with an open breach, a sealed scope, approved letters."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

from incident.cli import main
from playbooks.samples.samples import copy_files, make_databases, sample_named
from playbooks.samples.story import read_story

NOW = datetime(2026, 11, 21, 7, 5, tzinfo=UTC)


def prepare(folder: Path) -> Path:
    """Make the workspace in `folder` with the program's own commands, up to letters that wait for their sending."""
    sample = sample_named("smartpact")
    folder.mkdir(parents=True)
    url = f"sqlite:///{folder / 'accounts.sqlite'}"
    until = NOW - timedelta(hours=1)
    made = make_databases(sample, [url], people=1000, until=until, truth=folder / "truth.json")
    copy_files(sample, folder, made)
    environ = {"INCIDENT_WORKSPACE": str(folder), "SMARTPACT_DATABASE_URL": url}
    told = {
        "seen_until": made.truth.seen_until.isoformat(),
        "contained": "1 hours ago",
        "today": "now",
        "records": "900",
    }
    told["next_week"] = (NOW + timedelta(days=7)).isoformat()
    run(environ, "ann", "open", "service credential used by a stranger", "--occurred", made.truth.seen_from.isoformat())
    run(environ, "ann", "aware", "now", "--because", "the access log confirms it")
    run(environ, "ann", "scope", "run", "--everyone")
    for name, text in read_story(sample.files).facts.items():
        run(environ, "ann", "fact", name, text.format_map(told))
    run(environ, "ann", "notice", "draft", "authority", "--language", "en")
    run(environ, "ann", "notice", "draft", "people")
    run(environ, "ann", "note", "ready")
    return folder


def run(environ: dict[str, str], actor: str, *argv: str) -> None:
    """One command that must succeed; its screen is thrown away."""
    code, output = attempt(environ, actor, argv)
    if code != 0:
        raise AssertionError(f"incident {' '.join(argv)} left with {code}:\n{output}")


def attempt(environ: dict[str, str], actor: str, argv: Sequence[str]) -> tuple[int, str]:
    screen = StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        code = main(argv, environ={**environ, "INCIDENT_ACTOR": actor}, now=lambda: NOW)
    return code, screen.getvalue()


def copy_of(prepared: Path, to: Path) -> dict[str, str]:
    """A copy to work in, and the environment that leads there."""
    shutil.copytree(prepared, to)
    url = f"sqlite:///{to / 'accounts.sqlite'}"
    os.environ["SMARTPACT_DATABASE_URL"] = url
    return {"INCIDENT_WORKSPACE": str(to), "SMARTPACT_DATABASE_URL": url}
