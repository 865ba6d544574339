"""A value inside a JSON document is the same text in every engine, and a document in disorder ends no query."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import servers
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import JSONB

from incident.scope import readings
from incident.scope.databases import open_accounts
from incident.scope.dialects import ENGINES, Column, Engine
from incident.scope.dialects.postgresql import PostgreSQL
from incident.scope.sql import spelled

Ask = Callable[[str, list[str], str], Any]


def _statement(engine: Engine, document: str, path: list[str], kind: str) -> tuple[str, dict[str, Any]]:
    # From a row, as in life: PostgreSQL works out what stands in the statement itself before it looks at conditions.
    rows: Any = sa.select(sa.cast(sa.bindparam("document", document), sa.Text).label("document")).subquery()
    if engine.dialect.name == "postgresql":
        several = sa.func.unnest(sa.cast([document], sa.ARRAY(sa.Text)))
        rows = sa.select(
            sa.cast(several, {"json": sa.JSON, "jsonb": JSONB}.get(kind, sa.Text)).label("document")
        ).subquery()
    return spelled(sa.select(engine.json_value(Column(rows.c.document, kind), path)).select_from(rows), engine)


@pytest.fixture(scope="module", params=[12, 18])
def postgres(request: pytest.FixtureRequest, postgres_server_url: str) -> Any:
    """As an old server is asked, and as a new one."""
    with psycopg.connect(postgres_server_url, autocommit=True) as connection:
        if request.param > connection.info.server_version // 10000 and request.param >= 16:
            pytest.fail("the tests' PostgreSQL is older than the newest way of asking")
        engine = PostgreSQL(request.param)

        def ask(document: str, path: list[str], kind: str = "text") -> Any:
            row = connection.execute(*_bytes(_statement(engine, document, path, kind))).fetchone()
            return row[0] if row else None

        yield ask


@pytest.fixture(scope="module")
def lite() -> Any:
    connection = sqlite3.connect(":memory:")
    connection.create_function("incident_json", 2, readings.json_text, deterministic=True)

    def ask(document: str, path: list[str], kind: str = "text") -> Any:
        return connection.execute(*_statement(ENGINES["sqlite"], document, path, kind)).fetchone()[0]

    yield ask
    connection.close()


@pytest.fixture(scope="module")
def mariadb(mariadb_server_url: str) -> Any:
    with servers.fresh_mariadb(mariadb_server_url) as url, open_accounts(url) as accounts:

        def ask(document: str, path: list[str], kind: str = "text") -> Any:
            return accounts._execute(*_statement(accounts.engine, document, path, kind))[0][0]  # type: ignore[attr-defined]

        yield ask


def _bytes(spelt: tuple[str, dict[str, Any]]) -> tuple[bytes, dict[str, Any]]:
    return spelt[0].encode(), spelt[1]


CASES: list[tuple[str, list[str], str | None]] = [
    ('{"a": "x"}', ["a"], "x"),
    ('{"a": ""}', ["a"], ""),
    ('{"a": "null"}', ["a"], "null"),
    ('{"a": null}', ["a"], None),
    ('{"b": 1}', ["a"], None),
    ('{"a": true, "b": false}', ["b"], "false"),
    ('{"a": true}', ["a"], "true"),
    ('{"a": 1.0}', ["a"], "1.0"),
    ('{"a": 1.50}', ["a"], "1.50"),
    ('{"a": 1e5}', ["a"], "100000"),
    ('{"a": 1.5E-3}', ["a"], "0.0015"),
    ('{"a": 1.50e1}', ["a"], "15.0"),
    ('{"a": -0}', ["a"], "0"),
    ('{"a": -0.00}', ["a"], "0.00"),
    ('{"a": 9007199254740993}', ["a"], "9007199254740993"),
    ('{"a": 123456789012345678901234567890.10}', ["a"], "123456789012345678901234567890.10"),
    ('{"a": {"b": {"c d": "deep"}}}', ["a", "b", "c d"], "deep"),
    ('{"a": {"b": 1}}', ["a"], None),
    ('{"a": [1]}', ["a"], None),
    ('{"a": [{"b": 1}]}', ["a", "b"], None),
    ('[{"a": 1}]', ["a"], None),
    ('{"a": ["x"]}', ["a", "0"], None),
    ('{"a": {"0": "x"}}', ["a", "0"], "x"),
    ('{"a": "x"}', ["a", "b"], None),
    ('"a"', ["a"], None),
    ('{"a": "\\u00f5\\ud83d\\ude00 \\n\\"\\\\ \\/"}', ["a"], 'õ😀 \n"\\ /'),
    ('{"a": "õ😀 فاطمة"}', ["a"], "õ😀 فاطمة"),
    ('{"\\u0061": "written otherwise"}', ["a"], "written otherwise"),
    ('{"a.b": 1, "õ\\"$": 2, "a\'b": 3}', ["a.b"], "1"),
    ('{"a.b": 1, "õ\\"$": 2, "a\'b": 3}', ['õ"$'], "2"),
    ('{"a.b": 1, "õ\\"$": 2, "a\'b": 3}', ["a'b"], "3"),
    ('{"a": "{[not]} a, \\"list\\": 1"}', ["a"], '{[not]} a, "list": 1'),
    (' \n\t{ "a" :\r"x" } ', ["a"], "x"),
    ("", ["a"], None),
    ("no JSON", ["a"], None),
    ('{"a": 1', ["a"], None),
    ('{"a": 1,}', ["a"], None),
    ('{"a": 1} {"a": 2}', ["a"], None),
    ("{'a': 1}", ["a"], None),
    ("{a: 1}", ["a"], None),
    ('{"a": 01}', ["a"], None),
    ('{"a": .5}', ["a"], None),
    ('{"a": NaN}', ["a"], None),
    ('{"a": "x\ty"}', ["a"], None),
    ('{"a": "\\x41"}', ["a"], None),
    ('{"a": "x", "b": "\\u0000"}', ["a"], None),
    ('{"a": "x", "b": "\\\\u0000"}', ["a"], "x"),
    ('{"a": "x", "b": "\\ud83d"}', ["a"], None),
    ('{"a": "x", "b": [1[2]]}', ["a"], None),
    ('{"a": "x", "b": nul[1]}', ["a"], None),
]
TWICE = [
    ('{"a": 1, "a": 2}', ["a"], "2"),
    ('{"a": {"b": 1}, "a": {"c": 2}}', ["a", "b"], None),
    ('{"a": 1, "a": null}', ["a"], None),
]


@pytest.mark.parametrize(("document", "path", "text"), [*CASES, *TWICE])
def test_one_document_one_text(postgres: Ask, lite: Ask, document: str, path: list[str], text: str | None) -> None:
    assert lite(document, path, "text") == text
    assert postgres(document, path, "text") == text
    for kind in ("json", "jsonb"):
        try:
            assert postgres(document, path, kind) == text
        except (psycopg.errors.DataError, psycopg.errors.SyntaxError):  # such a column cannot hold this document
            assert text is None


# Where MariaDB goes its own way: numbers stay as they were written, a little more passes for JSON, and the name of a
# member is found only as it was written.
ITS_OWN = {"1e5", "1.5E-3", "1.50e1", "-0", "-0.00", '"x\ty"', '"\\u0000"', '"\\x41"', '"\\u0061"'}


@pytest.mark.parametrize(("document", "path", "text"), CASES)
def test_mariadb_too(mariadb: Ask, document: str, path: list[str], text: str | None) -> None:
    if not any(own in document for own in ITS_OWN) or '"\\\\u0000"' in document:
        assert mariadb(document, path, "longtext") == text


def test_mariadb_takes_numbers_as_written_and_the_first_of_two_members(mariadb: Ask) -> None:
    assert mariadb('{"a": 1e5}', ["a"], "longtext") == "1e5"
    assert mariadb('{"a": 1, "a": 2}', ["a"], "longtext") == "1"


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.decimals(-(10**6), 10**6, places=3).map(float)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
)
names = st.sampled_from(["a", "b", "õ", '"', "0"])
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(
    documents, st.lists(names, min_size=1, max_size=3), st.booleans(), st.integers(0, 60), st.sampled_from('{}[]",:0x')
)
def test_documents_whole_and_broken(
    postgres: Ask, lite: Ask, document: Any, path: list[str], ascii_only: bool, place: int, sign: str
) -> None:
    whole = json.dumps(document, ensure_ascii=ascii_only)
    for text in (whole, whole[:place] + sign + whole[place:], whole[:place] + whole[place + 1 :]):
        assert lite(text, path, "text") == postgres(text, path, "text")


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_concat_is_nothing_where_a_part_is(name: str, postgres_server_url: str) -> None:
    engine = ENGINES[name]
    text, parameters = spelled(
        sa.select(
            engine.concat([sa.cast("a", sa.Text), sa.cast("|", sa.Text), sa.cast("b", sa.Text)]),
            engine.concat([sa.cast("a", sa.Text), sa.cast(sa.null(), sa.Text)]),
        ),
        engine,
    )
    if name == "sqlite":
        connection = sqlite3.connect(":memory:")
        row = connection.execute(text, parameters).fetchone()
        connection.close()
    else:
        with psycopg.connect(postgres_server_url) as server:
            row = server.execute(text.encode(), parameters).fetchone()
    assert row == ("a|b", None)
