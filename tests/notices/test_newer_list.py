"""A letter to people is for the list in force; whoever looks at one sees which list that is, and how many are on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from happened import append
from programme import Programme

from incident.record.events import ScopeChosen, ScopeSealed


def sealed(programme: Programme, scope: str, accounts: int, **by_locale: int) -> ScopeSealed:
    counts = {"accounts": accounts, "people": sum(by_locale.values()) or accounts}
    now, file = programme.clock, f"scopes/{scope}.jsonl"
    return ScopeSealed(scope, {}, "sha256:0", counts, {}, by_locale, {}, "SELECT 1", {}, "x", "y", now, file)


@pytest.fixture
def approved(opened: Programme) -> Programme:
    append(opened, sealed(opened, "s1", 98, en=57, et=40, fi=1))
    opened.ok("notice", "draft", "people")
    opened.ok("notice", "approve", "people-en", "--role", "legal", actor="dana")
    return opened


STALE = "A newer list s2 (5,998 accounts) was sealed; this letter is for s1 (98)."


@pytest.mark.parametrize(
    ("command", "code"), [(("check", "people-en"), 1), (("send", "people-en"), 3), (("submit", "people-et"), 3)]
)
def test_a_newer_list_makes_a_letter_stale(approved: Programme, command: tuple[str, ...], code: int) -> None:
    append(approved, sealed(approved, "s2", 5998))
    result = approved.run("notice", *command)
    assert result.code == code
    assert STALE in result.out + result.err


def test_a_letter_for_the_newer_list_is_whole_again(approved: Programme) -> None:
    append(approved, sealed(approved, "s2", 5998))
    approved.ok("notice", "draft", "people")
    assert STALE not in approved.ok("notice", "check", "people-en").out
    append(approved, ScopeChosen("s1"))
    assert "The list s1 (98 accounts) was chosen; this letter is for s2 (5,998)." in (
        approved.run("notice", "check", "people-en").out
    )


def test_a_letter_drafted_before_there_was_a_list_is_stale_with_the_first(opened: Programme) -> None:
    opened.ok("notice", "draft", "people")
    append(opened, sealed(opened, "s1", 98))
    assert "this letter is for no list." in opened.run("notice", "check", "people-en").out


def test_a_letter_to_the_authority_goes_on_whatever_list_there_is(opened: Programme) -> None:
    opened.ok("notice", "draft", "authority")
    append(opened, sealed(opened, "s1", 98))
    assert opened.ok("notice", "check", "authority-en")


def test_a_letter_to_an_empty_list_is_not_drafted(opened: Programme) -> None:
    append(opened, sealed(opened, "s1", 0))
    result = opened.run("notice", "draft", "people")
    assert result.code == 3
    assert "There is nobody on the list s1" in result.err
    assert "incident scope choose SCOPE" in result.err


@pytest.mark.parametrize("say", [lambda it: it.ok("notice", "list"), lambda it: it.ok("notice", "check", "people-en")])
def test_the_list_and_its_readers_are_named(approved: Programme, say: Callable[[Programme], object]) -> None:
    assert "to 58 of the 98 people on list s1" in str(say(approved))


def test_accounts_are_told_from_people_where_somebody_has_two(opened: Programme) -> None:
    one = sealed(opened, "s1", 98, en=57, et=40, fi=1)
    assert one.counts["people"] == one.counts["accounts"] == 98
    append(opened, replace(one, counts={**one.counts, "accounts": 100}))
    opened.ok("notice", "draft", "people")
    assert "to 58 of the 98 people on list s1 (100 accounts)" in opened.ok("notice", "list").out


@pytest.mark.parametrize(
    ("steps", "following"),
    [
        ((), "incident notice submit people-et"),
        ((("submit", "people-et"),), "another person runs incident notice approve people-et"),
        ((("approve", "people-et", "--role", "x", "--waiver", "alone"),), "incident notice send people-et"),
    ],
)
def test_what_follows_a_clean_check_fits_the_letters_state(
    opened: Programme, steps: tuple[tuple[str, ...], ...], following: str
) -> None:
    opened.ok("notice", "draft", "people", "--language", "et")
    for step in steps:
        opened.ok("notice", *step)
    assert f"Next: {following}" in opened.ok("notice", "check", "people-et").out


def test_changed_files_are_drafted_again(approved: Programme) -> None:
    file = approved.folder / "incidents" / "2026-001" / "letters" / "people-en" / "v1" / "letter.txt"
    file.write_text("else", encoding="utf-8")
    said = approved.run("notice", "check", "people-en").out
    assert "Next: incident notice draft people   (or restore the files from a backup)" in said
