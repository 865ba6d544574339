"""The same accounts in SQLite, PostgreSQL and MariaDB: the same counts and the same digest for each question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.sealed import plain_lines, read_segments

SAME = ("accounts", "people", "digest", "by_country", "by_locale", "by_category", "minors", "unreachable", "uncertain")
WINDOW = "2026-11-20 22:00..2026-11-21T00:30:00Z"
QUESTIONS: dict[str, tuple[list[str], set[str]]] = {
    "existing then": (
        ["--existing-at", "2026-11-20T22:00:00Z"],
        {"1", "2", "9", "10", "11", "12", "13", "14", "15", "17", "18", "19", "20", "21", "22", "23", "25", "26", "27"}
        | {"100", "9007199254740993"},
    ),
    "existing before the last three": (
        ["--existing-at", "2026-11-20T21:59:58Z", "--ids", "IDS"],
        {"1", "9007199254740993"},
    ),
    "at any time of a window": (
        ["--existing-at", "2026-10-01T00:00:00Z..2026-11-01T00:00:00Z", "--where", "deleted IS NOT NULL"],
        {"16", "17"},
    ),
    "with the backup tail": (
        ["--existing-at", "2026-11-01T00:00:00Z", "--deleted-within", "31", "--where", "deleted IS NOT NULL"],
        {"16", "17"},
    ),
    "one day less of it": (
        ["--existing-at", "2026-11-01T00:00:00Z", "--deleted-within", "30", "--where", "deleted IS NOT NULL"],
        {"17"},
    ),
    "seen in a window": (
        ["--trail", "log", "--seen", WINDOW],
        {"1", "9", "11", "12", "13", "14", "15", "16", "17", "9007199254740993"},
    ),
    "from a range": (
        ["--trail", "log", "--from-ip", "203.0.113.0/24"],
        {"1", "2", "9", "14", "18", "9007199254740993"},
    ),
    "from two ranges in a window": (
        ["--trail", "log", "--seen", WINDOW, "--from-ip", "203.0.113.9", "--from-ip", "2001:db8::/32"],
        {"9", "16"},
    ),
    "from anywhere": (
        ["--trail", "log", "--from-ip", "0.0.0.0/0", "--from-ip", "::/0"],
        {"1", "2", "9", "10", "14", "15", "16", "18", "9007199254740993"},
    ),
    "the hour that came twice": (
        ["--trail", "visits", "--seen", "2026-10-25T00:00:00Z..2026-10-25T00:59:59Z"],
        {"1"},
    ),
    "its second time": (
        ["--trail", "visits", "--seen", "2026-10-25T01:00:00Z..2026-10-25T02:00:00Z"],
        {"9"},
    ),
    "the hour that never was": (
        ["--trail", "visits", "--seen", "2026-03-29T01:30:00Z..2026-03-29T01:30:00Z"],
        {"11"},
    ),
    "listed": (["--ids", "IDS"], {"1", "9007199254740993", "22"}),
    "a condition": (["--where", "country = 'lv' OR \"first\" LIKE '%''%' OR email LIKE '100:%;%%'"], {"2", "9"}),
    "everything at once": (
        [
            *("--existing-at", "now", "--ids", "IDS", "--where", "kind = 'human'"),
            *("--trail", "log", "--from-ip", "203.0.113.0/24", "--seen", WINDOW),
        ],
        {"1", "9007199254740993"},
    ),
}


def agree(documents: list[Any]) -> None:
    """Counts, digest and doubts are the same, and so is every byte of the lists."""
    first, *others = documents
    for other in others:
        assert {field: other[field] for field in SAME} == {field: first[field] for field in SAME}
        assert list(plain_lines(Path(other["file"]))) == list(plain_lines(Path(first["file"])))


def keys_in(document: Any) -> list[str]:
    return [person.key for segment in read_segments(Path(document["file"])) for person in segment.people]


@pytest.fixture
def asked(stores: Any, breach: Programme, map_file: Path, tmp_path: Path) -> Any:
    """Ask every engine: a document of each, which agree, and the sealed files' keys."""
    ids = tmp_path / "ids.txt"
    ids.write_text("1\n9007199254740993\n\n 22 \n24\nnobody\n1\n", encoding="utf-8")

    def ask(*selectors: str) -> tuple[Any, set[str]]:
        words = [str(ids) if word == "IDS" else word for word in selectors]
        documents = [
            breach.json("scope", "run", "--database", store.url, "--map", str(map_file), *words) for store in stores
        ]
        agree(documents)
        return documents[0], set(keys_in(documents[0]))

    return ask


