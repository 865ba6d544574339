"""One incident, several account databases: one list, one person once, and the numbers of each store."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.people import order_of_stores
from incident.scope.sealed import read_segments, same_address

PROFILE = '[organisation]\nname = "Invented"\nzone = "Europe/Tallinn"\nlanguages = ["en"]\n'
REST = """
[accounts]
table = "users"
key = "id"
email = "email"
country = "country"
locale = "lang"
birth_date = "born"
created_at = "created"
[holds]
email = ["user.contact.email"]
"""
RUSSIA = """
[accounts]
table = "people"
key = "id"
email = "mail"
name = "name"
country = "land"
[holds]
mail = ["user.contact.email"]
name = ["user.name"]
"""
_REST = [
    (1, "one@example.com", "DE", "de", "2015-01-01", "2026-01-01"),
    (2, "two@example.com", "DE", "de", None, "2026-01-01"),
    (3, "Both@example.com", "FR", "fr", "1980-01-01", "2026-01-01"),
    (4, "both@EXAMPLE.com", "FR", "fr", "1980-01-01", "2026-01-01"),
    (5, None, None, None, None, None),
    (6, "broken@", "GB", "en", None, "2026-01-01"),
]
_RUSSIA = [
    (1, " both@example.com", "Борис", "RU"),
    (2, "BOTH@example.com", "Борис", "KZ"),
    (3, "only@example.com", "Анна", "RU"),
    (4, "broken@", None, "RU"),
    (5, None, "Вера", "RU"),
]


@pytest.fixture
def company(breach: Programme, tmp_path: Path) -> Programme:
    """A company with two account databases, `eu-west` and `eu`: the first comes first, as "eu-" sorts before "eu/"."""
    for name, sql, rows in (
        ("eu", "users (id INTEGER, email TEXT, country TEXT, lang TEXT, born TEXT, created TEXT)", _REST),
        ("eu-west", "people (id INTEGER, mail TEXT, name TEXT, land TEXT)", _RUSSIA),
    ):
        with sqlite3.connect(tmp_path / f"{name}.db") as connection:
            connection.execute(f"CREATE TABLE {sql}")
            connection.executemany(f"INSERT INTO {sql.split()[0]} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        connection.close()
    (tmp_path / "eu.toml").write_text(REST, encoding="utf-8")
    (tmp_path / "eu-west.toml").write_text(RUSSIA, encoding="utf-8")
    profile = breach.folder / "organisation.toml"
    stores = "".join(
        f'\n[[accounts]]\nname = "{name}"\nurl_env = "{env}"\nmap = "{tmp_path / name}.toml"\n'
        for name, env in (("eu", "REST_DB"), ("eu-west", "RUSSIA_DB"))
    )
    profile.write_text(PROFILE + stores, encoding="utf-8")
    breach.environ |= {
        "REST_DB": f"sqlite:///{tmp_path / 'eu.db'}",
        "RUSSIA_DB": f"sqlite:///{tmp_path / 'eu-west.db'}",
    }
    return breach


def people(document: Any) -> list[Any]:
    return [person for segment in read_segments(Path(document["file"])) for person in segment.people]


def test_every_store_of_the_profile_is_read_into_one_list(company: Programme) -> None:
    document = company.json("scope", "run", "--everyone")
    keys = [person.key for person in people(document)]
    assert keys == sorted(keys)
    assert keys[:2] == ["eu-west/1", "eu-west/2"]
    assert document["by_store"] == {"eu-west": 5, "eu": 6}
    assert document["accounts"] == 11
    # eu-west: 1 and 2 are one; eu: 3 and 4 are that one again, and 6 has the broken address of 4
    assert document["people"] == 7
    assert same_address(Path(document["file"])) == {"eu-west/2", "eu/3", "eu/4", "eu/6"}
    assert document["unreachable"] == 3  # eu-west/4, eu-west/5, eu/5
    assert document["by_country"] == {"RU": 4, "DE": 2, "unknown": 1}
    assert document["minors"] == 1
    assert document["by_category"] == {"user.name": 4, "user.contact.email": 9}
    assert "eu-west: The map names no language." in document["uncertain"]
    assert "Борис" not in str(document)


def test_one_store_can_be_chosen_and_its_keys_stay_as_they_are(company: Programme) -> None:
    document = company.json("scope", "run", "--everyone", "--store", "eu")
    assert [person.key for person in people(document)] == ["1", "2", "3", "4", "5", "6"]
    assert document["by_store"] == {}
    result = company.run("scope", "run", "--everyone", "--store", "ru")
    assert result.code == 2
    assert "eu, eu-west" in result.err


def test_a_store_that_does_not_answer_leaves_no_list(company: Programme, tmp_path: Path) -> None:
    (tmp_path / "eu.db").unlink()
    result = company.run("scope", "run", "--everyone")
    assert result.code == 4
    assert company.json("scope", "list") == []


def test_a_store_that_cannot_answer_the_question_is_named(company: Programme) -> None:
    result = company.run("scope", "run", "--existing-at", "2026-11-20")
    assert result.code == 2
    assert "eu-west.toml names no created_at" in result.err


def test_a_url_or_a_map_alone_is_no_answer_to_which_of_two(company: Programme) -> None:
    result = company.run("scope", "run", "--everyone", "--map", "x.toml")
    assert result.code == 2
    assert "names 2 stores" in result.err


def test_explain_reads_nothing_and_says_what_would_be_asked(company: Programme) -> None:
    document = company.json("scope", "run", "--everyone", "--explain")
    assert [store["store"] for store in document["stores"]] == ["eu-west", "eu"]
    assert all("SELECT" in store["statement"] for store in document["stores"])
    assert company.json("scope", "list") == []
    assert "Nothing was read" in company.ok("scope", "run", "--everyone", "--explain").out


def test_stores_follow_each_other_as_their_keys_sort() -> None:
    assert order_of_stores(["a", "a-b", "a0"]) == ["a-b", "a", "a0"]
