"""
The organisation profile, parsed from `organisation.toml`.

Only what a file says is here; nothing is guessed. What a letter or a clock will miss is listed by `checks.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from incident.datafile import Section, read_datafile_at
from incident.errors import UsageError
from incident.moments import read_zone
from incident.organisation.claims import Claim, read_claims
from incident.organisation.gaps import read_missing
from incident.record.vocabulary import data_categories

ROLES = ("controller", "processor", "joint_controller")
PROMISE_STARTS = ("occurrence", "detection", "awareness")
SIZES = ("micro", "small", "medium", "large", "public_body", "association", "person")
PARTNERS = ("controller", "customers", "partner", "insurer", "people", "supervisory_authority", "other_authority")

_COUNTRY = re.compile("[A-Z]{2}")


@dataclass(frozen=True)
class Contact:
    """
    Someone a regulator or a reader can reach. hours: when, in words, with the zone.

    identity_number: a national one, where an authority's form asks for it of whoever reports.
    """

    name: str
    role: str | None = None
    email: str | None = None
    phone: str | None = None
    hours: str | None = None
    address: str | None = None
    identity_number: str | None = None


@dataclass(frozen=True)
class Authority:
    """The competent supervisory authority, as letters name it. how: the channel it takes notices by."""

    name: str
    country: str | None = None
    email: str | None = None
    website: str | None = None
    how: str | None = None


@dataclass(frozen=True)
class Promise:
    """
    A sentence of the company's own, which is law to it (a clock runs from it).

    quote: word for word. source, published: where and since when it can be read.
    to: whom it promises to tell, of "people" and "supervisory_authority". hours: None for "without undue delay".
    """

    id: str
    quote: str
    source: str
    published: date | None
    to: tuple[str, ...]
    starts_with: str
    hours: int | None
    url: str | None = None


@dataclass(frozen=True)
class Contract:
    """
    A notice that a contract or an insurance policy asks for (a clock runs from it).

    with_whom: who is told. quote: word for word; source: where it stands. to: what the other side is, of PARTNERS.
    hours, working_days: one of them, or neither for "without undue delay".
    """

    id: str
    with_whom: str
    quote: str
    source: str
    to: tuple[str, ...]
    starts_with: str
    hours: int | None = None
    working_days: int | None = None


@dataclass(frozen=True)
class Retention:
    """Evidence that disappears: `what` is kept `days` days, counted from `since` ("its creation", "deletion", …)."""

    what: str
    days: int
    since: str


@dataclass(frozen=True)
class Processor:
    name: str
    purpose: str
    country: str | None
    safeguard: str | None


@dataclass(frozen=True)
class AccountStore:
    """
    Where accounts are. url_env: the environment variable that holds the database URL; the URL itself, with its
    password, is never written down. map: the data map, a path relative to the profile; None: the ready one.
    """

    name: str
    url_env: str
    map: Path | None


@dataclass(frozen=True)
class Sender:
    """Who letters come from. name stays ASCII: mail services refuse other letters there."""

    name: str
    email: str
    reply_to: str | None


@dataclass(frozen=True)
class Organisation:
    """
    The profile. name: the controller's; None where nobody knows it, and then there is a service or a website.
    country: two letters, where the seat is. zone: of times without one, and of times shown to people.
    languages: of letters, the fallback first. people_live_in: countries or groups the company knows it has users in.
    kinds: what else it is, of `incident/law/kinds.toml` (`is = ["us-bank"]`); None where the profile does not say.
    size: one of SIZES. activity_code: of the trade, as the country's register has it. establishments: countries of its
    offices beside the seat. representative: in the EEA, of a company outside it (article 27).
    invented: for samples and drills, the sentence saying that nothing in it is real.
    complaints_to: "residence" where people are told to complain to the authority of the country they live in.
    incomplete: a sentence on why the profile cannot be completed. missing: what it lacks, keys and words.
    """

    file: Path
    name: str | None
    zone: ZoneInfo
    languages: tuple[str, ...]
    country: str | None = None
    role: str = "controller"
    register_number: str | None = None
    address: str | None = None
    website: str | None = None
    service: str | None = None
    sector: str | None = None
    minimum_age: int | None = None
    people_live_in: tuple[str, ...] = ()
    one_person: bool = False
    invented: str | None = None
    size: str | None = None
    activity_code: str | None = None
    establishments: tuple[str, ...] = ()
    parent_company: str | None = None
    representative: Contact | None = None
    contact: Contact | None = None
    dpo: Contact | None = None
    authority: Authority | None = None
    promises: tuple[Promise, ...] = ()
    contracts: tuple[Contract, ...] = ()
    kinds: tuple[str, ...] | None = None
    retention: tuple[Retention, ...] = ()
    processors: tuple[Processor, ...] = ()
    holds: tuple[str, ...] = ()
    never_holds: tuple[str, ...] = ()
    accounts: tuple[AccountStore, ...] = ()
    sender: Sender | None = None
    claims: tuple[Claim, ...] = ()
    complaints_to: str | None = None
    incomplete: str | None = None
    missing: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """What screens call it. No letter does: a service is nobody who can sign as the controller."""
        return self.name or self.service or self.website or self.file.stem


def read_organisation(file: Path) -> Organisation:
    """Parse `file`. Raises UsageError naming file, line and key of whatever is wrong."""
    root = read_datafile_at(file)
    about, holds = root.section("organisation"), root.section_or_none("holds")
    organisation = _organisation(file, root, about, holds)
    for section in filter(None, (holds, about, root)):
        section.finish()
    return organisation


def _organisation(file: Path, root: Section, about: Section, holds: Section | None) -> Organisation:
    return Organisation(
        file=file,
        name=_name(about),
        zone=_zone(about),
        languages=about.texts("languages") or about.wrong("languages", "must name at least one language, such as en"),
        country=_country(about, "country"),
        role=about.choice("role", ROLES, "controller"),
        register_number=about.text_or_none("register_number"),
        address=about.text_or_none("address"),
        website=about.text_or_none("website"),
        service=about.text_or_none("service"),
        sector=about.text_or_none("sector"),
        minimum_age=about.whole_or_none("minimum_age"),
        people_live_in=about.texts("people_live_in"),
        one_person=about.flag("one_person"),
        invented=about.text_or_none("invented"),
        size=about.choice("size", SIZES) if "size" in about else None,
        activity_code=about.text_or_none("activity_code"),
        establishments=_countries(about, "establishments"),
        parent_company=about.text_or_none("parent_company"),
        representative=_contact(root, "representative"),
        contact=_contact(root, "contact"),
        dpo=_contact(root, "dpo"),
        authority=_authority(root),
        promises=tuple(_promise(entry) for entry in root.sections("promise")),
        contracts=tuple(_contract(entry) for entry in root.sections("contract")),
        kinds=about.texts("is") if "is" in about else None,
        retention=tuple(_retention(entry) for entry in root.sections("retention")),
        processors=tuple(_processor(entry) for entry in root.sections("processor")),
        holds=_categories(holds, "categories"),
        never_holds=_categories(holds, "never"),
        accounts=tuple(_account_store(entry, file.parent) for entry in root.sections("accounts")),
        sender=_sender(root),
        claims=read_claims(root.sections("claim")),
        complaints_to=about.choice("complaints_to", ("residence",)) if "complaints_to" in about else None,
        incomplete=about.text_or_none("incomplete"),
        missing=read_missing(about),
    )


def store_url(store: AccountStore, environ: Mapping[str, str] | None = None) -> str:
    """The database URL of `store`, from its environment variable; raises UsageError where that is not set."""
    if url := (os.environ if environ is None else environ).get(store.url_env):
        return url
    raise UsageError(
        f"The address of the accounts called {store.name} is not set.",
        next_step=f"set the environment variable {store.url_env} to the database URL, or give --database URL",
    )


def _name(about: Section) -> str | None:
    """The controller's. A site that names none has at least what people call it."""
    if "name" in about:
        return about.text("name")
    why = "is missing; where nobody knows the controller's name, give service or website in its place"
    return None if "service" in about or "website" in about else about.wrong("name", why)


