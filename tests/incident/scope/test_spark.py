"""The same accounts in SQLite and in Spark SQL, a distributed engine: the same counts, the same digest."""

from __future__ import annotations

import ipaddress
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import spark_server
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from programme import Programme
from spark_server import SparkServer, fill_from_sqlite

from incident.scope import readings
from incident.scope.databases.general import NO_SNAPSHOT
from incident.scope.datamap import Value
from incident.scope.dialects import Column
from incident.scope.dialects.spark import Spark
from incident.scope.sealed import plain_lines

if missing := spark_server.what_is_missing():
    pytest.skip(missing, allow_module_level=True)

SAME = ("accounts", "people", "digest", "by_country", "by_locale", "by_category", "minors", "unreachable")
TYPES = {
    "people.id": "BIGINT",
    "people.born": "DATE",
    "people.created": "TIMESTAMP",
    "people.deleted": "TIMESTAMP_NTZ",
    "people.seen_ms": "BIGINT",
    "log.person": "BIGINT",
    "log.at": "TIMESTAMP",
    "visits.at_local": "TIMESTAMP_NTZ",
}
WINDOW = "2026-11-20 22:00..2026-11-21T00:30:00Z"
QUESTIONS: dict[str, list[str]] = {
    "everyone": ["--everyone"],
    "existing then": ["--existing-at", "2026-11-20T22:00:00Z"],
    "backups": ["--existing-at", "2026-11-01T00:00:00Z", "--deleted-within", "31", "--where", "deleted IS NOT NULL"],
    "seen in a window": ["--trail", "log", "--seen", WINDOW],
    "from a range": ["--trail", "log", "--from-ip", "203.0.113.0/24"],
    "from IPv6 in a window": ["--trail", "log", "--seen", WINDOW, "--from-ip", "2001:db8::/32"],
    "from anywhere": ["--trail", "log", "--from-ip", "0.0.0.0/0", "--from-ip", "::/0"],
    "the hour that came twice": ["--trail", "visits", "--seen", "2026-10-25T00:00:00Z..2026-10-25T00:59:59Z"],
    "its second time": ["--trail", "visits", "--seen", "2026-10-25T01:00:00Z..2026-10-25T02:00:00Z"],
    "the hour that never was": ["--trail", "visits", "--seen", "2026-03-29T01:30:00Z..2026-03-29T01:30:00Z"],
    "listed": ["--ids", "IDS"],
    "listed by address": ["--addresses", "ADDRESSES"],
    "a condition": ["--where", "country = 'lv' OR \"first\" LIKE '%''%' OR email LIKE '100:%;%%'"],
    "holding": ["--holding", "user.financial.card_summary"],
    "a question file": ["--question", "QUESTION"],
    "everything at once": [
        *("--existing-at", "now", "--ids", "IDS", "--where", "kind = 'human'"),
        *("--trail", "log", "--from-ip", "203.0.113.0/24", "--seen", WINDOW),
    ],
}
FILES = {
    "IDS": "1\n9007199254740993\n\n 22 \n24\nno'body\\\n$1 ${env:HOME}\n",
    "ADDRESSES": "Person1@example.com\no'neill@example.com\nõ@example.com\n",
    "QUESTION": f"""
        existing_at = "2026-11-20T22:00:00Z"
        [[any]]
        trail = "log"
        seen = "{WINDOW}"
        [[any]]
        where = "country = 'lv'"
        [[not]]
        trail = "log"
        from_ip = ["203.0.113.0/24"]
        """,
}
# What could end a text, begin an escape, or be put in by the server.
EVIL = "o'neill\\ \"q\"\n\r\t\0%s :x \\n 😀 \\u0041 ' \\' OR 1=1 -- ${env:HOME} ``; /* \u2028 %(a)s \\"


@pytest.fixture(scope="module")
def server() -> Iterator[SparkServer]:
    with spark_server.spark_server() as running:
        yield running


@pytest.fixture(scope="module")
def spark(server: SparkServer) -> Iterator[sa.Connection]:
    engine = sa.create_engine(server.url)
    with engine.connect() as connection:
        for setting in Spark.session(60):
            connection.exec_driver_sql(setting)
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def copied(server: SparkServer) -> Any:
    """The URL of an SQLite file's tables in Spark; the same accounts are copied once, which takes seconds."""
    known: dict[str, str] = {}

    def copy(sqlite_url: str, types: dict[str, str]) -> str:
        file = Path(sqlite_url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(file)) as connection:
            whole = "\n".join([*connection.iterdump(), *map(str, types.items())])
        if whole not in known:
            known[whole] = fill_from_sqlite(server.url, file, types)
        return known[whole]

    return copy


