"""
Reading the files that all law files share: places, ways of counting, groups of kinds of data, kinds of organisation,
and the list of the law files there have to be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from incident.clock.places import Places, is_country
from incident.clock.rules import UNITS, OrganisationKind, Way
from incident.datafile import Section
from incident.record.vocabulary import data_categories

_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def read_places(root: Section) -> Places:
    root.day("checked_on")
    groups = root.section("group")
    members = {name.lower(): frozenset(groups.texts(name)) for name in keys_of(groups)}
    aliases, zones, parts = root.section("alias"), root.section("zone"), root.section_or_none("parts")
    places = Places(
        groups=members,
        aliases={name: aliases.text(name) for name in keys_of(aliases)},
        zones={code: zones.text(code) for code in keys_of(zones)},
        parts={code: parts.texts(code) for code in keys_of(parts)} if parts else {},
    )
    for name in _groups_with_strange_members(members):
        groups.wrong(name, "must hold two-letter country codes")
    root.finish()
    return places


def _groups_with_strange_members(members: Mapping[str, frozenset[str]]) -> list[str]:
    return [name for name, codes in members.items() if not codes or not all(is_country(code) for code in codes)]


def read_index(root: Section) -> dict[str, str]:
    named = root.section("law")
    index = {name: named.text(name) for name in keys_of(named)}
    root.finish()
    return index


def read_elements(root: Section) -> dict[str, frozenset[str]]:
    root.day("checked_on")
    named = root.section("element")
    elements = {name: frozenset(named.texts(name)) for name in keys_of(named)}
    for name, categories in elements.items():
        for category in sorted(categories - set(data_categories())):
            named.wrong(name, f'names "{category}", which record/categories.toml does not have')
    root.finish()
    return elements


def read_organisation_kinds(root: Section) -> dict[str, OrganisationKind]:
    root.day("checked_on")
    kinds: dict[str, OrganisationKind] = {}
    for entry in root.sections("kind"):
        kind = OrganisationKind(entry.text("id"), entry.text("question"))
        if kind.id in kinds:
            entry.wrong("id", f'declares "{kind.id}" a second time')
        kinds[kind.id] = kind
        entry.finish()
    root.finish()
    return kinds


def read_ways(root: Section) -> dict[tuple[str, str], Way]:
    ways: dict[tuple[str, str], Way] = {}
    for entry in root.sections("way"):
        shared: dict[str, Any] = {
            "name": entry.text("name"),
            "why": entry.text("why"),
            "event_hour_dropped": entry.choice("event_hour", ("dropped", "counted"), "counted") == "dropped",
            "event_day_counted": entry.choice("event_day", ("dropped", "counted"), "dropped") == "counted",
            "from_year_end": entry.choice("from", ("event", "year_end"), "event") == "year_end",
            "frozen": entry.flag("frozen"),
            "rolls_over": entry.choice("roll_over", ("never", "next_working_day"), "never") == "next_working_day",
            "roll_over_until": _time_or_none(entry, "roll_over_until"),
            "opens": _time_or_none(entry, "opens"),
            "closes": _time_or_none(entry, "closes"),
            "least_working_days": entry.whole_or_none("least_working_days") or 0,
            "whole_working_days": entry.choice("working_day", ("whole", "part"), "part") == "whole",
            "unless_same_as": entry.text_or_none("unless_same_as"),
            "before": entry.text_or_none("before"),
        }
        for unit in entry.texts("units"):
            if unit not in UNITS:
                entry.wrong("units", f'names "{unit}"; the units are {", ".join(UNITS)}')
            if (shared["name"], unit) in ways:
                entry.wrong("name", f'says how to count {unit} by "{shared["name"]}" a second time')
            ways[shared["name"], unit] = Way(unit=unit, **shared)
        entry.finish()
    root.finish()
    return ways


def _time_or_none(entry: Section, key: str) -> time | None:
    text = entry.text_or_none(key)
    if text is None:
        return None
    found = _CLOCK_TIME.fullmatch(text) or entry.wrong(key, "must be a time of day such as 17:30")
    return time(int(found[1]), int(found[2]))


def keys_of(section: Section) -> list[str]:
    return [key for key, _ in section.items()]
