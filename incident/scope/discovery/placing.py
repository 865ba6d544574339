"""Where each value of a person is: in the account table, a side table, a JSON document or rows of names and values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from incident.scope.discovery.account_row import LIKELY, flags_of, key_of, not_understood, tenant_of
from incident.scope.discovery.belonging import is_own, is_written, one_each
from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.columns import Reading, role_of_words
from incident.scope.discovery.names import Phrase, holds, words
from incident.scope.discovery.passers import came_themselves, leads_to_who_came
from incident.scope.discovery.people import Population, Survey
from incident.scope.discovery.proposal import ROLES, Account, Place
from incident.scope.discovery.references import Way
from incident.scope.discovery.times import unit_of, utc_twin, zone_is_open

_SURE = 0.75  # a column of the account table that is surely the one
_PROFILE = {"phone", "job_title", "birth_date", "photo", "address"}
_ADDRESS_FITS = 64  # letters; a shorter column is for names
_FAR = 0.86  # what each hop takes off
_NAMES = ("first_name", "middle_name", "last_name")
_SIDE_ROLES = {
    "email",
    "locale",
    "country",
    "birth_date",
    "first_name",
    "middle_name",
    "last_name",
    "full_name",
    "username",
}
_KEY_NAMES = {
    "name",
    "key",
    "attribute",
    "field",
    "property",
    "config",
    "medium",
    "channel",
    "via",
    "type",
    "code",
    "option",
    "label",
}
_VALUE_NAMES = {"value", "content", "data", "address", "text", "config"}
# In a table beside the person's, a name or an address with one of these is somebody else's.
_OTHERS = {
    "contact",
    "guarantor",
    "emergency",
    "guardian",
    "parent",
    "recipient",
    "receiver",
    "sender",
    "to",
    "from",
    "reply",
    "cc",
    "bcc",
}
_SHOWN = {"key", "apikey", "credential"}  # whoever has a team's key uses it for the team's owner
_SENT_TO = {"recipient", "receiver", "sender"}
_REFRESHED = {"refresh", "refreshed"}
_MEDIA = {("medium",), ("via",), ("channel",)}


def account_of(population: Population, survey: Survey, ways: Mapping[str, Way]) -> Account:
    """The account table with every role's places. ways: from each table to this one."""
    table = population.table
    own = _own(table, survey)
    found: dict[str, list[Place]] = {role: [] for role in ROLES}
    side = [place for name, way in ways.items() if name != table.name for place in _beside(name, way, survey)]
    for role in ("email", "locale", "country", "birth_date", "created_at", "last_seen_at", "ip", "deleted_at"):
        places = [place for place in own if place.role == role]
        found[role] = _chosen(places)
        if role != "created_at" or not found[role]:
            found[role] += _ranked(place for place in side if place.role == role)
        if role == "country" and not found[role]:
            found[role] = list(_countries(ways, survey))
        if role in {"country", "locale"}:
            found[role] = [_looked_up(place, survey) for place in found[role]]
    found["last_seen_at"] = [place for place in found["last_seen_at"] if _was_there(place, survey)]
    if login := _login_address(found["email"], own, table, survey):
        found["email"] = [login]
        own = [replace(place, why=login.why) if place.column == login.column else place for place in own]
    called = _without_others(_name(own))
    names = called + [place for place in _name(_ranked(side)) if place.way.hops and _is_theirs(place, called, survey)]
    # A real name in a table beside is better than what one logs in with.
    found["name"] = sorted(names, key=lambda place: place.role == "username")
    found["tenant"] = tenant_of(table, survey)
    return Account(
        table=table.name,
        key=key_of(table),
        columns={role: tuple(found[role]) for role in ROLES},
        why=population.reasons,
        score=population.score,
        flags=tuple(flags_of(table)),
        not_understood=tuple(not_understood(table, survey)),
    )


def _was_there(place: Place, survey: Survey) -> bool:
    """A session is refreshed by who is there; a copy of somebody's profile is not."""
    presence = any(
        survey.naming.speaks_of(survey.catalogue.by_name[place.table], kind) for kind in ("presence", "secret")
    )
    return presence or not _REFRESHED & set(words(place.column))


def _login_address(emails: list[Place], own: list[Place], table: Table, survey: Survey) -> Place | None:
    """
    The user name that may be the address: nothing else is one, beside a password and what people are called.

    Only where no sample could tell, and where an address would fit.
    """
    roles = {place.role for place in own if place.weight >= LIKELY}
    logs_in = any("password" in words(secret) for secret in survey.secrets[table.name])
    profile = {"first_name", "last_name"} <= roles and _PROFILE & roles
    if emails or survey.catalogue.sampled or not logs_in or not profile:
        return None
    for place in own:
        length = re.search(r"char.*\((\d+)", table.by_name[place.column].type)
        if place.role == "username" and place.weight >= _SURE and not (length and int(length[1]) < _ADDRESS_FITS):
            why = "what people log in with: a name or their e-mail address; look at some"
            return replace(place, why=why)
    return None


