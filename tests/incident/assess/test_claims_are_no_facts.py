"""The exemption of article 34(3)(a) is a matter of facts; what the policy told people is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from programme import Programme

PROFILE = """
[organisation]
name = "Firm"
country = "EE"
zone = "UTC"
languages = ["en"]
"""
CLAIM = """
[[claim]]
id = "encrypted"
quote = "all data are stored encrypted"
source = "Policy, section 2"
categories = ["user.health_and_medical", "user.name"]
says = "encrypted"
"""
FACTS = {
    "breach_type": "confidentiality",
    "data_categories": "user.health_and_medical,user.name",
    "incident_kind": "stolen_backup",
    "cause": "external_malicious",
    "people_affected": "900",
}


@pytest.fixture
def firm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    return Programme(tmp_path, capsys)


def assessed(firm: Programme, profile: str) -> dict[str, object]:
    (firm.folder / "organisation.toml").write_text(profile, encoding="utf-8")
    result = firm.run("assess", "--json")
    assert result.code in {0, 1}, result.err
    return dict(result.json)


def test_no_exemption_comes_of_a_claim_and_it_changes_nothing(firm: Programme) -> None:
    firm.ok("open", "a backup was copied")
    for name, value in FACTS.items():
        firm.ok("fact", name, value)
    without, claimed = assessed(firm, PROFILE), assessed(firm, PROFILE + CLAIM)
    assert claimed["exemption"] is None
    assert claimed == without


def test_the_same_exemption_holds_once_facts_show_it(firm: Programme) -> None:
    firm.ok("open", "a backup was copied")
    facts = {"encryption": "strong", "key_safe": "yes", "backup_available": "yes", "data_unintelligible": "yes"}
    for name, value in {**FACTS, **facts}.items():
        firm.ok("fact", name, value)
    held = assessed(firm, PROFILE + CLAIM)
    assert "34(3)(a)" in str(held["exemption"])
