"""From a question to the condition that an account must meet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from incident.moments import stamp
from incident.scope.datamap import Related, Trail, Value
from incident.scope.dialects import Column, Engine, Expression
from incident.scope.keylist import KeyList
from incident.scope.questions import Question, Window, trail_of
from incident.scope.rows import Rows


class Conditions:
    """
    What a question asks of the account table's rows; `key` and `address` are how a list's entries are compared.

    unplaced_too: whether a row of a trail without a readable address counts as one from the addresses asked for.
    """

    def __init__(self, rows: Rows, key: Expression, address: Expression, *, unplaced_too: bool = False) -> None:
        self.rows, self.key, self.address, self.unplaced_too = rows, key, address, unplaced_too
        self.engine: Engine = rows.engine

    def of(self, question: Question) -> list[Any]:
        """Everything that must hold, the map's filter included."""
        return [*self.people_only(), *self.asked(question)]

    def people_only(self) -> list[Any]:
        accounts = self.rows.accounts
        return [sa.literal_column(f"({accounts.filter})")] if accounts.filter else []

    def asked(self, question: Question, *, doubt: bool = True) -> list[Any]:
        """doubt: whether a time or a secret that is not known counts as met; turned round inside `not`."""
        conditions = self._own(question, doubt=doubt)
        for inner in question.all:
            conditions += self.asked(inner, doubt=doubt)
        if question.any:
            choices = (sa.and_(sa.true(), *self.asked(inner, doubt=doubt)) for inner in question.any)
            conditions.append(sa.or_(*choices))
        for inner in question.without:
            # What is not known does not hold, so that whoever it is said of stays on the list.
            holds = sa.case((sa.and_(sa.true(), *self.asked(inner, doubt=not doubt)), 1), else_=0)
            conditions.append(holds == 0)
        return conditions

    def _own(self, question: Question, *, doubt: bool) -> list[Any]:
        conditions: list[Any] = [sa.false()] if question.nobody else []
        if question.existing_at is not None:
            since = question.existing_since or question.existing_at
            kept_since = since - timedelta(days=question.deleted_within_days or 0)
            conditions += self._existing(kept_since, question.existing_at, doubt=doubt)
        if (trail := trail_of(question, self.rows.map)) is not None:
            conditions.append(self._on_trail(trail, question))
        conditions += [self._holding(category, question.held, doubt=doubt) for category in question.holding]
        if question.tenants:
            conditions.append(self._of_tenant(question.tenants))
        if question.listed is not None:
            conditions.append(self._listed(question.listed))
        if question.where is not None:
            conditions.append(sa.literal_column(f"({question.where})"))
        return conditions

    def _existing(self, since: datetime, until: datetime, *, doubt: bool) -> list[Any]:
        """Created until then, or nobody knows when; and not deleted before `since`."""
        created, deleted = self.rows.accounts.created_at, self.rows.accounts.deleted_at
        conditions: list[Any] = []
        if created:
            by_then = self._not_after(created, until)
            # What holds of most is asked first: engines stop there.
            conditions.append(sa.or_(by_then, self._undated(created)) if doubt else by_then)
        if deleted:
            not_deleted = self._undated(deleted) if doubt else sa.not_(self.rows.is_stored(deleted))
            conditions.append(sa.or_(not_deleted, self._not_before(deleted, since)))
        return conditions

    # Times of related tables are compared as the text they are brought down to; it sorts as the moments do.

    def _undated(self, value: Value) -> Expression:
        if value.table is None:
            return self.engine.unreadable(self.rows.own(value), value)
        return self.rows.time(value).is_(None)

    def _not_after(self, value: Value, at: datetime) -> Expression:
        if value.table is None:
            return self.engine.not_after(self.rows.own(value), value, at)
        return self.rows.time(value) <= stamp(at)

    def _not_before(self, value: Value, at: datetime) -> Expression:
        if value.table is None:
            return self.engine.not_before(self.rows.own(value), value, at)
        return self.rows.time(value) >= stamp(at)

    def on_unplaced_row(self, question: Question) -> Any:
        """Whether a row of the question's trail, in its window, has no address that can be read."""
        trail = trail_of(question, self.rows.map)
        assert trail is not None  # noqa: S101 - only asked of a part that names addresses
        return self._on_trail(trail, question, unplaced_only=True)

    def _on_trail(self, trail: Trail, question: Question, *, unplaced_only: bool = False) -> Any:
        keys, seen, accounts = self.seen(trail, question, unplaced_only=unplaced_only)
        return self.rows.is_among(keys, seen, accounts)

    def seen(
        self, trail: Trail, question: Question, *, unplaced_only: bool = False
    ) -> tuple[list[Any], sa.Select[Any], list[Any]]:
        """The account table's key, who was on the asked part of the trail in the same words, and those words."""
        rows = self.rows
        table = rows.table_of(trail.table, "trail")
        # SQLite asks in this order: what costs least comes first, and of most rows nothing more is asked.
        conditions = [] if trail.action and trail.action.json else self.actions(trail, table)
        conditions += self.window(trail, rows.column(trail.table, table, trail.at), question.seen)
        if question.from_ip and trail.ip:
            address = rows.column(trail.table, table, trail.ip)
            inside, unplaced = self.engine.within(address, question.from_ip), self.unplaced(address)
            conditions.append(unplaced if unplaced_only else sa.or_(inside, unplaced) if self.unplaced_too else inside)
        pairs = [
            rows.comparable(rows.own(Value(key)), rows.column(trail.table, table, account))
            for key, account in zip(rows.accounts.key, trail.account, strict=True)
        ]
        accounts = [account for _, account in pairs]
        if trail.nobody:
            conditions += [self.engine.by_bytes(self.engine.text(one)).not_in(trail.nobody) for one in accounts]
        if trail.action and trail.action.json:
            conditions += self.actions(trail, table)
        seen = sa.select(*accounts).select_from(table).where(*conditions)
        return [key for key, _ in pairs], seen, accounts

    def window(self, trail: Trail, at: Column, seen: Window | None) -> list[Any]:
        if seen is None:
            return []
        return [self.engine.not_before(at, trail.at, seen.since), self.engine.not_after(at, trail.at, seen.until)]

    def unplaced(self, address: Column) -> Any:
        """Whether it is no address that can be read; nothing at all is none."""
        return sa.not_(sa.func.coalesce(self.engine.is_address(address), sa.false()))

    def actions(self, trail: Trail, table: Any) -> list[Any]:
        """Only the rows with one of the trail's actions."""
        if trail.action is None:
            return []
        action = self.rows.column(trail.table, table, trail.action)
        return [self.engine.by_bytes(self.engine.text(action.value)).in_(trail.actions)]

    def _holding(self, category: str, held: Window | None, *, doubt: bool) -> Any:
        values = self.rows.map.values_holding(category)
        return sa.or_(*(self._held_in(value, held, doubt=doubt) for value in values))

    def _held_in(self, value: Value, held: Window | None, *, doubt: bool) -> Any:
        """Whether one place holds it. A secret is never looked into: its row stands for it, or the account in doubt."""
        rows = self.rows
        if value.table in {None, rows.accounts.table}:
            is_known = held is None and not rows.map.is_secret_hold(value)
            return sa.and_(sa.true(), *rows.held(rows.table, value)) if doubt or is_known else sa.false()
        related = rows.map.related_table(value.table)
        assert related is not None  # noqa: S101 - values_holding gives no others

        def meets(row: Any) -> Expression:
            there = self._there(related, row, held, doubt=doubt) if held else []
            return sa.and_(sa.true(), *rows.held(row, value), *there)

        return rows.belonging(related, meets)

    def _there(self, related: Related, row: Any, held: Window, *, doubt: bool) -> list[Any]:
        """The row was there at some time in the window, as far as its times can be read."""
        conditions: list[Any] = []
        if created := related.created_at:
            column = self.rows.column(related.table, row, created)
            by_then = self.engine.not_after(column, created, held.until)
            conditions.append(sa.or_(self.engine.unreadable(column, created), by_then) if doubt else by_then)
        elif not doubt:
            conditions.append(sa.false())
        if deleted := related.deleted_at:
            column = self.rows.column(related.table, row, deleted)
            never = self.engine.unreadable(column, deleted) if doubt else column.value.is_(None)
            conditions.append(sa.or_(never, self.engine.not_before(column, deleted, held.since)))
        return conditions

    def _of_tenant(self, tenants: tuple[str, ...]) -> Any:
        value = self.rows.accounts.tenant
        assert value is not None  # noqa: S101 - the question was checked against the map
        if value.table is None:
            return self.engine.by_bytes(self.engine.text(self.rows.own(value).value)).in_(tenants)
        related = self.rows.map.related_table(value.table)
        assert related is not None  # noqa: S101 - the map was checked when it was read

        def is_one(row: Any) -> Expression:
            tenant = self.rows.column(related.table, row, value)
            chosen = self.rows.chosen(row, value.where)
            named: Expression = self.engine.by_bytes(self.engine.text(tenant.value)).in_(tenants)
            return sa.and_(*chosen, named)

        return self.rows.belonging(related, is_one)

    def tenants_among(self, tenants: tuple[str, ...]) -> sa.Select[Any]:
        """Which of `tenants` the database knows."""
        value = self.rows.accounts.tenant
        assert value is not None  # noqa: S101 - the question was checked against the map
        name = value.table or self.rows.accounts.table
        table = self.rows.table_of(name)
        found = self.engine.by_bytes(self.engine.text(self.rows.column(name, table, value).value))
        chosen = self.rows.chosen(table, value.where)
        return sa.select(found).select_from(table).where(*chosen, found.in_(tenants))

    def _listed(self, listed: KeyList) -> Any:
        if not listed.text:
            return sa.false()  # every key is of another store
        what = self.key if listed.are == "ids" else self.address
        return what.in_(self.engine.listed_ids(listed.text))
