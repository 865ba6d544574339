"""The notices to the ICO and to the FDPIC: their parts in order, and whose number they give."""

from __future__ import annotations

import re
from typing import Any

import pytest
from happened import append
from pavlodar import rows, seal
from programme import Programme

from notices.events import BatchHandedOver, BatchSettled, SendingBegun

KINDS = {"uk-authority": ("GB", "the United Kingdom"), "ch-authority": ("CH", "Switzerland")}
DUTY = {"uk-authority": "uk-gdpr-art33-sa", "ch-authority": "ch-fadp-fdpic"}
HEADINGS = {
    "uk-authority": [
        "1. Kind of report", "2. The breach", "3. Personal data concerned", "4. People concerned", "5. Consequences",
        "6. Measures", "7. Controller and contact",
    ],
    "ch-authority": [
        "1. The notice", "2. Nature of the breach", "3. Time and duration", "4. Data concerned", "5. People concerned",
        "6. Consequences and risks for the people concerned", "7. Measures", "8. Controller and contact",
    ],
}  # fmt: skip


def text_of(programme: Programme, kind: str) -> str:
    programme.ok("notice", "draft", kind)
    text: str = programme.ok("notice", "show", f"{kind}-en", "--print", "md").out
    return text


def answer(text: str, question: str) -> str:
    """What stands behind a question of the letter, on one line."""
    found = re.search(rf"^{re.escape(question)}\n:   (.*?)(?=\n\n\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{question} is not asked in:\n{text}"
    return " ".join(found[1].split())


@pytest.mark.parametrize("kind", KINDS)
def test_a_complete_letter_has_its_parts_in_order_and_passes_its_own_check(kind: str, opened: Programme) -> None:
    text = text_of(opened, kind)
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == HEADINGS[kind]
    checked = opened.run("notice", "check", f"{kind}-en", "--json").json
    assert (checked["missing"], checked["still_open"], checked["forbidden"], checked["lint"]) == ([], [], [], [])
    assert "An access key to our database was published by mistake" in text
    assert "every session was ended" in text


@pytest.mark.parametrize("kind", KINDS)
def test_each_speaks_of_its_own_part_of_the_people(kind: str, opened: Programme) -> None:
    code, country = KINDS[kind]
    # Of 1,204 people 60 live there and 701 + 260 + 140 elsewhere; of 43 nobody knows.
    opened.ok("fact", "people_by_country", f"EE=701,FI=260,DE=140,{code}=60")
    text = text_of(opened, kind)
    assert answer(text, f"People who live in {country}") == "60"
    assert answer(text, "Besides, people whose country is not known") == "43 (not in the number above)"
    assert answer(text, f"Number of records of people who live in {country}") == "not counted separately"
    for other in ("1,204", "1,210", "9,650", "701", "260", "140"):
        assert other not in text


@pytest.mark.parametrize("kind", KINDS)
def test_where_everybody_lives_there_the_records_are_theirs(kind: str, opened: Programme) -> None:
    code, country = KINDS[kind]
    opened.ok("fact", "people_by_country", f"{code}=1204")
    text = text_of(opened, kind)
    assert answer(text, f"People who live in {country}") == "1,204"
    assert answer(text, "Number of records") == "9,650"
    assert "not known" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_where_nobodys_country_is_known_the_number_cannot_be_determined(kind: str, opened: Programme) -> None:
    opened.ok("fact", "people_by_country", "ZZ=1204")
    text = text_of(opened, kind)
    assert answer(text, f"People who live in {KINDS[kind][1]}") == "cannot be determined"
    assert answer(text, "People in all countries together") == "1,204"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_known_yet_is_listed_and_what_happened_is_not_left_open(kind: str, opened: Programme) -> None:
    opened.ok("fact", "likely_consequences@en", "--state", "pending")
    opened.ok("fact", "likely_consequences@et", "--state", "pending")
    text = text_of(opened, kind)
    last = text.rpartition("\n## ")[2]
    assert "Not yet known" in last.splitlines()[0]
    assert "- Likely consequences for the people concerned\n" in last
    for language in ("en", "et"):
        opened.ok("fact", f"what_happened@{language}", "--state", "pending")
    refused = opened.run("notice", "draft", kind)
    assert refused.code == 3
    assert 'incident fact what_happened@en "…"' in refused.err


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_handed_in_by_a_person_and_the_next_one_refers_to_it(kind: str, opened: Programme) -> None:
    code, country = KINDS[kind]
    opened.ok("fact", "people_by_country", f"EE=701,{code}=60")
    text_of(opened, kind)
    opened.ok("notice", "approve", f"{kind}-en", "--role", "legal", actor="dana")
    refused = opened.run("notice", "send", f"{kind}-en")
    assert refused.code == 3
    opened.later(hours=1)
    opened.ok("done", DUTY[kind], "--reference", "IC-12/2026")
    opened.ok("fact", "people_by_country", f"EE=701,{code}=61")
    opened.ok("fact", "people_affected", "1300")
    text = text_of(opened, kind)
    changed = text.partition("### What has changed")[2].partition("## 2.")[0]
    assert "19 November 2026, your reference IC-12/2026" in text
    assert answer(changed, f"People who live in {country}") == "- before: 60 - now: 61"
    assert "1,300" not in changed


def test_the_swiss_letter_names_no_article_of_another_law(opened: Programme) -> None:
    asked = "Are the people concerned told?"
    for told, said in (
        ("planned", "planned"),
        ("undecided", "not decided yet"),
        ("no_not_high_risk", "no"),
        ("no_public_notice", "by a public announcement (Article 24(5) FADP)"),
    ):
        opened.ok("fact", "people_told", told)
        text = text_of(opened, "ch-authority")
        assert answer(text, asked) == said
        assert "Article 34" not in text
        assert "GDPR" not in text


def test_the_swiss_letter_calls_undecided_only_what_is_undecided(opened: Programme) -> None:
    opened.ok("fact", "people_told", "--state", "unknowable", "--because", "the processor is silent")
    assert answer(text_of(opened, "ch-authority"), "Are the people concerned told?") == "cannot be determined"


def test_the_british_letter_says_why_it_is_late(opened: Programme) -> None:
    opened.later(hours=60)  # 85.5 hours after awareness
    refused = opened.run("notice", "draft", "uk-authority")
    assert refused.code == 3
    assert 'incident fact reasons_for_delay@en "…"' in refused.err
    opened.ok("fact", "reasons_for_delay@en", "The log had to be read first.")
    assert answer(text_of(opened, "uk-authority"), "Reasons for the delay") == "The log had to be read first."


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_the_peoples_own_data_goes_with_it(kind: str, opened: Programme) -> None:
    opened.ok("notice", "draft", kind)
    letter: Any = opened.json("notice", "show", f"{kind}-en")
    assert letter["annex"] is None
    assert "«" not in letter["text"]


def told(programme: Programme, *languages: str) -> Programme:
    """Of a list of 20 people, those who read one of `languages` (10 each of two) have really had their letter."""
    seal(programme, rows(20), ["GB"] * 10 + ["EE"] * 10)
    programme.ok("fact", "people_told", "planned")
    for language in languages:
        letter = {"letter": f"people-{language}", "letter_version": 1, "scope": "s1", "channel": "post"}
        append(
            programme,
            SendingBegun(digest="sha256:0", audience=("en", "et"), sender="post", planned=10, **letter),  # type: ignore[arg-type]  # see `letter`
            BatchHandedOver(digest="sha256:0", segment=0, planned=10, sender="post", **letter),  # type: ignore[arg-type]  # as above
            BatchSettled(segment=0, attempt=1, outcome="accepted", accepted=10, **letter),  # type: ignore[arg-type]  # as above
        )
    return programme


@pytest.mark.parametrize("kind", KINDS)
def test_the_people_are_told_in_part_until_every_letter_of_the_plan_has_left(kind: str, opened: Programme) -> None:
    text = text_of(told(opened, "et"), kind)
    assert answer(text, "Are the people concerned told?") == "in part"
    assert answer(text, "First letters sent on") == "19 November 2026"


@pytest.mark.parametrize("kind", KINDS)
def test_the_people_are_told_once_every_letter_of_the_plan_has_left(kind: str, opened: Programme) -> None:
    assert answer(text_of(told(opened, "et", "en"), kind), "Are the people concerned told?") == "yes"


@pytest.mark.parametrize("kind", KINDS)
def test_people_that_only_a_newer_list_names_are_not_told_yet(kind: str, opened: Programme) -> None:
    seal(told(opened, "et", "en"), rows(20), ["GB"] * 20, scope="s2")
    assert answer(text_of(opened, kind), "Are the people concerned told?") == "in part"
