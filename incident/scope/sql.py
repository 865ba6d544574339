"""
Where the SQL is made: a question and a map become SELECTs, in SQLAlchemy Core.

Only columns of the map are named, never a secret, never `*`. One SELECT reads the list and, beside each account, what
is only counted of it; the others say how far it can be trusted, in the same snapshot.

Order: by the key as text, by its bytes ("10" before "9"), on every engine. A key of several columns is their texts
with "/" between, a "/" or "\\" inside one preceded by "\\".
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import sqlalchemy as sa

from incident.record.canonical import Json
from incident.scope.conditions import Conditions
from incident.scope.datamap import DataMap, Trail, Value
from incident.scope.dialects import Column, Engine, Expression
from incident.scope.predicate import LEFT_OUT, has_address
from incident.scope.questions import Question, trail_of
from incident.scope.rows import Rows
from incident.scope.schema import Schema

COLUMNS = (
    "key",
    "email",
    "name",
    "locale",
    "country",
    "birth_date",
    "created_at",
    "deleted_at",
    "last_seen_at",
)
_BITS = 31  # in one whole number, as every engine has them


@dataclass(frozen=True)
class TrailStatements:
    """
    About the trail that one part of the question asks.

    about: one row on the trail itself: first and last time, rows, those without a readable time, and those in the
    window without an address. edges: first and last time where some cannot be read, of the others; else `about` has
    them, at a third of the cost. gone: how many accounts the asked part names that the account table does not have.
    """

    trail: Trail
    question: Question
    about: sa.Select[Any]
    edges: sa.Select[Any]
    gone: sa.Select[Any]


@dataclass(frozen=True)
class Statements:
    """
    What one scope asks of the database.

    people: the list, columns as `COLUMNS`, all text; behind them whole numbers, whose bits are `sums`, see `sums_in`.
    count: how many accounts that is. strangers: how many listed keys or addresses no account has, or None. unsaid: how
    many accounts that were asked for the map's filter says neither yes nor no of, or None where it has none. tenants:
    those asked for that there are, one a row, or None. perhaps: why somebody may be missing, and how many accounts that
    may be. unplaced: how many accounts would be on the list if every row of a trail that has no readable address had
    one of those asked for, and are not; None where no address was asked for.
    """

    people: sa.Select[Any]
    sums: tuple[str, ...]
    count: sa.Select[Any]
    trails: tuple[TrailStatements, ...]
    strangers: sa.Select[Any] | None
    tenants: sa.Select[Any] | None
    unsaid: sa.Select[Any] | None
    unplaced: sa.Select[Any] | None
    perhaps: tuple[tuple[str, sa.Select[Any]], ...]


def compile_scope(question: Question, datamap: DataMap, schema: Schema, engine: Engine) -> Statements:
    """The statements for `question`."""

    def rows() -> _Accounts:
        return _Accounts(question, Rows(datamap, schema, engine))

    return Statements(
        people=rows().people(),
        sums=tuple(rows().sums()),
        count=rows().count(),
        trails=tuple(
            TrailStatements(
                trail,
                part,
                about=rows().about_trail(trail, part),
                edges=rows().readable_edges(trail),
                gone=rows().gone(trail, part),
            )
            for part in question.parts
            if (trail := trail_of(part, datamap)) is not None
        ),
        strangers=rows().strangers(),
        tenants=rows().tenants(),
        unsaid=rows().unsaid(),
        unplaced=rows().unplaced(),
        perhaps=tuple(
            (doubt.reason, rows().not_listed(doubt.among))
            for part in question.parts
            for doubt in part.perhaps
            if doubt.among
        ),
    )


def spelled(statement: sa.Select[Any], engine: Engine) -> tuple[str, dict[str, Any]]:
    """The statement as SQL text and its parameters by name, as the engine's driver takes them."""
    compiled = statement.compile(dialect=engine.dialect, compile_kwargs={"render_postcompile": True})
    return str(compiled), dict(compiled.params)


def parameters_document(parameters: Mapping[str, Any], question: Question, engine: Engine) -> dict[str, Json]:
    """The parameters for the journal: a list of keys as its digest, moments as text, no whole e-mail address."""
    document: dict[str, Json] = {}
    for name, value in parameters.items():
        if name == engine.ids and question.keylist:
            document[name] = question.keylist.digest
        elif isinstance(value, str) and has_address(value):  # of a row that the map chooses, or a robot on a trail
            document[name] = LEFT_OUT
        else:
            document[name] = value if isinstance(value, str | int) else str(value)
    return document


