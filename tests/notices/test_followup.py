"""The second letter to the authority says what the first one did not; who was told, the record knows."""

from __future__ import annotations

import pytest
from happened import append
from pavlodar import opened as a_breach
from pavlodar import text_of
from programme import Programme

from incident.record.events import DutyDone
from notices.events import BatchHandedOver, BatchSettled, LetterSent, SendingBegun


def draft(programme: Programme, language: str = "en") -> str:
    programme.ok("notice", "draft", "authority", "--language", language)
    return programme.ok("notice", "show", f"authority-{language}", "--print", "md").out


@pytest.fixture
def notified(opened: Programme) -> Programme:
    """A first letter in English was really sent on 19 November; it is the 21st."""
    opened.ok("fact", "root_cause@en", "--state", "pending")
    opened.ok("fact", "root_cause@et", "--state", "pending")
    draft(opened)
    append(opened, LetterSent("authority-en", 1, "sha256:0", "post", 1))
    opened.later(days=2)
    opened.ok("fact", "reasons_for_delay@en", "The log had to be read first.")
    opened.ok("fact", "reasons_for_delay@et", "Logi tuli enne läbi lugeda.")
    return opened


def test_the_first_letter_is_new(opened: Programme) -> None:
    text = draft(opened)
    assert ":   New notification, complete" in text
    assert "What has changed" not in text


def test_a_letter_after_one_that_was_sent_is_a_follow_up_with_the_date_of_the_first(notified: Programme) -> None:
    text = draft(notified)
    assert "# Follow-up to the notification of a personal data breach" in text
    assert ":   Follow-up, preliminary" in text
    assert "First notification\n:   19 November 2026\n" in text
    assert "New notification" not in text
    assert (
        "Subject: Follow-up to our personal data breach notification"
        in notified.ok("notice", "show", "authority-en").out
    )


def test_what_changed_stands_before_and_now(notified: Programme) -> None:
    notified.ok("fact", "people_affected", "5998")
    notified.ok("fact", "root_cause@en", "A check was off.\n\nIt is on again.")
    notified.ok("fact", "records_affected", "9650", "--state", "exact")  # said again: no change
    notified.ok("aware", "2026-11-18T07:00Z", "--because", "an earlier line was found")
    changed = draft(notified).partition("### What has changed since our last message")[2].partition("## 2.")[0]
    assert "Number of people concerned\n:   - before: 1,204\n    - now: 5,998\n" in changed
    assert "Root cause\n:   - before: not yet known\n    - now: A check was off.\n\n      It is on again.\n" in changed
    assert "Time at which we became aware\n:   - before: 18 November 2026, 09:30" in changed
    assert "Number of records" not in changed


def test_a_follow_up_in_another_language_compares_the_texts_of_its_own(notified: Programme) -> None:
    notified.ok("fact", "people_affected", "5998")
    notified.ok("fact", "root_cause@et", "Kontroll oli väljas.")
    text = draft(notified, "et")
    assert ":   Varasema teate täiendus, täielik" in text
    changed = text.partition("### Mis on pärast eelmist teadet muutunud")[2].partition("## 2.")[0]
    assert "Algpõhjus\n:   - enne: ei ole veel teada\n    - nüüd: Kontroll oli väljas." in changed
    assert "Puudutatud andmesubjektide arv\n:   - enne: 1\N{NO-BREAK SPACE}204" in changed
    assert "Rikkumise kirjeldus" not in changed


def test_a_notification_on_the_authoritys_own_form_is_followed_up_with_its_receipt(opened: Programme) -> None:
    append(opened, DutyDone("eu-gdpr-art33-sa", opened.clock, "AKI-77"))
    text = draft(opened)
    assert "First notification\n:   19 November 2026, your reference AKI-77\n" in text
    assert "What has changed" not in text


