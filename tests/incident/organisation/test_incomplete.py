"""A profile that says what it lacks, names no controller, or quotes its policy's claims: as a person meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from programme import Programme

from incident.organisation.profile import read_organisation

NAMELESS = """
[organisation]
service = "Smart AI Movies"
zone = "UTC"
languages = ["en"]
incomplete = "The text ends after the legal grounds."
missing = ["name", "contact.email", "retention", "the rights of the people"]
"""
CLAIM = """
[[claim]]
id = "tokens"
quote = "tokens are deleted on disconnect"
source = "Policy, section 5"
categories = ["user.authorization.third_party_token"]
says = "deleted"
since = "disconnecting the account"
days = 30
"""


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Programme:
    return Programme(tmp_path, capsys)


def write(site: Programme, text: str) -> Programme:
    (site.folder / "organisation.toml").write_text(text, encoding="utf-8")
    return site


def test_check_and_show_say_first_what_the_profile_lacks(site: Programme) -> None:
    checked = write(site, NAMELESS).run("organisation", "check")
    first = "This profile is incomplete: The text ends after the legal grounds."
    second = "It lacks: name, contact.email, retention, the rights of the people."
    assert checked.code == 1
    assert checked.out.splitlines()[:2] == [first, second]
    assert checked.out.splitlines()[2].startswith("Smart AI Movies: ")
    assert site.ok("organisation", "show").out.splitlines()[:2] == [first, second]
    document = site.run("organisation", "check", "--json").json
    assert document["incomplete"] == "The text ends after the legal grounds."
    assert document["missing"][1] == "contact.email"
    assert "organisation.name" in {each["key"] for each in document["findings"] if not each["warning"]}


def test_what_is_there_after_all_is_a_note(site: Programme) -> None:
    write(site, NAMELESS + '[[retention]]\nwhat = "logs"\ndays = 9\nsince = "creation"\n')
    notes = [each for each in site.run("organisation", "check", "--json").json["findings"] if each["warning"]]
    assert 'names "retention", which is there' in {each["what"] for each in notes}
    assert not any("contact.email" in each["what"] for each in notes)


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('"retention"', '"retenton"', "did you mean retention?"),
        ('"retention"', '"lawfulness"', "is not a key of the profile"),
        ('service = "Smart AI Movies"\n', "", "organisation.name is missing; where nobody knows the controller's name"),
        ('incomplete = "The text ends after the legal grounds."\n', "", "missing needs incomplete beside it"),
    ],
)
def test_what_is_wrong_in_it_names_its_key(site: Programme, right: str, wrong: str, words: str) -> None:
    assert right in NAMELESS
    result = write(site, NAMELESS.replace(right, wrong)).run("organisation", "show")
    assert result.code == 2
    assert words in result.err


def test_a_website_stands_in_for_a_name_as_well(tmp_path: Path) -> None:
    file = tmp_path / "organisation.toml"
    file.write_text('[organisation]\nwebsite = "https://site.example"\nzone = "UTC"\nlanguages = ["en"]\n')
    organisation = read_organisation(file)
    assert (organisation.name, organisation.called) == (None, "https://site.example")


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("clock",),
        ("facts", "--missing"),
        ("ask", "--out", "{folder}/ask.toml"),
        ("timeline",),
        ("notice", "list"),
        ("law", "list"),
        ("remind",),
        ("assess", "--decide", "high", "--because", "in doubt", "--out", "{folder}/memo.md"),
    ],
)
def test_screens_work_without_a_controllers_name(site: Programme, command: tuple[str, ...]) -> None:
    write(site, NAMELESS).ok("open", "a token was published")
    result = site.run(*(word.format(folder=site.folder) for word in command))
    assert result.code in {0, 1}, result.err
    assert "None" not in result.out


def test_a_claim_is_read_with_all_it_says(site: Programme) -> None:
    shown = write(site, NAMELESS + CLAIM).ok("organisation", "show", "--json").json
    assert shown["claims"][0]["quote"] == "tokens are deleted on disconnect"
    assert (shown["claims"][0]["days"], shown["claims"][0]["held_by"]) == (30, None)
    assert "disconnecting the account" in site.ok("organisation", "show").out


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ('says = "deleted"', 'says = "safe"', "claim.1.says must be one of encrypted, hashed, anonymous"),
        ('since = "disconnecting the account"\n', "", "claim.1.since is missing"),
        ('says = "deleted"', 'says = "encrypted"', 'since goes with says = "deleted" only'),
        ("user.authorization.third_party_token", "user.aura", 'names "user.aura", which is not a data category'),
        ('["user.authorization.third_party_token"]', "[]", "must name the kinds of data"),
        ("days = 30\n", f"days = 30\n{CLAIM}", 'is "tokens", which another claim has already'),
        ("days = 30\n", 'until = "never"\n', "until is not a key of this table"),
    ],
)
def test_a_claim_that_is_wrong_names_its_key(site: Programme, right: str, wrong: str, words: str) -> None:
    assert right in CLAIM
    result = write(site, NAMELESS + CLAIM.replace(right, wrong)).run("organisation", "show")
    assert result.code == 2
    assert words in result.err


def test_check_notes_a_claim_that_the_profile_gainsays_and_passes_all_the_same(site: Programme) -> None:
    sample = Path(__file__).parents[3] / "playbooks" / "samples" / "smartpact" / "organisation.toml"
    text = sample.read_text(encoding="utf-8").partition("[[accounts]]")
    sender = "[sender]" + sample.read_text(encoding="utf-8").partition("[sender]")[2]
    claim = CLAIM.replace("third_party_token", "password").replace('"deleted"', '"encrypted"')
    claim = claim.replace('since = "disconnecting the account"\ndays = 30\n', "").replace('id = "tokens"', 'id = "pw"')
    result = write(site, text[0] + claim + sender).run("organisation", "check", "--json")
    assert result.code == 0, result.out
    noted = [each for each in result.json["findings"] if each["key"] == "claim" and "pw" in each["what"]]
    assert len(noted) == 1
    assert noted[0]["warning"]
    assert "which is not encryption" in noted[0]["why"]


def test_a_data_map_that_finds_what_is_never_held_is_noted(site: Programme) -> None:
    (site.folder / "map.toml").write_text(
        '[accounts]\ntable = "users"\nkey = "id"\nemail = "email"\n'
        '[holds]\nemail = ["user.contact.email"]\nphone = ["user.contact.phone_number"]\n'
    )
    store = '[[accounts]]\nname = "main"\nurl_env = "URL"\nmap = "map.toml"\n'
    never = '[holds]\nnever = ["user.contact.phone_number"]\n'
    findings = write(site, NAMELESS + never + store).run("organisation", "check", "--json").json["findings"]
    noted = [each for each in findings if each["key"] == "holds.never"]
    assert [each["what"] for each in noted] == ["names user.contact.phone_number"]


def test_init_writes_a_profile_that_is_not_incomplete(site: Programme) -> None:
    site.ok("organisation", "init", "--name", "Firm")
    assert json.loads(site.run("organisation", "show", "--json").out)["incomplete"] is None
