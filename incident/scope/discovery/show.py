"""A proposal as a screen for people and as the JSON document of the contract."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from incident.scope.discovery.naming import quoted
from incident.scope.discovery.proposal import ROLES, Account, Place, Proposal

_TITLES = {
    "email": "e-mail", "name": "name", "locale": "language", "country": "country", "birth_date": "birth date",
    "created_at": "created", "last_seen_at": "last seen", "ip": "IP address", "deleted_at": "deleted",
    "tenant": "tenant",
}  # fmt: skip
_MOST = 25


def document(proposal: Proposal) -> dict[str, Any]:
    """The JSON of `scope discover`. Names of tables and columns only; no value of any row."""
    return {
        "database": proposal.catalogue.origin,
        "tables": len(proposal.catalogue.tables),
        "sampled": proposal.catalogue.sampled,
        "accounts": [_account(account) for account in proposal.accounts],
        "holds": [
            {
                "column": str(hold.place), "category": hold.category, "path": list(hold.place.way.hops),
                "account": hold.account, "only_where": hold.place.way.only_where, "why": hold.place.why,
            }
            for hold in proposal.holds
        ],
        "secrets": list(proposal.secrets),
        "trails": [
            {
                "table": trail.table, "account": _inside(trail.account) if trail.account else None,
                "at": _inside(trail.at), "of": trail.of,
                "ip": _inside(trail.ip) if trail.ip else None, "unit": trail.at.unit, "why": trail.why,
            }
            for trail in proposal.trails
        ],
        "undetermined": [
            {"column": one.column, "path": list(one.way.hops), "account": one.account, "why": one.why}
            for one in proposal.unclear
        ],
        "cannot_answer": list(proposal.cannot_answer),
        "without_account": [
            {**_account(account), "filter": account.only} for account in proposal.guests
        ],
    }  # fmt: skip


def _account(account: Account) -> dict[str, Any]:
    return {
        "table": account.table,
        "key": account.key[0] if len(account.key) == 1 else list(account.key),
        "columns": {role: [str(place) for place in account.columns[role]] for role in ROLES},
        "reasons": {str(place): place.why for role in ROLES for place in account.columns[role]},
        "why": "; ".join(account.why),
        "not_understood": list(account.not_understood),
    }


def _inside(place: Place) -> str:
    """A place of the trail's own table, without the table's name."""
    return str(place).removeprefix(f"{place.table}.")


def lines(proposal: Proposal, source: str, written: str | None) -> list[str]:
    """The screen. source: what was typed, without a password. written: the map's file, where one was written."""
    catalogue = proposal.catalogue
    how = "names, keys and a masked sample of values" if catalogue.sampled else "names and keys; no value was read"
    found = [f"{catalogue.origin}: {len(catalogue.tables)} tables; judged by {how}.", ""]
    for number, account in enumerate(proposal.accounts[:5]):
        found += [*_account_lines(account, best=number == 0), ""]
    found += [
        *_held_lines(proposal),
        *_list_lines("Secrets, never read", list(proposal.secrets)),
        *_trail_lines(proposal),
    ]
    found += ["What it cannot answer", *(f"  {sentence}" for sentence in proposal.cannot_answer), ""]
    if not proposal.accounts:
        return [*found, "Next: write a map by hand; docs/data-map.md explains it"]
    if written:
        return [
            *found,
            f"The map is in {written}. Check each line of it.",
            f"Next: incident scope run --database … --map {written} --everyone",
        ]
    return [*found, f"Next: incident scope discover {source} --out accounts-map.toml"]


def _account_lines(account: Account, *, best: bool) -> list[str]:
    title = "The account table" if best else "Also people"
    key = ", ".join(account.key) or "none found"
    found = [f"{title}: {account.table}, key {key}", f"  because {'; '.join(account.why)}"]
    for role in ROLES:
        places = account.columns[role]
        if places and (best or role in {"email", "name", "created_at"}):
            said = "; ".join(f"{_short(place, account.table)}{_by(place)}" for place in places[:3])
            more = f" and {len(places) - 3} more" if len(places) > 3 else ""
            found.append(f"  {_TITLES[role]:<12}{said}{more}")
        elif best and role not in {"tenant", "deleted_at"}:
            found.append(f"  {_TITLES[role]:<12}not found")
    if best and account.not_understood:
        found.append(f"  Not understood: {quoted(account.not_understood, 12)}; you can say in the map what they are")
    return found


def _short(place: Place, own: str) -> str:
    return str(place).removeprefix(f"{own}.") if place.table == own else str(place)


def _by(place: Place) -> str:
    parts = [] if place.why == "its name" else [place.why.removeprefix("its name; ")]
    if place.unit:
        parts.append(place.unit)
    if place.way.hops and not place.way.declared:
        parts.append("by habit, no key is declared")
    return f" ({', '.join(parts)})" if parts else ""


def _held_lines(proposal: Proposal) -> list[str]:
    tables: dict[str, list[str]] = defaultdict(list)
    paths: dict[str, str] = {}
    own = {account.table for account in proposal.accounts[:1]}
    for hold in proposal.holds:
        if hold.place.table in own:
            continue
        tables[hold.place.table].append(str(hold.place).removeprefix(f"{hold.place.table}."))
        paths[hold.place.table] = ", ".join(hold.place.way.hops) or (
            "people of their own" if hold.place.table == hold.account else "no key leads to an account"
        )
    if not tables:
        return []
    found = ["Other tables with data of people"]
    for table in sorted(tables)[:_MOST]:
        found += [f"  {table}: {quoted(dict.fromkeys(tables[table]), 6)}", f"      {paths[table]}"]
    if len(tables) > _MOST:
        found.append(f"  and {len(tables) - _MOST} more tables; --json lists them all")
    return [*found, ""]


def _list_lines(title: str, names: list[str]) -> list[str]:
    if not names:
        return [f"{title}: none found", ""]
    shown = names[: 2 * _MOST]
    more = [f"  and {len(names) - len(shown)} more; --json lists them all"] if len(names) > len(shown) else []
    return [title, *(f"  {name}" for name in shown), *more, ""]


def _trail_lines(proposal: Proposal) -> list[str]:
    if not proposal.trails:
        return ["Trails: none found", ""]
    found = ["Trails: who, when, from where"]
    for trail in proposal.trails[:_MOST]:
        address = _inside(trail.ip) if trail.ip else "no address"
        who = _inside(trail.account) if trail.account else "who is not known"
        found.append(f"  {trail.table}: {who}, {_inside(trail.at)}, {address}")
    return [*found, ""]
