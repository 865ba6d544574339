"""A proposal as the text of a data map, with the reasons beside what they speak for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from incident.scope.discovery.proposal import Account, Holding, Place, Proposal, Span, TrailFound
from incident.scope.discovery.references import Way
from incident.scope.predicate import looks_secret

_LISTED = {"email", "name", "locale", "country"}
_ORDER = ("email", "name", "locale", "country", "birth_date", "created_at", "deleted_at", "last_seen_at", "tenant")
_ZONE = 'read as UTC unless zone = "…" is added'
_MOST = 3  # forms of one value


def map_text(proposal: Proposal, account: Account) -> str:
    """The TOML of a data map for `account`. What is uncertain stands in it as a comment."""
    used: dict[str, Way] = {}
    held = list(_held(proposal, account))
    body = [*_accounts(account, used), ""]
    trails = [line for trail in proposal.trails for line in (*_trail(trail, account), "")]
    holds, unsure = _holds(held, account, used)
    related = [line for table, way in used.items() for line in (*_related(table, way, proposal.spans.get(table)), "")]
    lines = [
        f"# Proposed for {proposal.catalogue.origin} by `incident scope discover`."
        " Check each line: it rests on names and keys"
        + (" and a masked sample of values." if proposal.catalogue.sampled else " alone; no value was looked at."),
        *(f"# Cannot be answered. {_one_line(sentence)}" for sentence in proposal.cannot_answer),
        "",
        *_secrets(proposal),
        "",
        *body,
        *related,
        *trails,
        *holds,
        *unsure,
    ]
    return "\n".join(lines).rstrip() + "\n"


def _secrets(proposal: Proposal) -> Iterator[str]:
    yield "# Never read."
    yield "secrets = ["
    for name, why in proposal.secrets.items():
        yield f"    {_text(name)},  # {_one_line(why)}"
    yield "]"


def _accounts(account: Account, used: dict[str, Way]) -> Iterator[str]:
    for reason in account.why:
        yield f"# {_one_line(reason)}"
    yield "[accounts]"
    yield f"table = {_text(account.table)}"
    yield f"key = {_text(account.key[0]) if len(account.key) == 1 else _list(map(_text, account.key))}"
    for role in _ORDER:
        places = [place for place in _forms(role, account) if _may_be_read(place)]
        if not places:
            continue
        for place in places:
            if place.table != account.table:
                used.setdefault(place.table, place.way)
        spelled = [_form(place, account.table) for place in places]
        value = spelled[0] if len(spelled) == 1 else _list(spelled)
        yield f"{role} = {value}{_said(places)}"
    if account.only:
        yield f"filter = {_text(account.only)}"
    if account.not_understood:
        names = _one_line(", ".join(account.not_understood))
        yield f"# Not understood: {names}. Say above or under [holds] what they are."
    for flag in account.flags:
        yield f"# {flag} may tell people from programs, or who is gone; if so: filter = …"


def _forms(role: str, account: Account) -> tuple[Place, ...]:
    """The places a map names for a role: several where it takes the first that is filled, one where it takes one."""
    places = tuple(place for place in account.columns[role] if not place.way.uncertain)
    if role == "name":
        return _name_forms(places)
    return places[:_MOST] if role in _LISTED else places[:1]


def _name_forms(places: tuple[Place, ...]) -> tuple[Place, ...]:
    """A name's parts are joined, so only those that belong together: first and last, or one whole name."""
    if not places:
        return ()
    table = places[0].table
    parts = {place.role: place for place in reversed(places) if place.table == table}
    if places[0].role in {"first_name", "last_name", "middle_name"}:
        return tuple(parts[role] for role in ("first_name", "middle_name", "last_name") if role in parts)
    if places[0].role == "full_name" and "last_name" in parts and "first_name" not in parts:
        return (places[0], parts["last_name"])
    return places[:1]


def _form(place: Place, own: str) -> str:
    keys = []
    if place.table != own:
        keys.append(f"table = {_text(place.table)}")
    if place.json:
        keys.append(f"json = {_list(map(_text, place.json))}")
    if place.where:
        keys.append(f"where = {{ {_key(place.where[0])} = {_text(place.where[1])} }}")
    if place.unit:
        keys.append(f'unit = "{place.unit}"')
    if not keys:
        return _text(place.column)
    return f"{{ {', '.join([f'column = {_text(place.column)}', *keys])} }}"


