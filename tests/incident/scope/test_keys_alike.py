"""Keys that are one although they are spelt in two ways, and keys that are two although they look like one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.sealed import read_segments

PROFILE = '[organisation]\nname = "Invented"\nzone = "Europe/Tallinn"\nlanguages = ["en"]\n'
TRAIL = """
[[trail]]
name = "t"
table = "doings"
account = "who"
at = "at"
"""
WINDOW = ("--seen", "2020-01-01..2030-01-01")


def keys(document: Any) -> list[str]:
    return [person.key for segment in read_segments(Path(document["file"])) for person in segment.people]


@pytest.fixture
def company(breach: Programme, tmp_path: Path) -> Programme:
    """Two stores, each with the accounts 1 and 2."""
    for name in ("one", "two"):
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as connection, connection:
            connection.execute("CREATE TABLE users (id INTEGER, email TEXT)")
            rows = [(key, f"{name}{key}@example.com") for key in (1, 2)]
            connection.executemany("INSERT INTO users VALUES (?, ?)", rows)
        connection.close()
        (tmp_path / f"{name}.toml").write_text('[accounts]\ntable = "users"\nkey = "id"\nemail = "email"\n')
        breach.environ[f"DB_{name}"] = f"sqlite:///{tmp_path / name}.db"
    _profile(breach, tmp_path, ("one", "two"))
    return breach


def _profile(breach: Programme, folder: Path, names: tuple[str, str]) -> None:
    stores = "".join(
        f'\n[[accounts]]\nname = "{name}"\nurl_env = "DB_{file}"\nmap = "{folder / file}.toml"\n'
        for name, file in zip(names, ("one", "two"), strict=True)
    )
    (breach.folder / "organisation.toml").write_text(PROFILE + stores, encoding="utf-8")


def test_a_key_says_which_of_several_stores_it_is_of(company: Programme, tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    file.write_text("two/1\n", encoding="utf-8")
    found = company.json("scope", "run", "--ids", str(file))
    assert keys(found) == ["two/1"]
    assert found["by_store"] == {"one": 0, "two": 1}
    assert not any("belong to no account" in line for line in found["uncertain"])
    assert "two/1" not in str(found["parameters"])
    file.write_text("two/1\n2\n", encoding="utf-8")
    result = company.run("scope", "run", "--ids", str(file))
    assert result.code == 2
    assert "1 of 2 listed keys do not say which store they are of" in result.err
    assert keys(company.json("scope", "run", "--ids", str(file), "--store", "one")) == ["2"]


@pytest.mark.parametrize("names", [("x", "x"), ("x/y", "x")])
def test_stores_have_names_of_their_own(company: Programme, tmp_path: Path, names: tuple[str, str]) -> None:
    _profile(company, tmp_path, names)
    result = company.run("scope", "run", "--everyone")
    assert result.code == 2
    assert "two stores of accounts have one name" in result.err


def test_a_list_of_keys_is_cut_at_line_ends_alone(
    breach: Programme, store: Any, map_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "keys.txt").write_text("1\x0b2\n9\n", encoding="utf-8")
    words = ("--database", store.url, "--map", str(map_file), "--ids", str(tmp_path / "keys.txt"))
    assert keys(breach.json("scope", "run", *words)) == ["9"]


@pytest.mark.parametrize("kind", ["real", "numeric(12,2)", "double precision"])
def test_a_number_is_one_key_in_whatever_type(breach: Programme, store: Any, map_file: Path, kind: str) -> None:
    store.change(f"CREATE TABLE doings (who {kind}, at text)")
    store.change("INSERT INTO doings VALUES (1, '2026-11-20 00:00:00')")
    map_file.write_text('[accounts]\ntable = "people"\nkey = "id"\n' + TRAIL, encoding="utf-8")
    found = breach.json("scope", "run", "--database", store.url, "--map", str(map_file), *WINDOW)
    assert keys(found) == ["1"]
    assert not any("not in the account table" in line for line in found["uncertain"])


def test_a_uuid_is_one_key_in_large_letters(breach: Programme, postgres_store: Any, map_file: Path) -> None:
    uid = "00000000-0000-4000-8000-00000000abcd"
    postgres_store.change("CREATE TABLE doings (who text, at timestamptz)")
    postgres_store.change("INSERT INTO doings VALUES (%s, '2026-11-20')", (uid.upper(),))
    postgres_store.change("UPDATE people SET uid = %s WHERE id = 1", (uid,))
    map_file.write_text('[accounts]\ntable = "people"\nkey = "uid"\n' + TRAIL, encoding="utf-8")
    assert keys(breach.json("scope", "run", "--database", postgres_store.url, "--map", str(map_file), *WINDOW)) == [uid]


def test_addresses_of_the_type_cidr(breach: Programme, postgres_store: Any, map_file: Path) -> None:
    postgres_store.change("CREATE TABLE doings (who bigint, at timestamptz, ip cidr)")
    postgres_store.change("INSERT INTO doings VALUES (1, '2026-11-20', '203.0.113.7')")
    map_file.write_text('[accounts]\ntable = "people"\nkey = "id"\n' + TRAIL + 'ip = "ip"\n', encoding="utf-8")
    words = ("--database", postgres_store.url, "--map", str(map_file), "--from-ip", "203.0.113.0/24")
    assert keys(breach.json("scope", "run", *words)) == ["1"]


def test_seconds_in_a_column_of_texts_are_compared_as_numbers(
    breach: Programme, sqlite_store: Any, map_file: Path
) -> None:
    sqlite_store.change("CREATE TABLE u (id bigint, made text, gone text)")
    sqlite_store.change("INSERT INTO u VALUES (1, '999999999.5', '')")
    times = 'created_at = { column = "made", unit = "seconds" }\ndeleted_at = { column = "gone", unit = "seconds" }\n'
    map_file.write_text(f'[accounts]\ntable = "u"\nkey = "id"\n{times}', encoding="utf-8")
    words = ("--database", sqlite_store.url, "--map", str(map_file), "--existing-at", "2026-01-01")
    assert keys(breach.json("scope", "run", *words)) == ["1"]
