"""
The data map: where in a company's database the accounts are, which columns hold what, and what is never read.

One TOML file a database (`mapfile.py` reads it; docs/data-map.md explains it). A value is found in a column, inside a
JSON document, or in a row of another table that belongs to the account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from incident.record.vocabulary import data_categories
from incident.scope.predicate import looks_secret

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
class Value:
    """
    Where one value is found.

    unit: of times: "native" (the database's own type), "text" (ISO 8601), "seconds" or "milliseconds" since 1970.
    zone: the IANA zone of times that carry no offset. table: a related table; None is the table this belongs to.
    json: the names that lead to it inside the column's JSON document. where: only rows with these values (column,
    value), as in tables of keys and values.
    """

    column: str
    unit: str = "native"
    zone: str = "UTC"
    table: TableName | None = None
    json: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is a column of the table itself."""
        return self.table is None and not self.json

    def __str__(self) -> str:
        where = "".join(f"[{column}={value}]" for column, value in self.where)
        inside = f"->{'.'.join(self.json)}" if self.json else ""
        return f"{f'{self.table}.' if self.table else ''}{self.column}{where}{inside}"


@dataclass(frozen=True)
class AccountTable:
    """
    The table with one row an account. key: the columns that name a row.

    email, locale, country: the first that is not empty. name: all of them, joined with a blank; known_as: where that
    is empty, the first of these that is not.
    tenant: whose account it is, where several customers or realms share the table.
    filter: an SQL predicate that keeps people and leaves out service accounts and the like.
    """

    table: TableName
    key: tuple[str, ...]
    email: tuple[Value, ...] = ()
    name: tuple[Value, ...] = ()
    known_as: tuple[Value, ...] = ()
    locale: tuple[Value, ...] = ()
    country: tuple[Value, ...] = ()
    birth_date: Value | None = None
    created_at: Value | None = None
    deleted_at: Value | None = None
    last_seen_at: Value | None = None
    tenant: Value | None = None
    filter: str | None = None

    @property
    def times(self) -> dict[str, Value]:
        """The mapped moments by what they are; a birth date is a day and not among them."""
        found = {"created_at": self.created_at, "deleted_at": self.deleted_at, "last_seen_at": self.last_seen_at}
        return {name: time for name, time in found.items() if time}

    @property
    def values(self) -> tuple[Value, ...]:
        """Everything mapped but the key."""
        single = (self.birth_date, *self.times.values(), self.tenant)
        several = (*self.email, *self.name, *self.known_as, *self.locale, *self.country)
        return (*several, *(value for value in single if value))


@dataclass(frozen=True)
class Hop:
    """`left` of the related side equals `right` of the account's side; each is (table, column)."""

    left: tuple[TableName, str]
    right: tuple[TableName, str]

    def __str__(self) -> str:
        return " = ".join(f"{table}.{column}" for table, column in (self.left, self.right))


@dataclass(frozen=True)
class Related:
    """
    A table with rows of the accounts. path: the hops from it to the account table, in that order.

    where: only rows with these values (column, value) belong to accounts, as behind a pair of type and id.
    created_at, deleted_at: from when to when a row was there, where the table says so.
    """

    table: TableName
    path: tuple[Hop, ...]
    where: tuple[tuple[str, str], ...] = ()
    created_at: Value | None = None
    deleted_at: Value | None = None


@dataclass(frozen=True)
class Trail:
    """
    A table of what accounts did: who (`account`, in the key's order), when, from which address, doing what.

    nobody: what `account` holds where no account did it.
    """

    name: str
    table: TableName
    account: tuple[Value, ...]
    at: Value
    ip: Value | None = None
    action: Value | None = None
    actions: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[Value, ...]:
        return (*self.account, self.at, *(value for value in (self.ip, self.action) if value))


