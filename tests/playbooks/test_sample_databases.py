"""Making any sample company's databases: where they may be written, what is refused, and how a list is scored."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from incident.errors import OutsideError, RefusedError, UsageError
from playbooks.samples.company import Truth
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


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 1,000 people"):
        make_databases(STUDIO, [url(tmp_path / "a.db")], people=10, truth=tmp_path / "truth.json")


def test_a_url_for_each_store_is_asked_for(tmp_path: Path) -> None:
    urls = [url(tmp_path / "a.db"), url(tmp_path / "b.db")]
    with pytest.raises(UsageError, match=r"has 1 account databases \(studio\), and 2 URLs"):
        make_databases(STUDIO, urls, people=1_000, truth=tmp_path / "truth.json")
    assert list(tmp_path.iterdir()) == []


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
