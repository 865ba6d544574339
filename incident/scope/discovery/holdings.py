"""Every column with personal data, its category, and the path of keys to the account it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from incident.scope.discovery.belonging import is_about
from incident.scope.discovery.catalogue import Column, Table
from incident.scope.discovery.habits import role_named
from incident.scope.discovery.names import Phrase, words
from incident.scope.discovery.passers import ROLES, came_themselves
from incident.scope.discovery.people import Survey
from incident.scope.discovery.placing import inside, value_column
from incident.scope.discovery.proposal import Holding, Place, TrailFound, Unclear
from incident.scope.discovery.references import Way

_LEAST = 0.4
_TEXTS = {
    "body",
    "content",
    "text",
    "message",
    "title",
    "subject",
    "description",
    "comment",
    "note",
    "html",
    "raw",
    "prompt",
    "caption",
    "summary",
    "answer",
    "cooked",
    "review",
    "reply",
    "excerpt",
    "transcript",
    "file",
    "spoiler",
    "question",
    "statement",
    "letter",
}
_AMOUNTS = {
    "amount",
    "total",
    "price",
    "quantity",
    "product",
    "sku",
    "sum",
    "subtotal",
    "item",
    "qty",
    "plan",
    "pay",
    "currency",
}
_THIRD = {
    "provider",
    "oauth",
    "social",
    "access",
    "refresh",
    "identity",
    "federated",
    "integration",
    "external",
    "connection",
}

_WRITINGS = {
    "medical": "user.health_and_medical",
    "support": "user.content.support_messages",
    "content": "user.content.private",
    "message": "user.content.private",
}
_SENT_TO = {"address", "country", "first_name", "last_name"}

Ways = Mapping[str, Mapping[str, Way]]


def holdings(survey: Survey, ways: Ways, trails: tuple[TrailFound, ...]) -> tuple[Holding, ...]:
    """ways: for each account table, the ways to it from every other."""
    times = {str(trail.at): trail for trail in trails}
    found: list[Holding] = []
    for table in survey.catalogue.tables:
        if table.is_view or table.part_of:
            continue
        account, way = nearest(table.name, ways)
        found += _whose(table, survey, account, list(_of(table, survey, account, way, times)), ways)
    return tuple(dict.fromkeys(found))


def _whose(
    table: Table, survey: Survey, account: str | None, found: list[tuple[Place, str]], ways: Ways
) -> Iterator[Holding]:
    """What a passer-by left is not the nearest account's; neither is the e-mail address that stands beside it."""
    left = {
        place.column: _who_came(table, place.column, survey, ways)
        for place, _ in found
        if place.role in ROLES and not came_themselves(table, place.column, place.way, survey)
    }
    over_thing = [place.column for place, _ in found if place.column in left and len(place.way.hops) > 1]
    for place, category in found:
        beside = place.role in {"email", "phone"} and over_thing
        if place.column in left or beside:
            who, way = left[over_thing[0] if beside else place.column]
            why = place.why if who else f"{place.why}; of whoever came, which need not be whose the thing is"
            yield Holding(replace(place, way=way, why=why), category, who)
        else:
            yield Holding(place, category, account)


def _who_came(table: Table, column: str, survey: Survey, ways: Ways) -> tuple[str | None, Way]:
    """The nearest account that did it itself: a visitor's, where the owner's is nearer but did not."""
    reached = [(way.cost, at, account) for at, (account, of) in enumerate(ways.items()) if (way := of.get(table.name))]
    for _, _, account in sorted(reached):
        way = ways[account][table.name]
        if came_themselves(table, column, way, survey):
            return account, way
    return None, Way()


def unclear(survey: Survey, ways: Ways) -> Iterator[Unclear]:
    """Documents, and rows of names and values, of which the catalogue cannot say what they hold."""
    for table in survey.catalogue.tables:
        account, way = nearest(table.name, ways)
        if account is None or table.is_view or table.part_of or way.cost > 4:
            continue
        secret = survey.secrets[table.name]
        for column in table.columns:
            if column.name in secret or column.name in table.keys_seen:
                continue
            value = value_column(table, column, secret)
            if value is not None and value.kind != "json" and survey.naming.speaks_of(table, "attribute"):
                why = f"rows of names and values: {column.name} says what each one is"
                yield Unclear(f"{table.name}.{value.name}[{column.name}=…]", account, way, why)
            elif column.kind == "json":
                yield Unclear(f"{table.name}.{column.name}", account, way, "a JSON document that may hold anything")


