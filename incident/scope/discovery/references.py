"""Which column names a row of which table: declared keys, and habits where none are declared; and ways along them."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.habits import tables as table_habits
from incident.scope.discovery.keys import compatible, single_key, stem_of
from incident.scope.discovery.names import Phrase, words
from incident.scope.discovery.naming import Naming
from incident.scope.discovery.secrecy import looks_secret

_TYPE_WORDS = {"type", "module", "class", "model", "kind", "table"}
_PLAIN_KEYS = {
    ("id",), ("key",), ("name",), ("code",), ("number",), ("uid",), ("title",), ("date",), ("type",), ("value",),
    ("email",), ("token",), ("hash",), ("language",), ("language", "code"), ("username",), ("state",),
}  # fmt: skip
_LOGINS = {("username",), ("user", "name"), ("login",), ("login", "name"), ("account", "name")}
_NO_ROWS = {"ip", "date", "time", "at", "on", "email", "count", "total", "amount", "price", "phone"}
_MOST_COST = 9
# What a person's row may name that is the person's own; and what a table of links may tie to a person.
_OWN = {
    "person", "profile", "address", "contact", "email", "partner", "party", "phone", "actor", "account", "identity",
    "entity",
}  # fmt: skip
_PLACES = {"city", "state", "region", "country", "postal", "code", "district"}
_OWN_THROUGH_LINKS = {"email", "address", "phone", "profile"}


@dataclass(frozen=True)
class Reference:
    """
    `column` of `table` names the row of `to_table` by `to_column`.

    cost: how far from "this row is theirs": 1 the person's own, more for other relations. only_where: where one column
    refers to several tables, the condition that chooses this one.
    """

    table: str
    column: str
    to_table: str
    to_column: str
    declared: bool
    cost: int = 1
    only_where: str | None = None

    def __str__(self) -> str:
        return f"{self.table}.{self.column} = {self.to_table}.{self.to_column}"


@dataclass(frozen=True)
class Way:
    """From a table towards another, hop by hop; empty from a table to itself."""

    hops: tuple[str, ...] = ()
    cost: int = 0
    declared: bool = True
    only_where: str | None = None

    @property
    def uncertain(self) -> bool:
        return self.only_where is not None


@dataclass(frozen=True)
class References:
    """Every reference of a catalogue. people: tables of people, the likeliest first, whom author_id means."""

    naming: Naming
    people: tuple[str, ...] = ()

    @cached_property
    def all(self) -> tuple[Reference, ...]:
        found: dict[tuple[str, str, str], Reference] = {}
        for table in self.naming.catalogue.tables:
            for reference in (*self._declared(table), *self._by_habit(table), *self._polymorphic(table)):
                found.setdefault((reference.table, reference.column, reference.to_table), reference)
        return tuple(found.values())

    @cached_property
    def out_of(self) -> dict[str, tuple[Reference, ...]]:
        found: dict[str, list[Reference]] = defaultdict(list)
        for reference in self.all:
            found[reference.table].append(reference)
        return {table: tuple(of) for table, of in found.items()}

    @cached_property
    def into(self) -> dict[str, tuple[Reference, ...]]:
        found: dict[str, list[Reference]] = defaultdict(list)
        for reference in self.all:
            if reference.table != reference.to_table:
                found[reference.to_table].append(reference)
        return {table: tuple(of) for table, of in found.items()}

    def columns_that_refer(self, table: Table) -> frozenset[str]:
        return frozenset(reference.column for reference in self.out_of.get(table.name, ()))

    def ways_to(self, target: str) -> dict[str, Way]:
        """
        From every table that belongs to rows of `target`, the nearest way there.

        Along references, and backwards where the person's own row names a row of the other table (users.person_id) or
        a table of links stands between.
        """
        ways: dict[str, Way] = {target: Way()}
        shared: set[str] = set()  # reached backwards: what else names their rows is not this person's
        queue: list[tuple[int, int, str]] = [(0, 0, target)]
        done: set[str] = set()
        while queue:
            cost, _, name = heapq.heappop(queue)
            if name in done:
                continue
            done.add(name)
            for reference, step, backwards in self._steps(name, target):
                if not backwards and name in shared:
                    continue
                other = reference.to_table if backwards else reference.table
                total = cost + step
                if total > _MOST_COST or (other in ways and ways[other].cost <= total):
                    continue
                hop = f"{reference.to_table}.{reference.to_column} = {reference.table}.{reference.column}"
                here = ways[name]
                ways[other] = Way(
                    (hop if backwards else str(reference), *here.hops),
                    total,
                    here.declared and reference.declared,
                    reference.only_where or here.only_where,
                )
                if backwards and other not in self.people:
                    shared.add(other)
                heapq.heappush(queue, (total, len(ways), other))
        return ways

    def _steps(self, name: str, target: str) -> Iterator[tuple[Reference, int, bool]]:
        naming, tables = self.naming, self.naming.catalogue.by_name
        for reference in self.into.get(name, ()):
            far = 1 if name == target else 2
            # What belongs to an organisation, a product, a category is not yet somebody's.
            shared = 0 if name == target or name in self.people else 3 * bool(naming.speaks_of(tables[name], "tenant"))
            alone = tables[reference.table].names_one_row(reference.column)
            is_tenant = naming.subjects[reference.table][-1] in table_habits().kinds["tenant"] - {"account"}
            shared += 4 * (is_tenant and not (alone and naming.speaks_of(tables[reference.table], "side")))
            # A row of people that names another as theirs may be a customer and their adviser.
            shared += reference.table in self.people and not alone
            yield reference, reference.cost + far - 1 + shared + 2 * bool(reference.only_where), False
        for reference in self.out_of.get(name, ()):
            if reference.only_where is None and self._is_place(reference):
                yield reference, 1, True
            elif reference.only_where is None and self._is_own(reference, name, target):
                yield reference, 1 if name == target else 2, True

    def _is_place(self, reference: Reference) -> bool:
        """From an address to its city, and on to its country."""
        subjects = self.naming.subjects
        return subjects[reference.to_table][-1] in _PLACES and subjects[reference.table][-1] in {"address", *_PLACES}

    def _is_own(self, reference: Reference, name: str, target: str) -> bool:
        """Whether a row that the person's row names is about the person, and not a list that everybody shares."""
        table = self.naming.catalogue.by_name[reference.to_table]
        subject = self.naming.subjects[table.name][-1]
        if table.name == target:
            return False
        if name != target:
            return subject in _OWN_THROUGH_LINKS and self._is_link(self.naming.catalogue.by_name[name], target)
        # users.account_id leads to the person only where the accounts are people; else they are tenants.
        proven = subject not in {"account", "identity", "entity"} or table.name in self.people
        kinds, told = self.naming.table_words[table.name], set(words(reference.column))
        if self.naming.speaks_of(table, "side") and table_habits().kinds["side"] & set(kinds) & told and proven:
            return True  # users.details_id
        return subject in _OWN and subject in words(reference.column) and proven

    def _is_link(self, table: Table, target: str) -> bool:
        """Whether the table only ties rows of others together: two references at least, and little else."""
        if any(self.naming.speaks_of(table, kind) for kind in ("order", "content", "message", "invoice", "history")):
            return False
        referring = self.columns_that_refer(table)
        rest = [column for column in table.columns if column.name not in referring and column.name not in table.key]
        tied = {reference.to_table for reference in self.out_of.get(table.name, ())}
        return len(tied) >= 2 and target in tied and len(rest) <= 5

    def _declared(self, table: Table) -> Iterator[Reference]:
        for key in table.foreign:
            to = self.naming.catalogue.table(key.to_table)
            if to is None:
                continue
            for column, to_column in zip(key.columns, key.to_columns or to.key, strict=False):
                cost = self._cost(words(column))
                if len(key.columns) == 1 or to_column not in {"tenant_id"}:
                    yield Reference(table.name, column, to.name, to_column, True, cost)

    def _by_habit(self, table: Table) -> Iterator[Reference]:
        declared = {column for key in table.foreign for column in key.columns}
        for column in table.columns:
            if column.name in declared or column.kind not in {"whole", "number", "uuid", "text", "binary", "other"}:
                continue
            if looks_secret(column.name):
                continue
            if table.key == (column.name,) and not self._key_is_of_another(table, column):
                if found := self._by_login(table, column, words(column.name)) or self._shared_key(table, column):
                    yield found
                continue
            if found := self._meant(table, column):
                yield found

    def _meant(self, table: Table, column: Column) -> Reference | None:
        named = words(column.name)
        return (
            self._by_words(table, column, named)
            or self._same_key(table, column, named)
            or self._by_login(table, column, named)
        )

    def _by_words(self, table: Table, column: Column, named: Phrase) -> Reference | None:
        stem, has_mark = stem_of(named)
        if self.people and "uid" in named and (not stem or self._is_prefixed_uid(table, column)):
            return self._person(table, column, 1)
        if not has_mark and _NO_ROWS & set(named):
            return None
        if not has_mark and column.kind in {"text", "binary", "other"} and stem not in table_habits().actors:
            return None
        # What stands before because all columns have it, or because it is the table's own name, says nothing.
        prefix = len(named) - min(len(form) for form in self.naming.forms(table, column))
        for start in range(len(stem)):
            if not has_mark and start > prefix and stem[start:] not in table_habits().actors:
                break  # "poster" may name a row without any mark of a key; the address in "ip_address" does not
            part = stem[start:]
            named_so = self._named(part, table)
            # user_info.user_id, where the table of people is called auth_user: only the side table is named so.
            is_own_only = [to.name for to in named_so] == [table.name] and table.names_one_row(column.name)
            if part in table_habits().actors and (not named_so or is_own_only):
                is_key = has_mark or column.kind != "text"
                meant = self._same_key(table, column, named)  # admin_user.user_id, where no table is called user
                return meant or (self._person(table, column, self._cost(named)) if is_key else None)
            for to in named_so:
                key = single_key(to, self.naming)
                if key is not None and to.name != table.name and compatible(column, key, strict=not has_mark):
                    cost = max(self._cost(named), 1 + (start > prefix))
                    return Reference(table.name, column.name, to.name, key.name, False, cost)
        return None

    def _is_prefixed_uid(self, table: Table, column: Column) -> bool:
        """com_uid in a table whose columns all begin with com; not the row's own number, and no UID of a calendar."""
        alone = column.name in table.key or table.names_one_row(column.name)
        return column.kind == "whole" and not alone and ("uid",) in self.naming.forms(table, column)

    def _person(self, table: Table, column: Column, cost: int) -> Reference | None:
        """What author_id, created_by or uid mean: a row of the likeliest table of people."""
        for name in self.people[:1]:
            to = self.naming.catalogue.by_name[name]
            key = single_key(to, self.naming)
            if key is not None and name != table.name and compatible(column, key, strict=True):
                return Reference(table.name, column.name, name, key.name, False, cost)
        return None

    def _by_login(self, table: Table, column: Column, named: Phrase) -> Reference | None:
        """A log, or what stands beside a person, that names the person by what they log in with."""
        if named not in _LOGINS or table.name in self.people or self._has_password(table):
            return None
        for name in self.people[:1]:
            to = self.naming.catalogue.by_name[name]
            for key in to.columns:
                if words(key.name) == named and to.names_one_row(key.name) and compatible(column, key, strict=True):
                    cost = 1 if to.key == (key.name,) else 2
                    return Reference(table.name, column.name, name, key.name, False, cost)
        return None

    def _shared_key(self, table: Table, column: Column) -> Reference | None:
        """members_info.members_info_id, which is the member's own number: nothing else there says whose row it is."""
        stem, has_mark = stem_of(words(column.name))
        naming = self.naming
        if not has_mark or stem != naming.table_words[table.name] or not naming.speaks_of(table, "side"):
            return None
        others = {stem_of(words(one.name))[0] for one in table.columns if one.name != column.name}
        theirs = {actor for actor, cost in table_habits().actors.items() if cost == 1}
        for name in self.people:
            to = naming.catalogue.by_name[name]
            key, subject = single_key(to, naming), naming.subjects[name]
            is_part = name != table.name and len(stem) > len(subject) and stem[: len(subject)] == subject
            if not is_part or others & {subject, *theirs} or "serial" in column.type:
                continue
            if key is not None and compatible(column, key, strict=True):
                return Reference(table.name, column.name, name, key.name, False)
        return None

    def _has_password(self, table: Table) -> bool:
        """Whether people log in by rows of the table, so that its names are its own."""
        return any("password" in words(column.name) for column in table.columns)

    def _same_key(self, table: Table, column: Column, named: Phrase) -> Reference | None:
        """customerNumber in orders is customers.customerNumber: one name, the key of one table only."""
        if named in _PLAIN_KEYS or len(named) < 2:
            return None
        owners = [to for to in self._keys.get(column.name.lower(), ()) if to.name != table.name]
        if len(owners) != 1 or self._keys_are_many(column):
            return None
        key = single_key(owners[0], self.naming)
        if key is None or not compatible(column, key, strict=True):
            return None
        return Reference(table.name, column.name, owners[0].name, key.name, False, self._cost(named))

    @cached_property
    def _keys(self) -> dict[str, list[Table]]:
        found: dict[str, list[Table]] = defaultdict(list)
        for table in self.naming.catalogue.tables:
            if len(table.key) == 1 and not self.naming.speaks_of(table, "history") and not table.is_view:
                found[table.key[0].lower()].append(table)
        return found

    def _keys_are_many(self, column: Column) -> bool:
        return len(self._keys.get(column.name.lower(), ())) > 1

    def _key_is_of_another(self, table: Table, column: Column) -> bool:
        """A key such as profile.user_id, which is the other table's."""
        stem, has_mark = stem_of(words(column.name))
        others = [to for to in self._named(stem, table) if to.name != table.name] if has_mark and stem else []
        if stem != self.naming.subjects[table.name]:
            return bool(others) or (has_mark and self._is_the_persons(stem, table))
        # user_infos has the rows of users, though both are about users.
        whole = self.naming.table_words
        is_named = any(whole[to.name] == stem for to in others) or (has_mark and self._is_the_persons(stem, table))
        return whole[table.name] != stem and is_named

    def _is_the_persons(self, stem: Phrase, table: Table) -> bool:
        """extra.user_id, where no table is called user: the number of a person, unless people log in by the row."""
        logs_in = any({"password", "email"} & set(words(column.name)) for column in table.columns)
        return table_habits().actors.get(stem) == 1 and table.name not in self.people[:1] and not logs_in

    def _named(self, part: Phrase, near: Table) -> list[Table]:
        """Tables whose rows are called so; those of the same schema, and those that are no copies, first."""
        found = self._by_subject.get(part, [])
        rank = {name: at for at, name in enumerate(self.people)}
        return sorted(
            found,
            key=lambda to: (
                to.is_view,
                bool(self.naming.speaks_of(to, "history")),
                to.name not in rank,
                to.schema != near.schema,
                rank.get(to.name, 99),
                len(to.name),
            ),
        )

    @cached_property
    def _by_subject(self) -> dict[Phrase, list[Table]]:
        found: dict[Phrase, list[Table]] = defaultdict(list)
        for table in self.naming.catalogue.tables:
            names = {self.naming.subjects[table.name], self.naming.table_words[table.name], words(table.bare_name)}
            for name in names:
                found[name].append(table)
        return found

    def _polymorphic(self, table: Table) -> Iterator[Reference]:
        """owner_type with owner_id: one column for rows of several tables."""
        by_stem = {
            words(column.name)[:-1]: column
            for column in table.columns
            if words(column.name)[-1:] and words(column.name)[-1] in _TYPE_WORDS
        }
        for column in table.columns:
            stem, has_mark = stem_of(words(column.name))
            kind = by_stem.get(stem) if stem and has_mark else None
            # A row's own number names no person, whatever kind the row is of.
            if (
                looks_secret(column.name)
                or table.key == (column.name,)
                or kind is None
                or kind.kind not in {"text", "choice", "binary", "other"}
            ):
                continue
            for name in self.people[:2]:
                to = self.naming.catalogue.by_name[name]
                key = single_key(to, self.naming)
                if key is not None and name != table.name and compatible(column, key, strict=False):
                    noun = self.naming.subjects[name][-1]
                    where = f"{table.name}.{kind.name} names {noun}"
                    yield Reference(table.name, column.name, name, key.name, False, 2, where)

    def _cost(self, named: Phrase) -> int:
        actors = table_habits().actors
        stem, _ = stem_of(named)
        parts = [whole[start:] for whole in (named, stem) for start in range(len(whole))]
        return min((actors[part] for part in parts if part in actors), default=1)


def with_people(references: References, people: Iterable[str]) -> References:
    return replace(references, people=tuple(people))
