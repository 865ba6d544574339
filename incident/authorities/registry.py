"""Reading `incident/authorities/*.toml`. Strict: what is misspelt names its file, line and key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from incident.clock.cache import keep, kept
from incident.clock.places import is_country
from incident.clock.rules import CONFIDENCE
from incident.datafile import Section, read_datafile
from incident.errors import UsageError

CHANNELS = {
    "open_form": "a web form",
    "form_with_login": "a web form behind a national login, or with a signature: prepare the login before you need it",
    "file": "a file or letter, by e-mail or post",
    "mixed": "several ways",
    "unknown": "not established",
}


@dataclass(frozen=True)
class Authority:
    """
    One authority. country: two letters; part: of it, where it is not the authority of the whole ("DE-BY").

    laws: ids of the laws under which it takes notices. languages: codes of those it takes; also: those that are
    said to work and are not confirmed; english_for: what it takes English for. channel: of CHANNELS. how: in words.
    competent_for: whose authority it is, where not everybody's ("private_controllers", "public_bodies"); None: of all.
    weaker: which part of the entry is less sure than `confidence`.
    """

    id: str
    country: str
    short: str
    name: str
    english: str
    laws: tuple[str, ...]
    languages: tuple[str, ...]
    channel: str
    how: str
    confidence: str
    checked_on: date
    review_by: date
    file: str
    part: str | None = None
    competent_for: str | None = None
    also: tuple[str, ...] = ()
    english_for: str | None = None
    page: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    fallback: str | None = None
    notable: tuple[str, ...] = ()
    weaker: str | None = None


@cache
def load_authorities() -> tuple[Authority, ...]:
    """Every authority on file, by country, the one for the whole country first."""
    folder = Path(__file__).parent
    if not folder.is_dir():  # the package is inside an archive
        return read_authorities(resources.files("incident.authorities"))
    made_from = (folder, Path(__file__))
    found = kept("authorities", made_from, tuple)
    if found is None:
        found = read_authorities(folder)
        keep("authorities", made_from, found)
    return found


def read_authorities(folder: Traversable) -> tuple[Authority, ...]:
    """The authorities in `folder`; raises UsageError naming file, line and key of whatever is wrong."""
    found: dict[str, Authority] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        root = read_datafile(file, name=f"authorities/{file.name}")
        for authority in _authorities(root):
            if authority.id in found:
                root.wrong("id", f'is "{authority.id}", which {found[authority.id].file} has already')
            found[authority.id] = authority
    return tuple(sorted(found.values(), key=lambda one: (one.country, one.part or "", one.id)))


def in_country(authorities: Sequence[Authority], country: str) -> list[Authority]:
    """Those of a country or a part of one; raises UsageError where there is none on file."""
    code = {"UK": "GB", "EL": "GR"}.get(country.upper(), country.upper())
    found = [one for one in authorities if code in {one.country, one.part}]
    if not found:
        known = ", ".join(sorted({one.country for one in authorities}))
        raise UsageError(f'No authority of "{country}" is on file.', next_step=f"name one of {known}")
    return found


def _authorities(root: Section) -> list[Authority]:
    checked_on, review_by, laws = root.day("checked_on"), root.day("review_by"), root.texts("laws")
    found = [_authority(entry, laws, checked_on, review_by) for entry in root.sections("authority")]
    root.finish()
    return found


def _authority(entry: Section, laws: tuple[str, ...], checked_on: date, review_by: date) -> Authority:
    authority = Authority(
        id=entry.text("id"),
        country=entry.text("country"),
        part=entry.text_or_none("part"),
        competent_for=entry.text_or_none("competent_for"),
        short=entry.text("short"),
        name=entry.text("name"),
        english=entry.text("english"),
        laws=entry.texts("laws") or laws,
        languages=entry.texts("languages") or entry.wrong("languages", "must name at least one"),
        also=entry.texts("also"),
        english_for=entry.text_or_none("english_for"),
        channel=entry.choice("channel", tuple(CHANNELS)),
        how=entry.text("how"),
        page=entry.text_or_none("page"),
        email=entry.text_or_none("email"),
        phone=entry.text_or_none("phone"),
        address=entry.text_or_none("address"),
        fallback=entry.text_or_none("fallback"),
        notable=entry.texts("notable"),
        confidence=entry.choice("confidence", CONFIDENCE),
        weaker=entry.text_or_none("weaker"),
        checked_on=entry.day_or_none("checked_on") or checked_on,
        review_by=review_by,
        file=entry.file,
    )
    if not is_country(authority.country) or not authority.country.isupper():
        entry.wrong("country", "must be a two-letter country code in capitals, such as EE")
    if authority.part is not None and not authority.part.startswith(f"{authority.country}-"):
        entry.wrong("part", f"must be a part of {authority.country}, such as {authority.country}-XX")
    if not authority.laws:
        entry.wrong("laws", "is missing: under which laws it takes notices")
    if authority.page is not None and not authority.page.startswith(("https://", "http://")):
        entry.wrong("page", "must be a web address")
    entry.finish()
    return authority
