"""The policy's claims in letters: what refuses approval, what is to weigh, and what is only to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from programme import Programme

from incident.organisation.profile import Organisation
from incident.record.events import FactStated, IncidentOpened, ScopeSealed
from incident.record.timeline import Incident
from notices.claims import record_of, sounds_in, weigh_claims

CLAIM = """
[[claim]]
id = "password-encrypted"
quote = "Your password is stored (encrypted)."
source = "Privacy policy, section 2"
categories = ["user.authorization.password"]
says = "encrypted"
"""
MEDIA = """
[[claim]]
id = "media"
quote = "media may be used to train models"
source = "Privacy policy, section 3"
categories = ["user.content.private"]
says = "shared"
"""
LIST = ScopeSealed(
    scope="s1",
    question={
        "any": [
            {"existing_at": "2026-11-14T00:00:00Z", "deleted_within_days": 30},
            {"all": [{"existing_at": "2026-11-14T00:00:00Z", "deleted_within_days": 7}, {"seen": "x"}]},
        ]
    },
    digest="sha256:00",
    counts={"accounts": 12, "people": 12},
    by_country={},
    by_locale={},
    by_category={"user.location.precise": 12},
    statement="",
    parameters={},
    database="d",
    schema_fingerprint="f",
    taken_at=datetime(2026, 11, 19, tzinfo=UTC),
    file="s1",
)
Draft = Callable[..., Programme]


@pytest.fixture
def drafted(opened: Programme) -> Draft:
    """The authority's letter, drafted on a profile with these claims and these facts changed."""

    def draft(claims: str, **facts: str) -> Programme:
        with (opened.folder / "organisation.toml").open("a", encoding="utf-8") as profile:
            profile.write(claims)
        for name, value in facts.items():
            opened.ok("fact", name, value)
        opened.ok("notice", "draft", "authority")
        return opened

    return draft


def checked(programme: Programme) -> dict[str, Any]:
    result = programme.run("notice", "check", "authority-en", "--json")
    assert result.code in {0, 1}, result.err
    return dict(result.json)


def approve(programme: Programme) -> tuple[int, str]:
    result = programme.run("notice", "approve", "authority-en", "--role", "legal", actor="dana")
    return result.code, result.err


def test_a_letter_that_repeats_an_open_claim_is_not_approved_until_the_fact_is_stated(drafted: Draft) -> None:
    programme = drafted(CLAIM, protection_before="All passwords were encrypted.")
    [found] = checked(programme)["forbidden"]
    assert found.startswith('protection_before@en says "encrypted", but the policy says "Your password is stored')
    assert "(Privacy policy, section 2)" in found
    assert "the passwords that were reached are hashed" in found
    assert "incident fact safeguards password_hashing" in found
    code, err = approve(programme)
    assert code == 3
    assert "incident fact safeguards password_hashing" in err

    programme.ok("fact", "safeguards", "password_hashing")
    programme.ok("notice", "draft", "authority")
    after = checked(programme)
    assert after["forbidden"] == []
    hits = [hit for hit in after["lint"] if hit["found"] == "encrypted"]
    assert len(hits) == 1
    assert "hashed, not encrypted (fact safeguards)" in hits[0]["why"]
    assert hits[0]["line"] > 1
    assert approve(programme)[0] == 0


def test_a_letter_that_repeats_nothing_is_approved_and_the_claim_is_to_know(drafted: Draft) -> None:
    programme = drafted(CLAIM)
    found = checked(programme)
    assert found["forbidden"] == []
    assert [note for note in found["notes"] if note.startswith("The policy says") and "Say which is true" in note]
    assert approve(programme)[0] == 0


def test_what_is_denied_is_not_repeated(drafted: Draft) -> None:
    programme = drafted(CLAIM, protection_before="Passwords were not encrypted. They were stored as hashes.")
    assert checked(programme)["forbidden"] == []


def test_the_quote_itself_is_found_however_it_is_spaced(drafted: Draft) -> None:
    claim = MEDIA.replace('"shared"', '"not_collected"').replace(
        "media may be used to train models", "we keep no films"
    )
    programme = drafted(claim, protection_before="As we say:  We keep\nno films. That holds.")
    [found] = checked(programme)["forbidden"]
    assert "such data were reached: user.content.private" in found
    assert approve(programme)[0] == 3