def nearest(table: str, ways: Ways) -> tuple[str | None, Way]:
    """The account table that is nearest to `table`, the likelier one where two are."""
    best = min(
        ((way.cost, at, account) for at, (account, of) in enumerate(ways.items()) if (way := of.get(table))),
        default=None,
    )
    return (best[2], ways[best[2]][table]) if best else (None, Way())


def _of(
    table: Table, survey: Survey, account: str | None, way: Way, times: Mapping[str, TrailFound]
) -> Iterator[tuple[Place, str]]:
    about = is_about(table, survey, way)
    # Where no way leads to an account, an address or a first name must show that the rows are people's.
    personal = any(
        reading.role in {"email", "first_name", "phone"} and reading.weight >= 0.6
        for reading in survey.readings[table.name]
    )
    # Where a thing bought is sent to is the buyer's address, whatever else an order is.
    sent_to = _SENT_TO if survey.naming.speaks_of(table, "order") else set()
    taken: set[str] = set()
    for reading in survey.readings[table.name]:
        role = role_named(reading.role)
        fits = (
            role.where == "anywhere"
            or (role.where == "person" and (about or role.id in sent_to) and (account is not None or personal))
            or (role.where == "content" and account is not None)
        )
        if role.category and fits and reading.weight >= _LEAST:
            taken.add(reading.column)
            yield (
                Place(table.name, reading.column, reading.why, reading.weight, way=way, role=reading.role),
                role.category,
            )
    for place in inside(table, survey, way):
        category = role_named(place.role).category
        if category:
            yield place, category
    if account is None:
        return
    for column in table.columns:
        if column.name in survey.secrets[table.name]:
            yield (
                Place(table.name, column.name, survey.secrets[table.name][column.name], way=way),
                _secret(table, column, survey),
            )
        elif column.name not in taken and (category := _content(table, column, survey, times)):
            yield Place(table.name, column.name, f"what a table called {table.bare_name} is for", way=way), category


def _secret(table: Table, column: Column, survey: Survey) -> str:
    named = words(column.name)
    if "card" in named or named[-1:] in {("cvv",), ("cvc",)}:
        return "user.financial.credit_card"
    around: set[str] = {*survey.naming.table_words[table.name], *named}
    if {"password", "passphrase", "salt", "bcrypt", "passhash"} & set(named) and "reset" not in named:
        return "user.authorization.password"
    if "token" in named and (_THIRD & around) and "api" not in around:
        others: set[str] = {word for one in table.columns for word in words(one.name)}
        if {"provider", "refresh", "social", "oauth"} & (around | others):
            return "user.authorization.third_party_token"
    return "user.authorization.session"


def _is_writing(column: Column) -> bool:
    named = words(column.name)
    about = {"type", "id", "format", "class"} & set(named[-1:])
    return column.kind in {"text", "json", "other", "binary"} and bool(_TEXTS & set(named)) and not about


def _content(table: Table, column: Column, survey: Survey, times: Mapping[str, TrailFound]) -> str | None:
    naming = survey.naming
    if naming.speaks_of(table, "history") and not naming.speaks_of(table, "trail"):
        return None
    named: Phrase = words(column.name)
    if f"{table.name}.{column.name}" in times:
        return "user.behavior.usage"
    if _is_writing(column):
        return next((category for kind, category in _WRITINGS.items() if naming.speaks_of(table, kind)), None)
    if _AMOUNTS & set(named) and column.kind in {"whole", "number", "text", "choice", "uuid", "other"}:
        if naming.speaks_of(table, "invoice"):
            return "user.payment.invoice"
        if naming.speaks_of(table, "order"):
            return "user.behavior.purchase_history"
    if naming.speaks_of(table, "invoice") and named[-1:] == ("number",):
        return "user.payment.invoice"
    return None
