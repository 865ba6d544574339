"""Reading a data map. Strict: what is misspelt, contradictory or a secret names its file, line and key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from incident.datafile import Section, read_datafile_at
from incident.errors import UsageError
from incident.moments import read_zone
from incident.record.vocabulary import data_categories
from incident.scope.datamap import (
    UNITS,
    AccountTable,
    DataMap,
    Hop,
    Related,
    Secret,
    TableName,
    Trail,
    Value,
)
from incident.scope.predicate import check_predicate

_EQUALITY = re.compile(r"([^=]+?)\s*=\s*([^=]+)")
_SECRET = re.compile(r"(?P<place>[^\[\]]+)(?P<where>(?:\[[^\[\]=]+=[^\[\]]*\])*)")
_HELD = re.compile(r"(?P<place>[^\[\]]+?)(?P<where>(?:\[[^\[\]=]+=[^\[\]]*\])*)(?:->(?P<inside>[^\[\]]+))?")
_CHOSEN = re.compile(r"\[([^\[\]=]+)=([^\[\]]*)\]")


def read_datamap(path: Path) -> DataMap:
    """Parse the map at `path`. Raises UsageError naming file, line and key of whatever is wrong, secrets included."""
    return datamap_of(read_datafile_at(path))


def datamap_of(root: Section) -> DataMap:
    """The map in `root`; raises UsageError as `read_datamap`."""
    table = table_of(root.section("accounts").text("table"))
    related = tuple(_related(entry, table) for entry in root.sections("related"))
    known = {one.table for one in related}
    accounts = _accounts(root.section("accounts"), known)
    trail_entries = root.sections("trail")
    trails = tuple(_trail(entry, accounts) for entry in trail_entries)
    _refuse_twins(root.sections("related"), [str(one.table) for one in related], "table", "is listed twice")
    _refuse_twins(trail_entries, [trail.name for trail in trails], "name", "is used for two trails")
    found = DataMap(root.file, accounts, related, trails, _holds(root, accounts.table), _secrets(root))
    root.finish()
    _refuse_secrets(found)
    if accounts.filter:
        check_predicate(accounts.filter, what="accounts.filter", file=root.file, datamap_secrets=found.secret_names)
    return found


def table_of(text: str) -> TableName:
    """`users` or `auth.users`."""
    schema, _, name = text.rpartition(".")
    return TableName(name, schema or None)


def _accounts(entry: Section, related: set[TableName]) -> AccountTable:
    accounts = AccountTable(
        table=table_of(entry.text("table")),
        key=_columns(entry, "key") or entry.wrong("key", "must name at least one column"),
        email=_values(entry, "email", related),
        name=_values(entry, "name", related),
        known_as=_values(entry, "known_as", related),
        locale=_values(entry, "locale", related),
        country=_values(entry, "country", related),
        birth_date=_value_or_none(entry, "birth_date", related),
        created_at=_value_or_none(entry, "created_at", related),
        deleted_at=_value_or_none(entry, "deleted_at", related),
        last_seen_at=_value_or_none(entry, "last_seen_at", related),
        tenant=_value_or_none(entry, "tenant", related),
        filter=entry.text_or_none("filter"),
    )
    entry.finish()
    return accounts


def _related(entry: Section, accounts: TableName) -> Related:
    table = table_of(entry.text("table"))
    related = Related(
        table,
        _path(entry, table, accounts),
        _chosen(entry),
        created_at=_value_or_none(entry, "created_at", set()),
        deleted_at=_value_or_none(entry, "deleted_at", set()),
    )
    entry.finish()
    return related


def _path(entry: Section, table: TableName, accounts: TableName) -> tuple[Hop, ...]:
    """The hops as written, each turned so that it leads from the related table towards the accounts."""
    here, hops = table, list[Hop]()
    for text in entry.texts("path") or entry.wrong("path", "is missing: how its rows belong to accounts"):
        first, second = _ends(entry, text)
        if hops and {first[0], second[0]} == {hops[-1].left[0], hops[-1].right[0]}:
            here = hops[-1].left[0]  # another column of the same join
        if first[0] != here:
            first, second = second, first
        if first[0] != here:
            entry.wrong("path", f'has "{text}", which does not go on from {here}')
        hops.append(Hop(first, second))
        here = second[0]
    if here != accounts:
        entry.wrong("path", f"ends at {here}; it must end at {accounts}, the account table")
    return tuple(hops)


def _ends(entry: Section, text: str) -> tuple[tuple[TableName, str], tuple[TableName, str]]:
    sides = _EQUALITY.fullmatch(text.strip())
    if sides is None or any("." not in side for side in sides.groups()):
        entry.wrong("path", f'has "{text}"; write table.column = table.column')
    first, second = (
        (table_of(side.strip().rpartition(".")[0]), side.strip().rpartition(".")[2]) for side in sides.groups()
    )
    return first, second


def _trail(entry: Section, accounts: AccountTable) -> Trail:
    action = entry.section_or_none("action")
    trail = Trail(
        name=entry.text("name"),
        table=table_of(entry.text("table")),
        account=_values(entry, "account", set()),
        at=_value_or_none(entry, "at", set()) or entry.wrong("at", "is missing"),
        ip=_value_or_none(entry, "ip", set()),
        action=_form(action, set(), also=("values",)) if action else None,
        actions=action.texts("values") if action else (),
        nobody=entry.texts("nobody"),
    )
    if len(trail.account) != len(accounts.key):
        entry.wrong("account", f"must name {len(accounts.key)} column(s), one for each of accounts.key")
    if action is not None and not trail.actions:
        action.wrong("values", "must name at least one action")
    entry.finish()
    return trail


def _columns(entry: Section, key: str) -> tuple[str, ...]:
    """One column's name, or a list of them."""
    if key not in entry:
        return ()
    return entry.texts(key) if entry.is_list(key) else (entry.text(key),)


