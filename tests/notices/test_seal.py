from __future__ import annotations

import dataclasses
import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from programme import Programme

from incident.organisation.profile import Contact, Organisation
from incident.record.canonical import canonical, digest_of
from notices.seal import FILES, MANIFEST, profile_digest


@pytest.fixture
def drafted(opened: Programme) -> Programme:
    opened.ok("notice", "draft", "people", "--language", "en")
    return opened


def folder_of(programme: Programme) -> Path:
    return programme.folder / "incidents" / "2026-001" / "letters" / "people-en" / "v1"


def because(programme: Programme) -> list[str]:
    result = programme.run("notice", "check", "people-en", "--json")
    found: list[str] = result.json["because"]
    assert result.json["stale"] is bool(found)
    assert result.code == (1 if found else 0)
    return found


def test_an_untouched_letter_is_intact(drafted: Programme) -> None:
    assert because(drafted) == []


def test_the_digest_is_the_manifests_and_the_manifest_names_every_file(drafted: Programme) -> None:
    [letter] = drafted.json("notice", "list")
    data = (folder_of(drafted) / MANIFEST).read_bytes()
    manifest = json.loads(data)
    assert data == canonical(manifest)
    assert letter["digest"] == digest_of(data)
    assert set(manifest["files"]) == set(FILES)
    assert manifest["fields"] == {"name": {"from": "name", "when_missing": "customer"}}
    assert manifest["audience"] == ["en", "et"]
    assert manifest["facts"] == letter["facts"]


def test_a_letters_files_are_private_and_nothing_unfinished_is_left(drafted: Programme) -> None:
    folder = folder_of(drafted)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert sorted(file.name for file in folder.iterdir()) == sorted([*FILES, MANIFEST])
    assert [entry.name for entry in folder.parents[1].iterdir()] == ["people-en"]


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_seen(name: str, drafted: Programme) -> None:
    file = folder_of(drafted) / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert because(drafted) == [f"{name} was changed after the letter was sealed."]


def test_a_missing_file_is_seen(drafted: Programme) -> None:
    (folder_of(drafted) / "letter.pdf").unlink()
    assert because(drafted) == ["letter.pdf is missing."]


def test_a_manifest_rewritten_to_fit_is_seen(drafted: Programme) -> None:
    folder = folder_of(drafted)
    (folder / "letter.txt").write_text("another letter", encoding="utf-8")
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"]["letter.txt"] = digest_of(b"another letter")
    (folder / MANIFEST).write_bytes(canonical(manifest))
    assert because(drafted) == ["seal.json is not the one that was sealed."]
    (folder / MANIFEST).write_text("[]", encoding="utf-8")
    assert because(drafted) == ["seal.json is missing or cannot be read."]


def test_a_fact_that_went_on_is_named_with_both_versions(drafted: Programme) -> None:
    drafted.ok("fact", "likely_consequences@en", "Much worse.")
    assert because(drafted) == ["The fact likely_consequences@en changed: version 1 in the letter, version 2 now."]


def test_a_fact_the_letter_does_not_use_leaves_it_intact(drafted: Programme) -> None:
    drafted.ok("fact", "root_cause@en", "Another cause.")
    drafted.ok("fact", "people_affected", "9")
    assert because(drafted) == []


def test_a_new_awareness_decision_makes_the_letter_stale(drafted: Programme) -> None:
    drafted.ok("aware", "2026-11-18T07:00Z", "--because", "an earlier log line was found")
    assert because(drafted) == ["The awareness decision changed after the letter was drafted."]


def test_a_changed_profile_makes_the_letter_stale(drafted: Programme) -> None:
    profile = drafted.folder / "organisation.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace("372 000 0000", "372 000 0001"), encoding="utf-8")
    assert because(drafted) == ["The organisation profile changed after the letter was drafted."]


