"""
Where the SQL is made: a question and a map become one SELECT, in SQLAlchemy Core.

Only columns of the map are named, never a secret, never `*`. The list, the counts and the accounts that share an
address are three SELECTs over the same FROM and WHERE, for one snapshot.

Order: by the key as text, by its bytes ("10" before "9"), on every engine. A key of several columns is their texts
with "/" between, a "/" or "\\" inside one preceded by "\\".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from incident.record.canonical import Json
from incident.scope.datamap import DataMap, TableName, Time, Trail
from incident.scope.dialects import Column, Engine, Expression
from incident.scope.questions import Question, trail_of
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
_ADULT_YEARS = 18
# What Python's `strip` removes, as sending does.
_BLANKS = "".join(sign for sign in map(chr, range(1, 0x3001)) if sign.isspace())
_LONGEST_LOCAL = 64  # RFC 5321 section 4.5.3.1.1
_RESERVED = ("arpa", "invalid", "local", "localhost", "onion", "test")  # RFC 6761, 6762 and 7686: nobody's mail
# Shapes of `Engine.matches_any` that no mail service takes.
_NO_ADDRESS = (
    "*[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*@*",  # before the @ only these; a second @ is none of them
    "*@*[\x01-,/:-@[-`{-\x7f]*",  # behind it letters, digits, dots and hyphens; letters of any script
    ".*",
    "*.@*",
    "*..*",
    "*@[.-]*",
    "*@*-.*",
    "*@*.-*",
    "*[.-]",
    *("*@*." + "[0-9]" * digits for digits in (1, 2, 3)),
    *("*." + "".join(f"[{letter}{letter.upper()}]" for letter in name) for name in _RESERVED),
)


@dataclass(frozen=True)
class Statements:
    """
    What one scope asks of the database.

    people: the list, columns as `COLUMNS`, all text. tally: one row for each country and locale as stored: country,
    locale, accounts, and the sums named in `sums`. repeated: one row where an address may occur twice, or None without
    addresses. shared: address, key, country, locale, broken, minor of the accounts with such an address, by address
    and key. trail: one row on the trail itself, or None. gone: how many accounts the asked part of the trail names that
    the account table does not have, or None. strangers: how many listed keys no account has, or None.
    """

    people: sa.Select[Any]
    tally: sa.Select[Any]
    sums: tuple[str, ...]
    repeated: sa.Select[Any] | None
    shared: sa.Select[Any]
    trail: sa.Select[Any] | None
    gone: sa.Select[Any] | None
    strangers: sa.Select[Any] | None


def compile_scope(
    question: Question, datamap: DataMap, schema: Schema, engine: Engine, *, taken_at: datetime
) -> Statements:
    """The statements for `question`. taken_at: aware; who is under 18 is reckoned on that day, UTC."""
    rows = _Rows(question, datamap, schema, engine, taken_at)
    return Statements(
        people=rows.people(),
        tally=rows.tally(),
        sums=tuple(rows.sums()),
        repeated=rows.repeated(),
        shared=rows.shared(),
        trail=rows.about_trail(),
        gone=rows.gone(),
        strangers=rows.strangers(),
    )


def spelled(statement: sa.Select[Any], engine: Engine) -> tuple[str, dict[str, Any]]:
    """The statement as SQL text and its parameters by name, as the engine's driver takes them."""
    compiled = statement.compile(dialect=engine.dialect, compile_kwargs={"render_postcompile": True})
    return str(compiled), dict(compiled.params)


def parameters_document(parameters: Mapping[str, Any], question: Question, engine: Engine) -> dict[str, Json]:
    """The parameters for the journal: a list of keys as its digest, moments as text."""
    document: dict[str, Json] = {}
    for name, value in parameters.items():
        if name == engine.ids and question.ids:
            document[name] = question.ids.digest
        else:
            document[name] = value if isinstance(value, str | int) else str(value)
    return document


