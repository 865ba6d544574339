"""The second letter to the authority says what the first one did not; who was told, the record knows."""

from __future__ import annotations

import pytest
from happened import append
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
