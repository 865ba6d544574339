"""A trail whose rows have no readable address: how many accounts that leaves in doubt, and no more of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.sealed import read_segments

SEEN = 'seen = "2026-11-20 22:00:00Z..2026-11-21T00:30:00Z"\ntrail = "log"\nfrom_ip = "203.0.113.0/24"\n'


@pytest.fixture
def ask(breach: Programme, map_file: Path, tmp_path: Path) -> Any:
    """`scope run` with a question file: the keys on the list, and what is uncertain about it."""

    def ask(store: Any, question: str) -> tuple[list[str], list[str]]:
        (tmp_path / "question.toml").write_text(question, encoding="utf-8")
        words = ("--database", store.url, "--map", str(map_file), "--question", str(tmp_path / "question.toml"))
        found = breach.json("scope", "run", *words)
        people = [person.key for segment in read_segments(Path(found["file"])) for person in segment.people]
        return people, [sentence for sentence in found["uncertain"] if "not on the list" in sentence]

    return ask


# In the window the log has junk or nothing for 11, 12, 13 and 17, besides what lies inside and outside the range.
FOUR = (
    "Of 4 accounts that are not on the list, nothing says whether they belong there: "
    "their rows of the trail have no readable address."
)


def test_every_engine_says_how_many_accounts_it_is_about(store: Any, ask: Any) -> None:
    people, doubts = ask(store, SEEN)
    assert people == ["1", "14", "9", "9007199254740993"]
    assert doubts == [FOUR]


def test_who_is_on_the_list_for_another_reason_is_not_in_doubt(store: Any, ask: Any) -> None:
    store.change("INSERT INTO log VALUES (11, '2026-11-20 23:30:00', '203.0.113.8')")
    people, doubts = ask(
        store, f"any = [{{ where = \"lang = 'ar' or id = 12\" }}, {{ {', '.join(SEEN.split(chr(10))[:3])} }}]"
    )
    assert {"10", "11", "12"} <= set(people)
    assert doubts == [FOUR.replace("Of 4", "Of 2")]


def test_who_is_out_for_another_reason_is_not_in_doubt(sqlite_store: Any, ask: Any) -> None:
    _, doubts = ask(sqlite_store, SEEN + 'where = "id < 12"\n')
    assert doubts == [
        "Of 1 account that is not on the list, nothing says whether it belongs there: "
        "its rows of the trail have no readable address."
    ]


def test_outside_the_window_nothing_is_in_doubt(sqlite_store: Any, ask: Any) -> None:
    _, doubts = ask(sqlite_store, SEEN.replace("T00:30:00Z", "T00:31:00Z").replace("22:00:00Z..", "23:30:00Z.."))
    assert doubts == []


def test_the_number_of_people_says_that_there_may_be_more(sqlite_store: Any, ask: Any, breach: Programme) -> None:
    ask(sqlite_store, SEEN)
    facts = {fact["name"]: fact for fact in breach.json("facts")}
    assert facts["people_affected"]["state"] == "approximate"
    assert FOUR in facts["people_affected"]["because"]
