"""A letter for a portal is never sent and never rehearsed; a person hands it in, and records that the duty is met."""

from __future__ import annotations

import pytest
from pavlodar import COUNTRIES, opened, rows, seal
from programme import Programme

LETTERS = [
    ("ru-initial", "ru-152fz-initial", "Roskomnadzor", "the form on Roskomnadzor's personal data portal"),
    ("ru-investigation", "ru-152fz-investigation", "Roskomnadzor", "as an addition to the first notice"),
    ("kz-authority", "kz-pdl-authority", "Ministry of Artificial Intelligence", "ask the Committee on Information"),
]


def ready(programme: Programme, kind: str) -> str:
    """A letter of `kind`, approved; its name."""
    opened(programme)
    seal(programme, rows(20), COUNTRIES)
    if kind == "ru-investigation":
        programme.ok("done", "ru-152fz-initial")
    programme.ok("notice", "draft", kind)
    programme.ok("notice", "approve", f"{kind}-ru", "--role", "owner", "--waiver", "alone")
    return f"{kind}-ru"


@pytest.mark.parametrize(("kind", "duty", "recipient", "how"), LETTERS)
@pytest.mark.parametrize("words", [(), ("--sender", "sendgrid", "--really-send")])
def test_sending_and_rehearsing_are_refused_with_the_way_it_goes(
    kind: str, duty: str, recipient: str, how: str, words: tuple[str, ...], studio: Programme
) -> None:
    letter = ready(studio, kind)
    studio.environ["SENDGRID_API_KEY"] = "none"
    refused = studio.run("notice", "send", letter, *words)
    assert refused.code == 3
    assert f"Not sent: {letter} is handed in to {recipient}" in refused.err
    assert how in refused.err
    assert "Nothing left." in refused.err
    done = f'incident done {duty} --reference "…"'
    assert f"Next: incident notice export {letter} --out DIR, hand it in, then {done}" in refused.err
    assert not list(studio.folder.rglob("*.eml"))
    assert "sending-begun" not in {event["kind"] for event in studio.json("timeline")["events"]}


@pytest.mark.parametrize(("kind", "duty", "recipient", "how"), LETTERS)
def test_done_meets_exactly_its_duty(kind: str, duty: str, recipient: str, how: str, studio: Programme) -> None:
    ready(studio, kind)
    before = {each["id"]: each["state"] for each in studio.json("clock")["duties"]}
    studio.ok("done", duty, "--reference", "R-1")
    after = {each["id"]: each["state"] for each in studio.json("clock")["duties"]}
    assert before[duty] in {"running", "late"}
    assert {name for name in after if after[name] != before[name]} == {duty}
    assert after[duty] == "done"


def test_a_draft_is_refused_in_the_same_words(studio: Programme) -> None:
    opened(studio)
    studio.ok("notice", "draft", "ru-initial")
    refused = studio.run("notice", "send", "ru-initial-ru")
    assert refused.code == 3
    assert "is handed in to Roskomnadzor" in refused.err


def test_what_is_next_names_the_export_and_not_the_sending(studio: Programme) -> None:
    letter = ready(studio, "ru-initial")
    assert f"incident notice export {letter} --out DIR" in studio.ok("notice", "check", letter).out
    assert "Next: incident notice export" in studio.run("notice", "approve", letter, "--role", "x").err


def outbox(programme: Programme, letter: str) -> str:
    return programme.ok("notice", "outbox", letter).out


def test_the_outbox_says_that_a_letter_goes_by_hand_and_has_not_gone(studio: Programme) -> None:
    letter = ready(studio, "ru-initial")
    said = f"{letter} version 1 goes by hand: not handed in yet, as far as the record knows (approved)\n"
    assert outbox(studio, letter) == said
    document = studio.json("notice", "outbox", letter)
    assert (document["planned"], document["handed_in"]) == (0, None)


def test_the_outbox_says_when_a_letter_was_handed_in_and_under_what_number(studio: Programme) -> None:
    letter = ready(studio, "ru-initial")
    studio.later(hours=2)
    studio.ok("done", "ru-152fz-initial", "--reference", "R-1")
    # 11:00 UTC in Almaty's zone, which is five hours ahead since March 2024.
    assert "goes by hand: handed in on Thu 2026-11-19 16:00 +05:00 (reference R-1)" in outbox(studio, letter)
    assert studio.json("notice", "outbox", letter)["handed_in"] == {"at": "2026-11-19T11:00:00Z", "reference": "R-1"}


def test_a_text_that_was_made_after_the_handing_in_was_not_handed_in(studio: Programme) -> None:
    letter = ready(studio, "ru-initial")
    studio.later(hours=2)
    studio.ok("done", "ru-152fz-initial", "--reference", "R-1")
    studio.later(hours=1)
    studio.ok("notice", "draft", "ru-initial")
    said = outbox(studio, letter)
    assert f"{letter} version 2 goes by hand: not handed in yet, as far as the record knows (draft)" in said
    assert "; its duty was recorded as done on Thu 2026-11-19 16:00 +05:00, before this text was approved" in said
    assert studio.json("notice", "outbox", letter)["handed_in"] is None


def test_a_letter_that_was_handed_in_is_not_out_of_date_whatever_is_learned_later(studio: Programme) -> None:
    letter = ready(studio, "ru-initial")
    studio.ok("fact", "what_happened@ru", "Стало известно больше.")
    words = "approved, but out of date"
    assert words in studio.ok("notice", "list").out
    studio.ok("done", "ru-152fz-initial", "--reference", "R-1")
    assert words not in studio.ok("notice", "list").out
    assert not [each for each in studio.json("notice", "list") if each["letter"] == letter and each["stale"]]
