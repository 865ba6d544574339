"""The profile's commands, as a person types them."""

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.cli import main

NOW = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "playbooks" / "samples" / "smartpact"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, **environ: str) -> tuple[int, str, str]:
        environ = {"INCIDENT_WORKSPACE": str(tmp_path / "ws"), "INCIDENT_ACTOR": "mari", **environ}
        code = main(["organisation", *words], environ=environ, now=lambda: NOW)
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def write(tmp_path: Path, text: str) -> None:
    (tmp_path / "ws").mkdir(exist_ok=True)
    (tmp_path / "ws" / "organisation.toml").write_text(text, encoding="utf-8")


def test_init_writes_a_profile_that_parses_and_is_private(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("init")
    file = tmp_path / "ws" / "organisation.toml"
    assert code == 0
    assert str(file) in out
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("show")[0] == 0


def test_init_takes_a_name_with_quotes_and_letters_of_any_kind(run: Run) -> None:
    assert run("init", "--name", 'Õuna "Puu" \\ OÜ', "--country", "ee", "--zone", "Europe/Tallinn")[0] == 0
    document = json.loads(run("show", "--json")[1])
    assert (document["name"], document["country"], document["zone"]) == ('Õuna "Puu" \\ OÜ', "EE", "Europe/Tallinn")


def test_every_example_in_the_template_is_valid_once_its_mark_is_taken_away(run: Run, tmp_path: Path) -> None:
    run("init", "--name", "Company")
    file = tmp_path / "ws" / "organisation.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    keys = [line.removeprefix("# ") if line.startswith(("# [", "#  ")) or " = " in line else line for line in lines]
    text = "\n".join(keys)
    assert "promise" in tomllib.loads(text)
    file.write_text(text, encoding="utf-8")
    code, out, err = run("show", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["promises"][0]["hours"] == 72
    assert json.loads(out)["contracts"][0]["with_whom"] == "Name of the insurer"
    assert json.loads(out)["kinds"] == ["eu-nis2"]


def test_init_refuses_to_overwrite(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "mine")
    code, _, err = run("init")
    assert code == 3
    assert "There is a profile already" in err
    assert "left as it is" in err
    assert (tmp_path / "ws" / "organisation.toml").read_text() == "mine"


def test_init_refuses_an_unknown_zone_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    code, _, err = run("init", "--zone", "EST")
    assert code == 2
    assert '"EST" is not a time zone' in err
    assert not (tmp_path / "ws" / "organisation.toml").exists()


def test_init_refuses_a_country_that_is_not_two_letters(run: Run) -> None:
    code, _, err = run("init", "--country", "Estonia")
    assert code == 2
    assert '"Estonia" is not a country code' in err


def test_a_place_that_cannot_be_written_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("init", INCIDENT_WORKSPACE=str(tmp_path / "file" / "ws"))
    assert code == 4
    assert "cannot be written" in err


def test_without_a_profile_check_and_show_say_how_to_begin(run: Run) -> None:
    for command in ("check", "show"):
        code, _, err = run(command)
        assert code == 2
        assert "There is no profile" in err
        assert "incident organisation init" in err


def test_check_lists_what_is_missing_with_key_and_reason_and_leaves_with_1(run: Run, tmp_path: Path) -> None:
    write(tmp_path, '[organisation]\nname = "CHANGE ME"\nzone = "UTC"\nlanguages = ["en", "xx"]\n')
    code, out, _ = run("check", "--json")
    found = {finding["key"]: finding for finding in json.loads(out)["findings"] if not finding["warning"]}
    assert code == 1
    assert set(found) == {
        "organisation.name",
        "organisation.country",
        "organisation.address",
        "organisation.languages",
        "contact",
        "authority",
        "sender",
    }
    assert "33(3)(b)" in found["contact"]["why"]
    assert '"xx"' in found["organisation.languages"]["what"]


def test_check_for_people_names_the_key_and_counts(run: Run, tmp_path: Path) -> None:
    write(tmp_path, '[organisation]\nname = "Firm"\nzone = "UTC"\nlanguages = ["en"]\n')
    code, out, _ = run("check")
    assert code == 1
    assert "missing  authority is missing" in out
    assert "5 to fill in" in out


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (('phone = "+372 000 0100"\n', ""), "contact.phone"),
        (("published = 2025-09-01\n", ""), "promise.published"),
        (('name = "SmartPact privacy team"', 'name = "SmartPact, privacy"'), "sender.name"),
        (('email = "privacy@smartpact.example"\nreply_to', 'email = "privacy@õun.example"\nreply_to'), "sender.email"),
        (('map = "accounts.toml"', 'map = "elsewhere.toml"'), "accounts.map"),
        (('email = "info@aki.ee"\nwebsite = "https://www.aki.ee"\n', ""), "authority.email"),
        (('email = "dpo@smartpact.example"\n', ""), "dpo.email"),
    ],
)
def test_each_gap_is_found_on_its_own(run: Run, tmp_path: Path, change: tuple[str, str], key: str) -> None:
    text = (SAMPLE / "organisation.toml").read_text(encoding="utf-8")
    assert change[0] in text
    write(tmp_path, text.replace(*change))
    (tmp_path / "ws" / "accounts.toml").write_text("")
    code, out, _ = run("check", "--json")
    assert [finding["key"] for finding in json.loads(out)["findings"] if not finding["warning"]] == [key]
    assert code == 1