class _Rows:
    """One FROM and WHERE, and the columns over it."""

    def __init__(
        self, question: Question, datamap: DataMap, schema: Schema, engine: Engine, taken_at: datetime
    ) -> None:
        self.question, self.map, self.schema, self.engine = question, datamap, schema, engine
        self.accounts = datamap.accounts
        self.adult_born_by = _years_before(taken_at.date(), _ADULT_YEARS)
        self.table = self._table(self.accounts.table)
        self.trail = trail_of(question, datamap)

    def people(self) -> sa.Select[Any]:
        columns = [self._value(name).label(name) for name in COLUMNS]
        return sa.select(*columns).where(*self._conditions()).order_by(self.engine.by_bytes(self._key()))

    def tally(self) -> sa.Select[Any]:
        # Grouped by the columns as they are: of those the database knows how few values there are, and so neither
        # sorts nor spills. What the values mean is worked out afterwards, once for each group (`counts.py`).
        groups = [self._stored(self.accounts.country), self._stored(self.accounts.locale)]
        sums = [sa.func.sum(_flag(condition)) for condition in self.sums().values()]
        texts = [self.engine.text(group) for group in groups]
        people = sa.select(*texts, sa.func.count(), *sums).select_from(self.table).where(*self._conditions())
        return people.group_by(*(group for group in groups if not isinstance(group, sa.Null)))

    def sums(self) -> dict[str, Expression]:
        """What is counted in every group: accounts for which the condition holds."""
        sums: dict[str, Expression] = {"broken": self._broken()}
        if self.accounts.birth_date:
            sums |= {"minors": self._minor(), "aged": self._value("birth_date").is_not(None)}
        for name, time in self.accounts.times.items():
            sums[f"stored {name}"] = self.table.c[time.column].is_not(None)
        for category, columns in self.map.counted_columns().items():
            sums[category] = sa.or_(*(self.table.c[column].is_not(None) for column in columns))
        return sums

    def repeated(self) -> sa.Select[Any] | None:
        """One row where any address may occur twice, none where none does."""
        if self.accounts.email is None:
            return None
        fingerprint = self.engine.fingerprint(self._address())
        grouped: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(self.table).where(*self._conditions())
        grouped = grouped.where(self._stored(self.accounts.email) != "").group_by(fingerprint)
        return grouped.having(sa.func.count() > 1).limit(1)

    def shared(self) -> sa.Select[Any]:
        """Aggregation finds the addresses that occur twice; only their accounts are then looked at."""
        address = self._address()
        several = sa.select(address).where(*self._conditions(), address.is_not(None))
        several = several.group_by(address).having(sa.func.count() > 1)
        columns: list[Any] = [address.label("address"), self._key().label("key")]
        columns += [self.engine.text(self._stored(name)) for name in (self.accounts.country, self.accounts.locale)]
        columns += [_flag(self._broken()), _flag(self._minor())]
        return (
            sa.select(*columns)
            .where(*self._conditions(), address.in_(several))
            .order_by(self.engine.by_bytes(address), self.engine.by_bytes(self._key()))
        )

    def about_trail(self) -> sa.Select[Any] | None:
        """First and last time on the trail, rows without a readable time, and rows in the window without an address."""
        if self.trail is None:
            return None
        table = self._table(self.trail.table)
        at = self._column(self.trail.table, table, self.trail.at.column)
        first, last = (Column(edge(at.value), at.type) for edge in (sa.func.min, sa.func.max))
        rows = [
            self.engine.utc(first, self.trail.at),
            self.engine.utc(last, self.trail.at),
            sa.func.count(),
            sa.func.sum(_flag(self.engine.unreadable(at, self.trail.at))),
        ]
        if self.question.from_ip and self.trail.ip:
            address = self._column(self.trail.table, table, self.trail.ip)
            unplaced = sa.and_(*self._window(self.trail, at), sa.not_(_known(self.engine.is_address(address))))
            rows.append(sa.func.sum(_flag(unplaced)))
        else:
            rows.append(sa.literal_column("0"))
        return sa.select(*rows).select_from(table).where(*self._actions(self.trail, table))

    def gone(self) -> sa.Select[Any] | None:
        """Robots, which the filter leaves out, are in the table: only who was deleted for good is counted."""
        if self.trail is None:
            return None
        keys, seen, accounts = self._seen(self.trail)
        seen = seen.where(*(account.is_not(None) for account in accounts))
        return _how_many_lack(seen, sa.select(*keys).select_from(self.table))

    def strangers(self) -> sa.Select[Any] | None:
        if self.question.ids is None:
            return None
        keys = sa.select(self._key()).select_from(self.table).where(*self._people_only())
        return _how_many_lack(self.engine.listed_ids(self.question.ids.text), keys)

    # -- what is asked

    def _conditions(self) -> list[Any]:
        question = self.question
        conditions = self._people_only()
        if question.existing_at is not None:
            conditions += self._existing(question.existing_at)
        if self.trail is not None:
            conditions.append(self._on_trail(self.trail))
        if question.ids is not None:
            conditions.append(self._key().in_(self.engine.listed_ids(question.ids.text)))
        if question.where is not None:
            conditions.append(sa.literal_column(f"({question.where})"))
        return conditions

    def _people_only(self) -> list[Any]:
        return [sa.literal_column(f"({self.accounts.filter})")] if self.accounts.filter else []

    def _existing(self, at: datetime) -> list[Any]:
        """Created by then, or nobody knows when; and not deleted before, the backup tail allowed for."""
        created, deleted = self.accounts.created_at, self.accounts.deleted_at
        conditions: list[Any] = []
        if created:
            column = self._column(self.accounts.table, self.table, created.column)
            undated = self.engine.unreadable(column, created)
            conditions.append(sa.or_(undated, self.engine.not_after(column, created, at)))
        if deleted:
            column = self._column(self.accounts.table, self.table, deleted.column)
            kept = at - timedelta(days=self.question.deleted_within_days or 0)
            undated = self.engine.unreadable(column, deleted)
            conditions.append(sa.or_(undated, self.engine.not_before(column, deleted, kept)))
        return conditions

    def _on_trail(self, trail: Trail) -> Any:
        keys, seen, _ = self._seen(trail)
        return keys[0].in_(seen) if len(keys) == 1 else sa.tuple_(*keys).in_(seen)

    def _seen(self, trail: Trail) -> tuple[list[Any], sa.Select[Any], list[Any]]:
        """The account table's key, who was on the asked part of the trail in the same words, and those words."""
        table = self._table(trail.table, "trail")
        conditions = self._window(trail, self._column(trail.table, table, trail.at.column))
        if self.question.from_ip and trail.ip:
            address = self._column(trail.table, table, trail.ip)
            conditions.append(self.engine.within(address, self.question.from_ip))
        pairs = list(zip(self.accounts.key, trail.account, strict=True))
        types = [
            (self.schema.type_of(self.accounts.table, key), self.schema.type_of(trail.table, account))
            for key, account in pairs
        ]
        alike = all(key == account for key, account in types)
        # A key kept as uuid here and as text there compares as text.
        plain = (lambda value: value) if alike else self.engine.text
        keys = [plain(self.table.c[key]) for key, _ in pairs]
        accounts = [plain(table.c[account]) for _, account in pairs]
        return keys, sa.select(*accounts).where(*conditions, *self._actions(trail, table)), accounts

    def _window(self, trail: Trail, at: Column) -> list[Any]:
        seen = self.question.seen
        if seen is None:
            return []
        return [
            self.engine.not_before(at, trail.at, seen.since),
            self.engine.not_after(at, trail.at, seen.until),
        ]

    def _actions(self, trail: Trail, table: Any) -> list[Any]:
        return [self.engine.text(table.c[trail.action]).in_(trail.actions)] if trail.action else []

    # -- what is read of one account

    def _value(self, name: str) -> Expression:
        """One of `COLUMNS` as text, NULL where the map has none."""
        match name:
            case "key":
                return self._key()
            case "email":
                return self._plain(self.accounts.email)
            case "name":
                return self._name()
            case "locale":
                return self._plain(self.accounts.locale)
            case "country":
                return self.engine.upper(self._plain(self.accounts.country)) if self.accounts.country else _nothing()
            case "birth_date":
                return self._time(self.accounts.birth_date, self.engine.day)
            case _:
                return self._time(self.accounts.times.get(name), self.engine.utc)

    def _key(self) -> Expression:
        parts = [self.engine.text(self.table.c[column]) for column in self.accounts.key]
        if len(parts) == 1:
            return parts[0]
        safe = [sa.func.replace(sa.func.replace(part, "\\", "\\\\"), "/", "\\/") for part in parts]
        key: Expression = safe[0]
        for part in safe[1:]:
            key = key.op("||")("/").op("||")(part)
        return key

    def _name(self) -> Expression:
        parts = [sa.func.nullif(self.engine.text(self.table.c[column]), "") for column in self.accounts.name]
        if not parts:
            return _nothing()
        if len(parts) == 1:
            return parts[0]
        spaced = [sa.func.coalesce(part.op("||")(" "), "") for part in parts]
        name: Expression = spaced[0]
        for part in spaced[1:]:
            name = name.op("||")(part)
        return sa.func.nullif(sa.func.rtrim(name, " "), "")

    def _plain(self, column: str | None) -> Expression:
        if column is None:
            return _nothing()
        return sa.func.nullif(sa.func.trim(self.engine.text(self.table.c[column])), "")

    def _stored(self, column: str | None) -> Expression:
        return self.table.c[column] if column else sa.null()

    def _time(self, time: Time | None, read: Any) -> Expression:
        if time is None:
            return _nothing()
        value: Expression = read(self._column(self.accounts.table, self.table, time.column), time)
        return value

    def _address(self) -> Expression:
        """The address as it is compared: without blanks around it, ASCII letters small."""
        return self.engine.lower(self._plain(self.accounts.email)) if self.accounts.email else _nothing()

    def _broken(self) -> Expression:
        """No address, or one that no mail can reach. Sending knows a few finer rules besides (docs/scope.md)."""
        if self.accounts.email is None:
            return sa.true()
        stored = self.engine.by_bytes(self.engine.text(self.table.c[self.accounts.email]))
        bare = sa.func.trim(stored, _BLANKS)
        # Nearly every address is a plain one, and needs none of the closer looks.
        return sa.case(
            (stored.is_(None), sa.true()),
            (sa.and_(sa.func.length(stored) <= _LONGEST_LOCAL, self.engine.is_plain_address(stored)), sa.false()),
            else_=self._cannot_work(bare),
        )

    def _cannot_work(self, address: Expression) -> Expression:
        return sa.or_(
            address.not_like("_%@_%"),
            self.engine.matches_any(address, _NO_ADDRESS),
            # Other scripts have full stops of their own.
            sa.and_(address.not_like("%@_%._%"), sa.not_(self.engine.matches_any(address, ("*@*[^\x01-\x7f]*",)))),
            sa.and_(sa.func.length(address) > _LONGEST_LOCAL, address.like("_" * (_LONGEST_LOCAL + 1) + "%@%")),
            sa.func.length(address) > 254,
        )

    def _minor(self) -> Expression:
        if self.accounts.birth_date is None:
            return sa.false()
        born = self.engine.by_bytes(self._value("birth_date"))
        return sa.func.coalesce(born > self.adult_born_by, sa.false())

    def _table(self, name: TableName, alias: str | None = None) -> Any:
        columns: list[Any] = [sa.column(column) for column in self.map.columns_read()[name]]
        table = sa.table(name.name, *columns, schema=name.schema)
        return table.alias(alias) if alias else table

    def _column(self, name: TableName, table: Any, column: str) -> Column:
        return Column(table.c[column], self.schema.type_of(name, column))


def _how_many_lack(some: sa.Select[Any], all_: sa.Select[Any]) -> sa.Select[Any]:
    """How many different rows of `some` are not among `all_`; EXCEPT reads each once, where NOT IN may not."""
    return sa.select(sa.func.count()).select_from(sa.except_(some, all_).subquery("lacking"))


def _flag(condition: Any) -> Expression:
    return sa.case((condition, 1), else_=0)


def _known(condition: Expression) -> Expression:
    return sa.func.coalesce(condition, sa.false())


def _nothing() -> Expression:
    return sa.cast(sa.null(), sa.Text)


def _years_before(day: date, years: int) -> str:
    """The same day `years` earlier, as text; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years).isoformat()
    except ValueError:
        return day.replace(year=day.year - years, day=28).isoformat()
