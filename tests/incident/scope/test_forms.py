"""Values in JSON documents, rows of keys and values, and side tables; tenants and holders: the same on each engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.sealed import read_segments

MAP = """
secrets = ["tokens.token", "meta.value[name=session_tokens]", "users.pass_digest"]

[accounts]
table = "users"
key = "id"
email = [
  { column = "doc", json = ["contact", "mail"] },
  { table = "addresses", column = "address", where = { main = "yes" } },
]
name = [{ column = "doc", json = ["name"] }]
locale = { table = "meta", column = "value", where = { name = "locale" } }
country = [{ table = "meta", column = "value", where = { name = "country" } }, "country"]
birth_date = { table = "meta", column = "value", where = { name = "born" } }
created_at = { column = "doc", json = ["made", "ms"], unit = "milliseconds" }
deleted_at = { table = "goodbyes", column = "at" }
last_seen_at = { table = "tokens", column = "used", unit = "seconds" }
tenant = "realm"

[[related]]
table = "meta"
path = ["users.id = meta.owner"]
where = { owner_type = "User" }

[[related]]
table = "addresses"
path = ["addresses.user_id = users.id"]

[[related]]
table = "goodbyes"
path = ["goodbyes.id = users.goodbye_id"]

[[related]]
table = "tokens"
path = ["tokens.link_id = links.id", "links.user_id = users.id"]
created_at = { column = "made", unit = "seconds" }
deleted_at = { column = "revoked", unit = "seconds" }

[[trail]]
name = "audit"
table = "audit"
account = { column = "payload", json = ["actor", "id"] }
at = "at"
ip = { column = "payload", json = ["ip"] }
action = { column = "payload", json = ["action"], values = ["login"] }

