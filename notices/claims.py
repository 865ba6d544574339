"""
The policy's claims in a letter: what its own words repeat, and what the record says of it. Pure.

Looked at are the words of facts that the letter was written from. What a template or a phrase says was weighed when it
was written, and follows from facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from incident.clock.circumstances import facts_of
from incident.clock.unintelligible import states_it, why_refuted
from incident.datafile import Section
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
from incident.record.canonical import Json
from incident.record.ledger import FactVersion, Ledger
from incident.record.timeline import Incident
from incident.scope.inclusion import parts_of
from notices.lint import Hit

# By what a claim says, the words of a language that say so too; empty for a language that has none yet.
Sounds = Mapping[str, re.Pattern[str]]


@dataclass(frozen=True)
class Weighed:
    """
    forbidden: refuses approval and sending. notes: to know.
    hits: words that sound like a claim which a stated fact has shown untrue, and do not quote it; to weigh.
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
    sounds: Sounds,
    text: str = "",
) -> Weighed:
    """
    Hold the policy's claims against the record, for one letter.

    facts: name -> version the letter was written from. sounds: of the letter's language. text: its Markdown, for the
    lines of hits.
    """
    record = record_of(incident)
    used = tuple(_used(facts, incident.ledger))
    forbidden = [
        f"{category} is said to be affected, and [holds] says it is never held"
        for category in never_and_affected(organisation.never_holds, record.affected)
        if "data_categories" in facts
    ]
    resting = next((version for version in used if states_it(version.name, version.value)), None)
    if resting and (refuted := why_refuted(facts_of(incident.ledger))):
        forbidden.append(_untrue(resting.name, resting.value, "; ".join(refuted)))
    hits: list[Hit] = []
    notes = [_listed(category, record) for category in never_and_listed(organisation.never_holds, record)]
    for found in against_record(organisation.claims, record):
        rests = resting if found.claim.says == "encrypted" else None
        if rests:
            forbidden.append(_untrue(rests.name, rests.value, found.words))
        if said := _quoted(found.claim, used):
            forbidden.append(_untrue(*said, found.words))
        elif not (said := _sounding(found.claim, used, sounds)):
            notes += [] if rests else [_sentence(found)]
        elif found.is_settled:
            hits.append(Hit(_line_of(said[1], text), said[1], found.words))
        else:
            forbidden.append(_untrue(*said, found.words))
    notes += [_copies(claim) for claim in copies_elsewhere(organisation.claims, record)]
    return Weighed(tuple(forbidden), tuple(hits), tuple(notes))


def _untrue(fact: str, said: Json, words: str) -> str:
    return f'{fact} says "{"yes" if said is True else said}", but {words}'


def _quoted(claim: Claim, used: Sequence[FactVersion]) -> tuple[str, str] | None:
    """The text whose words quote a claim, and the quote."""
    quote = _plain(claim.quote)
    return next(((name, claim.quote) for name, words in _texts(used) if quote in _plain(words)), None)


def _sounding(claim: Claim, used: Sequence[FactVersion], sounds: Sounds) -> tuple[str, str] | None:
    """The text that has a word which says the same as a claim, and that word."""
    if (sound := sounds.get(claim.says)) is None:
        return None
    return next(((name, word[0]) for name, words in _texts(used) if (word := sound.search(words))), None)


def _texts(used: Sequence[FactVersion]) -> Iterator[tuple[str, str]]:
    for version in used:
        if isinstance(version.value, str) and "@" in version.name:
            yield version.name, version.value


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


def read_sounds(root: Section, language: str) -> Sounds:
    """`phrases/claims.toml`, of one language. Raises UsageError naming file, line and key of whatever is wrong."""
    by_claim = {says: root.section(says).texts(language) for says in SAYS if says in root}
    return {says: re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE) for says, words in by_claim.items() if words}
