"""The letters' commands from draft to approval, as a person runs them."""

from __future__ import annotations

import io
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from programme import Programme

from incident.errors import OutsideError
from incident.record.events import ScopeSealed
from incident.scope.sealed import COLUMNS, Sealer
from incident.settings import Settings
from incident.workspace import open_workspace


def test_people_get_one_letter_in_each_language_of_the_profile(opened: Programme) -> None:
    drafted = opened.json("notice", "draft", "people")
    assert [letter["letter"] for letter in drafted["letters"]] == ["people-en", "people-et"]
    assert {tuple(letter["audience"]) for letter in drafted["letters"]} == {("en", "et")}
    assert drafted["languages_without_a_letter"] == []


def test_the_authority_gets_one_letter_in_the_first_language_or_the_one_asked_for(opened: Programme) -> None:
    assert [each["letter"] for each in opened.json("notice", "draft", "authority")["letters"]] == ["authority-en"]
    estonian = opened.json("notice", "draft", "authority", "--language", "et")["letters"]
    assert [each["letter"] for each in estonian] == ["authority-et"]


def test_a_language_that_has_no_letter_is_said(opened: Programme) -> None:
    profile = opened.folder / "organisation.toml"
    text = profile.read_text(encoding="utf-8").replace('["en", "et"]', '["en", "fi"]')
    profile.write_text(text, encoding="utf-8")
    result = opened.ok("notice", "draft", "people")
    assert "There is no letter in fi; those readers get en." in result.out
    assert "those readers" not in opened.ok("notice", "draft", "authority").out


def test_nothing_is_written_where_something_is_missing(studio: Programme) -> None:
    studio.ok("open", "token in a public repository")
    result = studio.run("notice", "draft", "people")
    assert result.code == 3
    assert "missing for the people letters in en and et" in result.err
    assert 'incident fact what_happened@en "…"' in result.err
    assert 'incident fact what_happened@et "…"' in result.err
    assert "No letter was written." in result.err
    assert not (studio.folder / "incidents" / "2026-001" / "letters").exists()
    assert studio.json("notice", "list") == []


def test_a_letter_without_a_profile_is_refused_with_the_way_to_one(studio: Programme) -> None:
    studio.ok("open", "token in a public repository")
    (studio.folder / "organisation.toml").unlink()
    result = studio.run("notice", "draft", "authority")
    assert result.code == 3
    assert "incident organisation init" in result.err


def test_another_kind_of_letter_is_answered_with_those_there_are(opened: Programme) -> None:
    result = opened.run("notice", "draft", "press")
    assert result.code == 2
    assert 'no letter of the kind "press"' in result.err


def test_a_folder_that_cannot_be_written_leaves_no_letter(opened: Programme) -> None:
    folder = opened.folder / "incidents" / "2026-001"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "letters").write_text("in the way", encoding="utf-8")
    result = opened.run("notice", "draft", "authority")
    assert result.code == 4
    assert "could not be written" in result.err
    assert opened.json("notice", "list") == []


def test_from_draft_to_approved_with_two_people(opened: Programme) -> None:
    opened.ok("notice", "draft", "people", "--language", "en")
    assert "another person runs" in opened.ok("notice", "submit", "people-en").out
    own = opened.run("notice", "approve", "people-en", "--role", "legal")
    assert own.code == 3
    assert "an author does not approve their own letter" in own.err
    approved = opened.json("notice", "approve", "people-en", "--role", "legal", actor="dana")
    assert (approved["state"], approved["approved_by"], approved["approved_as"]) == ("approved", "dana", "legal")
    again = opened.run("notice", "approve", "people-en", "--role", "legal", actor="ito")
    assert again.code == 3
    assert "approved already, by dana (legal)" in again.err
    listed = opened.ok("notice", "list").out
    assert "drafted Thu 2026-11-19 11:00 +02:00 by mari" in listed
    assert "approved Thu 2026-11-19 11:00 +02:00 by dana (legal)" in listed


