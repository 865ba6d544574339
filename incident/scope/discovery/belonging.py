"""Whose a row beside a person's is: the person's own, or only somebody's that the person has to do with."""

from __future__ import annotations

from incident.scope.discovery.catalogue import Table
from incident.scope.discovery.habits import tables as table_habits
from incident.scope.discovery.names import words
from incident.scope.discovery.people import Survey
from incident.scope.discovery.references import Way

_WRITTEN = {"subject", "body", "message"}  # a table with such a column holds messages
_NO_WAY = Way()
_ONLY_PEOPLE = {"birth_date", "first_name", "last_name", "gender"}
_OF_PEOPLE = {"birth_date", "first_name", "last_name", "full_name", "gender", "phone", "country", "locale", "address"}


def is_own(table: Table, way: Way, survey: Survey) -> bool:
    """Whether rows of a table near the person's are about this very person: a profile, an address, a partner record."""
    naming = survey.naming
    alone = one_each(table, way)
    if table.name in survey.written_down:
        return False
    if table.name in survey.references.people:
        return alone  # people of their own are a customer and their adviser, unless it is one row for one
    if any(naming.speaks_of(table, kind) for kind in ("content", "order", "message", "barred", "history")):
        return False
    roles = {reading.role for reading in survey.readings[table.name] if reading.weight >= 0.6}
    # A shop is not its owner, also where each has one; shop_profile, or what was born, is.
    if naming.speaks_of(table, "tenant") and not (alone and (naming.speaks_of(table, "side") or _ONLY_PEOPLE & roles)):
        return False
    # Who gets a report, or is written on a label, is not for that the person.
    if is_written(table) or (naming.speaks_of(table, "link") and not alone):
        return False
    side = any(naming.speaks_of(table, kind) for kind in ("side", "address"))
    target = way.hops[-1].partition(" = ")[2].rpartition(".")[0] if way.hops else table.name
    called = set(naming.table_words[table.name]) & set(naming.subjects.get(target, ())) & set(table_habits().nouns)
    return is_about(table, survey, way) and (alone or side or bool(called))


def is_written(table: Table) -> bool:
    """Whether the rows are messages."""
    return any(_WRITTEN & set(words(column.name)) for column in table.columns)


def one_each(table: Table, way: Way) -> bool:
    """Whether the person has one row of the table."""
    here = way.hops[0].partition(" = ")[0].rpartition(".")[2] if way.hops else ""
    return table.names_one_row(here)


def is_about(table: Table, survey: Survey, way: Way = _NO_WAY) -> bool:
    """
    Whether the rows of a table are about people: people, their profiles, their addresses, their orders.

    way: to the person's table; one row for each person, with what only people have, is about that person.
    """
    naming, habits = survey.naming, table_habits()
    if any(table.name == population.table.name for population in survey.people):
        return True
    if any(naming.speaks_of(table, kind) for kind in ("history", "secret")):
        return False
    subject = naming.subjects[table.name]
    roles = {reading.role for reading in survey.readings[table.name] if reading.weight >= 0.6}
    if len(way.hops) == 1 and not way.uncertain and one_each(table, way) and _OF_PEOPLE & roles:
        return True
    side = any(naming.speaks_of(table, kind) for kind in ("side", "address"))
    noun = any(word in habits.nouns for word in naming.table_words[table.name]) and not naming.speaks_of(table, "link")
    return (
        bool({"email", "first_name"} & roles)
        or (side and bool(roles))
        or (noun and len(roles) >= 2)
        or subject[-1] in habits.nouns
    )