def grown(value: Any) -> Any:
    """The same table of the profile in a later version of the program, which knows four more keys."""
    new = [("a_text", str | None, None), ("a_list", tuple, ()), ("a_flag", bool, False), ("a_number", int, 0)]
    later = dataclasses.make_dataclass(f"Later{type(value).__name__}", new, bases=(type(value),), frozen=True)
    return later(**{entry.name: getattr(value, entry.name) for entry in dataclasses.fields(value)})


def test_a_key_that_a_later_version_knows_voids_no_approval_where_the_profile_does_not_use_it(
    organisation: Organisation,
) -> None:
    assert organisation.contact is not None
    assert organisation.promises
    now = profile_digest(organisation)
    inside = replace(
        organisation, contact=grown(organisation.contact), promises=tuple(map(grown, organisation.promises))
    )
    assert profile_digest(grown(organisation)) == now
    assert profile_digest(inside) == now
    for name, value in (("a_text", "x"), ("a_text", ""), ("a_list", ("x",)), ("a_flag", True), ("a_number", 1)):
        assert profile_digest(replace(grown(organisation), **{name: value})) != now
        used = replace(inside.contact, **{name: value})
        assert profile_digest(replace(inside, contact=used)) != now


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("kinds", [None, (), ("us-bank",)]),  # not said what else it is; nothing else; a bank
        ("one_person", [False, True]),
        ("minimum_age", [None, 0, 13]),
        ("role", ["controller", "processor"]),
        ("address", [None, "", "Example street 1"]),
        ("languages", [("en", "et"), ("et", "en"), ("en",)]),
        ("people_live_in", [(), ("EE",)]),
        ("dpo", [None, Contact("A"), Contact("A", email="a@studio.example")]),
        ("contact", [Contact("A", role="x"), Contact("A", email="x"), Contact("A", phone="x")]),
    ],
)
def test_whatever_the_profile_says_of_itself_has_a_digest_of_its_own(
    organisation: Organisation, name: str, values: list[Any]
) -> None:
    digests = [profile_digest(replace(organisation, **{name: value})) for value in values]
    assert len(set(digests)) == len(values)


@pytest.mark.parametrize("name", ["templates/people/en/letter.md.j2", "templates/people/items.toml", "phrases/en.toml"])
def test_a_template_of_ones_own_makes_letters_from_the_shipped_one_stale(name: str, drafted: Programme) -> None:
    own = drafted.folder / name
    own.parent.mkdir(parents=True, exist_ok=True)
    shipped = Path(__file__).parents[2] / "notices" / name
    own.write_bytes(shipped.read_bytes())
    assert because(drafted) == []
    comment = "{# ours #}" if name.endswith(".j2") else "\n# ours\n"
    own.write_bytes(shipped.read_bytes() + comment.encode())
    assert because(drafted) == ["The template or its phrases changed after the letter was drafted."]


def test_a_crash_before_the_files_got_their_name_leaves_a_letter_nobody_can_approve(drafted: Programme) -> None:
    folder = folder_of(drafted)
    folder.rename(folder.with_name(".0123456789abcdef"))
    assert because(drafted) == ["seal.json is missing or cannot be read."]
    refused = drafted.run("notice", "approve", "people-en", "--role", "legal", actor="dana")
    assert refused.code == 3
    assert "seal.json is missing" in refused.err
    drafted.ok("notice", "draft", "people", "--language", "en")
    assert because(drafted) == []


def test_two_who_draft_at_once_get_two_versions_and_both_are_whole(opened: Programme) -> None:
    words = "import sys; from incident.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", words, "notice", "draft", "people", "--workspace", str(opened.folder)]
    # The machine's clock is long past the fixture's, which matters to no letter to people.
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    letters = opened.folder / "incidents" / "2026-001" / "letters"
    for letter in opened.json("notice", "list", "--all"):
        manifest = (letters / letter["letter"] / f"v{letter['version']}" / MANIFEST).read_bytes()
        assert digest_of(manifest) == letter["digest"]
    assert sorted(entry.name for entry in letters.iterdir()) == ["people-en", "people-et"]
    assert because(opened) == []