@dataclass(frozen=True)
class Secret:
    """What is never read. where: only rows with these values (column, value); empty for the whole column."""

    table: TableName
    column: str
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DataMap:
    """
    One database as a person described it.

    holds: values, each with its table, to the categories of categories.toml. secrets: what is never read.
    """

    file: str
    accounts: AccountTable
    related: tuple[Related, ...] = ()
    trails: tuple[Trail, ...] = ()
    holds: Mapping[Value, tuple[str, ...]] = field(default_factory=dict)
    secrets: frozenset[Secret] = frozenset()

    def is_secret(self, table: TableName, column: str) -> bool:
        """Whether the whole column is one, by the map or by its name."""
        return looks_secret(column) or any(
            not secret.where and column.lower() == secret.column.lower() and table.may_be(secret.table)
            for secret in self.secrets
        )

    def is_secret_value(self, own: TableName, value: Value) -> bool:
        """Whether reading `value` would read a secret: the column, a name inside the document, or the rows chosen."""
        table = value.table or own
        if self.is_secret(table, value.column) or any(map(looks_secret, value.json)):
            return True
        among = [
            secret for secret in self.secrets
            if secret.where and secret.column.lower() == value.column.lower() and table.may_be(secret.table)
        ]  # fmt: skip
        # A column with secret rows is read only where its rows are chosen, and others are.
        chosen_by_name = any(looks_secret(chosen) for _, chosen in value.where)
        return chosen_by_name or any(not value.where or set(secret.where) & set(value.where) for secret in among)

    def is_secret_hold(self, held: Value) -> bool:
        """Whether `held`, of `holds`, must not be looked into: that there is such a row then has to do."""
        table = held.table or self.accounts.table
        inside = any(map(looks_secret, held.json)) or (bool(held.where) and self.is_secret_value(table, held))
        return inside or self.is_secret(table, held.column)

    @property
    def secret_names(self) -> frozenset[str]:
        """The names of secret columns, in small letters."""
        return frozenset(secret.column.lower() for secret in self.secrets if not secret.where)

    def related_table(self, table: TableName) -> Related | None:
        return next((related for related in self.related if related.table == table), None)

    def values_holding(self, category: str) -> Iterator[Value]:
        """Values of the account table and of related ones that hold it, secret ones included."""
        tables = {self.accounts.table, *(related.table for related in self.related)}
        for value, categories in self.holds.items():
            if category in categories and value.table in tables:
                yield value

    def counted_categories(self) -> tuple[str, ...]:
        """
        The categories whose holders can be counted, in the order of categories.toml.

        A secret column of a related table is counted by its rows, which need not be looked into.
        """
        return tuple(
            category
            for category in data_categories()
            if any(
                value.table != self.accounts.table or not self.is_secret_hold(value)
                for value in self.values_holding(category)
            )
        )

    def columns_read(self) -> dict[TableName, tuple[str, ...]]:
        """Every column a scope may touch, by table, sorted: the allow-list."""
        accounts = self.accounts
        read: dict[TableName, set[str]] = {accounts.table: set(accounts.key)}
        for table, values in (
            (accounts.table, accounts.values),
            *((trail.table, trail.values) for trail in self.trails),
            *((one.table, tuple(at for at in (one.created_at, one.deleted_at) if at)) for one in self.related),
        ):
            for value in values:
                columns = read.setdefault(value.table or table, set())
                columns.update({value.column}, (column for column, _ in value.where))
        for related in self.related:
            read.setdefault(related.table, set()).update(column for column, _ in related.where)
            for table, column in (end for hop in related.path for end in (hop.left, hop.right)):
                read.setdefault(table, set()).add(column)
        for category in self.counted_categories():
            for value in self.values_holding(category):
                columns = read.setdefault(value.table or accounts.table, set())
                columns.update(column for column, _ in value.where)
                if not self.is_secret_hold(value):
                    columns.add(value.column)
        return {table: tuple(sorted(columns)) for table, columns in read.items()}


Time = Value  # the dialects' name for it