def _zone(about: Section) -> ZoneInfo:
    name = about.text("zone")
    try:
        return read_zone(name)
    except UsageError:
        about.wrong("zone", f'is "{name}", which is not a time zone; write a place such as Europe/Tallinn')


def _country(section: Section, key: str) -> str | None:
    country = section.text_or_none(key)
    if country is not None and not _COUNTRY.fullmatch(country):
        section.wrong(key, "must be a two-letter country code in capitals, such as EE")
    return country


def _countries(section: Section, key: str) -> tuple[str, ...]:
    codes = section.texts(key)
    if not all(_COUNTRY.fullmatch(code) for code in codes):
        section.wrong(key, 'must hold two-letter country codes in capitals, such as ["FI", "LV"]')
    return codes


def _contact(root: Section, key: str) -> Contact | None:
    entry = root.section_or_none(key)
    if entry is None:
        return None
    contact = Contact(
        name=entry.text("name"),
        role=entry.text_or_none("role"),
        email=entry.text_or_none("email"),
        phone=entry.text_or_none("phone"),
        hours=entry.text_or_none("hours"),
        address=entry.text_or_none("address"),
        identity_number=entry.text_or_none("identity_number"),
    )
    entry.finish()
    return contact


def _authority(root: Section) -> Authority | None:
    entry = root.section_or_none("authority")
    if entry is None:
        return None
    authority = Authority(
        name=entry.text("name"),
        country=_country(entry, "country"),
        email=entry.text_or_none("email"),
        website=entry.text_or_none("website"),
        how=entry.text_or_none("how"),
    )
    entry.finish()
    return authority


