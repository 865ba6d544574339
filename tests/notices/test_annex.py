"""The list that goes with the Kazakh notice: computed when wanted, kept nowhere, and the same bytes each time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
from pathlib import Path

import pytest
from happened import append
from pavlodar import COUNTRIES, opened, rows, seal
from programme import Programme
from ready_to_send import Row

from incident.record.events import ScopeChosen

LETTER = "kz-authority-ru"
HEAD = ["№", "Учётная запись", "Имя", "Адрес электронной почты"]

SIGNS = [*"=+-@＝＋－＠"]
HOSTILE = [
    "~1+1",
    " ~1+1",
    "Ivan,~1+1",
    "Ivan;~1+1",
    "Ivan|~1+1",
    'Ivan,"~1+1"',
    'Ivan", ~1+1',
    "Ivan,\u200b~1+1",
    "a;b,~1,~2",
]


@pytest.fixture
def pavlodar(studio: Programme) -> Programme:
    return opened(studio)


def draft(programme: Programme) -> None:
    programme.ok("notice", "draft", "kz-authority")


def exported(programme: Programme, out: Path) -> Path:
    files = programme.json("notice", "export", LETTER, "--out", str(out))["files"]
    (annex,) = [Path(file) for file in files if file.endswith(".csv")]
    assert [Path(file).suffix for file in files] == [".csv", ".md", ".html", ".txt", ".docx", ".pdf"]
    return annex


def lines_of(annex: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(annex.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))


def folder_of(programme: Programme) -> Path:
    return programme.folder / "incidents" / "2026-001" / "letters" / LETTER / "v1"


def test_only_people_in_kazakhstan_and_of_unknown_country_are_in_it(pavlodar: Programme, tmp_path: Path) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    annex = exported(pavlodar, tmp_path / "out")
    found = lines_of(annex)
    assert found[0] == HEAD
    assert [line[1] for line in found[1:]] == [f"{at:07d}" for at in (10, 11, 12, 13, 14, 18, 19)]
    assert found[1] == ["1", "0000010", "Person 10", "person10@mail.example"]
    assert found[7][0] == "7"
    assert annex.name == "kz-authority-ru-v1-draft-annex.csv"
    assert stat.S_IMODE(annex.stat().st_mode) == 0o600


def test_nobody_whose_country_can_be_read_is_handed_over_as_unknown(pavlodar: Programme, tmp_path: Path) -> None:
    countries = ["KZ", "RU-MOW", "RUS", "Russia", "DE-BY", "GB-SCT", "CA-ON", "Германия", "KAZ", "KZ-75", None]
    seal(pavlodar, rows(len(countries)), [*countries])
    draft(pavlodar)
    found = lines_of(exported(pavlodar, tmp_path / "out"))[1:]
    assert [countries[int(line[1])] for line in found] == ["KZ", "KAZ", "KZ-75", None]
    text = pavlodar.ok("notice", "show", LETTER, "--print", "md").out
    assert "В том числе страна проживания неизвестна\n:   1\n" in text
    assert "Учётных записей людей из других стран (в список не входят)\n:   5\n" in text
    assert "Учётных записей, где страна указана, но не распознана (в список не входят)\n:   2\n" in text
    said = pavlodar.ok("notice", "check", LETTER).out
    assert "2 accounts may be missing in it: their country is stored as something that is no country's code." in said
    assert "docs/scope.md says how the map gets codes" in said


def test_where_every_country_can_be_read_nothing_is_said_of_any_that_cannot(pavlodar: Programme) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    assert "не распознана" not in pavlodar.ok("notice", "show", LETTER, "--print", "md").out
    assert "may be missing" not in pavlodar.ok("notice", "check", LETTER).out


def test_who_may_live_abroad_is_said_at_check_and_again_at_approval(pavlodar: Programme) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    said = "The list for the State holds 7 accounts, 2 of them without a country on record: people abroad may be among"
    assert said in pavlodar.ok("notice", "check", LETTER).out
    assert said in pavlodar.ok("notice", "submit", LETTER).out
    assert said in pavlodar.ok("notice", "approve", LETTER, "--role", "owner", "--waiver", "alone").out


def test_where_every_country_is_on_record_nobody_is_said_to_live_abroad(pavlodar: Programme) -> None:
    seal(pavlodar, rows(18), COUNTRIES[:18])
    draft(pavlodar)
    assert "abroad" not in pavlodar.ok("notice", "check", LETTER).out
    assert "abroad" not in pavlodar.ok("notice", "approve", LETTER, "--role", "owner", "--waiver", "alone").out


def test_the_seal_and_the_record_know_it_by_its_digest_and_nothing_keeps_it(
    pavlodar: Programme, tmp_path: Path
) -> None:
    seal(pavlodar, [*rows(18), (None, None, None), ("x@mail.example", " \n", None)], COUNTRIES)
    draft(pavlodar)
    sealed = json.loads((folder_of(pavlodar) / "seal.json").read_bytes())["annex"]
    data = exported(pavlodar, tmp_path / "out").read_bytes()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    counted = {"rows": 7, "without_name": 2, "unknown": 2, "unreadable": 0}
    assert sealed == {"name": "annex.csv", **counted, "digest": digest}
    assert pavlodar.json("notice", "show", LETTER)["annex"] == sealed
    for file in (path for path in pavlodar.folder.rglob("*") if path.is_file()):
        assert b"person10@mail.example" not in file.read_bytes(), file


def test_names_that_break_lists_do_not_break_this_one(pavlodar: Programme, tmp_path: Path) -> None:
    names = ["O'Neill-Õunapuu", '=HYPERLINK("http://x.example")', "Анна\r\nМария\u2028Ким", "a;b", '"c"', "\t+1"]
    people: list[Row] = [(f"{at}@mail.example", name, None) for at, name in enumerate(names)]
    seal(pavlodar, people, ["KZ"] * len(people))
    draft(pavlodar)
    found = [line[2] for line in lines_of(exported(pavlodar, tmp_path / "out"))[1:]]
    shown = ["O'Neill-Õunapuu", '\'=HYPERLINK("http://x.example")', "Анна Мария Ким", "a;b", '"c"', "'+1"]
    assert found == shown


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_no_name_becomes_a_formula_whatever_a_spreadsheet_splits_at(
    pavlodar: Programme, tmp_path: Path, separator: str
) -> None:
    names = [name.replace("~", sign) for name in HOSTILE for sign in SIGNS]
    seal(pavlodar, [(f"{at}@mail.example", name, None) for at, name in enumerate(names)], ["KZ"] * len(names))
    draft(pavlodar)
    text = exported(pavlodar, tmp_path / "out").read_bytes().decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in line]
    assert len(cells) > len(names)
    assert not [cell for cell in cells if cell.lstrip(' "\xa0\u200b\ufeff')[:1] in SIGNS]


def test_a_list_of_several_segments_is_numbered_through(pavlodar: Programme, tmp_path: Path) -> None:
    seal(pavlodar, rows(2500), ["KZ", "RU"] * 1250)
    draft(pavlodar)
    annex = exported(pavlodar, tmp_path / "out")
    found = lines_of(annex)[1:]
    assert [line[0] for line in found] == [str(number) for number in range(1, 1251)]
    assert found[-1][1] == "0002498"
    assert pavlodar.json("notice", "show", LETTER)["annex"]["rows"] == 1250


def test_show_check_and_list_say_what_goes_with_the_letter(pavlodar: Programme) -> None:
    seal(pavlodar, [*rows(18), (None, None, None), ("x@mail.example", None, None)], COUNTRIES)
    draft(pavlodar)
    said = "annex.csv goes with it: 7 accounts of list s1, 2 of them without a name"
    assert said in pavlodar.ok("notice", "show", LETTER).out
    assert said not in pavlodar.ok("notice", "show", LETTER, "--print", "md").out
    assert said in pavlodar.ok("notice", "check", LETTER).out
    assert "with annex.csv, 7 accounts of list s1" in pavlodar.ok("notice", "list").out


def test_the_record_keeps_where_it_was_written(pavlodar: Programme, tmp_path: Path) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    annex = exported(pavlodar, tmp_path / "out")
    (event,) = [each for each in pavlodar.json("timeline")["events"] if each["kind"] == "scope-exported"]
    assert event["body"] == {"scope": "s1", "file": str(annex), "form": "annex"}
    again = pavlodar.run("notice", "export", LETTER, "--out", str(tmp_path / "out"))
    assert (again.code, "exists already" in again.err) == (3, True)


def test_without_a_list_no_notice_is_drafted(pavlodar: Programme) -> None:
    refused = pavlodar.run("notice", "draft", "kz-authority")
    assert refused.code == 3
    assert "A list of the people goes with the kz-authority letter, and none was sealed yet." in refused.err
    assert "Next: incident scope run" in refused.err


def test_a_newer_list_makes_the_letter_stale(pavlodar: Programme) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    seal(pavlodar, rows(21), [*COUNTRIES, "KZ"], scope="s2")
    result = pavlodar.run("notice", "check", LETTER)
    assert result.code == 1
    assert "A newer list s2 (21 accounts) was sealed; this letter is for s1 (20)." in result.out
    append(pavlodar, ScopeChosen("s1"))
    assert pavlodar.ok("notice", "check", LETTER)


def test_forgetting_the_list_leaves_nothing_to_export(pavlodar: Programme, tmp_path: Path) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    pavlodar.ok("scope", "forget", "s1", "--because", "no longer needed", "--yes")
    refused = pavlodar.run("notice", "export", LETTER, "--out", str(tmp_path / "out"))
    assert refused.code == 3
    assert "The list of s1 was forgotten" in refused.err
    assert not list((tmp_path / "out").iterdir())
    assert "The list s1 was forgotten; annex.csv was made from it." in pavlodar.run("notice", "check", LETTER).out
    assert pavlodar.run("notice", "draft", "kz-authority").code == 3


def test_an_approved_notice_holds_its_list_until_it_is_handed_in(pavlodar: Programme) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    pavlodar.ok("notice", "approve", LETTER, "--role", "owner", "--waiver", "alone")
    forget = ("scope", "forget", "s1", "--because", "handed in", "--yes")
    held = pavlodar.run(*forget)
    assert held.code == 3
    assert "kz-authority-ru version 1 is approved for s1 and not sent" in held.err
    pavlodar.ok("done", "kz-pdl-authority")
    pavlodar.ok("undo")
    assert pavlodar.run(*forget).code == 3
    pavlodar.ok("done", "kz-pdl-authority")
    pavlodar.ok(*forget)


def test_headings_that_changed_make_another_list(pavlodar: Programme, tmp_path: Path) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    own = pavlodar.folder / "templates" / "kz-authority" / "ru"
    own.mkdir(parents=True)
    (own / "about.toml").write_text('annex_head = ["1", "2", "3", "4"]\n', "utf-8")
    refused = pavlodar.run("notice", "export", LETTER, "--out", str(tmp_path / "out"))
    assert refused.code == 3
    assert "annex.csv of kz-authority-ru would not be what was sealed" in refused.err
    assert not list((tmp_path / "out").iterdir())


def test_it_is_for_nobody_on_the_list(pavlodar: Programme) -> None:
    seal(pavlodar, rows(20), COUNTRIES)
    draft(pavlodar)
    refused = pavlodar.run("notice", "show", LETTER, "--person", "0000010")
    assert refused.code == 2
    assert "addressed to no sealed list" in refused.err
