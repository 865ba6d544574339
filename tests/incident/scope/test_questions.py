from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from programme import FIVE_PAST_THREE

from incident.errors import UsageError
from incident.moments import stamp
from incident.scope.asking import Selectors, ask, check_conditions
from incident.scope.datamap import DataMap
from incident.scope.keylist import read_keylist
from incident.scope.mapfile import read_datamap
from incident.scope.questions import check_against, question_document, question_words, trail_of

TALLINN = ZoneInfo("Europe/Tallinn")
BARE = '[accounts]\ntable = "people"\nkey = "id"\n'


@pytest.fixture
def datamap(map_file: Path) -> DataMap:
    return read_datamap(map_file)


@pytest.fixture
def bare(tmp_path: Path) -> DataMap:
    (tmp_path / "bare.toml").write_text(BARE, encoding="utf-8")
    return read_datamap(tmp_path / "bare.toml")


def asked(datamap: DataMap, **selectors: Any) -> Any:
    question = ask(Selectors(**selectors), now=FIVE_PAST_THREE, zone=TALLINN)
    check_conditions(question.question, datamap.secret_names)
    check_against(question.question, datamap)
    return question


def test_a_window_is_read_in_the_organisations_zone_and_says_what_it_decided(datamap: DataMap) -> None:
    found = asked(datamap, seen="2026-10-25 03:30..2026-11-21 02:40 Asia/Almaty", trail="log")
    assert stamp(found.question.seen.since) == "2026-10-25T00:30:00Z"
    assert stamp(found.question.seen.until) == "2026-11-20T21:40:00Z"
    assert "came twice that night" in found.notes[0]


def test_a_question_in_words(datamap: DataMap) -> None:
    found = asked(datamap, existing_at="now", deleted_within=30, from_ip=["203.0.113.9/24"], trail="log", where="1 = 1")
    assert question_words(question_document(found.question), TALLINN) == [
        "accounts that existed on Sat 2026-11-21 03:05 +02:00, or deleted at most 30 days before (backups)",
        "acting from 203.0.113.0/24",
        "on the trail log",
        "where 1 = 1",
    ]


def test_a_window_of_existing_in_words(datamap: DataMap) -> None:
    found = asked(datamap, existing_at="2026-11-01 00:00..2026-11-20")
    assert question_words(question_document(found.question), TALLINN) == [
        "accounts that existed at any time between Sun 2026-11-01 00:00 +02:00 and Fri 2026-11-20 23:59 +02:00",
    ]


@pytest.mark.parametrize(
    ("selectors", "says"),
    [
        ({}, "No question was asked"),
        ({"existing_at": "2026-11-21..2026-11-20"}, "ends before it begins"),
        ({"seen": "2026-11-20 22:00", "trail": "log"}, "is not a window of time"),
        ({"seen": "2026-11-21..2026-11-20", "trail": "log"}, "ends before it begins"),
        ({"seen": "yesterday..now", "trail": "log"}, '"yesterday" is not a time'),
        ({"seen": "2026-11-20..now"}, "There is more than one trail: log, visits."),
        ({"seen": "2026-11-20..now", "trail": "logs"}, 'There is no trail called "logs"; there is: log, visits.'),
        ({"everyone": True, "trail": "log"}, "--trail goes with --seen or --from-ip"),
        ({"from_ip": ["203.0.113.300"], "trail": "log"}, "is not an address or a range"),
        ({"everyone": True, "deleted_within": 3}, "--deleted-within goes with --existing-at"),
        ({"existing_at": "now", "deleted_within": -1}, "takes a number of days"),
        ({"existing_at": "now", "deleted_within": 10**9}, "takes a number of days"),
    ],
)
def test_what_cannot_be_understood_is_said(datamap: DataMap, selectors: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked(datamap, **selectors)
    assert says in caught.value.what
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("selectors", "says"),
    [
        ({"seen": "2026-11-20..now"}, "names no trail"),
        ({"existing_at": "now"}, "names no created_at"),
    ],
)
def test_what_the_map_cannot_answer_is_said(bare: DataMap, selectors: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked(bare, **selectors)
    assert says in caught.value.what


def test_a_trail_without_addresses_cannot_answer_from_where(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text(BARE + '[[trail]]\nname = "t"\ntable = "t"\naccount = "who"\nat = "at"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="records no addresses"):
        asked(read_datamap(file), from_ip=["203.0.113.7"])


def test_the_only_trail_need_not_be_named(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text(BARE + '[[trail]]\nname = "t"\ntable = "t"\naccount = "who"\nat = "at"\n', encoding="utf-8")
    datamap = read_datamap(file)
    trail = trail_of(asked(datamap, seen="2026-11-20..now").question, datamap)
    assert trail is not None
    assert trail.name == "t"


def test_a_list_of_keys_counts_each_once(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_bytes(b"\xef\xbb\xbf1\r\n2\r\n\r\n 1 \r\n")
    ids = read_keylist(tmp_path / "ids.txt", "ids")
    assert (ids.count, ids.text) == (2, "1\n2")
    assert ids.digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "holds no list"), (b"\xff\xfe1", "is not UTF-8 text"), (None, "cannot be read")],
)
def test_a_file_that_is_no_list_of_keys(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "ids.txt").write_bytes(content)
    with pytest.raises(UsageError, match=says):
        read_keylist(tmp_path / "ids.txt", "ids")


def test_a_list_of_addresses_is_read_as_mail_programs_write_them(tmp_path: Path) -> None:
    lines = '<Ann@Example.com>\nmailto:ann@example.com\n"bob@example.com",\nÖz@example.com\n'
    (tmp_path / "list.txt").write_text(lines, encoding="utf-8")
    assert read_keylist(tmp_path / "list.txt", "addresses").entries == [
        "ann@example.com", "bob@example.com", "Öz@example.com"
    ]  # fmt: skip


def test_a_window_of_days_holds_its_last_day(datamap: DataMap) -> None:
    found = asked(datamap, seen="2026-11-20..2026-11-21 Asia/Almaty", trail="log")
    assert stamp(found.question.seen.since) == "2026-11-19T22:00:00Z"
    assert stamp(found.question.seen.until) == "2026-11-21T18:59:59Z"
    assert any("the end of that day was taken" in note for note in found.notes)


def test_a_range_that_is_more_than_was_typed_is_said(datamap: DataMap) -> None:
    notes = asked(datamap, from_ip=["203.0.113.7/8", "203.0.113.0/24", "203.0.113.9"], trail="log").notes
    assert notes == ('"203.0.113.7/8": the whole range 203.0.0.0/8, 16,777,216 addresses',)
