"""What is said at draft and at check, before an approval: what sending needs, and what a second letter meets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from programme import Programme
from ready_to_send import Ready, people

from notices.events import BatchHandedOver, BatchSettled, SendingBegun
from notices.forewarning import writing_again
from notices.outbox import POST


def notes(programme: Programme, letter: str = "people-en") -> list[str]:
    found: list[str] = programme.run("notice", "check", letter, "--json").json["notes"]
    return found


def without(programme: Programme, words: str) -> None:
    """Take lines out of the profile: from the first with `words` to the end of its table."""
    file = programme.folder / "organisation.toml"
    head, _, rest = file.read_text("utf-8").partition(words)
    file.write_text(head + rest.partition("\n\n")[2], "utf-8")


def second_version(ready: Ready, *, accepted: int, of: int) -> str:
    """Version 1 really left to list s1 in one batch that `accepted` took; what is said of version 2."""
    ready.seal(people(of, locales=("en",)))
    first = ready.letter(audience=("en",))
    name: dict[str, Any] = {"letter": first.id, "letter_version": 1, "scope": "s1", "channel": POST}
    ready.append(
        SendingBegun(digest=first.digest, sender="post", planned=of, audience=("en",), **name),
        BatchHandedOver(digest=first.digest, segment=0, planned=accepted, sender="post", attempt=1, **name),
        BatchSettled(segment=0, attempt=1, outcome="accepted", accepted=accepted, **name),
    )
    assert "this version" not in writing_again(ready.incident(), first)
    second = ready.letter(audience=("en",), version=2, approved=False, text="More is known now.")
    return writing_again(ready.incident(), second)


def test_the_promise_of_another_letter_is_said_to_be_one_that_is_kept_by_other_means(opened: Programme) -> None:
    drafted = opened.ok("notice", "draft", "people").out
    said = (
        "The letter promises another one (next_update_at). A second letter to the same people on the same list cannot"
    )
    assert drafted.count(said) == 1  # once, for both languages
    assert said in opened.ok("notice", "check", "people-en").out
    assert 'record it: incident note "…"' in drafted
    assert said not in opened.ok("notice", "draft", "authority").out


def test_a_version_that_nobody_can_be_sent_is_said_to_be_one(tmp_path: Path) -> None:
    ready = Ready(tmp_path / "ws")
    said = second_version(ready, accepted=4, of=4)
    assert said.startswith(
        "Everyone on list s1 whose letter this is has version 1 of people-en: this version cannot be"
    )


def test_a_version_that_goes_to_the_rest_says_who_does_not_get_it(tmp_path: Path) -> None:
    said = second_version(Ready(tmp_path / "ws"), accepted=3, of=4)
    assert said == "Whoever on list s1 has version 1 of people-en, or may have it, does not get this version as well."


def test_what_sending_needs_of_the_profile_is_said_at_draft_and_at_check(opened: Programme) -> None:
    assert "Before it can be sent" not in opened.ok("notice", "draft", "people").out
    assert not [note for note in notes(opened) if "cannot be sent yet, and" in note]
    without(opened, "[sender]")
    said = 'in organisation.toml, under [sender], write name = "…" and email = "…"; letters come from it'
    assert f"Before it can be sent, and before it is approved: {said}." in opened.ok("notice", "draft", "people").out
    assert f"It cannot be sent yet, and what the profile gets later voids an approval: {said}." in notes(opened)
    assert opened.json("notice", "draft", "people")["before_sending"] == [said]


def test_an_authoritys_address_is_asked_for_its_letter_alone(opened: Programme) -> None:
    file = opened.folder / "organisation.toml"
    file.write_text(file.read_text("utf-8").replace('email = "info@aki.example"\n', ""), "utf-8")
    said = "in organisation.toml, under [authority], write email"
    assert said in opened.ok("notice", "draft", "authority").out
    assert said not in opened.ok("notice", "draft", "people").out


def test_a_refused_draft_names_it_too(opened: Programme) -> None:
    without(opened, "[sender]")
    opened.ok("fact", "data_categories", "--state", "pending")
    refused = opened.run("notice", "draft", "people")
    assert refused.code == 3
    assert (
        "To send it, though not to draft it; what the profile gets after an approval voids that approval:"
        in refused.err
    )
    assert 'under [sender], write name = "…"' in refused.err


def test_stopped_before_it_was_noticed_is_pointed_at_and_stops_nothing(opened: Programme) -> None:
    opened.ok("fact", "detected_at", "2026-11-18T06:00Z")
    opened.ok("fact", "contained_at", "2026-11-18T05:00Z")
    opened.ok("notice", "draft", "people")
    words = "stopped (contained_at) before it was noticed (detected_at)"
    assert [note for note in notes(opened) if words in note]
    assert opened.run("notice", "approve", "people-en", "--role", "legal", actor="dana").code == 0
    opened.ok("fact", "contained_at", "2026-11-18T06:00Z")
    opened.ok("notice", "draft", "people")
    assert not [note for note in notes(opened) if words in note]