def test_a_letter_that_rests_on_encryption_is_not_approved_on_a_claim(drafted: Draft) -> None:
    claim = CLAIM.replace("user.authorization.password", "user.name")
    programme = drafted(claim, people_told="no_unintelligible", why_people_not_told="The data cannot be read.")
    [found] = checked(programme)["forbidden"]
    assert found.startswith('people_told says "no_unintelligible"')
    assert "incident fact encryption strong|weak|pseudonymised|none; incident fact key_safe yes|no" in found
    for fact, value in (("encryption", "strong"), ("key_safe", "yes")):
        programme.ok("fact", fact, value)
    programme.ok("notice", "draft", "authority")
    assert checked(programme)["forbidden"] == []


def test_data_that_are_never_held_and_were_reached_refuse_approval(drafted: Draft) -> None:
    programme = drafted('[holds]\nnever = ["user.content.private", "user.biometric"]\n')
    [found] = checked(programme)["forbidden"]
    assert found == "user.content.private is said to be affected, and [holds] says it is never held"
    assert approve(programme)[0] == 3


def test_copies_that_others_may_have_are_to_know(drafted: Draft) -> None:
    programme = drafted(MEDIA)
    assert [note for note in checked(programme)["notes"] if "others may have copies" in note]
    assert approve(programme)[0] == 0


def test_a_changed_claim_leaves_a_letter_what_it_was(drafted: Draft) -> None:
    programme = drafted(CLAIM)
    profile = programme.folder / "organisation.toml"
    text = profile.read_text(encoding="utf-8").replace("section 2", "section 4")
    profile.write_text(text, encoding="utf-8")
    assert checked(programme)["stale"] is False
    assert approve(programme)[0] == 0


def test_the_record_is_the_facts_as_they_stand_and_the_list_in_force(happening_now: Callable[..., Incident]) -> None:
    incident = happening_now(
        [
            IncidentOpened("a backup was copied"),
            FactStated("data_categories", ["user.name"], "exact"),
            FactStated("encryption", None, "unknowable", "nobody knows"),
            FactStated("key_safe", None, "pending"),
            FactStated("data_details@et", "kolm aastat", "exact"),
            LIST,
        ]
    )
    record = record_of(incident)
    assert record.affected == {"user.name"}
    assert record.listed == {"user.location.precise": 12}
    assert record.deleted_within_days == 30
    assert set(record.stated) == {"data_categories", "encryption", "data_details"}
    assert "encryption" not in record.answers


def test_what_is_never_held_and_stands_in_the_list_is_to_know(
    happening_now: Callable[..., Incident], organisation: Organisation
) -> None:
    incident = happening_now([IncidentOpened("a backup was copied"), LIST])
    owner = replace(organisation, never_holds=("user.location.precise", "user.biometric"))
    weighed = weigh_claims(owner, incident, {}, language="en")
    assert weighed.forbidden == ()
    assert len(weighed.notes) == 1
    assert "12 accounts on the sealed list" in weighed.notes[0]


@pytest.mark.parametrize(
    ("language", "says", "repeats", "denies"),
    [
        ("en", "encrypted", "stored encrypted", "stored unencrypted; not encrypted"),
        ("en", "anonymous", "they are anonymous", "they are not anonymous"),
        ("et", "encrypted", "on krüptitud", "on krüptimata; ei ole krüptitud"),
        ("et", "hashed", "räsidena", "ei ole räsitud"),
        ("et", "anonymous", "anonüümselt", "ei ole anonüümsed"),
        ("ru", "encrypted", "пароли зашифрованы", "пароли не зашифрованы; незашифрованные"),
        ("ru", "anonymous", "обезличенные данные", "данные не обезличены"),
        ("kk", "encrypted", "шифрланған", "шифрланбаған"),
        ("kk", "anonymous", "иесіздендірілген", "есім"),
    ],
)
def test_words_that_sound_like_a_claim_in_each_language(language: str, says: str, repeats: str, denies: str) -> None:
    sound = sounds_in(language)[says]
    assert sound.search(repeats)
    assert not sound.search(denies)


def test_a_language_without_such_words_has_none() -> None:
    assert sounds_in("fi") == {}
