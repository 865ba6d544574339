"""Each value is understood alike by the Python that SQLite calls and by what PostgreSQL is asked."""

from __future__ import annotations

import ipaddress
import sqlite3
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from incident.scope import readings
from incident.scope.datamap import Time
from incident.scope.dialects import ENGINES, Column
from incident.scope.sql import spelled

QUICK = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=150
)
VALUE: Any = sa.cast(sa.bindparam("value"), sa.Text)
ENGINE, LITE = ENGINES["postgresql"], ENGINES["sqlite"]


@pytest.fixture(scope="module")
def connection(postgres_server_url: str) -> Any:
    with psycopg.connect(postgres_server_url, autocommit=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


@pytest.fixture(scope="module")
def lite() -> Any:
    connection = sqlite3.connect(":memory:")
    connection.create_function("incident_utc", 2, readings.utc_text, deterministic=True)
    yield connection
    connection.close()


def asked(connection: Any, expression: Any, value: str) -> Any:
    text, parameters = spelled(sa.select(expression), ENGINE)
    return connection.execute(text, {**parameters, "value": value}).fetchone()[0]


times = st.from_regex(
    r"\A[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9]([.,][0-9]{1,7})?)?"
    r"( ?(Z|[+-][0-2][0-9](:?[0-5][0-9])?))?)?\Z"
)


@QUICK
@given(times | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), st.booleans())
@example("2026-10-25 03:30:00", True)  # came twice
@example("2026-03-29 03:30:00", True)  # never was
@example("2026-02-31", False)
@example("2026-01-02T03:04:05.999999999Z", False)
@example("1969-12-31 23:59:59.9-03", True)
@example("0000-00-00 00:00:00", False)
@example("0001-01-01 00:00:00+14:00", False)
def test_times_in_text(connection: Any, value: str, in_tallinn: bool) -> None:
    zone = "Europe/Tallinn" if in_tallinn else "UTC"
    read = readings.utc_text(value, zone)
    if read is None or read >= "1941":  # before that, zone histories differ by seconds between databases of zones
        time = Time("value", "text", zone)
        found = asked(connection, ENGINE.utc(Column(VALUE, "text"), time), value)
        if value[:4] > "0001":
            assert found == read


@QUICK
@given(times | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), st.booleans())
@example("2026-10-25 03:30:00+00", True)
@example("2026-10-25 03:30:00.999999+00:00", True)
@example("2026-10-25 03:30:59.9999-03:30", False)
@example("2026-10-25 03:30:00.1.2Z", False)
@example("2026-10-25 03:30:00.Z", False)
@example("2026-10-25 03:30:00+13:59", False)
@example("2026-10-25 03:30:00-23:59", False)
@example("2026-02-31 00:00:00+02:00", False)
@example("2026-02-30 00:00:00", False)
@example("2026-13-01 00:00:00+02:00", False)
@example("2026-10-25 03:30:00 +02:00", False)
@example("0001-01-01 00:00:00+13:00", False)
@example("9999-12-31 23:59:59-13:00", False)
@example("2026-10-25T24:00:00Z", False)
def test_sqlite_reads_everyday_times_by_itself_just_as_the_function_does(
    lite: Any, value: str, in_tallinn: bool
) -> None:
    zone = "Europe/Tallinn" if in_tallinn else "UTC"
    column = Column(sa.cast(sa.bindparam("value", value), sa.Text), "text")
    text, parameters = spelled(sa.select(LITE.utc(column, Time("value", "text", zone))), LITE)
    assert lite.execute(text, parameters).fetchone()[0] == readings.utc_text(value, zone)


addresses = (
    st.ip_addresses().map(str)
    | st.ip_addresses(v=6).map(lambda address: address.exploded.upper())
    | st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}")
    | st.ip_addresses(v=4).map(lambda address: f"64:ff9b::{address}")
    | st.from_regex(r"\A[0-9a-f:.%/ ]{1,24}\Z")
    | st.lists(st.sampled_from(["1", "ab", ":", "::", "255", ".", "256", "01"]), max_size=18).map("".join)
)


@QUICK
@given(addresses)
@example("1:2:3:4:5:6:7::")
@example("::")
@example("010.1.1.1")
@example("fe80::1%eth0")
@example(" 203.0.113.7 ")
@example("1::2:3:4:5:6:7.8.9.10")
def test_what_is_an_address(connection: Any, value: str) -> None:
    assert asked(connection, ENGINE.is_address(Column(VALUE, "text")), value) == bool(readings.is_address(value))


@QUICK
@given(
    addresses,
    st.ip_addresses(),
    st.integers(0, 128),
)
@example("::ffff:203.0.113.9", ipaddress.ip_address("203.0.113.0"), 24)
def test_what_lies_in_a_network(connection: Any, value: str, address: Any, bits: int) -> None:
    network = ipaddress.ip_network(f"{address}/{min(bits, address.max_prefixlen)}", strict=False)
    within = asked(connection, sa.func.coalesce(ENGINE.within(Column(VALUE, "text"), [network]), sa.false()), value)
    assert within == bool(readings.address_within(value, str(network)))


@pytest.mark.parametrize(
    ("value", "zone", "utc"),
    [
        ("2026-11-21 02:40", "Asia/Almaty", "2026-11-20T21:40:00Z"),
        ("2026-11-21T02:40:59.999+05:00", "Europe/Tallinn", "2026-11-20T21:40:59Z"),
        ("2026-10-25 03:30", "Europe/Tallinn", "2026-10-25T00:30:00Z"),  # the earlier of two
        ("2026-11-21", "UTC", "2026-11-21T00:00:00Z"),
        ("2026-11-21 02:40+0530", "UTC", "2026-11-20T21:10:00Z"),
        ("2026-13-01", "UTC", None),
        ("2026-11-21 24:00", "UTC", None),
        ("now", "UTC", None),
        (1700000000, "UTC", None),
        (None, "UTC", None),
    ],
)
def test_a_time_in_text_is_an_instant(value: Any, zone: str, utc: str | None) -> None:
    assert readings.utc_text(value, zone) == utc
