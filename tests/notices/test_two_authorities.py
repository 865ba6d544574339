"""Two authorities are each given a first notice of their own under one duty, and each its own follow-ups."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from happened import append
from programme import Programme

from incident.record.events import DutyDone
from incident.record.timeline import Incident
from incident.settings import Settings
from incident.workspace import open_workspace
from notices.events import LetterSent
from notices.handing_in import handed_in
from notices.letters import Approval, Letter, letter_named
from notices.recipient import NOBODY, Recipient, is_same, letter_name

AKI = Recipient("Andmekaitse Inspektsioon", "EE")
CNIL = Recipient("CNIL", "FR")


@pytest.fixture
def french(opened: Programme) -> tuple[str, str]:
    """The option that takes a copy of the profile whose authority is France's."""
    text = (opened.folder / "organisation.toml").read_text("utf-8")
    before, _, rest = text.partition("[authority]\n")
    file = opened.folder / "cnil.toml"
    ours = '[authority]\nname = "CNIL"\ncountry = "FR"\nemail = "notify@cnil.example"\n'
    file.write_text(before + ours + rest[rest.index("\n[") + 1 :], "utf-8")
    return "--organisation", str(file)


def incident_of(programme: Programme) -> Incident:
    workspace = open_workspace(Settings({}, workspace=programme.folder))
    try:
        return workspace.incident()
    finally:
        workspace.close()


def drafted(programme: Programme, *words: str) -> tuple[str, str]:
    """The letter's name and text."""
    found = programme.json("notice", "draft", "authority", "--language", "en", *words)["letters"][0]
    return found["letter"], programme.ok("notice", "show", found["letter"], "--print", "md").out


def test_the_second_authority_gets_a_first_notice_and_not_the_first_ones_number(
    opened: Programme, french: tuple[str, str]
) -> None:
    drafted(opened)
    opened.ok("done", "eu-gdpr-art33-sa", "--reference", "AKI-1")
    opened.later(hours=1)
    name, text = drafted(opened, *french)
    assert name == "authority-en-cnil"
    assert "CNIL" in text
    assert ":   New notification, complete" in text
    assert "AKI-1" not in text
    assert "your reference AKI-1" in drafted(opened)[1]  # and the first one's next is a follow-up


def test_neither_supersedes_the_other(opened: Programme, french: tuple[str, str]) -> None:
    drafted(opened)
    opened.ok("notice", "approve", "authority-en", "--role", "legal", actor="dana")
    said = opened.ok("notice", "draft", "authority", "--language", "en", *french).out
    assert "It is to CNIL, as the profile has it; authority-en is to another." in said
    listed = {each["letter"]: each for each in opened.json("notice", "list")}
    assert {name: each["state"] for name, each in listed.items()} == {
        "authority-en": "approved",
        "authority-en-cnil": "draft",
    }
    assert (listed["authority-en-cnil"]["recipient"], listed["authority-en-cnil"]["country"]) == ("CNIL", "FR")
    lines = opened.ok("notice", "list").out
    assert "to Andmekaitse Inspektsioon" in lines
    assert "to CNIL" in lines


def test_each_is_followed_up_with_its_own_date_and_number(opened: Programme, french: tuple[str, str]) -> None:
    drafted(opened, *french)  # the first letter, so that the plain name is France's
    append(opened, LetterSent("authority-en", 1, "sha256:0", "post", 1))
    append(opened, DutyDone("eu-gdpr-art33-sa", opened.clock, "CNIL-7", None, "CNIL", "FR"))
    opened.later(days=1)
    opened.ok("done", "eu-gdpr-art33-sa", "--reference", "AKI-1")
    opened.later(days=1)
    for language in ("en", "et"):
        opened.ok("fact", f"reasons_for_delay@{language}", "The log had to be read first.")
    name, text = drafted(opened)
    assert name == "authority-en-andmekaitse-inspektsioon"
    assert "First notification\n:   20 November 2026, your reference AKI-1\n" in text
    name, text = drafted(opened, *french)
    assert name == "authority-en"
    assert "First notification\n:   19 November 2026, your reference CNIL-7\n" in text


