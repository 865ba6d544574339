"""The sample companies' files: they load, they say that they are invented, and no address in them is anyone's."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from programme import Programme

from incident.errors import RefusedError, UsageError
from incident.organisation.profile import Organisation, read_organisation
from incident.record.vocabulary import fact_named, read_value
from incident.scope.mapfile import read_datamap
from playbooks.samples.samples import Sample, copy_files, sample_named, samples
from playbooks.samples.story import read_story

RESERVED = re.compile(r"@(?:[a-z.-]+\.)?(?:example|example\.(?:com|org|net))$", re.IGNORECASE)


@pytest.fixture(params=samples(), ids=lambda sample: sample.id)
def sample(request: pytest.FixtureRequest) -> Sample:
    found: Sample = request.param
    return found


@pytest.fixture
def profile(sample: Sample, tmp_path: Path) -> Organisation:
    return read_organisation(copy_files(sample, tmp_path))


def test_profile_and_map_are_copied_private_and_never_over_another(sample: Sample, tmp_path: Path) -> None:
    profile = copy_files(sample, tmp_path)
    assert profile.stat().st_mode & 0o777 == 0o600
    maps = [read_datamap(store.map) for store in read_organisation(profile).accounts if store.map]
    assert maps
    assert any(one.trails for one in maps)
    with pytest.raises(RefusedError, match="exists already") as refusal:
        copy_files(sample, tmp_path)
    assert "left as it is" in str(refusal.value.state)


def test_the_profile_says_that_breach_accounts_and_people_are_invented(profile: Organisation) -> None:
    for word in ("breach", "accounts", "people", "invented", "modelled on"):
        assert word in str(profile.invented)


def test_no_address_but_the_authoritys_can_belong_to_anyone(sample: Sample, profile: Organisation) -> None:
    for file in (entry for entry in sample.files.iterdir() if entry.is_file()):
        found = re.findall(r"[\w.'+-]+@[\w-]+(?:\.[\w-]+)+", file.read_text(encoding="utf-8"))
        addresses = {word for word in found if profile.authority is None or word != profile.authority.email}
        assert [word for word in addresses if not RESERVED.search(word)] == []


def test_every_fact_of_the_story_is_one_the_ledger_takes(sample: Sample, profile: Organisation) -> None:
    facts = read_story(sample.files).facts
    assert facts
    for name, text in facts.items():
        fact = fact_named(name, languages=profile.languages)
        told = re.sub(r"\{\w+\}", "12" if fact.fact.type == "count" else "2026-11-19T10:00Z", text)
        read_value(fact.fact, told, now=datetime(2026, 11, 20, tzinfo=UTC), zone=ZoneInfo("UTC"))
        if fact.fact.has_languages:
            assert {f"{fact.fact.id}@{language}" for language in profile.languages} <= set(facts)


def test_the_story_names_only_data_that_the_company_holds(sample: Sample, profile: Organisation) -> None:
    reached = {word.strip() for word in read_story(sample.files).facts["data_categories"].split(",")}
    assert reached <= set(profile.holds)


def test_the_studio_is_the_studio() -> None:
    profile = read_organisation(Path(str(sample_named("smartpact").files / "organisation.toml")))
    assert (profile.name, profile.country, profile.minimum_age) == ("SmartPact OÜ", "EE", 18)
    assert profile.authority is not None
    assert (profile.authority.name, profile.authority.email) == ("Andmekaitse Inspektsioon", "info@aki.ee")
    assert profile.dpo is not None
    assert profile.dpo.name == "Kaarel O'Neill-Õunapuu"
    promise = profile.promises[0]
    assert (promise.hours, promise.starts_with, promise.to) == (72, "detection", ("people", "supervisory_authority"))
    assert {(entry.what, entry.days) for entry in profile.retention} >= {("renders", 30), ("access logs", 90)}
    assert profile.never_holds == ("user.financial.credit_card",)
    assert [entry.safeguard for entry in profile.processors if entry.country == "US"] == [
        "standard contractual clauses"
    ]


def test_an_unknown_sample_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match='no sample company "acme"') as error:
        sample_named("acme")
    assert "smartpact" in str(error.value.next_step)


def test_make_names_the_question_it_wrote_as_a_command_that_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programme = Programme(tmp_path / "elsewhere", capsys)
    folder = tmp_path / "my studio"
    lines = programme.ok("sample", "make", "smartpact", "--people", "1000", "--out", str(folder)).out.splitlines()
    words = shlex.split(lines[-1].partition(", which")[0].removeprefix("then: incident"))
    assert words == ["--workspace", str(folder), "scope", "run", "--question", str(folder / "question.toml")]
    programme.environ["SMARTPACT_DATABASE_URL"] = f"sqlite:///{folder / 'accounts.sqlite'}"
    programme.ok("--workspace", str(folder), "open", "x")
    touched = len(json.loads((folder / "truth.json").read_text(encoding="utf-8"))["affected"])
    assert programme.json(*words)["accounts"] == touched
