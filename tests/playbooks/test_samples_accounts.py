"""The made accounts: the same each time, with an intruder whom one question finds and nothing else betrays."""

import hashlib
import ipaddress
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from programme import Programme

from incident.errors import OutsideError, UsageError
from incident.scope.sealed import read_segments
from playbooks.samples.names import CORNERS
from playbooks.samples.population import FIRST_ID
from playbooks.samples.samples import Made, make_accounts, sample_named

PEOPLE = 3_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    file = tmp_path_factory.mktemp("sample") / "studio.db"
    return make_accounts(f"sqlite:///{file}", people=PEOPLE), file


def rows(file: Path, question: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as connection:
        found = connection.execute(question).fetchall()
    connection.close()
    return found


def digest(file: Path) -> str:
    total = hashlib.sha256()
    for table in ("accounts", "token_purchases", "renders", "access_log"):
        for row in rows(file, f"SELECT * FROM {table} ORDER BY id"):
            total.update(repr(row).encode())
    return total.hexdigest()


def affected_by_hand(file: Path, made: Made, *, addresses: bool = True, times: bool = True) -> set[object]:
    """Whom the intruder touched, worked out row by row and without the program."""
    networks = [ipaddress.ip_network(network) for network in made.ranges]
    found = set()
    for account, at, ip in rows(file, "SELECT account_id, at, ip FROM access_log"):
        try:
            address = ipaddress.ip_address(str(ip))
        except ValueError:
            continue
        inside = any(address in network for network in networks)
        during = made.seen_from <= datetime.fromisoformat(str(at)) <= made.seen_until
        if (inside or not addresses) and (during or not times):
            found.add(account)
    return found


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(made: tuple[Made, Path], tmp_path: Path) -> None:
    _, file = made
    make_accounts(f"sqlite:///{tmp_path / 'again.db'}", people=PEOPLE)
    make_accounts(f"sqlite:///{tmp_path / 'other.db'}", people=PEOPLE, seed=73)
    assert digest(tmp_path / "again.db") == digest(file)
    assert digest(tmp_path / "other.db") != digest(file)


def test_the_truth_is_what_the_rows_say(made: tuple[Made, Path]) -> None:
    truth, file = made
    assert affected_by_hand(file, truth) == set(truth.affected)
    beside = json.loads(truth.truth.read_text())
    assert beside["affected"] == list(truth.affected)
    assert truth.truth == file.with_suffix(".truth.json")
    assert {path.stat().st_mode & 0o777 for path in (file, truth.truth)} == {0o600}


def test_neither_the_hours_nor_the_addresses_alone_find_them(made: tuple[Made, Path]) -> None:
    truth, file = made
    affected = set(truth.affected)
    assert affected_by_hand(file, truth, addresses=False) > affected
    assert affected_by_hand(file, truth, times=False) > affected


def test_the_log_holds_what_is_no_address_during_the_hours_too(made: tuple[Made, Path]) -> None:
    truth, file = made
    window = f"at BETWEEN '{truth.seen_from:%Y-%m-%dT%H:%M:%SZ}' AND '{truth.seen_until:%Y-%m-%dT%H:%M:%SZ}'"
    assert rows(file, f"SELECT count(*) FROM access_log WHERE {window} AND (ip IS NULL OR ip = '')")[0][0]
    assert rows(file, "SELECT count(*) FROM access_log WHERE ip IN ('203.0.113', 'unknown', '-')")[0][0]


def test_the_log_is_in_the_order_of_time_and_covers_ninety_days(made: tuple[Made, Path]) -> None:
    _, file = made
    times = [str(row[0]) for row in rows(file, "SELECT at FROM access_log ORDER BY id")]
    assert times == sorted(times)
    span = datetime.fromisoformat(times[-1]) - datetime.fromisoformat(times[0])
    assert 89 <= span.days <= 90


def test_the_awkward_accounts_are_there_and_many_of_them_were_touched(made: tuple[Made, Path]) -> None:
    truth, file = made
    names = {row[0] for row in rows(file, f"SELECT display_name FROM accounts WHERE id < {FIRST_ID + len(CORNERS)}")}
    assert {name for name, _ in CORNERS} == names
    touched = [key for key in truth.affected if key < FIRST_ID + len(CORNERS)]
    assert len(touched) > len(CORNERS) * 0.8
    assert rows(file, "SELECT count(*) FROM accounts WHERE email IS NULL")[0][0]
    assert rows(file, "SELECT count(*) FROM accounts WHERE deleted_at IS NOT NULL")[0][0]
    assert rows(file, "SELECT count(DISTINCT password_hash) FROM accounts")[0][0] == PEOPLE


def test_every_address_made_is_on_a_reserved_domain(made: tuple[Made, Path]) -> None:
    _, file = made
    for (email,) in rows(file, "SELECT email FROM accounts WHERE email LIKE '%@%.%' AND email NOT LIKE '%..%'"):
        domain = str(email).strip().lower().rpartition("@")[2]
        assert domain.endswith(".example") or domain in {"example.com", "example.org", "example.net"}


def test_everything_ends_at_the_moment_given(tmp_path: Path) -> None:
    until = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)
    truth = make_accounts(f"sqlite:///{tmp_path / 'a.db'}", people=1_000, until=until)
    assert truth.seen_until < until
    newest = rows(tmp_path / "a.db", "SELECT max(at) FROM access_log")[0][0]
    assert datetime.fromisoformat(str(newest)) <= until