def test_a_one_person_company_records_a_waiver(opened: Programme) -> None:
    opened.ok("notice", "draft", "authority")
    result = opened.ok("notice", "approve", "authority-en", "--role", "owner", "--waiver", "one-person company")
    assert "The author approved it; recorded reason: one-person company" in result.out
    assert "ATTENTION: No second person approved this letter" in result.out
    timeline = opened.ok("timeline", "--json").out
    assert "one-person company" in timeline
    assert "No second person approved this letter" in timeline


def test_a_company_that_says_it_is_one_person_gets_no_warning(opened: Programme) -> None:
    profile = opened.folder / "organisation.toml"
    text = profile.read_text(encoding="utf-8").replace('role = "controller"', 'role = "controller"\none_person = true')
    profile.write_text(text, encoding="utf-8")
    opened.ok("notice", "draft", "authority")
    result = opened.ok("notice", "approve", "authority-en", "--role", "owner", "--waiver", "one-person company")
    assert "ATTENTION" not in result.out


def test_data_that_are_called_affected_and_not_affected_stop_an_approval(opened: Programme) -> None:
    opened.ok("fact", "data_not_affected", "user.name,user.financial.credit_card")
    for kind in ("people", "authority"):
        opened.ok("notice", "draft", kind)
        result = opened.run("notice", "check", f"{kind}-en")
        assert result.code == 1
        assert "user.name is said to be affected, and not to be affected" in result.out
        refused = opened.run("notice", "approve", f"{kind}-en", "--role", "legal", actor="dana")
        assert refused.code == 3
        assert "must not be in it: user.name is said" in refused.err


def test_stock_advice_is_said_to_be_that(opened: Programme) -> None:
    assert "stock advice" not in opened.ok("notice", "draft", "people").out
    for language in ("en", "et"):
        opened.ok("fact", f"actions_for_people@{language}", "--state", "pending")
    assert "people-et gives stock advice, since nobody has stated any" in opened.ok("notice", "draft", "people").out


def test_readers_of_other_languages_are_counted_when_letters_are_drafted(opened: Programme) -> None:
    opened.ok("fact", "people_by_language", "EN=10,ET=20,FI=3,UNKNOWN=4")
    assert "People whose language has no letter get the en one: FI 3, UNKNOWN 4." in (
        opened.ok("notice", "draft", "people").out
    )
    assert opened.json("notice", "draft", "authority")["fallback"] == {}


def test_children_among_the_readers_are_a_note_that_stops_nothing(opened: Programme) -> None:
    opened.ok("notice", "draft", "people")
    assert "children" not in str(opened.json("notice", "check", "people-en")["notes"])
    opened.ok("fact", "minors_affected", "12")
    assert "12 of the readers are children: a child needs a letter" in opened.ok("notice", "check", "people-en").out
    opened.ok("fact", "minors_affected", "--state", "unknowable", "--because", "ages are not kept")
    assert "It is not known how many" in opened.ok("notice", "check", "people-en").out
    opened.ok("notice", "approve", "people-en", "--role", "legal", actor="dana")


def test_the_list_marks_an_approved_letter_that_is_out_of_date(opened: Programme) -> None:
    words = "approved, but out of date: incident notice check"
    opened.ok("notice", "draft", "people")
    opened.ok("notice", "approve", "people-en", "--role", "legal", actor="dana")
    assert words not in opened.ok("notice", "list").out
    opened.ok("fact", "contained_at", "2026-11-18T08:00Z")
    listed = opened.ok("notice", "list").out
    assert f"{words} people-en says why" in listed
    assert f"{words} people-et" not in listed  # it is a draft, and nobody relies on it
    stale = {each["letter"]: each["stale"] for each in opened.json("notice", "list")}
    assert stale == {"people-en": True, "people-et": False}
    opened.ok("notice", "draft", "people")
    assert words not in opened.ok("notice", "list", "--all").out