@pytest.mark.parametrize("name", QUESTIONS)
def test_all_engines_find_exactly_these(asked: Any, name: str) -> None:
    selectors, expected = QUESTIONS[name]
    _, keys = asked(*selectors)
    assert keys == expected


def test_everyone_is_counted_as_people_and_as_accounts(asked: Any) -> None:
    found, keys = asked("--everyone")
    assert "24" not in keys  # a robot
    assert found["accounts"] == 22
    assert found["people"] == 20  # 2 and 23 write to the address of 1
    # without any: 12, 13; of a shape that cannot work: 11, 14, 15, 17, 18, 25, 26, 27, 100; made anonymous: 16
    assert found["unreachable"] == 12
    assert found["minors"] == 2
    # 12 has no address, and that of 13 is an empty text
    assert found["by_category"] == {"user.contact.email": 20, "user.financial.card_summary": 2}
    assert found["by_country"] == {"EE": 16, "unknown": 3, "AE": 1}
    assert found["by_locale"] == {"et": 15, "unknown": 3, "ar": 1, "et-EE": 1}


GONE = "not in the account table any more; nobody can be written to from here."


@pytest.mark.parametrize(
    ("selectors", "gone"),
    [
        (["--trail", "log", "--seen", WINDOW], 2),  # 777 and 778; 24 is a robot and 9 had been seen anyway
        (["--trail", "log", "--seen", WINDOW, "--from-ip", "203.0.113.1"], 1),
        (["--trail", "log", "--seen", "2026-11-20T22:00:00Z..2026-11-20T22:59:59Z"], 0),
        (["--trail", "visits", "--seen", "2026-10-25T00:00:00Z..2026-10-25T00:59:59Z"], 1),
        (["--everyone"], 0),
    ],
)
def test_who_is_on_the_trail_and_nowhere_else_is_counted(
    stores: Any, breach: Programme, map_file: Path, selectors: list[str], gone: int
) -> None:
    for store in stores:
        mark = store.mark
        at = "2026-11-20 23:00:00+00:00"
        rows = [(778, at, "203.0.113.99"), (778, at, "203.0.113.99"), (24, at, "203.0.113.1"), (None, at, None)]
        store.change(f"INSERT INTO log VALUES ({mark}, {mark}, {mark})", *rows)
        visits = [("gone", "2026-10-25 03:30:00", None, "download"), ("gone too", "2026-10-25 03:30:00", None, "look")]
        store.change(f"INSERT INTO visits VALUES ({mark}, {mark}, {mark}, {mark})", *visits)
        document = breach.json("scope", "run", "--map", str(map_file), "--database", store.url, *selectors)
        said = [sentence for sentence in document["uncertain"] if GONE in sentence]
        many = f"{gone} accounts on the trail are" if gone > 1 else f"{gone} account on the trail is"
        assert said == ([f"{many} {GONE}"] if gone else [])
        sealed = breach.json("scope", "show", document["scope"])
        assert sealed["uncertain"] == document["uncertain"]


@pytest.mark.parametrize("store_name", ["sqlite_store", "postgres_store", "mariadb_store"])
def test_a_trail_of_people_who_are_all_gone_is_not_simply_nobody(
    request: pytest.FixtureRequest, breach: Programme, map_file: Path, store_name: str
) -> None:
    store = request.getfixturevalue(store_name)
    store.change("DELETE FROM people")
    map_file.write_text(
        map_file.read_text(encoding="utf-8")
        .replace('key = "id"', 'key = ["id", "uid"]')
        .replace('account = "person"', 'account = ["person", "ip"]'),
        encoding="utf-8",
    )
    words = ["--map", str(map_file), "--database", store.url, "--trail", "log", "--from-ip", "203.0.113.7"]
    result = breach.run("scope", "run", *words)
    assert result.code == 1
    assert f"3 accounts on the trail are {GONE}" in result.out


