"""
Ready maps: data maps for well-known stores of accounts (`maps/*.toml`), and which of them fit a database.

A ready map speaks of tables and columns by the names its product gives them. `detect` looks for those in a catalogue,
under whatever prefix, table name or spelling is there (`placing.py`), and leaves out what is not (`adapting.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from incident.datafile import Section, read_datafile
from incident.errors import UsageError
from incident.scope.adapting import adapted
from incident.scope.datamap import DataMap, TableName
from incident.scope.mapfile import datamap_of, table_of
from incident.scope.placing import Habits, Placing, placings

_TABLES = ("named", "prefixed", "any")


@dataclass(frozen=True)
class Ready:
    """
    One file of maps/.

    versions, source: what it was read from, in words. cannot_answer, traps: one sentence each, for the user.
    beside: the ready map whose database also holds these other people; None for accounts.
    """

    id: str
    name: str
    versions: str
    source: str
    cannot_answer: tuple[str, ...]
    traps: tuple[str, ...]
    beside: str | None
    habits: Habits
    datamap: DataMap


@dataclass(frozen=True)
class Found:
    """
    A ready map that fits a database, adapted to it.

    name: its id, with its table behind a colon where it fits several ("devise:admins"). reasons: what was recognised.
    left_out: what the database does not have. Both are parts of sentences. beside: names of ready maps of other people
    in the same database, and who they are.
    """

    name: str
    ready: Ready
    datamap: DataMap
    reasons: tuple[str, ...]
    left_out: tuple[str, ...]
    beside: tuple[tuple[str, str], ...] = ()


@cache
def ready_maps() -> tuple[Ready, ...]:
    """Every ready map that ships, by id; the names in it are the product's own."""
    files = resources.files("incident.scope").joinpath("maps").iterdir()
    found = [_read(read_datafile(file, name=f"maps/{file.name}")) for file in files if file.name.endswith(".toml")]
    return tuple(sorted(found, key=lambda ready: ready.id))


def detect(tables: Mapping[TableName, Collection[str]]) -> tuple[Found, ...]:
    """
    The ready maps that fit a database, those of accounts first.

    tables: every table that may be read, with the names of its columns.
    """
    fits = [
        (ready, placing)
        for ready in sorted(ready_maps(), key=lambda ready: (ready.beside is not None, ready.id))
        for placing in placings(ready.datamap.accounts.table, ready.habits, tables)
    ]
    times = Counter(ready.id for ready, _ in fits)
    found = []
    for ready, placing in fits:
        name = ready.id if times[ready.id] == 1 else f"{ready.id}:{placing.accounts}"
        datamap, left_out = adapted(ready.datamap, placing, filter_needs=ready.habits.filter_needs)
        found.append(Found(name, ready, replace(datamap, file=f"the ready map {name}"), _reasons(placing), left_out))
    return tuple(replace(one, beside=_beside(one, found)) for one in found)


def choose(found: Sequence[Found], names: Sequence[str] = (), *, database: str) -> list[Found]:
    """
    The maps called `names`, or the one of accounts that fits.

    database: what to call it. Raises UsageError where none fits, where several do, and for a name that is none.
    """
    if not found:
        known = ", ".join(ready.name for ready in ready_maps() if ready.beside is None)
        raise UsageError(
            f"No ready map fits what this user may read of {database}. There are ready maps for: {known}.",
            state="Nothing was read but the names of tables and columns.",
            next_step="incident scope discover URL --out accounts.toml   (then --map accounts.toml)",
        )
    by_name = {one.name: one for one in found}
    if unknown := next((name for name in names if name not in by_name), None):
        raise UsageError(
            f'No ready map "{unknown}" fits {database}.',
            state="Nothing was read but the names of tables and columns.",
            next_step=f"choose from {', '.join(by_name)}",
        )
    if names:
        return [by_name[name] for name in dict.fromkeys(names)]
    accounts = [one for one in found if one.ready.beside is None]
    if len(accounts) == 1:
        return accounts
    several = accounts or list(found)
    raise UsageError(
        f"{len(several)} ready maps fit {database}: {', '.join(one.name for one in several)}.",
        state="Nothing was read but the names of tables and columns.",
        next_step=f"add --ready {several[0].name}; several may be named, and are counted apart",
    )


def _beside(one: Found, found: Sequence[Found]) -> tuple[tuple[str, str], ...]:
    return tuple((other.name, other.ready.name) for other in found if other.ready.beside == one.ready.id)


def _reasons(placing: Placing) -> tuple[str, ...]:
    by_table: dict[TableName, list[str]] = {}
    for table, column in placing.seen:
        by_table.setdefault(table, []).append(column)
    return tuple(f"{table} has {', '.join(columns)}" for table, columns in by_table.items())


def _read(root: Section) -> Ready:
    head = root.section("ready")
    habits = Habits(
        signs=_columns(head, "signs"),
        one_of=_columns(head, "one_of"),
        account_table=head.choice("account_table", _TABLES, "named"),
        prefix=head.text_or_none("prefix") or "",
        filter_needs=head.texts("filter_needs"),
        per_site=tuple(map(table_of, head.texts("per_site"))),
        named_as_rails=head.flag("named_as_rails"),
        tables=_spellings(head, "tables"),
        columns=_spellings(head, "columns"),
    )
    ready = Ready(
        id=head.text("id"),
        name=head.text("name"),
        versions=head.text("versions"),
        source=head.text("source"),
        cannot_answer=head.texts("cannot_answer"),
        traps=head.texts("traps"),
        beside=head.text_or_none("beside"),
        habits=habits,
        datamap=datamap_of(root),
    )
    head.finish()
    return ready


def _columns(head: Section, key: str) -> tuple[tuple[TableName, str], ...]:
    """Texts such as "auth.users.id"."""
    split = [text.rpartition(".") for text in head.texts(key)]
    return tuple((table_of(table), column) for table, _, column in split)


def _spellings(head: Section, key: str) -> Mapping[str, tuple[str, ...]]:
    entry = head.section_or_none(key)
    return {name: entry.texts(name) for name, _ in entry.items()} if entry else {}