def test_the_sample_company_is_complete_but_for_the_address_of_its_database(run: Run) -> None:
    file = str(SAMPLE / "organisation.toml")
    code, out, _ = run("check", "--json", "--organisation", file)
    assert code == 0
    assert [finding["key"] for finding in json.loads(out)["findings"]] == ["accounts.url_env"]
    code, out, _ = run("check", "--organisation", file, SMARTPACT_DATABASE_URL="sqlite:///x.db")
    assert (code, out.splitlines()[-1]) == (0, "Nothing is missing.")


def test_show_prints_every_part_and_never_a_database_url(run: Run) -> None:
    file = str(SAMPLE / "organisation.toml")
    code, out, _ = run("show", "--organisation", file, SMARTPACT_DATABASE_URL="postgresql://u:hunter2@h/d")
    assert code == 0
    assert "Kaarel O'Neill-Õunapuu" in out
    assert "within 72 hours" in out
    assert "hunter2" not in out


def test_a_name_in_other_letters_is_refused_for_the_sender(run: Run, tmp_path: Path) -> None:
    about = '[organisation]\nname = "Firm"\nzone = "UTC"\nlanguages = ["en"]\n'
    write(tmp_path, about + '[sender]\nname = "Õun"\nemail = "a@b.example"\n')
    code, _, err = run("check")
    assert code == 2
    assert "must be plain ASCII letters" in err


CONTRACT = """
[organisation]
name = "Company"
zone = "Europe/Tallinn"
languages = ["en"]

[[contract]]
id = "insurer"
with = "Insurer"
quote = "within 48 hours"
source = "Policy 1"
to = ["insurer"]
starts_with = "detection"
hours = 48
"""


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('to = ["insurer"]', 'to = ["my mother"]', "contract.1.to must name some of controller, customers, partner"),
        ("hours = 48", "hours = 48\nworking_days = 2", "contract.1.hours and working_days are both given"),
        ('starts_with = "detection"', 'starts_with = "a call"', "must be one of occurrence, detection, awareness"),
        ('with = "Insurer"\n', "", "contract.1.with is missing"),
    ],
)
def test_a_contract_that_is_wrong_names_its_key(run: Run, tmp_path: Path, right: str, wrong: str, words: str) -> None:
    assert right in CONTRACT
    write(tmp_path, CONTRACT.replace(right, wrong))
    code, _, err = run("show")
    assert code == 2
    assert words in err


def test_check_asks_what_the_organisation_is_until_the_profile_says_so(run: Run, tmp_path: Path) -> None:
    write(tmp_path, CONTRACT)
    assert "organisation.is is missing" in run("check")[1]
    write(tmp_path, CONTRACT.replace('languages = ["en"]', 'languages = ["en"]\nis = []'))
    assert "organisation.is" not in run("check")[1]