def _is_theirs(place: Place, called: list[Place], survey: Survey) -> bool:
    """Whose name stands in one of several addresses may be anybody's, where the account itself says theirs."""
    table = survey.catalogue.by_name[place.table]
    in_book = survey.naming.speaks_of(table, "address") and not one_each(table, place.way)
    return not (in_book and any(one.role != "username" for one in called))


def _without_others(names: list[Place]) -> list[Place]:
    """Beside a first and a last name, a "contact name" is somebody else's."""
    if not {"first_name", "last_name"} <= {place.role for place in names}:
        return names
    return [place for place in names if place.role != "full_name" or not _OTHERS & set(words(place.column))]


def inside(table: Table, survey: Survey, way: Way) -> Iterator[Place]:
    """What a sample found inside documents and in rows of names and values, by role."""
    secret = survey.secrets[table.name]
    for column in table.columns:
        if column.name in secret or column.name not in table.keys_seen:
            continue
        value = value_column(table, column, secret)
        for name in table.keys_seen[column.name]:
            role = role_of_words(words(name.rpartition(".")[2]))
            if role is None:
                continue
            if value is not None:
                why = f"a sample has rows called {name}"
                yield Place(table.name, value.name, why, 0.7, where=(column.name, name), way=way, role=role)
            else:
                why = f"a sample of its documents has {name}"
                yield Place(table.name, column.name, why, 0.7, json=tuple(name.split(".")), way=way, role=role)


def value_column(table: Table, key: Column, secret: Mapping[str, str], *, most: int = 9) -> Column | None:
    """The column of values that goes with `key`, where the table's rows are names and values."""
    if key.kind not in {"text", "choice", "binary", "other"} or not set(words(key.name)) & _KEY_NAMES:
        return None
    values = [
        one for one in table.columns if one.name not in {key.name, *secret} and set(words(one.name)) & _VALUE_NAMES
    ]
    values = [one for one in values if one.kind in {"text", "json", "binary", "other"} and one.name not in table.key]
    few = len(table.columns) <= most
    return values[0] if values and few else None


def _countries(ways: Mapping[str, Way], survey: Survey) -> Iterator[Place]:
    """The list of countries, where a person's address leads to it by way of a city."""
    for name, way in ways.items():
        if survey.naming.subjects[name][-1] != "country":
            continue
        table = survey.catalogue.by_name[name]
        texts = [column for column in table.columns if column.kind in {"text", "other"}]
        codes = [column for column in texts if {"iso", "code"} & set(words(column.name))]
        for column in (codes or texts)[:1]:
            yield Place(name, column.name, "the country of the person's address", 0.5, way=way, role="country")


def _looked_up(place: Place, survey: Survey) -> Place:
    """A country or language that is named by the key of a list: the code that stands in the list."""
    refers = [one for one in survey.references.out_of.get(place.table, ()) if one.column == place.column]
    if place.json or place.where or not refers:
        return place
    to = survey.catalogue.by_name[refers[0].to_table]
    wanted = [
        ("iso", "code"),
        ("code",),
        ("iso",),
        ("language", "code"),
        ("country", "code"),
        ("locale",),
        ("name",),
        ("country",),
        ("language",),
    ]
    for name in wanted:
        for column in to.columns:
            forms = survey.naming.forms(to, column)
            if (
                column.kind in {"text", "other"}
                and any(form[: len(name)] == name for form in forms)
                and column.name != refers[0].to_column
            ):
                hop = f"{to.name}.{refers[0].to_column} = {place.table}.{place.column}"
                way = Way(
                    (hop, *place.way.hops),
                    place.way.cost + 2,
                    place.way.declared and refers[0].declared,
                    place.way.only_where,
                )
                return replace(
                    place,
                    table=to.name,
                    column=column.name,
                    way=way,
                    why=f"{place.table}.{place.column} names a row of it",
                )
    return place


def _own(table: Table, survey: Survey) -> list[Place]:
    found = [_place(reading, table, Way()) for reading in survey.readings[table.name]]
    ordered = sorted([*found, *inside(table, survey, Way())], key=lambda place: -place.weight)
    once: dict[tuple[str, str], Place] = {}
    for place in ordered:
        once.setdefault((str(place), place.role), place)
    return list(once.values())


