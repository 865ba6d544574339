"""What a database cannot answer, in plain words. Read before anything is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from incident.scope.discovery.naming import quoted
from incident.scope.discovery.people import Survey
from incident.scope.discovery.proposal import Account, Holding, TrailFound, Unclear

_LACKS = {
    "email": "Where to write to: no column for an e-mail address was found for {table}.",
    "name": "What people are called: no column for a name was found for {table}.",
    "created_at": "Which accounts existed at a time: {table} does not say when an account was made.",
    "last_seen_at": "When somebody was last there: no such time was found for {table}.",
    "country": "Where people live: no country was found for {table}.",
    "locale": "Which language people read: none was found for {table}.",
    "birth_date": "Who is a child: no birth date was found for {table}.",
}
_ABOUT = {
    "email": "Where to write to",
    "name": "What people are called",
    "country": "Where people live",
    "locale": "Which language people read",
    "birth_date": "Who is a child",
}
_PARTS = {"first_name": "name", "last_name": "name", "full_name": "name"}


@dataclass(frozen=True)
class Found:
    """What there is, from which follows what there is not. guests: people without an account."""

    accounts: tuple[Account, ...]
    guests: tuple[Account, ...]
    trails: tuple[TrailFound, ...]
    holds: tuple[Holding, ...]
    unclear: tuple[Unclear, ...]


def gaps(survey: Survey, of: Found) -> tuple[str, ...]:
    """Sentences, those that matter most first."""
    accounts, trails, holds, unclear = of.accounts, of.trails, of.holds, of.unclear
    if not accounts:
        return ("No table of people was found: no name and no columns speak of one.", *survey.catalogue.notes)
    best = accounts[0]
    found = [_lack(role, best, holds) for role in _LACKS if not best.columns[role]]
    if best.columns["email"] and best.columns["email"][0].role == "username":
        login = best.columns["email"][0]
        found.append(f"Where to write to: {login} is what people log in with, a name or their e-mail address: look.")
    found += list(_without_account(best, of.guests))
    found += list(_deletions(best))
    addresses = [str(hold.place) for hold in holds if hold.place.role == "ip" and hold.account in {best.table, None}]
    found += list(_presence(survey, best, trails, addresses))
    if len(accounts) > 1:
        others = ", ".join(account.table for account in accounts[1:4])
        found.append(
            f"Whether a person in {best.table} is also in {others}: each is a population of its own, with its own map."
        )
    said = {account.table for account in of.guests}
    loose = sorted(
        {hold.place.table for hold in holds if hold.account is None and hold.category == "user.contact.email"} - said
    )
    if loose:
        found.append(
            f"Whose addresses these are: {', '.join(loose[:6])} hold some that no key ties to an account; they may be "
            "of other people."
        )
    if unclear:
        names = ", ".join(one.column for one in unclear[:4])
        more = f" and {len(unclear) - 4} more" if len(unclear) > 4 else ""
        found.append(f"What stands in {names}{more}: documents and rows of names and values may hold anything.")
    return (*found, *survey.catalogue.notes)


def _lack(role: str, best: Account, holds: tuple[Holding, ...]) -> str:
    """That there is none; where some column has one all the same, where it lies."""
    held = [
        hold.place
        for hold in holds
        if _PARTS.get(hold.place.role, hold.place.role) == role and hold.account in {best.table, None}
    ]
    if not held or role not in _ABOUT:
        return _LACKS[role].format(table=best.table)
    near = [place for place in held if place.way.hops]
    lies = quoted(dict.fromkeys(str(place) for place in near or held), 3)
    why = "it may be somebody else's, or one of several" if near else "no key leads from it to the accounts"
    return f"{_ABOUT[role]}: {best.table} does not say it. {lies} does, and was not taken for theirs: {why}."


def _without_account(best: Account, guests: tuple[Account, ...]) -> Iterator[str]:
    if not guests:
        return
    stand = quoted((str(one.columns["email"][0]) for one in guests), 6)
    yield (
        f"People without an account stand in {stand}; a scope of {best.table} does not find them. "
        f"A map of their own: --table {guests[0].table}."
    )


def _deletions(account: Account) -> Iterator[str]:
    if account.columns["deleted_at"]:
        return
    flags = [flag for flag in account.flags if "del" in flag.lower()]
    if flags:
        yield f"When an account was deleted: {account.table}.{flags[0]} says that it was, and not when."
    else:
        yield f"Who was deleted, and when: {account.table} does not record it; whoever is gone from it cannot be found."


def _presence(survey: Survey, best: Account, trails: tuple[TrailFound, ...], addresses: list[str]) -> Iterator[str]:
    """addresses: the columns with an IP address, also those that no trail has."""
    with_address = [trail for trail in trails if trail.ip]
    if not with_address and not best.columns["ip"] and addresses:
        lie = quoted(dict.fromkeys(addresses), 3)
        lacks = "but nothing was found that ties them to a person and a time"
        yield f"Who came from an address: some stand in {lie}, {lacks}."
    elif not with_address and not best.columns["ip"]:
        yield "Who came from an address: no IP address is recorded anywhere for these accounts."
    elif not [trail for trail in with_address if trail.table != best.table]:
        yield "Every address somebody came from: only the last one is kept, or none with a time beside it."
    if trails:
        yield "Who was not there: rows of trails and sessions are deleted with time, and an empty table proves nothing."
    elif not best.columns["last_seen_at"]:
        yield "Who was there in a window of time: no trail was found."
    if any(word in survey.naming.table_words[trail.table] for trail in trails for word in ("audit", "log", "event")):
        yield "Whether the log was switched on all the time: the catalogue does not say."
