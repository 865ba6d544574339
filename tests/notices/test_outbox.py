"""The outbox is what the journal says, and its numbers always add up."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.record.events import Happening, IncidentOpened
from incident.record.timeline import Incident
from notices.events import BatchHandedOver, BatchSettled, SendingBegun
from notices.outbox import NOT_RECORDED, POST, Outbox, channel_of, channels_of, document, outbox_of

Build = Callable[..., Incident]


def begun(planned: int = 3_000, **more: Any) -> SendingBegun:
    fields = {"letter": "people-en", "letter_version": 1, "scope": "s1", "audience": ("en",), "channel": POST, **more}
    return SendingBegun(digest="sha256:1", sender="post", planned=planned, **fields)


def handed(segment: int, attempt: int = 1, planned: int = 990, skipped: int = 10, **more: Any) -> BatchHandedOver:
    fields = {"letter": "people-en", "letter_version": 1, "channel": POST, **more}
    return BatchHandedOver(
        digest="sha256:1",
        scope="s1",
        segment=segment,
        planned=planned,
        sender="post",
        attempt=attempt,
        skipped=skipped,
        **fields,
    )


def settled(segment: int, outcome: str, attempt: int = 1, accepted: int = 990, **more: Any) -> BatchSettled:
    fields: dict[str, Any] = {"letter": "people-en", "letter_version": 1, "channel": POST, **more}
    taken = accepted if outcome == "accepted" else 0
    return BatchSettled(scope="s1", segment=segment, attempt=attempt, outcome=outcome, accepted=taken, **fields)


@pytest.fixture
def after(happening_now: Build) -> Callable[..., Outbox]:
    def build(*happenings: Happening, version: int = 1, channel: str = POST) -> Outbox:
        incident = happening_now([IncidentOpened("x"), *happenings])
        return outbox_of(incident.events, "people-en", version=version, channel=channel, scope="s1")

    return build


def test_before_anything_has_left_everyone_waits(after: Callable[..., Outbox]) -> None:
    counts = after().expecting(12).counts
    assert counts == {
        "planned": 12,
        "waiting": 12,
        "handed_over": 0,
        "accepted": 0,
        "refused": 0,
        "skipped": 0,
        "unknown": 0,
    }


def test_every_state_is_counted_in_people(after: Callable[..., Outbox]) -> None:
    found = after(
        begun(5_000),
        handed(0),
        settled(0, "accepted", accepted=988, exceptions=[[3, "refused", "full"], [4, "refused", "full"]]),
        handed(1),
        settled(1, "refused", why="answered 429"),
        handed(2),
        settled(2, "unknown", why="no answer came in time"),
        handed(3),
    )
    assert found.counts == {
        "planned": 5_000,
        "waiting": 1_000,
        "handed_over": 3_960,
        "accepted": 988,
        "refused": 992,
        "skipped": 40,
        "unknown": 1_980,
    }
    assert found.reasons["refused"] == {"answered 429": 990, "full": 2}
    assert found.reasons["skipped"] == {NOT_RECORDED: 40}
    assert [segment.index for segment in found.unknown] == [2, 3]
    assert found.segments[3].why == "no answer is recorded"
    assert not found.is_complete


def test_the_reasons_add_up_to_what_is_skipped_also_where_a_batch_has_no_answer(after: Callable[..., Outbox]) -> None:
    named = [[at, "skipped", "no address is known"] for at in range(10)]
    found = after(begun(2_000), handed(0), settled(0, "accepted", exceptions=named), handed(1))
    assert found.reasons["skipped"] == {"no address is known": 10, NOT_RECORDED: 10}
    assert sum(found.reasons["skipped"].values()) == found.counts["skipped"] == 20


def test_the_document_is_the_contracts(after: Callable[..., Outbox]) -> None:
    found = document("people-en", 1, POST, after(begun(1_000), handed(0), settled(0, "accepted")))
    assert {"planned", "handed_over", "accepted", "refused", "skipped", "unknown"} <= set(found)
    assert found["complete"] is True


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        (["refused", "refused"], "refused"),
        (["refused", "accepted"], "accepted"),
        (["unknown", "refused"], "unknown"),  # the first attempt may have left, whatever the second one said
        ([None, "refused"], "unknown"),
        (["unknown", "accepted"], "accepted"),
        (["accepted", None], "accepted"),
        (["accepted", "refused"], "accepted"),
        (["refused", None], "unknown"),
    ],
)
def test_the_attempts_of_a_batch_together_decide(
    after: Callable[..., Outbox], answers: Sequence[str | None], state: str
) -> None:
    happenings: list[Happening] = [begun(1_000)]
    for attempt, answer in enumerate(answers, start=1):
        happenings.append(handed(0, attempt))
        happenings += [settled(0, answer, attempt)] if answer else []
    found = after(*happenings)
    assert found.segments[0].state == state
    assert found.segments[0].next_attempt == len(answers) + 1
    assert found.counts["accepted"] == (990 if state == "accepted" else 0)


def test_what_may_be_handed_over_again_depends_on_the_sender(after: Callable[..., Outbox]) -> None:
    found = after(begun(), handed(0), settled(0, "accepted"), handed(1), settled(1, "refused"), handed(2))
    for repeatable, unknown_too, expected in [
        (False, False, [False, True, False, True]),
        (True, False, [False, True, True, True]),
        (False, True, [False, True, True, True]),
    ]:
        assert [
            found.may_hand_over(index, repeatable=repeatable, unknown_too=unknown_too) for index in range(4)
        ] == expected


def test_senders_that_reach_people_share_a_channel_across_versions_and_rehearsals_do_not(
    after: Callable[..., Outbox],
) -> None:
    assert channel_of("sendgrid", real=True) == channel_of("smtp", real=True) == POST
    folder = channel_of("folder", real=False)
    rehearsed = [begun(channel=folder), handed(0, channel=folder), settled(0, "accepted", channel=folder)]
    assert after(*rehearsed).counts["handed_over"] == 0
    assert after(*rehearsed, channel=folder).counts["accepted"] == 990
    assert after(*rehearsed, channel=folder, version=2).counts["accepted"] == 0
    assert after(begun(), handed(0), settled(0, "accepted"), version=2).counts["accepted"] == 990


def test_the_channels_of_a_letter_are_in_the_order_they_began(happening_now: Build) -> None:
    happenings = [IncidentOpened("x"), begun(channel="folder"), begun(), begun(letter="people-et", channel="other")]
    assert list(channels_of(happening_now(happenings).events, "people-en", scope="s1")) == ["folder", POST]


@given(st.data())
def test_the_numbers_add_up_whatever_happened(data: st.DataObject) -> None:
    from datetime import UTC, datetime

    from incident.record import chain

    happenings: list[Happening] = [IncidentOpened("x"), begun(5_000)]
    for segment in range(5):
        planned = data.draw(st.integers(0, 1_000))
        for attempt in range(1, data.draw(st.integers(0, 3)) + 1):
            happenings.append(handed(segment, attempt, planned=planned, skipped=1_000 - planned))
            answer = data.draw(st.sampled_from([None, "accepted", "refused", "unknown"]))
            if answer:
                lost = data.draw(st.integers(0, planned))
                happenings.append(settled(segment, answer, attempt, accepted=planned - lost))
    last = (0, chain.GENESIS)
    rows = chain.link(happenings, incident="x", actor="a", now=datetime(2026, 11, 21, tzinfo=UTC), last=last)
    events = [chain.event_of(row) for row in rows]
    found = outbox_of(events, "people-en", version=1, channel=POST, scope="s1")
    counts = found.counts
    assert counts["planned"] == counts["waiting"] + counts["handed_over"] + counts["skipped"]
    assert counts["handed_over"] == counts["accepted"] + counts["refused"] + counts["unknown"]
    assert min(counts.values()) >= 0
    piecewise = Outbox("people-en", POST, scope="s1")
    for event in events:
        piecewise = piecewise.after([event])
    assert piecewise == found
