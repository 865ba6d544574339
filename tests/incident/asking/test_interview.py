"""The talk: fifteen questions to a first notice, each answer used, nothing asked twice."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

from interviewing import Interview
from programme import Programme

ANSWERS = {
    "awareness": "10 min ago",
    "what_happened": "Someone opened accounts with a stolen credential and read what was in them.",
    "breach_type": "1",
    "occurred_at": "about 2 hours ago",
    "data_categories": "user.name, user.contact.email",
    "people_categories": "users",
    "people_affected": "~1200",
    "people_by_country": "EE=800, DE=398, JP=2",
    "records_affected": "about 9 000",
    "likely_consequences": "Messages that pretend to come from us and use your name.",
    "measures_taken": "The credential was revoked.",
    "risk": "2",
    "people_told": "planned",
    "measures_planned": "Credentials that expire after an hour.",
    "next_update_at": "in 3 days",
    "cause": "external_malicious",
}


def first_part(interview: Interview) -> list[str]:
    heard = interview(ANSWERS, go_on=False)
    assert heard.answered == len(heard.asked)
    return heard.asked


def test_fifteen_questions_lead_to_a_complete_preliminary_notice(studio: Programme, interview: Interview) -> None:
    asked = first_part(interview)
    assert len(asked) <= 15
    assert len(asked) == len(set(asked))
    studio.ok("notice", "draft", "authority", "--language", "en")
    check = studio.run("notice", "check", "authority-en", "--json")
    assert check.json["missing"] == []
    assert check.json["forbidden"] == []


def test_each_answer_is_used(studio: Programme, interview: Interview) -> None:
    before = {duty["id"]: duty["state"] for duty in studio.json("clock")["duties"]}
    asked = first_part(interview)
    studio.ok("notice", "draft", "authority", "--language", "en")
    letter = next(each for each in studio.json("notice", "list") if each["letter"] == "authority-en")
    in_the_letter = {name for name, version in letter["facts"].items() if version > 0}
    assert set(asked) <= in_the_letter
    text = " ".join(studio.ok("notice", "show", "authority-en", "--print", "txt").out.split())
    prose = [ANSWERS[name.removesuffix("@en")] for name in asked if name.endswith("@en")]
    assert len(prose) >= 3
    for words in (*prose, "about 1,200", "about 9,000"):
        assert words in text
    after = {duty["id"]: duty["state"] for duty in studio.json("clock")["duties"]}
    assert after != before  # where the people live decides what else is owed


def test_nothing_is_asked_that_a_scope_has_counted(studio: Programme, interview: Interview) -> None:
    for name, value in {"people_affected": "998", "people_by_country": "EE=998", "minors_affected": ""}.items():
        argv = ["fact", name, value] if value else ["fact", name, "--state", "unknowable"]
        studio.ok(*argv)
    asked = interview({}).asked
    assert not {"people_affected", "people_by_country", "minors_affected", "detected_at"} & set(asked)


def test_a_question_may_be_left_put_off_or_called_unknowable(studio: Programme, interview: Interview) -> None:
    heard = interview({"what_happened": "?", "occurred_at": "-", "records_affected": ""}, go_on=True)
    facts = {fact["name"]: fact["state"] for fact in studio.json("facts")}
    assert facts["what_happened@en"] == "pending"
    assert facts["occurred_at"] == "unknowable"
    assert "records_affected" not in facts
    assert len(heard.asked) == len(set(heard.asked))
    missing = {entry["fact"]: entry["state"] for entry in studio.json("facts", "--missing")}
    assert missing["what_happened@en"] == "pending"
    assert "records_affected" in missing
    assert "occurred_at" not in missing


def test_what_cannot_be_is_said_and_asked_again(studio: Programme, interview: Interview) -> None:
    heard = interview({"occurred_at": ["in 3 days", "20 min ago"]})
    assert any("lies in the future" in line for line in heard.lines)
    assert studio.json("facts")[-1]["name"] == "occurred_at"


def test_a_judgement_of_the_risk_keeps_its_reason(studio: Programme, interview: Interview) -> None:
    interview({"risk": "risk", "why": "private messages were read"})
    facts = {fact["name"]: fact for fact in studio.json("facts")}
    assert (facts["risk"]["value"], facts["risk"]["because"]) == ("risk", "private messages were read")
    assert facts["risk_reasons@en"]["value"] == "private messages were read"


def test_what_follows_is_asked_only_where_it_matters(studio: Programme, interview: Interview) -> None:
    studio.ok("fact", "breach_type", "availability")
    asked = interview({"availability_loss": "permanent", "people_told": "no_not_high_risk"}).asked
    asked = [name.partition("@")[0] for name in asked]
    assert {"availability_loss", "unavailable_hours", "availability_consequences", "why_people_not_told"} <= set(asked)
    assert not {"integrity_loss", "confidentiality_loss", "recipients", "people_informed_at"} & set(asked)
    assert not {"ransom_reasons", "reasons_for_delay"} & set(asked)


def test_the_reasons_for_a_delay_are_asked_once_it_is_late(studio: Programme) -> None:
    def missing() -> set[str]:
        return {entry["fact"] for entry in studio.json("facts", "--missing")}

    assert "reasons_for_delay@en" not in missing()
    studio.later(hours=80)
    assert "reasons_for_delay@en" in missing()


def test_letters_to_people_are_asked_in_every_language_and_notices_in_the_first(studio: Programme) -> None:
    missing = [entry["fact"] for entry in studio.json("facts", "--missing")]
    assert {"what_happened@en", "what_happened@et", "actions_for_people@et"} <= set(missing)
    assert "root_cause@en" in missing
    assert "root_cause@et" not in missing
    assert missing.index("what_happened@en") < missing.index("what_happened@et")


def test_a_first_notice_that_left_leaves_the_whole_one_to_be_asked(studio: Programme, interview: Interview) -> None:
    first_part(interview)
    for duty in ("eu-gdpr-art33-sa", "promise-smartpact-72h-supervisory_authority"):
        studio.ok("done", duty, "--reference", "form 4711")
    missing = {entry["fact"]: entry for entry in studio.json("facts", "--missing")}
    assert missing["root_cause@en"]["stage"] == "whole"
    done = [why for why in missing["reasons_for_phases@en"]["why"] if why["duty"] == "eu-gdpr-art33-sa"]
    assert done[0]["due_at"] == "2026-11-24T01:05:00Z"  # by the date the first one named


def test_without_a_profile_nobody_is_asked_what_hangs_on_what_the_organisation_is(programme: Programme) -> None:
    programme.ok("open", "token in a public repository")
    asked = [entry["fact"] for entry in programme.json("facts", "--missing") if entry["stage"] == "first"]
    assert asked[:3] == ["people_by_country", "awareness", "what_happened@en"]
    assert not {"significant_incident", "product_incident", "vulnerability_exploited"} & set(asked)
    assert len(asked) <= 16  # fifteen, and what people need beside them


def test_without_a_terminal_the_questions_are_printed_and_nothing_waits(studio: Programme) -> None:
    shown = studio.ok("ask").out
    assert "What happened, in two or three plain sentences?" in shown
    assert "incident ask --out FILE" in shown
    assert studio.json("ask") == studio.json("facts", "--missing")


def test_on_a_terminal_it_talks_and_records_as_it_goes(studio: Programme, tmp_path: Path) -> None:
    mine, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "incident", "ask"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "INCIDENT_WORKSPACE": str(studio.folder), "CI": "", "TERM": "dumb", "INCIDENT_ACTOR": "ann"},
    )
    os.close(theirs)
    # The machine's clock is later than the workspace's, so every first question comes up; country is the first.
    os.write(mine, b"EE=1000\nnow\nthe log says so\n.\n")
    shown, deadline = b"", time.monotonic() + 60
    while program.poll() is None and time.monotonic() < deadline:
        try:
            shown += os.read(mine, 4096)
        except OSError:
            break
    os.close(mine)
    assert program.wait(timeout=30) == 0, shown.decode()
    facts = {fact["name"]: fact["value"] for fact in studio.json("facts")}
    assert facts["people_by_country"] == {"EE": 1000}
    assert "answers recorded" in shown.decode()