@pytest.fixture
def asked(copied: Any, sqlite_store: Any, breach: Programme, map_file: Path, tmp_path: Path) -> Any:
    """Ask SQLite and Spark: two documents."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def ask(*selectors: str) -> tuple[Any, Any]:
        words = [str(tmp_path / word) if word in FILES else word for word in selectors]
        sqlite, distributed = (
            breach.json("scope", "run", "--database", url, "--map", str(map_file), *words)
            for url in (sqlite_store.url, copied(sqlite_store.url, TYPES))
        )
        return sqlite, distributed

    return ask


def agree(sqlite: Any, spark: Any) -> None:
    assert {field: sqlite[field] for field in SAME} == {field: spark[field] for field in SAME}
    assert list(plain_lines(Path(sqlite["file"]))) == list(plain_lines(Path(spark["file"])))
    assert NO_SNAPSHOT in spark["uncertain"]
    assert sqlite["uncertain"] == [sentence for sentence in spark["uncertain"] if sentence != NO_SNAPSHOT]


@pytest.mark.parametrize("name", QUESTIONS)
def test_spark_and_sqlite_agree(asked: Any, name: str) -> None:
    sqlite, spark = asked(*QUESTIONS[name])
    assert sqlite["accounts"] > 0
    agree(sqlite, spark)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('key = "id"', 'key = "uid"'),
        ('key = "id"', 'key = ["Last", "id"]'),
        ('created_at = "created"', 'created_at = { column = "seen_ms", unit = "milliseconds" }'),
        ('created_at = "created"', 'created_at = { column = "seen_ms", unit = "seconds" }'),
        ('created_at = "created"', 'created_at = { column = "local_text", unit = "text", zone = "Europe/Tallinn" }'),
        ('birth_date = "born"', 'birth_date = { column = "local_text", unit = "text" }'),
        ('birth_date = "born"', 'birth_date = { column = "seen_ms", unit = "milliseconds" }'),
        ('locale = "lang"', 'locale = { column = "note", json = ["a b", "lang"] }'),
    ],
)
def test_other_keys_units_and_documents_agree_too(
    asked: Any, sqlite_store: Any, map_file: Path, old: str, new: str
) -> None:
    text = map_file.read_text(encoding="utf-8").replace(old, new, 1)
    map_file.write_text(text.partition("[[trail]]")[0], encoding="utf-8")
    odd = ("2026-10-25T03:30:00.75", "2026-02-31 12:00", "1969-12-31T23:59:59.9Z", "no time", "", None)
    rows = [(value, key) for key, value in enumerate(odd, start=9)]
    sqlite_store.change("UPDATE people SET local_text = ? WHERE id = ?", *rows)
    sqlite_store.change("UPDATE people SET \"Last\" = 'a/b\\c' WHERE id = 10")
    sqlite_store.change('UPDATE people SET "Last" = \'a\' WHERE "Last" IS NULL')
    sqlite_store.change('UPDATE people SET note = \'{"a b": {"lang": "ee"}}\' WHERE id > 12')
    sqlite, spark = asked("--existing-at", "2026-11-20T00:00:00Z")
    assert sqlite["accounts"] > 3
    agree(sqlite, spark)


def each(spark: sa.Connection, values: list[Any], expression: Any) -> list[tuple[Any, Any]]:
    """`expression(value)` for each of `values`, as Spark says it."""
    rows = sa.select(sa.func.explode(sa.func.array(*values)).label("value")).subquery("rows")
    found = spark.execute(sa.select(rows.c.value, expression(Column(rows.c.value, "string")))).fetchall()
    return [(row[0], row[1]) for row in found]


TIMES = [
    *("2026-10-25 03:30:00", "2026-03-29 03:30:00", "2026-10-25 02:59:59.999999", "0000-00-00 00:00:00", "", "no time"),
    *("0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00", "0001-01-01", "9999-12-31T23:59Z", "2026-11-21"),
    *("2026-10-25 03:30:00.1.2Z", "2026-10-25 03:30:00.Z", "2026-10-25 03:30:00+13:59", "2026-10-25 03:30:00-23:59"),
    *(
        "2026-02-31 00:00:00+02:00",
        "2026-13-01",
        "2026-10-25T24:00:00Z",
        "2026-11-21 02:40+0530",
        "2026-11-21 02:40-05",
    ),
    *(
        "2026-10-25 03:30:00 +02:00",
        "2026-10-25 03:30:00,5",
        "1900-06-01 12:00",
        "2026-11-21T07:40:00Z\n",
        "２０２６-11-21",
    ),
]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Tallinn", "Asia/Almaty", "Australia/Lord_Howe", "America/St_Johns"])
def test_times_in_text_are_read_alike(spark: sa.Connection, zone: str) -> None:
    time = Value("at", unit="text", zone=zone)
    for value, found in each(spark, TIMES, lambda column: Spark().utc(column, time)):
        assert found == readings.utc_text(value, zone), value


ADDRESSES = [
    *("203.0.113.7", " 203.0.113.7 ", "203.0.113.256", "010.1.1.1", "203.0.113", "::ffff:203.0.113.7", "::203.0.113.7"),
    *("::FFFF:CB00:7107", "0:0:0:0:0:ffff:203.0.113.7", "2001:db8::1", "2001:DB8:0:0::abcd", "2001:db8:1:2:3:4:5:6"),
    *(
        "::",
        "::1",
        "1::",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "fe80::1%eth0",
        "",
        "x",
    ),
    *("64:ff9b::203.0.113.7", "1:2:3:4:5:6:203.0.113.7", "203.0.113.7\n", "203.0.113.7, 10.0.0.1", "12345::"),
]


@pytest.mark.parametrize(
    "networks", ["203.0.113.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "203.0.113.7/32,::1/128", "::ffff:0:0/96"]
)
def test_addresses_are_read_alike(spark: sa.Connection, networks: str) -> None:
    asked_for = [ipaddress.ip_network(network) for network in networks.split(",")]
    for value, found in each(spark, ADDRESSES, lambda column: Spark().within(column, asked_for)):
        assert found == bool(readings.address_within(value, networks)), value
    for value, found in each(spark, ADDRESSES, Spark().is_address):
        assert found == bool(readings.is_address(value)), value


DOCUMENTS = [
    *('{"a": {"b c": "x"}}', '{"a": {"b c": 5}}', '{"a": {"b c": -9007199254740993}}', '{"a": {"b c": true}}'),
    *(
        '{"a": {"b c": null}}',
        '{"a": {"b c": {}}}',
        '{"a": {"b c": []}}',
        '{"a": {"b c": "{}"}}',
        '{"a": [{"b c": 1}]}',
    ),
    *('{"a": {"b c": "x"}} x', '{"a": {"b c": "x"}}, 5', '{"a": {"b c": "x"}', '[{"a": {"b c": "x"}}]', "", "x", "5"),
    *('{"a": {"b c": "1"}, "a": {"b c": "2"}}', '{"A": {"b c": "x"}}', '{"a": {"b c": "\\u0041 \\ud83d\\ude00"}}'),
    *('{"a": {"b c": "x\\u0000"}}', '{"a": {"b c": "\\\\u0000"}}', '{"a": {"b c": "\\ud800"}}', '{"a": {"b c": 01}}'),
    *('{"a": {"b c": "x"},}', '{"a": {"b c": -0}}', '{"a": {"b c": 1e2}}', '{"a": {"b c": 0.25}}', '{"a": "b c"}'),
    *('  {"a"\n:{"b c":"x"}}  ', "{'a': {'b c': 'x'}}", '{"a": {"b c": "é\t"}}', '{"a": {"b c": "x\\""}}'),
]


def test_documents_are_read_alike(spark: sa.Connection) -> None:
    path = ["a", "b c"]
    for value, found in each(spark, DOCUMENTS, lambda column: Spark().json_value(column, path)):
        assert found == readings.json_text(value, json.dumps(path)), value


@settings(max_examples=60)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=20))
@example([EVIL, "${env:HOME}", "\\", "'", "\\'", "''", "%", "{}", "--", "\u2029"])
def test_a_text_comes_back_as_it_was_sent(spark: sa.Connection, texts: list[str]) -> None:
    named = [sa.literal(text).label(f"t{place}") for place, text in enumerate(texts)]
    assert list(spark.execute(sa.select(*named)).one()) == texts


def test_a_condition_means_in_spark_what_it_means_elsewhere(spark: sa.Connection) -> None:
    condition = """"first" = 'O''Neill\\ ${env:HOME} "q"' AND 'a\\nb' <> "a b" """
    assert spark.execute(
        sa.select(sa.literal_column(condition)).select_from(
            sa.select(
                sa.literal('O\'Neill\\ ${env:HOME} "q"').label("first"), sa.literal("a\nb").label("a b")
            ).subquery("x")
        )
    ).scalar()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("no_such_column = 1", "no_such_column"),
        ("reflect('java.lang.System', 'getenv', 'HOME') = 'x'", "may run a program"),
        ('CAST("first" AS INT) = 1', "could not be converted"),
    ],
)
def test_a_condition_that_fails_is_one_plain_message(
    copied: Any, sqlite_store: Any, breach: Programme, map_file: Path, condition: str, words: str
) -> None:
    url = copied(sqlite_store.url, TYPES)
    result = breach.run("scope", "run", "--database", url, "--map", str(map_file), "--where", condition)
    assert result.code in {2, 4}
    assert words in result.err
    assert "Mari" not in result.err
    assert "Exception" not in result.err


def test_a_table_that_is_not_there_is_named_with_the_nearest(
    copied: Any, sqlite_store: Any, breach: Programme, map_file: Path
) -> None:
    map_file.write_text(map_file.read_text(encoding="utf-8").replace('table = "people"', 'table = "peoples"'), "utf-8")
    url = copied(sqlite_store.url, TYPES)
    result = breach.run("scope", "run", "--database", url, "--map", str(map_file), "--everyone")
    assert result.code == 2
    assert "did you mean people" in result.err


def test_the_plan_is_asked_without_reading_an_account(
    copied: Any, sqlite_store: Any, breach: Programme, map_file: Path, tmp_path: Path
) -> None:
    url = copied(sqlite_store.url, TYPES)
    ids = tmp_path / "ids.txt"
    ids.write_text("1\nProject secret\n", encoding="utf-8")
    words = ["scope", "run", "--database", url, "--map", str(map_file), "--explain", "--ids", str(ids)]
    said = breach.ok(*words, "--where", "email <> 'nobody'").out
    assert ".people" in said
    assert "secret" not in said
    assert not list(breach.folder.rglob("s1.jsonl*"))


def test_a_question_that_takes_too_long_ends_on_the_server_too(
    copied: Any, spark: sa.Connection, sqlite_store: Any, breach: Programme, map_file: Path
) -> None:
    url = copied(sqlite_store.url, TYPES)
    slow = "(SELECT count(*) FROM range(4000000000) r WHERE sha2(CAST(r.id AS STRING), 512) = 'x') = 0"
    words = ["scope", "run", "--database", url, "--map", str(map_file), "--where", slow, "--timeout", "8"]
    result = breach.run(*words)
    assert result.code == 4
    assert "longer than the time limit" in result.err
    # The server has one core: as long as it works on, nobody else is answered.
    assert spark.exec_driver_sql("SELECT count(*) FROM range(10)").scalar() == 10


def test_a_server_that_dies_leaves_no_list(
    sqlite_store: Any, breach: Programme, map_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed with the first batch just read; and then it is not there at all."""
    from incident.scope.databases.general import GeneralDatabase

    with spark_server.spark_server() as mortal:
        url = fill_from_sqlite(mortal.url, Path(sqlite_store.url.removeprefix("sqlite:///")), TYPES)
        whole = GeneralDatabase.batches

        def batches(self: Any, statement: Any) -> Any:
            for batch in whole(self, statement):
                yield batch
                mortal.kill()

        monkeypatch.setattr(GeneralDatabase, "batches", batches)
        words = ["scope", "run", "--database", url, "--map", str(map_file), "--everyone"]
        lost, refused = breach.run(*words), breach.run(*words)
    assert (lost.code, refused.code) == (4, 4)
    assert "was lost" in lost.err
    assert "cannot be reached" in refused.err
    assert not list(breach.folder.rglob("s1.jsonl*"))
    assert "Traceback" not in lost.err + refused.err
