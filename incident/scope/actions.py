"""
What a person does with scopes: run one and seal it, look at one, compare two, export one.

A run reads in one snapshot, writes the list whole to the disk, and only then tells the journal; killed at any moment
it leaves a list that the journal names, or none.
"""

from __future__ import annotations

import csv
import fcntl
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from incident.errors import OutsideError, RefusedError, UsageError
from incident.organisation.profile import store_url
from incident.record.canonical import Json
from incident.record.events import FactStated, Happening, ScopeChosen, ScopeSealed
from incident.record.timeline import Incident
from incident.scope.counts import Counts, add_up, count_unread, counts_in, counts_of, facts_of, take_back, uncertainties
from incident.scope.databases import TIMEOUT_SECONDS, AccountDatabase, first_row, open_accounts
from incident.scope.mapfile import read_datamap #DataMap, 
from incident.scope.difference import Difference, differences
from incident.scope.questions import IdList, Question, ask, question_document
from incident.scope.sealed import UNFINISHED, Seal, Sealer, check_sealed, read_segments
from incident.scope.sql import COLUMNS, Statements, compile_scope, parameters_document, spelled
from incident.workspace import Workspace

_IDS_LIMIT = 900_000_000  # bytes; a parameter of PostgreSQL ends at 1 GB


@dataclass(frozen=True)
class Sealed:
    """A finished run. seconds: how long it took. notes: how the times typed were understood."""

    incident: Incident
    scope: ScopeSealed
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What one snapshot said. taken_at: aware, UTC."""

    question: Question
    seal: Seal
    counts: Counts
    uncertain: list[str]
    statement: str
    parameters: dict[str, Json]
    database: str
    fingerprint: str
    taken_at: datetime


@dataclass(frozen=True)
class Nobody:
    """A run that found no account: nothing was sealed and nothing recorded."""

    answer: Answer
    seconds: float
    notes: tuple[str, ...]


def run_scope(
    workspace: Workspace,
    incident_id: str | None,
    selectors: Mapping[str, Any],
    *,
    database: str | None = None,
    map_file: Path | None = None,
    ids_file: Path | None = None,
    timeout_seconds: int = TIMEOUT_SECONDS,
    progress: Callable[[int], None] | None = None,
) -> Sealed | Nobody:
    """
    Ask the account database, seal the list, and record it with its counts as facts; nothing of it where it is empty.

    selectors: the keyword arguments of `questions.ask`, as typed. database, map_file: needed unless the organisation
    has exactly one store of accounts. progress: called with the number of accounts written so far.
    """
    started, taken_at = time.monotonic(), workspace.now()
    incident = workspace.incident(incident_id)
    url, chosen = _store(workspace, database, map_file)
    datamap = read_datamap(chosen)
    ids = read_ids(ids_file) if ids_file else None
    asked = ask(datamap, now=taken_at, zone=workspace.zone, ids=ids, **selectors)
    folder = workspace.incident_folder(incident.id) / "scopes"
    with _only_one(workspace, incident.id, folder), Sealer(folder) as sealer:
        with open_accounts(url, timeout_seconds=timeout_seconds) as accounts:
            answer = _answer(accounts, datamap, asked.question, taken_at, sealer, progress)
        if not answer.counts.accounts:
            return Nobody(answer, time.monotonic() - started, asked.notes)

        def decide(found: Incident) -> list[Happening]:
            name = f"s{1 + max((int(scope.scope[1:]) for scope in found.scopes), default=0)}"
            sealer.name(folder / f"{name}.jsonl")
            return [_event(name, answer), *_news(found, facts_of(name, answer.counts))]

        after, _ = workspace.record(incident.id, decide)
        sealer.keep()
    return Sealed(after, after.scopes[-1], time.monotonic() - started, asked.notes)


def choose_scope(workspace: Workspace, incident_id: str | None, name: str) -> tuple[Incident, list[str]]:
    """
    Make an earlier list the one in force again; returns the incident after it and the facts that changed.

    Its counts become the facts again, where they are others now. Raises UsageError where there is no such scope,
    RecordIntegrityError where its list is not the one that was sealed.
    """
    incident = workspace.incident(incident_id)
    verified(workspace, incident, name)

    def decide(found: Incident) -> list[Happening]:
        in_force = found.scope_in_force
        chosen = [] if in_force and in_force.scope == name else [ScopeChosen(name)]
        return [*chosen, *_news(found, facts_of(name, counts_in(scope_named(found, name))))]

    after, events = workspace.record(incident.id, decide)
    return after, [str(event.body["fact"]) for event in events if event.kind == FactStated.kind]


def scope_named(incident: Incident, name: str) -> ScopeSealed:
    """The sealed scope called `name`; raises UsageError listing those there are."""
    for scope in incident.scopes:
        if scope.scope == name:
            return scope
    there = ", ".join(scope.scope for scope in incident.scopes)
    raise UsageError(
        f'{incident.id} has no scope "{name}"' + (f"; it has {there}." if there else "; none was run yet."),
        next_step="incident scope list" if there else "incident scope run --help",
    )


def list_file(workspace: Workspace, incident: Incident, scope: ScopeSealed) -> Path:
    return workspace.incident_folder(incident.id) / scope.file


def verified(workspace: Workspace, incident: Incident, name: str) -> tuple[ScopeSealed, Path]:
    """The scope and its list, read once to its end; raises RecordIntegrityError where it is not what was sealed."""
    scope = scope_named(incident, name)
    file = list_file(workspace, incident, scope)
    check_sealed(file, scope.digest)
    return scope, file


def compare(workspace: Workspace, incident: Incident, before: str, after: str) -> Iterator[Difference]:
    """Person by person; both lists are verified first."""
    (_, old), (_, new) = (verified(workspace, incident, name) for name in (before, after))
    return differences(read_segments(old), read_segments(new))


def export_csv(workspace: Workspace, incident: Incident, name: str, out: Path) -> int:
    """
    The verified list as CSV for people, private (0600); returns how many accounts were written.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front. Refuses to overwrite.
    """
    _, file = verified(workspace, incident, name)
    written = 0
    try:
        handle = os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise RefusedError(
            f"{out} exists already.", state="Nothing was written.", next_step="choose another name"
        ) from None
    except OSError as error:
        raise OutsideError(f"{out} cannot be written: {error.strerror}.", next_step="choose another folder") from error
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(COLUMNS)
        for segment in read_segments(file):
            rows.writerows([_cell(getattr(person, column)) for column in COLUMNS] for person in segment.people)
            written += len(segment.people)
    return written


def read_ids(file: Path) -> IdList:
    """Keys from a file, one a line; blank lines and repetitions do not count. Raises UsageError for no such file."""
    try:
        if file.stat().st_size > _IDS_LIMIT:
            raise UsageError(f"{file} is larger than 900 MB.", next_step="split it, and run one scope for each part")
        with file.open(encoding="utf-8-sig") as lines:
            keys = dict.fromkeys(key for line in lines if (key := line.strip()))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", next_step="check the path") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text.", next_step="save it as text, one key a line") from None
    text = "\n".join(keys)
    if not keys or "\0" in text:
        raise UsageError(f"{file} holds no list of keys.", next_step="write one key a line")
    return IdList(f"sha256:{sha256(text.encode()).hexdigest()}", len(keys), text)


def _store(workspace: Workspace, database: str | None, map_file: Path | None) -> tuple[str, Path]:
    stores = workspace.organisation.accounts if workspace.organisation else ()
    if database and map_file:
        return database, map_file
    if len(stores) != 1:
        have = f"names {len(stores)} stores of accounts" if workspace.organisation else "is not written yet"
        missing = " and ".join(
            option for option, given in (("--database URL", database), ("--map FILE", map_file)) if not given
        )
        raise UsageError(
            f"Which database? The organisation profile {have}.", state="Nothing was read.", next_step=f"give {missing}"
        )
    return database or store_url(stores[0], workspace.settings.environ), map_file or stores[0].map


def _answer(
    accounts: AccountDatabase,
    datamap: DataMap,
    question: Question,
    taken_at: datetime,
    sealer: Sealer,
    progress: Callable[[int], None] | None,
) -> Answer:
    """Everything that is read, in one snapshot: the list, its counts, and what is uncertain about them."""
    schema = accounts.probe(datamap)
    statements = compile_scope(question, datamap, schema, accounts.engine, taken_at=taken_at)
    conditions = [condition for condition in (question.where, datamap.accounts.filter) if condition]
    uncertain = accounts.guard(datamap, ids=question.ids, conditions=conditions)
    written = 0
    times = {name: COLUMNS.index(name) for name in datamap.accounts.times}
    read = Counter(dict.fromkeys(times, 0))
    with closing(accounts.batches(statements.people)) as batches:
        for batch in batches:
            sealer.add(batch)
            written += len(batch)
            for name, place in times.items():
                read[name] += sum(row[place] is not None for row in batch)
            if progress:
                progress(written)
    tally = add_up(_rows(accounts, statements.tally), statements.sums)
    if tally.accounts != written:
        raise OutsideError(
            f"The database listed {written} accounts and counted {tally.accounts} in one snapshot.",
            state="Nothing was sealed.",
            next_step="look for rules or functions in the map's filter or --where that change from call to call",
        )
    count_unread(tally, read, existing_at=question.existing_at is not None)
    if statements.repeated is not None and any(_rows(accounts, statements.repeated)):
        sealer.same_address(take_back(_rows(accounts, statements.shared), tally))
    counts = counts_of(tally, datamap)
    uncertain += uncertainties(counts, tally, datamap) if written else []
    uncertain += _about_source(accounts, statements, question, datamap)
    text, parameters = spelled(statements.people, accounts.engine)
    return Answer(
        question,
        sealer.finish(),
        counts,
        uncertain,
        text,
        parameters_document(parameters, question, accounts.engine),
        accounts.identity,
        schema.fingerprint(datamap.columns_read()),
        taken_at,
    )


def _rows(accounts: AccountDatabase, statement: Any) -> Iterator[tuple[Any, ...]]:
    with closing(accounts.batches(statement)) as batches:
        for batch in batches:
            yield from batch


def _about_source(accounts: AccountDatabase, statements: Statements, question: Question, datamap: DataMap) -> list[str]:
    """How far the trail and the list of keys can be trusted."""
    found: list[str] = []
    if statements.trail is not None:
        first, last, rows, undated, unplaced = first_row(accounts, statements.trail)
        if not rows:
            found.append("The trail is empty: that proves nothing about who was seen.")
        elif question.seen and first and first > question_document(question)["seen"]["since"]:
            found.append(f"The trail begins at {first}, after the window does; what came before cannot be seen.")
        elif question.seen and last and last < question_document(question)["seen"]["since"]:
            found.append(f"The trail ends at {last}, before the window begins.")
        if undated:
            found.append(f"{undated} rows of the trail have no readable time; a window does not find them.")
        if unplaced:
            found.append(
                f"{unplaced} rows of the trail have no readable address; a range of addresses does not find them."
            )
    if statements.gone is not None and (gone := first_row(accounts, statements.gone)[0]):
        many = f"{gone} accounts on the trail are" if gone > 1 else "1 account on the trail is"
        found.append(f"{many} not in the account table any more; nobody can be written to from here.")
    if question.existing_at and datamap.accounts.deleted_at is None:
        found.append("Deletions are not recorded: accounts removed since then are missing from the list.")
    if statements.strangers is not None and (strangers := first_row(accounts, statements.strangers)[0]):
        found.append(f"{strangers} of {question.ids.count if question.ids else 0} listed keys belong to no account.")
    return found


def _event(name: str, answer: Answer) -> ScopeSealed:
    counts, seal = answer.counts, answer.seal
    return ScopeSealed(
        scope=name,
        question=question_document(answer.question),
        digest=seal.digest,
        counts={
            "accounts": seal.accounts,
            "people": counts.people,
            "segments": seal.segments,
            "unreachable": counts.unreachable,
            "minors": counts.minors,
            "aged": counts.aged,
        },
        by_country=counts.by_country,
        by_locale=counts.by_locale,
        by_category=counts.by_category,
        statement=answer.statement,
        parameters=answer.parameters,
        database=answer.database,
        schema_fingerprint=answer.fingerprint,
        taken_at=answer.taken_at,
        file=f"scopes/{name}.jsonl",
        uncertain=tuple(answer.uncertain),
    )


def _news(incident: Incident, facts: list[FactStated]) -> list[FactStated]:
    """The facts that say something new: a rerun with the same count must not make every letter stale."""
    news = []
    for fact in facts:
        known = incident.ledger.get(fact.fact)
        by_scope = known is not None and (known.source or "").startswith("scope ")
        same = known is not None and (known.value, known.state, known.because) == (fact.value, fact.state, fact.because)
        if not (by_scope and same):
            news.append(fact)
    return news


@contextmanager
def _only_one(workspace: Workspace, incident_id: str, folder: Path) -> Iterator[None]:
    """
    One run at a time for an incident on this machine; what a killed run left behind is removed first.

    The lock goes with the process, so that nothing has to be cleaned up after a kill.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise OutsideError(
            f"The folder {folder} cannot be written: {error.strerror}.",
            state="Nothing was read.",
            next_step="choose another folder with --workspace DIR",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Read under the lock: a list that was sealed a moment ago is not a left-over.
        kept = {f"{scope.scope}.jsonl" for scope in workspace.incident(incident_id).scopes}
        for file in folder.iterdir():
            if file.suffix == UNFINISHED or (file.suffix == ".jsonl" and file.name not in kept):
                file.unlink()
        yield
    except BlockingIOError:
        raise RefusedError(
            f"Another scope of {incident_id} is being sealed.",
            state="Nothing was read.",
            next_step="wait for it to end",
        ) from None
    finally:
        os.close(lock)


def _cell(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