def test_check_says_which_profile_a_letter_is_of(opened: Programme, french: tuple[str, str]) -> None:
    drafted(opened)
    drafted(opened, *french)
    checked = opened.run("notice", "check", "authority-en-cnil")
    assert "It is to CNIL (FR), and the authority in this profile is Andmekaitse Inspektsioon (EE)" in checked.out
    assert "Next: incident notice check authority-en-cnil --organisation FILE" in checked.out
    assert "It is to CNIL" not in opened.ok("notice", "check", "authority-en-cnil", *french).out


def test_a_text_for_a_portal_names_whom_its_record_is_for(opened: Programme, french: tuple[str, str]) -> None:
    folder = opened.folder / "templates" / "form"
    (folder / "en").mkdir(parents=True)
    about = 'duty = "eu-gdpr-art33-sa"\naudience = "authority"\nchannel = "portal"\n'
    (folder / "about.toml").write_text(about, "utf-8")
    (folder / "en" / "letter.md.j2").write_text("# Notice\n\n{{ facts.what_happened }}\n", "utf-8")
    (folder / "en" / "subject.txt.j2").write_text("Notice\n", "utf-8")
    opened.ok("notice", "draft", "form")
    assert [each["letter"] for each in opened.json("notice", "draft", "form", *french)["letters"]] == ["form-en-cnil"]
    assert 'incident done eu-gdpr-art33-sa --reference "…"' in opened.run("notice", "send", "form-en").err
    refused = opened.run("notice", "send", "form-en-cnil", *french)
    assert 'then incident done eu-gdpr-art33-sa --recipient FR --reference "…"' in refused.err
    opened.ok("done", "eu-gdpr-art33-sa", "--recipient", "FR", "--reference", "CNIL-7", *french)
    assert "It is still owed to Andmekaitse Inspektsioon." in opened.ok("clock").out
    found = incident_of(opened)
    for name, reference in (("form-en", None), ("form-en-cnil", "CNIL-7")):
        letter = letter_named(found, name)
        letter = replace(letter, approvals=(Approval("dana", "legal", letter.digest, letter.drafted_at),))
        record = handed_in(found, letter)
        assert (record.reference if record else None) == reference


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (AKI, CNIL, False),
        (AKI, Recipient("AKI", "EE"), True),  # Estonia has one, however it is written
        (Recipient("Berliner Beauftragte", "DE"), Recipient("LDA Bayern", "DE"), False),
        (Recipient("Berliner  beauftragte", "DE"), Recipient("Berliner Beauftragte", "DE"), True),
        (Recipient(None, "DE"), Recipient("LDA Bayern", "DE"), True),  # recorded for Germany, nobody said which Land
        (AKI, Recipient("Andmekaitse inspektsioon"), True),
        (AKI, Recipient("CNIL"), False),
        (AKI, NOBODY, True),  # as records of earlier versions are
    ],
)
def test_when_two_are_one_authority(one: Recipient, other: Recipient, same: bool) -> None:
    assert is_same(one, other) is same
    assert is_same(other, one) is same


def letter_to(recipient: Recipient, name: str) -> Letter:
    at = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    folder = f"letters/{name}/v1"
    return Letter(
        name, "authority", "en", 1, "draft", "sha256:0", folder, {}, "sha256:0", "sha256:0", "mari", at,
        recipient=recipient.name, country=recipient.country,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("recipient", "name"),
    [
        (CNIL, "authority-en-cnil"),
        (Recipient("Datatilsynet på Åland", "FI"), "authority-en-datatilsynet-pa-aland"),
        (Recipient("Комиссия", "BG"), "authority-en-bg"),  # no letter of it is ASCII
        (
            Recipient("Commission nationale de l'informatique et des libertés", "FR"),
            "authority-en-commission-nationale-de-l-informatique",
        ),
        (Recipient("The authority", "FR"), "authority-en-the-authority-2"),  # another country's has that name
        (Recipient("AKI", "EE"), "authority-en"),
        (NOBODY, "authority-en"),
    ],
)
def test_what_a_letter_to_another_authority_is_called(recipient: Recipient, name: str) -> None:
    there = {"authority-en": AKI, "authority-en-the-authority": Recipient("The authority", "LV")}
    letters = {called: letter_to(each, called) for called, each in there.items()}
    assert letter_name("authority", "en", recipient, letters) == name
    assert letter_name("authority", "et", recipient, letters) == "authority-et"
