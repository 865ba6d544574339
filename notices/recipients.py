"""
Who on the sealed list gets which letter, under what name, and who is left out and why.

Every person of the list belongs to exactly one letter of the plan: the one in their language, else the fallback.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from unicodedata import category

from email_validator import EmailNotValidError, validate_email

from incident.record.events import ScopeSealed
from incident.scope.sealed import Person
from notices.letters import Letter
from notices.senders import Recipient

NO_ADDRESS = "no address is known"
BROKEN_ADDRESS = "the address cannot work"
OTHER_SCRIPT = "the part before the @ is in letters that mail services do not take"
TOLD = "told already from list {scope}"
MAY_BE_TOLD = "may have been told from list {scope}: its answer was lost"
SAME_ADDRESS = "an earlier account on the list has the same address"

# What nearly every address looks like; anything else goes through the validator as a whole, which costs 40 times more.
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LOCAL_LIMIT = 64  # RFC 5321 section 4.5.3.1.1
_ADDRESS_LIMIT = 254  # RFC 5321 section 4.5.3.1.3, less the angle brackets


@dataclass(frozen=True)
class Field:
    """A declared field of a letter: the attribute of a person it is filled from, and what stands there without one."""

    source: str
    when_missing: str


@dataclass(frozen=True)
class Share:
    """One segment's people of one letter. skipped: position and reason."""

    recipients: tuple[Recipient, ...]
    skipped: tuple[tuple[int, str], ...]

    @property
    def people(self) -> int:
        return len(self.recipients) + len(self.skipped)


@dataclass(frozen=True)
class Told:
    """
    Who has had a letter of this incident from another list: the reason to leave them out, by store and account key
    (`ScopeSealed.store_of_keys`), and by address (ASCII, lower case). store: of the keys that are asked.
    """

    by_key: Mapping[str, str] = field(default_factory=dict)
    by_address: Mapping[str, str] = field(default_factory=dict)
    store: str = ""

    def why(self, key: str, email: str) -> str | None:
        return self.by_key.get(f"{self.store}{key}") or self.by_address.get(email.lower())


NOBODY = Told()


def language_of(locale: str | None, audience: Sequence[str], fallback: str | None = None) -> str:
    """
    The letter of the plan for a person: "et-EE" and "et_EE.UTF-8" read "et"; no locale, or another, the fallback.

    audience: the languages that have a letter, the fallback first.
    """
    language = re.split(r"[-_.@]", (locale or "").strip().lower(), maxsplit=1)[0]
    return language if language in audience else (fallback or audience[0])


def share_of(
    letter: Letter,
    people: Sequence[Person],
    *,
    fields: Mapping[str, Field],
    doubles: Set[str],
    told: Told = NOBODY,
    reserved_domains: bool = False,
) -> Share:
    """
    Those of `people` whose letter this is. told: of another list.

    doubles: keys of accounts whose address an earlier account on the list has.
    reserved_domains: addresses at .test count as working, for invented companies and drills.
    """
    recipients: list[Recipient] = []
    skipped: list[tuple[int, str]] = []
    spelled: set[str] = set()  # an address in its own script and the same one in ASCII meet only here
    for person in people:
        if language_of(person.locale, letter.audience) != letter.language:
            continue
        if not person.email or not person.email.strip():
            skipped.append((person.position, NO_ADDRESS))
            continue
        email, why = usable_address(person.email.strip(), reserved_domains=reserved_domains)
        if email is None:
            skipped.append((person.position, why))
        elif had := told.why(person.key, email):
            skipped.append((person.position, had))
        elif person.key in doubles or email.lower() in spelled:
            skipped.append((person.position, SAME_ADDRESS))
        else:
            spelled.add(email.lower())
            recipients.append(_recipient(person, email, fields))
    return Share(tuple(recipients), tuple(skipped))


def readers_of(letter: Letter, scope: ScopeSealed) -> tuple[int, int] | None:
    """How many people of the list read this letter, and how many are on it; None where its counts do not say."""
    people = scope.counts.get("people")
    if people is None or not letter.audience:
        return None
    tagged = {**scope.by_locale} or {"": people}
    readers = sum(
        number for locale, number in tagged.items() if language_of(locale, letter.audience) == letter.language
    )
    return readers, people


def usable_address(text: str, *, reserved_domains: bool = False) -> tuple[str | None, str]:
    """The address in ASCII and "", or None and why it cannot be written to. No name server is asked."""
    local, at, domain = text.rpartition("@")
    if at and len(local) <= _LOCAL_LIMIT and _PLAIN_LOCAL.fullmatch(local):
        ascii_domain = _ascii_domain(domain, reserved_domains)
        if ascii_domain is None or len(local) + 1 + len(ascii_domain) > _ADDRESS_LIMIT:
            return None, BROKEN_ADDRESS
        return f"{local}@{ascii_domain}", ""
    try:
        found = validate_email(text, check_deliverability=False, strict=True, test_environment=reserved_domains)
    except EmailNotValidError:
        return None, BROKEN_ADDRESS
    return found.ascii_email, "" if found.ascii_email else OTHER_SCRIPT


def plain_name(name: str | None) -> str | None:
    """`name` as it may stand in a header: without control and invisible direction characters, spaces joined."""
    if not name:
        return None
    if not name.isprintable():
        # "Cf" as a whole would break names that need a zero-width joiner, so only the direction marks go.
        name = "".join(
            " " if category(sign) in {"Cc", "Zl", "Zp", "Cs"} else sign for sign in name if sign not in _BIDI
        )
    return " ".join(name.split()) or None


_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _recipient(person: Person, email: str, fields: Mapping[str, Field]) -> Recipient:
    filled = {name: plain_name(getattr(person, field.source)) or field.when_missing for name, field in fields.items()}
    return Recipient(person.position, email, plain_name(person.name), filled)


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str, reserved_domains: bool) -> str | None:
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False, test_environment=reserved_domains)
    except EmailNotValidError:
        return None
    return str(found.ascii_domain)
