"""A ready map brought to one database: every name as it is there, and without the parts that are not there. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from incident.scope.datamap import AccountTable, DataMap, Hop, Related, Secret, TableName, Trail, Value
from incident.scope.placing import Placing

_SPOKEN = {
    "email": "the address",
    "name": "the name",
    "locale": "the language",
    "country": "the country",
    "birth_date": "the birth date",
    "created_at": "when an account was made",
    "deleted_at": "when it was deleted",
    "last_seen_at": "when it was last seen",
    "tenant": "the tenant",
}


def adapted(datamap: DataMap, placing: Placing, *, filter_needs: Sequence[str]) -> tuple[DataMap, tuple[str, ...]]:
    """The map in the database's names, and what was left out of it, in words."""
    sites = [_Site(datamap, placing, site) for site in ("", *(placing.sites if placing.habits.per_site else ()))]
    first = sites[0]
    related = [one for site in sites for one in site.related()]
    accounts = first.accounts({one.table for one in related})
    if not all(placing.column(datamap.accounts.table, column) for column in filter_needs):
        accounts = replace(accounts, filter=None)
    found = DataMap(
        datamap.file,
        accounts,
        tuple(related),
        tuple(one for site in sites for one in site.trails()),
        dict(one for site in sites for one in site.holds()),
        frozenset(one for site in sites for one in site.secrets()),
    )
    return found, tuple(_left_out(datamap, found, first))


class _Site:
    """The map's parts as one site of a network has them; site "" is the first, or all there is."""

    def __init__(self, datamap: DataMap, placing: Placing, site: str) -> None:
        self.map, self.placing, self.site = datamap, placing, site

    def accounts(self, related: set[TableName]) -> AccountTable:
        accounts = self.map.accounts

        def there(value: Value | None) -> Value | None:
            found = self._value(accounts.table, value)
            return found if found and found.table in {None, *related} else None

        def all_there(values: Sequence[Value]) -> tuple[Value, ...]:
            return tuple(found for value in values if (found := there(value)))

        return AccountTable(
            table=self.placing.accounts,
            key=tuple(self._column(accounts.table, column) or column for column in accounts.key),
            email=all_there(accounts.email),
            name=all_there(accounts.name),
            known_as=all_there(accounts.known_as),
            locale=all_there(accounts.locale),
            country=all_there(accounts.country),
            birth_date=there(accounts.birth_date),
            created_at=there(accounts.created_at),
            deleted_at=there(accounts.deleted_at),
            last_seen_at=there(accounts.last_seen_at),
            tenant=there(accounts.tenant),
            filter=accounts.filter,
        )

    def related(self) -> Iterator[Related]:
        for one in self.map.related:
            table, path, where = self.table(one.table), [self._hop(hop) for hop in one.path], self._where(one)
            if self._has(one.table) and table and where is not None and None not in path:
                yield Related(
                    table,
                    tuple(hop for hop in path if hop),
                    where,
                    self._value(one.table, one.created_at),
                    self._value(one.table, one.deleted_at),
                )

    def trails(self) -> Iterator[Trail]:
        for one in self.map.trails:
            table, at = self.table(one.table), self._value(one.table, one.at)
            account = [self._value(one.table, value) for value in one.account]
            action = self._value(one.table, one.action)
            if not (self._has(one.table) and table and at and None not in account and (action or not one.action)):
                continue
            yield replace(
                one,
                name=f"{one.name}-{self.site.rstrip('_')}" if self.site else one.name,
                table=table,
                account=tuple(value for value in account if value),
                at=at,
                ip=self._value(one.table, one.ip),
                action=action,
                actions=tuple(map(self.placing.value, one.actions)),
            )

    def holds(self) -> Iterator[tuple[Value, tuple[str, ...]]]:
        for value, categories in self.map.holds.items():
            table = value.table or self.map.accounts.table
            found = self._value(table, value)
            if self._has(table) and found:
                yield found, categories

    def secrets(self) -> Iterator[Secret]:
        """Also those whose columns may not be read: there is no harm in saying so."""
        for secret in self.map.secrets:
            table = self.table(secret.table)
            if self._has(secret.table) and table:
                column = self._column(secret.table, secret.column) or secret.column
                where = tuple((self._column(secret.table, name) or name, value) for name, value in secret.where)
                yield Secret(table, column, where)

    def _has(self, table: TableName) -> bool:
        """Whether this part is this site's to say: what sites share is said by the first."""
        return not self.site or table in self.placing.habits.per_site

    def _site_of(self, table: TableName) -> str:
        return self.site if table in self.placing.habits.per_site else ""

    def table(self, table: TableName) -> TableName | None:
        return self.placing.table(table, site=self._site_of(table))

    def _column(self, table: TableName, column: str) -> str | None:
        return self.placing.column(table, column, site=self._site_of(table))

    def _value(self, own: TableName, value: Value | None) -> Value | None:
        if value is None:
            return None
        table = value.table or own
        column = self._column(table, value.column)
        where = [(self._column(table, name), chosen) for name, chosen in value.where]
        if column is None or not all(name for name, _ in where):
            return None
        chosen_rows = tuple((name, chosen) for name, chosen in where if name)
        return replace(value, column=column, table=self.table(table) if value.table else None, where=chosen_rows)

    def _where(self, one: Related) -> tuple[tuple[str, str], ...] | None:
        found = [(self._column(one.table, name), self.placing.value(value)) for name, value in one.where]
        return tuple((name, value) for name, value in found if name) if all(name for name, _ in found) else None

    def _hop(self, hop: Hop) -> Hop | None:
        ends = []
        for table, column in (hop.left, hop.right):
            place, found = self.table(table), self._column(table, column)
            if place is None or found is None:
                return None
            ends.append((place, found))
        return Hop(ends[0], ends[1])


def _left_out(own: DataMap, found: DataMap, first: _Site) -> Iterator[str]:
    """Tables first, then what is not known of an account, then trails."""
    tables = dict.fromkeys([*(one.table for one in own.related), *(trail.table for trail in own.trails)])
    yield from (f"the table {table}" for table in tables if first.table(table) is None)
    known = {name for name in _SPOKEN if getattr(found.accounts, name)} | (
        {"name"} if found.accounts.known_as else set()
    )
    yield from (said for name, said in _SPOKEN.items() if getattr(own.accounts, name) and name not in known)
    if own.accounts.filter and not found.accounts.filter:
        yield "the filter that leaves out robots"
    trails = {trail.name: trail for trail in found.trails}
    for trail in own.trails:
        if trail.name not in trails and first.table(trail.table):
            yield f"the trail {trail.name}"
        elif trail.name in trails and trail.ip and not trails[trail.name].ip:
            yield f"the addresses on the trail {trail.name}"
