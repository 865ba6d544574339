"""Each value is understood alike by the Python that SQLite calls and by what PostgreSQL and MariaDB are asked."""

from __future__ import annotations

import ipaddress
import sqlite3
import string
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import servers
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from incident.moments import stamp
from incident.scope import readings
from incident.scope.databases import open_accounts
from incident.scope.datamap import Time
from incident.scope.dialects import ENGINES, Column
from incident.scope.sql import spelled

QUICK = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=150
)
VALUE: Any = sa.cast(sa.bindparam("value", ""), sa.Text)
LITE = ENGINES["sqlite"]


class Server:
    """Evaluates one expression over `VALUE`."""

    def __init__(self, name: str, execute: Callable[[str, dict[str, Any]], Any]) -> None:
        self.name, self.engine, self._execute = name, ENGINES[name], execute

    def asked(self, expression: Any, value: str) -> Any:
        text, parameters = spelled(sa.select(expression), self.engine)
        return self._execute(text, {**parameters, "value": value})


@pytest.fixture(scope="module", params=["postgresql", "mysql"])
def server(request: pytest.FixtureRequest) -> Any:
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server_url")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield Server(request.param, lambda text, values: connection.execute(text.encode(), values).fetchone()[0])  # type: ignore[index]
        return
    with servers.fresh_mariadb(request.getfixturevalue("mariadb_server_url")) as url, open_accounts(url) as accounts:
        yield Server(request.param, lambda text, values: accounts._execute(text, values)[0][0])  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def lite() -> Any:
    connection = sqlite3.connect(":memory:")
    connection.create_function("incident_utc", 2, readings.utc_text, deterministic=True)
    yield connection
    connection.close()


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
@example("2026-11-20 22:00-02", False)
@example("2026-11-20T22:00+0230", True)
def test_times_in_text(server: Server, value: str, in_tallinn: bool) -> None:
    zone = "Europe/Tallinn" if in_tallinn else "UTC"
    read = readings.utc_text(value, zone)
    # Before 1941 histories differ by seconds between databases of zones; MariaDB is told the changes up to 2100.
    if read is None or "1941" <= read < "2100" or not in_tallinn:
        time = Time("value", "text", zone)
        found = server.asked(server.engine.utc(Column(VALUE, "text"), time), value)
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


seconds_from_2025_to_2027 = st.integers(1_735_689_600, 1_830_297_599)
seconds_from_1900_to_2100 = st.integers(-2_208_988_800, 4_133_980_799)


