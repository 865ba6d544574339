"""The policy's claims in letters: what refuses approval, what is to weigh, and what is only to know."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from happened import append
from programme import Programme

from incident.organisation.claims import Claim
from incident.organisation.profile import Organisation
from incident.record.events import FactStated, IncidentOpened, ScopeSealed
from incident.record.timeline import Incident
from notices.claims import Sounds, Weighed, record_of, weigh_claims
from notices.template_library import Library

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
NAME_ENCRYPTED = Claim("name", "Your name is stored encrypted", "policy, section 1", ("user.name",), "encrypted")
SHIPPED = Library(None)
Draft = Callable[..., Programme]
MakeLetter = Callable[..., Weighed]


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


@pytest.fixture
def letter(happening_now: Callable[..., Incident], organisation: Organisation) -> MakeLetter:
    """
    A letter on a record of these facts, weighed; None is "cannot be determined".

    It was written from the texts, the kinds of data, what people were told, and the facts of `also`. claims: the
    profile's. sounds: without any, the shipped ones.
    """

    def weigh(
        claims: tuple[Claim, ...] = (NAME_ENCRYPTED,),
        also: Sequence[str] = (),
        sounds: Sounds | None = None,
        **facts: Any,
    ) -> Weighed:
        stated = {"data_categories": ["user.name"], **facts}
        incident = happening_now(
            [
                IncidentOpened("a backup was copied"),
                *(
                    FactStated(name, value, "exact" if value is not None else "unknowable", "nobody knows")
                    for name, value in stated.items()
                ),
            ]
        )
        said = ("data_categories", "people_told", *(name for name in stated if "@" in name), *also)
        used = {version.name: version.version for version in incident.ledger if version.name in said}
        return weigh_claims(replace(organisation, claims=claims), incident, used, sounds=sounds or SHIPPED.sounds("en"))

    return weigh


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


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"encryption": "strong", "key_safe": False}, "the key was not safe"),
        ({"encryption": "none"}, "not encrypted (fact encryption: none)"),
        ({"data_unintelligible": True, "encryption": "none"}, "not encrypted (fact encryption: none)"),
        ({"data_unintelligible": True, "key_safe": False}, "the key was not safe"),
        ({"encryption": "strong", "key_safe": True, "misuse_seen": True}, "being used"),
        ({"encryption": "strong", "key_safe": None}, "cannot be determined"),
    ],
)
def test_a_quote_that_a_stated_fact_refutes_is_forbidden(letter: MakeLetter, facts: dict[str, Any], why: str) -> None:
    weighed = letter(**facts, **{"what_happened@en": 'The policy says: "your name is   STORED encrypted".'})
    [found] = weighed.forbidden
    assert found.startswith('what_happened@en says "Your name is stored encrypted", but the policy says')
    assert why in found
    assert weighed.hits == ()


@pytest.mark.parametrize("words", ["It was encrypted.", "Your name is encrypted."])
def test_words_that_only_sound_like_a_refuted_claim_are_to_weigh(letter: MakeLetter, words: str) -> None:
    weighed = letter(encryption="none", **{"what_happened@en": words})
    assert weighed.forbidden == ()
    assert [hit.found for hit in weighed.hits] == ["encrypted"]


def test_a_quote_is_found_though_another_text_comes_first_that_only_sounds_like_it(letter: MakeLetter) -> None:
    texts = {"protection_before@en": "All was encrypted.", "what_happened@en": "Your name is stored encrypted."}
    [found] = letter(encryption="none", **texts).forbidden
    assert found.startswith("what_happened@en")


def test_a_quote_that_the_facts_bear_out_may_stand(letter: MakeLetter) -> None:
    weighed = letter(encryption="strong", key_safe=True, **{"what_happened@en": "Your name is stored encrypted."})
    assert (weighed.forbidden, weighed.hits, weighed.notes) == ((), (), ())


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"encryption": "none"}, "not encrypted"),
        ({"encryption": "weak", "key_safe": True}, "weak"),
        ({"encryption": "strong", "key_safe": False}, "key is safe"),
        ({"encryption": "strong", "key_safe": True, "misuse_seen": True}, "somebody could read them"),
        ({"data_unintelligible": True, "misuse_seen": True}, "somebody could read them"),
    ],
)
def test_an_exemption_for_encryption_that_a_fact_refutes_is_forbidden_with_or_without_a_claim(
    letter: MakeLetter, facts: dict[str, Any], why: str
) -> None:
    for claims in ((), (NAME_ENCRYPTED,)):
        weighed = letter(**facts, people_told="no_unintelligible", claims=claims)
        assert weighed.forbidden
        assert all(found.startswith('people_told says "no_unintelligible", but ') for found in weighed.forbidden)
        assert why in weighed.forbidden[0]


def test_a_letter_of_ones_own_that_shows_the_answer_itself_rests_on_it_too(letter: MakeLetter) -> None:
    stated = {"data_unintelligible": True, "key_safe": False}
    assert letter(**stated).forbidden == ()
    [found] = letter(**stated, claims=(), also=["data_unintelligible"]).forbidden
    assert found.startswith('data_unintelligible says "yes", but it is not certain that the key is safe')


ENCRYPTED_NAMES = """
[[claim]]
id = "name"
quote = "Your name is stored encrypted"
source = "Privacy policy, section 4"
categories = ["user.name"]
says = "encrypted"
"""


@pytest.fixture
def quoting(drafted: Draft) -> Programme:
    """
    Letters to the people that quote a claim, in English, and the authority's with both attached; all approved on facts
    that bear the claim out.
    """
    programme = drafted(ENCRYPTED_NAMES, encryption="strong", key_safe="yes")
    programme.ok("fact", "actions_for_people@en", "Change your password. Your name is stored encrypted.")
    append(programme, replace(LIST, by_category={}, by_locale={"en": 7, "et": 5}))
    for kind, letters in (("people", ("people-en", "people-et")), ("authority", ("authority-en",))):
        programme.ok("notice", "draft", kind)
        for name in letters:
            programme.ok("notice", "approve", name, "--role", "legal", actor="dana")
    return programme


def test_an_approved_letter_that_the_record_has_come_to_refute_is_not_sent(quoting: Programme) -> None:
    quoting.ok("fact", "key_safe", "no")
    again = quoting.run("notice", "check", "people-en")
    assert again.code == 1
    assert 'actions_for_people@en says "Your name is stored encrypted"' in again.out
    refused = quoting.run("notice", "send", "people-en")
    assert refused.code == 3
    assert "The record refutes people-en: actions_for_people@en says" in refused.err
    assert "the key was not safe" in refused.err
    assert not list(quoting.folder.rglob("*.eml"))


def test_what_the_record_has_come_to_refute_goes_along_with_no_letter(quoting: Programme) -> None:
    def attached(version: int) -> list[str]:
        folder = quoting.folder / "incidents" / "2026-001" / "letters" / "authority-en" / f"v{version}"
        return sorted(file.name for file in folder.glob("attachment-*"))

    assert attached(2) == ["attachment-people-en-v1.pdf", "attachment-people-et-v1.pdf"]
    quoting.ok("fact", "key_safe", "no")
    refused = quoting.run("notice", "send", "authority-en")
    assert refused.code == 3
    assert "The record refutes people-en: actions_for_people@en says" in refused.err
    quoting.ok("notice", "draft", "authority")
    assert attached(3) == ["attachment-people-et-v1.pdf"]
    assert approve(quoting)[0] == 0
    quoting.ok("notice", "send", "authority-en")


def test_a_claim_that_is_written_into_the_profile_after_approval_counts_too(drafted: Draft) -> None:
    programme = drafted("", protection_before="Your name is stored encrypted.", encryption="none")
    assert approve(programme)[0] == 0
    with (programme.folder / "organisation.toml").open("a", encoding="utf-8") as profile:
        profile.write(ENCRYPTED_NAMES)
    refused = programme.run("notice", "send", "authority-en")
    assert refused.code == 3
    assert "not encrypted (fact encryption: none)" in refused.err


def test_a_notice_that_rests_on_encryption_is_not_sent_once_the_data_are_seen_in_use(drafted: Draft) -> None:
    facts = {"encryption": "strong", "key_safe": "yes", "people_told": "no_unintelligible"}
    programme = drafted("", **facts, why_people_not_told="Nobody can read them.")
    assert approve(programme)[0] == 0
    programme.ok("fact", "misuse_seen", "yes")
    assert "somebody could read them (fact misuse_seen)" in checked(programme)["forbidden"][0]
    refused = programme.run("notice", "send", "authority-en")
    assert refused.code == 3
    assert 'people_told says "no_unintelligible", but the data are being used' in refused.err


def test_a_sign_of_misuse_says_nothing_of_some_of_the_data_alone(letter: MakeLetter) -> None:
    facts = {"encryption": "strong", "key_safe": True, "misuse_seen": True}
    quoted = {"data_categories": ["user.name", "user.contact.email"], "what_happened@en": NAME_ENCRYPTED.quote}
    assert letter(**facts, **quoted).forbidden == ()


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
    weighed = weigh_claims(owner, incident, {}, sounds={})
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
    sound = SHIPPED.sounds(language)[says]
    assert sound.search(repeats)
    assert not sound.search(denies)


def test_a_language_without_such_words_has_none() -> None:
    assert SHIPPED.sounds("fi") == {}


def test_an_organisation_may_have_words_of_its_own(drafted: Draft) -> None:
    own = '[encrypted]\nen = ["scrambled"]\n'
    programme = drafted(CLAIM, protection_before="All passwords were scrambled.")
    assert checked(programme)["forbidden"] == []
    (programme.folder / "phrases").mkdir()
    (programme.folder / "phrases" / "claims.toml").write_text(own, encoding="utf-8")
    [found] = checked(programme)["forbidden"]
    assert found.startswith('protection_before@en says "scrambled"')


def test_weighing_reads_no_file(letter: MakeLetter) -> None:
    """The words to look for are given to it, with everything else it decides on."""
    words = {"what_happened@en": "It was scrambled."}
    assert letter(encryption="none", **words).hits == ()
    scrambled = {"encrypted": re.compile("scrambled")}
    assert [hit.found for hit in letter(encryption="none", sounds=scrambled, **words).hits] == ["scrambled"]
