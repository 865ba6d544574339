"""
The data map: where in a company's database the accounts are, which columns hold what, and what is never read.

One TOML file a database; docs/data-map.md explains it. A value is found in a column today. JSON paths, key-value rows
and side tables are further forms of the same keys: an inline table in place of the column's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from incident.datafile import Section, read_datafile_at
from incident.errors import UsageError
from incident.moments import read_zone
from incident.record.vocabulary import data_categories
from incident.scope.predicate import check_predicate, looks_secret

UNITS = ("native", "text", "seconds", "milliseconds")


@dataclass(frozen=True)
class TableName:
    """A table as the catalogue spells it; schema None is the connection's own."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def may_be(self, other: TableName) -> bool:
        """Whether both can mean one table: a name without a schema fits any."""
        if self.name.lower() != other.name.lower():
            return False
        return self.schema is None or other.schema is None or self.schema.lower() == other.schema.lower()


@dataclass(frozen=True)
class Time:
    """
    A column of times.

    unit: "native" (the database's own type), "text" (ISO 8601), "seconds" or "milliseconds" since 1970.
    zone: the IANA zone of times that carry no offset.
    """

    column: str
    unit: str = "native"
    zone: str = "UTC"


@dataclass(frozen=True)
class AccountTable:
    """
    The table with one row an account. key: the columns that name a row. name: joined with a space.

    filter: an SQL predicate that keeps people and leaves out service accounts and the like.
    """

    table: TableName
    key: tuple[str, ...]
    email: str | None = None
    name: tuple[str, ...] = ()
    locale: str | None = None
    country: str | None = None
    birth_date: Time | None = None
    created_at: Time | None = None
    deleted_at: Time | None = None
    last_seen_at: Time | None = None
    filter: str | None = None

    @property
    def times(self) -> dict[str, Time]:
        """The mapped moments by what they are; a birth date is a day and not among them."""
        found = {"created_at": self.created_at, "deleted_at": self.deleted_at, "last_seen_at": self.last_seen_at}
        return {name: time for name, time in found.items() if time}


@dataclass(frozen=True)
class Trail:
    """A table of what accounts did: who (`account`, in the key's order), when, from which address, doing what."""

    name: str
    table: TableName
    account: tuple[str, ...]
    at: Time
    ip: str | None = None
    action: str | None = None
    actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataMap:
    """
    One database as a person described it.

    holds: (table, column) to the categories of categories.toml. secrets: what is never read.
    """

    file: str
    accounts: AccountTable
    trails: tuple[Trail, ...] = ()
    holds: Mapping[tuple[TableName, str], tuple[str, ...]] = field(default_factory=dict)
    secrets: frozenset[tuple[TableName, str]] = frozenset()

    def is_secret(self, table: TableName, column: str) -> bool:
        return looks_secret(column) or any(
            column.lower() == secret.lower() and table.may_be(where) for where, secret in self.secrets
        )

    @property
    def secret_names(self) -> frozenset[str]:
        """The names of secret columns, in small letters."""
        return frozenset(column.lower() for _, column in self.secrets)

    def counted_columns(self) -> dict[str, tuple[str, ...]]:
        """Category to the account table's columns that hold it and may be looked at."""
        columns: dict[str, list[str]] = {}
        for (table, column), categories in self.holds.items():
            if table == self.accounts.table and not self.is_secret(table, column):
                for category in categories:
                    columns.setdefault(category, []).append(column)
        return {category: tuple(columns[category]) for category in data_categories() if category in columns}

    def columns_read(self) -> dict[TableName, tuple[str, ...]]:
        """Every column a scope may touch, by table, sorted: the allow-list."""
        accounts = self.accounts
        read: dict[TableName, set[str]] = {accounts.table: {*accounts.key, *accounts.name}}
        plain = (accounts.email, accounts.locale, accounts.country)
        read[accounts.table].update(column for column in plain if column)
        days = (accounts.birth_date,) if accounts.birth_date else ()
        read[accounts.table].update(time.column for time in (*accounts.times.values(), *days))
        read[accounts.table].update(column for columns in self.counted_columns().values() for column in columns)
        for trail in self.trails:
            columns = read.setdefault(trail.table, set())
            columns.update(trail.account, {trail.at.column})
            columns.update(column for column in (trail.ip, trail.action) if column)
        return {table: tuple(sorted(columns)) for table, columns in read.items()}


