"""A policy's claims against what a record says: what is gainsaid, what is only open, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from incident.organisation.claims import Claim
from incident.organisation.contradictions import (
    Contradiction,
    Record,
    against_record,
    copies_elsewhere,
    never_and_affected,
    never_and_listed,
    within_profile,
)
from incident.record.vocabulary import data_categories, identifying_categories

HASHED = "user.authorization.password"
READABLE = "user.authorization.password_readable"
TOKENS = "user.authorization.third_party_token"
MEDIA = "user.content.private"


def claim(says: str, *categories: str, **more: Any) -> Claim:
    return Claim("c", "the quote", "policy, section 2", categories, says, **more)


def found(one: Claim, *affected: str, listed: dict[str, int] | None = None, days: int = 0, **answers: Any) -> Any:
    """What `one` comes to where these were reached and these facts stated; None where the record bears it out."""
    unknowable = {name for name, value in answers.items() if value is None}
    known = {name: value for name, value in answers.items() if value is not None}
    record = Record(
        affected=affected,
        listed=listed or {},
        deleted_within_days=days,
        answers=known,
        stated=unknowable | set(known),
    )
    both = against_record([one], record)
    return both[0] if both else None


def asks(one: Contradiction | None) -> str:
    assert one is not None
    assert not one.is_settled
    return "\n".join(one.settle)


def says(one: Contradiction | None) -> str:
    assert one is not None
    assert one.is_settled
    return one.record


@pytest.mark.parametrize(("reached", "form"), [(HASHED, "hashed"), (READABLE, "readable")])
def test_a_password_said_to_be_encrypted_is_asked_after_once_passwords_were_reached(reached: str, form: str) -> None:
    one = found(claim("encrypted", HASHED), reached)
    assert "incident fact safeguards password_hashing" in asks(one)
    assert form in one.record
    assert one.words.startswith('the policy says "the quote" (policy, section 2); the record says ')
    assert "Say which is true: incident fact" in one.words


def test_who_said_that_passwords_were_hashed_has_settled_it_against_the_policy() -> None:
    one = found(claim("encrypted", HASHED), HASHED, safeguards=["encryption", "password_hashing"])
    assert "hashed, not encrypted" in says(one)


def test_data_are_said_to_be_encrypted_and_nobody_said_of_the_key() -> None:
    one = claim("encrypted", TOKENS)
    assert asks(found(one, TOKENS)).split("\n") == [
        "incident fact encryption strong|weak|pseudonymised|none",
        "incident fact key_safe yes|no",
    ]
    assert asks(found(one, TOKENS, key_safe=True)) == "incident fact encryption strong|weak|pseudonymised|none"
    assert asks(found(one, TOKENS, encryption="strong")) == "incident fact key_safe yes|no"
    assert asks(found(one, TOKENS, safeguards=["encryption"], encryption="none")) == "incident fact key_safe yes|no"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"encryption": "none"}, "not encrypted (fact encryption: none)"),
        ({"encryption": "pseudonymised"}, "not encrypted (fact encryption: pseudonymised)"),
        ({"safeguards": ["backups"]}, "encryption was not in force"),
        ({"encryption": "strong", "key_safe": False}, "the key was not safe"),
        ({"encryption": "strong", "key_safe": None}, "cannot be determined"),
        ({"encryption": None, "key_safe": True}, "cannot be determined"),
        ({"encryption": "none", "data_unintelligible": True}, "not encrypted (fact encryption: none)"),
        ({"safeguards": ["backups"], "data_unintelligible": True}, "encryption was not in force"),
        ({"key_safe": False, "data_unintelligible": True}, "the key was not safe"),
        ({"misuse_seen": True, "data_unintelligible": True}, "somebody could read them"),
        ({"misuse_seen": True, "encryption": "strong", "key_safe": True}, "somebody could read them"),
    ],
)
def test_what_a_person_stated_settles_it(answers: dict[str, Any], words: str) -> None:
    assert words in says(found(claim("encrypted", TOKENS), TOKENS, **answers))


@pytest.mark.parametrize(
    "answers",
    [
        {"encryption": "strong", "key_safe": True},
        {"encryption": "strong", "key_safe": True, "misuse_seen": False},
        {"data_unintelligible": True, "encryption": "strong"},
        {"data_unintelligible": True},
        {"data_unintelligible": True, "safeguards": ["encryption"]},
    ],
)
def test_a_claim_that_the_facts_bear_out_is_left_alone(answers: dict[str, Any]) -> None:
    assert found(claim("encrypted", TOKENS), TOKENS, **answers) is None


def test_passwords_that_are_hashed_and_encrypted_too_bear_a_claim_out() -> None:
    both: dict[str, Any] = {"safeguards": ["encryption", "password_hashing"], "data_unintelligible": True}
    assert found(claim("encrypted", HASHED), HASHED, **both) is None
    hashed: dict[str, Any] = {"safeguards": ["password_hashing"], "data_unintelligible": True}
    assert "hashed, not encrypted" in says(found(claim("encrypted", HASHED), HASHED, **hashed))


@pytest.mark.parametrize("kind", ["encrypted", "hashed", "anonymous", "deleted", "shared"])
def test_nothing_is_said_of_data_that_were_not_reached(kind: str) -> None:
    one = claim(kind, HASHED, "user.unique_id", since="deletion")
    assert found(one, MEDIA, listed={"user.unique_id": 9}, days=30, encryption="none") is None


def test_hashed_passwords_that_are_hashed_raise_no_alarm() -> None:
    assert found(claim("hashed", HASHED), HASHED) is None
    assert found(claim("hashed", HASHED), HASHED, safeguards=["password_hashing"]) is None


def test_hashed_passwords_that_can_be_read_are_asked_after() -> None:
    assert "safeguards password_hashing" in asks(found(claim("hashed", HASHED), READABLE))
    assert "fast algorithm" in says(found(claim("hashed", HASHED), READABLE, safeguards=["password_hashing"]))
    assert "not hashed" in says(found(claim("hashed", HASHED), HASHED, safeguards=["backups"]))


def test_data_are_not_anonymous_where_user_ids_go_along() -> None:
    one = found(claim("anonymous", MEDIA, "user.unique_id", held_by="the AI providers"), MEDIA)
    assert "user.unique_id" in one.record
    assert MEDIA not in one.record
    assert asks(one) == "incident fact ease_of_identification negligible|limited|significant|maximum"


def test_a_list_that_names_whose_data_they_are_speaks_against_anonymous_unless_somebody_else_has_them() -> None:
    listed = {MEDIA: 1204}
    assert "1,204 accounts" in found(claim("anonymous", MEDIA), MEDIA, listed=listed).record
    assert found(claim("anonymous", MEDIA, held_by="the AI providers"), MEDIA, listed=listed) is None
    assert found(claim("anonymous", MEDIA), MEDIA) is None


def test_how_easily_people_are_told_apart_settles_anonymous() -> None:
    one = claim("anonymous", "user.unique_id")
    assert found(one, "user.unique_id", ease_of_identification="negligible") is None
    assert "ease_of_identification" in says(found(one, "user.unique_id", ease_of_identification="limited"))
    assert "identified_by" in says(found(one, "user.unique_id", identified_by=["alias_no_link"]))


def test_data_that_are_not_collected_and_were_reached_or_are_held() -> None:
    one = claim("not_collected", "user.location.precise")
    assert "were reached: user.location.precise" in says(found(one, "user.location.precise"))
    held = found(one, MEDIA, listed={"user.location.precise": 3})
    assert "incident fact data_categories user.content.private,user.location.precise" in asks(held)
    spared = Record(spared=["user.location.precise"], listed={"user.location.precise": 3})
    assert "not reached" in says(against_record([one], spared)[0])
    assert against_record([one], Record(spared=["user.location.precise"])) == ()


def test_deleted_is_doubted_only_where_the_list_reaches_further_back() -> None:
    at_once, late = claim("deleted", TOKENS, since="deletion"), claim("deleted", TOKENS, since="deletion", days=30)
    assert "up to 30 days before" in found(at_once, TOKENS, days=30).record
    assert found(late, TOKENS, days=30) is None
    assert found(at_once, TOKENS) is None
    assert found(at_once, TOKENS, days=30, data_details="tokens of the last year") is None


def test_shared_data_are_no_contradiction_and_a_reason_to_ask() -> None:
    one = claim("shared", MEDIA)
    assert found(one, MEDIA) is None
    assert copies_elsewhere([one], Record(affected=[MEDIA])) == (one,)
    assert copies_elsewhere([one], Record(affected=[TOKENS])) == ()


def test_never_held_and_reached_or_listed() -> None:
    never = ("user.financial.credit_card",)
    assert never_and_affected(never, ["user.financial.credit_card", MEDIA]) == never
    assert never_and_affected(never, [MEDIA]) == ()
    assert never_and_listed(never, Record(listed={"user.financial.credit_card": 2})) == never
    assert never_and_listed(never, Record(listed={"user.financial.credit_card": 0})) == ()


@pytest.mark.parametrize(
    ("one", "holds", "mapped", "word"),
    [
        (claim("encrypted", HASHED), [], [], "hashes"),
        (claim("encrypted", READABLE), [HASHED], [], "hashes"),
        (claim("encrypted", HASHED), [READABLE], [], "fast algorithm"),
        (claim("encrypted", HASHED), [], [READABLE], "can be decrypted"),
        (claim("hashed", HASHED), [READABLE], [], "can be read"),
        (claim("anonymous", MEDIA, "user.unique_id"), [], [], "user.unique_id"),
        (claim("not_collected", MEDIA), [MEDIA], [], "[holds]"),
        (claim("not_collected", MEDIA), [], [MEDIA], "data map"),
    ],
)
def test_a_profile_gainsays_itself(one: Claim, holds: list[str], mapped: list[str], word: str) -> None:
    assert [(told.id, word in why) for told, why in within_profile([one], holds, mapped)] == [("c", True)]


@pytest.mark.parametrize(
    "one",
    [
        claim("encrypted", TOKENS),
        claim("encrypted", READABLE),
        claim("hashed", HASHED),
        claim("anonymous", MEDIA),
        claim("not_collected", "user.location.precise"),
        claim("not_collected", MEDIA, held_by="the AI providers"),
        claim("shared", MEDIA),
    ],
)
def test_a_profile_that_agrees_with_itself_is_left_alone(one: Claim) -> None:
    assert list(within_profile([one], [MEDIA], [TOKENS])) == []


def test_the_kinds_that_single_people_out_are_kinds_of_data_and_the_plain_ones_are_not_among_them() -> None:
    assert identifying_categories() < set(data_categories())
    assert {"user.contact.email", "user.unique_id", "user.device.device_id", TOKENS} <= identifying_categories()
    assert not identifying_categories() & {MEDIA, HASHED, "user.behavior.usage", "user.demographic.gender"}
