"""
The policy's claims in a letter: what its own words repeat, and what the record says of it. Pure.

Looked at are the words of facts that the letter was written from. What a template or a phrase says was weighed when it
was written, and follows from facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from incident.datafile import read_datafile
from incident.organisation.claims import SAYS, Claim
from incident.organisation.contradictions import (
    Contradiction,
    Record,
    against_record,
    copies_elsewhere,
    never_and_affected,
    never_and_listed,
)
from incident.organisation.profile import Organisation
from incident.record.ledger import FactVersion, Ledger
from incident.record.timeline import Incident
from incident.scope.inclusion import parts_of
from notices.lint import Hit

# A letter that says this of `people_told` rests on the data having been encrypted, whatever its words are.
_RESTS_ON_ENCRYPTION = "no_unintelligible"


@dataclass(frozen=True)
class Weighed:
    """
    forbidden: refuses approval. hits: words that still sound like a claim found untrue, to weigh. notes: to know.
    """

    forbidden: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    notes: tuple[str, ...] = ()


def record_of(incident: Incident) -> Record:
    """What the record of an incident says, as far as a claim can be held against it."""
    ledger = incident.ledger
    scope = incident.scope_in_force
    stated = {version.name.partition("@")[0]: version for version in ledger if version.state != "pending"}
    return Record(
        affected=_keys(ledger, "data_categories"),
        spared=_keys(ledger, "data_not_affected"),
        listed=dict(scope.by_category) if scope else {},
        deleted_within_days=max(_deleted_within(scope.question), default=0) if scope else 0,
        answers={name: version.value for name, version in stated.items() if version.is_known},
        stated=frozenset(stated),
    )


def weigh_claims(
    organisation: Organisation,
    incident: Incident,
    facts: Mapping[str, int],
    *,
    language: str,
    text: str = "",
) -> Weighed:
    """
    Hold the policy's claims against the record, for one letter.

    facts: name -> version the letter was written from. text: the letter's Markdown, for the lines of hits.
    """
    record = record_of(incident)
    used = tuple(_used(facts, incident.ledger))
    forbidden = [
        f"{category} is said to be affected, and [holds] says it is never held"
        for category in never_and_affected(organisation.never_holds, record.affected)
        if "data_categories" in facts
    ]
    hits: list[Hit] = []
    notes = [_listed(category, record) for category in never_and_listed(organisation.never_holds, record)]
    for found in against_record(organisation.claims, record):
        said = _repeated(found.claim, used, sounds_in(language))
        if said and (not found.is_settled or found.claim.says == "not_collected"):
            forbidden.append(f'{said[0]} says "{said[1]}", but {found.words}')
        elif said:
            hits.append(Hit(_line_of(said[1], text), said[1], found.words))
        else:
            notes.append(_sentence(found))
    notes += [_copies(claim) for claim in copies_elsewhere(organisation.claims, record)]
    return Weighed(tuple(forbidden), tuple(hits), tuple(notes))


def _repeated(
    claim: Claim, used: Sequence[FactVersion], sounds: Mapping[str, re.Pattern[str]]
) -> tuple[str, str] | None:
    """The fact whose words repeat a claim, and those words: the quote itself, or a word that says the same."""
    quote = _plain(claim.quote)
    for version in used:
        value = version.value
        if version.name == "people_told" and value == _RESTS_ON_ENCRYPTION and claim.says == "encrypted":
            return version.name, _RESTS_ON_ENCRYPTION
        if not isinstance(value, str) or "@" not in version.name:
            continue
        if quote in _plain(value):
            return version.name, claim.quote
        if (sound := sounds.get(claim.says)) and (word := sound.search(value)):
            return version.name, word[0]
    return None


def _sentence(found: Contradiction) -> str:
    words = found.words
    end = "" if found.settle else "; no letter may repeat it"
    return f"{words[:1].upper()}{words[1:]}{end}."


def _copies(claim: Claim) -> str:
    whose = f"{claim.held_by} may" if claim.held_by else "others may"
    return (
        f'The policy says "{claim.quote}" ({claim.source}): {whose} have copies of data that were reached. '
        "Ask whether theirs were reached too, and do not write that the data were with you alone."
    )


def _listed(category: str, record: Record) -> str:
    return (
        f"[holds] says that {category} is never held; {record.listed[category]:,} accounts on the sealed list have it. "
        "One of the two is wrong: the profile, or the data map."
    )


def _used(facts: Mapping[str, int], ledger: Ledger) -> Iterator[FactVersion]:
    """The versions of facts that a letter was written from and that say something."""
    for name, number in facts.items():
        for version in ledger.versions.get(name, ()):
            if version.version == number and version.is_known:
                yield version


def _deleted_within(question: Mapping[str, object]) -> Iterator[int]:
    """Of accounts that were gone, how many days back each part of the list's question reaches."""
    for part in parts_of(dict(question)):
        days = part.get("deleted_within_days")
        if isinstance(days, int):
            yield days
        choices = part.get("any", ())
        for inner in choices if isinstance(choices, list | tuple) else ():
            yield from _deleted_within(inner)


def _keys(ledger: Ledger, name: str) -> frozenset[str]:
    value = ledger.value(name)
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def _line_of(words: str, text: str) -> int:
    lines = text.casefold().splitlines()
    return next((number for number, line in enumerate(lines, start=1) if words.casefold() in line), 1)


def _plain(words: str) -> str:
    """For comparison: small letters, one blank between words, no quotation marks or full stop at the ends."""
    return re.sub(r"\s+", " ", words).casefold().strip(' ."“”„«»')


@cache
def sounds_in(language: str) -> dict[str, re.Pattern[str]]:
    """By what a claim says, the words of `language` that say so too; empty for a language that has none yet."""
    root = read_datafile(resources.files("notices").joinpath("phrases", "claims.toml"), name="phrases/claims.toml")
    by_claim = {says: root.section(says).texts(language) for says in SAYS if says in root}
    return {says: re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE) for says, words in by_claim.items() if words}