@QUICK
@given(
    times,
    (seconds_from_2025_to_2027 | seconds_from_1900_to_2100).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.integers(-3 * 86_400, 3 * 86_400),
    st.sampled_from(["UTC", "Europe/Tallinn", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.sampled_from(["", "Z", "+02:00", ".5"]),
)
@example("2026-10-25 03:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 0, "Europe/Tallinn", "")  # came twice
@example("2026-10-25 03:30:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 0, "Europe/Tallinn", "")
@example("2011-12-30 12:00:00", datetime(2011, 12, 30, 22, tzinfo=UTC), 0, "Pacific/Apia", "")  # a day left out
@example("2026-02-31 00:00:00", datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC), 0, "UTC", "Z")
def test_sqlite_compares_everyday_times_as_the_function_reads_them(
    lite: Any, value: str, at: datetime, seconds: int, zone: str, tail: str
) -> None:
    near = f"{at + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"
    for text in (value, near + tail, near.replace(" ", "T") + tail):
        column = Column(sa.cast(sa.bindparam("value", text), sa.Text), "text")
        time, read = Time("value", "text", zone), readings.utc_text(text, zone)
        for condition, expected in (
            (LITE.not_before(column, time, at), read is not None and read >= stamp(at)),
            (LITE.not_after(column, time, at), read is not None and read <= stamp(at)),
        ):
            asked, parameters = spelled(sa.select(sa.func.coalesce(condition, sa.false())), LITE)
            assert bool(lite.execute(asked, parameters).fetchone()[0]) == expected


addresses = (
    st.ip_addresses().map(str)
    | st.ip_addresses(v=6).map(lambda address: address.exploded.upper())
    | st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}")
    | st.ip_addresses(v=4).map(lambda address: f"64:ff9b::{address}")
    | st.ip_addresses(v=4).map(lambda address: f"0064:FF9B:0000:0000:0000:0000:{address}")
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
@example("::.10")
@example("255::.1.1")
@example("2001:db8::/32")
def test_what_is_an_address(server: Server, value: str) -> None:
    assert server.asked(server.engine.is_address(Column(VALUE, "text")), value) == bool(readings.is_address(value))


@given(addresses, st.ip_addresses(), st.integers(0, 128))
@example("1:2:3:4:5:6:7::", ipaddress.ip_address("1.2.3.4"), 0)
@example("::ffff:1.2.3.4", ipaddress.ip_address("1.2.0.0"), 16)
@example("::1.2.3.4", ipaddress.ip_address("1.2.0.0"), 16)
def test_addresses_are_read_as_python_reads_them(value: str, network_address: Any, bits: int) -> None:
    network = ipaddress.ip_network(f"{network_address}/{min(bits, network_address.max_prefixlen)}", strict=False)
    try:
        address = None if "%" in value else ipaddress.ip_address(value.strip(" "))
    except ValueError:
        address = None
    forms = (address, getattr(address, "ipv4_mapped", None))
    assert bool(readings.is_address(value)) == (address is not None)
    assert bool(readings.address_within(value, str(network))) == any(form in network for form in forms if form)


@QUICK
@given(
    addresses,
    st.ip_addresses(),
    st.integers(0, 128),
)
@example("::ffff:203.0.113.9", ipaddress.ip_address("203.0.113.0"), 24)
@example("0000:0000:0000:0000:0000:FFFF:0.0.10.100", ipaddress.ip_address("0.0.0.1"), 0)
def test_what_lies_in_a_network(server: Server, value: str, address: Any, bits: int) -> None:
    network = ipaddress.ip_network(f"{address}/{min(bits, address.max_prefixlen)}", strict=False)
    condition = server.engine.within(Column(VALUE, "text"), [network])
    within = server.asked(sa.func.coalesce(condition, sa.false()), value)
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


ZONES = ["UTC", "Europe/Tallinn", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"]
changing = [datetime.fromisoformat(day) for day in ("2026-10-25", "2026-03-29", "2026-04-05", "2026-11-01")]
locals_ = st.datetimes(datetime.fromisoformat("1942-01-01"), datetime.fromisoformat("2099-12-30")) | st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes), st.sampled_from(changing), st.integers(0, 360)
)


@QUICK
@given(locals_, st.sampled_from(ZONES), st.timedeltas(timedelta(hours=-30), timedelta(hours=30)))
def test_local_times_of_the_database_s_own_type(server: Server, local: datetime, zone: str, off: timedelta) -> None:
    instant = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    at = (instant + off).replace(microsecond=0)
    written = sa.cast(VALUE, sa.DATETIME(timezone=False) if server.name == "mysql" else sa.TIMESTAMP(timezone=False))
    column = Column(written, "datetime(6)" if server.name == "mysql" else "timestamp without time zone")
    time = Time("value", "native", zone)
    value = local.isoformat(sep=" ", timespec="seconds")
    instant = instant.replace(microsecond=0)
    assert server.asked(server.engine.utc(column, time), value) == f"{instant:%Y-%m-%dT%H:%M:%SZ}"
    assert server.asked(server.engine.not_before(column, time, at), value) == (instant >= at)
    assert server.asked(server.engine.not_after(column, time, at), value) == (instant <= at)


@QUICK
@given(st.integers(-62135596801, 253402300800), st.integers(0, 999))
def test_seconds_and_milliseconds(server: Server, seconds: int, rest: int) -> None:
    there = -62135596800 <= seconds <= 253402300799
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) if there else None
    written = moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z" if moment else None
    column = Column(sa.cast(VALUE, sa.BigInteger), "bigint")
    for unit, value in (("seconds", seconds), ("milliseconds", seconds * 1000 + rest)):
        assert server.asked(server.engine.utc(column, Time("value", unit)), str(value)) == written


any_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@QUICK
@given(any_text | st.text("aAzZõÕİıſKΣ😀@. \n", max_size=12))
def test_small_and_large_letters_are_those_of_ascii(server: Server, value: str) -> None:
    small = value.translate(str.maketrans(string.ascii_uppercase, string.ascii_lowercase))
    assert server.asked(server.engine.lower(VALUE), value) == small
    assert server.asked(server.engine.upper(VALUE), value) == value.translate(
        str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
    )


@QUICK
@given(any_text, any_text)
@example("a", "a ")
@example("a", "A")
@example("ä", "a")
@example("ß", "ss")
@example("", " ")
def test_texts_compare_by_their_bytes(server: Server, one: str, other: str) -> None:
    first, second = (server.engine.text(side) for side in (VALUE, sa.bindparam("other", other, sa.Text)))
    assert server.asked(first == second, one) == (one == other)
    less = server.engine.by_bytes(first) < server.engine.by_bytes(second)
    assert server.asked(less, one) == (one.encode() < other.encode())


@QUICK
@given(any_text | st.text("ab@.-_[&]\n ", max_size=8))
def test_shapes(server: Server, value: str) -> None:
    for shape in ("*[^a-z&[]*@*", "*@*[\x01-,/:-@[-`{-\x7f]*", ".*", "*..*", "*@[.-]*", "[ab]*"):
        plain = shape.replace("[^", "[!")
        assert server.asked(server.engine.matches_any(VALUE, [shape]), value) == fnmatchcase(value, plain)


def test_a_statement_stays_short_however_often_a_zones_clocks_were_changed() -> None:
    """One of 190,000 letters for each time that was read ended the connection: the server died on it."""
    words = ENGINES["mysql"]
    for zone in ("America/New_York", "Europe/Moscow"):
        text, _ = spelled(sa.select(words.utc(Column(VALUE, "varchar(19)"), Time("value", "text", zone))), words)
        assert len(text) < 12_000


@pytest.mark.parametrize("zone", ["UTC", "Europe/Tallinn"])
@pytest.mark.parametrize(
    ("value", "utc"),
    [
        (None, None),
        ("2026-11-20T23:59:59Z", "2026-11-20T23:59:59Z"),
        ("2026-02-30 01:02:03Z", "2026-03-02T01:02:03Z"),  # day 30 of February counts on
    ],
)
def test_nothing_and_utc_to_the_second_are_not_worth_calling_the_function(
    value: str | None, utc: str | None, zone: str
) -> None:
    """A table of millions would call it for each account that was never deleted, in each of the statements."""

    def called(*_: object) -> None:
        raise AssertionError

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("incident_utc", 2, called)
        column, time = Column(VALUE, "text"), Time("value", "text", zone)
        asked = sa.select(LITE.utc(column, time), LITE.unreadable(column, time))
        text, parameters = spelled(asked, LITE)
        found, is_unreadable = connection.execute(text, {**parameters, "value": value}).fetchone()
    assert found == utc
    assert is_unreadable == (value is None)


@pytest.mark.parametrize(
    ("value", "zone", "utc"),
    [
        # Lord Howe goes back by half an hour: from 02:00 at +11:00 to 01:30 at +10:30.
        ("2026-04-05 01:15:00", "Australia/Lord_Howe", "2026-04-04T14:15:00Z"),
        ("2026-04-05 01:45:00", "Australia/Lord_Howe", "2026-04-04T14:45:00Z"),
        ("2026-04-05 02:15:00", "Australia/Lord_Howe", "2026-04-04T15:45:00Z"),
        ("2026-11-21T07:50:01.9", "Asia/Kathmandu", "2026-11-21T02:05:01Z"),  # +05:45
        ("2026-02-30 07:40:59", "Europe/Tallinn", "2026-03-02T05:40:59Z"),
        ("2026-13-01 07:40:59", "Europe/Tallinn", None),
    ],
)
def test_an_hour_that_is_remembered_is_no_other_hour(value: str, zone: str, utc: str | None) -> None:
    assert [readings.utc_text(value, zone) for _ in range(2)] == [utc, utc]


def test_of_a_trails_many_times_each_day_is_reckoned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reckoned: list[str] = []
    one_time = readings._one_time

    def counting(value: str, zone: str) -> str | None:
        reckoned.append(value)
        return one_time(value, zone)

    monkeypatch.setattr(readings, "_one_time", counting)
    readings._day_in_utc.cache_clear()
    hours = [readings.utc_text(f"2026-11-21 {hour:02}:59:30", "Europe/Tallinn") for hour in range(24)]
    assert (hours[1], hours[2], hours[23]) == ("2026-11-20T23:59:30Z", "2026-11-21T00:59:30Z", "2026-11-21T21:59:30Z")
    assert len(reckoned) <= 2
