"""What each column says of a person, judged by its name, its type and the shapes of its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.habits import Role, role_named, roles
from incident.scope.discovery.habits import tables as table_habits
from incident.scope.discovery.names import Phrase, words
from incident.scope.discovery.naming import Naming

# A masked sample's shape, and the role it speaks for where the name left doubt.
_SHAPES = {"e-mail address": "email", "IP address": "ip"}
TOO_SMALL_FOR_TIMES = re.compile(r"tinyint|smallint|mediumint|int2|int\([1-4]\)")
_COUNTED = re.compile(r"(?:logins|logons|visits|sessions|connections)$", re.IGNORECASE)  # how often, not when
_OPEN = {"email", "ip", "phone"}  # a word nobody listed may stand before these: tracking_email, vpn_ip
_LOOSE = {"full_name", "created_at", "deleted_at", "last_seen_at", "about_me", "whereabouts", "photo"}


@dataclass(frozen=True)
class Reading:
    """One column in one role. weight: 0 to 1. why: a clause for people."""

    table: str
    column: str
    role: str
    weight: float
    why: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


def read_columns(table: Table, naming: Naming, *, secrets: frozenset[str], skip: frozenset[str]) -> tuple[Reading, ...]:
    """
    Every column of `table` in its best role, the surest of each role first.

    secrets: columns nobody reads; a password among them still speaks for a table of people. skip: references.
    """
    found = list(_first_and_last(table, naming, skip=secrets | skip))
    keys = frozenset(_row_names(table, naming))
    for column in table.columns:
        if column.name in secrets or column.name in keys or column.name in {reading.column for reading in found}:
            continue
        best = max(_readings(table, column, naming), key=lambda reading: reading.weight, default=None)
        if best is not None and (column.name not in skip or best.role in {"country", "locale", "photo", "gender"}):
            found.append(best)
    return tuple(sorted(found, key=lambda reading: -reading.weight))


def _first_and_last(table: Table, naming: Naming, *, skip: frozenset[str]) -> Iterator[Reading]:
    """Two texts called only "first" and "last" beside what people log in with: names, and no ends of a range."""
    log_in = {"email", "username", "login", "loginname", "password"}
    texts = [column for column in table.columns if column.kind == "text" and column.name not in skip]
    named = {part: column for part in ("first", "last") for column in texts if (part,) in naming.forms(table, column)}
    if len(named) == 2 and any(log_in & set(words(column.name)) for column in table.columns):
        for part, column in named.items():
            why = 'its name, beside "first" and "last" and a log-in'
            yield Reading(table.name, column.name, f"{part}_name", 0.8, why)


def _row_names(table: Table, naming: Naming) -> list[str]:
    """In a table of names and values, the column that says what each row is: user_attribute.name names nobody."""
    if not naming.speaks_of(table, "attribute") or len(table.columns) > 9:
        return []
    if not any("value" in words(column.name) for column in table.columns):
        return []
    return [
        column.name
        for column in table.columns
        if words(column.name)[-1:] in {("name",), ("key",), ("title",), ("label",), ("code",)}
    ]


def _readings(table: Table, column: Column, naming: Naming) -> list[Reading]:
    found = []
    forms = naming.forms(table, column)
    weights: dict[str, float] = {}
    for form in forms:
        for role_id, weight in _fitting(form, whole=form == forms[0]):
            if role_id != "full_name" or not _names_thing(form, forms[0], table, naming):
                weights[role_id] = max(weight, weights.get(role_id, 0.0))
    if "last" in (named := naming.table_words[table.name]):  # last_login.time
        told = max(_weight("last_seen_at", (*named, *form), whole=False) for form in forms)
        weights["last_seen_at"] = max(told, weights.get("last_seen_at", 0.0))
    for role in roles():
        weight = weights.get(role.id, 0.0)
        if weight and _fits(role, column) and not (role.id == "username" and _is_number(table, column)):
            found.append(Reading(table.name, column.name, role.id, round(weight, 3), "its name"))
    for shape, role_id in _SHAPES.items():
        if shape in column.shapes:
            found.append(
                Reading(table.name, column.name, role_id, 1.1, f"a sample of its values looks like one ({shape})")
            )
    by_type = _ip_by_type(table, column, naming)
    return [*found, by_type] if by_type else found


def _ip_by_type(table: Table, column: Column, naming: Naming) -> Reading | None:
    """An address that is not called one: creation_address of the type inet, a number in hexadecimal beside "ip"."""
    named = words(column.name)
    if role_named("ip").never & set(named):
        return None
    if column.kind == "ip" and "cidr" not in column.type:
        return Reading(table.name, column.name, "ip", 0.7, "its type")
    if named[-1:] == ("hex",) and "ip" in naming.table_words[table.name] and column.kind in {"text", "binary"}:
        return Reading(table.name, column.name, "ip", 0.7, "its name, in a table about addresses")
    return None


def _names_thing(form: Phrase, whole: Phrase, table: Table, naming: Naming) -> bool:
    """Whether what the table is called was left out of the form and is no word for people: reading_list.list_name."""
    if whole == ("profile", "name") and any(words(one.name) == ("name",) for one in table.columns):
        return True  # beside the person's name, what one of several profiles is called
    left_out = set(whole[: len(whole) - len(form)])
    named = naming.table_words[table.name]
    return left_out <= set(named) and named[-1] in left_out and not left_out & set(table_habits().nouns)


def _is_number(table: Table, column: Column) -> bool:
    """Whether a "user id" is the row's key and not what somebody logs in with."""
    return words(column.name)[-1:] == ("id",) and (column.name in table.key or len(table.key) != 1)