def test_a_stale_letter_is_not_approved_and_the_next_version_supersedes_it(opened: Programme) -> None:
    opened.ok("notice", "draft", "authority")
    opened.ok("fact", "people_affected", "1300")
    refused = opened.run("notice", "approve", "authority-en", "--role", "legal", actor="dana")
    assert refused.code == 3
    assert "The fact people_affected changed: version 1 in the letter, version 2 now." in refused.err
    would = opened.ok("notice", "diff", "authority-en").out
    assert "-:   1,204" in would
    assert "+:   1,300" in would
    opened.ok("notice", "draft", "authority")
    versions = opened.json("notice", "list", "--all")
    assert [(each["version"], each["state"]) for each in versions] == [(1, "superseded"), (2, "draft")]
    between = opened.json("notice", "diff", "authority-en", "--from", "1", "--to", "2")["diff"]
    assert "+:   1,300" in between


def test_an_approved_letter_that_is_drafted_again_needs_a_new_approval(opened: Programme) -> None:
    opened.ok("notice", "draft", "authority")
    opened.ok("notice", "approve", "authority-en", "--role", "legal", actor="dana")
    opened.ok("notice", "draft", "authority")
    [letter] = opened.json("notice", "list")
    assert (letter["version"], letter["state"], letter["approved_by"]) == (2, "draft", None)


def test_changes_are_asked_for_and_a_letter_withdrawn_with_a_reason(opened: Programme) -> None:
    opened.ok("notice", "draft", "authority")
    opened.ok("notice", "reject", "authority-en", "--because", "the cause is unclear", actor="dana")
    refused = opened.run("notice", "approve", "authority-en", "--role", "legal", actor="dana")
    assert refused.code == 3
    assert "waiting for changes (the cause is unclear)" in refused.err
    assert opened.json("notice", "withdraw", "authority-en", "--because", "no breach")["state"] == "withdrawn"
    assert opened.run("notice", "withdraw", "authority-en").code == 3


def test_check_lists_what_is_open_and_says_yes(opened: Programme) -> None:
    for name in ("root_cause@en", "root_cause@et"):
        opened.ok("fact", name, "--state", "pending")
    opened.ok("notice", "draft", "authority")
    document = opened.ok("notice", "check", "authority-en", "--json").json
    assert document["notice"] == "authority-en"
    assert document["missing"] == document["forbidden"] == document["lint"] == []
    assert document["stale"] is False
    assert [each["fact"] for each in document["still_open"]] == ["root_cause@en"]
    assert document["still_open"][0]["command"] == 'incident fact root_cause@en "…"'


def test_a_letter_drafted_in_time_and_approved_too_late_lacks_its_reasons(opened: Programme) -> None:
    opened.ok("notice", "draft", "authority")
    opened.later(hours=60)
    result = opened.run("notice", "check", "authority-en", "--json")
    assert result.code == 1
    assert [each["fact"] for each in result.json["missing"]] == ["reasons_for_delay@en"]
    refused = opened.run("notice", "approve", "authority-en", "--role", "legal", actor="dana")
    assert refused.code == 3
    assert 'incident fact reasons_for_delay@en "…"' in refused.err


def test_wording_to_weigh_makes_check_say_no_and_does_not_stop_an_approval(opened: Programme) -> None:
    opened.ok("fact", "likely_consequences@en", "Your data may be misused.")
    opened.ok("notice", "draft", "people", "--language", "en")
    result = opened.run("notice", "check", "people-en")
    assert result.code == 1
    assert ": may (leaves the reader unsure" in result.out
    opened.ok("notice", "approve", "people-en", "--role", "legal", actor="dana")


def test_show_prints_the_text_with_its_subject(opened: Programme) -> None:
    opened.ok("notice", "draft", "people", "--language", "et")
    shown = opened.ok("notice", "show", "people-et").out
    assert shown.startswith("Subject: Turvaintsident 14. novembril 2026: puudutatud on ka Teie andmed")
    assert "Lugupeetud «name»" in shown
    assert opened.ok("notice", "show", "people-et", "--print", "pdf").out.strip().endswith("people-et/v1/letter.pdf")
    assert opened.run("notice", "show", "people-et", "--print", "rtf").code == 2


