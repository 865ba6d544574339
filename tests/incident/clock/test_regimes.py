from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incident.clock.duties import deadline_of
from incident.clock.places import ClockPlace
from incident.clock.regimes import SHARED, load_laws, overdue_for_review, read_laws
from incident.clock.show import law_lines
from incident.errors import UsageError
from incident.moments import read_moment

SMALL = """\
id = "xx-small"
name = "A small law"
covers = ["EE", "uk"]
reached_by = ["people"]
checked_on = 2026-11-21
review_by = 2027-05-21

[[duty]]
id = "xx-small-people"
name = "Tell the people"
owed_by = ["controller"]
owed_to = "people"

    [[duty.version]]
    in_force_from = 2020-01-01
    in_force_until = 2025-12-31
    cite = "Small Act, s. 1"
    confidence = "secondary"
    starts_with = "detection"
    period = { calendar_days = 45 }
    readings = ["days"]
    threshold = 'residents >= 500'

    [[duty.version]]
    in_force_from = 2026-01-01
    cite = "Small Act, s. 1 as amended"
    confidence = "knowledge"
    checked_on = 2026-01-02
    starts_with = "detection"
    period = { calendar_days = 30 }
    readings = ["days"]
    threshold = 'residents > 0'
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in SHARED:
        shutil.copy(str(resources.files("incident.law").joinpath(name)), tmp_path / name)
    return tmp_path


def read(folder: Path, text: str, name: str = "xx-small.toml") -> object:
    (folder / name).write_text(text, encoding="utf-8")
    return read_laws(folder)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(folder, text)
    return caught.value.what


def test_a_law_is_read_with_its_versions(folder: Path) -> None:
    (folder / "xx-small.toml").write_text(SMALL, encoding="utf-8")
    law, rule = read_laws(folder).rule("xx-small-people")
    old, new = rule.versions
    assert law.covers == {"EE", "GB"}
    assert (str(old.period), str(new.period)) == ("45 calendar days", "30 calendar days")
    assert old.checked_on == date(2026, 11, 21)
    assert new.checked_on == date(2026, 1, 2)
    assert [old.is_in_force_on(date(2025, 12, 31)), new.is_in_force_on(date(2025, 12, 31))] == [True, False]
    assert [old.is_in_force_on(date(2026, 1, 1)), new.is_in_force_on(date(2026, 1, 1))] == [False, True]
    assert not old.is_in_force_on(date(2019, 12, 31))


def test_a_version_may_say_that_it_amended_a_text_that_is_not_on_file(folder: Path) -> None:
    older = SMALL.replace("in_force_from = 2020-01-01", "in_force_from = 2020-01-01\n    amends = true")
    (folder / "xx-small.toml").write_text(older, encoding="utf-8")
    law, rule = read_laws(folder).rule("xx-small-people")
    assert [version.amends for version in rule.versions] == [True, False]
    assert rule.versions[0].is_older_text_missing_on(date(2019, 12, 31))
    assert not rule.versions[0].is_older_text_missing_on(date(2020, 1, 1))
    assert not rule.versions[1].is_older_text_missing_on(date(2019, 12, 31))
    assert any("not on file, and asked for a notice too" in line for line in law_lines(law))


def test_announced_law_without_a_date_is_read_and_never_in_force(folder: Path) -> None:
    pending = SMALL.replace("in_force_from = 2026-01-01", "pending = true")
    (folder / "xx-small.toml").write_text(pending, encoding="utf-8")
    _, rule = read_laws(folder).rule("xx-small-people")
    assert not rule.versions[1].is_in_force_on(date(2099, 1, 1))


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("confidence", "confidense", "law/xx-small.toml, line 14: duty.1.version.1.confidence is missing"),
        ('"secondary"', '"sure"', "line 18: duty.1.version.1.confidence must be one of verified, secondary, knowledge"),
        ("in_force_from = 2026-01-01", "", "duty.1.version.2.in_force_from is missing"),
        ("in_force_from = 2026", "amends = true\n    in_force_from = 2026", "says amends; only the earliest one"),
        (
            "in_force_from = 2026-01-01",
            "amends = true\n    pending = true",
            "says amends; only the earliest one",
        ),
        ("{ calendar_days = 45 }", "{ fortnights = 3 }", "period must be one number of one unit"),
        ("{ calendar_days = 45 }", "{ calendar_days = 0 }", "must be 1 or more"),
        ("{ calendar_days = 45 }", "{ hours = 72, days = 3 }", "period must be one number of one unit"),
        ('readings = ["days"]', 'readings = ["elapsed"]', 'names "elapsed", by which law/counting.toml counts no cal'),
        ('    readings = ["days"]\n', "", "readings is missing: a period is counted in some way"),
        ("period = { calendar_days = 45 }\n", "", "readings needs a period"),
        ("residents >= 500", "residets >= 500", 'threshold asks "residets", which is no fact; did you mean residents?'),
        ('starts_with = "detection"', 'starts_with = "a feeling"', 'starts_with is "a feeling"; it must be occurrence'),
        ('["EE", "uk"]', '["EE", "Atlantis"]', 'covers names "Atlantis", which is no place'),
        ('reached_by = ["people"]', 'reached_by = ["mail"]', "reached_by must name some of seat, people"),
        ('owed_by = ["controller"]', 'owed_by = ["boss"]', "owed_by must name some of controller"),
        ('owed_to = "people"', 'owed_to = "mother"', "owed_to must be one of"),
        ('id = "xx-small"', 'id = "yy-other"', 'id is "yy-other"; it must be the name of the file'),
        ("review_by = 2027-05-21", 'review_by = 2027-05-21\nplace = "AQ"', 'place is "AQ", whose zone law/groups.toml'),
        ("cite =", "when = 5\n    cite =", "when must be text"),
        ('starts_with = "detection"', "starts_with = []", "starts_with must name at least one event"),
        ('starts_with = "detection"', 'starts_with = ["detection", "whim"]', 'starts_with is "whim"; it must be'),
        ("cite =", "none = true\n    cite =", "none says that there is no duty, so it has no period"),
        ("cite =", 'targets = ["soon"]\n    cite =', 'targets names "soon", by which law/counting.toml counts no'),
        ("cite =", 'at_latest = { starts_with = "awareness" }\n    cite =', "at_latest.period is missing"),
        ("residents >= 500", 'is_a("wizard")', 'asks is_a("wizard"), which law/kinds.toml does not have'),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_key(folder: Path, right: str, wrong: str, words: str) -> None:
    assert right in SMALL
    found = complaint(folder, SMALL.replace(right, wrong, 1))
    assert found.startswith("law/xx-small.toml, line ")
    assert words in found


def test_a_misspelt_key_is_named_with_the_nearest_one(folder: Path) -> None:
    found = complaint(folder, SMALL.replace("threshold", "treshold", 1))
    assert "line 22: duty.1.version.1.treshold is not a key of this table; did you mean threshold?" in found


def test_a_wrong_assumption_is_named(folder: Path) -> None:
    assert "is no fact" in complaint(folder, SMALL + '    assume = { rsk = "high" }\n')
    assert "which is none of unlikely, risk, high" in complaint(folder, SMALL + '    assume = { risk = "huge" }\n')


def test_a_content_item_of_an_unknown_fact_is_named(folder: Path) -> None:
    item = '\n        [[duty.version.item]]\n        id = "a"\n        words = "b"\n        cite = "c"\n'
    found = complaint(folder, SMALL + item + '        facts = ["what_hapened"]\n')
    assert 'facts names "what_hapened", which is not in the vocabulary of facts' in found


def test_an_exemption_needs_its_condition(folder: Path) -> None:
    exemption = '\n        [[duty.version.exemption]]\n        words = "b"\n        cite = "c"\n'
    assert "when is missing" in complaint(folder, SMALL + exemption)


def test_a_law_without_duties_and_a_duty_without_versions_are_refused(folder: Path) -> None:
    assert "a law has at least one [[duty]]" in complaint(folder, SMALL[: SMALL.index("[[duty]]")])
    assert "a duty has at least one [[duty.version]]" in complaint(folder, SMALL[: SMALL.index("    [[duty.version]]")])


def test_a_stage_must_follow_a_duty_that_exists(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(folder, SMALL.replace("starts_with", 'starts_after = "nothing"\n    starts_with', 1))
    assert 'law/xx-small.toml: xx-small-people starts after "nothing", which is no duty.' in caught.value.what


def test_a_duty_id_is_given_once(folder: Path) -> None:
    (folder / "xx-small.toml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read(folder, SMALL.replace('"xx-small"', '"xx-twin"'), "xx-twin.toml")
    assert "law/xx-twin.toml: the duty xx-small-people is also in law/xx-small.toml." in caught.value.what


def test_a_group_holds_country_codes(folder: Path) -> None:
    shared = folder / "groups.toml"
    shared.write_text(shared.read_text(encoding="utf-8").replace('"AT"', '"Austria"', 1), encoding="utf-8")
    assert "law/groups.toml, line " in (found := complaint(folder, SMALL))
    assert "group.eu must hold two-letter country codes" in found


@pytest.mark.parametrize(
    ("name", "right", "wrong", "words"),
    [
        ("elements", "user.biometric", "user.aura", 'names "user.aura", which record/categories.toml does not have'),
        ("kinds", 'id = "ch-finma"', 'id = "eu-nis2"', 'id declares "eu-nis2" a second time'),
        ("index", 'eu-gdpr = "', "eu-gdpr = 5 #", "law.eu-gdpr must be text"),
    ],
)
def test_a_wrong_shared_file_is_named(folder: Path, name: str, right: str, wrong: str, words: str) -> None:
    shared = folder / f"{name}.toml"
    text = shared.read_text(encoding="utf-8")
    assert right in text
    shared.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    found = complaint(folder, SMALL)
    assert found.startswith(f"law/{name}.toml, line ")
    assert words in found


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('units = ["hours"]', 'units = ["ours"]', 'units names "ours"; the units are hours'),
        ('name = "two-working-days"', 'name = "elapsed"', 'says how to count hours by "elapsed" a second time'),
        ('name = "elapsed"', 'name = "elapsed"\ncloses = "25:00"', "closes must be a time of day such as 17:30"),
    ],
)
def test_a_wrong_way_of_counting_is_named(folder: Path, right: str, wrong: str, words: str) -> None:
    shared = folder / "counting.toml"
    text = shared.read_text(encoding="utf-8")
    assert right in text
    shared.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    assert words in complaint(folder, SMALL)


# The data we ship


def test_every_shipped_duty_states_its_source_its_confidence_and_when_it_was_checked() -> None:
    versions = [version for law in load_laws().laws for rule in law.duties for version in rule.versions]
    assert versions
    for version in versions:
        assert version.source.cite
        assert version.confidence in {"verified", "secondary", "knowledge"}
        assert version.checked_on < version.review_by


def test_the_duties_of_the_gdpr_are_there_by_their_ids() -> None:
    law = load_laws().law("eu-gdpr")
    assert {rule.id for rule in law.duties} == {"eu-gdpr-art33-sa", "eu-gdpr-art34-people", "eu-gdpr-art33-processor"}
    assert len(law.covers) == 30


def test_every_letter_item_of_articles_33_and_34_is_listed() -> None:
    laws = load_laws()
    to_authority = laws.rule("eu-gdpr-art33-sa")[1].versions[0].items
    assert [item.id for item in to_authority] == [
        "nature",
        "people_categories_and_number",
        "records_categories_and_number",
        "contact",
        "consequences",
        "measures",
        "reasons_for_delay",
    ]
    to_people = laws.rule("eu-gdpr-art34-people")[1].versions[0].items
    assert [item.id for item in to_people] == ["nature", "contact", "consequences", "measures"]


def test_every_shipped_country_clock_is_a_zone_and_every_eea_country_has_one() -> None:
    places = load_laws().places
    assert places.groups["eea"] <= set(places.zones)


def test_a_duty_is_past_its_review_date_the_day_after_it() -> None:
    laws = load_laws()
    due = min(version.review_by for law in laws.laws for rule in law.duties for version in rule.versions)
    assert overdue_for_review(laws, due) == []
    gdpr = replace(laws, laws=(laws.law("eu-gdpr"),))
    last = laws.law("eu-gdpr").review_by
    assert len(overdue_for_review(gdpr, last)) == 1  # what is announced is looked at sooner
    assert len(overdue_for_review(gdpr, date(last.year, last.month, last.day + 1))) == 4


def test_a_law_or_duty_that_is_not_on_file_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match='There is no law called "eu-gdrp"') as caught:
        load_laws().law("eu-gdrp")
    assert caught.value.next_step is not None
    assert caught.value.next_step.startswith("did you mean eu-gdpr")
    with pytest.raises(UsageError) as caught:
        load_laws().rule("zzz")
    assert caught.value.next_step == "incident law list shows every id"


# The page that explains it

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-law.md"
EXAMPLE, CASES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("case", tomllib.loads(CASES)["case"], ids=lambda case: str(case["name"]))
def test_the_worked_example_of_the_page_is_read_and_counts_as_it_says(folder: Path, case: dict[str, Any]) -> None:
    (folder / "qz-data-act.toml").write_text(EXAMPLE, encoding="utf-8")
    start = read_moment(case["from"], now=datetime(2026, 11, 21, tzinfo=UTC), zone=ZoneInfo("UTC"))
    duty = deadline_of(
        "qz-data-act-people",
        start.at,
        read_laws(folder),
        facts=case["facts"],
        place=ClockPlace(ZoneInfo(start.zone)),
        organisation=None,
        now=start.at,
    )
    assert duty.state == case.get("state", "running")
    assert duty.due_at == case.get("due")
