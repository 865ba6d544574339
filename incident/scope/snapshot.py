"""What one snapshot of one database says: the list, its counts, and what is uncertain about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from incident.errors import OutsideError
from incident.moments import stamp
from incident.record.canonical import Json
from incident.scope.counts import counts_of, uncertainties
from incident.scope.databases import AccountDatabase, Estimate, first_row
from incident.scope.datamap import DataMap
from incident.scope.dialects import Engine
from incident.scope.people import People
from incident.scope.predicate import without_addresses
from incident.scope.questions import Question
from incident.scope.schema import Schema
from incident.scope.sql import (
    COLUMNS,
    Statements,
    TrailStatements,
    compile_scope,
    parameters_document,
    spelled,
    sums_in,
)
from incident.scope.tally import Tally, adult_born_by

# A row in two, without a step of Python for each.
_LISTED, _COUNTED = itemgetter(slice(len(COLUMNS))), itemgetter(slice(len(COLUMNS), None))
_UNPLACED = 4  # in what `TrailStatements.about` finds: how many rows have no readable address


@dataclass(frozen=True)
class Prepared:
    """A database that was found to fit, what will be asked of it, and what its planner expects of the list."""

    database: AccountDatabase
    datamap: DataMap
    question: Question
    schema: Schema
    statements: Statements
    uncertain: tuple[str, ...]
    estimate: Estimate
    taken_at: datetime

    @property
    def engine(self) -> Engine:
        return self.database.engine


@dataclass(frozen=True)
class Snapshot:
    """
    One database, read. perhaps_more: why people may be missing from the list.

    statement, parameters: of the list; the parameters hold no person's key. fingerprint: of the schema that was read.
    """

    prepared: Prepared
    tally: Tally
    perhaps_more: tuple[str, ...]
    statement: str
    parameters: dict[str, Json]
    fingerprint: str

    @property
    def accounts(self) -> int:
        """How many of the list are from it."""
        return self.tally.accounts

    @property
    def database(self) -> str:
        return self.prepared.database.identity

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Everything that this database cannot answer; of people only once each stands for an address."""
        question, datamap, tally = self.prepared.question, self.prepared.datamap, self.tally
        found = list(self.perhaps_more)
        if tally.accounts:
            asks_when = _asks_when(question)
            found += uncertainties(counts_of(tally, [datamap]), tally, datamap, existing_at=asks_when)
        found += _misspelt_secrets(self.prepared)
        return tuple(dict.fromkeys([*found, *_by_secret(question, datamap)]))


def prepare(database: AccountDatabase, datamap: DataMap, question: Question, *, taken_at: datetime) -> Prepared:
    """
    Look at the catalogue, make the statements, close every way to write, and ask the planner; no account is read.

    taken_at: aware. Raises UsageError where map and database do not fit.
    """
    schema = database.probe(datamap)
    statements = compile_scope(question, datamap, schema, database.engine)
    conditions = [*question.conditions, *([datamap.accounts.filter] if datamap.accounts.filter else [])]
    uncertain = database.guard(datamap, ids=question.keylist, conditions=conditions)
    estimate = database.estimate(statements.people)
    return Prepared(database, datamap, question, schema, statements, tuple(uncertain), estimate, taken_at)


def read(
    store: str, prepared: Prepared, people: People, progress: Callable[[int], None], *, parts: Collection[str]
) -> Snapshot:
    """
    Read the list of `store` into `people`, then ask how far it can be trusted, in the same snapshot.

    progress: called with the number of accounts of each batch. parts: see `Tally`.
    """
    statements, database = prepared.statements, prepared.database
    tally = Tally(adult_born_by(prepared.taken_at.astimezone(UTC).date()), parts)
    people.begin(store, tally)
    numbers: Counter[Sequence[int]] = Counter()
    with closing(database.batches(statements.people)) as batches:
        for batch in batches:
            people.add(list(map(_LISTED, batch)))
            numbers.update(map(_COUNTED, batch))
            progress(len(batch))
    tally.sums.update(sums_in(statements.sums, numbers))
    counted = first_row(database, statements.count)[0]
    if counted != tally.accounts:
        raise OutsideError(
            f"The database listed {tally.accounts} accounts and counted {counted} in one snapshot.",
            state="Nothing was sealed.",
            next_step="look for rules or functions in the map's filter or --where that change from call to call",
        )
    return _snapshot(prepared, tally)


def _snapshot(prepared: Prepared, tally: Tally) -> Snapshot:
    datamap, database = prepared.datamap, prepared.database
    perhaps_more = [*prepared.uncertain, *_perhaps(prepared), *_about_source(prepared)]
    if _asks_when(prepared.question) and datamap.accounts.deleted_at is None:
        perhaps_more.append("Deletions are not recorded: accounts removed since then are missing from the list.")
    text, parameters = spelled(prepared.statements.people, database.engine)
    if datamap.accounts.filter:  # which may leave out a robot by its address
        text = without_addresses(text, datamap.accounts.filter)
    return Snapshot(
        prepared,
        tally,
        tuple(dict.fromkeys(perhaps_more)),
        text,
        parameters_document(parameters, prepared.question, database.engine),
        prepared.schema.fingerprint(datamap.columns_read()),
    )


def _asks_when(question: Question) -> bool:
    """Whether it asks who existed at some time."""
    return any(part.existing_at is not None for part in question.parts)


def _rows(database: AccountDatabase, statement: Any) -> Iterator[tuple[Any, ...]]:
    with closing(database.batches(statement)) as batches:
        for batch in batches:
            yield from batch