[holds]
"addresses.address" = ["user.contact.email"]
"meta.value" = ["user.account.settings"]
"tokens.token" = ["user.authorization.third_party_token"]
pass_digest = ["user.authorization.password"]
note = ["user.behavior.usage"]
"""
_ONE = '{"name": "O\'Neill-Õunapuu", "contact": {"mail": "one@example.com"}, "made": {"ms": 1700000000123}}'
_USERS = [
    ("1", _ONE, "a", None, None, ""),
    ("2", '{"name": null, "made": {"ms": "1790000000000"}}', "a", "EE", 7, "hello"),
    ("3", '{"name": {"first": "no text"}, "contact": [1], "made": {"ms": "soon"}}', "B", "EE", None, None),
    ("4", "not a document", "b", "FI", 8, ""),
    ("5", None, None, None, None, None),
    ("10", '{"name": "Ann", "contact": {"mail": "  ONE@Example.com "}, "made": {"ms": -1}}', "b", "LV", None, "x"),
]  # fmt: skip
_THIRD_PARTY = "user.authorization.third_party_token"
_META = [
    ("1", "User", "locale", "et"), ("1", "User", "country", "LV"), ("1", "Shop", "country", "DE"),
    ("1", "User", "session_tokens", "never to be read"), ("2", "User", "locale", "ru"), ("2", "User", "locale", "en"),
    ("2", "User", "born", "2012-01-02"), ("3", "User", "born", "1980-05-05"), ("nobody", "User", "locale", "fi"),
]  # fmt: skip
_ADDRESSES = [
    (2, "z@example.com", "yes"), (2, "b@example.com", "yes"), (2, "a@example.com", "no"),
    (3, "", "yes"), (4, "four@example.com", "yes"), (1, "old@example.com", "yes"),
]  # fmt: skip
_GOODBYES = [(7, "2026-11-19 12:00:00"), (8, "2026-01-01 00:00:00"), (9, "2020-01-01 00:00:00")]
_LINKS = [(100, 1), (101, 1), (102, 3), (103, 10)]
_TOKENS = [
    (100, "never", 1_790_000_000, 1_790_000_100, 1_790_000_050),
    (101, "to be", 1_780_000_000, None, 1_795_000_000),
    (102, "read", 1_795_000_000, None, None),
    (102, None, 1_700_000_000, 1_700_000_001, None),
]
_AUDIT = [
    ('{"actor": {"id": "1"}, "ip": "203.0.113.7", "action": "login"}', "2026-11-20 22:00:00"),
    ('{"actor": {"id": 10}, "ip": "::ffff:203.0.113.9", "action": "login"}', "2026-11-20 22:30:00"),
    ('{"actor": {"id": "2"}, "ip": "203.0.113.8", "action": "look"}', "2026-11-20 22:00:00"),
    ('{"actor": {}, "action": "login"}', "2026-11-20 22:00:00"),
    ("{", "2026-11-20 22:00:00"),
]
_TABLES: dict[str, tuple[str, list[Any]]] = {
    "users": ("id {number}, doc {document}, realm {word}, country {word}, goodbye_id {number}, note {text}", _USERS),
    "meta": ("owner {word}, owner_type {word}, name {word}, value {text}", _META),
    "addresses": ("user_id {number}, address {text}, main {word}", _ADDRESSES),
    "goodbyes": ("id {number}, at {time}", _GOODBYES),
    "links": ("id {number}, user_id {number}", _LINKS),
    "tokens": ("link_id {number}, token {text}, made {number}, revoked {number}, used {number}", _TOKENS),
    "audit": ("payload {document}, at {time}", _AUDIT),
}
_TYPES = {
    "sqlite": {"number": "INTEGER", "document": "TEXT", "word": "TEXT", "text": "TEXT", "time": "TEXT", "mark": "?"},
    "postgresql": {
        "number": "bigint", "document": "text", "word": "varchar(40)", "text": "text", "time": "timestamp", "mark": "%s"
    },
    "mysql": {
        "number": "bigint", "document": "longtext", "word": "varchar(40)", "text": "text", "time": "datetime(6)",
        "mark": "%s"
    },
}  # fmt: skip


@pytest.fixture
def forms(store: Any, tmp_path: Path) -> Any:
    """The tables above, in the engine's own types, and their map."""
    types = _TYPES[store.engine]
    for table, (columns, rows) in _TABLES.items():
        extra = ", pass_digest " + types["text"] if table == "users" else ""
        store.change(f"CREATE TABLE {table} ({columns.format(**types)}{extra})")
        named = ", ".join(part.split()[0] for part in columns.split(", "))
        store.change(f"INSERT INTO {table} ({named}) VALUES ({', '.join([types['mark']] * len(rows[0]))})", *rows)
    (tmp_path / "forms.toml").write_text(MAP, encoding="utf-8")
    return store


@pytest.fixture
def ask(forms: Any, breach: Programme, tmp_path: Path) -> Any:
    def asked(*words: str, expect: int = 0) -> Any:
        map_file = str(tmp_path / "forms.toml")
        result = breach.run("scope", "run", "--database", forms.url, "--map", map_file, *words, "--json")
        assert result.code == expect, result.out + result.err
        return result.err if expect == 2 else result.json

    return asked


def people(document: Any) -> dict[str, Any]:
    return {person.key: person for segment in read_segments(Path(document["file"])) for person in segment.people}


def keys(document: Any) -> set[str]:
    return set(people(document))


def test_values_are_found_in_documents_in_keyed_rows_and_in_side_tables(ask: Any) -> None:
    document = ask("--everyone")
    found = people(document)
    assert list(found) == ["1", "10", "2", "3", "4", "5"]
    one, two, three = found["1"], found["2"], found["3"]
    assert (one.name, one.email, one.locale, one.country) == ("O'Neill-Õunapuu", "one@example.com", "et", "LV")
    assert one.created_at == "2023-11-14T22:13:20Z"
    assert one.last_seen_at == "2026-11-18T11:06:40Z"  # the latest of two
    assert (two.email, two.locale, two.birth_date) == ("b@example.com", "en", "2012-01-02")  # the least of two
    assert (two.country, two.deleted_at, two.created_at) == ("EE", "2026-11-19T12:00:00Z", "2026-09-21T14:13:20Z")
    assert (three.name, three.email, three.created_at) == (None, None, None)
    assert found["10"].email == "ONE@Example.com"
    assert found["10"].created_at == "1969-12-31T23:59:59Z"
    assert (found["5"].email, found["5"].country) == (None, None)
    assert (document["accounts"], document["people"], document["minors"]) == (6, 5, 1)
    assert document["by_country"] == {"EE": 2, "FI": 1, "LV": 1, "unknown": 1}
    assert document["by_locale"] == {"unknown": 3, "en": 1, "et": 1}


