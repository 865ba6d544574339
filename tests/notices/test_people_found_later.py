"""A newer list: its letter goes to those who have not been told from an older one, and the duty is open until then."""

from pathlib import Path

import pytest
from post import Post, send
from ready_to_send import NOW, Ready, people

from incident.errors import OutsideError, RecordIntegrityError
from incident.record.events import DutyDone
from notices.left_out import left_out
from notices.letters import letter_named
from notices.outbox import Outbox, outbox_of
from notices.senders import Outcome

TOLD = "told already from list s1"
UNKNOWN = "may have been told from list s1: its answer was lost"
DUTY = "eu-gdpr-art34-people"


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    return Ready(tmp_path / "ws")


@pytest.fixture
def told(ready: Ready) -> Ready:
    """Ten people were told, in English and Estonian; then a list of twenty is sealed, which holds them again."""
    ready.seal(people(10))
    ready.letter("en")
    ready.letter("et")
    send(ready, "people-en", Post())
    send(ready, "people-et", Post())
    ready.seal(people(20), scope="s2")
    return ready


def box(ready: Ready, name: str) -> Outbox:
    incident = ready.incident()
    letter = letter_named(incident, name)
    return outbox_of(incident.events, name, version=letter.version, channel="post", scope=letter.scope)


def test_people_found_later_are_told_and_nobody_is_told_twice(told: Ready) -> None:
    reached: list[str] = []
    for language in ("en", "et"):
        told.letter(language, scope="s2", version=2)
        post = Post()
        counts = send(told, f"people-{language}", post).outbox.counts
        assert (counts["planned"], counts["accepted"], counts["skipped"], counts["waiting"]) == (10, 5, 5, 0)
        assert box(told, f"people-{language}").reasons["skipped"] == {TOLD: 5}
        reached += [person.email for batch in post.batches for person in batch.recipients]
    assert sorted(reached) == sorted(f"person{place}@mail.example" for place in range(10, 20))


def test_the_duty_to_tell_is_open_again_with_a_newer_list_and_met_when_that_is_told(told: Ready) -> None:
    assert DUTY not in told.incident().duties_done
    told.letter("en", scope="s2", version=2)
    told.letter("et", scope="s2", version=2)
    send(told, "people-en", Post())
    assert DUTY not in told.incident().duties_done
    send(told, "people-et", Post())
    assert told.incident().duties_done[DUTY][0].scope == "s2"


def test_what_was_met_for_a_list_counts_again_when_that_list_is_chosen(told: Ready) -> None:
    told.choose("s1")
    assert told.incident().duties_done[DUTY][0].scope == "s1"


def test_a_duty_recorded_without_a_list_stays_met(ready: Ready) -> None:
    ready.append(DutyDone("eu-gdpr-art33-sa", NOW, "R-1"))
    ready.seal(people(3))
    assert "eu-gdpr-art33-sa" in ready.incident().duties_done


def test_another_account_at_an_address_that_was_told_gets_no_second_letter(ready: Ready) -> None:
    ready.seal([("maris@mail.example", "Maris", "en")])
    ready.letter(audience=("en",))
    send(ready, "people-en", Post())
    ready.seal([("first@mail.example", "First", "en"), ("MARIS@Mail.example", "Maris", "en")], scope="s2")
    ready.letter(audience=("en",), scope="s2", version=2)
    assert dict(box_after(ready)) == {0: TOLD, 1: TOLD}  # 0: the same account, with a new address


def box_after(ready: Ready) -> list[tuple[int, str]]:
    send(ready, "people-en", Post())
    return [(position, why) for position, _, why in box(ready, "people-en").segments[0].exceptions]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome("unknown", why="no answer came in time"), {0: UNKNOWN, 1: UNKNOWN}),
        (Outcome("refused", why="answered 401"), {}),
    ],
)
def test_a_lost_answer_counts_as_told_perhaps_and_a_refusal_as_not(
    ready: Ready, outcome: Outcome, expected: dict[int, str]
) -> None:
    ready.seal(people(2, locales=("en",)))
    ready.letter(audience=("en",))
    with pytest.raises(OutsideError):
        send(ready, "people-en", Post(outcome))
    ready.seal(people(3, locales=("en",)), scope="s2")
    ready.letter(audience=("en",), scope="s2", version=2)
    assert dict(box_after(ready)) == expected


