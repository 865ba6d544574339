"""
What the published policy says of how data are protected, word for word: `[[claim]]` of organisation.toml. Pure.

A claim is what a company told people, and no fact: nothing is decided by one. Whether a record bears it out is worked
out in `contradictions.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from incident.datafile import Section
from incident.record.vocabulary import data_categories

# What a claim can say of data: that they are kept encrypted, or as hashes; that nobody can be singled out by them; that
# the company has none; that they are gone after a time; that others may get or use them too.
SAYS = ("encrypted", "hashed", "anonymous", "not_collected", "deleted", "shared")


@dataclass(frozen=True)
class Claim:
    """
    A sentence of the policy on how data are protected.

    quote: word for word. source, published: where and since when it can be read. says: of SAYS.
    categories: the data it speaks of. since, days: of "deleted", from what on, and after how many days (0: at once).
    held_by: who has the copy it speaks of; None: the company itself.
    """

    id: str
    quote: str
    source: str
    categories: tuple[str, ...]
    says: str
    published: date | None = None
    url: str | None = None
    since: str | None = None
    days: int = 0
    held_by: str | None = None


def read_claims(entries: Iterable[Section]) -> tuple[Claim, ...]:
    """Parse the tables [[claim]]. Raises UsageError naming file, line and key of whatever is wrong."""
    claims: dict[str, Claim] = {}
    for entry in entries:
        claim = _claim(entry)
        if claim.id in claims:
            entry.wrong("id", f'is "{claim.id}", which another claim has already')
        claims[claim.id] = claim
    return tuple(claims.values())


def _claim(entry: Section) -> Claim:
    claim = Claim(
        id=entry.text("id"),
        quote=entry.text("quote"),
        source=entry.text("source"),
        categories=entry.texts("categories") or entry.wrong("categories", "must name the kinds of data it speaks of"),
        says=entry.choice("says", SAYS),
        published=entry.day_or_none("published"),
        url=entry.text_or_none("url"),
        since=entry.text_or_none("since"),
        days=entry.whole_or_none("days") or 0,
        held_by=entry.text_or_none("held_by"),
    )
    for category in claim.categories:
        if category not in data_categories():
            entry.wrong("categories", f'names "{category}", which is not a data category')
    if claim.says == "deleted" and claim.since is None:
        entry.wrong("since", 'is missing: from what on, such as "deletion of the account"')
    if claim.says != "deleted" and ("since" in entry or "days" in entry):
        key = "since" if "since" in entry else "days"
        entry.wrong(key, 'goes with says = "deleted" only')
    entry.finish()
    return claim