def test_a_store_with_such_a_table_is_left_alone(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'mine.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE accounts (id INTEGER)")
    with pytest.raises(UsageError, match="has a table called accounts already") as error:
        make_accounts(engine, people=1_000)
    engine.dispose()
    assert error.value.state == "Nothing was written."
    assert rows(tmp_path / "mine.db", "SELECT count(*) FROM accounts") == [(0,)]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="cannot be written"):
        make_accounts(f"sqlite:///{tmp_path / 'nowhere' / 'a.db'}", people=1_000)


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 1,000 people"):
        make_accounts(f"sqlite:///{tmp_path / 'a.db'}", people=10)


def test_a_database_without_a_file_needs_a_place_for_the_truth() -> None:
    with pytest.raises(UsageError, match="where to write the truth"):
        make_accounts("sqlite://", people=1_000)


def test_text_that_is_no_database_url_is_said() -> None:
    with pytest.raises(UsageError, match="not the URL of a database"):
        make_accounts("studio", people=1_000)


def question_for(made: Made) -> list[str]:
    window = f"{made.seen_from:%Y-%m-%dT%H:%M:%SZ}..{made.seen_until:%Y-%m-%dT%H:%M:%SZ}"
    ranges = [word for network in made.ranges for word in ("--from-ip", network)]
    return ["--seen", window, *ranges, "--map", str(sample_named("smartpact").files / "accounts.toml")]


def test_the_scope_finds_exactly_the_planted_accounts_on_either_engine(
    made: tuple[Made, Path], postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, file = made
    make_accounts(postgres_url, people=PEOPLE, truth=tmp_path / "truth.json")
    assert (tmp_path / "truth.json").read_bytes() == truth.truth.read_bytes()
    programme = Programme(tmp_path / "ws", capsys)
    programme.ok("open", "service credential used from unknown addresses")
    answers = [
        programme.json("scope", "run", "--database", url, *question_for(truth))
        for url in (f"sqlite:///{file}", postgres_url)
    ]
    assert answers[0]["digest"] == answers[1]["digest"]
    workspace = tmp_path / "ws" / "incidents"
    (sealed,) = workspace.rglob("s1.jsonl")
    found = {int(person.key) for segment in read_segments(sealed) for person in segment.people}
    assert found == set(truth.affected)
