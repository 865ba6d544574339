"""
From the database's sums to the counts of a scope, and from those to facts.

People are counted once for each address, an account without one being a person; where several accounts share an
address, the first in key order stands for the person. Categories are counted by account: whichever account held it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incident.record.events import FactStated, ScopeSealed
from incident.record.vocabulary import data_categories
from incident.scope.countries import UNKNOWN
from incident.scope.datamap import DataMap
from incident.scope.tally import UNREADABLE_COUNTRY, Tally


@dataclass(frozen=True)
class Counts:
    """
    The counts of a list with somebody on it. minors is None, and a tally empty, where the map has no column for it.

    aged: accounts with a birth date; None where that is not known any more.
    by_country, by_locale: people; "unknown" for those without a readable one. also_in: see `Tally`.
    shared: accounts whose address an earlier one has. perhaps_more: why people may be missing, empty where none are.
    """

    accounts: int
    people: int
    unreachable: int
    minors: int | None
    aged: int | None
    by_country: Mapping[str, int]
    by_locale: Mapping[str, int]
    by_category: Mapping[str, int]
    also_in: Mapping[str, int] = field(default_factory=dict)
    shared: int = 0
    perhaps_more: Sequence[str] = ()


def counts_of(tally: Tally, datamaps: Sequence[DataMap], perhaps_more: Sequence[str] = ()) -> Counts:
    """The counts over every database that was read, each with its map."""
    accounts = [datamap.accounts for datamap in datamaps]
    counted = {category for datamap in datamaps for category in datamap.counted_categories()}
    return Counts(
        accounts=tally.accounts,
        people=tally.accounts - tally.sums["same address"],
        unreachable=tally.sums["broken"],
        minors=tally.sums["minors"] if any(one.birth_date for one in accounts) else None,
        aged=tally.sums["aged"],
        by_country=_sorted(tally.by_country) if any(one.country for one in accounts) else {},
        by_locale=_sorted(tally.by_locale) if any(one.locale for one in accounts) else {},
        by_category={name: tally.sums[name] for name in data_categories() if name in counted},
        also_in=_sorted(tally.also_in) if any(one.country for one in accounts) else {},
        shared=tally.sums["same address"],
        perhaps_more=tuple(perhaps_more),
    )


def counts_in(scope: ScopeSealed) -> Counts:
    """The counts as they were sealed."""
    known = scope.counts
    return Counts(
        accounts=known["accounts"] or 0,
        people=known["people"] or 0,
        unreachable=known["unreachable"] or 0,
        minors=known["minors"],
        aged=known.get("aged"),
        by_country=scope.by_country,
        by_locale=scope.by_locale,
        by_category=scope.by_category,
        also_in=scope.also_in,
        shared=(known["accounts"] or 0) - (known["people"] or 0),
        perhaps_more=scope.perhaps_more,
    )


def languages_of(by_locale: Mapping[str, int]) -> dict[str, int]:
    """Tags brought down to their language, which is what letters are written in."""
    languages: Counter[str] = Counter()
    for tag, people in by_locale.items():
        languages[tag.partition("-")[0].lower() if tag != UNKNOWN else UNKNOWN] += people
    return _sorted(languages)


def uncertainties(counts: Counts, tally: Tally, datamap: DataMap, *, existing_at: bool) -> list[str]:
    """
    What this database cannot answer, or answers in part; one sentence each.

    existing_at: whether it was asked who existed at some time.
    """
    found: list[str] = []
    columns = datamap.accounts
    if columns.birth_date is None:
        found.append("The map names no birth date, so nobody can say how many are children.")
    elif unaged := counts.accounts - tally.sums["aged"]:
        found.append(f"{unaged} accounts have no birth date; children among them are not counted.")
    found += _unplaced(counts, tally) if columns.country else ["The map names no country."]
    found += _unspoken(counts) if columns.locale else ["The map names no language."]
    found += _shared(counts, tally)
    if existing_at and (undated := counts.accounts - tally.sums["read created_at"]):
        found.append(f"{undated} accounts have no readable creation time; they are on the list.")
    for name in columns.times:
        if unread := tally.sums[f"stored {name}"] - tally.sums[f"read {name}"]:
            found.append(f"{unread} values of {name} could not be read as times; check unit and zone in the map.")
    return found + _not_counted(datamap)


def _shared(counts: Counts, tally: Tally) -> list[str]:
    """Several accounts with one address are one person in the counts; who else may be behind it."""
    if not counts.shared:
        return []
    who = f"{counts.shared} accounts share" if counts.shared > 1 else "1 account shares"
    said = (
        f"{who} an address with an earlier one, and {'count' if counts.shared > 1 else 'counts'} as one person with it"
    )
    if children := tally.sums["minors at an address"]:
        said += f"; {children} of them are children, and counted as such"
    if counts.also_in:
        said += "; in other countries than that person: " + ", ".join(
            f"{name} {n}" for name, n in counts.also_in.items()
        )
    return [f"{said}."]


def _not_counted(datamap: DataMap) -> list[str]:
    found: list[str] = []
    reasons = ((True, "the columns are secrets and never read"), (False, "the map does not say whose rows they are"))
    for secret, why in reasons:
        categories = {
            category
            for value, held in datamap.holds.items()
            if datamap.is_secret_hold(value) == secret
            for category in held
        }
        if categories := categories - set(datamap.counted_categories()):
            found.append(f"Not counted, as {why}: {', '.join(sorted(categories))}.")
    return found


def _unplaced(counts: Counts, tally: Tally) -> list[str]:
    """Of whom nothing is stored, and whose country is stored as something that is not read: both count as unknown."""
    unreadable = tally.sums[UNREADABLE_COUNTRY]
    unset = counts.by_country.get(UNKNOWN, 0) - unreadable
    found = [f"{_who(unset)} no country on record."] if unset else []
    if unreadable:
        found.append(
            f"{_who(unreadable)} a country on record that is no country's code; nobody is counted as living there. "
            "docs/scope.md says how the map gets codes."
        )
    return found


def _unspoken(counts: Counts) -> list[str]:
    unknown = counts.by_locale.get(UNKNOWN)
    return [f"{_who(unknown)} no language on record, or one that is no language's code."] if unknown else []


def _who(people: int) -> str:
    return "1 person has" if people == 1 else f"{people} people have"


def facts_of(scope: str, counts: Counts) -> list[FactStated]:
    """
    The counts as facts, each with its source; "unknowable" where the map had no column for it.

    Exact only where nobody may be missing. A country in which only a second account with an address is counts too.
    """
    source = f"scope {scope}"
    more = [f"perhaps more: {counts.perhaps_more[0]}"] if counts.perhaps_more else []

    def known(fact: str, value: Any, *but: str) -> FactStated:
        doubts = [*but, *more]
        return FactStated(fact, value, "approximate" if doubts else "exact", "; ".join(doubts) or None, source=source)

    def unknowable(fact: str, what: str) -> FactStated:
        because = f"the map of the account database names no {what}"
        return FactStated(fact, None, "unknowable", because, source=source)

    countries, languages = Counter(counts.by_country), languages_of(counts.by_locale)
    unplaced, unspoken = countries.pop(UNKNOWN, 0), languages.pop(UNKNOWN, 0)
    if counts.also_in and unplaced:  # who is in it twice would otherwise hide as many whose country nobody knows
        countries["ZZ"] = unplaced
    countries.update(counts.also_in)
    return [
        known("accounts_affected", counts.accounts),
        known("people_affected", counts.people),
        known(
            "people_by_country",
            _sorted(countries),
            *_if(unplaced, f"people without a known country are {'in it as ZZ' if counts.also_in else 'not in it'}"),
            *_if(sum(counts.also_in.values()), "who share an address are in it beside the person they count as"),
        )
        if counts.by_country
        else unknowable("people_by_country", "country"),
        known("people_by_language", languages, *_if(unspoken, "people without a known language are not in it"))
        if counts.by_locale
        else unknowable("people_by_language", "language"),
        known("unreachable_people", counts.unreachable),
        known("minors_affected", counts.minors, *_unaged(counts))
        if counts.minors is not None
        else unknowable("minors_affected", "birth date"),
    ]


def _if(number: int, words: str) -> list[str]:
    return [f"{number} {words}"] if number else []


def _unaged(counts: Counts) -> list[str]:
    if counts.aged is None:
        return ["some accounts have no birth date"]
    return _if(counts.accounts - counts.aged, "accounts have no birth date")


def _sorted(counter: Mapping[str, int]) -> dict[str, int]:
    """Without zeros, largest first, then by name."""
    return dict(sorted(((key, n) for key, n in counter.items() if n), key=lambda item: (-item[1], item[0])))
