"""
The sample companies, and their account databases made on the spot with a known truth.

The truth lies beside the database in a file of its own, `NAME.truth.json`, for whoever scores a scope. The program
never reads it.
"""

from __future__ import annotations

import heapq
import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from importlib.resources.abc import Traversable
from operator import itemgetter
from pathlib import Path

from sqlalchemy.engine import Engine

from incident.errors import RefusedError, UsageError
from incident.moments import stamp
from playbooks.samples import stores
from playbooks.samples.intrusion import RANGES, Intrusion, plant
from playbooks.samples.population import Account, Row, accounts, purchases, renders, visits

SEED = 72
PEOPLE = 50_000
LEAST = 1_000  # below this the corner cases would be the whole company


@dataclass(frozen=True)
class Sample:
    """One sample company: what `sample list` shows."""

    id: str
    name: str
    place: str
    what: str

    @property
    def files(self) -> Traversable:
        return resources.files("playbooks.samples") / self.id


@dataclass(frozen=True)
class Made:
    """
    A made database and the truth about it.

    seen_from, seen_until: aware, UTC: the hours of the intrusion. ranges: where it came from. affected: account ids.
    rows: by table. truth: the file that says so.
    """

    people: int
    seed: int
    seen_from: datetime
    seen_until: datetime
    ranges: tuple[str, ...]
    affected: tuple[int, ...]
    rows: dict[str, int]
    truth: Path


def samples() -> tuple[Sample, ...]:
    """All sample companies, in the order of their folders."""
    found = []
    for folder in sorted(resources.files("playbooks.samples").iterdir(), key=lambda entry: entry.name):
        story = folder / "story.toml"
        if story.is_file():
            about = tomllib.loads(story.read_text(encoding="utf-8"))["company"]
            found.append(Sample(folder.name, about["name"], about["place"], about["what"]))
    return tuple(found)


def sample_named(name: str) -> Sample:
    """The sample called `name`; raises UsageError naming those there are."""
    for sample in samples():
        if sample.id == name:
            return sample
    raise UsageError(
        f'There is no sample company "{name}".', next_step="one of: " + ", ".join(sample.id for sample in samples())
    )


def copy_profile(sample: Sample, folder: Path) -> Path:
    """Put the sample's profile and data map into `folder`, private; returns the profile. Never overwrites."""
    for name in ("organisation.toml", "accounts.toml"):
        _write_new(folder / name, (sample.files / name).read_bytes())
    return folder / "organisation.toml"


def make_accounts(
    target: Engine | str,
    *,
    people: int = PEOPLE,
    seed: int = SEED,
    until: datetime | None = None,
    truth: Path | None = None,
) -> Made:
    """
    Make the account database of the video studio in an empty store.

    Args:
        target: an SQLAlchemy engine or URL; an SQLite file is created.
        people: how many accounts, at least 1,000.
        until: aware; the newest moment in the data, noon UTC of 20 November 2026 where it is not given. The intrusion
            began 43 hours earlier. The same people, seed and until give the same rows on any engine.
        truth: where the truth is written; beside the file for SQLite. Needed for other databases.
    """
    if people < LEAST:
        raise UsageError(f"A sample has at least {LEAST:,} people.", next_step=f"--people {LEAST}")
    end = int((until or datetime(2026, 11, 20, 12, tzinfo=UTC)).timestamp())
    file = stores.sqlite_file(target)
    beside = truth or (file.with_suffix(".truth.json") if file else None)
    if beside is None:
        raise UsageError("It is not said where to write the truth about the sample.", next_step="give truth=FILE")
    engine = stores.new_store(target)
    everyone = list(accounts(people, seed=seed, until=end))
    intrusion = plant(everyone, seed=seed, until=end)
    counts: dict[str, int] = {}
    tables: dict[str, Iterator[Row]] = {
        "accounts": map(_row, everyone),
        "token_purchases": purchases(people, seed=seed, until=end),
        "renders": renders(people, seed=seed, until=end),
        "access_log": _log(people, intrusion, seed=seed, until=end),
    }
    stores.fill(engine, {name: _counted(name, rows, counts) for name, rows in tables.items()})
    if not isinstance(target, Engine):
        engine.dispose()
    made = _made(people, seed, intrusion, counts, beside)
    _write_new(beside, json.dumps(_truth(made), indent=1).encode())
    return made


def _log(people: int, intrusion: Intrusion, *, seed: int, until: int) -> Iterator[Row]:
    traces = heapq.merge(visits(people, seed=seed, until=until), intrusion.visits, key=itemgetter(0))
    return ((number, at, key, ip, action) for number, (at, key, ip, action) in enumerate(traces, start=1))


def _row(account: Account) -> Row:
    return (
        account.id,
        account.email,
        account.name,
        account.password_hash,
        account.language,
        account.country,
        account.created_at,
        account.last_login_at,
        account.deleted_at,
    )


def _counted(name: str, rows: Iterator[Row], counts: dict[str, int]) -> Iterator[Row]:
    counts[name] = 0
    for row in rows:
        counts[name] += 1
        yield row


def _made(people: int, seed: int, intrusion: Intrusion, rows: dict[str, int], truth: Path) -> Made:
    began, ended = (datetime.fromtimestamp(at, UTC) for at in (intrusion.began, intrusion.ended))
    return Made(people, seed, began, ended, RANGES, intrusion.affected, rows, truth)


def _truth(made: Made) -> dict[str, object]:
    return {
        "people": made.people,
        "seed": made.seed,
        "seen_from": stamp(made.seen_from),
        "seen_until": stamp(made.seen_until),
        "ranges": list(made.ranges),
        "affected": list(made.affected),
    }


def _write_new(file: Path, content: bytes) -> None:
    try:
        handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RefusedError(
            f"{file} exists already.", state="It was left as it is.", next_step="choose another folder"
        ) from None
    with os.fdopen(handle, "wb") as out:
        out.write(content)