@pytest.mark.parametrize(
    ("old", "new", "first_key"),
    [
        ('key = "id"', 'key = "uid"', "00000000-0000-4000-8000-000000000001"),
        ('key = "id"', 'key = ["Last", "id"]', None),
        ('created_at = "created"', 'created_at = { column = "seen_ms", unit = "milliseconds" }', "1"),
        ('created_at = "created"', 'created_at = { column = "seen_ms", unit = "seconds" }', "1"),
        (
            'created_at = "created"',
            'created_at = { column = "local_text", unit = "text", zone = "Europe/Tallinn" }',
            "1",
        ),
        ('birth_date = "born"', 'birth_date = { column = "local_text", unit = "text" }', "1"),
        ('birth_date = "born"', 'birth_date = { column = "seen_ms", unit = "milliseconds" }', "1"),
    ],
)
def test_other_keys_and_other_units_agree_too(
    stores: Any, breach: Programme, map_file: Path, old: str, new: str, first_key: str | None
) -> None:
    """Trails are left out: their account column answers to another key."""
    text = map_file.read_text(encoding="utf-8").replace(old, new, 1)
    before, _, _ = text.partition("[[trail]]")
    map_file.write_text(before, encoding="utf-8")
    for store in stores:
        mark = store.mark
        odd = ("2026-10-25T03:30:00.75", "2026-02-31 12:00", "1969-12-31T23:59:59.9Z", "no time", "", None)
        rows = [(value, key) for key, value in enumerate(odd, start=9)]
        store.change(f"UPDATE people SET local_text = {mark} WHERE id = {mark}", *rows)
        store.change("UPDATE people SET \"Last\" = 'a/b\\c' WHERE id = 10")
        store.change('UPDATE people SET "Last" = \'a\' WHERE "Last" IS NULL')
    words = ["scope", "run", "--map", str(map_file), "--existing-at", "2026-11-20T00:00:00Z", "--database"]
    documents = [breach.json(*words, store.url) for store in stores]
    agree(documents)
    assert documents[0]["accounts"] > 3
    keys = keys_in(documents[0])
    assert first_key is None or keys[0] == first_key
    if "Last" in new:
        assert "a\\/b\\\\c/10" in keys


KEYS = [
    "a",
    "A",
    "a ",
    " a",
    "á",
    "b",
    "ss",
    "ß",
    "😀",
    "/",
    "\\",
    "a/b",
    "z" * 700 + "1",
    "z" * 700 + "0",
    "Ｚ",
    "é",
    "e\u0301",
]
MOMENTS = ["0001-01-01 00:00:00", "1582-10-10 00:00:00", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59"]


@pytest.mark.parametrize("composite", [False, True])
def test_keys_letter_for_letter_and_times_from_the_first_year_to_the_last(
    stores: Any, breach: Programme, map_file: Path, tmp_path: Path, composite: bool
) -> None:
    for store in stores:
        key = "varchar(750) COLLATE utf8mb4_bin" if store.engine == "mysql" else "varchar(750)"
        at = {"postgresql": "timestamp", "mysql": "datetime(6)", "sqlite": "TEXT"}[store.engine]
        store.change(f"CREATE TABLE keyed (k {key}, part integer, email varchar(99), country varchar(9), at {at})")
        marks = ", ".join([store.mark] * 5)
        rows = [(one, place, f"{one[:9]}@Example.com", "eE", MOMENTS[place % 4]) for place, one in enumerate(KEYS)]
        store.change(f"INSERT INTO keyed VALUES ({marks})", *rows)
        store.change(f"CREATE TABLE doings (k varchar(750), part integer, at {at})")  # of the engine's own collation
        seen = [("A", 1, "2026-11-20 23:00:00"), ("ss", 6, "2026-11-20 23:00:00"), ("á", 4, "2026-11-20 23:00:00")]
        store.change(f"INSERT INTO doings VALUES ({', '.join([store.mark] * 3)})", *seen)
    columns = '["k", "part"]' if composite else '"k"'
    map_file.write_text(
        f'[accounts]\ntable = "keyed"\nkey = {columns}\nemail = "email"\ncountry = "country"\ncreated_at = "at"\n'
        f'[[trail]]\nname = "log"\ntable = "doings"\naccount = {columns}\nat = "at"\n',
        encoding="utf-8",
    )
    ids = tmp_path / "ids.txt"
    ids.write_text("A\nSS\n😀\nA/1\nSs/6\n😀/8\n", encoding="utf-8")

    def ask(*selectors: str) -> list[str]:
        words = ["scope", "run", "--map", str(map_file), *selectors, "--database"]
        documents = [breach.json(*words, store.url) for store in stores]
        agree(documents)
        return keys_in(documents[0])

    assert len(ask("--everyone")) == len(KEYS)
    after = "/{}" if composite else ""
    window = "2026-11-20T22:00:00Z..2026-11-21T00:00:00Z"
    found = ["A" + after.format(1), "ss" + after.format(6), "á" + after.format(4)]
    assert ask("--trail", "log", "--seen", window) == found
    assert ask("--ids", str(ids)) == ["A" + after.format(1), "😀" + after.format(8)]
