"""The assistant in Pavlodar: who could be read, by hand from the rows; the clocks that run; the night to its end."""

import csv
import io
import ipaddress
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import servers
from programme import Programme

from incident.cli import main
from incident.scope.sealed import read_segments
from playbooks.samples.people import FIRST_KEY
from playbooks.samples.samples import Made, copy_files, make_databases, sample_named
from playbooks.samples.smmassistant.database import GONE_NAMED, GONE_UNNAMED
from playbooks.samples.smmassistant.population import CORNERS, Population

SAMPLE = sample_named("smmassistant")
PEOPLE = 2_000
SERVICE = "00000000-0000-0000-0000-000000000000"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # the newest moment of the data
AFTERWARDS = datetime(2026, 11, 20, 13, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    file = tmp_path_factory.mktemp("sample") / "supabase.db"
    made = make_databases(SAMPLE, [f"sqlite:///{file}"], people=PEOPLE, truth=file.with_suffix(".truth.json"))
    return made, file


def rows(file: Path, question: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(file) as connection:
        found = connection.execute(question).fetchall()
    connection.close()
    return found


def moment(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


def read_by_hand(made: Made, file: Path) -> set[str]:
    """Whoever had an account at some moment while the key was public, and still has a row."""
    since, until = made.truth.seen_from, made.truth.seen_until
    return {
        str(uid)
        for uid, created, deleted in rows(file, "SELECT id, created_at, deleted_at FROM users")
        if moment(created) <= until and (deleted is None or moment(deleted) >= since)
    }


def gone_by_hand(file: Path) -> set[str]:
    """Whom the audit log says were deleted, and who have no row any more."""
    there = {uid for (uid,) in rows(file, "SELECT id FROM users")}
    entries = (json.loads(payload) for (payload,) in rows(file, "SELECT payload FROM audit_log_entries"))
    return {entry["traits"]["user_id"] for entry in entries if entry["action"] == "user_deleted"} - there


def listed(folder: Path) -> list[str]:
    (sealed,) = folder.rglob("s1.jsonl")
    return [person.key for segment in read_segments(sealed) for person in segment.people]


def test_the_truth_is_what_the_rows_say(made: tuple[Made, Path]) -> None:
    truth = made[0].truth
    assert read_by_hand(*made) == set(truth.affected)
    assert len(truth.affected) == len(set(truth.affected)) > 1_900
    assert gone_by_hand(made[1]) == set(truth.uncertain[GONE_NAMED]) != set()


def test_of_some_who_left_nothing_is_in_the_database(made: tuple[Made, Path]) -> None:
    unnamed = made[0].truth.uncertain[GONE_UNNAMED]
    assert unnamed
    with sqlite3.connect(made[1]) as connection:
        everything = "\n".join(connection.iterdump())
    connection.close()
    assert not any(uid in everything for uid in unnamed)


def test_accounts_stand_on_the_edges_to_the_second(made: tuple[Made, Path]) -> None:
    truth = made[0].truth
    population = Population(PEOPLE, made[0].seed, int(NOON.timestamp()))
    first = FIRST_KEY + len(CORNERS)
    created_at_end, later, left_at_start, left_before, inside, gone_after, first_line, too_early, before = (
        population.uid(key) for key in range(first, first + 9)
    )
    assert {created_at_end, left_at_start, inside} <= set(truth.affected)
    assert not {later, left_before, gone_after, first_line, too_early, before} & set(truth.affected)
    assert {gone_after, first_line} <= set(truth.uncertain[GONE_NAMED])
    assert too_early in truth.uncertain[GONE_UNNAMED]
    assert before not in {uid for keys in truth.uncertain.values() for uid in keys}
    times = dict(rows(made[1], "SELECT id, created_at FROM users"))
    assert moment(times[created_at_end]) == truth.seen_until
    assert moment(times[later]) == truth.seen_until + timedelta(seconds=1)
    deleted = dict(rows(made[1], "SELECT id, deleted_at FROM users WHERE deleted_at IS NOT NULL"))
    assert moment(deleted[left_at_start]) == truth.seen_from
    assert moment(deleted[left_before]) == truth.seen_from - timedelta(seconds=1)


def test_the_strangers_reads_name_a_few_and_prove_nothing_about_the_rest(made: tuple[Made, Path]) -> None:
    networks = [ipaddress.ip_network(network) for network in made[0].truth.ranges]

    def is_strange(ip: Any) -> bool:
        try:
            return any(ipaddress.ip_address(str(ip)) in network for network in networks)
        except ValueError:
            return False

    reads = rows(made[1], "SELECT at, role, ip, status, user_id FROM api_requests")
    stranger = [read for read in reads if is_strange(read[2]) and read[1] == "service_role"]
    named = {read[4] for read in stranger if read[4]}
    assert named < set(made[0].truth.affected)
    assert 0 < len(named) < PEOPLE * 0.04
    assert {read[3] for read in stranger if moment(read[0]) > made[0].truth.seen_until} == {401}
    assert min(moment(read[0]) for read in reads) > NOON - timedelta(days=7, seconds=1)  # the rest of the log is gone
    assert {read[1] for read in reads if is_strange(read[2])} == {"service_role", "authenticated"}  # a decoy
    assert {read[2] for read in reads if read[1] == "service_role" and not is_strange(read[2])} == {"192.0.2.10"}


def test_the_awkward_accounts_are_there(made: tuple[Made, Path]) -> None:
    names = {name for (name,) in rows(made[1], "SELECT display_name FROM profiles")}
    assert {name for name, _ in CORNERS} <= names
    count = "SELECT count(*) FROM users WHERE "
    for condition in (
        "email IS NULL AND is_anonymous",
        "banned_until IS NOT NULL",
        "deleted_at IS NOT NULL AND email NOT LIKE '%@%'",
        "is_sso_user",
        "raw_user_meta_data LIKE '%avatar_url%'",
    ):
        assert rows(made[1], count + condition)[0][0] > 0, condition
    ages = rows(made[1], "SELECT (birth_date > '2008-11-20'), (birth_date > '2013-11-20') FROM profiles")
    assert sum(child or 0 for child, _ in ages) > 40
    assert sum(young or 0 for _, young in ages) == 1  # got past the age gate
    assert rows(made[1], "SELECT country, region FROM profiles WHERE region IS NOT NULL GROUP BY 1, 2") == [
        ("US", "US-CA")
    ]


def in_workspace(made: Made, folder: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    """The company's own files, fitted to its databases, and an open incident."""
    folder.mkdir()
    copy_files(SAMPLE, folder, made)
    programme = Programme(folder, capsys, actor="dauren", clock=AFTERWARDS)
    programme.ok("open", "key in a public repository", "--detected", made.words["detected"])
    return programme


def test_the_scope_finds_exactly_those_on_any_engine_and_says_who_is_uncertain(
    made: tuple[Made, Path], postgres_url: str, mariadb_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = made[0].truth
    digests = set()
    for name, url in (("sqlite", f"sqlite:///{made[1]}"), ("postgres", postgres_url), ("mariadb", mariadb_url)):
        on_it = made[0]
        if name != "sqlite":
            on_it = make_databases(SAMPLE, [url], people=PEOPLE, truth=tmp_path / f"{name}.json")
            assert on_it.truth == truth
        programme = in_workspace(on_it, tmp_path / name, capsys)
        answer = programme.json("scope", "run", "--database", url, "--question", programme.folder / "question.toml")
        assert sorted(listed(programme.folder)) == sorted(truth.affected), name
        digests.add(answer["digest"])
        gone = len(truth.uncertain[GONE_NAMED])
        assert f"{gone} accounts on the trail are not in the account table any more" in " ".join(answer["uncertain"])
        assert "whether there were any, and how many, cannot be said" in " ".join(answer["uncertain"])
        assert "in the photos and videos and have no account are named nowhere." in " ".join(answer["uncertain"])
        assert any(said.startswith("The trail begins at 2026-10-21T12:00:00Z") for said in answer["uncertain"])
    assert len(digests) == 1


def test_the_audit_log_names_people_whose_row_is_gone(
    made: tuple[Made, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    since, until = made[0].words["seen_from"], made[0].words["seen_until"]
    there = {uid for (uid,) in rows(made[1], "SELECT id FROM users")}
    seen = set()
    for at, payload in rows(made[1], "SELECT created_at, payload FROM audit_log_entries"):
        actor = json.loads(payload)["actor_id"]
        if actor != SERVICE and moment(since) <= moment(at) <= moment(until):
            seen.add(actor)
    programme = in_workspace(made[0], tmp_path / "ws", capsys)
    words = ("--database", f"sqlite:///{made[1]}", "--map", programme.folder / "accounts.toml")
    answer = programme.json("scope", "run", *words, "--seen", f"{since}..{until}", "--trail", "audit")
    assert sorted(listed(programme.folder)) == sorted(seen & there)
    gone = len(seen - there)
    assert gone > 1
    assert f"{gone} accounts on the trail are not in the account table any more" in " ".join(answer["uncertain"])


@pytest.fixture
def as_role(postgres_url: str) -> Iterator[Callable[[str], str]]:
    """The database's URL as a role of one's own with the given rights, which may read every table."""
    names: list[str] = []

    def made(rights: str) -> str:
        name = f"smm_{rights.lower()}_{len(names)}"
        names.append(name)
        with psycopg.connect(postgres_url) as connection:
            connection.execute(f"CREATE ROLE {name} LOGIN {rights}".encode())
            for schema in ("auth", "public"):
                connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}".encode())
                connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {name}".encode())
        return servers.with_user(postgres_url, name)

    yield made
    with psycopg.connect(postgres_url) as connection:
        for name in names:
            connection.execute(f"DROP OWNED BY {name}".encode())
            connection.execute(f"DROP ROLE {name}".encode())


def test_row_level_security_hides_everybody_from_a_role_that_it_binds(
    as_role: Callable[[str], str], postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_databases(SAMPLE, [postgres_url], people=1_000, truth=tmp_path / "truth.json")
    programme = in_workspace(made, tmp_path / "ws", capsys)
    question = ("scope", "run", "--question", str(programme.folder / "question.toml"), "--database")
    bound = programme.run(*question, as_role("NOBYPASSRLS"))
    assert bound.code == 1
    assert "WARNING: Row-level security is on for auth.users" in bound.err
    assert not list(programme.folder.rglob("s1.jsonl"))
    free = programme.run(*question, as_role("BYPASSRLS"))
    assert free.code == 0
    assert "Row-level security" not in free.err
    assert sorted(listed(programme.folder)) == sorted(made.truth.affected)
    owner = programme.json(*question, postgres_url)
    assert owner["accounts"] == len(made.truth.affected)


def running(programme: Programme) -> dict[str, str | None]:
    """Each duty that runs, with the moment it falls due."""
    duties = programme.json("clock")["duties"]
    assert not [one["id"] for one in duties if one["state"] == "late"]
    return {one["id"]: one["due_at"] for one in duties if one["state"] == "running"}


def test_exactly_these_clocks_run(made: tuple[Made, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    programme = in_workspace(made[0], tmp_path / "ws", capsys)
    assert made[0].words["detected"] == "2026-11-20T11:10:00Z"  # Friday, 16:10 in Pavlodar
    programme.ok("aware", "2026-11-20T12:30Z", "--because", "whole tables were read")
    question = programme.folder / "question.toml"
    answer = programme.json("scope", "run", "--database", f"sqlite:///{made[1]}", "--question", question)
    assert set(answer["by_country"]) == {"KZ", "DE", "US-CA", "unknown"}
    at_once: dict[str, str | None] = {
        "kz-pdl-authority": "2026-11-23T11:10:00Z",  # the same time of day on Monday
        "eu-gdpr-art33-sa": "2026-11-23T12:30:00Z",  # 72 hours, for the Germans
        "eu-gdpr-art34-people": None,
        "promise-smmassistant-breach-people": None,
        "promise-smmassistant-breach-supervisory_authority": None,
    }
    assert running(programme) == at_once
    for name, value in (
        ("risk", "high"),
        ("restricted_access_data", "yes"),
        ("data_categories", "user.contact.email,user.authorization.password,user.content.self_image"),
    ):
        programme.ok("fact", name, value)
    assert running(programme) == at_once | {
        "kz-179-incident": None,
        "us-ca-ind": "2026-12-21T08:00:00Z",  # the end of the thirtieth day in California
    }


@pytest.mark.parametrize(
    ("detected", "due"),
    [
        ("2026-10-22 15:00", "2026-10-23T10:00:00Z"),  # Thursday: Friday at 15:00
        ("2026-10-23 15:00", "2026-10-27T10:00:00Z"),  # Friday: Monday is off for Republic Day, a Sunday
        ("2026-10-23 23:59", "2026-10-27T18:59:00Z"),
        ("2026-10-24 09:00", "2026-10-27T19:00:00Z"),  # on a day off: until the end of the first working day
        ("2026-10-26 09:00", "2026-10-27T19:00:00Z"),
        ("2026-10-27 00:00", "2026-10-27T19:00:00Z"),
        ("2026-12-15 10:00", "2026-12-17T05:00:00Z"),  # Independence Day lies between
    ],
)
def test_the_working_day_is_kazakhstans(
    detected: str, due: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_files(SAMPLE, tmp_path)
    programme = Programme(tmp_path, capsys, clock=datetime(2026, 12, 31, tzinfo=UTC))
    programme.ok("open", "key in a public repository", "--detected", detected)
    duties = {one["id"]: one for one in programme.json("clock")["duties"]}
    assert duties["kz-pdl-authority"]["due_at"] == due


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The story told from its beginning to its end: its folder, and all that was printed."""
    folder, screen = tmp_path_factory.mktemp("demo") / "tour", io.StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        argv = ["demo", "--company", "smmassistant", "--people", "1000", "--out", str(folder)]
        code = main(argv, environ={}, now=lambda: AFTERWARDS)
    assert code == 0, screen.getvalue()
    return folder, " ".join(screen.getvalue().split())


def truth_of(tour: tuple[Path, str]) -> Any:
    return json.loads((tour[0] / "truth.json").read_text())


def test_the_story_ends_with_exactly_those_and_says_who_is_not_known(tour: tuple[Path, str]) -> None:
    truth = truth_of(tour)
    uncertain = sum(len(keys) for keys in truth["uncertain"].values())
    assert f"Planted by the sample: {len(truth['affected'])} accounts. On the sealed list: exactly those." in tour[1]
    assert f"{uncertain} more were or may have been touched" in tour[1]
    assert f"{len(truth['uncertain'][GONE_NAMED])} accounts on the trail are not in the account table" in tour[1]


def test_the_notice_of_the_gdpr_is_refused_and_says_whose_it_is(tour: tuple[Path, str]) -> None:
    assert "and the authority in the profile is none of that law: Ministry of Artificial Intelligence" in tour[1]
    assert "No letter was written. It could be one of 16 in DE (incident law authority DE)." in tour[1]
    assert not (tour[0] / "workspace" / "incidents" / "2026-001" / "letters" / "authority-en").exists()


def test_one_person_approves_with_a_waiver_and_not_without(
    tour: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "dauren drafted people-ru (version 1), and an author does not approve their own letter." in tour[1]
    programme = Programme(tour[0] / "workspace", capsys, clock=AFTERWARDS)
    approvals = [one for one in programme.json("timeline")["events"] if one["kind"] == "letter-approved"]
    assert [(one["actor"], one["body"]["waiver"]) for one in approvals] == [
        ("dauren", "one person runs the service")
    ] * len(approvals)
    assert {one["body"]["letter"] for one in approvals} == {
        "people-en",
        "people-ru",
        "people-kk",
        "kz-authority-ru",
        "kz-authority-kk",
    }


@pytest.mark.parametrize(
    ("language", "committee"),
    [("ru", "Комитет по информационной безопасности"), ("kk", "Ақпараттық қауіпсіздік комитеті")],
)
def test_the_ministry_gets_a_list_of_those_who_live_there_or_may(
    language: str, committee: str, tour: tuple[Path, str]
) -> None:
    folder = tour[0] / "workspace" / "for-the-ministry" / language
    text = (folder / f"kz-authority-{language}-v1.txt").read_text()
    assert committee in text
    assert "481/НҚ" in text
    annex = (folder / f"kz-authority-{language}-v1-annex.csv").read_text(encoding="utf-8-sig")
    keys = [row[1] for row in csv.reader(io.StringIO(annex), delimiter=";")][1:]
    abroad = {
        uid for (uid,) in rows(tour[0] / "accounts.sqlite", "SELECT id FROM profiles WHERE country IN ('DE', 'US')")
    }
    assert sorted(keys) == sorted(set(truth_of(tour)["affected"]) - abroad)
    assert str(len(keys)) in text


def test_each_person_gets_one_letter_in_their_language(
    tour: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    programme = Programme(tour[0] / "workspace", capsys, clock=AFTERWARDS)
    letters = {one["notice"]: one for one in programme.json("notice", "outbox")["letters"]}
    people = {name: letter for name, letter in letters.items() if name.startswith("people")}
    assert sorted(people) == ["people-en", "people-kk", "people-ru"]
    assert sum(letter["planned"] for letter in people.values()) == len(truth_of(tour)["affected"])
    for name, letter in people.items():
        assert letter["handed_over"] == letter["accepted"] == len(list(tour[0].rglob(f"{name}-v1-*.eml")))
    words = {
        "en": "the supervisory authority of the country you live in",
        "ru": "в надзорный орган той страны, где Вы живёте",
        "kk": "тұратын елдің қадағалау органына",
    }
    for language, sentence in words.items():
        (letter_file,) = tour[0].rglob(f"people-{language}/v1/letter.txt")
        assert sentence in " ".join(letter_file.read_text().split())


def test_the_german_authority_gets_its_notice_from_a_profile_that_names_it(
    tour: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(tour[0] / "workspace", workspace)
    text = (workspace / "organisation.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition("[authority]")
    german = '[authority]\nname = "Authority of a Land"\ncountry = "DE"\nemail = "authority@land.example"\n\n'
    profile = workspace / "germany.toml"
    profile.write_text(before + german + rest[rest.index("[[promise]]") :], encoding="utf-8")
    programme = Programme(workspace, capsys, actor="dauren", clock=AFTERWARDS)
    programme.ok("notice", "draft", "authority", "--organisation", profile)
    text = " ".join(programme.ok("notice", "show", "authority-en", "--organisation", profile).out.split())
    assert "Authority of a Land" in text
    assert "Committee on Information Security" not in text
