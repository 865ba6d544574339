"""
The rows a scope reads: the account table, and beside each account what belongs to it in related tables.

Of a related table only one row an account is joined: its rows are brought down to one by aggregates first, so that an
account is never counted twice. Several rows: of `last_seen_at` the latest, of anything else the least by its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from incident.scope.datamap import DataMap, Hop, Related, TableName, Value
from incident.scope.dialects import Column, Engine, Expression
from incident.scope.schema import Schema

_COUNTED = ("seconds", "milliseconds")
_LONGEST_NUMBER = 17  # digits of seconds or milliseconds since 1970 in a text, sign included


class Rows:
    """One FROM, growing as values of related tables are asked for: `source` comes last."""

    def __init__(self, datamap: DataMap, schema: Schema, engine: Engine) -> None:
        self.map, self.schema, self.engine = datamap, schema, engine
        self.accounts = datamap.accounts
        self._tables: dict[tuple[TableName, str | None], Any] = {}
        self.table = self.table_of(self.accounts.table)
        deleted = (self.accounts.deleted_at, *(related.deleted_at for related in datamap.related))
        self._not_yet = {self.accounts.last_seen_at, *deleted}
        self._aggregates: dict[TableName, dict[str, tuple[str, Expression]]] = {}
        self._only: dict[TableName, list[Any]] = {}
        self._sets: list[tuple[sa.Subquery, Any]] = []

    def table_of(self, name: TableName, alias: str | None = None) -> Any:
        """The table with the columns the map allows."""
        if (name, alias) not in self._tables:
            columns: list[Any] = [sa.column(column) for column in self.map.columns_read()[name]]
            table = sa.table(name.name, *columns, schema=name.schema)
            self._tables[name, alias] = table.alias(alias) if alias else table
        return self._tables[name, alias]

    def column(self, name: TableName, table: Any, value: Value) -> Column:
        """`value` in a row of `table`, which is called `name`."""
        column = Column(table.c[value.column], self.schema.type_of(name, value.column))
        if value.json:
            text = self.engine.json_value(column, value.json)
            column = Column(_number(text, self.engine) if value.unit in _COUNTED else text, "text")
        if value.unit in _COUNTED and value in self._not_yet:
            return Column(sa.func.nullif(column.value, 0), column.type)  # 0 is how some say "not deleted", "never seen"
        return column

    def own(self, value: Value) -> Column:
        """`value` of the account table itself."""
        return self.column(self.accounts.table, self.table, value)

    def text(self, value: Value) -> Expression:
        """As text, without blanks around it; NULL where it is empty."""
        if value.table is None:
            return _filled(self.engine.text(self.own(value).value))
        return self._joined(value, "text", lambda column: _filled(self.engine.text(column.value)))

    def time(self, value: Value, *, latest: bool = False) -> Expression:
        """A moment in UTC as text; NULL where there is none, or none that can be read."""
        if value.table is None:
            return self.engine.utc(self.own(value), value)
        kind = "latest" if latest else "time"
        return self._joined(value, kind, lambda column: self.engine.utc(column, value))

    def day(self, value: Value) -> Expression:
        if value.table is None:
            return self.engine.day(self.own(value), value)
        return self._joined(value, "day", lambda column: self.engine.day(column, value))

    def is_stored(self, value: Value) -> Expression:
        """Whether there is a value, readable or not."""
        if value.table is None:
            return self.own(value).value.is_not(None)
        return self._joined(value, "text", lambda column: _filled(self.engine.text(column.value))).is_not(None)

    def holds(self, category: str) -> Expression:
        """Whether the account's row, or one that belongs to it, holds data of `category`; secrets by their rows."""
        found: list[Any] = []
        for value in self.map.values_holding(category):
            if value.table != self.accounts.table:
                found.append(self._any_row(value) == 1)
            elif not self.map.is_secret_hold(value):
                found.append(sa.and_(*self.held(self.table, value)))
        return sa.or_(*found)

    def held(self, table: Any, value: Value) -> list[Any]:
        """The conditions under which a row of `table` has `value`: an empty text is none, a secret is not looked at."""
        name = value.table or self.accounts.table
        chosen = self.chosen(table, value.where)
        if self.map.is_secret_hold(value):
            return chosen
        found = self.column(name, table, value)
        there: list[Any] = [found.value.is_not(None)]
        if _is_text(found.type):
            there.append(self.engine.text(found.value) != "")
        return [*chosen, *there]

    def belonging(self, related: Related, meets: Callable[[Any], Expression]) -> Expression:
        """Whether a row of `related` that meets a condition belongs to the account."""
        table, joined, ends = self._path(related)
        theirs = [left for left, _ in ends]
        rows = sa.select(*theirs).select_from(joined).where(*self.chosen(table, related.where), meets(table))
        return self.is_among([right for _, right in ends], rows, theirs)

    def is_among(self, keys: Sequence[Any], rows: sa.Select[Any], theirs: Sequence[Any]) -> Expression:
        """
        Whether the account's `keys` occur in `rows`, which selects `theirs`.

        By a join where the engine may go through the rows of an IN again for each account, as PostgreSQL and MariaDB do
        where it is one choice among others, or its rows are many.
        """
        if self.engine.reads_in_once:
            return keys[0].in_(rows) if len(keys) == 1 else sa.tuple_(*keys).in_(rows)
        grouped = [self.engine.grouped(one) for one in theirs]
        each = rows.with_only_columns(*(one.label(f"incident_k{place}") for place, (one, _) in enumerate(grouped)))
        once = each.group_by(*(by for _, by in grouped)).subquery(f"incident_s{len(self._sets)}")
        self._sets.append((once, sa.and_(*(once.c[f"incident_k{place}"] == key for place, key in enumerate(keys)))))
        return once.c.incident_k0.is_not(None)

    def source(self) -> Any:
        """The FROM for what was asked so far."""
        source = self.table
        for once, on_keys in self._sets:
            source = source.outerjoin(once, on_keys)
        for number, (name, aggregates) in enumerate(self._aggregates.items()):
            related = self.map.related_table(name)
            assert related is not None  # noqa: S101 - the map was checked when it was read
            table, joined, ends = self._path(related)
            grouped = [self.engine.grouped(left) for left, _ in ends]
            keys = [left.label(f"incident_k{place}") for place, (left, _) in enumerate(grouped)]
            values = [expression.label(label) for label, expression in aggregates.values()]
            rows = sa.select(*keys, *values).select_from(joined)
            rows = rows.where(*self.chosen(table, related.where), *self._any_wanted(name, table))
            one_each = rows.group_by(*(by for _, by in grouped)).subquery(_alias(number))
            on = [one_each.c[f"incident_k{place}"] == right for place, (_, right) in enumerate(ends)]
            source = source.outerjoin(one_each, sa.and_(*on))
        return source

    # -- related tables

    def _joined(self, value: Value, kind: str, read: Callable[[Column], Expression]) -> Expression:
        """The one value of many, as a column of the table that `source` will join."""
        assert value.table is not None  # noqa: S101 - asked for related tables alone
        table = self.table_of(value.table, "related")
        found = self.engine.by_bytes(read(self.column(value.table, table, value)))
        if value.where:
            found = sa.case((sa.and_(*self.chosen(table, value.where)), found))
        pick = sa.func.max if kind == "latest" else sa.func.min
        return self._aggregate(value.table, f"{kind} {value}", pick(found), value.where)

    def _any_row(self, value: Value) -> Expression:
        assert value.table is not None  # noqa: S101 - asked for related tables alone
        conditions = self.held(self.table_of(value.table, "related"), value)
        there: Expression = sa.literal_column("1")
        nothing: Expression = sa.literal_column("0")
        flag = sa.case((sa.and_(*conditions), there), else_=nothing) if conditions else there
        return self._aggregate(value.table, f"any {value}", sa.func.max(flag), value.where)

    def _aggregate(
        self, name: TableName, what: str, expression: Expression, where: tuple[tuple[str, str], ...]
    ) -> Expression:
        known = self._aggregates.setdefault(name, {})
        if what not in known:
            known[what] = (f"incident_v{len(known)}", expression)
            self._only.setdefault(name, []).append(where)
        alias = _alias(list(self._aggregates).index(name))
        return sa.literal_column(f"{alias}.{known[what][0]}", sa.Text())

    def _any_wanted(self, name: TableName, table: Any) -> list[Any]:
        """Of a table of keys and values, only the rows that some value asks for."""
        wanted = self._only[name]
        if not all(wanted):
            return []
        return [sa.or_(*(sa.and_(*self.chosen(table, where)) for where in wanted))]

    def chosen(self, table: Any, where: Sequence[tuple[str, str]]) -> list[Any]:
        """Only the rows with these values, as texts."""
        return [self.engine.by_bytes(self.engine.text(table.c[column])) == value for column, value in where]

    def _path(self, related: Related) -> tuple[Any, Any, list[tuple[Any, Any]]]:
        """The related table, it joined with those between, and the pairs that tie the last one to the accounts."""
        tables = {related.table: self.table_of(related.table, "related")}
        joined: Any = tables[related.table]
        hops = list(related.path)
        between = [hop for hop in hops if hop.right[0] != self.accounts.table]
        for table in dict.fromkeys(hop.right[0] for hop in between):
            tables[table] = self.table_of(table, f"between{len(tables)}")
            pairs = [self._alike(hop, tables, tables) for hop in between if hop.right[0] == table]
            joined = joined.join(tables[table], sa.and_(*(left == right for left, right in pairs)))
        accounts = {self.accounts.table: self.table}
        last = [self._alike(hop, tables, accounts) for hop in hops if hop.right[0] == self.accounts.table]
        return tables[related.table], joined, last

    def _alike(self, hop: Hop, left: dict[TableName, Any], right: dict[TableName, Any]) -> tuple[Any, Any]:
        """Both ends of a hop so that they compare: a key kept as uuid here and as text there compares as text."""
        (left_table, left_column), (right_table, right_column) = hop.left, hop.right
        ends = left[left_table].c[left_column], right[right_table].c[right_column]
        return self.comparable(
            Column(ends[0], self.schema.type_of(left_table, left_column)),
            Column(ends[1], self.schema.type_of(right_table, right_column)),
        )

    def comparable(self, first: Column, second: Column) -> tuple[Any, Any]:
        if first.type == second.type or all(_NUMBER.fullmatch(each.type) for each in (first, second)):
            return self.engine.exact(first), self.engine.exact(second)
        texts = [self.engine.text(each.value) for each in (first, second)]
        if "uuid" in {first.type, second.type}:  # which the engine writes in small letters, and others in large ones
            texts = [self.engine.lower(text) for text in texts]
        return texts[0], texts[1]


# As texts, 1 and 1.00 would be two keys.
_NUMBER = re.compile(
    r"(?:(?:tiny|small|medium|big)?int|integer|int[248]|long|(?:big)?serial"
    r"|decimal|numeric|real|float|double(?: precision)?)"
    r"(?: ?\([0-9, ]+\))?(?: unsigned)?(?: zerofill)?"
)


def _alias(number: int) -> str:
    return f"incident_r{number}"


def _filled(text: Expression) -> Expression:
    return sa.func.nullif(sa.func.trim(text), "")


def _is_text(type_name: str) -> bool:
    return any(word in type_name for word in ("char", "text", "string", "clob")) or not type_name


def _number(text: Expression, engine: Engine) -> Expression:
    """The whole number that a text is; NULL where it is none."""
    plain = sa.and_(
        text != "",
        sa.func.length(text) < _LONGEST_NUMBER,
        sa.not_(engine.matches_any(text, ("*[^0-9-]*", "[0-9]*-*", "*-*-*", "-"))),
    )
    return sa.case((plain, sa.cast(text, sa.BigInteger)))