def _fits(role: Role, column: Column) -> bool:
    kind = {"other": "text", "list": "text", "choice": "text"}.get(column.kind, column.kind)
    if kind not in role.kinds and not (column.kind == "list" and "json" in role.kinds):
        return False
    # A time does not fit into a small number, and is_deleted says whether, not when.
    if role.id.endswith("_at"):
        if kind in {"whole", "number"} and _COUNTED.search(column.name):
            return False
        return not TOO_SMALL_FOR_TIMES.search(column.type) and words(column.name)[0] not in {"is", "has"}
    return True


def role_of_words(named: Phrase) -> str | None:
    """The role of a name inside a document or of a row of names and values, where it is sure."""
    best = max(((_weight(role.id, named, whole=True), role.id) for role in roles()), default=(0.0, ""))
    return best[1] if best[0] >= 0.7 else None


@lru_cache(maxsize=65536)
def _fitting(form: Phrase, *, whole: bool) -> tuple[tuple[str, float], ...]:
    """The roles that the words fit at all, each with how well."""
    begun = frozenset().union(*(_roles_by_word().get(word, frozenset()) for word in form))
    weighed = ((role.id, _weight(role.id, form, whole=whole)) for role in roles() if role.id in begun)
    return tuple((role_id, weight) for role_id, weight in weighed if weight)


@cache
def _roles_by_word() -> Mapping[str, frozenset[str]]:
    """By the word a pattern begins with, the roles it may speak for."""
    found: dict[str, set[str]] = {}
    for role in roles():
        for pattern in role.patterns:
            found.setdefault(pattern[0], set()).add(role.id)
    return {word: frozenset(of) for word, of in found.items()}


@lru_cache(maxsize=65536)
def _weight(role_id: str, form: Phrase, *, whole: bool) -> float:
    """How well the words fit the role: 1 the most telling pattern alone, 0 not at all."""
    role = role_named(role_id)
    if role.never & set(form):
        return 0.0
    best = 0.0
    for number, pattern in enumerate(role.patterns):
        size = len(pattern)
        for at in range(len(form) - size + 1):
            if form[at : at + size] != pattern:
                continue
            before, after = form[:at], form[at + size :]
            listed = set(before) <= role.before and set(after) <= role.after
            if not listed and not (role.id in _OPEN and not after and len(before) <= 3):
                continue
            weight = 1.0 - 0.25 * number / len(role.patterns) - 0.04 * (len(before) + len(after))
            weight -= 0.02 * (not whole)
            if not listed:
                weight -= 0.3
            if (set(before) | set(after) | (set(pattern) if number else set())) & role.lesser:
                weight -= 0.25
            # More of the name explained is better than less: "email" in "email address" explains half of it.
            weight += 0.02 * (size - 1)
            best = max(best, weight)
    return max(best, 0.0)
