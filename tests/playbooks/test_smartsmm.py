"""SmartSMM: whose tokens were read, worked out by hand from the rows; the clocks that run; the night to its end."""

import csv
import io
import json
import sqlite3
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.cli import main
from incident.scope.sealed import read_segments
from playbooks.samples.people import FIRST_KEY
from playbooks.samples.samples import Made, copy_files, make_databases, sample_named
from playbooks.samples.smartsmm.database import CLEARED, CORNERS, OLDER_APP

SAMPLE = sample_named("smartsmm")
PEOPLE = 2_000
OLDER = ("3.7.0", "3.9.4")  # of the app: they note no disconnection
TOKEN = "user.authorization.third_party_token"  # noqa: S105 - a kind of data


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    file = tmp_path_factory.mktemp("sample") / "app.db"
    made = make_databases(SAMPLE, [f"sqlite:///{file}"], people=PEOPLE, truth=file.with_suffix(".truth.json"))
    return made, file


def rows(file: Path, question: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(file) as connection:
        found = connection.execute(question).fetchall()
    connection.close()
    return found


def nine_days(made: Made) -> tuple[int, int, int]:
    """The first and the last second of the reading, and the newest of the data."""
    until = datetime.fromisoformat(made.words["read_until"])
    return int(made.truth.seen_from.timestamp()), int(made.truth.seen_until.timestamp()), int(until.timestamp())


def touched_by_hand(made: Made, file: Path) -> set[str]:
    """Whoever had a token in the nine days: by its row, or by the note of its end."""
    began, ended, _ = nine_days(made)
    found = {
        str(user)
        for user, connected in rows(file, 'SELECT "userId", "connectedAt" FROM "SocialAccounts"')
        if connected // 1000 <= ended
    }
    notes = 'SELECT "userId", details, "createdAt" FROM "Activity" WHERE type = \'disconnect\''
    for user, details, gone in rows(file, notes):
        if json.loads(details)["connectedAt"] // 1000 <= ended and gone // 1000 >= began:
            found.add(str(user))
    return found


def of_older_app_by_hand(made: Made, file: Path) -> set[str]:
    """Users of versions that note nothing, seen since the reading began, whom no row and no note names."""
    began, _, until = nine_days(made)
    there = {str(user) for (user,) in rows(file, 'SELECT id FROM "Users"')}
    used = {
        str(user)
        for user, version, at in rows(file, 'SELECT "userId", "appVersion", "createdAt" FROM "Activity"')
        if version in OLDER and began <= at // 1000 <= until
    }
    return (used & there) - touched_by_hand(made, file)


def cleared_by_hand(made: Made, file: Path) -> set[str]:
    began, _, until = nine_days(made)
    lines = rows(file, 'SELECT "userId", "createdAt" FROM "Activity" WHERE type = \'account.cleared\'')
    return {str(user) for user, at in lines if began <= at // 1000 <= until}


def test_the_truth_is_what_the_rows_say(made: tuple[Made, Path]) -> None:
    truth, file = made[0].truth, made[1]
    assert touched_by_hand(*made) == set(truth.affected)
    assert of_older_app_by_hand(*made) == set(truth.uncertain[OLDER_APP])
    assert cleared_by_hand(*made) == set(truth.uncertain[CLEARED])
    assert made[0].truth.seen_until.timestamp() - truth.seen_from.timestamp() == 9 * 86_400
    assert not cleared_by_hand(*made) & {str(user) for (user,) in rows(file, 'SELECT id FROM "Users"')}
    assert int(made[0].words["records"]) > len(truth.affected)  # some had both a token of Instagram and one of Telegram


# What each account behind the corner cases must come to; tokens.py says what it did.
EDGES = (
    "touched", "touched", "no", "touched", "no", "touched", "no", "no", "touched", "no",
    "older", "no", "older", "touched", "older", "no", "cleared", "no", "touched",
)  # fmt: skip


def test_accounts_stand_on_both_sides_of_every_line(made: tuple[Made, Path]) -> None:
    touched, older, cleared = touched_by_hand(*made), of_older_app_by_hand(*made), cleared_by_hand(*made)
    found = []
    for place in range(len(EDGES)):
        key = str(FIRST_KEY + len(CORNERS) + place)
        named = {"touched": key in touched, "older": key in older, "cleared": key in cleared}
        found.append(next((name for name, is_it in named.items() if is_it), "no"))
    assert tuple(found) == EDGES


def test_neither_rows_nor_notes_alone_find_them_and_decoys_differ_in_one_respect(made: tuple[Made, Path]) -> None:
    touched = touched_by_hand(*made)
    began, ended, _ = nine_days(made[0])
    holders = {str(user) for (user,) in rows(made[1], 'SELECT "userId" FROM "SocialAccounts"')}
    notes = rows(made[1], 'SELECT "userId", "createdAt" FROM "Activity" WHERE type = \'disconnect\'')
    assert holders - touched  # connected after the reading
    assert touched - holders  # gone since
    assert {str(user) for user, at in notes if at // 1000 < began} - touched
    assert {str(user) for user, at in notes if at // 1000 > ended} - touched
    assert {str(user) for user, at in notes if at // 1000 > ended} & touched - holders
    kinds = {
        (platform, status)
        for user, platform, status in rows(
            made[1], 'SELECT u.id, platform, status FROM "SocialAccounts" s JOIN "Users" u ON u.id = s."userId"'
        )
        if str(user) in touched
    }
    assert kinds >= {(one, "active") for one in ("instagram", "telegram")}
    assert {status for _, status in kinds} == {"active", "banned", "deleted"}


def test_the_awkward_accounts_are_there_and_were_touched(made: tuple[Made, Path]) -> None:
    names = rows(made[1], f'SELECT id, "userName" FROM "Users" WHERE id < {FIRST_KEY + len(CORNERS)}')
    assert {name for _, name in names} == {name for name, _ in CORNERS}
    assert {str(key) for key, _ in names} <= touched_by_hand(*made)
    for (email,) in rows(made[1], "SELECT email FROM \"Users\" WHERE email LIKE '%@%.%' AND email NOT LIKE '%..%'"):
        domain = email.strip().lower().rpartition("@")[2]
        assert domain.endswith(".example") or domain in {"example.com", "example.org", "example.net"}


def test_the_scope_finds_exactly_them_and_says_who_may_be_missing_on_every_engine(
    made: tuple[Made, Path], postgres_url: str, mariadb_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    urls = [f"sqlite:///{made[1]}", postgres_url, mariadb_url]
    for number, url in enumerate(urls[1:]):
        again = make_databases(SAMPLE, [url], people=PEOPLE, truth=tmp_path / f"truth{number}.json")
        assert again.truth == made[0].truth
    copy_files(SAMPLE, tmp_path, made[0])
    question = ["--question", str(tmp_path / "question.toml"), "--map", str(tmp_path / "accounts.toml")]
    programme = Programme(tmp_path / "ws", capsys)
    programme.ok("open", "tokens read")
    answers = [programme.json("scope", "run", "--database", url, *question) for url in urls]
    assert len({answer["digest"] for answer in answers}) == 1
    found = {person.key for segment in read_segments(Path(answers[0]["file"])) for person in segment.people}
    assert found == touched_by_hand(*made)
    older, cleared = len(of_older_app_by_hand(*made)), len(cleared_by_hand(*made))
    for answer in answers:
        assert "accessTokenEncrypted" not in str(answer["statement"])
        assert answer["by_category"][TOKEN] == len(found)
        said = " ".join(answer["uncertain"])
        assert f"{older} accounts that are not on the list may belong there: they used a version of the app" in said
        assert f"{cleared} accounts on the trail cleared are not in the account table any more" in said
        assert "Whoever deleted the account and was cleared since" in said
        assert "SocialAccounts keeps no row that was removed" in said


RUNNING = {
    "kz-pdl-authority",
    "kz-179-incident",
    "eu-gdpr-art33-sa",
    "eu-gdpr-art34-people",
    "us-ca-ind",
    "contract-instagram",
}


def test_exactly_these_clocks_run_once_the_facts_are_stated(
    made: tuple[Made, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_files(SAMPLE, tmp_path, made[0])
    programme = Programme(tmp_path, capsys, environ={"SMARTSMM_DATABASE_URL": f"sqlite:///{made[1]}"})
    programme.clock = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)  # Friday, 15:30 in Almaty
    programme.ok("open", "tokens read", "--detected", "2026-11-20 15:00", "--occurred", "2026-11-11 15:00")
    programme.ok("aware", "2026-11-20 15:20", "--because", "tokens were used")
    programme.ok("scope", "run", "--question", str(tmp_path / "question.toml"))
    for name, value in (("data_categories", TOKEN), ("restricted_access_data", "yes"), ("risk", "high")):
        programme.ok("fact", name, value)
    duties = {duty["id"]: duty for duty in programme.json("clock", "--all")["duties"]}
    running = {name: duty["due_at"] for name, duty in duties.items() if duty["state"] == "running"}
    assert set(running) == RUNNING
    assert running == {
        "kz-pdl-authority": "2026-11-23T10:00:00Z",  # Monday 15:00 in Almaty: a working day after Friday 15:00
        "eu-gdpr-art33-sa": "2026-11-23T10:20:00Z",  # 72 hours after 15:20
        "us-ca-ind": "2026-12-21T08:00:00Z",  # the end of 20 December in Los Angeles, 30 days after 20 November there
        "kz-179-incident": None,
        "eu-gdpr-art34-people": None,
        "contract-instagram": None,
    }


@pytest.mark.parametrize(
    ("detected", "due"),
    [
        ("2026-11-18 11:00", "2026-11-19T06:00:00Z"),  # Wednesday to Thursday, 11:00 in Almaty
        ("2026-11-21 06:05", "2026-11-23T19:00:00Z"),  # Saturday: until 24:00 of Monday
        ("2026-10-23 12:00", "2026-10-27T07:00:00Z"),  # Friday; Republic Day is a Sunday, so Monday 26 October is off
        ("2026-12-15 17:00", "2026-12-17T12:00:00Z"),  # Tuesday; Independence Day is Wednesday
        ("2026-12-16 09:00", "2026-12-17T19:00:00Z"),  # on Independence Day itself: until 24:00 of Thursday
    ],
)
def test_one_working_day_by_the_calendar_of_kazakhstan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], detected: str, due: str
) -> None:
    copy_files(SAMPLE, tmp_path)
    programme = Programme(tmp_path, capsys, clock=datetime(2026, 12, 18, tzinfo=UTC))
    programme.ok("open", "tokens read", "--detected", detected)
    duties = {duty["id"]: duty for duty in programme.json("clock", "--all")["duties"]}
    assert duties["kz-pdl-authority"]["due_at"] == due


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the story left behind, and what it said."""
    folder, screen = tmp_path_factory.mktemp("demo") / "tour", io.StringIO()
    with redirect_stdout(screen), redirect_stderr(screen):
        code = main(["demo", "--company", "smartsmm", "--people", "1000", "--out", str(folder)], environ={})
    assert code == 0, screen.getvalue()
    return folder, " ".join(screen.getvalue().split())


def test_the_story_says_what_it_found_and_what_stopped_it(tour: tuple[Path, str]) -> None:
    folder, said = tour
    truth = json.loads((folder / "truth.json").read_text())
    uncertain = sum(len(keys) for keys in truth["uncertain"].values())
    assert f"Planted by the sample: {len(truth['affected'])} accounts. On the sealed list: exactly those." in said
    assert (
        f"{uncertain} more were or may have been touched, and no database names them; none of them on the list." in said
    )
    # The policy's sentence stops the letter until somebody has said whether the key was safe.
    assert 'must not be in it: what_happened@en says "encrypted", but the policy says "Access tokens' in said
    assert "the record says the key was not safe, so it protected nothing" in said
    assert "the record says whose data they are can be told (fact ease_of_identification)" in said
    assert "dinara drafted people-en (version 2), and an author does not approve their own letter." in said
    assert "it could be one of 16 in DE (incident law authority DE)" in said  # nobody is guessed for Germany


def test_the_ministry_gets_the_notice_in_both_languages_with_the_list(tour: tuple[Path, str]) -> None:
    affected = json.loads((tour[0] / "truth.json").read_text())["affected"]
    for language, says in (("ru", "Комитет по информационной безопасности"), ("kk", "Ақпараттық қауіпсіздік комитеті")):
        folder = tour[0] / "workspace" / "ministry" / language
        text = (folder / f"kz-authority-{language}-v1.txt").read_text()
        assert says in text
        assert "481/НҚ" in text
        annex = (folder / f"kz-authority-{language}-v1-annex.csv").read_text(encoding="utf-8-sig")
        listed = list(csv.reader(io.StringIO(annex), delimiter=";"))
        assert sorted(row[1] for row in listed[1:]) == sorted(affected)
        assert ["Әсел Қасымқызы", "asel0@kiri.example"] in [row[2:] for row in listed]


def test_letters_to_people_repeat_no_claim_that_the_record_gainsays(tour: tuple[Path, str]) -> None:
    words = {
        "en": "The access keys were encrypted, but the key that opens them was taken along.",
        "ru": "Ключи доступа были зашифрованы, но ключ, которым они открываются, тоже был похищен.",
        "kk": "Қолжетімділік кілттері шифрланған еді, бірақ оларды ашатын кілт те ұрланған.",
    }
    for language, sentence in words.items():
        file = tour[0] / "workspace" / "in-the-app" / language / f"people-{language}-v2.txt"
        text = " ".join(file.read_text().split())
        assert sentence in text
        assert "stored encrypted" not in text
        assert not any(word in text.lower() for word in ("anonym", "аноним"))


def test_each_person_gets_one_letter_and_whom_no_mail_reaches_is_counted(
    tour: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, said = tour
    programme = Programme(folder / "workspace", capsys)
    outbox = programme.json("notice", "outbox")
    letters = {letter["notice"]: letter for letter in outbox["letters"] if letter["notice"].startswith("people")}
    assert sorted(letters) == ["people-en", "people-kk", "people-ru"]
    for name, letter in letters.items():
        files = list((folder / "workspace").rglob(f"{name}-v2-*.eml"))
        assert len(files) == letter["handed_over"] == letter["accepted"]
    affected = json.loads((folder / "truth.json").read_text())["affected"]
    assert sum(letter["planned"] for letter in letters.values()) == len(affected)
    skipped = sum((Counter(letter["reasons"]["skipped"]) for letter in letters.values()), Counter[str]())
    assert skipped.pop("an earlier account on the list has the same address") == 2
    assert f"no way to write to {sum(skipped.values())} " in said
    approvals = [one for one in programme.json("timeline")["events"] if one["kind"] == "letter-approved"]
    assert [(one["actor"], one["body"]["role"]) for one in approvals] == [("aliya", "counsel")] * 5
