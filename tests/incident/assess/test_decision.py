"""The decision: open where it must be asked, recorded by whom and why, never lowered by what nobody knows."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programme import Programme

from incident.assess.decision import LEVELS, Judgement, judge_risk, level_of
from incident.assess.method import load_method
from incident.assess.rules import load_rules, read_rules
from incident.assess.situation import Known
from incident.clock.conditions import Value
from incident.datafile import Section
from incident.errors import UsageError
from incident.record.vocabulary import vocabulary

SAFEGUARDS = ("access_ruled_out", "data_public_before", "data_unintelligible", "key_safe", "backup_available")


def judged(**facts: Any) -> Judgement:
    values = {name: frozenset(value) if isinstance(value, list) else value for name, value in facts.items()}
    return judge_risk(Known(values), load_rules(), load_method())


def level(values: dict[str, Value]) -> str:
    return level_of(Known(values), load_rules(), load_method())


HACKED = {
    "breach_type": ["confidentiality"],
    "incident_kind": "hacking",
    "data_categories": ["user.name", "user.health_and_medical"],
}


def test_nothing_known_is_a_high_risk_and_exit_1(programme: Programme) -> None:
    programme.ok("open", "something leaked")
    found = programme.run("assess")
    assert found.code == 1
    assert "Assume high risk" in found.out
    assert "What would lower it:" in found.out
    assert "no duty" not in found.out.lower()
    document = programme.run("assess", "--json").json
    assert (document["risk"], document["notify_authority"], document["tell_people"]) == ("high", True, True)
    assert document["open"] == ["authority", "people"]
    assert {"breach_type", "data_categories"} <= set(document["missing"])
    assert document["would_lower"]
    assert document["enisa"]["score"] is None


def test_nobody_decides_that_a_risk_is_unlikely_on_nothing(programme: Programme, tmp_path: Path) -> None:
    programme.ok("open", "something leaked")
    assert programme.run("assess", "--decide", "unlikely", "--because", "a feeling").code == 3
    assert programme.run("assess", "--json").json["decided"] is None
    programme.ok("fact", "risk", "unlikely", "--because", "a feeling")
    found = programme.run("assess")
    assert (found.code, "nothing is known that bears it out" in found.out) == (1, True)
    assert programme.run("assess", "--decide", "high", "--because", "in doubt").code == 0


def test_facts_that_say_nothing_of_risk_are_nothing(programme: Programme, tmp_path: Path) -> None:
    file = tmp_path / "facts.toml"
    file.write_text('what_happened = "a token leaked"\npolice_informed = true\n')
    assert programme.run("assess", "--facts", str(file)).code == 1


def test_a_decision_says_who_when_and_why(programme: Programme) -> None:
    programme.ok("open", "a letter to the wrong person")
    programme.ok("fact", "breach_type", "confidentiality")
    programme.ok("assess", "--decide", "unlikely", "--because", "the recipient is our own auditor", actor="counsel")
    found = programme.json("assess")
    assert found["risk"] == "unlikely"
    assert found["decided"] == {
        "by": "counsel",
        "at": "2026-11-21T01:05:00Z",
        "because": "the recipient is our own auditor",
        "since": [],
    }
    assert found["suggested"] == "high", "what the facts say stands beside the decision"
    assert found["notify_authority"] is False
    shown = programme.ok("assess").out
    assert "Decided by counsel" in shown
    assert "suggest otherwise: high" in shown
    facts = {fact["name"]: fact for fact in programme.json("facts")}
    assert facts["risk_reasons@en"]["value"] == "the recipient is our own auditor"
    assert "suggested high" in str(facts["risk"]["source"])
    programme.ok("fact", "misuse_seen", "yes")
    assert programme.json("assess")["decided"]["since"] == ["misuse_seen"]
    assert "decide again: misuse_seen" in programme.ok("assess").out


def test_the_decision_moves_the_clock_and_no_score_does(programme: Programme) -> None:
    programme.ok("open", "a lost stick")
    for name, value in (
        ("breach_type", "confidentiality"),
        ("data_unintelligible", "yes"),
        ("backup_available", "yes"),
    ):
        programme.ok("fact", name, value)
    assert programme.json("assess")["risk"] == "unlikely"
    assert _state(programme) == "running", "a score decides nothing"
    programme.ok("assess", "--decide", "unlikely", "--because", "encrypted, key in the safe, copy at hand")
    assert _state(programme) == "not_owed"
    assert not [fact for fact in programme.json("facts") if fact["name"] == "harm_unlikely"]
    programme.ok("undo")
    assert _state(programme) == "running"


def _state(programme: Programme) -> str:
    duties = programme.json("clock")["duties"]
    return next(str(duty["state"]) for duty in duties if duty["id"] == "eu-gdpr-art33-sa")


@pytest.mark.parametrize(
    "words",
    [
        ["--decide", "unlikely"],
        ["--decide", "unlikely", "--because", " "],
        ["--decide", "low", "--because", "x"],
        ["--override", "dpc=2"],
        ["--override", "dpc=5", "--because", "x"],
        ["--override", "severity=2", "--because", "x"],
        ["--override", "dpc", "--because", "x"],
        ["--override", "dpc=2", "--decide", "risk", "--because", "x"],
        ["--because", "x"],
    ],
)
def test_what_cannot_be_decided_so_is_refused_and_records_nothing(programme: Programme, words: list[str]) -> None:
    programme.ok("open", "something leaked")
    found = programme.run("assess", *words)
    assert found.code == 2
    assert "Next:" in found.err
    assert programme.json("facts") == []


def test_an_override_needs_its_reason_and_shows_both_values(programme: Programme) -> None:
    programme.ok("open", "something leaked")
    programme.ok("fact", "data_categories", "user.name,user.health_and_medical")
    programme.ok("fact", "breach_type", "confidentiality")
    found = programme.json("assess", "--override", "dpc=2", "--because", "only appointment dates")["enisa"]
    assert found["dpc"] == 2
    assert found["parts"]["dpc"]["computed"] == 4
    assert found["parts"]["dpc"]["because"] == "only appointment dates"


def test_a_file_belongs_to_no_incident(programme: Programme, tmp_path: Path) -> None:
    file = tmp_path / "facts.toml"
    file.write_text("")
    assert programme.run("assess", "--facts", str(file), "--decide", "risk", "--because", "x").code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('breach_typ = ["confidentiality"]\n', "did you mean breach_type"),
        ('breach_type = ["secrecy"]\n', "line 1"),
        ('\nrecipients = "a friend"\n', "line 2"),
        ('people_affected = "many"\n', "people_affected"),
        ('role = "owner"\n', "role"),
        ("people_affected = \n", "not valid TOML"),
        ('people_affected = { value = 3, state = "sure" }\n', "state"),
    ],
)
def test_a_wrong_line_of_the_file_is_named(programme: Programme, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "facts.toml"
    file.write_text(text)
    found = programme.run("assess", "--facts", str(file))
    assert found.code == 2
    assert said in found.err
    assert "facts.toml" in found.err


def test_a_file_that_is_not_there_is_said(programme: Programme, tmp_path: Path) -> None:
    assert programme.run("assess", "--facts", str(tmp_path / "none.toml")).code == 2


def test_states_and_the_form_of_ask_are_read(programme: Programme, tmp_path: Path) -> None:
    file = tmp_path / "facts.toml"
    file.write_text(
        'incident = "2026-001"\nafter_event = 1\n\n[facts]\nbreach_type = "confidentiality"\n'
        'incident_kind = "hacking"\n'
        'people_affected = { value = 90, state = "approximate", because = "log" }\nminors_affected = "-"\ncause = "?"\n'
        'data_categories = ["user.name"]\n"what_happened@en" = "x"\nencryption = ""\n'
    )
    found = programme.json("assess", "--facts", str(file))
    assert found["factors"][-1]["facts"] == {"people_affected": 90}
    assert "people_affected = about 90" in programme.ok("assess", "--facts", str(file)).out
    assert found["risk"] == "high"
    assert found["open"] == ["people"]


def test_the_memo_is_a_private_markdown_file_with_the_conclusion_first(programme: Programme, tmp_path: Path) -> None:
    programme.ok("open", "a [link](x) in <b>the title</b>")
    programme.ok("fact", "breach_type", "confidentiality")
    file = tmp_path / "memo.md"
    programme.ok("assess", "--out", str(file))
    text = file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "\\[link\\]" in text
    assert "\\<b\\>" in text
    assert text.index("Assume high risk") < text.index("## ")
    assert programme.run("assess", "--out", str(tmp_path / "no" / "memo.md")).code == 4


def test_encryption_counts_only_with_a_safe_key_and_a_copy() -> None:
    lost = {**HACKED, "incident_kind": "stolen_device"}
    assert judged(**lost, encryption="strong", key_safe=True, backup_available=True).level == "unlikely"
    assert judged(**lost, encryption="strong", key_safe=False, backup_available=True).level == "high"
    assert judged(**lost, encryption="weak", data_unintelligible=True, backup_available=True).level == "high"
    assert judged(**lost, encryption="pseudonymised", data_unintelligible=True).level == "high"
    assert "key_safe" in judged(**{**lost, "data_categories": ["user.name"]}, encryption="strong").missing
    used = judged(**lost, encryption="strong", key_safe=True, backup_available=True, misuse_seen=True)
    assert used.level == "high"  # whoever uses them could read them
    without_copy = {**lost, "breach_type": ["confidentiality", "availability"], "backup_available": False}
    assert judged(**without_copy, encryption="strong", key_safe=True).level == "high"


def test_children_raise_it() -> None:
    facts = {
        "breach_type": ["confidentiality"],
        "incident_kind": "misconfiguration",
        "recipients": "not_known",
        "data_categories": ["user.name"],
        "people_affected": 300,
    }
    assert judged(**facts).level == "risk"
    assert judged(**facts, minors_affected=1).level == "high"
    assert judged(**facts, people_categories=["vulnerable_people"]).level == "high"


def test_no_exemption_is_assumed() -> None:
    health = {**HACKED, "people_affected": 50}
    assert judged(**health, risk_removed=True).exemption is None
    claimed = judged(**health, people_told="no_unintelligible")
    assert claimed.exemption is None
    assert claimed.tell_people
    assert [tested.holds for tested in claimed.tested] == [False]
    public = judged(**health, contact_disproportionate=True, unreachable_people=0)
    assert public.exemption is None
    assert "can be reached" in public.tested[0].why_not[0]
    by_notice = judged(**health, contact_disproportionate=True, unreachable_people=50)
    assert by_notice.exemption == "34(3)(c)"
    assert by_notice.tell_people
    assert by_notice.public_notice


def test_what_would_change_it_is_computed() -> None:
    facts = {**HACKED, "encryption": "strong", "key_safe": True, "backup_available": True}
    changes = {(change.fact, change.answer): change.level for change in judged(**facts).would_change}
    assert changes["key_safe", "no"] == "high"
    assert not {fact for fact, _ in changes} & {"incident_kind", "cause"}, "what it was does not change by an answer"


def test_a_processor_tells_the_controllers_whatever_the_risk() -> None:
    found = judge_risk(
        Known({"breach_type": frozenset({"availability"})}, role="processor"), load_rules(), load_method()
    )
    assert found.tell_controllers
    assert not found.notify_authority
    assert not found.open


_FACTS = [fact for fact in vocabulary().values() if fact.id in load_rules().facts]
_CHOICES = {
    fact.id: st.sampled_from([True, False] if fact.type == "yes_no" else fact.options)
    for fact in _FACTS
    if fact.type in {"choice", "yes_no"} and not fact.id.startswith("enisa") and fact.id not in {"risk", "people_told"}
}
_SETS = {fact.id: st.frozensets(st.sampled_from(fact.options), min_size=1) for fact in _FACTS if fact.type == "set"}
_COUNTS = {fact.id: st.integers(0, 2000) for fact in _FACTS if fact.type == "count"}
ANSWERS = st.fixed_dictionaries({}, optional={**_CHOICES, **_SETS, **_COUNTS})


@given(ANSWERS, st.sampled_from(SAFEGUARDS))
def test_a_safeguard_that_is_not_there_never_lowers_the_level(values: dict[str, Value], safeguard: str) -> None:
    with_it = judge_risk(Known({**values, safeguard: True}), load_rules(), load_method())
    without = level({**values, safeguard: False})
    # A safeguard may raise a question of its own (is there another copy?); until it is answered that is the stricter.
    assert with_it.open or LEVELS.index(without) >= LEVELS.index(with_it.suggested)


@given(ANSWERS, st.sampled_from(("misuse_seen", "people_in_danger")))
def test_a_graver_fact_never_lowers_the_level(values: dict[str, Value], graver: str) -> None:
    assert LEVELS.index(level({**values, graver: True})) >= LEVELS.index(level({**values, graver: False}))


@given(ANSWERS)
def test_what_is_open_is_on_the_safe_side_and_asks_for_something(values: dict[str, Value]) -> None:
    found = judge_risk(Known(values), load_rules(), load_method())
    if "authority" in found.open:
        assert found.notify_authority
    if "people" in found.open:
        assert found.tell_people
    assert bool(found.open) == bool(found.missing) or found.nothing_known
    assert not set(found.missing) & {name for name, value in values.items() if value not in (None, "unknown")}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("misuse_seen and not unreadable", "misuse_sene and not unreadable"),
        ('harm_severity == "severe"', 'harm_severity == "grave"'),
        ("[quiet]\naccess_ruled_out = false", "[quiet]\naccess = false"),
        ('opens = ["authority", "people"]', 'opens = ["press"]'),
        ('side = "for"', 'sides = "for"'),
        ('birth = ["user.demographic.date_of_birth"]', 'birth = ["user.birthday"]'),
        ('name = "health"', 'name = "wealth"'),
    ],
)
def test_a_mistake_in_the_rules_is_named_with_its_line(right: str, wrong: str) -> None:
    source = resources.files("incident.assess").joinpath("decision.toml").read_text(encoding="utf-8")
    assert right in source
    text = source.replace(right, wrong, 1)
    with pytest.raises(UsageError, match=r"assess/decision\.toml, line \d+"):
        read_rules(Section(tomllib.loads(text), file="assess/decision.toml", source=text))
