"""Writing a list out: in plain as it was hashed, recorded before anybody is named in the file, whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.lists import harmless_cell


@pytest.fixture
def breach(breach: Programme, sqlite_store: Any, map_file: Path) -> Programme:
    breach.ok("scope", "run", "--database", sqlite_store.url, "--map", str(map_file), "--everyone")
    return breach


def test_the_list_in_plain_has_the_digest_of_the_record(breach: Programme, tmp_path: Path) -> None:
    out = tmp_path / "s1.jsonl"
    document = breach.json("scope", "export", "s1", "--sealed", "--out", str(out))
    assert document == {"scope": "s1", "file": str(out), "accounts": 22, "sealed": True}
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    header, *lines = out.read_bytes().splitlines()
    previous = hashlib.sha256(header).hexdigest()
    for line in lines:
        assert json.loads(line)["previous"] == previous
        previous = hashlib.sha256(line[:-75] + b"}").hexdigest()
        assert json.loads(line)["hash"] == previous
    assert breach.json("scope", "show", "s1")["digest"] == f"sha256:{previous}"


def test_an_export_is_recorded_and_is_no_step_that_undo_stumbles_over(breach: Programme, tmp_path: Path) -> None:
    breach.ok("note", "looked at the list")
    breach.ok("scope", "export", "s1", "--out", str(tmp_path / "people.csv"))
    assert f"wrote the list of scope s1 to {tmp_path / 'people.csv'}" in breach.ok("timeline").out
    breach.ok("undo")  # the note
    assert breach.json("verify")["ok"] is True


@pytest.mark.parametrize("words", [("--sealed",), ()])
def test_a_full_disk_leaves_no_half_of_it(
    breach: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def full(_: Path) -> Iterator[Any]:
        raise OSError(28, "No space left on device")
        yield  # a generator, as those it stands for

    for name in ("plain_lines", "read_segments"):
        monkeypatch.setattr(f"incident.scope.lists.{name}", full)
    out = tmp_path / "people"
    result = breach.run("scope", "export", "s1", "--out", str(out), *words)
    assert (result.code, "cannot be written: No space left on device" in result.err) == (4, True)
    assert not out.exists()


def test_what_cannot_be_recorded_is_not_written(
    breach: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from incident.errors import OutsideError

    def down(*_: Any, **__: Any) -> None:
        raise OutsideError("The journal could not be used.")

    monkeypatch.setattr("incident.record.journal.Journal.append", down)
    assert breach.run("scope", "export", "s1", "--out", str(tmp_path / "people.csv")).code == 4
    assert not (tmp_path / "people.csv").exists()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "-1+1",
        "@SUM(1)",
        "\t=1+1",
        "Ivan;=1+1",
        "Ivan,=1+1",
        "Ivan\t+1",
        "Ivan\n=1+1",
        "Ivan\r\n@x",
        'I "van",=1+1',
        'Ivan;"=1+1"',
        "＝1+1",
        "Ivan; ＝1+1",
        "Ivan,\u200b＋1",
        "\ufeff=1+1",
    ],
)
def test_a_name_is_no_formula_whatever_a_spreadsheet_splits_at(name: str, separator: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerow([harmless_cell(cell) for cell in ("7", name, "x@mail.example")])
    lines = text.getvalue().splitlines() if separator != "," else [text.getvalue()]
    cells = [cell for line in csv.reader(lines, delimiter=separator) for cell in line]
    assert not [cell for cell in cells if cell.lstrip(' "\u200b\ufeff\t')[:1] in {*"=+-@＝＋－＠"}]


@pytest.mark.parametrize(
    "name", ["O'Neill-Õunapuu", "a@mail.example", "1990-05-17", "C++", "Ким, Анна", "a;b", "", "x = y"]
)
def test_what_begins_no_formula_stays_as_it_is(name: str) -> None:
    assert harmless_cell(name) == name


def test_the_exported_list_holds_no_formula(
    breach: Programme, sqlite_store: Any, map_file: Path, tmp_path: Path
) -> None:
    names = [("=1+1", 9), ("Ivan;=cmd|'/c calc'!A1", 10), ("Ivan\n＝1", 11)]
    sqlite_store.change("UPDATE people SET first = ? WHERE id = ?", *names)
    breach.ok("scope", "run", "--database", sqlite_store.url, "--map", str(map_file), "--where", "id in (9, 10, 11)")
    out = tmp_path / "people.csv"
    breach.ok("scope", "export", "s2", "--out", str(out))
    text = out.read_bytes().decode("utf-8-sig")
    found = {line[0]: line[2] for line in csv.reader(io.StringIO(text, newline=""))}
    assert found["9"] == "'=1+1 Õunapuu"
    assert found["10"].startswith("Ivan;'=cmd|'/c calc'!A1 ")
    assert found["11"].startswith("Ivan\n'＝1 ")
