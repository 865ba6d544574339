"""Making any sample company's databases: where they may be written, what is refused, and how a list is scored."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from programme import Programme

from incident.cli import main
from incident.errors import OutsideError, RefusedError, UsageError
from playbooks.samples.company import Truth
from playbooks.samples.people import moment, named_chance, people, somebody, text_time, with_edges
from playbooks.samples.samples import Sample, copy_files, file_urls, make_databases, sample_named, samples
from playbooks.samples.score import score_of

STUDIO = sample_named("smartpact")


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def content(file: Path) -> list[str]:
    """Every statement that would make the database again, data included."""
    with sqlite3.connect(file) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.id)
def test_a_company_is_the_same_each_time_and_other_with_another_seed(sample: Sample, tmp_path: Path) -> None:
    made = {}
    for name, seed in (("once", 1), ("again", 1), ("other", 2)):
        (tmp_path / name).mkdir()
        urls = file_urls(sample, tmp_path / name)
        made[name] = make_databases(sample, urls, people=1_000, seed=seed, truth=tmp_path / name / "truth.json")
        copy_files(sample, tmp_path / name, made[name])
    files = [Path(one.removeprefix("sqlite:///")).name for one in file_urls(sample, tmp_path)]
    for file in files:
        assert content(tmp_path / "once" / file) == content(tmp_path / "again" / file)
        assert content(tmp_path / "once" / file) != content(tmp_path / "other" / file)
    assert made["once"].truth == made["again"].truth
    assert len(set(made["once"].truth.affected)) == len(made["once"].truth.affected) > 0
    assert not set(made["once"].truth.affected) & {
        key for keys in made["once"].truth.uncertain.values() for key in keys
    }


def test_a_store_with_such_a_table_is_left_alone(tmp_path: Path) -> None:
    engine = sa.create_engine(url(tmp_path / "mine.db"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE accounts (id INTEGER)")
    with pytest.raises(UsageError, match="has a table called accounts already") as error:
        make_databases(STUDIO, [engine], people=1_000, truth=tmp_path / "truth.json")
    engine.dispose()
    assert error.value.state == "Nothing was written."
    assert content(tmp_path / "mine.db") == ["BEGIN TRANSACTION;", "CREATE TABLE accounts (id INTEGER);", "COMMIT;"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="cannot be written"):
        make_databases(STUDIO, [url(tmp_path / "nowhere" / "a.db")], people=1_000, truth=tmp_path / "truth.json")


@pytest.mark.parametrize(
    ("people", "told", "next_step"),
    [
        (-5, "at least 1,000 people, and -5 were asked for", "--people 1000"),
        (0, "at least 1,000 people, and 0 were asked for", "--people 1000"),
        (999, "at least 1,000 people, and 999 were asked for", "--people 1000"),
        (10_000_001, "at most 10,000,000 people, and 10,000,001 were asked for", "--people 10000000"),
        (20_000_000, "at most 10,000,000 people, and 20,000,000 were asked for", "--people 10000000"),
    ],
)
def test_a_number_of_people_out_of_bounds_is_refused(people: int, told: str, next_step: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told) as error:
        make_databases(STUDIO, [url(tmp_path / "a.db")], people=people, truth=tmp_path / "truth.json")
    assert (error.value.state, error.value.next_step) == ("Nothing was made.", next_step)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--people", "20000000"], "A sample has at most 10,000,000 people, and 20,000,000 were asked for."),
        (["--people", "0"], "A sample has at least 1,000 people, and 0 were asked for."),
        (["--people", "-5"], "A sample has at least 1,000 people, and -5 were asked for."),
        (["--people", "many"], "'many' is not a valid int"),
        (["--seed", "x"], "'x' is not a valid int"),
        (["--seed", "1.5"], "'1.5' is not a valid int"),
    ],
)
def test_a_wrong_number_on_the_command_line_makes_no_folder(
    options: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"INCIDENT_WORKSPACE": str(tmp_path / "workspace")}
    assert main(["sample", "make", "smartpact", *options, "--out", str(tmp_path / "new")], environ=environ) == 2
    shown = capsys.readouterr()
    assert (shown.out, told in shown.err) == ("", True)
    assert list(tmp_path.iterdir()) == []


def test_a_demo_of_too_many_people_leaves_an_earlier_one_alone(tmp_path: Path) -> None:
    (tmp_path / ".demo").touch()
    (tmp_path / "truth.json").write_text("earlier")
    environ = {"INCIDENT_WORKSPACE": str(tmp_path / "workspace")}
    assert main(["demo", "--people", "20000000", "--out", str(tmp_path)], environ=environ) == 2
    assert (tmp_path / "truth.json").read_text() == "earlier"


def test_the_number_asked_for_is_the_number_made_however_people_are_drawn() -> None:
    some = list(people(45_001, seed=7, until=1_800_000_000, readers=(("en", "GB", 900), ("ru", "KZ", 100))))
    assert [one.key for one in some] == list(range(10_001, 55_002))
    abroad = sum(one.country == "KZ" for one in some)
    assert 4_200 < abroad < 4_800  # a tenth of them, give or take


def test_accounts_behind_the_corner_cases_stand_on_the_edges_and_all_others_stay_as_they_are() -> None:
    corners = (("Anna", "anna@mail.example"), ("Jo", None))
    plain = list(people(6, seed=7, until=1_800_000_000, readers=(("en", "GB", 1000),), corners=corners))
    placed = list(with_edges(plain, [(500, None), (600, 700)], corners=corners))
    assert [one == other for one, other in zip(plain, placed, strict=True)] == [True, True, False, False, True, True]
    assert [(one.key, one.created_at, one.last_seen_at, one.deleted_at) for one in placed[2:4]] == [
        (10_003, 500, None, None),
        (10_004, 600, None, 700),
    ]
    assert [(one.name, one.email) for one in placed] == [(one.name, one.email) for one in plain]


def test_chance_is_the_same_for_a_name_and_a_seed_and_another_for_each_other() -> None:
    drawn = [named_chance(name, seed).random() for name, seed in (("a", 1), ("a", 1), ("a", 2), ("b", 1))]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3
    assert {somebody(named_chance("a", seed), 3) for seed in range(60)} == {10_001, 10_002, 10_003}


def test_a_moment_is_written_in_utc() -> None:
    assert moment(1_800_000_000) == datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert text_time(1_800_000_059) == "2027-01-15T08:00:59Z"


def test_the_truth_is_written_as_json_for_whoever_scores(tmp_path: Path) -> None:
    made = make_databases(STUDIO, [url(tmp_path / "a.db")], people=1_000, truth=tmp_path / "truth.json")
    written = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert tuple(written["affected"]) == made.truth.affected
    assert written["ranges"] == ["203.0.113.0/24", "2001:db8:5a17::/48"]
    assert (written["people"], written["uncertain"], written["seen_until"]) == (1_000, {}, "2026-11-18T22:20:00Z")
    assert (tmp_path / "truth.json").stat().st_mode & 0o777 == 0o600


def test_a_url_for_each_store_is_asked_for(tmp_path: Path) -> None:
    urls = [url(tmp_path / "a.db"), url(tmp_path / "b.db")]
    with pytest.raises(UsageError, match=r"has 1 account databases \(studio\), and 2 URLs"):
        make_databases(STUDIO, urls, people=1_000, truth=tmp_path / "truth.json")
    assert list(tmp_path.iterdir()) == []


def test_two_stores_are_never_put_into_one_database(tmp_path: Path) -> None:
    one = url(tmp_path / "a.db")
    with pytest.raises(UsageError, match="two of the URLs are the same"):
        make_databases(sample_named("twoshores"), [one, one], people=1_000, truth=tmp_path / "truth.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("sample", "make", "smartsmm"), ("demo",)])
def test_a_folder_that_is_a_file_is_said(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("mine")
    result = Programme(tmp_path / "ws", capsys).run(*words, "--people", "1000", "--out", str(tmp_path / "mine"))
    assert result.code == 4
    assert "mine cannot be made: File exists." in result.err
    assert "Nothing was made." in result.err
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_wrong_number_of_urls_leaves_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("sample", "make", "twoshores", "--database", url(tmp_path / "a.db"), "--out", str(tmp_path / "out"))
    result = Programme(tmp_path / "ws", capsys).run(*words)
    assert (result.code, "1 URL was given" in result.err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_an_older_truth_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text("mine")
    with pytest.raises(RefusedError, match="exists already"):
        make_databases(STUDIO, [url(tmp_path / "a.db")], people=1_000, truth=tmp_path / "truth.json")
    assert (tmp_path / "truth.json").read_text() == "mine"
    assert not (tmp_path / "a.db").exists()


def test_text_that_is_no_database_url_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not the URL of a database"):
        make_databases(STUDIO, ["studio"], people=1_000, truth=tmp_path / "truth.json")


NIGHT = datetime(2026, 11, 20, tzinfo=UTC)
TRUTH = Truth(NIGHT, NIGHT, (), ("1", "2", "3", "4"), {"the log was off": ("8", "9")})


@pytest.mark.parametrize(
    ("keys", "precision", "recall", "exact"),
    [
        (("1", "2", "3", "4"), 1.0, 1.0, True),
        (("1", "2", "3", "4", "8"), 1.0, 1.0, True),  # an uncertain one counts neither for nor against
        (("1", "2"), 1.0, 0.5, False),
        (("1", "2", "3", "4", "5"), 0.8, 1.0, False),
        (("5", "6"), 0.0, 0.0, False),
        ((), 1.0, 0.0, False),
    ],
)
def test_a_list_is_scored_by_hand(keys: tuple[str, ...], precision: float, recall: float, exact: bool) -> None:
    score = score_of(TRUTH, keys)
    assert (score.precision, score.recall, score.exact) == (precision, recall, exact)