def _perhaps(prepared: Prepared) -> list[str]:
    """Who may belong on the list though nothing that was kept says so: in the asker's words, and by rows removed."""
    found: list[str] = []
    for why, statement in prepared.statements.perhaps:
        if number := first_row(prepared.database, statement)[0]:
            many = f"{number} accounts that are" if number > 1 else "1 account that is"
            found.append(f"{many} not on the list may belong there: {why}.")
    for part in prepared.question.parts:
        for category in part.holding if part.held else ():
            found += _removed_rows(prepared.datamap, category)
    return found


def _removed_rows(datamap: DataMap, category: str) -> list[str]:
    """Tables that do not say until when a row was there have only the rows that still are."""
    related = (datamap.related_table(value.table) for value in datamap.values_holding(category) if value.table)
    return [
        f"{one.table} keeps no row that was removed: who held {category} only in such a row is not found by it."
        for one in related
        if one is not None and one.deleted_at is None
    ]


def _about_source(prepared: Prepared) -> list[str]:
    """How far the filter, the trails and the list of keys can be trusted."""
    found: list[str] = []
    unsaid = prepared.statements.unsaid
    if unsaid is not None and (lost := first_row(prepared.database, unsaid)[0]):
        found.append(
            f"{lost} of the accounts asked for are left out because the map's filter can say neither yes nor no of "
            "them: a column it compares is NULL there."
        )
    trails = [(asked, first_row(prepared.database, asked.about)) for asked in prepared.statements.trails]
    if any(row[_UNPLACED] for _, row in trails):
        found += _unplaced(prepared)
    for asked, row in trails:
        found += _about_trail(prepared.database, asked, row, several=len(trails) > 1)
    found += _no_such_tenants(prepared)
    listed = prepared.question.keylist
    strangers = prepared.statements.strangers
    if strangers is not None and listed is not None and (lost := first_row(prepared.database, strangers)[0]):
        what = "keys" if listed.are == "ids" else "addresses"
        found.append(f"{lost} of {listed.count} listed {what} belong to no account.")
    return found


def _unplaced(prepared: Prepared) -> list[str]:
    """Accounts that only the address of a row would put on the list, where that row has none that can be read."""
    statement = prepared.statements.unplaced
    if statement is None or not (accounts := first_row(prepared.database, statement)[0]):
        return []
    if accounts == 1:
        who, theirs = "1 account that is not on the list, nothing says whether it belongs", "its rows"
    else:
        who, theirs = f"{accounts} accounts that are not on the list, nothing says whether they belong", "their rows"
    return [f"Of {who} there: {theirs} of the trail have no readable address."]


def _no_such_tenants(prepared: Prepared) -> list[str]:
    statement = prepared.statements.tenants
    if statement is None:
        return []
    there = {name for (name,) in _rows(prepared.database, statement)}
    asked = {tenant for part in prepared.question.parts for tenant in part.tenants}
    return [f"Nobody is of a tenant {name}; is that how the database writes it?" for name in sorted(asked - there)]


def _misspelt_secrets(prepared: Prepared) -> list[str]:
    """A secret that names no column keeps nothing out. Tables that are not read are not looked at."""
    found = []
    for secret in sorted(prepared.datamap.secrets, key=str):
        for table, columns in prepared.schema.columns.items():
            if table.may_be(secret.table) and secret.column.lower() not in map(str.lower, columns):
                found.append(f"The map's secret {secret.table}.{secret.column} names no column: it keeps nothing out.")
    return found


def _about_trail(
    database: AccountDatabase, asked: TrailStatements, about: tuple[Any, ...], *, several: bool
) -> list[str]:
    """
    How far one trail can be trusted for what was asked of it; named where the question asks several.

    about: what its statement of that name found.
    """
    found: list[str] = []
    trail = f"trail {asked.trail.name}" if several else "trail"
    seen = asked.question.seen
    first, last, rows, undated, unplaced = about
    if undated and seen:
        first, last = first_row(database, asked.edges)
    if not rows:
        found.append(f"The {trail} is empty: that proves nothing about who was seen.")
    elif seen and first and first > stamp(seen.since):
        found.append(f"The {trail} begins at {first}, after the window does; what came before cannot be seen.")
    elif seen and last and last < stamp(seen.since):
        found.append(f"The {trail} ends at {last}, before the window begins.")
    if undated:
        found.append(f"{undated} rows of the {trail} have no readable time; a window does not find them.")
    if unplaced:
        rows_have = f"{unplaced} rows of the {trail} have" if unplaced > 1 else f"1 row of the {trail} has"
        found.append(f"{rows_have} no readable address; a range of addresses does not find such rows.")
    if gone := first_row(database, asked.gone)[0]:
        many = f"{gone} accounts on the {trail} are" if gone > 1 else f"1 account on the {trail} is"
        found.append(f"{many} not in the account table any more; nobody can be written to from here.")
    return found


def _by_secret(question: Question, datamap: DataMap) -> list[str]:
    """Where a column may not be looked into, having a row has to stand for having the data."""
    found: list[str] = []
    doubted = {category for part in question.doubted_parts for category in part.holding}
    for category in dict.fromkeys(category for part in question.parts for category in part.holding):
        for value in datamap.values_holding(category):
            if not datamap.is_secret_hold(value):
                continue
            row = "that row" if value.where else f"a row in {value.table}"
            whose = f"every account with {row} counts"
            if value.table == datamap.accounts.table:
                whose = "every account counts" if category in doubted else "no account counts"
            found.append(f"{value} is a secret and never looked into: {whose} as holding {category}.")
    return found
