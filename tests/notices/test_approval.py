from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from incident.errors import RefusedError, UsageError
from notices.approval import approved, rejected, submitted, withdrawn
from notices.contents import missing_fact
from notices.events import LetterApproved
from notices.letters import Approval, Letter

LETTER = Letter(
    id="people-en",
    kind="people",
    language="en",
    version=2,
    state="in review",
    digest="sha256:aa",
    folder="letters/people-en/v2",
    facts={},
    template_digest="t",
    profile_digest="p",
    author="mari",
    drafted_at=datetime(2026, 11, 19, tzinfo=UTC),
)


def decide(letter: Letter = LETTER, **changed: Any) -> LetterApproved:
    given: dict[str, Any] = {
        "actor": "dana", "role": "legal", "waiver": None, "one_person": False,
        "differences": [], "missing": [], "forbidden": [],
    }  # fmt: skip
    return approved(letter, **{**given, **changed})


def test_a_second_person_approves_the_digest_and_nothing_else() -> None:
    assert decide() == LetterApproved("people-en", 2, "sha256:aa", "legal", None)


@pytest.mark.parametrize("actor", ["mari", " Mari "])
def test_the_author_does_not_approve_their_own_letter(actor: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        decide(actor=actor)
    message = "\n".join(refusal.value.lines())
    assert "an author does not approve their own letter" in message
    assert "it is still in review" in message
    assert '--waiver "one-person company"' in message


def test_a_waiver_lets_the_author_approve_and_is_recorded() -> None:
    assert decide(actor="mari", waiver="one-person company").waiver == "one-person company"


def test_a_waiver_where_the_profile_names_no_one_person_company_carries_a_warning() -> None:
    assert "No second person approved" in (decide(actor="mari", waiver="alone tonight").warning or "")
    assert decide(actor="mari", waiver="alone", one_person=True).warning is None
    assert decide(actor="dana", waiver="alone").warning is None


def test_a_waiver_of_spaces_is_none() -> None:
    with pytest.raises(RefusedError):
        decide(actor="mari", waiver="  ")


def test_a_waiver_that_was_not_needed_is_not_recorded() -> None:
    assert decide(waiver="one-person company").waiver is None


def test_a_letter_that_changed_is_not_approved() -> None:
    with pytest.raises(RefusedError, match=r"no longer what was drafted:\n  letter\.md was changed") as refusal:
        decide(differences=["letter.md was changed after the letter was sealed."])
    assert refusal.value.next_step is not None
    assert "incident notice diff people-en" in refusal.value.next_step


def test_a_letter_that_lacks_something_is_not_approved() -> None:
    with pytest.raises(RefusedError, match=r"incident fact risk unlikely\|risk\|high"):
        decide(missing=[missing_fact("risk", ())])
    with pytest.raises(RefusedError, match="must not be in it: names of people"):
        decide(forbidden=["names of people"])


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("superseded", "superseded by a newer version"),
        ("withdrawn", r"withdrawn \(no breach\)"),
        ("changes asked", r"waiting for changes \(no breach\)"),
        ("sent", "it is sent"),
    ],
)
def test_a_letter_in_another_state_cannot_be_approved(state: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        decide(replace(LETTER, state=state, because="no breach"))


def test_approving_twice_says_who_approved_first() -> None:
    first = Approval("dana", "legal", "sha256:aa", datetime(2026, 11, 19, tzinfo=UTC))
    with pytest.raises(RefusedError, match=r"approved already, by dana \(legal\)"):
        decide(replace(LETTER, state="approved", approvals=(first,)), actor="ito")


def test_an_approval_names_a_role() -> None:
    with pytest.raises(UsageError, match="names a role"):
        decide(role=" ")


def test_only_an_unchanged_draft_is_submitted() -> None:
    draft = replace(LETTER, state="draft")
    assert submitted(draft, []).digest == "sha256:aa"
    with pytest.raises(RefusedError, match="is in review already"):
        submitted(LETTER, [])
    with pytest.raises(RefusedError, match="no longer what was drafted"):
        submitted(draft, ["letter.txt is missing."])


def test_rejecting_and_withdrawing_say_why() -> None:
    assert rejected(LETTER, "too long").because == "too long"
    assert withdrawn(LETTER, "no breach").because == "no breach"
    with pytest.raises(UsageError, match="To reject a letter you say why"):
        rejected(LETTER, None)
    with pytest.raises(UsageError, match="To withdraw a letter you say why"):
        withdrawn(LETTER, " ")


def test_a_letter_that_has_left_is_not_withdrawn() -> None:
    with pytest.raises(RefusedError, match="cannot be withdrawn: it is sent"):
        withdrawn(replace(LETTER, state="sent"), "too late")
