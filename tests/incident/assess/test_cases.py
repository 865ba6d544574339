"""Published examples and decisions, answered as facts through the command, give the published verdict each."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

CASES = Path(__file__).parent / "cases"


def cases() -> list[Any]:
    found = []
    for file in sorted(CASES.glob("*.toml")):
        read = tomllib.loads(file.read_text(encoding="utf-8"))
        found += [
            pytest.param(
                {"source": read.get("source"), "confidence": read.get("confidence"), **case},
                id=f"{file.stem}: {case['id']}",
            )
            for case in read["case"]
        ]
    return found


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {as_toml(part)}" for key, part in value.items()) + " }"
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value)


def assess(programme: Programme, folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    file = folder / "facts.toml"
    file.write_text("".join(f"{name} = {as_toml(value)}\n" for name, value in facts.items()), encoding="utf-8")
    found: dict[str, Any] = programme.json("assess", "--facts", str(file))
    return found


@pytest.mark.parametrize("case", cases())
def test_the_verdict_is_the_published_one(case: dict[str, Any], programme: Programme, tmp_path: Path) -> None:
    found = assess(programme, tmp_path, case["facts"])
    for decision, key, whom in (("notify", "notify_authority", "authority"), ("tell", "tell_people", "people")):
        if case[decision] == "ask":
            assert whom in found["open"], found["conclusion"]
            assert found[key] is True, "what is open is on the safe side"
            assert found["missing"]
        else:
            assert whom not in found["open"], found["questions"]
            assert found[key] is (case[decision] == "yes"), found["reasons"]
    assert set(case.get("ask", ())) <= set(found["missing"])
    for key in ("risk", "exemption", "tell_controllers"):
        assert key not in case or found[key] == case[key]


@pytest.mark.parametrize("case", cases())
def test_every_case_has_its_source_and_how_sure_we_are(case: dict[str, Any]) -> None:
    assert case["source"]
    assert case["confidence"] in {"verified", "secondary", "knowledge"}
    assert set(case) <= {
        *("id", "what", "source", "confidence", "facts", "notify", "tell", "risk", "ask", "exemption"),
        "tell_controllers",
    }


def test_there_are_the_ten_examples_and_twenty_more() -> None:
    of_the_annex = [case.values[0]["id"] for case in cases() if "annex_b" in str(case.id)]
    numbers = {name.split(",")[0] for name in of_the_annex}
    assert numbers == {"i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"}
    assert len(cases()) - len(of_the_annex) >= 20