def _said(places: list[Place]) -> str:
    reasons = dict.fromkeys(place.why for place in places)
    if any(place.zone_open for place in places):
        reasons[_ZONE] = None
    return f"  # {_one_line('; '.join(reasons))}"


def _related(table: str, way: Way, span: Span | None) -> Iterator[str]:
    if not way.declared:
        yield "# by habit: no key is declared"
    yield "[[related]]"
    yield f"table = {_text(table)}"
    yield f"path = {_list(map(_text, way.hops))}"
    if span is None:
        return
    for key, place in (("created_at", span.created), ("deleted_at", span.deleted)):
        if place is not None and _may_be_read(place):
            yield f"{key} = {_form(place, table)}{_said([place])}"
    if span.until:
        yield f"# {span.until} says how long it could be used; the row may have been there after that."


def _trail(trail: TrailFound, account: Account) -> Iterator[str]:
    if (
        trail.of != account.table
        or trail.account is None
        or len(account.key) != 1
        or not all(_may_be_read(place) for place in (trail.account, trail.at))
    ):
        return
    yield f"# {_one_line(trail.why)}"
    yield "[[trail]]"
    yield f"name = {_text(trail.table.rpartition('.')[2])}"
    yield f"table = {_text(trail.table)}"
    yield f"account = {_form(trail.account, trail.table)}"
    doubt = "  # its unit is a guess" if trail.at.unit else f"  # {_ZONE}" if trail.at.zone_open else ""
    yield f"at = {_form(trail.at, trail.table)}{doubt}"
    if trail.nobody:
        yield f"nobody = {_list(map(_text, trail.nobody))}"
    if trail.ip and _may_be_read(trail.ip):
        yield f"ip = {_form(trail.ip, trail.table)}"


def _held(proposal: Proposal, account: Account) -> Iterator[Holding]:
    secrets = set(proposal.secrets)
    for_guests = account.table in {one.table for one in proposal.guests}
    for hold in proposal.holds:
        place, own = hold.place, hold.place.table == account.table
        spelled = not (own and place.where) and not (place.json and place.where)
        belongs = own if for_guests else hold.account == account.table
        if belongs and spelled and (str(hold.place) in secrets or _may_be_read(hold.place)):
            yield hold


def _holds(held: list[Holding], account: Account, used: dict[str, Way]) -> tuple[list[str], list[str]]:
    """The lines of [holds], and what is left as comments since only some rows of its table belong to accounts."""
    lines, unsure = ["[holds]"], []
    categories: dict[str, list[str]] = {}
    doubted: set[str] = set()
    for hold in held:
        own = hold.place.table == account.table
        key = str(hold.place).removeprefix(f"{hold.place.table}.") if own else str(hold.place)
        if hold.place.way.uncertain:
            unsure += _polymorphic(hold.place) if hold.place.table not in doubted else []
            doubted.add(hold.place.table)
            unsure.append(f"# {_key(key)} = [{_text(hold.category)}]")
            continue
        if not own:
            used.setdefault(hold.place.table, hold.place.way)
        categories.setdefault(key, []).append(hold.category)
    lines += [f"{_key(key)} = {_list(map(_text, dict.fromkeys(of)))}" for key, of in categories.items()]
    return lines, unsure


def _polymorphic(place: Place) -> list[str]:
    """A related table of which only some rows are of accounts; how these are marked, only the rows say."""
    column, _, noun = (place.way.only_where or "").partition(" names ")
    return [
        "",
        "# Only some rows of this table are of accounts: write the word they are marked with, and take the # away.",
        "# The lines after it belong under [holds].",
        "# [[related]]",
        f"# table = {_text(place.table)}",
        f"# path = {_list(map(_text, place.way.hops))}",
        f"# where = {{ {_key(column.rpartition('.')[2])} = {_text(noun.capitalize())} }}",
    ]


def _may_be_read(place: Place) -> bool:
    return not any(looks_secret(name) for name in (place.column, *place.json, *(place.where or ())))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(parts: object) -> str:
    return f"[{', '.join(parts)}]"  # type: ignore[arg-type]


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())
