"""What an account table's own row says of itself: its key, its tenant, its flags, and what was not understood."""

from __future__ import annotations

from collections.abc import Iterator

from incident.scope.discovery.catalogue import Table
from incident.scope.discovery.names import words
from incident.scope.discovery.people import Survey
from incident.scope.discovery.proposal import Place

LIKELY = 0.42  # from here on a column is taken to speak in a role
_PROGRAMS = {"bot", "anonymous", "robot", "test", "service"}
_TENANTS = (
    "tenant",
    "realm",
    "organization",
    "workspace",
    "company",
    "site",
    "shop",
    "instance",
    "team",
    "domain",
    "account",
    "store",
    "agency",
    "school",
    "club",
    "client",
    "website",
    "business",
    "merchant",
)


def tenant_of(table: Table, survey: Survey) -> list[Place]:
    """The columns that say of which of several tenants a row is, at most two."""
    people = {population.table.name for population in survey.people}
    refers = {one.column: one.to_table for one in survey.references.out_of.get(table.name, ())}
    found = []
    for column in table.columns:
        named = words(column.name)
        if named[-1:] != ("id",) and column.name not in refers:
            continue
        stem = named[:-1] if named[-1:] == ("id",) else named
        if (
            len(stem) == 1
            and stem[0] in _TENANTS
            and refers.get(column.name) not in people
            and column.name not in table.key
        ):
            found.append(
                (_TENANTS.index(stem[-1]), Place(table.name, column.name, "one database for several", role="tenant"))
            )
    return [place for _, place in sorted(found, key=lambda one: one[0])][:2]


def not_understood(table: Table, survey: Survey) -> Iterator[str]:
    """Columns that speak in no role, are no key or secret, and that a person has to say the meaning of."""
    named = {reading.column for reading in survey.readings[table.name] if reading.weight >= LIKELY}
    named |= {*table.key, *survey.secrets[table.name], *table.keys_seen, *flags_of(table)}
    named |= survey.references.columns_that_refer(table)
    named |= {place.column for place in tenant_of(table, survey)}
    for column in table.columns:
        says_change = {"update", "updated", "change"} & set(words(column.name)) and column.kind == "time"
        if column.name not in named and not says_change:
            yield column.name


def flags_of(table: Table) -> Iterator[str]:
    """Columns that tell people from programs, or say that an account is closed but not when."""
    for column in table.columns:
        named = set(words(column.name))
        is_program = bool(named & _PROGRAMS) and named <= {
            *_PROGRAMS,
            "is",
            "account",
            "user",
            "client",
            "link",
            "system",
        }
        is_closed = "delete" in named and named <= {"is", "delete", "user", "soft"} and column.kind != "text"
        if (is_program or is_closed) and column.kind in {"flag", "choice", "whole", "text"}:
            yield column.name


def key_of(table: Table) -> tuple[str, ...]:
    """The primary key; without the language where a row is kept in several: they are one person's."""
    rest = tuple(name for name in table.key if words(name) not in {("language", "code"), ("language",), ("locale",)})
    return rest or table.key or _any_key(table)


def _any_key(table: Table) -> tuple[str, ...]:
    """What names a row where no primary key is declared."""
    if table.unique:
        return min(table.unique, key=len)
    for column in table.columns:
        if words(column.name)[-1:] in {("id",), ("uid",), ("number",)}:
            return (column.name,)
    return ()
