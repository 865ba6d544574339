"""
Whose an address is that a way of keys leads away from: the account's, or a passer-by's.

A picture leads to its owner, an entry to its author. Who looked at the one or commented on the other is somebody else,
whom no key may name. So a way over a thing to the person whose it is says nothing of where that person came from.
"""

from __future__ import annotations

from collections.abc import Iterator

from incident.scope.discovery.catalogue import Table
from incident.scope.discovery.habits import tables as table_habits
from incident.scope.discovery.keys import stem_of
from incident.scope.discovery.names import Phrase, words
from incident.scope.discovery.naming import Naming
from incident.scope.discovery.people import Survey
from incident.scope.discovery.references import Way

ROLES = frozenset({"ip", "device", "device_id"})  # what somebody leaves behind by coming

_ASKED = ("support", "order")
_WRITTEN = ("content", "message", "trail")  # staff write, and are logged, themselves


def came_themselves(table: Table, column: str, way: Way, survey: Survey) -> bool:
    """Whether what stands in `column` was left by the person that `way` leads to, as far as the names tell."""
    if not way.hops:
        return True
    return leads_to_who_came(table, way, survey) and not _names_passer(table, column, way, survey)


def leads_to_who_came(table: Table, way: Way, survey: Survey) -> bool:
    """Whether rows of `table` say what the person did at the end of `way`, and not what others did to a thing."""
    naming, habits = survey.naming, table_habits()
    if not way.hops:
        return True
    first = words(_left(way.hops[0])[1])
    stem, _ = stem_of(first)
    if way.uncertain and not acts(stem):
        return False  # item_type and item_id say to what it was done
    if naming.speaks_of(table, "barred") and (_costs(stem) > 1 or habits.kinds["inner"] & set(first)):
        return False  # who barred an address did not come from it
    if len(way.hops) == 1:
        return not _others(table, stem) and not _deals_with_it(table, stem, survey)
    if any(_owns(stem_of(words(column))[0]) for _, column in map(_left, way.hops[1:])):
        return False
    return all(_is_their_doing(middle, survey) for middle in _between(way))


def _names_passer(table: Table, column: str, way: Way, survey: Survey) -> bool:
    """lasthit_ip of a picture, visitor_ip of a document: the column says that it is of somebody else."""
    naming, kinds = survey.naming, table_habits().kinds
    by = set(words(column)) & kinds["passer"]
    if not by or naming.speaks_of(table, "presence") or naming.speaks_of(table, "side"):
        return False
    told = {*naming.table_words[table.name], *words(_left(way.hops[0])[1])}
    return not by & told


def _others(table: Table, stem: Phrase) -> bool:
    """Whether another column names who came: viewer_id beside the user_id of the profile that was viewed."""
    passers = table_habits().kinds["passer"]
    if passers & set(stem):
        return False
    named = [stem_of(words(column.name)) for column in table.columns]
    return any(has_mark and other and other[-1] in passers for other, has_mark in named)


def _deals_with_it(table: Table, stem: Phrase, survey: Survey) -> bool:
    """Whether the way leads to staff and the row is somebody else's: staff_id beside the user_id of a ticket."""
    habits, naming = table_habits(), survey.naming
    if not habits.kinds["inner"] & set(stem):
        return False
    if not _speaks(table, _ASKED, naming) or _speaks(table, _WRITTEN, naming):
        return False
    named = [stem_of(words(column.name)) for column in table.columns]
    return any(has_mark and other != stem and habits.actors.get(other) == 1 for other, has_mark in named)


def _speaks(table: Table, kinds: tuple[str, ...], naming: Naming) -> bool:
    return any(naming.speaks_of(table, kind) for kind in kinds)


def _is_their_doing(name: str, survey: Survey) -> bool:
    """Whether what is done under a row of the table is done by whoever the row is of: a session, a device, an order."""
    naming, kinds = survey.naming, table_habits().kinds
    table, named = survey.catalogue.by_name[name], set(naming.table_words[name])
    if named & kinds["shown"]:
        return False
    if {naming.subjects[name][-1], naming.table_words[name][-1]} & kinds["doing"]:
        return True
    bought = naming.speaks_of(table, "order") or naming.speaks_of(table, "invoice")
    return bool(bought) and not _speaks(table, ("support", "message", "content"), naming)


def _between(way: Way) -> Iterator[str]:
    """The tables that a way goes through, its two ends left out."""
    for hop in way.hops[1:]:
        yield _left(hop)[0]


def _left(hop: str) -> tuple[str, str]:
    """The table that a hop leaves, and its column."""
    table, _, column = hop.partition(" = ")[0].rpartition(".")
    return table, column


def acts(stem: Phrase) -> bool:
    """Whether the word names who did something."""
    habits = table_habits()
    return bool(stem) and (stem in habits.actors or stem[-1:] in habits.actors or stem[-1] in habits.kinds["bearer"])


def _owns(stem: Phrase) -> bool:
    """Whether the word says whose a thing is or who made it, and not who is at work."""
    return bool(stem) and (stem[-1] == "owner" or _costs(stem) > 1)


def _costs(stem: Phrase) -> int:
    actors = table_habits().actors
    return min((actors[stem[at:]] for at in range(len(stem)) if stem[at:] in actors), default=1)