def test_a_row_of_another_table_is_counted_once_for_its_account(ask: Any) -> None:
    document = ask("--everyone")
    assert document["by_category"] == {
        "user.contact.email": 3,  # an empty address is none
        "user.account.settings": 3,
        "user.authorization.third_party_token": 2,
        "user.behavior.usage": 2,
    }
    assert any("Not counted, as the columns are secrets" in sentence for sentence in document["uncertain"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--tenant", "a"], {"1", "2"}),
        (["--tenant", "b", "--tenant", "a"], {"1", "2", "4", "10"}),  # B is another one
        (["--holding", _THIRD_PARTY], {"1", "3"}),
        (["--holding", _THIRD_PARTY, "--held", "2026-09-21T13:34:00Z"], {"1"}),
        (
            ["--holding", _THIRD_PARTY, "--held", "2026-11-18T11:06:39Z..2026-11-18T11:06:40Z"],
            {"1", "3"},
        ),
        (["--holding", _THIRD_PARTY, "--held", "2023-11-14T22:13:21Z"], {"3"}),
        (["--holding", _THIRD_PARTY, "--held", "2023-11-14T22:13:22Z"], None),
        (["--holding", "user.contact.email", "--holding", "user.behavior.usage"], {"2"}),
        (["--holding", "user.authorization.password"], {"1", "2", "3", "4", "5", "10"}),
        (["--existing-at", "2026-11-19T12:00:00Z"], {"1", "2", "3", "5", "10"}),
        (["--existing-at", "2026-11-19T12:00:01Z"], {"1", "3", "5", "10"}),
        (["--existing-at", "2026-11-19T12:00:01Z", "--deleted-within", "1"], {"1", "2", "3", "5", "10"}),
        (["--existing-at", "2026-09-21T14:13:19Z"], {"1", "3", "5", "10"}),
        (["--existing-at", "2026-11-19T12:00:00Z..2026-11-19T12:00:01Z"], {"1", "2", "3", "5", "10"}),
        (["--from-ip", "203.0.113.0/24"], {"1", "10"}),
        (["--from-ip", "203.0.113.0/24", "--seen", "2026-11-20T22:00:01Z..2026-11-21T00:00:00Z"], {"10"}),
        (["--addresses", "ADDRESSES"], {"1", "10", "2"}),
    ],
)
def test_who_is_asked_for(ask: Any, tmp_path: Path, words: list[str], expected: set[str] | None) -> None:
    (tmp_path / "addresses.txt").write_text("One@example.com\nB@EXAMPLE.COM\nnobody@example.com\n", encoding="utf-8")
    words = [str(tmp_path / "addresses.txt") if word == "ADDRESSES" else word for word in words]
    document = ask(*words, expect=0 if expected else 1)
    assert (keys(document) if expected else None) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ('any = [{ tenant = "a" }, { where = "country = \'FI\'" }]', {"1", "2", "4"}),
        ('not = { tenant = "a" }', {"3", "4", "5", "10"}),  # 5 has no tenant, so it is not of a
        ('tenant = ["a", "b"]\nnot = [{ existing_at = "2026-01-02" }]', {"2", "4"}),
        ('all = [{ tenant = "a" }, { any = [{ from_ip = "203.0.113.0/24" }, { tenant = "b" }] }]', {"1"}),
        ('not = { not = { tenant = "b" } }', {"4", "10"}),
        ('any = [{ ids = "keys.txt" }, { not = { holding = "user.behavior.usage" } }]', {"1", "2", "3", "4", "5"}),
    ],
)
def test_parts_of_a_question_combine(ask: Any, tmp_path: Path, question: str, expected: set[str]) -> None:
    (tmp_path / "keys.txt").write_text("2\n", encoding="utf-8")
    (tmp_path / "question.toml").write_text(question, encoding="utf-8")
    assert keys(ask("--question", str(tmp_path / "question.toml"))) == expected


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", "asks nothing"),
        ("any = [{ tenant = 'a' }, {}]", "any.2, asks nothing"),
        ("tenants = 'a'", "did you mean tenant?"),
        ("not = { holding = 'user.contact' }", "is not a data category"),
        ("ids = 'keys.txt'\nall = [{ addresses = 'keys.txt' }]", "more than one list"),
        ("holding = 'user.behavior.usage'\nheld = 'now'", "does not say from when to when"),
        ("where = 'pass_digest = 1'", "which is a secret"),
        ("any = [{ where = 'DELETE FROM users' }]", "the word DELETE"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_why(ask: Any, tmp_path: Path, question: str, says: str) -> None:
    (tmp_path / "keys.txt").write_text("2\n", encoding="utf-8")
    (tmp_path / "question.toml").write_text(question, encoding="utf-8")
    error = ask("--question", str(tmp_path / "question.toml"), expect=2)
    assert says in error


def test_a_tenant_that_nobody_is_of_is_said(ask: Any) -> None:
    document = ask("--tenant", "a", "--tenant", "A")
    assert keys(document) == {"1", "2"}
    assert "Nobody is of a tenant A; is that how the database writes it?" in document["uncertain"]


def test_a_secret_that_names_no_column_is_said(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "forms.toml").write_text(MAP.replace('"users.pass_digest"', '"users.passdigest"'), encoding="utf-8")
    said = ask("--tenant", "a")["uncertain"]
    assert "The map's secret users.passdigest names no column: it keeps nothing out." in said


def test_deleted_at_nought_is_not_deleted(ask: Any, forms: Any, tmp_path: Path) -> None:
    text = MAP.replace(
        'deleted_at = { table = "goodbyes", column = "at" }', 'deleted_at = { column = "goodbye_id", unit = "seconds" }'
    )
    (tmp_path / "forms.toml").write_text(text, encoding="utf-8")
    forms.change("UPDATE users SET goodbye_id = 0 WHERE id IN (1, 3)")
    assert {"1", "3"} <= keys(ask("--existing-at", "2026-11-19T12:00:00Z"))


def test_last_seen_at_nought_is_never_seen(ask: Any, forms: Any, tmp_path: Path) -> None:
    text = re.sub("last_seen_at = .*", 'last_seen_at = { column = "goodbye_id", unit = "seconds" }', MAP)
    (tmp_path / "forms.toml").write_text(text, encoding="utf-8")
    forms.change("UPDATE users SET goodbye_id = 0 WHERE id = 1")
    forms.change("UPDATE users SET goodbye_id = 86400 WHERE id = 3")
    segments = read_segments(Path(ask("--everyone")["file"]))
    seen = {person.key: person.last_seen_at for segment in segments for person in segment.people}
    assert (seen["1"], seen["3"]) == (None, "1970-01-02T00:00:00Z")


def test_a_child_at_its_parents_address_counts_and_so_does_its_country(ask: Any, forms: Any) -> None:
    forms.change("UPDATE users SET country = 'FR' WHERE id = 5")
    forms.change("INSERT INTO addresses (user_id, address, main) VALUES (5, 'four@example.com', 'yes')")
    forms.change("INSERT INTO meta (owner, owner_type, name, value) VALUES ('5', 'User', 'born', '2014-02-03')")
    document = ask("--everyone")
    assert (document["accounts"], document["people"], document["minors"]) == (6, 4, 2)
    assert document["by_country"].get("FR") is None
    shared = [sentence for sentence in document["uncertain"] if "share an address" in sentence]
    assert shared == [
        "2 accounts share an address with an earlier one, and count as one person with it; 1 of them are children, and "
        "counted as such; in other countries than that person: FR 1."
    ]
