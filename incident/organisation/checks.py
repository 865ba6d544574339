"""
What a letter or a clock will miss in a profile: each with the key to fill and why. Pure.

`profile.py` refuses what is wrong; here is what is right and not enough.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass

from incident.organisation.contradictions import within_profile
from incident.organisation.gaps import ATTRIBUTES, KEYS
from incident.organisation.profile import Organisation

NOT_NAMED_YET = "CHANGE ME"  # what `organisation init` writes where no name was given


@dataclass(frozen=True)
class Finding:
    """
    key: in organisation.toml, such as "authority.email". why: what will miss it.
    warning: good to know; the check still passes.
    """

    key: str
    what: str
    why: str
    warning: bool = False


def check_organisation(
    organisation: Organisation,
    *,
    environ: Mapping[str, str],
    letter_languages: Set[str],
    mapped: Collection[str] = (),
) -> list[Finding]:
    """
    Everything that is missing, in the order of the file.

    environ: where the URLs of account databases are looked for. letter_languages: there are people's letters in these.
    mapped: kinds of data that the profile's data maps find in the accounts.
    """
    return [
        *_gaps(organisation),
        *_about(organisation, letter_languages),
        *_contacts(organisation),
        *_authority(organisation),
        *_promises(organisation),
        *_data(organisation, environ),
        *_claims(organisation, mapped),
        *_sender(organisation),
    ]


def is_filled(organisation: Organisation, key: str) -> bool:
    """Whether the profile says anything under `key`, as it is written in the file: "name", "contact.email"."""
    value: object = organisation
    for part in ATTRIBUTES.get(key, key).split("."):
        value = getattr(value, part, None)
    return bool(value) and value != NOT_NAMED_YET


def _gaps(organisation: Organisation) -> Iterator[Finding]:
    for key in organisation.missing:
        if key in KEYS and is_filled(organisation, key):
            yield Finding(
                "organisation.missing", f'names "{key}", which is there', "take it off the list", warning=True
            )


def _about(organisation: Organisation, letter_languages: Set[str]) -> Iterator[Finding]:
    if organisation.name == NOT_NAMED_YET:
        yield Finding("organisation.name", "still says CHANGE ME", "every letter begins with it")
    if organisation.name is None:
        yield Finding(
            "organisation.name",
            "is missing",
            f"a letter is signed by the controller; {organisation.called} is what people call the service",
        )
    if organisation.country is None:
        yield Finding(
            "organisation.country",
            "is missing",
            "without a seat the strictest general duties are assumed on every clock",
        )
    if organisation.address is None:
        yield Finding(
            "organisation.address", "is missing", "the authority's notification names where you are established"
        )
    if not organisation.people_live_in:
        yield Finding(
            "organisation.people_live_in",
            "is missing",
            "until a scope has counted them, laws of the countries where your users live may be overlooked",
            warning=True,
        )
    if organisation.kinds is None:
        yield Finding(
            "organisation.is",
            "is missing",
            'laws of single sectors stay "perhaps owed" until it says what you are; [] for nothing of the kind',
            warning=True,
        )
    for language in organisation.languages:
        if language not in letter_languages:
            there = ", ".join(sorted(letter_languages)) or "none"
            yield Finding(
                "organisation.languages", f'names "{language}", which has no letters', f"there are letters in: {there}"
            )


def _contacts(organisation: Organisation) -> Iterator[Finding]:
    contact, dpo = organisation.contact, organisation.dpo
    if contact is None and dpo is None:
        yield Finding("contact", "is missing", "articles 33(3)(b) and 34(2): every letter names somebody to ask")
        return
    for key, somebody in (("contact", contact), ("dpo", dpo)):
        if somebody is None:
            continue
        if somebody.email is None:
            yield Finding(f"{key}.email", "is missing", "people and the authority must be able to write back")
        if somebody.phone is None:
            yield Finding(f"{key}.phone", "is missing", "the authority's form asks for a telephone number")
    if contact is not None and contact.phone is not None and contact.hours is None:
        yield Finding("contact.hours", "is missing", "a reader wants to know when somebody answers", warning=True)
    if dpo is None:
        yield Finding("dpo", "is missing", "where you have a data protection officer, letters name them", warning=True)


def _authority(organisation: Organisation) -> Iterator[Finding]:
    authority = organisation.authority
    if authority is None:
        yield Finding("authority", "is missing", "the notification of article 33 is addressed to it by name")
        return
    if authority.email is None and authority.website is None:
        yield Finding("authority.email", "is missing, and so is authority.website", "at 3 am somebody has to find it")
    if authority.how is None:
        yield Finding(
            "authority.how", "is missing", "some authorities take notices by their own form only", warning=True
        )


def _promises(organisation: Organisation) -> Iterator[Finding]:
    if not organisation.promises:
        yield Finding(
            "promise",
            "is missing",
            "if your policy promises to tell users of a breach, that sentence is a clock of its own",
            warning=True,
        )
    for promise in organisation.promises:
        if promise.published is None:
            yield Finding(
                "promise.published",
                f'is missing for "{promise.id}"',
                "a promise binds towards those who could read it, so its date is asked for",
            )


def _data(organisation: Organisation, environ: Mapping[str, str]) -> Iterator[Finding]:
    if not organisation.holds:
        yield Finding("holds.categories", "is missing", "it says which data a letter may have to name", warning=True)
    if not organisation.retention:
        yield Finding("retention", "is missing", "logs that are evidence disappear on a date nobody sees", warning=True)
    if not organisation.accounts:
        yield Finding(
            "accounts", "is missing", "a scope then needs --database URL and --map FILE each time", warning=True
        )
    for store in organisation.accounts:
        if not environ.get(store.url_env):
            yield Finding(
                "accounts.url_env",
                f"names {store.url_env}, which is not set here",
                "a scope reads the database's URL from that environment variable",
                warning=True,
            )
        if store.map and not store.map.is_file():
            yield Finding("accounts.map", f"names {store.map.name}, which is not there", "a scope follows the data map")


def _claims(organisation: Organisation, mapped: Collection[str]) -> Iterator[Finding]:
    for claim, why in within_profile(organisation.claims, organisation.holds, mapped):
        yield Finding(
            "claim",
            f'"{claim.id}" quotes "{claim.quote}"',
            f"{why}; no letter should repeat the quote before it is settled which is true",
            warning=True,
        )
    for place, kinds in (("holds.categories lists", organisation.holds), ("the data map finds", mapped)):
        if both := [category for category in organisation.never_holds if category in kinds]:
            yield Finding(
                "holds.never", f"names {', '.join(both)}", f"{place} it too; one of them is wrong", warning=True
            )


def _sender(organisation: Organisation) -> Iterator[Finding]:
    sender = organisation.sender
    if sender is None:
        yield Finding("sender", "is missing", "letters to people need an address they come from")
        return
    # profile.py refuses a name that is not ASCII; these two it cannot see.
    if re.search(r'[;,"<>]', sender.name):
        yield Finding("sender.name", "holds a comma, a semicolon, a quote or a bracket", "mail services refuse those")
    if not sender.email.isascii() or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", sender.email):
        yield Finding("sender.email", "is not an ASCII address", "mail services refuse others as a sender")
    if sender.reply_to is None:
        yield Finding("sender.reply_to", "is missing", "answers go to the sender's own address then", warning=True)
