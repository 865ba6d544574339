"""The file to fill: every open question in it, all of it recorded or nothing, and the wrong line named."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from programme import Programme

Filled = Callable[[str], Path]


def test_the_file_has_every_question_in_order_and_is_private(studio: Programme, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    studio.ok("ask", "--out", file)
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    missing = [entry["fact"] for entry in studio.json("facts", "--missing")]
    assert list(data["facts"]) == [name for name in missing if name != "awareness"]
    assert data["awareness"] == {"at": "", "because": ""}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_is_not_written_over_answers(studio: Programme, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    studio.ok("ask", "--out", file)
    assert studio.run("ask", "--out", file).code == 3


def test_an_untouched_file_records_nothing(studio: Programme, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    studio.ok("ask", "--out", file)
    events = len(studio.json("timeline")["events"])
    assert "nothing was recorded" in studio.ok("ask", "--from", file).out
    assert len(studio.json("timeline")["events"]) == events


def test_every_way_of_answering_is_understood(studio: Programme, filled: Filled) -> None:
    file = filled(
        """
[awareness]
at = "10 min ago"
because = "the access log confirms it"

[facts]
people_affected = "~1200"
records_affected = 9000
breach_type = ["integrity", "confidentiality"]
people_by_country = { EE = 800, FI = 400 }
police_informed = false
occurred_at = 2026-11-20T22:00:00+02:00
occurred_until = "?"
minors_affected = "-"
unreachable_people = { state = "unknowable", because = "no addresses are kept" }
people_told = { value = "planned", because = "counsel agreed" }
"what_happened@en" = \"\"\"
Someone read accounts.
It has ended.\"\"\"
root_cause = "- a key that never expired"
risk = ""
"""
    )
    document = studio.ok("ask", "--from", file, "--json").json
    facts = {fact["name"]: fact for fact in studio.json("facts")}
    assert {fact["name"] for fact in document["recorded"]} == set(facts) - {"detected_at"}
    assert (facts["people_affected"]["value"], facts["people_affected"]["state"]) == (1200, "approximate")
    assert facts["records_affected"]["value"] == 9000
    assert facts["breach_type"]["value"] == ["confidentiality", "integrity"]
    assert facts["people_by_country"]["value"] == {"EE": 800, "FI": 400}
    assert facts["police_informed"]["value"] is False
    assert facts["occurred_at"]["value"] == "2026-11-20T20:00:00Z"
    assert facts["occurred_until"]["state"] == "pending"
    assert facts["minors_affected"]["state"] == "unknowable"
    assert facts["unreachable_people"]["because"] == "no addresses are kept"
    assert facts["people_told"]["because"] == "counsel agreed"
    assert facts["what_happened@en"]["value"] == "Someone read accounts.\nIt has ended."
    assert facts["root_cause@en"]["value"] == "- a key that never expired"
    assert studio.json("status")["awareness"]["because"] == "the access log confirms it"


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ('risk = "perhaps"', 2, "risk cannot be"),
        ("people_affected = -3", 2, "people_affected cannot be"),
        ("breach_type = ['secrecy']", 2, "breach_type cannot be"),
        ('peple_affected = "3"', 2, "people_affected"),
        ('occurred_at = "in 3 days"', 3, "lies in the future"),
        ('risk = { value = "high", state = "guessed" }', 2, "not a state"),
        ('risk = { value = "high", state = "pending" }', 2, "has no value"),
        ('occurred_until = "2026-11-01"', 3, "cannot end before it began"),
    ],
)
def test_one_wrong_line_is_named_and_nothing_is_recorded(
    studio: Programme, filled: Filled, line: str, code: int, says: str
) -> None:
    studio.ok("fact", "occurred_at", "2026-11-20")
    file = filled(f"[facts]\nrecords_affected = 3\n{line}\n")
    number = file.read_text(encoding="utf-8").splitlines().index(line) + 1
    before = studio.ok("timeline").out
    result = studio.run("ask", "--from", file)
    assert result.code == code, result.err
    assert says in result.err
    assert f"answers.toml, line {number}" in result.err
    assert studio.ok("timeline").out == before


def test_an_answer_of_somebody_else_since_is_not_overwritten(studio: Programme, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    studio.ok("ask", "--out", file)
    studio.ok("fact", "people_affected", "1187", actor="bob")
    text = file.read_text(encoding="utf-8").replace('people_affected = ""', "people_affected = 1200")
    file.write_text(text.replace('records_affected = ""', "records_affected = 5"), encoding="utf-8")
    result = studio.run("ask", "--from", file)
    assert result.code == 3
    assert "bob" in result.err
    assert "records_affected" not in {fact["name"] for fact in studio.json("facts")}
    file.write_text(text.replace("people_affected = 1200", "people_affected = 1187"), encoding="utf-8")
    studio.ok("ask", "--from", file)  # the same answer is no contradiction


def test_a_file_is_for_its_own_incident(studio: Programme, tmp_path: Path) -> None:
    file = tmp_path / "answers.toml"
    studio.ok("ask", "--out", file)
    studio.ok("open", "another one")
    studio.ok("ask", "--from", file)  # the file says which
    assert studio.run("ask", "2026-002", "--from", file).code == 2


@pytest.mark.parametrize("argv", [["--out", "a.toml", "--from", "b.toml"], ["--from", "missing.toml"]])
def test_what_cannot_be_done_is_said(studio: Programme, argv: list[str]) -> None:
    result = studio.run("ask", *argv)
    assert result.code == 2
    assert "Traceback" not in result.err


def test_a_decision_needs_its_reason(studio: Programme, filled: Filled) -> None:
    result = studio.run("ask", "--from", filled('[awareness]\nat = "now"\nbecause = ""\n'))
    assert result.code == 2
    assert "needs a time and a reason" in result.err
