from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from incident.errors import UsageError
from incident.record.timeline import Incident
from notices.events import (
    LetterApproved,
    LetterDrafted,
    LetterRejected,
    LetterSent,
    LetterSubmitted,
    LetterWithdrawn,
)
from notices.letters import letter_named, letters_of, versions_of

Build = Callable[..., Incident]


def drafted(version: int = 1, digest: str = "sha256:aa") -> LetterDrafted:
    return LetterDrafted(
        "people-en",
        "people",
        "en",
        version,
        digest,
        f"letters/people-en/v{version}",
        {"risk": 1},
        "t",
        "p",
        "s1",
        ("en",),
    )


SUBMITTED = LetterSubmitted("people-en", 1, "sha256:aa")
APPROVED = LetterApproved("people-en", 1, "sha256:aa", "legal")
SENT = LetterSent("people-en", 1, "sha256:aa", "sendgrid", 12)


@pytest.mark.parametrize(
    ("happenings", "state"),
    [
        ([drafted()], "draft"),
        ([drafted(), SUBMITTED], "in review"),
        ([drafted(), SUBMITTED, APPROVED], "approved"),
        ([drafted(), SUBMITTED, LetterRejected("people-en", 1, "too long")], "changes asked"),
        ([drafted(), APPROVED, LetterWithdrawn("people-en", 1, "no breach")], "withdrawn"),
        ([drafted(), APPROVED, SENT], "sent"),
    ],
)
def test_a_letters_state_is_what_happened_to_it(
    happenings: list[Any], state: str, incident_with: Build, happening_now: Build
) -> None:
    incident = happening_now(happenings, before=incident_with({}))
    assert letters_of(incident)["people-en"].state == state


def test_drafting_again_supersedes_the_former_version_and_its_approval(
    incident_with: Build, happening_now: Build
) -> None:
    incident = happening_now([drafted(), APPROVED, drafted(2, "sha256:bb")], before=incident_with({}))
    first, second = versions_of(incident)["people-en"]
    assert (first.state, second.state) == ("superseded", "draft")
    assert first.approval is None
    assert second.approval is None


def test_a_sent_letter_stays_sent_when_the_next_version_is_drafted(incident_with: Build, happening_now: Build) -> None:
    incident = happening_now([drafted(), APPROVED, SENT, drafted(2)], before=incident_with({}))
    assert [letter.state for letter in versions_of(incident)["people-en"]] == ["sent", "draft"]


def test_an_approval_of_another_digest_is_not_in_force(incident_with: Build, happening_now: Build) -> None:
    other = LetterApproved("people-en", 1, "sha256:other", "legal")
    incident = happening_now([drafted(), other], before=incident_with({}))
    assert letters_of(incident)["people-en"].approval is None


def test_author_and_approver_are_who_did_it(incident_with: Build, happening_now: Build) -> None:
    before = happening_now([drafted()], by="mari", before=incident_with({}))
    letter = letters_of(happening_now([APPROVED], by="dana", before=before))["people-en"]
    assert letter.author == "mari"
    assert letter.approval is not None
    assert (letter.approval.by, letter.approval.role) == ("dana", "legal")


def test_an_unknown_letter_is_answered_with_those_there_are(incident_with: Build, happening_now: Build) -> None:
    incident = happening_now([drafted()], before=incident_with({}))
    with pytest.raises(UsageError, match='There is no letter "people-fi"') as refusal:
        letter_named(incident, "people-fi")
    assert refusal.value.state == "There are: people-en."
    with pytest.raises(UsageError, match="has no version 3"):
        letter_named(incident, "people-en", version=3)
    with pytest.raises(UsageError) as nothing_yet:
        letter_named(incident_with({}), "people-en")
    assert nothing_yet.value.next_step == "incident notice draft authority"
