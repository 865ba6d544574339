"""
To which authority a notice is: the profile's when it was drafted. A duty may be owed to several, each with a first
notice of its own. Pure but for the law data and the authorities on file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from incident.authorities.registry import load_authorities
from incident.clock.places import is_part_of
from incident.clock.regimes import load_laws
from incident.errors import UsageError
from incident.organisation.profile import Organisation
from notices.kinds import EMAIL, Kind
from notices.letters import Letter

_LONGEST = 40  # of what stands behind a letter's name, which is a folder too


@dataclass(frozen=True)
class Recipient:
    """An authority as the profile, or a record that a duty was met, names it. country: two letters."""

    name: str | None = None
    country: str | None = None

    @property
    def words(self) -> str:
        return f"{self.name or 'the authority'} ({self.country})" if self.country else self.name or "nobody"


NOBODY = Recipient()


def recipient_of(kind: Kind, organisation: Organisation) -> Recipient:
    """
    The profile's authority, where a letter of `kind` is for it; else NOBODY, as for people and for a portal of a law
    that names its own recipient or is none of that authority's.
    """
    authority = organisation.authority
    if authority is None or kind.is_to_people:
        return NOBODY
    recipient = Recipient(authority.name, authority.country or organisation.country)
    if kind.channel == EMAIL:
        return recipient
    try:
        law, rule = load_laws().rule(kind.duty)
    except UsageError:
        return NOBODY
    is_its_own = recipient.country is not None and is_part_of(recipient.country, law.covers)
    return NOBODY if not is_its_own or any(version.recipient for version in rule.versions) else recipient


def is_same(one: Recipient, other: Recipient) -> bool:
    """
    Whether both may be one authority. What names nobody may be any, as records of earlier versions are.

    In one country it is one, however its name is written, unless several are on file there, as in Germany.
    """
    if NOBODY in {one, other}:
        return True
    if one.country and other.country:
        if one.country != other.country:
            return False
        if one.country not in _with_several():
            return True
    return one.name is None or other.name is None or _plain(one.name) == _plain(other.name)


def written_to(letter: Letter) -> Recipient:
    return Recipient(letter.recipient, letter.country)


def letter_name(kind: str, language: str, recipient: Recipient, letters: Mapping[str, Letter]) -> str:
    """
    What the next letter is called: "authority-en", and for another authority than that one is to "authority-en-cnil".

    letters: those there are, by id. Whoever was written to keeps the name of that letter.
    """
    there = {name: each for name, each in letters.items() if (each.kind, each.language) == (kind, language)}
    for name, letter in there.items():
        if is_same(written_to(letter), recipient):
            return name
    plain = f"{kind}-{language}"
    if plain not in letters:
        return plain
    ending = _slug(recipient.name or "") or (recipient.country or "other").lower()
    wanted = [f"{plain}-{ending}", *(f"{plain}-{ending}-{number}" for number in range(2, len(letters) + 3))]
    return next(name for name in wanted if name not in letters)


@cache
def _with_several() -> frozenset[str]:
    """Countries where the part of the country decides which authority it is."""
    return frozenset(one.country for one in load_authorities() if one.part)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _slug(name: str) -> str:
    """Of Latin letters, those that are ASCII without their marks; cut between words where it is long."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall("[a-z0-9]+", ascii_only.lower()))
    return slug if len(slug) <= _LONGEST else slug[: _LONGEST + 1].rpartition("-")[0] or slug[:_LONGEST]
