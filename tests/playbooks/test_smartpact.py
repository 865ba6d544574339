"""The video studio: the same accounts each time, a stolen backup with its edges, traces among honest traffic."""

import hashlib
import ipaddress
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from programme import Programme

from incident.scope.sealed import read_segments
from playbooks.samples.names import CORNERS
from playbooks.samples.people import FIRST_KEY
from playbooks.samples.samples import Made, copy_files, make_databases, sample_named

PEOPLE = 3_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    file = tmp_path_factory.mktemp("sample") / "studio.db"
    return make(f"sqlite:///{file}", file.with_suffix(".truth.json")), file


def make(target: sa.Engine | str, truth: Path, **how: Any) -> Made:
    return make_databases(sample_named("smartpact"), [target], truth=truth, **{"people": PEOPLE, **how})


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


def traced_by_hand(file: Path, made: Made, *, addresses: bool = True, times: bool = True) -> set[str]:
    """Whom the intruder's traces name, worked out row by row and without the program."""
    networks = [ipaddress.ip_network(network) for network in made.truth.ranges]
    found = set()
    for account, at, ip in rows(file, "SELECT account_id, at, ip FROM access_log"):
        try:
            address = ipaddress.ip_address(str(ip))
        except ValueError:
            continue
        inside = any(address in network for network in networks)
        during = made.truth.seen_from <= datetime.fromisoformat(str(at)) <= made.truth.seen_until
        if (inside or not addresses) and (during or not times):
            found.add(str(account))
    return found


def in_backup_by_hand(file: Path, made: Made) -> set[str]:
    """Who was in the backup: created by then, and not deleted more than thirty days before it."""
    taken = datetime.fromisoformat(made.words["backup_taken"])
    found = set()
    for key, created, deleted in rows(file, "SELECT id, created_at, deleted_at FROM accounts"):
        left_before = deleted is not None and datetime.fromisoformat(str(deleted)) < taken - timedelta(days=30)
        if datetime.fromisoformat(str(created)) <= taken and not left_before:
            found.add(str(key))
    return found


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(made: tuple[Made, Path], tmp_path: Path) -> None:
    _, file = made
    make(f"sqlite:///{tmp_path / 'again.db'}", tmp_path / "again.json")
    make(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other.json", seed=73)
    assert digest(tmp_path / "again.db") == digest(file)
    assert digest(tmp_path / "other.db") != digest(file)


def test_the_truth_is_what_the_rows_say(made: tuple[Made, Path]) -> None:
    truth, file = made
    assert traced_by_hand(file, truth) | in_backup_by_hand(file, truth) == set(truth.truth.affected)
    assert json.loads(truth.file.read_text())["affected"] == list(truth.truth.affected)
    assert {path.stat().st_mode & 0o777 for path in (file, truth.file)} == {0o600}


def test_accounts_stand_on_the_edges_of_the_backup(made: tuple[Made, Path]) -> None:
    truth, file = made
    first = FIRST_KEY + len(CORNERS)
    affected = set(truth.truth.affected)
    assert [str(key) in affected for key in range(first, first + 5)] == [True, False, True, False, True]
    assert str(first + 4) not in in_backup_by_hand(file, truth)  # only the traces name the newcomer


def test_neither_the_hours_nor_the_addresses_alone_find_them(made: tuple[Made, Path]) -> None:
    truth, file = made
    traced = traced_by_hand(file, truth)
    assert traced_by_hand(file, truth, addresses=False) > traced
    assert traced_by_hand(file, truth, times=False) > traced


def test_the_log_holds_what_is_no_address_during_the_hours_too(made: tuple[Made, Path]) -> None:
    truth, file = made
    window = f"at BETWEEN '{truth.words['seen_from']}' AND '{truth.words['seen_until']}'"
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
    names = {row[0] for row in rows(file, f"SELECT display_name FROM accounts WHERE id < {FIRST_KEY + len(CORNERS)}")}
    assert {name for name, _ in CORNERS} == names
    touched = [key for key in traced_by_hand(file, truth) if int(key) < FIRST_KEY + len(CORNERS)]
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
    made = make(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "truth.json", people=1_000, until=until)
    assert made.truth.seen_until < until
    newest = rows(tmp_path / "a.db", "SELECT max(at) FROM access_log")[0][0]
    assert datetime.fromisoformat(str(newest)) <= until


def test_the_scope_finds_exactly_the_planted_accounts_on_either_engine(
    made: tuple[Made, Path], postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, file = made
    make(postgres_url, tmp_path / "truth.json")
    assert (tmp_path / "truth.json").read_bytes() == truth.file.read_bytes()
    copy_files(sample_named("smartpact"), tmp_path, truth)
    question = ["--question", tmp_path / "question.toml", "--map", tmp_path / "accounts.toml"]
    programme = Programme(tmp_path / "ws", capsys)
    programme.ok("open", "backup fetched from unknown addresses")
    answers = [
        programme.json("scope", "run", "--database", url, *question) for url in (f"sqlite:///{file}", postgres_url)
    ]
    assert answers[0]["digest"] == answers[1]["digest"]
    (sealed,) = (tmp_path / "ws" / "incidents").rglob("s1.jsonl")
    found = [person.key for segment in read_segments(sealed) for person in segment.people]
    assert sorted(found) == sorted(truth.truth.affected)