def test_a_tampered_letter_is_not_shown(opened: Programme) -> None:
    opened.ok("notice", "draft", "people", "--language", "et")
    file = opened.folder / "incidents" / "2026-001" / "letters" / "people-et" / "v1" / "letter.txt"
    file.write_text("Everything is fine.", encoding="utf-8")
    result = opened.run("notice", "show", "people-et")
    assert result.code == 3
    assert "letter.txt was changed after the letter was sealed." in result.err


def seal_list(programme: Programme, people: Sequence[tuple[str, str | None]]) -> None:
    """A sealed list s1 of (key, name)."""
    folder = programme.folder / "incidents" / "2026-001" / "scopes"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [[key, f"{key}@mail.example", name, "en", *[None] * (len(COLUMNS) - 4)] for key, name in people]
    with Sealer(folder) as sealer:
        sealer.add(rows)
        seal = sealer.finish()
        sealer.name(folder / "s1.jsonl")
        sealer.keep()
    workspace = open_workspace(
        Settings({"INCIDENT_ACTOR": "mari"}, workspace=programme.folder, now=lambda: programme.clock)
    )
    sealed = ScopeSealed(
        "s1",
        {},
        seal.digest,
        {"accounts": seal.accounts},
        {},
        {},
        {},
        "SELECT 1",
        {},
        "x",
        "y",
        programme.clock,
        "scopes/s1.jsonl",
    )
    workspace.record(None, lambda _: [sealed])
    workspace.close()


def exported(programme: Programme, out: Path) -> tuple[str, str]:
    """The name of the first file of people-en, and what the screen says beside the files."""
    result = programme.ok("notice", "export", "people-en", "--out", str(out))
    return Path(result.out.splitlines()[0]).name, result.err


def test_the_files_of_a_letter_that_is_not_approved_say_so_in_their_names(opened: Programme, tmp_path: Path) -> None:
    opened.ok("notice", "draft", "people")
    name, said = exported(opened, tmp_path)
    assert name == "people-en-v1-draft.md"
    assert "people-en version 1 is NOT APPROVED (draft). Only the names of the files say so (-draft)" in said
    opened.ok("notice", "submit", "people-en")
    assert exported(opened, tmp_path)[0] == "people-en-v1-draft.md"
    opened.ok("notice", "approve", "people-en", "--role", "legal", actor="dana")
    assert exported(opened, tmp_path) == ("people-en-v1.md", "")
    opened.ok("fact", "contained_at", "2026-11-18T08:00Z")
    name, said = exported(opened, tmp_path)
    assert name == "people-en-v1.md"
    assert "people-en is approved, but out of date: incident notice check people-en says why." in said
    opened.ok("notice", "withdraw", "people-en", "--because", "nobody was affected")
    name, said = exported(opened, tmp_path)
    assert name == "people-en-v1-withdrawn.md"
    assert "NOT APPROVED (withdrawn: nobody was affected)" in said


def test_export_writes_five_private_prints(opened: Programme, tmp_path: Path) -> None:
    opened.ok("notice", "draft", "authority")
    files = opened.json("notice", "export", "authority-en", "--out", str(tmp_path / "out"))["files"]
    assert [Path(file).suffix for file in files] == [".md", ".html", ".txt", ".docx", ".pdf"]
    assert {stat.S_IMODE(Path(file).stat().st_mode) for file in files} == {0o600}
    sealed = opened.folder / "incidents" / "2026-001" / "letters" / "authority-en" / "v1" / "letter.pdf"
    assert Path(files[-1]).read_bytes() == sealed.read_bytes()
    blocked = opened.run("notice", "export", "authority-en", "--out", str(Path(files[0]) / "x"))
    assert blocked.code == 4
    assert "0 of 5 files were written." in blocked.err


NAME = "O'Neill-Õunapuu <b> *x* | \\ {{ y }}\r\nBcc: z"
SHOWN = "O'Neill-Õunapuu <b> *x* | \\ {{ y }} Bcc: z"


