"""Tables that say who did something, when, and from which address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.columns import TOO_SMALL_FOR_TIMES
from incident.scope.discovery.keys import stem_of
from incident.scope.discovery.names import words
from incident.scope.discovery.passers import acts, came_themselves
from incident.scope.discovery.people import Survey
from incident.scope.discovery.proposal import Account, Place, TrailFound
from incident.scope.discovery.references import Reference, Way
from incident.scope.discovery.times import unit_of, utc_twin, zone_is_open

_ENDS = {
    "at",
    "on",
    "date",
    "time",
    "when",
    "seen",
    "login",
    "access",
    "visit",
    "active",
    "create",
    "gmt",
    "utc",
    "unix",
    "touched",
    "ctime",
    "first",
    "last",
    "add",
}
_NOT = {
    "expire",
    "update",
    "updated",
    "change",
    "delete",
    "revoke",
    "until",
    "zone",
    "valid",
    "after",
    "logout",
    "end",
    "ends",
    "expiring",
    "birth",
    "sent",
    "confirm",
    "verification",
    "locked",
    "banned",
    "read",
    "due",
    "closed",
    "approved",
    "processed",
    "finish",
    "stop",
    "grace",
    "seconds",
    "count",
    "invitation",
    "reset",
    "duration",
    "spent",
}
_BEST = ("login", "seen", "access", "event", "create", "time", "date", "at", "visit", "active")
_ACTOR_NAMES = ("user_id", "actor_id", "sub", "uid", "userId", "actorId", "account_id", "customer_id")


def trails(survey: Survey, accounts: tuple[Account, ...]) -> tuple[TrailFound, ...]:
    """For the likeliest account tables: those with an address first, then those only with a time."""
    found: dict[tuple[str, str | None], TrailFound] = {}
    for account in accounts[:3]:
        table = survey.catalogue.by_name[account.table]
        for trail in [*_in_itself(account), *_elsewhere(survey, account, table)]:
            found.setdefault((trail.table, str(trail.account) if trail.account else None), trail)
    return tuple(sorted(found.values(), key=lambda trail: (trail.ip is None, trail.table)))


def named_by_login(survey: Survey, account: Account) -> Iterator[Place]:
    """When somebody was there, from logs that name people by what they log in with; a trail needs the key."""
    for table in survey.catalogue.tables:
        refers = [one for one in survey.references.out_of.get(table.name, ()) if one.to_table == account.table]
        if not refers or any(one.to_column in account.key for one in refers) or table.is_view or table.part_of:
            continue
        at = _when(table, survey, None) if survey.naming.speaks_of(table, "presence") else None
        if at is not None:
            yield replace(at, why=f"{table.name} names people by {refers[0].column}", role="last_seen_at")


def _in_itself(account: Account) -> Iterator[TrailFound]:
    """The account table, where it keeps an address: then only the last time is known."""
    ips = [place for place in account.columns["ip"] if place.table == account.table and not place.json]
    seen = [place for place in account.columns["last_seen_at"] if place.table == account.table and not place.json]
    created = [place for place in account.columns["created_at"] if place.table == account.table and not place.json]
    if not ips or not (seen or created) or len(account.key) != 1:
        return
    ip = ips[0]
    signed_up = {"register", "create", "up"} & set(words(ip.column))
    at = (created if signed_up and created else seen or created)[0]
    key = Place(account.table, account.key[0], "its key")
    yield TrailFound(account.table, account.table, key, at, ip, "the account's own row: only the last time is known")


def _elsewhere(survey: Survey, account: Account, people: Table) -> Iterator[TrailFound]:
    for table in survey.catalogue.tables:
        if table.name == people.name or table.is_view or table.part_of:
            continue
        word = survey.naming.speaks_of(table, "trail")
        who = _who(table, survey, account)
        ip = _address(table, survey, account, who) or (_host(table) if word else None)
        if ip is None and (word is None or survey.naming.speaks_of(table, "link")):
            continue
        at = _when(table, survey, ip)
        if (
            who is None
            and ip is not None
            and at is not None
            and word is not None
            and not survey.references.out_of.get(table.name)
        ):
            documents = [
                column.name for column in table.columns if column.kind == "json" and column.name not in table.keys_seen
            ]
            if documents:
                yield TrailFound(
                    table.name,
                    account.table,
                    None,
                    at,
                    ip,
                    f"says when and from which address; who it was may stand inside {documents[0]}",
                )
        if who is None or at is None or (ip is None and word in {"token", "device", "click", "download"}):
            continue
        why = f"says who ({who.column}), when ({at.column})" + (
            f" and from which address ({ip.column})" if ip else "; no address"
        )
        yield TrailFound(table.name, account.table, who, at, ip, why, _nobody(table, survey, who))


def _who(table: Table, survey: Survey, account: Account) -> Place | None:
    refers: list[Reference] = [
        one
        for one in survey.references.out_of.get(table.name, ())
        if one.to_table == account.table and one.to_column in account.key
        if one.only_where is None or acts(stem_of(words(one.column))[0])  # step_type and step_id say what was done
    ]
    if refers:
        one = min(refers, key=lambda reference: (reference.only_where is not None, reference.cost))
        return Place(table.name, one.column, "a declared key" if one.declared else "its name")
    for column, keys in table.keys_seen.items():
        for name in _ACTOR_NAMES:
            if name in keys:
                return Place(table.name, column, f"a sample of its documents has {name}", json=(name,))
    return None


def _nobody(table: Table, survey: Survey, who: Place) -> tuple[str, ...]:
    """What the account's column holds where no account did it: 0, where that is written for want of another."""
    column = table.by_name[who.column]
    if who.json or column.kind not in {"whole", "number"} or any(who.column in key.columns for key in table.foreign):
        return ()
    # A name and an address of their own beside the key are there for those who have no account.
    roles = {reading.role for reading in survey.readings[table.name]}
    written = survey.naming.speaks_of(table, "content") or survey.naming.speaks_of(table, "message")
    for_guests = written and not column.nullable and "email" in roles and {"full_name", "first_name"} & roles
    return ("0",) if column.defaults_to_zero or for_guests else ()


