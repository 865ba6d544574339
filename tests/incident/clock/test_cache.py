from __future__ import annotations

import os
import pickle
import zlib
from datetime import date, timedelta
from pathlib import Path

import pytest

from incident.clock import regimes
from incident.clock.cache import keep, kept
from incident.clock.calendars import LibraryYears
from incident.clock.regimes import load_laws, read_laws

LAW = Path(regimes.__file__).parents[1] / "law"
VALUE = {"EE": [1, 2]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INCIDENT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "a.toml").write_text("a = 1")
    return tmp_path / "law"


def the_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_what_was_kept_is_there_for_the_next_run_and_private(folder: Path, source: Path) -> None:
    assert kept("x", [source], dict) is None
    keep("x", [source], VALUE)
    assert kept("x", [source], dict) == VALUE
    assert folder.stat().st_mode & 0o777 == 0o700
    assert the_file(folder).stat().st_mode & 0o777 == 0o600


def test_a_source_that_changed_came_or_went_ends_it(folder: Path, source: Path) -> None:
    keep("x", [source], VALUE)
    (source / "b.toml").write_text("b = 1")
    assert kept("x", [source], dict) is None
    (source / "b.toml").unlink()
    assert kept("x", [source], dict) == VALUE
    (source / "a.toml").write_text("a = 2")
    assert kept("x", [source], dict) is None


def test_a_change_of_the_same_size_that_sets_the_time_back_is_noticed(folder: Path, source: Path) -> None:
    keep("x", [source], VALUE)
    before = (source / "a.toml").stat()
    (source / "a.toml").write_text("a = 9")
    os.utime(source / "a.toml", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert kept("x", [source], dict) is None


@pytest.mark.parametrize("length", [0, 1, 40, -1])
def test_a_spoiled_file_is_as_good_as_none(folder: Path, source: Path, length: int) -> None:
    keep("x", [source], VALUE)
    file = the_file(folder)
    file.write_bytes(file.read_bytes()[:length])
    assert kept("x", [source], dict) is None
    keep("x", [source], VALUE)
    assert kept("x", [source], dict) == VALUE


def test_a_file_that_others_may_write_is_not_believed(folder: Path, source: Path) -> None:
    keep("x", [source], VALUE)
    the_file(folder).chmod(0o620)
    assert kept("x", [source], dict) is None


def test_a_file_cannot_make_the_program_run_anything(folder: Path, source: Path, tmp_path: Path) -> None:
    keep("x", [source], VALUE)
    file = the_file(folder)
    stamp = file.read_bytes().split(b"\n")[0]

    class Planted:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "planted"),)

    body = pickle.dumps(Planted())
    file.write_bytes(b"%s\n%08x\n%s" % (stamp, zlib.crc32(body), body))
    assert kept("x", [source], dict) is None
    assert not (tmp_path / "planted").exists()


def test_a_value_of_another_kind_is_not_handed_out(folder: Path, source: Path) -> None:
    keep("x", [source], [1])
    assert kept("x", [source], dict) is None


def test_where_nothing_can_be_kept_nothing_is_and_nobody_is_told(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INCIDENT_CACHE", "")
    keep("x", [source], VALUE)
    assert kept("x", [source], dict) is None
    (tmp_path / "a file").touch()
    monkeypatch.setenv("INCIDENT_CACHE", str(tmp_path / "a file"))
    keep("x", [source], VALUE)
    assert kept("x", [source], dict) is None


def test_two_installations_do_not_take_each_others_place(folder: Path, source: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    keep("x", [source], VALUE)
    keep("x", [tmp_path / "other"], {})
    assert kept("x", [source], dict) == VALUE
    assert kept("x", [tmp_path / "other"], dict) == {}


def test_laws_that_were_kept_are_the_laws_in_the_files(folder: Path) -> None:
    load_laws.cache_clear()
    written, again = load_laws(), None
    load_laws.cache_clear()
    again = load_laws()
    assert again is not written
    assert again == written == read_laws(LAW)
    assert again.covered == written.covered


@pytest.mark.parametrize("country", ["EE", "KZ", "DE-BY"])
def test_working_days_that_were_kept_are_those_of_the_library(folder: Path, country: str) -> None:
    import holidays

    head, _, part = country.partition("-")
    library = holidays.country_holidays(head, subdiv=part or None)
    days = [date(2028, 1, 1) + timedelta(days=number) for number in range(366)]
    for years in (LibraryYears(country), LibraryYears(country)):  # the second reads what the first kept
        assert [years.is_working_day(day) for day in days] == [library.is_working_day(day) for day in days]
        assert (years.start_year, years.end_year) == (library.start_year, library.end_year)


def test_a_country_the_library_does_not_have_is_remembered_as_such(folder: Path) -> None:
    assert not LibraryYears("QZ").known
    assert not LibraryYears("QZ").known