def read_datamap(path: Path) -> DataMap:
    """Parse the map at `path`. Raises UsageError naming file, line and key of whatever is wrong, secrets included."""
    root = read_datafile_at(path)
    entry = root.section("accounts")
    accounts = _accounts(entry)
    trail_entries = root.sections("trail")
    trails = tuple(_trail(section, accounts) for section in trail_entries)
    names = [trail.name for trail in trails]
    for section, trail in zip(trail_entries, trails, strict=True):
        if names.count(trail.name) > 1:
            section.wrong("name", f'"{trail.name}" is used for two trails')
    found = DataMap(str(path), accounts, trails, _holds(root, accounts.table), _secrets(root))
    root.finish()
    _refuse_secrets(found)
    if accounts.filter:
        check_predicate(accounts.filter, what="accounts.filter", file=str(path), datamap_secrets=found.secret_names)
    return found


def _accounts(entry: Section) -> AccountTable:
    accounts = AccountTable(
        table=_table(entry.text("table")),
        key=_columns(entry, "key") or entry.wrong("key", "must name at least one column"),
        email=entry.text_or_none("email"),
        name=_columns(entry, "name"),
        locale=entry.text_or_none("locale"),
        country=entry.text_or_none("country"),
        birth_date=_time_or_none(entry, "birth_date"),
        created_at=_time_or_none(entry, "created_at"),
        deleted_at=_time_or_none(entry, "deleted_at"),
        last_seen_at=_time_or_none(entry, "last_seen_at"),
        filter=entry.text_or_none("filter"),
    )
    entry.finish()
    return accounts


def _trail(entry: Section, accounts: AccountTable) -> Trail:
    action = entry.section_or_none("action")
    trail = Trail(
        name=entry.text("name"),
        table=_table(entry.text("table")),
        account=_columns(entry, "account"),
        at=_time_or_none(entry, "at") or entry.wrong("at", "is missing"),
        ip=entry.text_or_none("ip"),
        action=action.text("column") if action else None,
        actions=action.texts("values") if action else (),
    )
    if len(trail.account) != len(accounts.key):
        entry.wrong("account", f"must name {len(accounts.key)} column(s), one for each of accounts.key")
    if action is not None:
        if not trail.actions:
            action.wrong("values", "must name at least one action")
        action.finish()
    entry.finish()
    return trail


def _columns(entry: Section, key: str) -> tuple[str, ...]:
    """One column's name, or a list of them."""
    if key not in entry:
        return ()
    return entry.texts(key) if entry.is_list(key) else (entry.text(key),)


def _time_or_none(entry: Section, key: str) -> Time | None:
    if key not in entry:
        return None
    if not entry.is_table(key):
        return Time(entry.text(key))
    form = entry.section(key)
    zone = form.text_or_none("zone") or "UTC"
    try:
        read_zone(zone)
    except UsageError:
        form.wrong("zone", f'is "{zone}", which is not a time zone; write a place such as Europe/Tallinn')
    time = Time(form.text("column"), form.choice("unit", UNITS, "native"), zone)
    form.finish()
    return time


def _table(text: str) -> TableName:
    schema, _, name = text.rpartition(".")
    return TableName(name, schema or None)


def _holds(root: Section, account_table: TableName) -> dict[tuple[TableName, str], tuple[str, ...]]:
    entry = root.section_or_none("holds")
    holds: dict[tuple[TableName, str], tuple[str, ...]] = {}
    for key in [key for key, _ in entry.items()] if entry else ():
        assert entry is not None  # noqa: S101 - the loop is empty without it; mypy cannot see that
        categories = entry.texts(key)
        for category in categories:
            if category not in data_categories():
                entry.wrong(key, f'names "{category}", which is not a data category')
        table, _, column = key.rpartition(".")
        holds[_table(table) if table else account_table, column] = categories
    return holds


def _secrets(root: Section) -> frozenset[tuple[TableName, str]]:
    named = root.texts("secrets")
    for secret in named:
        if "." not in secret:
            root.wrong("secrets", f'names "{secret}"; write table.column')
    return frozenset((_table(secret.rpartition(".")[0]), secret.rpartition(".")[2]) for secret in named)


def _refuse_secrets(datamap: DataMap) -> None:
    for table, columns in datamap.columns_read().items():
        for column in columns:
            if datamap.is_secret(table, column):
                raise UsageError(
                    f"{datamap.file} asks to read {table}.{column}, which is a secret.",
                    state="Nothing was read.",
                    next_step="take that column out of the map; secrets are named under `secrets` and never selected",
                )
