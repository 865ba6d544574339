"""Where the tables and columns that a ready map speaks of are in one database. Pure: names in, names out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from incident.scope.datamap import TableName

Tables = Mapping[TableName, Collection[str]]


@dataclass(frozen=True)
class Habits:
    """
    What a product's tables are called.

    signs: columns that must all be there; one_of: and one of these. account_table: "named" as in the map, "prefixed"
    (`prefix` stands before every name and may be another), or "any" table with the signs.
    filter_needs: columns without which the map's filter is left out. per_site: tables of which each site of a network
    has its own.
    named_as_rails: keys to the account table are called after it (customer_id), and so are types (Customer).
    tables, columns: other spellings, by "table" and "table.column".
    """

    signs: tuple[tuple[TableName, str], ...]
    one_of: tuple[tuple[TableName, str], ...] = ()
    account_table: str = "named"
    prefix: str = ""
    filter_needs: tuple[str, ...] = ()
    per_site: tuple[TableName, ...] = ()
    named_as_rails: bool = False
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Placing:
    """
    One place where a product's accounts are.

    own: the account table in the map's words; accounts: in the database's. prefix: the one that is there.
    """

    own: TableName
    accounts: TableName
    habits: Habits
    there: Tables
    prefix: str

    def table(self, name: TableName, *, site: str = "") -> TableName | None:
        """The table that the map calls `name`; None where there is none. site: a site's number with its line ("2_")."""
        if name == self.own:
            return self.accounts
        bare = name.name
        if self.habits.account_table == "prefixed":
            bare = self.prefix + site + bare.removeprefix(self.habits.prefix)
        for spelt in (bare, *self.habits.tables.get(str(name), ())):
            beside = [one for one in self.there if one.schema == self.accounts.schema]
            exact = [one for one in beside if one.name == spelt]
            if found := exact or [one for one in beside if one.name.lower() == spelt.lower()]:
                return found[0]
        return None

    def column(self, name: TableName, column: str, *, site: str = "") -> str | None:
        """The column that the map calls `column` of `name`; None where it, or the table, is not there."""
        table = self.table(name, site=site)
        if table is None:
            return None
        spellings = [column, *self.habits.columns.get(f"{name}.{column}", ())]
        if self.habits.named_as_rails and name != self.own and column == f"{_singular(self.own.name)}_id":
            spellings = [f"{_singular(self.accounts.name)}_id"]
        columns = self.there[table]
        for spelt in spellings:
            exact = [one for one in columns if one == spelt]
            if found := exact or [one for one in columns if one.lower() == spelt.lower()]:
                return found[0]
        return None

    def value(self, text: str) -> str:
        """A value that chooses rows: where Rails names types after tables, the type of these accounts."""
        own = _class(self.own.name)
        return _class(self.accounts.name) if self.habits.named_as_rails and text == own else text

    @property
    def seen(self) -> list[tuple[TableName, str]]:
        """The signs as they are in the database."""
        signs = [*self.habits.signs, *self.habits.one_of]
        places = [(self.table(table), self.column(table, column)) for table, column in signs]
        return [(table, column) for table, column in places if table and column]

    @property
    def sites(self) -> list[str]:
        """The sites of a network beside the first, as "2_"."""
        pattern = re.compile(rf"{re.escape(self.prefix)}(\d+_)(.+)")
        ends = {one.name.removeprefix(self.habits.prefix) for one in self.habits.per_site}
        found = [pattern.fullmatch(one.name) for one in self.there if one.schema == self.accounts.schema]
        return sorted({one[1] for one in found if one and one[2] in ends}, key=lambda site: int(site[:-1]))


def placings(own: TableName, habits: Habits, there: Tables) -> Iterator[Placing]:
    """Every place where the account table that the map calls `own` is, with all the signs; by name."""
    for table in sorted(there, key=lambda one: (one.schema or "", one.name)):
        prefix = _prefix(own, habits, table)
        if prefix is None or (own.schema and table.schema and own.schema.lower() != table.schema.lower()):
            continue
        placing = Placing(own, table, habits, there, prefix)
        one_of = not habits.one_of or any(placing.column(*sign) for sign in habits.one_of)
        if one_of and all(placing.column(*sign) for sign in habits.signs):
            yield placing


def _prefix(own: TableName, habits: Habits, table: TableName) -> str | None:
    """What stands before the names here, as this would be the account table; None where it cannot be."""
    if habits.account_table == "any":
        return ""
    if habits.account_table == "prefixed":
        end = own.name.removeprefix(habits.prefix)
        return table.name.removesuffix(end) if table.name.endswith(end) else None
    spellings = {spelt.lower() for spelt in (own.name, *habits.tables.get(str(own), ()))}
    return "" if table.name.lower() in spellings else None


def _singular(table: str) -> str:
    for many, one in (("people", "person"), ("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ss", "ss"), ("s", "")):
        if table.endswith(many):
            return table.removesuffix(many) + one
    return table


def _class(table: str) -> str:
    """What Rails calls the class of a table: "admin_users" -> "AdminUser"."""
    return "".join(word.capitalize() for word in _singular(table).split("_"))