def _beside(name: str, way: Way, survey: Survey) -> Iterator[Place]:
    """What a table near the person's says of the person."""
    table, naming = survey.catalogue.by_name[name], survey.naming
    if table.is_view or table.part_of or len(way.hops) > 2 or way.cost > 5:
        return
    presence = any(naming.speaks_of(table, kind) for kind in ("presence", "secret"))
    own = is_own(table, way, survey)
    loss = _FAR**way.cost * (0.8 if way.uncertain else 1.0) * (1.0 if own or presence else 0.8)
    if naming.speaks_of(table, "history") and not presence:
        return
    lasting = "last" in naming.table_words[name]
    hers = own and (not presence or one_each(table, way))  # who is in a room is not what the person is called
    # Whom something was sent to is written there as it was then, and may be anybody.
    hers = hers and (one_each(table, way) or not _SENT_TO & set(naming.table_words[name]))
    came = leads_to_who_came(table, way, survey) or bool(_SHOWN & set(naming.table_words[name]))
    for reading in survey.readings[name]:
        if reading.role == "email" and _keeps_others(naming.table_words[name]):
            continue
        if reading.role in _SIDE_ROLES and (_OTHERS - set(naming.table_words[name])) & set(words(reading.column)):
            continue
        near = way.cost <= 3 and reading.weight >= 0.6
        if (
            (reading.role in _SIDE_ROLES and hers and near)
            or (reading.role == "ip" and reading.weight >= 0.55 and came_themselves(table, reading.column, way, survey))
            or (reading.role == "last_seen_at" and (presence or own or lasting) and near and came)
            or (reading.role == "created_at" and own and one_each(table, way) and near)
        ):
            yield _place(reading, table, way, reading.weight * loss)
    yield from _addresses(table, way, survey, loss, own=own)
    for place in inside(table, survey, way):
        if place.role in {*_SIDE_ROLES, "ip", "last_seen_at"}:
            yield place


def _keeps_others(table_words: Phrase) -> bool:
    """Whether the table is an address book: its owner is known by another address than those in it."""
    return "addressbook" in table_words or holds(table_words, ("address", "book"))


def _addresses(table: Table, way: Way, survey: Survey, loss: float, *, own: bool) -> Iterator[Place]:
    """E-mail addresses by what the table is called, or by what stands beside each."""
    for column in table.columns:
        forms = survey.naming.forms(table, column)
        if own and column.kind == "text" and ("address",) in forms and "email" in survey.naming.table_words[table.name]:
            why = "the address in a table of e-mail addresses"
            yield Place(table.name, column.name, why, 0.8 * loss, way=way, role="email")
        is_medium = bool(_MEDIA & set(forms))
        value = value_column(table, column, survey.secrets[table.name], most=14) if is_medium else None
        if value is not None:
            why = "the table names the medium of each address"
            yield Place(table.name, value.name, why, 0.6 * loss, where=(column.name, "email"), way=way, role="email")
        is_target = words(column.name) in {("sendto",), ("send", "to")} and not is_written(table)
        if way.cost == 1 and column.kind == "text" and is_target:
            why = "where messages to the person are sent: an address, or a number of a telephone"
            yield Place(table.name, column.name, why, 0.5 * loss, way=way, role="email")


def _place(reading: Reading, table: Table, way: Way, weight: float | None = None) -> Place:
    column = table.by_name[reading.column]
    timed = reading.role in {"created_at", "last_seen_at", "deleted_at", "birth_date"}
    if timed and reading.role != "birth_date":
        column = utc_twin(table, column)
    unit = unit_of(column) if timed else None
    counted = [shape for shape in column.shapes if shape.endswith("since 1970")]
    why = f"{reading.why}; a sample has {counted[0]}" if unit and counted else reading.why
    why += "; its unit is a guess" if unit and not counted else ""
    weight = reading.weight if weight is None else weight
    is_open = timed and reading.role != "birth_date" and zone_is_open(column)
    return Place(table.name, column.name, why, weight, way=way, unit=unit, role=reading.role, zone_open=is_open)


def _chosen(places: list[Place]) -> list[Place]:
    """The sure ones; where there is none, the likeliest."""
    sure = [place for place in places if place.weight >= _SURE]
    if places and places[0].role == "email" and sure:
        return sure
    likely = [place for place in places if place.weight >= LIKELY]
    if places and places[0].role != "email":
        return likely
    return likely[:1]


def _ranked(places: Iterator[Place] | list[Place]) -> list[Place]:
    likely = {str(place): place for place in sorted(places, key=lambda one: one.weight) if place.weight >= LIKELY - 0.1}
    return sorted(likely.values(), key=lambda place: -place.weight)


def _name(places: list[Place]) -> list[Place]:
    """First and last name before the whole one, and that before what people log in with."""
    likely = [place for place in places if place.weight >= LIKELY]
    by_role = {role: [place for place in likely if place.role == role] for role in (*_NAMES, "full_name", "username")}
    parts = [place for role in _NAMES for place in by_role[role][:1]]
    whole = by_role["full_name"]
    if by_role["first_name"] and by_role["last_name"]:
        found = parts + whole
    elif by_role["last_name"] and whole:  # "nombre" and "apellidos"
        found = [whole[0], *by_role["last_name"][:1], *whole[1:]]
    else:
        found = whole + parts
    return found + by_role["username"]
