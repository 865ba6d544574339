"""From a catalogue to a proposed data map: the pure heart of discovery."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from incident.scope.discovery.catalogue import Catalogue
from incident.scope.discovery.gaps import Found, gaps
from incident.scope.discovery.guests import guests
from incident.scope.discovery.holdings import holdings, unclear
from incident.scope.discovery.people import Survey
from incident.scope.discovery.people import survey as look_through
from incident.scope.discovery.placing import account_of
from incident.scope.discovery.proposal import Account, Proposal, TrailFound
from incident.scope.discovery.references import Way
from incident.scope.discovery.times import span
from incident.scope.discovery.trails import named_by_login, trails


def propose(catalogue: Catalogue) -> Proposal:
    """The same catalogue gives the same proposal, in whatever order its tables come."""
    ordered = Catalogue(
        tuple(sorted(catalogue.tables, key=lambda table: table.name)),
        catalogue.origin,
        catalogue.notes,
        catalogue.sampled,
    )
    survey = look_through(ordered)
    secret = {f"{table}.{column}" for table, of in survey.secrets.items() for column in of}
    ways = {
        population.table.name: _readable(survey.references.ways_to(population.table.name), secret)
        for population in survey.people
    }
    accounts = tuple(account_of(population, survey, ways[population.table.name]) for population in survey.people)
    found = trails(survey, accounts)
    accounts = tuple(_with_trails(account, found, survey, ways[account.table]) for account in accounts)
    held = holdings(survey, ways, found)
    open_questions = tuple(unclear(survey, ways))
    best = accounts[0] if accounts else None
    without = guests(survey, best, ways[best.table]) if best else ()
    secrets = {
        f"{table.name}.{column}": why
        for table in ordered.tables
        if not table.part_of
        for column, why in survey.secrets[table.name].items()
    }
    return Proposal(
        ordered,
        accounts,
        held,
        secrets,
        found,
        open_questions,
        gaps(survey, Found(accounts, without, found, held, open_questions)),
        without,
        {table.name: span(table, survey.secrets[table.name]) for table in ordered.tables if not table.is_view},
    )


def _readable(ways: Mapping[str, Way], secret: Collection[str]) -> dict[str, Way]:
    """Those along which no secret is compared: the id of a session leads to a person, and is never read."""
    return {
        table: way
        for table, way in ways.items()
        if not any(part in secret for hop in way.hops for part in hop.split(" = "))
    }


def _with_trails(account: Account, found: tuple[TrailFound, ...], survey: Survey, ways: Mapping[str, Way]) -> Account:
    """What an account table does not say of addresses and last times, its trails do."""
    columns = dict(account.columns)
    known = {str(place) for role in ("ip", "last_seen_at") for place in columns[role]}
    for trail in found:
        way = ways.get(trail.table)
        if way is None or len(way.hops) != 1 or way.uncertain or trail.of != account.table:
            continue
        presence = survey.naming.speaks_of(survey.catalogue.by_name[trail.table], "presence")
        for role, place in (
            ("ip", trail.ip),
            ("last_seen_at", trail.at if presence and not columns["last_seen_at"] else None),
        ):
            if place is not None and str(place) not in known:
                columns[role] = (*columns[role], replace(place, why=f"the trail {trail.table}", way=way, role=role))
    if not columns["last_seen_at"]:
        reached = [(place, ways.get(place.table)) for place in named_by_login(survey, account)]
        columns["last_seen_at"] = tuple(replace(place, way=way) for place, way in reached if way and not way.uncertain)
    return replace(account, columns=columns)