class _Accounts:
    """The accounts that a question asks for, for one statement."""

    def __init__(self, question: Question, rows: Rows) -> None:
        self.question, self.rows, self.engine, self.accounts = question, rows, rows.engine, rows.accounts
        self.conditions = Conditions(rows, self._key(), self._address())

    def people(self) -> sa.Select[Any]:
        columns = [self._value(name).label(name) for name in COLUMNS]
        return self._asked(*columns, *self._counted()).order_by(self.engine.by_bytes(self._key()))

    def count(self) -> sa.Select[Any]:
        return self._asked(sa.func.count())

    def sums(self) -> dict[str, Expression]:
        """What the list does not tell: which columns of an account are filled, readable or not."""
        sums = {f"stored {name}": self.rows.is_stored(time) for name, time in self.accounts.times.items()}
        return sums | {category: self.rows.holds(category) for category in self.rows.map.counted_categories()}

    def _counted(self) -> list[sa.Label[Any]]:
        """`sums` of one account as bits."""
        flags = [(place % _BITS, condition) for place, condition in enumerate(self.sums().values())]
        return [
            reduce(operator.add, (_bit(place, condition) for place, condition in together)).label(f"counted_{number}")
            for number, together in enumerate(flags[start : start + _BITS] for start in range(0, len(flags), _BITS))
        ]

    def about_trail(self, trail: Trail, part: Question) -> sa.Select[Any]:
        table = self.rows.table_of(trail.table)
        at = self.rows.column(trail.table, table, trail.at)
        unreadable = self.engine.unreadable(at, trail.at)
        rows = [*self._edges(trail, at), sa.func.count(), sa.func.sum(_flag(unreadable))]
        if part.from_ip and trail.ip:
            address = self.rows.column(trail.table, table, trail.ip)
            window = self.conditions.window(trail, at, part.seen)
            rows.append(sa.func.sum(_flag(sa.and_(*window, self.conditions.unplaced(address)))))
        else:
            rows.append(sa.literal_column("0"))
        return sa.select(*rows).select_from(table).where(*self.conditions.actions(trail, table))

    def readable_edges(self, trail: Trail) -> sa.Select[Any]:
        table = self.rows.table_of(trail.table)
        at = self.rows.column(trail.table, table, trail.at)
        # An empty text would come before every time.
        readable = sa.case((sa.not_(self.engine.unreadable(at, trail.at)), at.value))
        edges = self._edges(trail, Column(readable, at.type))
        return sa.select(*edges).select_from(table).where(*self.conditions.actions(trail, table))

    def _edges(self, trail: Trail, at: Column) -> list[Expression]:
        """The first and the last time."""
        return [self.engine.utc(Column(edge(at.value), at.type), trail.at) for edge in (sa.func.min, sa.func.max)]

    def gone(self, trail: Trail, part: Question) -> sa.Select[Any]:
        """Robots, which the filter leaves out, are in the table: only who was deleted for good is counted."""
        keys, seen, accounts = self.conditions.seen(trail, part)
        seen = seen.where(*(account.is_not(None) for account in accounts))
        return _how_many_lack(seen, sa.select(*keys).select_from(self.rows.table))

    def strangers(self) -> sa.Select[Any] | None:
        listed = self.question.keylist
        if listed is None or not listed.text:
            return None
        there = self._key() if listed.are == "ids" else self._address()
        all_ = sa.select(there).where(*self.conditions.people_only()).select_from(self.rows.source())
        return _how_many_lack(self.engine.listed_ids(listed.text), all_)

    def unsaid(self) -> sa.Select[Any] | None:
        if self.accounts.filter is None:
            return None
        conditions = self.conditions.asked(self.question)
        unknown: Expression = sa.literal_column(f"({self.accounts.filter}) IS NULL")
        return sa.select(sa.func.count()).select_from(self.rows.source()).where(unknown, *conditions)

    def not_listed(self, among: Question) -> sa.Select[Any]:
        """How many accounts meet `among` and are not on the list."""
        return self._how_many_more(self.conditions.of(among))

    def _how_many_more(self, conditions: list[Any]) -> sa.Select[Any]:
        """Who meets `conditions` and is not on the list."""
        listed = sa.case((sa.and_(sa.true(), *self.conditions.asked(self.question)), 1), else_=0)
        return sa.select(sa.func.count()).select_from(self.rows.source()).where(*conditions, listed == 0)

    def unplaced(self) -> sa.Select[Any] | None:
        if not any(part.from_ip for part in self.question.parts):
            return None
        strict = self.conditions
        loose = Conditions(self.rows, strict.key, strict.address, unplaced_too=True)
        # Nobody else can meet the one and not the other; said first, so that few accounts need be looked at.
        concerned = [strict.on_unplaced_row(part) for part in self.question.parts if part.from_ip]
        return self._how_many_more([sa.or_(*concerned), *loose.of(self.question)])

    def tenants(self) -> sa.Select[Any] | None:
        asked = {tenant for part in self.question.parts for tenant in part.tenants}
        if not asked:
            return None
        there = self.conditions.tenants_among(tuple(sorted(asked)))
        return there.distinct()

    def _asked(self, *columns: Any) -> sa.Select[Any]:
        """A SELECT over the accounts asked for; its FROM is made last, when all that it needs is known."""
        conditions = self.conditions.of(self.question)
        return sa.select(*columns).select_from(self.rows.source()).where(*conditions)

    # -- what is read of one account

    def _value(self, name: str) -> Expression:
        """One of `COLUMNS` as text, NULL where the map has none."""
        match name:
            case "key":
                return self._key()
            case "email":
                return self._first(self.accounts.email)
            case "name":
                return self._name()
            case "locale":
                return self._first(self.accounts.locale)
            case "country":
                return self.engine.upper(self._first(self.accounts.country)) if self.accounts.country else _nothing()
            case "birth_date":
                return self.rows.day(self.accounts.birth_date) if self.accounts.birth_date else _nothing()
            case _:
                time = self.accounts.times.get(name)
                return self.rows.time(time, latest=name == "last_seen_at") if time else _nothing()

    def _key(self) -> Expression:
        parts = [self.engine.text(self.rows.table.c[column]) for column in self.accounts.key]
        if len(parts) == 1:
            return parts[0]
        safe = [sa.func.replace(sa.func.replace(part, "\\", "\\\\"), "/", "\\/") for part in parts]
        slash: Expression = sa.literal_column("'/'")
        return self.engine.concat([safe[0], *(piece for part in safe[1:] for piece in (slash, part))])

    def _name(self) -> Expression:
        if not self.accounts.known_as:
            return self._joined_name()
        return sa.func.coalesce(self._joined_name(), self._first(self.accounts.known_as))

    def _joined_name(self) -> Expression:
        parts = [self._whole(value) for value in self.accounts.name]
        if len(parts) < 2:
            return parts[0] if parts else _nothing()
        blank: Expression = sa.literal_column("' '")
        spaced = [sa.func.coalesce(self.engine.concat([part, blank]), "") for part in parts]
        return sa.func.nullif(sa.func.rtrim(self.engine.concat(spaced), " "), "")

    def _whole(self, value: Value) -> Expression:
        """A part of a name with the blanks around it, as it was written."""
        if value.is_plain:
            return sa.func.nullif(self.engine.text(self.rows.own(value).value), "")
        return self.rows.text(value)

    def _first(self, values: Sequence[Value]) -> Expression:
        """The first of several forms that is not empty."""
        texts = [self.rows.text(value) for value in values]
        if len(texts) < 2:
            return texts[0] if texts else _nothing()
        return sa.func.coalesce(*texts)

    def _address(self) -> Expression:
        """The address as it is compared: without blanks around it, ASCII letters small."""
        return self.engine.lower(self._first(self.accounts.email)) if self.accounts.email else _nothing()


def _how_many_lack(some: sa.Select[Any], all_: sa.Select[Any]) -> sa.Select[Any]:
    """How many different rows of `some` are not among `all_`; EXCEPT reads each once, where NOT IN may not."""
    return sa.select(sa.func.count()).select_from(sa.except_(some, all_).subquery("lacking"))


def sums_in(sums: Sequence[str], numbers: Mapping[Sequence[int], int]) -> dict[str, int]:
    """How many accounts each of `sums` holds of. numbers: what stands behind the columns, and how many have that."""
    return {
        name: sum(accounts for bits, accounts in numbers.items() if bits[place // _BITS] >> place % _BITS & 1)
        for place, name in enumerate(sums)
    }


def _bit(place: int, condition: Expression) -> Expression:
    """In digits, since some engines take a parameter for a number that is wider or narrower."""
    bit: Expression = sa.literal_column(str(1 << place))
    nothing: Expression = sa.literal_column("0")
    return sa.case((condition, bit), else_=nothing)


def _flag(condition: Any) -> Expression:
    return sa.case((condition, 1), else_=0)


def _nothing() -> Expression:
    return sa.cast(sa.null(), sa.Text)