def _address(table: Table, survey: Survey, account: Account, who: Place | None) -> Place | None:
    """The address of `who`; where nobody is named, the first there is."""
    way = Way((f"{table.name}.{who.column} = {account.table}.{account.key[0]}",)) if who and not who.json else Way()
    addresses = (one for one in survey.readings[table.name] if one.role == "ip" and one.weight >= 0.55)
    found = next((one for one in addresses if came_themselves(table, one.column, way, survey)), None)
    return Place(table.name, found.column, found.why) if found else None


def _host(table: Table) -> Place | None:
    """A host name, which older programs fill with the address."""
    for column in table.columns:
        if (
            words(column.name) in {("hostname",), ("host",), ("remote", "host"), ("remote", "hostname")}
            and column.kind == "text"
        ):
            return Place(table.name, column.name, "a host name or an address")
    return None


def _when(table: Table, survey: Survey, ip: Place | None) -> Place | None:
    """The time of what happened; beside last_used_ip that is last_used_at."""
    named = {
        reading.column: reading
        for reading in survey.readings[table.name]
        if reading.role in {"created_at", "last_seen_at"}
    }
    times = [
        column
        for column in table.columns
        if _is_time(column, column.name in named) and column.name not in survey.secrets[table.name]
    ]
    if not times:
        return None
    beside = set(words(ip.column)) - {"ip", "address"} if ip else set()
    chosen = min(
        times, key=lambda column: (-len(beside & set(words(column.name))), _rank(column), table.columns.index(column))
    )
    chosen = utc_twin(table, chosen)
    return Place(table.name, chosen.name, "its name and type", unit=unit_of(chosen), zone_open=zone_is_open(chosen))


def _is_time(column: Column, named: bool) -> bool:
    found = words(column.name)
    if set(found) & _NOT or TOO_SMALL_FOR_TIMES.search(column.type):
        return False
    if column.kind in {"time", "day"} or "ISO time" in column.shapes:
        return True
    if column.kind == "text" and found[-1:] and found[-1] in {"at", "time", "date", "utc", "gmt"}:
        return True  # SQLite has no type for times
    return column.kind in {"whole", "number", "text", "binary"} and (
        named or (column.kind != "text" and found[-1:] != () and found[-1] in _ENDS)
    )


def _rank(column: Column) -> int:
    found = words(column.name)
    first = min((_BEST.index(word) for word in found if word in _BEST), default=len(_BEST))
    return first - 3 * ("last" in found and "access" in found)