def test_who_was_left_out_or_refused_from_the_first_list_is_told_from_the_second(ready: Ready) -> None:
    ready.seal([("broken", "A", "en"), ("b@mail.example", "B", "en"), ("c@mail.example", "C", "en")])
    ready.letter(audience=("en",))
    send(ready, "people-en", Post(Outcome("accepted", refused=((1, "mailbox full"),))))
    ready.seal([(f"{name}@mail.example", name, "en") for name in "abc"], scope="s2")
    ready.letter(audience=("en",), scope="s2", version=2)
    assert dict(box_after(ready)) == {2: TOLD}


def test_a_third_list_knows_both_before_it(told: Ready) -> None:
    for language in ("en", "et"):
        told.letter(language, scope="s2", version=2)
        send(told, f"people-{language}", Post())
    told.seal(people(22), scope="s3")
    told.letter("en", scope="s3", version=3)
    send(told, "people-en", Post())
    assert box(told, "people-en").reasons["skipped"] == {TOLD: 5, "told already from list s2": 5}
    assert box(told, "people-en").counts["accepted"] == 1


def test_a_rehearsal_tells_nobody(ready: Ready) -> None:
    ready.seal(people(4, locales=("en",)))
    ready.letter(audience=("en",))
    send(ready, "people-en")
    ready.seal(people(6, locales=("en",)), scope="s2")
    ready.letter(audience=("en",), scope="s2", version=2)
    assert send(ready, "people-en").outbox.counts["accepted"] == 6


def test_a_rehearsal_on_the_newer_list_shows_who_would_be_left_out(told: Ready) -> None:
    told.letter("en", scope="s2", version=2)
    counts = send(told, "people-en").outbox.counts
    assert (counts["accepted"], counts["skipped"]) == (5, 5)


def test_without_the_older_list_nothing_is_sent(told: Ready) -> None:
    told.letter("en", scope="s2", version=2)
    next(told.folder.rglob("s1.jsonl")).unlink()
    post = Post()
    with pytest.raises(RecordIntegrityError, match=r"s1\.jsonl cannot be read"):
        send(told, "people-en", post)
    assert post.batches == []


def test_a_killed_run_on_the_newer_list_goes_on_without_telling_anyone_twice(ready: Ready) -> None:
    def everyone(number: int) -> list[tuple[str | None, str | None, str | None]]:
        return people(number, locales=("en",))

    ready.seal(everyone(5), segment=2)
    ready.letter(audience=("en",))
    send(ready, "people-en", Post())
    ready.seal(everyone(9), scope="s2", segment=2)
    ready.letter(audience=("en",), scope="s2", version=2)
    first, second = Post(Outcome("accepted"), KeyboardInterrupt()), Post()
    with pytest.raises(KeyboardInterrupt):
        send(ready, "people-en", first)
    send(ready, "people-en", second)
    assert set(first.reached) == {5, 6, 7}
    assert set(second.reached) == {8}


def test_who_was_told_before_is_named_as_it_was_when_the_letter_left(told: Ready) -> None:
    told.letter("en", scope="s2", version=2)
    told.letter("et", scope="s2", version=2)
    send(told, "people-en", Post())
    workspace = told.open()
    incident = workspace.incident()
    found = list(left_out(workspace, incident, letter_named(incident, "people-en"), box(told, "people-en")))
    expected = list(left_out(workspace, incident, letter_named(incident, "people-et"), box(told, "people-et")))
    workspace.close()
    assert {(each.key, each.why) for each in found + expected} == {(f"{at:07d}", TOLD) for at in range(10)}
