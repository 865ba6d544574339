"""Who may belong on the list though nothing that was kept says so: counted and said, listed nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.sealed import read_segments

# On the log in the first half hour: 1. At any time of the window besides: 9, 11 to 17, and 2^53 + 1.
QUESTION = """
seen = "2026-11-20 22:00:00Z..2026-11-20T22:29:59Z"
trail = "log"

[[perhaps]]
seen = "2026-11-20 22:00:00Z..2026-11-21T00:30:00Z"
trail = "log"
because = "the log was off for some of the night"

[[perhaps]]
existing_at = "2026-11-20T21:00:00Z"
tenant = []
where = "country = 'AE'"
because = "guests from there leave no trace."

[[perhaps]]
because = "Visits before 2020 were not logged"
"""


@pytest.fixture
def question(tmp_path: Path) -> Path:
    file = tmp_path / "question.toml"
    file.write_text(QUESTION, encoding="utf-8")
    return file


def ask(breach: Programme, store: Any, map_file: Path, question: Path) -> Any:
    return breach.json("scope", "run", "--database", store.url, "--map", str(map_file), "--question", str(question))


def test_they_are_counted_beside_the_list_by_every_engine(
    store: Any, breach: Programme, map_file: Path, question: Path
) -> None:
    found = ask(breach, store, map_file, question)
    assert [person.key for segment in read_segments(Path(found["file"])) for person in segment.people] == ["1"]
    assert found["uncertain"][:2] == [
        "9 accounts that are not on the list may belong there: the log was off for some of the night.",
        "1 account that is not on the list may belong there: guests from there leave no trace.",
    ]
    assert found["uncertain"][-1] == "Visits before 2020 were not logged."
    facts = {fact["name"]: fact for fact in breach.json("facts")}
    assert facts["people_affected"]["state"] == "approximate"
    assert "perhaps more: 9 accounts" in facts["people_affected"]["because"]


def test_whoever_is_on_the_list_is_explained_by_the_question_alone(
    sqlite_store: Any, breach: Programme, map_file: Path, question: Path
) -> None:
    ask(breach, sqlite_store, map_file, question)
    said = breach.ok("scope", "show", "s1", "--person", "1").out
    assert "log was off" not in said
    assert "seen between" in said


def test_nobody_in_doubt_is_not_worth_a_sentence_and_one_in_doubt_is(
    sqlite_store: Any, breach: Programme, map_file: Path, question: Path
) -> None:
    doubt = '[[perhaps]]\neveryone = true\nbecause = "of nothing"\n'
    question.write_text(f"everyone = true\n{doubt}", encoding="utf-8")
    assert "of nothing" not in str(ask(breach, sqlite_store, map_file, question)["uncertain"])
    question.write_text(f'where = "id <> 9"\n{doubt}', encoding="utf-8")
    said = ask(breach, sqlite_store, map_file, question)["uncertain"]
    assert said[0] == "1 account that is not on the list may belong there: of nothing."


def test_a_doubt_that_asks_nothing_makes_the_numbers_approximate(
    sqlite_store: Any, breach: Programme, map_file: Path, question: Path
) -> None:
    question.write_text("everyone = true\n", encoding="utf-8")
    ask(breach, sqlite_store, map_file, question)
    assert people_affected(breach)["state"] == "exact"
    question.write_text('everyone = true\n[[perhaps]]\nbecause = "Guests leave no trace."\n', encoding="utf-8")
    ask(breach, sqlite_store, map_file, question)
    fact = people_affected(breach)
    assert (fact["state"], fact["because"]) == ("approximate", "perhaps more: Guests leave no trace.")


def people_affected(breach: Programme) -> Any:
    return next(fact for fact in breach.json("facts") if fact["name"] == "people_affected")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[perhaps]]\nbecause = "so"\n', "asks nothing"),
        ("everyone = true\n[[perhaps]]\neveryone = true\n", "because"),
        ('everyone = true\n[[perhaps]]\nbecause = "so"\nholdin = "user.contact.email"\n', "did you mean holding?"),
        ('everyone = true\n[[perhaps]]\nbecause = "so"\nwhere = "bcrypt = 1"\n', "which is a secret"),
        ('any = [{ everyone = true, perhaps = [{ because = "so" }] }]\n', "is not a key of this table"),
    ],
)
def test_what_cannot_be_understood_is_said(
    sqlite_store: Any, breach: Programme, map_file: Path, question: Path, text: str, says: str
) -> None:
    question.write_text(text, encoding="utf-8")
    words = ["--database", sqlite_store.url, "--map", str(map_file), "--question", str(question)]
    refused = breach.run("scope", "run", *words)
    assert refused.code == 2
    assert says in refused.err


@pytest.mark.parametrize(("revoked", "is_said"), [("", True), ('deleted_at = "gone"', False)])
def test_a_table_that_forgets_removed_rows_says_so(
    store: Any, breach: Programme, map_file: Path, revoked: str, is_said: bool
) -> None:
    store.change("CREATE TABLE tokens (person bigint, made varchar(40), gone varchar(40), token varchar(40))")
    store.change("INSERT INTO tokens VALUES (9, '2026-11-01T00:00:00Z', NULL, 'never to be read')")
    related = f'[[related]]\ntable = "tokens"\npath = ["tokens.person = people.id"]\ncreated_at = "made"\n{revoked}\n'
    held = '[holds]\n"tokens.token" = ["user.authorization.third_party_token"]\n'
    text = map_file.read_text(encoding="utf-8").replace("[holds]", related + held)
    map_file.write_text(text, encoding="utf-8")
    words = ["--holding", "user.authorization.third_party_token", "--held", "2026-11-12..2026-11-20"]
    found = breach.json("scope", "run", "--database", store.url, "--map", str(map_file), *words)
    said = "tokens keeps no row that was removed: who held user.authorization.third_party_token only in such a row"
    assert (said in str(found["uncertain"])) is is_said
