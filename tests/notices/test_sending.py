"""Sending: what is checked before, who gets a letter, and what stands in the record after each kind of trouble."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from post import Post, send
from programme import damage
from ready_to_send import INCIDENT, NOW, Ready, people

from incident.errors import OutsideError, RecordIntegrityError, RefusedError
from incident.record.events import DutyDone, FactStated, NoteAdded
from notices.events import BatchHandedOver, LetterRehearsed, LetterSent, LetterWithdrawn
from notices.letters import letter_named
from notices.outbox import Outbox, outbox_of
from notices.senders import Outcome
from notices.sending import Resend


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    return Ready(tmp_path / "ws")


def box(ready: Ready, name: str, channel: str = "post") -> Outbox:
    incident = ready.incident()
    letter = letter_named(incident, name)
    return outbox_of(incident.events, name, version=letter.version, channel=channel, scope=letter.scope)


def kinds(ready: Ready) -> list[str]:
    return [event.kind for event in ready.incident().events]


def read(file: Path) -> EmailMessage:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_everyone_on_the_list_gets_exactly_the_letter_in_their_language(ready: Ready) -> None:
    ready.seal(people(235), segment=50)
    ready.letter("en")
    ready.letter("et")
    sent = [send(ready, name).outbox.counts for name in ("people-en", "people-et")]
    assert [counts["accepted"] for counts in sent] == [117, 118]
    addresses = [
        read(file)["To"].addresses[0].addr_spec
        for name in ("people-en", "people-et")
        for file in ready.outbox_files(name)
    ]
    assert sorted(addresses) == sorted(row[0] or "" for row in people(235))
    assert read(ready.outbox_files("people-et")[0])["Subject"] == "Sinu andmed: õnnetus"


def test_a_rehearsal_is_recorded_as_one_and_meets_no_duty(ready: Ready) -> None:
    ready.seal(people(10))
    ready.letter()
    assert send(ready, "people-en").newly_done
    assert kinds(ready).count(LetterRehearsed.kind) == 1
    assert LetterSent.kind not in kinds(ready)
    assert DutyDone.kind not in kinds(ready)
    assert letter_named(ready.incident(), "people-en").state == "approved"


def test_a_second_run_has_nothing_left_to_do_and_records_nothing(ready: Ready) -> None:
    ready.seal(people(10))
    ready.letter()
    send(ready, "people-en")
    before = kinds(ready)
    again = send(ready, "people-en")
    assert (again.newly_done, again.waiting_before) == (False, 0)
    assert kinds(ready) == before


def test_a_real_send_makes_the_letter_sent_and_meets_the_duties_once_the_whole_plan_has_left(ready: Ready) -> None:
    ready.seal(people(10))
    ready.letter("en")
    ready.letter("et")
    send(ready, "people-en", Post())
    assert letter_named(ready.incident(), "people-en").state == "sent"
    assert not ready.incident().duties_done
    send(ready, "people-et", Post())
    assert "eu-gdpr-art34-people" in ready.incident().duties_done
    assert "eu-gdpr-art33-sa" not in ready.incident().duties_done


def test_a_rehearsal_does_not_stand_in_the_way_of_the_real_send(ready: Ready) -> None:
    ready.seal(people(10))
    ready.letter()
    send(ready, "people-en")
    post = Post()
    send(ready, "people-en", post)
    assert len(post.reached) == 5


def test_the_authority_gets_one_message_at_the_address_of_the_profile(ready: Ready) -> None:
    ready.letter(kind="authority")
    assert send(ready, "authority-en").outbox.counts["accepted"] == 1
    (file,) = ready.outbox_files("authority-en")
    message = read(file)
    assert message["To"].addresses[0].addr_spec == "notices@authority.example"
    assert message["To"].addresses[0].display_name == "Andmekaitse Inspektsioon"
    assert "«account»" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one


def test_an_authority_without_an_address_is_refused(tmp_path: Path) -> None:
    from ready_to_send import PROFILE

    ready = Ready(tmp_path / "ws", profile=PROFILE.replace('email = "notices@authority.example"\n', ""))
    ready.letter(kind="authority")
    with pytest.raises(RefusedError, match="no e-mail address of the supervisory authority") as refusal:
        send(ready, "authority-en")
    assert refusal.value.state == "Nothing left."


def test_a_sender_is_needed_in_the_profile(tmp_path: Path) -> None:
    from ready_to_send import PROFILE

    ready = Ready(tmp_path / "ws", profile=PROFILE.partition("[sender]")[0])
    ready.seal(people(3))
    ready.letter()
    with pytest.raises(RefusedError, match="does not say whom letters come from"):
        send(ready, "people-en")


class TestBeforeAnythingLeaves:
    def test_a_letter_that_is_not_approved_is_refused(self, ready: Ready) -> None:
        ready.seal(people(3))
        ready.letter(approved=False)
        with pytest.raises(RefusedError, match="is not approved") as refusal:
            send(ready, "people-en")
        assert refusal.value.lines()[1] == "Nothing left."
        assert "incident notice approve people-en" in str(refusal.value.next_step)

    def test_a_broken_seal_is_refused_with_each_difference(self, ready: Ready) -> None:
        ready.seal(people(3))
        ready.letter()
        with pytest.raises(RefusedError, match="the fact people_affected changed") as refusal:
            send(ready, "people-en", differences=["the fact people_affected changed"])
        assert "mari approved it" in refusal.value.what

    @pytest.mark.parametrize("name", ["letter.html", "letter.txt", "letter.docx", "subject.txt"])
    def test_one_changed_byte_is_refused(self, ready: Ready, name: str) -> None:
        ready.seal(people(3))
        letter = ready.letter()
        file = ready.folder / "incidents" / INCIDENT / letter.folder / name
        file.write_bytes(file.read_bytes() + b" ")
        with pytest.raises(RefusedError, match=f"{name} was changed"):
            send(ready, "people-en")
        assert ready.outbox_files("people-en") == []

    def test_a_manifest_that_was_rewritten_to_fit_is_refused(self, ready: Ready) -> None:
        ready.seal(people(3))
        letter = ready.letter()
        seal = ready.folder / "incidents" / INCIDENT / letter.folder / "seal.json"
        seal.write_text(seal.read_text().replace('"customer"', '"client"'))
        with pytest.raises(RefusedError, match="not the one that was sealed"):
            send(ready, "people-en")
        seal.unlink()
        with pytest.raises(RefusedError, match="cannot be read"):
            send(ready, "people-en")

    def test_a_changed_list_is_refused_as_damage(self, ready: Ready) -> None:
        ready.seal(people(3))
        ready.letter()
        file = ready.folder / "incidents" / INCIDENT / "scopes" / "s1.jsonl"
        damage(file)
        with pytest.raises(RecordIntegrityError, match="not the one that was sealed"):
            send(ready, "people-en")
        assert BatchHandedOver.kind not in kinds(ready)

    def test_a_letter_without_a_list_is_refused(self, ready: Ready) -> None:
        ready.letter(scope=None)
        with pytest.raises(RefusedError, match="not addressed to a sealed list"):
            send(ready, "people-en")


class TestNeverTwice:
    def test_another_plan_of_languages_is_refused_once_one_has_begun(self, ready: Ready) -> None:
        ready.seal(people(10))
        ready.letter("en", audience=("en",))
        send(ready, "people-en", Post())
        ready.letter("et", audience=("en", "et"))
        with pytest.raises(RefusedError, match="on a plan of letters in en, and this one is of en, et") as refusal:
            send(ready, "people-et", Post())
        assert refusal.value.state == "Nothing left."

    def test_a_rehearsal_of_a_letter_drafted_anew_binds_nobody(self, ready: Ready) -> None:
        ready.seal(people(10))
        ready.letter("en", audience=("en",))
        send(ready, "people-en")
        ready.letter("et", audience=("en", "et"))
        with pytest.raises(RefusedError, match="two letters"):
            send(ready, "people-et")
        ready.letter("en", audience=("en", "et"), version=2)
        assert send(ready, "people-et").outbox.is_complete
        assert send(ready, "people-en").outbox.counts["accepted"] == 5

    def test_who_has_the_first_version_does_not_get_the_second(self, ready: Ready) -> None:
        ready.seal(people(400, locales=("en",)), segment=100)
        ready.letter(audience=("en",))
        first = Post(Outcome("accepted"), Outcome("refused", why="answered 401"))
        with pytest.raises(OutsideError):
            send(ready, "people-en", first)
        ready.letter(audience=("en",), version=2, text="More is known now.")
        second = Post()
        send(ready, "people-en", second)
        assert {person.position for batch in second.batches for person in batch.recipients} == set(range(100, 400))
        ready.letter(audience=("en",), version=3)
        with pytest.raises(RefusedError, match="everyone on the list already has version 2"):
            send(ready, "people-en", Post())


class TestTrouble:
    @pytest.fixture
    def big(self, ready: Ready) -> Ready:
        ready.seal(people(300, locales=("en",)), segment=100)
        ready.letter(audience=("en",))
        return ready

    def test_a_refused_batch_stops_the_run_and_is_handed_over_again_by_the_next(self, big: Ready) -> None:
        with pytest.raises(OutsideError, match=r"Batch 1 \(100 people\) was refused: answered 429") as error:
            send(big, "people-en", Post(Outcome("accepted"), Outcome("refused", why="answered 429")))
        assert "100 of 300 letters are accepted; nobody in that batch was written to." in str(error.value.state)
        assert box(big, "people-en").counts["refused"] == 100
        post = Post()
        assert send(big, "people-en", post).outbox.counts["accepted"] == 300
        assert [batch.segment for batch in post.batches] == [2, 1]

    def test_a_rules_refusal_says_so_with_exit_3(self, big: Ready) -> None:
        with pytest.raises(RefusedError, match="sandbox"):
            send(big, "people-en", Post(Outcome("refused", why="taken in sandbox mode", by_rule=True)))
        assert box(big, "people-en").counts["accepted"] == 0

    def test_a_lost_answer_is_unknown_and_is_not_sent_again_by_itself(self, big: Ready) -> None:
        with pytest.raises(OutsideError, match="The answer for batch 0") as error:
            send(big, "people-en", Post(Outcome("unknown", why="no answer came in time")))
        assert "is unknown" in str(error.value.state)
        post = Post()
        counts = send(big, "people-en", post).outbox.counts
        assert 0 not in {batch.segment for batch in post.batches}
        assert (counts["accepted"], counts["unknown"], counts["waiting"]) == (200, 100, 0)
        assert letter_named(big.incident(), "people-en").state == "approved"
        assert send(big, "people-en", Post()).unknown == (0,)

    def test_a_named_person_may_send_it_again_and_says_why(self, big: Ready) -> None:
        with pytest.raises(OutsideError):
            send(big, "people-en", Post(Outcome("unknown", why="no answer came in time")))
        post = Post()
        assert send(big, "people-en", post, resend=Resend("the activity log shows nothing")).outbox.is_complete
        assert [(batch.segment, batch.attempt) for batch in post.batches] == [(1, 1), (2, 1), (0, 2)]
        last = [event for event in big.incident().events if event.kind == BatchHandedOver.kind][-1]
        assert (last.actor, last.body["because"]) == ("mari", "the activity log shows nothing")

    def test_a_kill_between_hand_over_and_answer_leaves_that_batch_unknown(self, big: Ready) -> None:
        with pytest.raises(KeyboardInterrupt):
            send(big, "people-en", Post(Outcome("accepted"), KeyboardInterrupt()))
        counts = box(big, "people-en").counts
        assert (counts["accepted"], counts["unknown"], counts["waiting"]) == (100, 100, 100)
        post = Post()
        send(big, "people-en", post)
        assert {batch.segment for batch in post.batches} == {2}

    def test_a_sender_that_may_repeat_does(self, big: Ready) -> None:
        with pytest.raises(KeyboardInterrupt):
            send(big, "people-en", Post(KeyboardInterrupt(), repeatable=True))
        assert send(big, "people-en", Post(repeatable=True)).outbox.counts["accepted"] == 300

    def test_people_refused_one_by_one_are_counted_by_position(self, big: Ready) -> None:
        send(big, "people-en", Post(Outcome("accepted", refused=((7, "mailbox full"),))))
        found = box(big, "people-en")
        assert (found.counts["accepted"], found.counts["refused"]) == (299, 1)
        assert found.segments[0].exceptions == ((7, "refused", "mailbox full"),)
        assert found.is_complete

    def test_a_letter_withdrawn_meanwhile_stops_before_the_next_batch(self, big: Ready) -> None:
        post = Post()

        def withdraw() -> None:
            post.before = lambda: None
            workspace = big.open()
            gone = LetterWithdrawn("people-en", 1, "wrong date")
            workspace.journal.append(INCIDENT, [gone], actor="ann", now=NOW)
            workspace.close()

        post.before = withdraw
        with pytest.raises(RefusedError, match="its state: withdrawn") as refusal:
            send(big, "people-en", post)
        assert len(post.batches) == 1
        assert box(big, "people-en").counts["accepted"] == 100
        assert "100 of 300 letters had left before; nothing more did." in str(refusal.value.state)

    def test_a_note_written_meanwhile_stops_nothing(self, big: Ready) -> None:
        post = Post()

        def note() -> None:
            post.before = lambda: None
            workspace = big.open()
            said = [NoteAdded("the press called"), FactStated("police_informed", True, "exact")]
            workspace.journal.append(INCIDENT, said, actor="ann", now=NOW)
            workspace.close()

        post.before = note
        assert send(big, "people-en", post).outbox.is_complete

    def test_a_letter_changed_on_disk_meanwhile_stops_before_the_next_batch(self, big: Ready) -> None:
        post = Post()
        file = big.folder / "incidents" / INCIDENT / "letters" / "people-en" / "v1" / "letter.txt"
        post.before = lambda: file.write_text("something else") and None
        with pytest.raises(RefusedError, match=r"letter\.txt was changed"):
            send(big, "people-en", post)
        assert box(big, "people-en").counts["accepted"] == 100

    def test_two_at_once_reach_everyone_once(self, big: Ready) -> None:
        first, second = Post(), Post()
        started = []

        def other() -> None:
            if not started:  # the second runs from start to end while the first waits for its first answer
                started.append(True)
                found = send(big, "people-en", second)
                assert (found.elsewhere, found.unknown, found.newly_done) == ((), (0,), False)

        first.before = other
        send(big, "people-en", first)
        assert set((first.reached + second.reached).values()) == {1}
        assert len(first.reached + second.reached) == 300
        assert box(big, "people-en").is_complete
        assert kinds(big).count(LetterSent.kind) == 1


def test_no_name_and_no_address_is_in_the_record(ready: Ready) -> None:
    ready.seal([("maris@mail.example", "Maris Tamm", "en"), ("broken", "Jüri Kask", "en"), (None, "Ülle", "en")])
    ready.letter()
    send(ready, "people-en", Post())
    record = "".join(str(event.body) for event in ready.incident().events)
    for word in ("maris", "Tamm", "broken", "Kask", "Ülle"):
        assert word not in record
