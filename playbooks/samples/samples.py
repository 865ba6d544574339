"""
The sample companies, and their account databases made on the spot with a known truth.

The truth lies in a file of its own for whoever scores a scope. The program never reads it.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from sqlalchemy.engine import Engine

from incident.errors import OutsideError, RefusedError, UsageError
from incident.moments import stamp
from playbooks.samples import stores
from playbooks.samples.company import Company, Row, Store, Truth, company

SEED = 72
PEOPLE = 50_000
LEAST = 1_000  # below this the corner cases would be the whole company
MOST = 10_000_000  # the truth lies in memory while the rows are written, and grows with the people
PROFILE = "organisation.toml"
_NEWEST = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """
    One sample company: what `sample list` shows.

    kilobytes_each: what one of its people takes on the disk, once the story was told.
    """

    id: str
    name: str
    place: str
    what: str
    kilobytes_each: int

    @property
    def files(self) -> Traversable:
        return resources.files("playbooks.samples") / self.id

    @property
    def stores(self) -> tuple[Store, ...]:
        """Its account databases, in the order of its profile."""
        return company(self.id).STORES


@dataclass(frozen=True)
class Made:
    """Made databases and the truth about them. urls: by store. rows: by table. file: where the truth is written."""

    people: int
    seed: int
    urls: dict[str, str]
    rows: dict[str, int]
    truth: Truth
    file: Path

    @property
    def words(self) -> dict[str, str]:
        """What a story's and a question file's words in braces stand for."""
        times = {"seen_from": stamp(self.truth.seen_from), "seen_until": stamp(self.truth.seen_until)}
        return {**times, **self.truth.words}


def samples() -> tuple[Sample, ...]:
    """All sample companies, in the order of their folders."""
    found = []
    for folder in sorted(resources.files("playbooks.samples").iterdir(), key=lambda entry: entry.name):
        story = folder / "story.toml"
        if story.is_file():
            about = tomllib.loads(story.read_text(encoding="utf-8"))["company"]
            found.append(Sample(folder.name, **about))
    return tuple(found)


def sample_named(name: str) -> Sample:
    """The sample called `name`; raises UsageError naming those there are."""
    for sample in samples():
        if sample.id == name:
            return sample
    raise UsageError(
        f'There is no sample company "{name}".', next_step="one of: " + ", ".join(sample.id for sample in samples())
    )


def file_urls(sample: Sample, folder: Path) -> list[str]:
    """SQLite files in `folder`, one for each store of the company."""
    names = [store.name for store in sample.stores]
    files = ["accounts.sqlite"] if len(names) == 1 else [f"accounts-{name}.sqlite" for name in names]
    return [f"sqlite:///{folder / file}" for file in files]


def copy_files(sample: Sample, folder: Path, made: Made | None = None) -> Path:
    """
    Put the sample's profile, data maps and question files into `folder`, private; returns the profile.

    made: the databases they are for; without, times in question files stay words. Never overwrites.
    """
    check_free(sample, folder)
    for name, text in _texts(sample).items():
        _write_new(folder / name, [(_fitted(text, sample, made) if made else text).encode()])
    return folder / PROFILE


def check_free(sample: Sample, folder: Path) -> None:
    """Raises RefusedError where one of the sample's files is in `folder` already."""
    for name in _texts(sample):
        if (folder / name).exists():
            raise _exists_already(folder / name)


def check_number(people: int) -> None:
    """Raises UsageError where a sample cannot have so many people."""
    if people < LEAST:
        limit, nearest = f"at least {LEAST:,}", LEAST
    elif people > MOST:
        limit, nearest = f"at most {MOST:,}", MOST
    else:
        return
    raise UsageError(
        f"A sample has {limit} people, and {people:,} were asked for.",
        state="Nothing was made.",
        next_step=f"--people {nearest}",
    )


def check_targets(sample: Sample, targets: Sequence[Engine | str]) -> None:
    """Raises UsageError unless each of the sample's stores has a database of its own."""
    names = ", ".join(store.name for store in sample.stores)
    if len(targets) != len(sample.stores):
        given = "1 URL was" if len(targets) == 1 else f"{len(targets)} URLs were"
        raise UsageError(
            f"{sample.name} has {len(sample.stores)} account databases ({names}), and {given} given.",
            state="Nothing was made.",
            next_step="give --database once for each, in this order, or not at all",
        )
    if len(set(_urls(targets))) < len(targets):
        raise UsageError(
            f"{sample.name} keeps people in {len(targets)} databases ({names}), and two of the URLs are the same.",
            state="Nothing was made.",
            next_step="give each of them a database of its own",
        )


