"""People without an account: an order's or a comment's own e-mail address, and people whom users wrote down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from incident.scope.discovery.belonging import one_each
from incident.scope.discovery.catalogue import Table
from incident.scope.discovery.names import words
from incident.scope.discovery.people import Population, Survey
from incident.scope.discovery.placing import account_of
from incident.scope.discovery.proposal import Account
from incident.scope.discovery.references import Reference, Way

_KINDS = ("order", "invoice", "content", "message", "support")
_ENOUGH = 0.55
_FAR = 2  # who wrote or bought it, and not who dealt with it
_REASONS = {
    "written": "whom the people of another table wrote down",
    "guest": "its rows have an e-mail address and may have no account; one person may be in several rows",
}


def guests(survey: Survey, best: Account, ways: Mapping[str, Way]) -> tuple[Account, ...]:
    """Tables whose rows may be people that `best` does not have. ways: from each table to that of `best`."""
    found = []
    for table in survey.catalogue.tables:
        why = _why(table, survey, best, ways.get(table.name))
        if why and table.name != best.table:
            account = account_of(Population(table, 0.0, (_REASONS[why],)), survey, {})
            if account.columns["email"] and account.key:
                found.append(_for_guests(account, table, survey, best, why))
    return tuple(found)


def _for_guests(account: Account, table: Table, survey: Survey, best: Account, why: str) -> Account:
    emails = sorted(account.columns["email"], key=lambda place: "guest" not in words(place.column))
    nobody = [
        f"{one.column} IS NULL OR {one.column} = 0"
        if table.by_name[one.column].defaults_to_zero
        else f"{one.column} IS NULL"
        for one in _accounts_of(table, survey, best)
    ]
    columns = {**account.columns, "email": tuple(emails), "last_seen_at": (), "tenant": ()}
    only = nobody[0] if why == "guest" and len(nobody) == 1 else None
    return Account(account.table, account.key, columns, account.why, 0.0, only=only)


def _why(table: Table, survey: Survey, best: Account, way: Way | None) -> str | None:
    if table.is_view or table.part_of or table.name in {one.table.name for one in survey.people}:
        return None
    if table.name in survey.written_down:
        return "written"
    naming = survey.naming
    if any(naming.speaks_of(table, kind) for kind in ("history", "secret", "barred")) or not _emails(table, survey):
        return None
    named = any("guest" in words(name) for name in _emails(table, survey))
    if not named and not any(naming.speaks_of(table, kind) for kind in _KINDS):
        return None
    accounts = list(_accounts_of(table, survey, best))
    if not accounts:
        return "guest" if way is None else None
    if way is not None and one_each(table, way):
        return None
    return "guest" if all(_may_be_empty(table, one.column) for one in accounts) else None


def _emails(table: Table, survey: Survey) -> list[str]:
    return [one.column for one in survey.readings[table.name] if one.role == "email" and one.weight >= _ENOUGH]


def _accounts_of(table: Table, survey: Survey, best: Account) -> Iterator[Reference]:
    for one in survey.references.out_of.get(table.name, ()):
        if one.to_table == best.table and one.cost <= _FAR and one.only_where is None:
            yield one


def _may_be_empty(table: Table, name: str) -> bool:
    column = table.by_name[name]
    return name not in table.key and (column.nullable or column.defaults_to_zero)