def _promise(entry: Section) -> Promise:
    promise = Promise(
        id=entry.text("id"),
        quote=entry.text("quote"),
        source=entry.text("source"),
        published=entry.day_or_none("published"),
        to=entry.texts("to") or entry.wrong("to", 'must name "people", "supervisory_authority" or both'),
        starts_with=entry.choice("starts_with", PROMISE_STARTS),
        hours=entry.whole_or_none("hours"),
        url=entry.text_or_none("url"),
    )
    if not set(promise.to) <= {"people", "supervisory_authority"}:
        entry.wrong("to", 'must name "people", "supervisory_authority" or both')
    entry.finish()
    return promise


def _contract(entry: Section) -> Contract:
    contract = Contract(
        id=entry.text("id"),
        with_whom=entry.text("with"),
        quote=entry.text("quote"),
        source=entry.text("source"),
        to=entry.texts("to") or entry.wrong("to", f"must name some of {', '.join(PARTNERS)}"),
        starts_with=entry.choice("starts_with", PROMISE_STARTS),
        hours=entry.whole_or_none("hours"),
        working_days=entry.whole_or_none("working_days"),
    )
    if not set(contract.to) <= set(PARTNERS):
        entry.wrong("to", f"must name some of {', '.join(PARTNERS)}")
    if contract.hours and contract.working_days:
        entry.wrong("hours", "and working_days are both given; keep the one the contract names")
    entry.finish()
    return contract


def _retention(entry: Section) -> Retention:
    retention = Retention(what=entry.text("what"), days=entry.whole("days"), since=entry.text("since"))
    entry.finish()
    return retention


def _processor(entry: Section) -> Processor:
    processor = Processor(
        name=entry.text("name"),
        purpose=entry.text("purpose"),
        country=_country(entry, "country"),
        safeguard=entry.text_or_none("safeguard"),
    )
    entry.finish()
    return processor


def _categories(holds: Section | None, key: str) -> tuple[str, ...]:
    if holds is None:
        return ()
    named = holds.texts(key)
    for category in named:
        if category not in data_categories():
            holds.wrong(key, f'names "{category}", which is not a data category')
    return named


def _account_store(entry: Section, folder: Path) -> AccountStore:
    named = entry.text_or_none("map")
    store = AccountStore(entry.text("name"), entry.text("url_env"), folder / named if named else None)
    entry.finish()
    return store


def _sender(root: Section) -> Sender | None:
    entry = root.section_or_none("sender")
    if entry is None:
        return None
    sender = Sender(name=entry.text("name"), email=entry.text("email"), reply_to=entry.text_or_none("reply_to"))
    if not sender.name.isascii():
        entry.wrong("name", "must be plain ASCII letters; mail services refuse others in a sender's name")
    entry.finish()
    return sender
