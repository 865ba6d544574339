"""
Every machine row of the notes that the laws were written from is a duty, or is listed with a reason why it is none.

`rows/*.toml`, one for each note: `count` rows in it, then each row by its id.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from incident.clock.regimes import load_laws

NOTES = {
    file.stem: tomllib.loads(file.read_text(encoding="utf-8"))
    for file in sorted((Path(__file__).parent / "rows").glob("*.toml"))
}
DUTIES = {rule.id for law in load_laws().laws for rule in law.duties}


def test_the_rows_of_every_note_are_listed() -> None:
    assert {"kz-ru-cis", "us", "world"} <= set(NOTES)


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES.keys())
def test_every_row_is_listed_once(note: dict[str, Any]) -> None:
    assert len(note["row"]) == note["count"]


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES.keys())
def test_every_row_is_a_duty_or_says_why_it_is_none(note: dict[str, Any]) -> None:
    for row, entry in note["row"].items():
        assert set(entry) == {"duty"} or set(entry) == {"reason"} or set(entry) == {"duty", "reason"}, row
        if entry.get("duty"):
            assert row in DUTIES, row
        else:
            assert len(entry["reason"]) > 20, row
