"""Two Shores: whose tokens were in the cache, by hand from both databases; the clocks; numbers that are never mixed."""

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.scope.sealed import read_segments
from playbooks.demo import run_demo
from playbooks.samples.names import CORNERS
from playbooks.samples.people import FIRST_KEY
from playbooks.samples.samples import Made, copy_files, make_databases, sample_named
from playbooks.samples.twoshores import russia
from playbooks.samples.twoshores.database import GONE, RAN_OUT
from playbooks.telling import Teller

SAMPLE = sample_named("twoshores")
PEOPLE = 2_000
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday; the newest moment in the data
FIRST_ABROAD = FIRST_KEY + len(CORNERS) + 4  # the first account on an edge, behind those that are in both stores
FIRST_IN_RUSSIA = FIRST_KEY + len(russia.CORNERS) + 4


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("sample")
    urls = [f"sqlite:///{folder / name}.db" for name in ("elsewhere", "russia")]
    return make_databases(SAMPLE, urls, people=PEOPLE, truth=folder / "truth.json")


def rows(url: str, question: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        found = connection.execute(question).fetchall()
    connection.close()
    return found


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def moscow(text: str) -> datetime:
    """A time as the store in Russia writes it: three hours ahead of UTC, and it does not say so."""
    return datetime.fromisoformat(text + "+03:00")


class ByHand:
    """What the rows say, read one by one and without the program."""

    def __init__(self, abroad: str, home: str, began: datetime, ended: datetime) -> None:
        self.began, self.ended = began, ended
        self.abroad = [
            row[:3]
            for row in rows(abroad, "SELECT account_id, email, country_code, kind FROM accounts")
            if row[3] == "person"
        ]
        self.home = [row[:3] for row in rows(home, "SELECT id, email, country, is_service FROM users") if row[3] == 0]
        self.sessions = rows(abroad, "SELECT account_id, started_at, ended_at FROM sessions")
        self.left_open = rows(home, "SELECT user_id, opened FROM user_sessions")
        self.journal = rows(home, "SELECT user_id, happened, event FROM login_journal")
        self.all_home = {key for (key,) in rows(home, "SELECT id FROM users")}

    @cached_property
    def touched_abroad(self) -> set[str]:
        overlapping = {
            key
            for key, opened, ended in self.sessions
            if utc(opened) <= self.ended and (ended is None or utc(ended) >= self.began)
        }
        return {key for key, *_ in self.abroad} & overlapping

    @cached_property
    def touched_at_home(self) -> set[int]:
        """No row of a session that ended is there, so a row means that it was open; a log-out that it had been."""
        still = {key for key, opened in self.left_open if moscow(opened) <= self.ended}
        out = {key for key, at, event in self.journal if event == "logout" and moscow(at) >= self.began}
        return {key for key, *_ in self.home} & (still | out)

    def touched(self) -> set[str]:
        return {f"elsewhere/{key}" for key in self.touched_abroad} | {f"russia/{key}" for key in self.touched_at_home}

    def gone(self) -> set[str]:
        out = {key for key, at, event in self.journal if event == "logout" and moscow(at) >= self.began}
        return {f"russia/{key}" for key in out - self.all_home}

    @cached_property
    def people(self) -> list[list[tuple[str, str]]]:
        """Everybody touched, as the accounts that share an address: (key, country), in the order of a list."""
        listed = [(f"elsewhere/{key}", email, land) for key, email, land in self.abroad]
        listed += [(f"russia/{key}", email, land) for key, email, land in self.home]
        touched = self.touched()
        found: dict[str, list[tuple[str, str]]] = {}
        for key, email, land in sorted(each for each in listed if each[0] in touched):
            person = (email or "").strip().lower() or key
            found.setdefault(person, []).append((key, (land or "").upper()))
        return list(found.values())

    def in_country(self, code: str) -> int:
        """People who live there, or who may, by one of their accounts."""
        return sum(any(land == code for _, land in accounts) for accounts in self.people)

    def of_unknown_country(self) -> int:
        return sum(accounts[0][1] == "" for accounts in self.people)


@pytest.fixture(scope="module")
def by_hand(made: Made) -> ByHand:
    return ByHand(made.urls["elsewhere"], made.urls["russia"], made.truth.seen_from, made.truth.seen_until)


def test_the_truth_is_what_the_rows_say(made: Made, by_hand: ByHand) -> None:
    assert by_hand.touched() == set(made.truth.affected)
    assert by_hand.gone() == set(made.truth.uncertain[GONE])
    assert len(by_hand.gone()) == 3
    assert NOON - made.truth.seen_from == timedelta(hours=33)
    assert NOON - made.truth.seen_until == timedelta(hours=2)
    assert json.loads(made.file.read_text())["affected"] == list(made.truth.affected)


def test_of_a_session_that_ran_out_nothing_says_whose_it_was(made: Made, by_hand: ByHand) -> None:
    ran_out = {int(key.removeprefix("russia/")) for key in made.truth.uncertain[RAN_OUT]}
    assert len(ran_out) > 20
    kept = {key for key, *_ in by_hand.left_open} | {
        key for key, at, event in by_hand.journal if event != "login_failed" and moscow(at) >= by_hand.began
    }
    assert not ran_out & kept
    others = {key for key, *_ in by_hand.home} - kept - ran_out
    assert len(others) > len(ran_out)  # who look just the same, and were not signed in
    assert all(moscow(opened) + timedelta(days=30) > NOON.replace(hour=0) for _, opened in by_hand.left_open)


ABROAD = "no yes yes no yes yes yes no yes no"  # see _with_histories in database.py, from the first edge on
IN_RUSSIA = "no yes yes yes no lost no lost yes yes"  # see _with_traces


def test_accounts_stand_on_both_sides_of_every_second(made: Made, by_hand: ByHand) -> None:
    lost = set(made.truth.uncertain[RAN_OUT])
    abroad = [f"elsewhere/acc_{FIRST_ABROAD + place:08d}" for place in range(10)]
    home = [f"russia/{FIRST_IN_RUSSIA + place}" for place in range(10)]
    verdicts = dict.fromkeys(by_hand.touched(), "yes") | dict.fromkeys(lost, "lost")
    assert [verdicts.get(key, "no") for key in abroad] == ABROAD.split()
    assert [verdicts.get(key, "no") for key in home] == IN_RUSSIA.split()


def test_the_edges_are_to_the_second(by_hand: ByHand) -> None:
    second = timedelta(seconds=1)
    ends = {utc(ended) for _, _, ended in by_hand.sessions if ended}
    starts = {utc(opened) for _, opened, _ in by_hand.sessions}
    outs = {moscow(at) for _, at, event in by_hand.journal if event == "logout"}
    assert {by_hand.began - second, by_hand.began} <= ends
    assert {by_hand.ended, by_hand.ended + second} <= starts
    assert {by_hand.began - second, by_hand.began, NOON} <= outs
    assert max(moscow(opened) for _, opened in by_hand.left_open) == by_hand.ended  # nobody could log in after it


def test_robots_had_sessions_and_failed_log_ins_were_none(made: Made, by_hand: ByHand) -> None:
    people = {key for key, *_ in by_hand.home}
    robots = by_hand.all_home - people
    assert robots & {key for key, _ in by_hand.left_open}
    during = {
        key
        for key, at, event in by_hand.journal
        if event == "login_failed" and by_hand.began <= moscow(at) <= by_hand.ended
    }
    assert (during & people) - by_hand.touched_at_home
    assert min(moscow(at) for _, at, _ in by_hand.journal) >= NOON - timedelta(days=14)


def test_every_address_is_on_a_reserved_domain_and_a_few_people_have_two_accounts(by_hand: ByHand) -> None:
    for _, email, _ in (*by_hand.abroad, *by_hand.home):
        if email and re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", email.strip()) and ".." not in email:
            domain = email.strip().lower().rpartition("@")[2]
            assert domain.endswith(".example") or domain in {"example.com", "example.org", "example.net"}
    here, there = (
        {email.strip().lower() for _, email, _ in accounts if email} for accounts in (by_hand.home, by_hand.abroad)
    )
    assert here & there == {
        "pereehala@mail.example",
        "dva.berega@mail.example",
        "toliko.tut@mail.example",
        "toliko.tam@mail.example",
    }
    assert {land for *_, land in by_hand.home} >= {"RU", "ru", "KZ", "DE", "EE"}
    assert {land for *_, land in by_hand.abroad} == {"DE", "FR", "EE", "KZ", "GB", "RU", "", None}


def scoped(programme: Programme, made: Made, folder: Path) -> Any:
    """The answer of the company's own question, to its stores at `made.urls`."""
    programme.environ |= {f"TWOSHORES_{store.upper()}_URL": url for store, url in made.urls.items()}
    return programme.json("scope", "run", "--question", folder / "question.toml")


def test_the_scope_finds_exactly_them_wherever_the_stores_are(
    made: Made, by_hand: ByHand, postgres_url: str, mariadb_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_files(SAMPLE, tmp_path, made)
    programme = Programme(tmp_path, capsys)
    programme.ok("open", "tokens read")
    answers = [scoped(programme, made, tmp_path)]
    again = make_databases(SAMPLE, [postgres_url, mariadb_url], people=PEOPLE, truth=tmp_path / "truth.json")
    assert again.truth == made.truth
    answers.append(scoped(programme, again, tmp_path))
    for answer in answers:
        found = {person.key for segment in read_segments(Path(answer["file"])) for person in segment.people}
        assert found == by_hand.touched()
        assert answer["by_store"] == {
            "elsewhere": len(by_hand.touched_abroad),
            "russia": len(by_hand.touched_at_home),
        }
        assert "token_hash" not in answer["statement"]
    assert answers[0]["digest"] == answers[1]["digest"]


def test_the_other_way_round_too(
    made: Made, by_hand: ByHand, postgres_url: str, mariadb_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = make_databases(SAMPLE, [mariadb_url, postgres_url], people=PEOPLE, truth=tmp_path / "truth.json")
    copy_files(SAMPLE, tmp_path, made)
    programme = Programme(tmp_path, capsys)
    programme.ok("open", "tokens read")
    answer = scoped(programme, again, tmp_path)
    found = {person.key for segment in read_segments(Path(answer["file"])) for person in segment.people}
    assert found == by_hand.touched()


def test_whoever_cannot_be_found_is_said_and_only_of_the_store_it_is_about(
    made: Made, by_hand: ByHand, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_files(SAMPLE, tmp_path, made)
    programme = Programme(tmp_path, capsys)
    programme.ok("open", "tokens read")
    answer = scoped(programme, made, tmp_path)
    rest = len(by_hand.home) - len(by_hand.touched_at_home)
    said = answer["uncertain"]
    assert (
        f"russia: {rest} accounts that are not on the list may belong there: a session of theirs may have run out "
        "since then; it is deleted at night, and nothing says whose it was."
    ) in said
    assert (
        "russia: 3 accounts on the trail are not in the account table any more; nobody can be written to from here."
        in said
    )
    assert any(one.startswith("russia: user_sessions keeps no row that was removed") for one in said)
    assert not [one for one in said if one.startswith("elsewhere:") and ("removed" in one or "not on the list" in one)]
    facts = {fact["name"]: fact for fact in programme.json("facts")}
    assert facts["people_affected"]["state"] == "approximate"
    assert facts["people_affected"]["value"] == len(by_hand.people)
    asked = {"RU", "DE", "FR", "EE", "KZ", "GB"}
    assert facts["people_by_country"]["value"] == {code: by_hand.in_country(code) for code in asked} | {
        "ZZ": by_hand.of_unknown_country()
    }


RUNNING = {
    "ru-152fz-initial": "2026-11-21T10:00:00Z",  # 24 hours after 13:00 on Friday
    "ru-gossopka": "2026-11-21T10:00:00Z",
    "ru-152fz-investigation": "2026-11-23T10:00:00Z",  # 72 hours, from the same moment
    "kz-pdl-authority": "2026-11-23T10:00:00Z",  # a working day: the same time on Monday, in Kazakhstan
    "kz-179-incident": None,
    "eu-gdpr-art33-sa": "2026-11-23T11:00:00Z",  # 72 hours after awareness
    "eu-gdpr-art34-people": None,
    "uk-gdpr-art33-sa": "2026-11-23T11:00:00Z",
    "uk-gdpr-art34-people": None,
}


def test_exactly_these_clocks_run(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy_files(SAMPLE, tmp_path, made)
    programme = Programme(tmp_path, capsys, clock=datetime(2026, 11, 20, 12, tzinfo=UTC))
    programme.ok("open", "tokens read", "--detected", "2026-11-20 13:00 Europe/Moscow")
    programme.ok("aware", "2026-11-20 11:00", "--because", "the log of the cache shows it")
    scoped(programme, made, tmp_path)
    for name, value in (("risk", "high"), ("restricted_access_data", "yes")):
        programme.ok("fact", name, value)
    duties = {duty["id"]: duty for duty in programme.json("clock", "--all")["duties"]}
    assert {name: duty["due_at"] for name, duty in duties.items() if duty["state"] == "running"} == RUNNING
    assert not [name for name, duty in duties.items() if duty["state"] == "late"]
    assert "voluntary" in duties["ru-subjects"]["because"]


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo with 1,000 people, and what it told."""
    folder, told = tmp_path_factory.mktemp("demo") / "tour", io.StringIO()
    now = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    demo = run_demo(SAMPLE, folder=folder, people=1_000, now=now, teller=Teller(told))
    assert demo.score.exact
    assert demo.score.uncertain > 3
    assert demo.score.doubtful == 0
    return folder, told.getvalue()


@pytest.fixture(scope="module")
def night(tour: tuple[Path, str]) -> ByHand:
    """The rows of the demo's own databases."""
    truth = json.loads((tour[0] / "truth.json").read_text())
    abroad, home = (f"sqlite:///{tour[0]}/accounts-{name}.sqlite" for name in ("elsewhere", "russia"))
    return ByHand(abroad, home, utc(truth["seen_from"]), utc(truth["seen_until"]))


def exported(tour: tuple[Path, str], file: str) -> str:
    return (tour[0] / "workspace" / file).read_text(encoding="utf-8")


def numbers(text: str) -> list[int]:
    """Every number in a text, without the blanks that part thousands."""
    return [int(re.sub(r"\s", "", found)) for found in re.findall(r"\d+(?:[\u00a0\u202f]\d{3})*", text)]


RUSSIAN = ("roskomnadzor/first/ru-initial-ru-v1.md", "roskomnadzor/second/ru-investigation-ru-v1.md")


@pytest.mark.parametrize("file", RUSSIAN)
def test_a_russian_notice_counts_the_people_in_russia_and_nobody_else(
    tour: tuple[Path, str], night: ByHand, file: str
) -> None:
    text = exported(tour, file)
    about_people = text.partition("Скомпрометированные данные")[2].partition("\n## ")[0]
    assert numbers(about_people) == [night.in_country("RU"), night.of_unknown_country()]
    assert "страна проживания которых неизвестна" in about_people
    assert "(в число выше они не входят)" in about_people
    whole = {len(night.people), len(night.touched()), len(night.touched()) * 4}
    elsewhere = {len(night.touched_abroad), len(night.touched_at_home)}
    assert not (whole | elsewhere) & set(numbers(text))


def test_russian_numbers_are_in_no_other_letter(tour: tuple[Path, str], night: ByHand) -> None:
    russian = {night.in_country("RU"), len(night.touched_at_home)}
    others = [exported(tour, "ministry/kz-authority-ru-v1.md"), exported(tour, "ico/uk-authority-en-v1.md")]
    letters = (tour[0] / "workspace" / "incidents").rglob("people-*/v1/letter.md")
    others += [letter.read_text(encoding="utf-8") for letter in letters]
    assert len(others) == 4
    for text in others:
        assert not russian & set(numbers(text))
        assert "Росси" not in text.replace("в России и за её пределами", "")


def test_the_british_notice_counts_the_people_in_the_united_kingdom_and_nobody_else(
    tour: tuple[Path, str], night: ByHand
) -> None:
    text = exported(tour, "ico/uk-authority-en-v1.md")
    assert f"People who live in the United Kingdom\n:   about {night.in_country('GB')}\n" in text
    assert f"about {night.of_unknown_country()} (not in the number above)" in text
    assert not {len(night.people), len(night.touched()), len(night.touched()) * 4} & set(numbers(text))


def test_the_list_for_kazakhstan_has_nobody_who_is_known_to_live_elsewhere(
    tour: tuple[Path, str], night: ByHand
) -> None:
    lives = {f"elsewhere/{key}": land or "" for key, _, land in night.abroad}
    lives |= {f"russia/{key}": land.upper() for key, _, land in night.home}
    text = exported(tour, "ministry/kz-authority-ru-v1-annex.csv").removeprefix("\ufeff")
    keys = [row[1] for row in csv.reader(io.StringIO(text), delimiter=";")][1:]
    assert sorted(keys) == sorted(key for key in night.touched() if lives[key] in {"KZ", ""})


def test_the_second_notice_names_the_first_by_its_date_and_number(tour: tuple[Path, str]) -> None:
    first, second = (" ".join(exported(tour, file).split()) for file in RUSSIAN)
    assert "Первичное уведомление : 18 ноября 2026 г., входящий номер RKN-0000001" in second
    assert "было: пока неизвестно" in second  # what made it possible was not known on the first day
    assert "межсетевого экрана" in second
    assert "межсетевого экрана" not in first


def test_a_notice_for_a_portal_is_exported_and_recorded_and_never_sent(
    tour: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, told = tour
    assert not [file for file in (folder / "workspace").rglob("*.eml") if not file.name.startswith("people-")]
    programme = Programme(folder / "workspace", capsys, clock=datetime(2026, 11, 20, 15, tzinfo=UTC))
    duties = {duty["id"]: duty["state"] for duty in programme.json("clock", "--all")["duties"]}
    done = {name for name, state in duties.items() if state == "done"}
    assert done == {
        "ru-152fz-initial", "ru-gossopka", "ru-152fz-investigation", "kz-pdl-authority", "kz-179-incident",
        "uk-gdpr-art33-sa",
    }  # fmt: skip
    assert {name for name, state in duties.items() if state == "running"} == set(RUNNING) - done
    assert "a letter to them is voluntary" in told


def test_the_gdprs_notice_is_refused_with_all_that_is_missing(
    tour: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    refused = Programme(tour[0] / "workspace", capsys).run("notice", "draft", "authority", "--language", "en")
    assert refused.code == 3
    assert refused.err.startswith("2 things are missing for the authority letter in en:")
    assert ": country\n" in refused.err
    assert ": authority.name\n" in refused.err
    assert "it names an operator, a postal address and a contact, but no seat" in refused.err


def test_everybody_gets_one_letter_and_whoever_has_two_accounts_gets_one_too(
    tour: tuple[Path, str], night: ByHand
) -> None:
    files = list((tour[0] / "workspace" / "incidents").rglob("*.eml"))
    assert Counter(file.name.partition("-v1")[0] for file in files).keys() == {"people-ru", "people-en"}
    written = Counter(
        address.strip("<> ").lower()
        for file in files
        for address in re.findall(r"^To: .*?([^\s<]+@[^\s>]+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert set(written.values()) == {1}
    assert written["pereehala@mail.example"] == 1
    assert "toliko.tut@mail.example" in written
    assert len(files) <= len(night.people)
    for file in files[:20]:
        assert "country you live in" in file.read_text() or file.name.startswith("people-ru")


def test_the_profile_invents_nothing_that_the_policy_leaves_out(tmp_path: Path) -> None:
    from incident.organisation.profile import read_organisation

    profile = read_organisation(copy_files(SAMPLE, tmp_path))
    assert (profile.country, profile.authority, profile.dpo, profile.representative) == (None, None, None, None)
    assert (profile.retention, profile.processors, profile.promises) == ((), (), ())
    assert profile.incomplete
    assert {"country", "authority", "retention", "processor", "promise"} <= set(profile.missing)
    assert [store.name for store in profile.accounts] == ["russia", "elsewhere"]
