"""
Where a policy's claims and the record do not agree. Pure.

The record wins, and a person says what it is: until somebody has stated the fact that settles a claim, no letter may
repeat it, and no letter may quote one that was settled against the policy. What the record cannot know is left alone; a
false alarm costs time that nobody has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from incident.organisation.claims import Claim
from incident.record.canonical import Json
from incident.record.vocabulary import command_for, identifying_categories

HASHED_PASSWORDS = "user.authorization.password"
READABLE_PASSWORDS = "user.authorization.password_readable"
# One thing in two forms: a policy that says "password" does not say which of them it is.
_PASSWORDS = frozenset({HASHED_PASSWORDS, READABLE_PASSWORDS})
_SAFEGUARDS = (
    "incident fact safeguards password_hashing   (they are hashed), or incident fact safeguards encryption   "
    "(they are encrypted); with commas between, all that was in force"
)


@dataclass(frozen=True)
class Record:
    """
    What an incident's record says, as far as a claim can be held against it.

    affected, spared: kinds of data that were reached, and that were not. listed: accounts on the sealed list by kind of
    data they have. deleted_within_days: of accounts that were gone, how many days back the list reaches.
    answers: what is known, by the fact's id. stated: ids of facts somebody answered, "cannot be determined" included.
    """

    affected: Collection[str] = ()
    spared: Collection[str] = ()
    listed: Mapping[str, int] = field(default_factory=dict)
    deleted_within_days: int = 0
    answers: Mapping[str, Json] = field(default_factory=dict)
    stated: Collection[str] = ()


@dataclass(frozen=True)
class Contradiction:
    """
    A claim that the record does not bear out. record: what it says instead, the end of "the record says …".

    settle: what to run so that it is settled; empty where a person has stated what is true, and the claim is not.
    """

    claim: Claim
    record: str
    settle: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        return not self.settle

    @property
    def words(self) -> str:
        said = f'the policy says "{self.claim.quote}" ({self.claim.source}); the record says {self.record}'
        return f"{said}. Say which is true: {'; '.join(self.settle)}" if self.settle else said


def against_record(claims: Iterable[Claim], record: Record) -> tuple[Contradiction, ...]:
    """The claims that the record does not bear out, in the order of the profile."""
    found = (_RULES[claim.says](claim, record) for claim in claims if claim.says in _RULES)
    return tuple(one for one in found if one is not None)


def copies_elsewhere(claims: Iterable[Claim], record: Record) -> tuple[Claim, ...]:
    """Claims that others may get or use data that were reached: there may be copies to ask about."""
    return tuple(claim for claim in claims if claim.says == "shared" and _reached(claim, record))


def never_and_affected(never: Iterable[str], affected: Collection[str]) -> tuple[str, ...]:
    """Kinds of data that the profile says are never held, and the record says were reached."""
    return tuple(category for category in never if category in affected)


def never_and_listed(never: Iterable[str], record: Record) -> tuple[str, ...]:
    """Kinds of data that the profile says are never held, and accounts on the sealed list have; reached or not."""
    return tuple(one for one in never if record.listed.get(one) and one not in record.affected)


def within_profile(
    claims: Iterable[Claim], holds: Collection[str], mapped: Collection[str]
) -> Iterator[tuple[Claim, str]]:
    """
    Claims that the profile itself gainsays, each with what it says instead.

    holds: kinds of data under [holds]. mapped: those that a data map finds in the accounts.
    """
    for claim in claims:
        if (why := _gainsaid(claim, frozenset(holds), frozenset(mapped))) is not None:
            yield claim, why


def _gainsaid(claim: Claim, holds: frozenset[str], mapped: frozenset[str]) -> str | None:
    held = (holds | mapped) & _PASSWORDS or _PASSWORDS.intersection(claim.categories)
    if not _PASSWORDS.isdisjoint(claim.categories) and held:
        if claim.says == "encrypted" and HASHED_PASSWORDS in held:
            return f"{HASHED_PASSWORDS} stands for passwords that are kept as hashes, which is not encryption"
        if claim.says == "encrypted" and READABLE_PASSWORDS in held and READABLE_PASSWORDS not in claim.categories:
            return (
                f"{READABLE_PASSWORDS} stands for passwords that are plain, can be decrypted, or were hashed by a fast "
                "algorithm, which is not encryption; look which it is"
            )
        if claim.says == "hashed" and READABLE_PASSWORDS in held:
            return f"{READABLE_PASSWORDS} stands for passwords that can be read, or hashed by a fast algorithm"
    if claim.says == "anonymous" and (named := _named(claim)):
        return f"people can be singled out by {named}"
    if claim.says == "not_collected" and claim.held_by is None:
        places = (("[holds] lists", holds), ("the data map finds", mapped))
        for place, kinds in places:
            if found := [category for category in claim.categories if category in kinds]:
                return f"{place} {', '.join(found)}"
    return None


def _encrypted(claim: Claim, record: Record) -> Contradiction | None:
    if not (reached := _reached(claim, record)):
        return None
    kept, safeguards = record.answers.get("encryption"), _safeguards(record)
    passwords = _PASSWORDS.issuperset(reached)
    unreadable = record.answers.get("data_unintelligible") is True
    if safeguards is not None and kept not in {"strong", "weak"}:
        both = unreadable and "encryption" in safeguards
        if passwords and "password_hashing" in safeguards and not both:
            return Contradiction(claim, "the passwords were hashed, not encrypted (fact safeguards)")
        if "encryption" not in safeguards:
            return Contradiction(claim, "encryption was not in force (fact safeguards)")
    elif kept in {"none", "pseudonymised"}:
        return Contradiction(claim, f"the data were not encrypted (fact encryption: {kept})")
    elif passwords and "encryption" not in record.stated and not unreadable:
        form = "readable" if READABLE_PASSWORDS in reached else "hashed"
        return Contradiction(
            claim, f"the passwords that were reached are {form} ({', '.join(reached)})", (_SAFEGUARDS,)
        )
    return _of_no_use(claim, reached, record) or (None if unreadable else _key_of(claim, reached, record))


def _of_no_use(claim: Claim, reached: Collection[str], record: Record) -> Contradiction | None:
    """Encryption protects nobody whose data were taken along with the key, or are being used (GDPR, art. 34(3)(a))."""
    if record.answers.get("key_safe") is False:
        return Contradiction(claim, "the key was not safe, so it protected nothing (fact key_safe)")
    # Of which of the data there is a sign nobody says; only a claim about all of them is gainsaid by it.
    if record.answers.get("misuse_seen") is True and set(record.affected) <= set(reached):
        return Contradiction(claim, "the data are being used already, so somebody could read them (fact misuse_seen)")
    return None


def _key_of(claim: Claim, reached: Collection[str], record: Record) -> Contradiction | None:
    """What is still to be said before encryption counts: how the data were kept, and whether the key was safe."""
    encrypted = record.answers.get("encryption") in {"strong", "weak"} or "encryption" in (_safeguards(record) or ())
    if encrypted and record.answers.get("key_safe") is True:
        return None
    asked = [fact for fact in ("encryption", "key_safe") if fact not in record.stated]
    if not asked:
        return Contradiction(
            claim, "it cannot be determined whether the data could be read (facts encryption, key_safe)"
        )
    words = {"encryption": "how they were protected", "key_safe": "whether the key was safe"}
    said = f"{', '.join(reached)} were reached, and not {', or '.join(words[fact] for fact in asked)}"
    return Contradiction(claim, said, tuple(map(command_for, asked)))


def _hashed(claim: Claim, record: Record) -> Contradiction | None:
    reached = _reached(claim, record)
    if not reached:
        return None
    safeguards, kept = _safeguards(record), record.answers.get("encryption")
    if not _PASSWORDS.issuperset(reached):
        return Contradiction(claim, "nothing hid the data (fact encryption: none)") if kept == "none" else None
    if safeguards is not None and "password_hashing" not in safeguards:
        return Contradiction(claim, "passwords were not hashed (fact safeguards)")
    if READABLE_PASSWORDS not in reached:
        return None
    if safeguards is not None:
        return Contradiction(
            claim, f"they were hashed by a fast algorithm, which protects little ({READABLE_PASSWORDS})"
        )
    return Contradiction(claim, f"passwords were reached that can be read ({READABLE_PASSWORDS})", (_SAFEGUARDS,))


def _anonymous(claim: Claim, record: Record) -> Contradiction | None:
    if not _reached(claim, record) or record.answers.get("ease_of_identification") == "negligible":
        return None
    if facts := [fact for fact in ("ease_of_identification", "identified_by") if record.answers.get(fact)]:
        return Contradiction(claim, f"whose data they are can be told (fact {facts[0]})")
    settle = (command_for("ease_of_identification"),)
    if named := _named(claim):
        return Contradiction(claim, f"people can be singled out by {named}", settle)
    for category in claim.categories if claim.held_by is None else ():
        if number := record.listed.get(category):
            return Contradiction(claim, f"the sealed list names {number:,} accounts whose {category} it is", settle)
    return None


def _not_collected(claim: Claim, record: Record) -> Contradiction | None:
    if reached := [category for category in claim.categories if category in record.affected]:
        return Contradiction(claim, f"such data were reached: {', '.join(reached)} (fact data_categories)")
    for category in claim.categories if claim.held_by is None else ():
        if not (number := record.listed.get(category)):
            continue
        held = f"{number:,} accounts on the sealed list have {category}"
        if category in record.spared:
            return Contradiction(claim, f"{held}, held and not reached (fact data_not_affected)")
        every = ",".join(sorted({*record.affected, category}))
        spared = ",".join(sorted({*record.spared, category}))
        reached_or_not = (
            f"incident fact data_categories {every}   (it was reached), or "
            f"incident fact data_not_affected {spared}   (held, and not reached)",
        )
        return Contradiction(claim, held, reached_or_not)
    return None


def _deleted(claim: Claim, record: Record) -> Contradiction | None:
    """The record knows no row's age; only how far back the list was asked to go, and what a person said of it."""
    if not _reached(claim, record) or claim.held_by is not None:
        return None
    if record.deleted_within_days <= claim.days or "data_details" in record.stated:
        return None
    said = f"the list reaches accounts that were deleted up to {record.deleted_within_days} days before"
    return Contradiction(claim, said, (command_for("data_details"),))


_RULES = {
    "encrypted": _encrypted,
    "hashed": _hashed,
    "anonymous": _anonymous,
    "not_collected": _not_collected,
    "deleted": _deleted,
}


def _reached(claim: Claim, record: Record) -> tuple[str, ...]:
    """The kinds of data of a claim that were reached; a password in whichever form it was."""
    spoken = set(claim.categories)
    if spoken & _PASSWORDS:
        spoken |= _PASSWORDS
    return tuple(sorted(spoken.intersection(record.affected)))


def _named(claim: Claim) -> str:
    return ", ".join(category for category in claim.categories if category in identifying_categories())


def _safeguards(record: Record) -> Collection[str] | None:
    """What was in force, where somebody said so."""
    said = record.answers.get("safeguards")
    return [str(one) for one in said] if isinstance(said, list) else None