def test_one_persons_prints_hold_their_name_as_they_write_it(opened: Programme, tmp_path: Path) -> None:
    seal_list(opened, [("k1", NAME), ("k2", None)])
    opened.ok("notice", "draft", "people", "--language", "en")
    opened.ok("notice", "export", "people-en", "--person", "k1", "--out", str(tmp_path))
    prints = {file.suffix: file for file in tmp_path.iterdir() if file.is_file()}
    assert f"Dear {SHOWN}," in prints[".txt"].read_text(encoding="utf-8")
    assert "<p>Dear O'Neill-Õunapuu &lt;b&gt; *x* | \\ {{ y }} Bcc: z,</p>" in prints[".html"].read_text(
        encoding="utf-8"
    )
    paragraphs = [paragraph.text for paragraph in docx.Document(str(prints[".docx"])).paragraphs]
    assert f"Dear {SHOWN}," in paragraphs
    pages = pypdf.PdfReader(io.BytesIO(prints[".pdf"].read_bytes())).pages
    assert f"Dear {SHOWN}," in pages[0].extract_text()
    assert "\nBcc" not in prints[".md"].read_text(encoding="utf-8")


def test_prints_for_one_person_are_on_record_and_named_when_the_list_is_forgotten(
    opened: Programme, tmp_path: Path
) -> None:
    seal_list(opened, [("k2", None), ("key-of-anna", "Anna")])
    opened.ok("notice", "draft", "people", "--language", "en")
    files = opened.json("notice", "export", "people-en", "--person", "key-of-anna", "--out", str(tmp_path / "o"))[
        "files"
    ]
    timeline = opened.ok("timeline").out
    assert f"wrote a letter to one person of the list of scope s1 to {files[0]}" in timeline
    assert "key-of-anna" not in timeline
    assert "Anna" not in timeline
    forgotten = opened.ok("scope", "forget", "s1", "--because", "everybody was told", "--yes").out
    assert len(files) == 5
    assert all(f"  {file}\n" in forgotten for file in files)


def test_prints_for_nobody_in_particular_are_no_export_of_the_list(opened: Programme, tmp_path: Path) -> None:
    seal_list(opened, [("k1", "Anna")])
    opened.ok("notice", "draft", "people", "--language", "en")
    opened.ok("notice", "export", "people-en", "--out", str(tmp_path / "o"))
    assert not [each for each in opened.json("timeline")["events"] if each["kind"] == "scope-exported"]


def test_a_print_for_one_person_that_cannot_be_recorded_is_not_written(
    opened: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_list(opened, [("k1", "Anna")])
    opened.ok("notice", "draft", "people", "--language", "en")

    def down(*_: Any, **__: Any) -> None:
        raise OutsideError("The journal could not be used.")

    monkeypatch.setattr("incident.record.journal.Journal.append", down)
    assert opened.run("notice", "export", "people-en", "--person", "k1", "--out", str(tmp_path / "o")).code == 4
    assert not list((tmp_path / "o").iterdir())


def test_a_person_without_a_name_gets_the_word_that_was_approved(opened: Programme) -> None:
    seal_list(opened, [("k1", NAME), ("k2", None)])
    opened.ok("notice", "draft", "people", "--language", "en")
    assert "Dear customer," in opened.ok("notice", "show", "people-en", "--person", "k2").out
    unknown = opened.run("notice", "show", "people-en", "--person", "k9")
    assert unknown.code == 2
    assert "Nobody on the sealed list s1 has that key." in unknown.err
    assert opened.run("notice", "show", "people-en", "--person", "k1", "--print", "pdf").code == 2


def test_a_letter_to_no_list_has_no_prints_for_one_person(opened: Programme) -> None:
    opened.ok("notice", "draft", "people", "--language", "en")
    result = opened.run("notice", "show", "people-en", "--person", "k1")
    assert result.code == 2
    assert "addressed to no sealed list" in result.err
