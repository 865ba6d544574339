"""The memo on the risk as a file: Markdown and PDF, private, never over another file, an exercise marked as one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from programme import Programme

from notices.markdown import as_read

FACTS = """
breach_type = ["confidentiality"]
incident_kind = "hacking"
data_categories = ["user.name", "user.financial.bank_account"]
people_affected = 4200
recipients = "not_known"
"""


@pytest.fixture
def programme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    return Programme(tmp_path / "workspace", capsys)


@pytest.fixture
def leaked(programme: Programme) -> Programme:
    programme.ok("open", "a token | leaked <b>")
    programme.ok("fact", "breach_type", "confidentiality")
    programme.ok("fact", "incident_kind", "hacking")
    programme.ok("fact", "data_categories", "user.name,user.contact.email")
    return programme


def test_the_conclusion_comes_first_and_enisa_is_a_table(leaked: Programme, tmp_path: Path) -> None:
    file = tmp_path / "memo.md"
    leaked.ok("assess", "--out", str(file))
    text = as_read(file.read_text(encoding="utf-8"))
    order = [
        "Assessment of the risk",
        "Assume high risk",
        "Notify the authority",
        "What speaks for",
        "Missing",
        "ENISA",
    ]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "| Part | Score | Rule | From the fact |" in text
    assert "a token | leaked <b>" in text
    assert "<b>" not in file.read_text(encoding="utf-8").replace("\\<b\\>", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_number_that_is_approximate_is_said_so(leaked: Programme, tmp_path: Path) -> None:
    leaked.ok("fact", "people_affected", "4200", "--state", "approximate", "--because", "perhaps more")
    leaked.ok("fact", "records_affected", "9000")
    out = leaked.ok("assess", "--out", str(tmp_path / "memo.md")).out
    assert "people_affected = about 4200" in out
    text = as_read((tmp_path / "memo.md").read_text(encoding="utf-8"))
    assert "Number of people concerned: about 4,200" in text
    assert "Number of records concerned: 9,000" in text


def test_a_pdf_by_its_suffix_the_same_bytes_for_the_same_moment(leaked: Programme, tmp_path: Path) -> None:
    first, second = tmp_path / "first.pdf", tmp_path / "second.PDF"
    leaked.ok("assess", "--out", str(first))
    leaked.ok("assess", "--out", str(second))
    assert first.read_bytes().startswith(b"%PDF-")
    assert first.read_bytes() == second.read_bytes()
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_nothing_is_written_over_and_nothing_recorded_then(leaked: Programme, tmp_path: Path) -> None:
    file = tmp_path / "memo.md"
    file.write_text("notes of mine", encoding="utf-8")
    found = leaked.run("assess", "--decide", "high", "--because", "bank accounts", "--out", str(file))
    assert found.code == 3
    assert file.read_text(encoding="utf-8") == "notes of mine"
    assert leaked.json("assess")["decided"] is None


def test_a_suffix_that_says_no_form_is_refused_before_anything_is_recorded(leaked: Programme, tmp_path: Path) -> None:
    found = leaked.run("assess", "--decide", "high", "--because", "so", "--out", str(tmp_path / "memo.docx"))
    assert (found.code, ".md or .pdf" in found.err) == (2, True)
    assert leaked.json("assess")["decided"] is None


def test_a_place_that_cannot_be_written_is_the_world_outside(leaked: Programme, tmp_path: Path) -> None:
    assert leaked.run("assess", "--out", str(tmp_path / "nowhere" / "memo.md")).code == 4


def test_an_exercise_says_so_everywhere(programme: Programme, tmp_path: Path) -> None:
    programme.ok("open", "a rehearsal", "--exercise")
    file = tmp_path / "memo.md"
    found = programme.run("assess", "--out", str(file))
    assert found.code == 1, "nothing is known"
    assert found.out.startswith("EXERCISE. ")
    assert "EXERCISE" in file.read_text(encoding="utf-8")
    assert programme.run("assess", "--json").json["exercise"] is True
    real = tmp_path / "real.md"
    programme.ok("close", "--because", "over")
    programme.ok("open", "a real one")
    programme.run("assess", "--out", str(real))
    assert "EXERCISE" not in real.read_text(encoding="utf-8")


def test_facts_from_a_file_make_a_memo_too(programme: Programme, tmp_path: Path) -> None:
    facts, file = tmp_path / "facts.toml", tmp_path / "memo.md"
    facts.write_text(FACTS, encoding="utf-8")
    programme.ok("assess", "--facts", str(facts), "--out", str(file))
    text = as_read(file.read_text(encoding="utf-8"))
    assert "bank account number" in text, "in words, not in ids"
    assert "4,200" in text