def _values(entry: Section, key: str, related: set[TableName]) -> tuple[Value, ...]:
    """A column's name, a form, or a list of either."""
    if not entry.is_list(key):
        value = _value_or_none(entry, key, related)
        return (value,) if value else ()
    return tuple(
        Value(part) if isinstance(part, str) else _form(part, related) for part in entry.texts_or_sections(key)
    )


def _value_or_none(entry: Section, key: str, related: set[TableName]) -> Value | None:
    if key not in entry:
        return None
    return _form(entry.section(key), related) if entry.is_table(key) else Value(entry.text(key))


def _form(form: Section, related: set[TableName], *, also: tuple[str, ...] = ()) -> Value:
    """An inline table. related: the tables it may name; also: keys that the caller reads."""
    zone = form.text_or_none("zone") or "UTC"
    try:
        read_zone(zone)
    except UsageError:
        form.wrong("zone", f'is "{zone}", which is not a time zone; write a place such as Europe/Tallinn')
    named = form.text_or_none("table")
    table = table_of(named) if named else None
    if table is not None and table not in related:
        form.wrong("table", f"names {table}, which has no [[related]] entry with its path to the accounts")
    value = Value(
        form.text("column"),
        form.choice("unit", UNITS, "native"),
        zone,
        table,
        form.texts("json"),
        _chosen(form),
    )
    if value.where and table is None:
        form.wrong("where", "goes with table: it chooses rows of a related table")
    form.finish(also=also)
    return value


def _chosen(entry: Section) -> tuple[tuple[str, str], ...]:
    where = entry.section_or_none("where")
    return tuple((column, where.text(column)) for column, _ in where.items()) if where else ()


def _holds(root: Section, account_table: TableName) -> dict[Value, tuple[str, ...]]:
    entry = root.section_or_none("holds")
    holds: dict[Value, tuple[str, ...]] = {}
    for key in [key for key, _ in entry.items()] if entry else ():
        assert entry is not None  # noqa: S101 - the loop is empty without it; mypy cannot see that
        categories = entry.texts(key)
        for category in categories:
            if category not in data_categories():
                entry.wrong(key, f'names "{category}", which is not a data category')
        holds[_held(entry, key, account_table)] = categories
    return holds


def _held(entry: Section, key: str, account_table: TableName) -> Value:
    """`column`, `table.column`, `table.column[name=phone]` for single rows, `column->a.b` inside a document."""
    found = _HELD.fullmatch(key)
    if found is None:
        entry.wrong(key, "is no place; write column, table.column, table.column[column=value] or column->name.name")
    table, _, column = found["place"].rpartition(".")
    inside = tuple(found["inside"].split(".")) if found["inside"] else ()
    where = tuple(_CHOSEN.findall(found["where"]))
    if where and not table:
        entry.wrong(key, "chooses rows of the account table itself; rows are chosen of a related table")
    return Value(column, table=table_of(table) if table else account_table, json=inside, where=where)


def _secrets(root: Section) -> frozenset[Secret]:
    def wrong(text: str) -> NoReturn:
        root.wrong("secrets", f'names "{text}"; write table.column, or table.column[column=value] for single rows')

    def read() -> Iterator[Secret]:
        for text in root.texts("secrets"):
            found = _SECRET.fullmatch(text)
            if found is None or "." not in found["place"] or "->" in found["place"]:
                wrong(text)
            table, _, column = found["place"].rpartition(".")
            yield Secret(table_of(table), column, tuple(_CHOSEN.findall(found["where"])))

    return frozenset(read())


def _refuse_twins(entries: tuple[Section, ...], names: list[str], key: str, why: str) -> None:
    for entry, name in zip(entries, names, strict=True):
        if names.count(name) > 1:
            entry.wrong(key, f'"{name}" {why}')


def _refuse_secrets(datamap: DataMap) -> None:
    """Also columns that only choose rows: to compare with a secret is to read it."""
    read = [(datamap.accounts.table, value) for value in datamap.accounts.values]
    read += [(datamap.accounts.table, Value(column)) for column in datamap.accounts.key]
    read += [(trail.table, value) for trail in datamap.trails for value in trail.values]
    for related in datamap.related:
        read += [(related.table, at) for at in (related.created_at, related.deleted_at) if at]
        read += [(table, Value(column)) for hop in related.path for table, column in (hop.left, hop.right)]
        read += [(related.table, Value(column)) for column, _ in related.where]
    choosing = [value for _, value in read] + list(datamap.holds)
    read += [(value.table, Value(column)) for value in choosing if value.table for column, _ in value.where]
    for table, value in read:
        if datamap.is_secret_value(table, value):
            shown = value if value.table else f"{table}.{value}"
            raise UsageError(
                f"{datamap.file} asks to read {shown}, which is a secret.",
                state="Nothing was read.",
                next_step="take that column out of the map; secrets are named under `secrets` and never selected",
            )
