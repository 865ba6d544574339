"""A notice of one law is not written to the authority of another."""

from __future__ import annotations

from pathlib import Path

import pytest
from pavlodar import opened as in_pavlodar
from post import Post, send
from programme import Programme
from ready_to_send import PROFILE, Ready

from incident.errors import RefusedError

GERMAN = """
[authority]
name = "Berliner Beauftragte für Datenschutz und Informationsfreiheit"
country = "DE"
email = "authority@berlin.example"
"""


def refused(programme: Programme, *words: str) -> str:
    outcome = programme.run("notice", "draft", "authority", *words)
    assert outcome.code == 3
    assert "Traceback" not in outcome.err
    return str(outcome.err)


def test_a_notice_of_the_gdpr_is_not_written_to_kazakhstans_committee(studio: Programme) -> None:
    said = refused(in_pavlodar(studio))
    assert "a notice under the General Data Protection Regulation" in said
    assert "none of that law: Комитет по информационной безопасности (KZ)." in said
    assert "No letter was written. It could be one of 16 in DE (incident law authority DE)." in said
    assert "incident notice draft authority --organisation FILE" in said
    assert studio.json("notice", "list") == []


@pytest.mark.parametrize("country", ["KZ", None])
def test_an_authority_without_a_country_is_that_of_the_seat(country: str | None, studio: Programme) -> None:
    in_pavlodar(studio)
    profile = studio.folder / "organisation.toml"
    text = profile.read_text(encoding="utf-8")
    head, table, rest = text.partition("[authority]")
    rest = rest if country else rest.replace('country = "KZ"\n', "", 1)
    profile.write_text(head + table + rest, encoding="utf-8")
    assert "(KZ)" in refused(studio)


def test_where_the_authority_is_one_of_that_law_the_letter_is_written(studio: Programme) -> None:
    in_pavlodar(studio)
    text = (studio.folder / "organisation.toml").read_text(encoding="utf-8")
    before, _, rest = text.partition("[authority]")
    german = studio.folder / "germany.toml"
    german.write_text(before + GERMAN + rest[rest.index("[sender]") :], encoding="utf-8")
    said = studio.run("notice", "draft", "authority", "--organisation", str(german)).err
    assert "none of that law" not in said  # what else it lacks is another matter


def test_what_is_handed_in_names_its_own_recipient(studio: Programme) -> None:
    in_pavlodar(studio)
    studio.ok("notice", "draft", "ru-initial")


def own_kind(folder: Path, name: str, about: str) -> None:
    """A kind of the organisation's own, in English."""
    place = folder / "templates" / name / "en"
    place.mkdir(parents=True)
    (place.parent / "about.toml").write_text(about, "utf-8")
    (place / "letter.md.j2").write_text("# Notice\n\n{{ facts.what_happened }}\n", "utf-8")
    (place / "subject.txt.j2").write_text("Notice of {{ organisation.name }}\n", "utf-8")


CONTRACT = """
[[contract]]
id = "cover"
with = "Example Insurance"
quote = "Tell us at once."
source = "Policy 7"
to = ["insurer"]
starts_with = "awareness"
"""


def with_contract(folder: Path, channel: str) -> None:
    """A profile bound by a contract, and a kind of its own for the notice under it."""
    with (folder / "organisation.toml").open("a", encoding="utf-8") as profile:
        profile.write(CONTRACT)
    about = f'duty = "contract-cover"\naudience = "authority"\nchannel = "{channel}"\n'
    own_kind(folder, "insurer", about)


def test_what_is_owed_to_an_insurer_is_not_mailed_to_the_supervisory_authority(opened: Programme) -> None:
    with_contract(opened.folder, "email")
    outcome = opened.run("notice", "draft", "insurer")
    assert outcome.code == 3
    assert "is for contract-cover, which is owed to Example Insurance (insurer)." in outcome.err
    assert 'channel = "portal" into templates/insurer/about.toml' in outcome.err
    assert opened.json("notice", "list") == []


def test_it_is_written_where_a_person_hands_it_in(opened: Programme) -> None:
    with_contract(opened.folder, "portal")
    drafted = opened.json("notice", "draft", "insurer")["letters"]
    assert [(letter["letter"], letter["channel"]) for letter in drafted] == [("insurer-en", "portal")]


def test_one_approved_by_an_earlier_version_does_not_leave(tmp_path: Path) -> None:
    ready = Ready(tmp_path / "ws", profile=PROFILE + CONTRACT)
    own_kind(ready.folder, "insurer", 'duty = "contract-cover"\naudience = "authority"\n')
    ready.letter(kind="insurer", duty="contract-cover")
    post = Post()
    with pytest.raises(RefusedError, match="insurer-en is for contract-cover, which is owed to Example Insurance"):
        send(ready, "insurer-en", post)
    assert not post.batches