def private_folder(folder: Path) -> None:
    """Make `folder`, for its owner alone, where it is not there. Raises OutsideError where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OutsideError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            state="Nothing was made.",
            next_step="choose another with --out DIR",
        ) from error


def filled(text: str, words: Mapping[str, str]) -> str:
    """`text` with each `{word}` replaced; other braces stay."""
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
    return text


def make_databases(
    sample: Sample,
    targets: Sequence[Engine | str],
    *,
    people: int = PEOPLE,
    seed: int = SEED,
    until: datetime | None = None,
    truth: Path,
) -> Made:
    """
    Make the company's account databases in empty stores.

    Args:
        targets: an SQLAlchemy engine or URL for each store, in their order; an SQLite file is created.
        people: how many accounts over all stores, 1,000 to 10,000,000.
        until: aware; the newest moment in the data, noon UTC of 20 November 2026 where it is not given. The same
            people, seed and until give the same rows on any engine.
        truth: the file to write the truth into; it must not exist.
    """
    check_number(people)
    check_targets(sample, targets)
    module = company(sample.id)
    if truth.exists():
        raise _exists_already(truth)
    urls = _urls(targets)
    named = {store.name: url for store, url in zip(module.STORES, urls, strict=True)}
    moment = int((until or _NEWEST).timestamp())
    counts, found = _fill(module, targets, people=people, seed=seed, until=moment)
    made = Made(people, seed, named, counts, found, truth)
    _write_new(truth, (piece.encode() for piece in json.JSONEncoder(indent=1).iterencode(_document(made))))
    return made


def _fill(
    module: Company, targets: Sequence[Engine | str], *, people: int, seed: int, until: int
) -> tuple[dict[str, int], Truth]:
    """Rows written by table, and the truth about them."""
    for target in targets:
        stores.sqlite_file(target)  # every URL is looked at before the first database is touched
    counts: dict[str, int] = {}
    engines = [stores.new_store(target, store) for target, store in zip(targets, module.STORES, strict=True)]
    contents = module.contents(people, seed=seed, until=until)
    for engine, target, store in zip(engines, targets, module.STORES, strict=True):
        rows = contents.rows[store.name]
        prefix = f"{store.name}/" if len(targets) > 1 else ""
        stores.fill(engine, store, {name: _counted(f"{prefix}{name}", of, counts) for name, of in rows.items()})
        if not isinstance(target, Engine):
            engine.dispose()
    return counts, contents.truth


def _counted(name: str, rows: Iterable[Row], counts: dict[str, int]) -> Iterator[Row]:
    counts[name] = 0
    for row in rows:
        counts[name] += 1
        yield row


def _urls(targets: Sequence[Engine | str]) -> list[str]:
    return [target if isinstance(target, str) else str(target.url) for target in targets]


def _document(made: Made) -> dict[str, object]:
    return {
        "people": made.people,
        "seed": made.seed,
        "seen_from": stamp(made.truth.seen_from),
        "seen_until": stamp(made.truth.seen_until),
        "ranges": made.truth.ranges,
        "affected": made.truth.affected,
        "uncertain": dict(made.truth.uncertain),
    }


def _texts(sample: Sample) -> dict[str, str]:
    """The sample's files for a workspace: all its TOML but the story."""
    files = sorted(sample.files.iterdir(), key=lambda entry: entry.name)
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".toml") and file.name != "story.toml"
    }


def _fitted(text: str, sample: Sample, made: Made) -> str:
    """With the breach's times; for a database whose tables have no schema, `"auth.users"` becomes `"users"`."""
    text = filled(text, made.words)
    if all(stores.has_schemas(url) for url in made.urls.values()):
        return text
    for schema in {table.schema for store in sample.stores for table in store.tables.tables.values() if table.schema}:
        text = text.replace(f'"{schema}.', '"').replace(f"= {schema}.", "= ")
    return text


def _exists_already(file: Path) -> RefusedError:
    return RefusedError(f"{file} exists already.", state="It was left as it is.", next_step="choose another folder")


def _write_new(file: Path, content: Iterable[bytes]) -> None:
    try:
        handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _exists_already(file) from None
    with os.fdopen(handle, "wb") as out:
        out.writelines(content)
