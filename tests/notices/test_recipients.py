"""Who gets which letter, and who is left out and why."""

from typing import Any

import pytest
from ready_to_send import NOW

from incident.scope.sealed import Person
from notices.letters import Letter
from notices.recipients import (
    BROKEN_ADDRESS,
    NO_ADDRESS,
    OTHER_SCRIPT,
    SAME_ADDRESS,
    Field,
    Told,
    language_of,
    plain_name,
    share_of,
    usable_address,
)

FIELDS = {"name": Field("name", "customer")}


def letter(language: str = "en", audience: tuple[str, ...] = ("en", "et")) -> Letter:
    return Letter(
        id=f"people-{language}",
        kind="people",
        language=language,
        version=1,
        state="approved",
        digest="sha256:1",
        folder="letters/x/v1",
        facts={},
        template_digest="",
        profile_digest="",
        author="mari",
        drafted_at=NOW,
        scope="s1",
        audience=audience,
    )


def person(position: int = 0, **values: Any) -> Person:
    fields: dict[str, Any] = dict.fromkeys(
        ("name", "locale", "country", "birth_date", "created_at", "deleted_at", "last_seen_at")
    )
    fields |= {"key": str(position), "email": f"p{position}@mail.example", **values}
    return Person(position=position, **fields)


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("et", "et"),
        ("et-EE", "et"),
        ("ET_ee.UTF-8", "et"),
        (" et ", "et"),
        ("en-GB", "en"),
        ("fi", "en"),
        ("eto", "en"),
        ("", "en"),
        (None, "en"),
        ("-", "en"),
    ],
)
def test_the_letter_of_a_person_follows_from_their_locale(locale: str | None, language: str) -> None:
    assert language_of(locale, ("en", "et")) == language


def test_the_fallback_may_be_named() -> None:
    assert language_of("fi", ("en", "et"), "et") == "et"


def test_every_person_belongs_to_exactly_one_letter_of_the_plan() -> None:
    locales = ["et", "en", None, "fi-FI", "et-EE", "", "ru"]
    everyone = [person(place, locale=locale) for place, locale in enumerate(locales)]
    shares = [share_of(letter(language), everyone, fields={}, doubles=set()) for language in ("en", "et")]
    positions = [recipient.position for share in shares for recipient in share.recipients]
    assert sorted(positions) == list(range(len(locales)))


@pytest.mark.parametrize(
    ("email", "why"),
    [
        (None, NO_ADDRESS),
        ("", NO_ADDRESS),
        ("  ", NO_ADDRESS),
        ("not-an-address", BROKEN_ADDRESS),
        ("a@@mail.example", BROKEN_ADDRESS),
        ("a@mail..example", BROKEN_ADDRESS),
        ("a b@mail.example", BROKEN_ADDRESS),
        ("a@mail.example\r\nBcc: b@mail.example", BROKEN_ADDRESS),
        ("a@mail.example, b@mail.example", BROKEN_ADDRESS),
        ("a@localhost", BROKEN_ADDRESS),
        ("a@x.invalid", BROKEN_ADDRESS),
        ("a@x.test", BROKEN_ADDRESS),
        (f"{'a' * 65}@mail.example", BROKEN_ADDRESS),
        (f"a@{'long.' * 60}example", BROKEN_ADDRESS),
        (".a@mail.example", BROKEN_ADDRESS),
        ("õnne@mail.example", OTHER_SCRIPT),
    ],
)
def test_an_address_that_cannot_work_is_skipped_with_the_reason(email: str | None, why: str) -> None:
    share = share_of(letter(), [person(7, email=email)], fields={}, doubles=set())
    assert share.recipients == ()
    assert share.skipped == ((7, why),)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" p@mail.example ", "p@mail.example"),
        ("o'neill@mail.example", "o'neill@mail.example"),
        ("p+tag@mail.example", "p+tag@mail.example"),
        ("p@почта.example", "p@xn--80a1acny.example"),
    ],
)
def test_an_unusual_address_that_works_is_used_in_ascii(text: str, address: str) -> None:
    (recipient,) = share_of(letter(), [person(email=text)], fields={}, doubles=set()).recipients
    assert recipient.email == address


def test_reserved_domains_work_only_where_the_company_is_invented() -> None:
    assert usable_address("a@x.test") == (None, BROKEN_ADDRESS)
    assert usable_address("a@x.test", reserved_domains=True) == ("a@x.test", "")


def test_a_second_account_with_the_same_address_gets_no_second_letter() -> None:
    share = share_of(letter(), [person(0), person(1)], fields={}, doubles={"1"})
    assert [recipient.position for recipient in share.recipients] == [0]
    assert share.skipped == ((1, SAME_ADDRESS),)


def test_one_address_spelled_in_two_ways_is_one() -> None:
    twins = [person(0, email="p@почта.example"), person(1, email="P@xn--80a1acny.example")]
    share = share_of(letter(), twins, fields={}, doubles=set())
    assert share.skipped == ((1, SAME_ADDRESS),)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Kaarel O'Neill-Õunapuu", "Kaarel O'Neill-Õunapuu"),
        ("Kadri\r\nBcc: x@mail.example", "Kadri Bcc: x@mail.example"),
        ("a\x00b\x1bc", "a b c"),
        ("  two   spaces ", "two spaces"),
        ("\u202eadmin\u2066", "admin"),
        ("line\u2028end", "line end"),
        ("مریم‌ها", "مریم‌ها"),  # its joiner is part of the spelling
        ("\t\n", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_loses_what_could_break_a_header_and_nothing_else(name: str | None, plain: str | None) -> None:
    assert plain_name(name) == plain


def test_a_missing_name_is_what_the_letter_declares() -> None:
    (recipient,) = share_of(letter(), [person(name=" ")], fields=FIELDS, doubles=set()).recipients
    assert (recipient.name, recipient.fields) == (None, {"name": "customer"})


def test_a_key_of_one_store_is_another_person_in_the_next() -> None:
    told = Told({"eu/10": "told already"}, {"ann@example.com": "told already"}, store="ru/")
    assert told.why("10", "bob@example.com") is None
    assert told.why("10", "Ann@example.com") == "told already"
    assert Told(told.by_key, {}, store="eu/").why("10", "") == "told already"
