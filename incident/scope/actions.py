"""
Running a scope, and choosing which list is in force. What is done with a finished list is in `lists.py`.

A run reads in one snapshot, writes the list whole to the disk, and only then tells the journal; killed at any moment
it leaves a list that the journal names, or none.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from incident.clock.regimes import load_laws
from incident.errors import OutsideError, RefusedError, UsageError
from incident.record.canonical import Json
from incident.record.events import FactStated, Happening, ScopeChosen, ScopeSealed
from incident.record.timeline import Incident
from incident.scope.asking import Asked, Selectors, ask, check_conditions
from incident.scope.counts import Counts, counts_in, counts_of, facts_of
from incident.scope.databases import TIMEOUT_SECONDS, open_accounts
from incident.scope.datamap import DataMap
from incident.scope.lists import scope_named, verified
from incident.scope.people import People
from incident.scope.questions import Question, check_against, question_document
from incident.scope.sealed import UNFINISHED, Seal, Sealer
from incident.scope.snapshot import Prepared, Snapshot, prepare, read
from incident.scope.stores import Store
from incident.scope.tally import Tally
from incident.scope.unasked import check_stores, not_asked
from incident.scope.vault import Vault
from incident.workspace import Workspace

_LIST = re.compile(r"s[0-9]+\.jsonl")  # of this program; what a person laid beside it stays


@dataclass(frozen=True)
class Sealed:
    """A finished run. seconds: how long it took. notes: how the times typed were understood."""

    incident: Incident
    scope: ScopeSealed
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """
    What the snapshots said, by store in the order they were read. taken_at: aware, UTC.

    unasked: one sentence for each store that the question is about and that was not read.
    """

    question: Question
    seal: Seal
    counts: Counts
    snapshots: Mapping[str, Snapshot]
    taken_at: datetime
    unasked: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        """The SELECT of the list; of several stores one after another, each behind its name."""
        return self._of_each(lambda snapshot: snapshot.statement)

    @property
    def parameters(self) -> dict[str, Json]:
        if len(self.snapshots) == 1:
            return next(iter(self.snapshots.values())).parameters
        return {store: snapshot.parameters for store, snapshot in self.snapshots.items()}

    @property
    def database(self) -> str:
        return ", ".join(snapshot.database for snapshot in self.snapshots.values())

    @property
    def fingerprint(self) -> str:
        return self._of_each(lambda snapshot: snapshot.fingerprint)

    def _of_each(self, text: Callable[[Snapshot], str]) -> str:
        if len(self.snapshots) == 1:
            return text(next(iter(self.snapshots.values())))
        return "\n".join(f"{store}: {text(snapshot)}" for store, snapshot in self.snapshots.items())

    @property
    def uncertain(self) -> list[str]:
        several = len(self.snapshots) > 1
        of_each = [
            f"{store}: {sentence}" if several else sentence
            for store, snapshot in self.snapshots.items()
            for sentence in snapshot.uncertain
        ]
        return [*self.unasked, *of_each, *self.question.doubts_of_all]


@dataclass(frozen=True)
class Nobody:
    """A run that found no account: nothing was sealed and nothing recorded."""

    answer: Answer
    seconds: float
    notes: tuple[str, ...]


class Watcher(Protocol):
    """Who is told how a run goes. rows: how many accounts the planners expect, None where one could not say."""

    def begins(self, rows: int | None) -> None: ...

    def read(self, accounts: int) -> None: ...

    def ends(self) -> None: ...


def run_scope(
    workspace: Workspace,
    incident_id: str | None,
    selectors: Selectors,
    stores: Sequence[Store],
    *,
    timeout_seconds: int = TIMEOUT_SECONDS,
    watcher: Watcher | None = None,
) -> Sealed | Nobody:
    """
    Ask the account databases, seal the list, and record it with its counts as facts; nothing of it where it is empty.

    selectors: as typed. stores: of `stores_of`.
    """
    started, taken_at = time.monotonic(), workspace.now()
    incident = workspace.incident(incident_id)
    asked, datamaps = _understood(workspace, selectors, stores, taken_at)
    maps = {store.name: store.map_used for store in stores}
    folder = workspace.incident_folder(incident.id) / "scopes"
    with _only_one(workspace, incident.id, folder), Sealer(folder) as sealer, ExitStack() as opened:
        prepared = _prepared(opened, asked.question, stores, datamaps, taken_at, timeout_seconds)
        answer = _answer(prepared, asked, taken_at, sealer, watcher)
        if not answer.counts.accounts:
            return Nobody(answer, time.monotonic() - started, asked.notes)

        def decide(found: Incident) -> list[Happening]:
            name = f"s{1 + max((int(scope.scope[1:]) for scope in found.scopes), default=0)}"
            sealer.name(folder / f"{name}.jsonl")
            return [_event(name, answer, maps), *_news(found, facts_of(name, answer.counts))]

        after, _ = workspace.record(incident.id, decide)
        sealer.keep()
    return Sealed(after, after.scopes[-1], time.monotonic() - started, asked.notes)


def plan_scope(
    workspace: Workspace, selectors: Selectors, stores: Sequence[Store], *, timeout_seconds: int = TIMEOUT_SECONDS
) -> tuple[Asked, dict[str, Prepared]]:
    """What would be asked of each store, and what its planner says of that; no account is read."""
    taken_at = workspace.now()
    asked, datamaps = _understood(workspace, selectors, stores, taken_at)
    with ExitStack() as opened:
        return asked, _prepared(opened, asked.question, stores, datamaps, taken_at, timeout_seconds)


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


def _understood(
    workspace: Workspace, selectors: Selectors, stores: Sequence[Store], now: datetime
) -> tuple[Asked, list[DataMap]]:
    """The question, and the map of each store, found to be able to answer what is asked of it."""
    asked = ask(selectors, now=now, zone=workspace.zone)
    named = workspace.organisation.accounts if workspace.organisation else ()
    names = [store.name for store in stores]
    check_stores(asked.question, names, [store.name for store in named], workspace.zone)
    asked = replace(asked, unasked=not_asked(asked.question, names))
    datamaps = [store.read_map() for store in stores]
    for store, datamap in zip(stores, datamaps, strict=True):
        check_conditions(asked.question, datamap.secret_names)
        _check_answerable(asked.question.at_store(store.name), datamap, several=len(stores) > 1)
    _check_keys_name_stores(asked.question, stores)
    if len(stores) == 1:  # its keys do not name it, so what the record keeps must not ask for it by name
        asked = replace(asked, question=asked.question.at_store(stores[0].name))
    return asked, datamaps


def _check_answerable(question: Question, datamap: DataMap, *, several: bool) -> None:
    """No store is passed over in silence: a person says whom a part is not asked of."""
    try:
        check_against(question, datamap)
    except UsageError as error:
        if several:
            error.next_step = f'{error.next_step}; or, in a question file, say which store can: store = "NAME"'
        raise


def _check_keys_name_stores(question: Question, stores: Sequence[Store]) -> None:
    """The key 10 of one store is another person than the key 10 of the next."""
    listed = question.keylist
    if len(stores) < 2 or listed is None or listed.are != "ids":
        return
    beginnings = tuple(f"{store.name}/" for store in stores)
    if homeless := sum(not entry.startswith(beginnings) for entry in listed.entries):
        raise UsageError(
            f"{homeless} of {listed.count} listed keys do not say which store they are of.",
            state="Nothing was read.",
            next_step=f"write them as {beginnings[0]}KEY, as lists of several stores have them, or choose one --store",
        )


def _prepared(
    opened: ExitStack,
    question: Question,
    stores: Sequence[Store],
    datamaps: Sequence[DataMap],
    taken_at: datetime,
    timeout_seconds: int,
) -> dict[str, Prepared]:
    """Every database open and found to fit, before the first account is read of any."""
    return {
        store.name: prepare(
            opened.enter_context(open_accounts(store.url, timeout_seconds=timeout_seconds)),
            datamap,
            question.at_store(store.name).of_store(store.name) if len(stores) > 1 else question,
            taken_at=taken_at,
        )
        for store, datamap in zip(stores, datamaps, strict=True)
    }


def _answer(
    prepared: Mapping[str, Prepared], asked: Asked, taken_at: datetime, sealer: Sealer, watcher: Watcher | None
) -> Answer:
    expected = [one.estimate.rows for one in prepared.values()]
    if watcher:
        watcher.begins(sum(rows for rows in expected if rows is not None) if None not in expected else None)
    progress = watcher.read if watcher else lambda _: None
    snapshots: dict[str, Snapshot] = {}
    total = Tally("")
    parts = frozenset(place for place in load_laws().covered if "-" in place)  # a part of a country with its own law
    with People(sealer, several=len(prepared) > 1) as people:
        for name, one in prepared.items():
            snapshots[name] = read(name, one, people, progress, parts=parts)
        people.finish()
    for snapshot in snapshots.values():
        total.add(snapshot.tally)
    if watcher:
        watcher.ends()
    of_each = (sentence for snapshot in snapshots.values() for sentence in snapshot.perhaps_more)
    perhaps_more = [*asked.unasked, *of_each, *asked.question.doubts_of_all]
    counts = counts_of(total, [one.datamap for one in prepared.values()], perhaps_more)
    return Answer(asked.question, sealer.finish(), counts, snapshots, taken_at, asked.unasked)


def _event(name: str, answer: Answer, maps: Mapping[str, Json]) -> ScopeSealed:
    counts, seal = answer.counts, answer.seal
    by_store = {store: snapshot.accounts for store, snapshot in answer.snapshots.items()}
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
        also_in=counts.also_in,
        perhaps_more=tuple(counts.perhaps_more),
        statement=answer.statement,
        parameters=answer.parameters,
        database=answer.database,
        schema_fingerprint=answer.fingerprint,
        taken_at=answer.taken_at,
        file=f"scopes/{name}.jsonl",
        uncertain=tuple(answer.uncertain),
        by_store=by_store if len(by_store) > 1 else {},
        maps=maps,
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
        _lock_alone(lock, incident_id)
        # Read under the lock: a list that was sealed a moment ago is not a left-over.
        kept = {f"{scope.scope}.jsonl" for scope in workspace.incident(incident_id).scopes}
        for file in folder.iterdir():
            if file.suffix == UNFINISHED or (_LIST.fullmatch(file.name) and file.name not in kept):
                file.unlink()
        vault = Vault(folder)
        vault.destroy(names=vault.lists - kept)
        yield
    finally:
        os.close(lock)


def _lock_alone(lock: int, incident_id: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RefusedError(
            f"Another scope of {incident_id} is being sealed.",
            state="Nothing was read.",
            next_step="wait for it to end",
        ) from None
