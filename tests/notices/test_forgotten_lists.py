"""Letters and forgotten lists: what a letter holds on to, and what cannot leave any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from post import Post, send
from ready_to_send import NOW, Ready, people

from incident.errors import RefusedError
from incident.scope import forgetting
from notices.events import LetterRejected, LetterWithdrawn, SendingBegun
from notices.left_out import left_out
from notices.letters import letter_named
from notices.outbox import outbox_of
from notices.seal import check_seal


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    found = Ready(tmp_path / "ws")
    found.seal(people(10))
    return found


def forget(ready: Ready, name: str | None = "s1") -> forgetting.Plan:
    workspace = ready.open()
    try:
        planned = forgetting.plan(workspace, None, name)
        forgetting.forget(workspace, planned, "everybody was told")
        return planned
    finally:
        workspace.close()


def test_a_list_without_letters_can_be_forgotten(ready: Ready) -> None:
    forget(ready)
    assert ready.incident().forgotten["s1"].is_destroyed


def test_an_approved_letter_holds_its_list_until_it_is_withdrawn(ready: Ready) -> None:
    ready.letter()
    with pytest.raises(RefusedError) as caught:
        forget(ready)
    assert "people-en version 1 is approved for s1 and not sent" in caught.value.what
    assert "incident notice withdraw people-en" in str(caught.value.next_step)
    assert not ready.incident().forgotten
    ready.append(LetterWithdrawn("people-en", 1, "no longer needed"))
    forget(ready)


@pytest.mark.parametrize("approved", [True, False])
def test_a_rejected_letter_and_a_draft_hold_nothing(ready: Ready, approved: bool) -> None:
    ready.letter(approved=approved)
    if approved:
        ready.append(LetterRejected("people-en", 1, "wrong"))
    forget(ready)


def test_a_letter_on_its_way_holds_its_list_also_when_a_newer_version_is_drafted(ready: Ready) -> None:
    letter = ready.letter()
    ready.append(SendingBegun("people-en", 1, letter.digest, "s1", ("en", "et"), "sendgrid", "post", 5))
    ready.letter(version=2, approved=False)
    with pytest.raises(RefusedError, match="people-en has begun to leave to s1 and is not through"):
        forget(ready)


def test_a_letter_to_a_newer_list_holds_the_older_one_that_was_told(ready: Ready) -> None:
    ready.letter()
    send(ready, "people-en", Post())
    ready.seal(people(20), scope="s2")
    ready.letter(scope="s2", version=2)
    with pytest.raises(RefusedError, match="is not sent yet to s2, and leaves out whoever was told from s1"):
        forget(ready)
    send(ready, "people-en", Post())
    assert forget(ready).told == ("s1",)


def test_after_it_was_sent_the_list_can_go_and_the_outbox_stays(ready: Ready) -> None:
    ready.letter()
    send(ready, "people-en", Post())
    forget(ready)
    incident = ready.incident()
    box = outbox_of(incident.events, "people-en", version=1, channel="post", scope="s1")
    assert box.counts["accepted"] == 5
    workspace = ready.open()
    with pytest.raises(RefusedError, match="The list of s1 was forgotten on"):
        list(left_out(workspace, incident, letter_named(incident, "people-en"), box))
    workspace.close()


def test_nothing_can_be_sent_to_a_forgotten_list(ready: Ready) -> None:
    ready.letter(approved=False)
    forget(ready)
    ready.letter(version=2)
    with pytest.raises(RefusedError, match="The list of s1 was forgotten on"):
        send(ready, "people-en", Post())


def test_nothing_can_be_sent_where_nobody_can_say_who_was_told(ready: Ready) -> None:
    ready.letter()
    send(ready, "people-en", Post())
    forget(ready)
    ready.seal(people(20), scope="s2")
    ready.letter(scope="s2", version=2)
    with pytest.raises(RefusedError, match=r"nobody can say who has had a letter already\. The list of s1"):
        send(ready, "people-en", Post())


def test_an_approval_that_comes_in_between_is_noticed(ready: Ready) -> None:
    ready.letter(approved=False)
    workspace = ready.open()
    planned = forgetting.plan(workspace, None, "s1")
    ready.letter(version=2)
    with pytest.raises(RefusedError, match="version 2 is approved"):
        forgetting.forget(workspace, planned, "x")
    workspace.close()
    assert not ready.incident().forgotten


def test_rehearsed_letters_to_it_go_and_others_stay(ready: Ready) -> None:
    ready.seal(people(10), scope="s2")
    ready.letter("en", scope="s1")
    ready.letter("et", scope="s2")
    ready.letter(kind="authority")
    for name in ("people-en", "people-et", "authority-en"):
        send(ready, name)
    assert [len(ready.outbox_files(name)) for name in ("people-en", "people-et", "authority-en")] == [5, 5, 1]
    ready.append(LetterWithdrawn("people-en", 1, "rehearsed enough"))
    assert forget(ready).letters == 5
    assert [len(ready.outbox_files(name)) for name in ("people-en", "people-et", "authority-en")] == [0, 5, 1]
    letters = ready.folder / "incidents" / "2026-001" / "letters"
    assert not (letters / "people-en" / "outbox").exists()
    assert (letters / "people-en" / "v1" / "letter.pdf").exists()  # the letter itself names nobody


def test_a_rehearsal_elsewhere_is_named(ready: Ready, tmp_path: Path) -> None:
    from notices.senders.folder import FolderSender

    ready.letter()
    send(ready, "people-en", FolderSender(tmp_path / "elsewhere", elsewhere=True))
    ready.append(LetterWithdrawn("people-en", 1, "rehearsed enough"))
    assert forget(ready).copies == (str(tmp_path / "elsewhere"),)
    assert list((tmp_path / "elsewhere").rglob("*.eml"))
    assert ready.incident().forgotten["s1"].at == NOW


def test_a_draft_to_a_forgotten_list_is_stale_and_is_not_approved(ready: Ready) -> None:
    letter = ready.letter(approved=False)
    forget(ready)
    workspace = ready.open()
    said = check_seal(workspace, ready.incident(), letter)
    workspace.close()
    assert "The list s1 was forgotten; nobody can be written to from it." in said


def test_the_outbox_still_lists_every_letter(ready: Ready, capsys: pytest.CaptureFixture[str]) -> None:
    from incident.cli import main

    ready.letter(approved=False)
    forget(ready)
    assert main(["notice", "outbox"], environ={"INCIDENT_WORKSPACE": str(ready.folder)}) == 0
    assert "people-en version 1, not sent yet" in capsys.readouterr().out
    assert main(["notice", "draft", "people"], environ={"INCIDENT_WORKSPACE": str(ready.folder)}) == 3
    assert "A letter to people would go to nobody. The list of s1 was forgotten" in capsys.readouterr().err
