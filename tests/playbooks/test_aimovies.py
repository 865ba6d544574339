"""The site that names nobody: bought passwords that fitted, log-ins that nobody can place, and no letter."""

import ipaddress
import json
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from programme import Programme

from incident.cli import main
from incident.organisation.profile import read_organisation
from incident.scope.sealed import read_segments
from playbooks.samples.aimovies.database import HIDDEN, local_text
from playbooks.samples.names import CORNERS
from playbooks.samples.people import FIRST_KEY
from playbooks.samples.samples import Made, copy_files, make_databases, sample_named

PEOPLE = 3_000
# In Berlin the clocks went back on Sunday 25 October 2026, in the second of the four nights.
AUTUMN = datetime(2026, 10, 27, 9, tzinfo=UTC)
WINDOW = ("2026-10-23 22:40:00", "2026-10-27 05:20:00")  # by the server's clock: neither came twice
NETWORKS = tuple(ipaddress.ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/25", "2001:db8:b07e::/48"))
EDGE = FIRST_KEY + len(CORNERS)

Attempt = tuple[int | None, str, str | None, int]  # user_id, tried_at, ip, success


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    file = tmp_path_factory.mktemp("sample") / "site.db"
    return make(f"sqlite:///{file}", file.with_suffix(".truth.json")), file


@pytest.fixture(scope="module")
def attempts(made: tuple[Made, Path]) -> list[Attempt]:
    return rows(made[1], "SELECT user_id, tried_at, ip, success FROM login_attempts ORDER BY attempt_id")


def make(target: sa.Engine | str, truth: Path, **how: Any) -> Made:
    return make_databases(sample_named("aimovies"), [target], truth=truth, **{"people": PEOPLE, "until": AUTUMN, **how})


def rows(file: Path, question: str) -> list[Any]:
    with sqlite3.connect(file) as connection:
        found = connection.execute(question).fetchall()
    connection.close()
    return found


def address_of(ip: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address as the log means it; IPv4 inside IPv6 is IPv4. None where nothing of the kind is there."""
    try:
        found = ipaddress.ip_address(ip or "")
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def of_the_botnet(ip: str | None) -> bool:
    address = address_of(ip)
    return address is not None and any(address in network for network in NETWORKS)


def in_window(at: str) -> bool:
    """Both are the server's clock as text, which sorts as that clock runs; the hour that came twice lies inside."""
    return WINDOW[0] <= at <= WINDOW[1]


def accounts_with(attempts: list[Attempt], file: Path, meets: Callable[[str, str | None, int], bool]) -> set[str]:
    there = {key for (key,) in rows(file, "SELECT user_id FROM users")}
    return {str(key) for key, at, ip, success in attempts if key in there and meets(at, ip, success)}


def opened_by_hand(attempts: list[Attempt], file: Path) -> set[str]:
    return accounts_with(attempts, file, lambda at, ip, success: success == 1 and in_window(at) and of_the_botnet(ip))


def hidden_by_hand(attempts: list[Attempt], file: Path) -> set[str]:
    unplaced = accounts_with(
        attempts, file, lambda at, ip, success: success == 1 and in_window(at) and address_of(ip) is None
    )
    return unplaced - opened_by_hand(attempts, file)


def test_the_truth_is_what_the_rows_say(made: tuple[Made, Path], attempts: list[Attempt]) -> None:
    truth, file = made
    assert opened_by_hand(attempts, file) == set(truth.truth.affected)
    assert hidden_by_hand(attempts, file) == set(truth.truth.uncertain[HIDDEN])
    assert len(truth.truth.uncertain[HIDDEN]) > PEOPLE * 0.003
    assert truth.words["seen_from"] == "2026-10-23T20:40:00Z"  # summer time: two hours ahead of UTC
    assert truth.words["seen_until"] == "2026-10-27T04:20:00Z"  # winter time: one
    opened = ", ".join(truth.truth.affected)
    messages = rows(file, f"SELECT count(*) FROM messages WHERE user_id IN ({opened})")[0][0]
    assert truth.words["records"] == str(len(truth.truth.affected) + messages)
    assert {path.stat().st_mode & 0o777 for path in (file, truth.file)} == {0o600}


def test_accounts_stand_on_the_edges_to_the_second_and_to_the_last_address(made: tuple[Made, Path]) -> None:
    affected, uncertain = set(made[0].truth.affected), set(made[0].truth.uncertain[HIDDEN])
    places = range(12)
    assert [place for place in places if str(EDGE + place) in affected] == [0, 2, 5, 7, 9, 10]
    assert [place for place in places if str(EDGE + place) in uncertain] == [8]
    removed = rows(made[1], f"SELECT removed FROM users WHERE user_id = {EDGE + 10}")[0][0]
    assert removed > made[0].truth.seen_from.timestamp()  # who left after it was touched all the same


def test_no_two_of_success_nights_and_networks_find_them(made: tuple[Made, Path], attempts: list[Attempt]) -> None:
    file = made[1]
    opened = opened_by_hand(attempts, file)
    assert accounts_with(attempts, file, lambda at, ip, _: in_window(at) and of_the_botnet(ip)) > opened
    assert accounts_with(attempts, file, lambda _, ip, success: success == 1 and of_the_botnet(ip)) > opened
    assert accounts_with(attempts, file, lambda at, _, success: success == 1 and in_window(at)) > opened


def test_the_botnet_tried_names_that_nobody_has_and_accounts_that_are_gone(made: tuple[Made, Path]) -> None:
    _, file = made
    strangers = rows(file, "SELECT count(*), sum(success) FROM login_attempts WHERE user_id IS NULL")[0]
    assert strangers[0] > PEOPLE * 0.2
    assert strangers[1] == 0
    gone = "SELECT count(*) FROM login_attempts WHERE user_id NOT IN (SELECT user_id FROM users)"
    assert rows(file, gone)[0][0] == 2


def test_an_hour_of_the_logs_comes_twice(attempts: list[Attempt]) -> None:
    """The log is written in the order of time, and the server's clock went back in it once."""
    times = [at for _, at, _, _ in attempts]
    back = [(before, after) for before, after in pairwise(times) if after < before]
    assert len(back) == 1
    assert back[0][0] <= "2026-10-25 02:59:59"
    assert back[0][1] >= "2026-10-25 02:00:00"
    assert local_text(1_792_886_400) == local_text(1_792_890_000) == "2026-10-25 02:00:00"


def test_the_people_have_the_corners_of_real_data(made: tuple[Made, Path]) -> None:
    _, file = made
    names = {row[0] for row in rows(file, f"SELECT login FROM users WHERE user_id < {EDGE}")}
    assert names == {name for name, _ in CORNERS}
    for condition in ("email IS NULL", "status = 2", "removed > 0", "last_visit = 0", "login LIKE '%髙橋%'"):
        assert rows(file, f"SELECT count(*) FROM users WHERE {condition}")[0][0], condition
    assert rows(file, "SELECT count(DISTINCT passwd), min(length(passwd)) FROM users")[0] == (PEOPLE, 40)
    columns = {name for _, name, *_ in rows(file, "PRAGMA table_info(users)")}
    assert not columns & {"country", "language", "locale", "birth_date"}
    banned = (
        "SELECT count(*) FROM login_attempts WHERE success AND user_id IN (SELECT user_id FROM users WHERE status = 2)"
    )
    assert rows(file, banned)[0][0] == 0


def test_every_address_is_reserved(made: tuple[Made, Path]) -> None:
    _, file = made
    addresses = "SELECT email FROM users UNION SELECT tried_login FROM login_attempts"
    for (email,) in rows(file, f"SELECT * FROM ({addresses}) WHERE email LIKE '%@%.%' AND email NOT LIKE '%..%'"):
        domain = str(email).strip().lower().rpartition("@")[2]
        assert domain.endswith(".example") or domain in {"example.com", "example.org", "example.net"}
    reserved = [
        *NETWORKS,
        *map(ipaddress.ip_network, ("192.0.2.0/23", "198.18.0.0/15", "198.51.100.0/24", "2001:db8::/32")),
    ]
    for (ip,) in rows(file, "SELECT ip FROM login_attempts UNION SELECT ip FROM server_logs"):
        address = address_of(ip)
        assert address is None or any(address in network for network in reserved), ip


def test_the_scope_finds_exactly_them_on_every_engine_and_says_who_is_uncertain(
    made: tuple[Made, Path], postgres_url: str, mariadb_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, file = made
    for name, url in (("postgres", postgres_url), ("mariadb", mariadb_url)):
        make(url, tmp_path / f"{name}.json")
        assert (tmp_path / f"{name}.json").read_bytes() == truth.file.read_bytes()
    copy_files(sample_named("aimovies"), tmp_path, truth)
    question = ["--question", tmp_path / "question.toml", "--map", tmp_path / "accounts.toml"]
    programme = Programme(tmp_path / "ws", capsys)
    programme.ok("open", "log-ins with bought passwords")
    urls = (f"sqlite:///{file}", postgres_url, mariadb_url)
    answers = [programme.json("scope", "run", "--database", url, *question) for url in urls]
    assert len({answer["digest"] for answer in answers}) == 1
    (sealed,) = (tmp_path / "ws" / "incidents").rglob("s1.jsonl")
    found = [person.key for segment in read_segments(sealed) for person in segment.people]
    assert sorted(found) == sorted(truth.truth.affected)
    doubts = len(truth.truth.uncertain[HIDDEN])
    for answer in answers:
        assert answer["uncertain"][0] == (
            f"Of {doubts} accounts that are not on the list, nothing says whether they belong there: "
            "their rows of the trail have no readable address."
        )
        assert "2 accounts on the trail are not in the account table any more" in " ".join(answer["uncertain"])
        assert {"The map names no country.", "The map names no language."} <= set(answer["uncertain"])
        assert (answer["minors"], answer["by_country"]) == (None, {})
    facts = {fact["name"]: fact for fact in programme.json("facts")}
    assert facts["people_affected"]["state"] == "approximate"
    assert facts["people_by_country"]["state"] == facts["minors_affected"]["state"] == "unknowable"


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    """The site's workspace, its question asked; Saturday 21 November 2026, aware at 01:00 UTC."""
    made = make(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "truth.json", people=1_000, until=None)
    (tmp_path / "ws").mkdir()
    copy_files(sample_named("aimovies"), tmp_path / "ws", made)
    environ = {"AIMOVIES_DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}"}
    programme = Programme(tmp_path / "ws", capsys, environ=environ)
    programme.ok("open", "x", "--detected", "2026-11-21T00:30Z")
    programme.ok("aware", "2026-11-21T01:00Z", "--because", "log-ins succeeded")
    programme.ok("scope", "run", "--question", str(tmp_path / "ws" / "question.toml"))
    return programme


def test_only_the_strictest_general_duties_run_and_they_are_marked_as_assumed(site: Programme) -> None:
    """
    Articles 33 and 34 of the GDPR, taken to apply where nobody knows the seat: 72 hours from awareness, and a duty
    without a number. No promise was made, no contract is known, and no other law is known to apply.
    """
    duties = site.json("clock")["duties"]
    running = {duty["id"]: duty["due_at"] for duty in duties if duty["state"] in {"running", "late"}}
    assert running == {"eu-gdpr-art33-sa": "2026-11-24T01:00:00Z", "eu-gdpr-art34-people": None}
    for duty in duties:
        if duty["id"] in running:
            assert "Assumed: the organisation profile names no country" in duty["because"]
    screen = site.ok("clock").out
    assert screen.count("[assumed]") == 2
    assert "states no retention, so nobody can say when logs and backups go" in screen


def test_high_or_not_the_risk_decides_which_of_them_stays(site: Programme) -> None:
    site.ok("fact", "risk", "risk", "--because", "not high after all")
    states = {duty["id"]: duty["state"] for duty in site.json("clock")["duties"]}
    assert (states["eu-gdpr-art33-sa"], states["eu-gdpr-art34-people"]) == ("running", "not_owed")


def test_the_profile_invents_nobody(tmp_path: Path) -> None:
    profile = read_organisation(copy_files(sample_named("aimovies"), tmp_path))
    assert (profile.name, profile.called, profile.country) == (None, "Smart AI Movies", None)
    assert (profile.address, profile.contact, profile.dpo, profile.authority) == (None, None, None, None)
    assert (profile.sender, profile.promises, profile.retention, profile.people_live_in) == (None, (), (), ())
    assert (profile.minimum_age, profile.languages) == (13, ("en",))
    assert {"name", "address", "country", "contact", "authority", "retention"} <= set(profile.missing)
    assert [(claim.says, "encrypted" in claim.quote) for claim in profile.claims] == [("encrypted", True)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo; what it printed lies beside it."""
    folder = tmp_path_factory.mktemp("told")
    with pytest.MonkeyPatch.context() as patch, (folder / "screen").open("w", encoding="utf-8") as screen:
        patch.setattr("sys.stdout", screen)
        patch.setattr("sys.stderr", screen)
        argv = ["demo", "--company", "aimovies", "--people", "1000", "--out", str(folder / "demo")]
        code = main(argv, environ={}, now=lambda: datetime(2026, 11, 21, 1, 5, tzinfo=UTC))
    assert code == 0
    return folder


def test_the_story_ends_with_the_refusal_and_says_how_many_nobody_can_judge(told: Path) -> None:
    screen = (told / "screen").read_text(encoding="utf-8")
    truth = json.loads((told / "demo" / "truth.json").read_text())
    assert "On the sealed list: exactly those." in screen
    uncertain = len(truth["uncertain"][HIDDEN])
    assert f"Of {uncertain} accounts that are not on the list, nothing says whether they belong there" in screen
    assert (
        f"{uncertain} more were or may have been touched, and no database names them; none of them on the list."
        in screen
    )
    assert screen.count("No letter was written.") == 2
    assert "one unbroken chain" in screen
    assert "6 to fill in" in screen
    assert 'quotes "your password (encrypted)"' in screen
    assert "server logs: put away" in screen
    assert "A high risk to people's rights and freedoms is likely." in screen


@pytest.mark.parametrize(
    ("kind", "asks_for"), [("authority", "The authority it goes to"), ("people", "Right to complain")]
)
def test_each_letter_is_refused_with_one_list_of_all_that_is_missing(
    told: Path, kind: str, asks_for: str, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = told / "demo" / "workspace"
    refusal = Programme(workspace, capsys).run("notice", "draft", kind)
    assert refusal.code == 3
    listed = re.findall(r"^ +\d+\. (.*): (.*)$", refusal.err, re.MULTILINE)
    assert [keys for _, keys in listed] == [
        "name",
        "address",
        "contact.name, contact.email",
        "country",
        "authority.name",
        "next_update_at",
    ]
    assert listed[4][0] == asks_for
    assert f"6 things are missing for the {kind} letter in en:" in refusal.err
    assert "The profile says of itself that it is incomplete: The policy names no controller" in refusal.err
    assert not list((workspace / "incidents").rglob("letter.md"))


def test_the_check_of_the_profile_names_the_same_gaps(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"AIMOVIES_DATABASE_URL": "sqlite:///elsewhere"}
    check = Programme(told / "demo" / "workspace", capsys, environ=environ).run("organisation", "check")
    assert check.code == 1
    missing = re.findall(r"^  missing  (\S+) is missing", check.out, re.MULTILINE)
    assert missing == [
        "organisation.name",
        "organisation.country",
        "organisation.address",
        "contact",
        "authority",
        "sender",
    ]
    assert "retention is missing" in check.out


def test_the_memo_and_the_decision_need_no_controller(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = told / "demo" / "workspace"
    assert (workspace / "assessment.pdf").read_bytes().startswith(b"%PDF")
    facts = {fact["name"]: fact for fact in Programme(workspace, capsys).json("facts")}
    assert facts["risk"]["value"] == "high"
    assert "people use elsewhere too" in facts["risk_reasons@en"]["value"]