def post(programme: Programme) -> None:
    """98 letters to people really left."""
    common = {"letter": "people-en", "letter_version": 1, "scope": "s1", "channel": "post"}
    append(
        programme,
        SendingBegun(digest="sha256:0", audience=("en",), sender="post", planned=98, **common),  # type: ignore[arg-type]  # see `common`
        BatchHandedOver(digest="sha256:0", segment=0, planned=98, sender="post", **common),  # type: ignore[arg-type]  # as above
        BatchSettled(segment=0, attempt=1, outcome="accepted", accepted=98, **common),  # type: ignore[arg-type]  # as above
    )


@pytest.mark.parametrize("stated", ["planned", "undecided", "pending"])
def test_people_who_were_told_are_said_to_be_told(opened: Programme, stated: str) -> None:
    opened.ok("fact", "people_told", *(["--state", "pending"] if stated == "pending" else [stated]))
    post(opened)
    told = draft(opened).partition("## 12.")[2].partition("## 13.")[0]
    assert "Are the people concerned told?\n:   yes\n" in told
    assert "Letters sent\n:   98\n" in told
    assert "First letters sent on\n:   19 November 2026\n" in told
    assert opened.ok("notice", "check", "authority-en", "--json").json["still_open"] == []


def test_a_letter_from_before_people_were_told_is_stale(opened: Programme) -> None:
    draft(opened)
    opened.later(minutes=5)
    post(opened)
    result = opened.run("notice", "check", "authority-en")
    assert result.code == 1
    assert "Letters to the people have left since this one was drafted." in result.out


def supplemented(studio: Programme, first: str | None) -> Programme:
    """Roskomnadzor had its notice on 19 November and a supplement, RKN-2, the day after; it is the 21st."""
    a_breach(studio)
    for way in ("own_staff", "own_monitoring"):
        studio.ok("fact", "how_discovered", way)
        studio.ok("notice", "draft", "ru-initial")
        studio.ok("notice", "approve", "ru-initial-ru", "--role", "owner", "--waiver", "alone")
        studio.ok("done", "ru-152fz-initial", *(("--reference", first) if first else ()))
        first = "RKN-2"
        studio.later(days=1)
    studio.ok("fact", "how_discovered", "press")
    return studio


def first_notice(text: str) -> str:
    """What a letter to Roskomnadzor says of the first one: its date and number."""
    return " ".join(text.partition("Первичное уведомление\n:   ")[2].partition("\n\n")[0].split())


def test_a_supplement_keeps_the_date_and_the_number_of_the_first_notice(studio: Programme) -> None:
    text = text_of(supplemented(studio, "RKN-1"), "ru-initial")
    assert first_notice(text) == "19 ноября 2026 г., входящий номер RKN-1"
    changed = text.partition("### Что изменилось")[2].partition("## 2.")[0]
    assert changed.count("было:") == 1  # against the supplement, which was the last to be handed in


def test_the_number_of_a_supplement_is_not_taken_for_that_of_the_first_notice(studio: Programme) -> None:
    assert first_notice(text_of(supplemented(studio, None), "ru-initial")) == "19 ноября 2026 г."


def test_a_number_that_comes_before_any_supplement_is_that_of_the_first_notice(studio: Programme) -> None:
    a_breach(studio)
    text_of(studio, "ru-initial")
    studio.ok("notice", "approve", "ru-initial-ru", "--role", "owner", "--waiver", "alone")
    studio.ok("done", "ru-152fz-initial")
    studio.later(days=1)
    studio.ok("done", "ru-152fz-initial", "--reference", "RKN-1")
    assert first_notice(text_of(studio, "ru-initial")) == "19 ноября 2026 г., входящий номер RKN-1"


def test_a_supplement_after_the_limit_makes_a_notice_that_was_in_time_no_later(opened: Programme) -> None:
    opened.ok("done", "eu-gdpr-art33-sa", "--reference", "AKI-1")
    opened.later(days=5)
    met = opened.json("done", "eu-gdpr-art33-sa", "--reference", "AKI-2")
    assert met["state"] == "done"
    assert "Done at Thu 2026-11-19 11:00 +02:00, reference AKI-1." in met["because"]
    assert "That was after it fell due." not in met["because"]
