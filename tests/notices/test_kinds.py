"""Kinds of letters are folders: which there are, which language one is written in, and an organisation's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from happened import append
from pavlodar import COUNTRIES, rows, seal
from pavlodar import opened as a_breach
from post import Post, send
from programme import Programme
from ready_to_send import NOW, PROFILE, Ready, people

from incident.clock.duties import duties_of
from incident.clock.regimes import load_laws
from incident.errors import RefusedError, UsageError
from incident.record.events import DutyDone, FactStated
from notices.events import LetterSent
from notices.template_library import Library

TEMPLATES = Path(__file__).parents[2] / "notices" / "templates"
DOCS = Path(__file__).parents[2] / "docs" / "letters.md"
SHIPPED = ["authority", "ch-authority", "kz-authority", "people", "ru-initial", "ru-investigation", "uk-authority"]
OWN = 'duty = "{duty}"\naddressed_to = "authority"\n'


def own_kind(folder: Path, name: str, about: str, body: str = "# Notice\n\n{{ facts.what_happened }}\n") -> None:
    """A kind of the organisation's own, in English."""
    place = folder / "templates" / name / "en"
    place.mkdir(parents=True)
    (place.parent / "about.toml").write_text(about, "utf-8")
    (place / "letter.md.j2").write_text(body, "utf-8")
    (place / "subject.txt.j2").write_text("Notice of {{ organisation.name }}\n", "utf-8")


def test_every_folder_is_a_kind_whose_duty_is_law() -> None:
    assert [*Library().kinds()] == sorted(folder.name for folder in TEMPLATES.iterdir()) == SHIPPED
    for name in SHIPPED:
        kind = Library().kind(name)
        _, duty = load_laws().rule(kind.duty)
        assert duty.owed_to == ("people" if kind.is_to_people else "supervisory_authority")


def test_each_kind_has_its_own_duty_and_way() -> None:
    kinds = [Library().kind(name) for name in SHIPPED]
    assert {kind.id: (kind.duty, kind.channel) for kind in kinds} == {
        "authority": ("eu-gdpr-art33-sa", "email"),
        "people": ("eu-gdpr-art34-people", "email"),
        "kz-authority": ("kz-pdl-authority", "portal"),
        "ru-initial": ("ru-152fz-initial", "portal"),
        "ru-investigation": ("ru-152fz-investigation", "portal"),
        "uk-authority": ("uk-gdpr-art33-sa", "portal"),
        "ch-authority": ("ch-fadp-fdpic", "portal"),
    }


@pytest.mark.parametrize("kind", SHIPPED)
def test_help_and_docs_name_every_kind(kind: str, studio: Programme) -> None:
    assert kind in studio.ok("notice", "draft", "--help").out
    assert f"| `{kind}` |" in DOCS.read_text("utf-8")


def test_an_unknown_kind_is_answered_with_those_there_are(opened: Programme) -> None:
    own_kind(opened.folder, "insurer", OWN.format(duty="eu-gdpr-art33-sa"))
    refused = opened.run("notice", "draft", "ru-inital")
    assert refused.code == 2
    assert 'There is no letter of the kind "ru-inital".' in refused.err
    there = "authority, ch-authority, insurer, kz-authority, people, ru-initial, ru-investigation, uk-authority"
    assert f"There are: {there}." in refused.err
    assert "did you mean ru-initial?" in refused.err
    assert opened.run("notice", "draft", "../people").code == 2


@pytest.mark.parametrize(
    ("languages", "letter"),
    [('"en", "de"', "kz-authority-ru"), ('"kk", "ru"', "kz-authority-kk"), ('"en", "ru"', "kz-authority-ru")],
)
def test_an_authority_reads_its_own_language_whatever_the_company_speaks(
    languages: str, letter: str, studio: Programme
) -> None:
    seal(a_breach(studio, languages=languages), rows(20), COUNTRIES)
    drafted = studio.json("notice", "draft", "kz-authority")
    assert [each["letter"] for each in drafted["letters"]] == [letter]
    assert drafted["languages_without_a_letter"] in ([], ["en"])


def test_texts_are_asked_for_and_taken_in_the_letters_language(studio: Programme) -> None:
    a_breach(studio, {"what_happened@ru": None, "what_happened@en": "A key leaked."})
    refused = studio.run("notice", "draft", "ru-initial")
    assert refused.code == 3
    assert 'incident fact what_happened@ru "…"' in refused.err
    studio.ok("fact", "what_happened@ru", "Ключ попал в открытый доступ.")
    assert studio.ok("notice", "draft", "ru-initial")


def test_a_letter_to_people_is_in_a_language_of_the_profile(studio: Programme) -> None:
    a_breach(studio, languages='"de"')
    refused = studio.run("notice", "draft", "people")
    assert refused.code == 2
    assert "There is no people letter in any language of the profile (de)." in refused.err


def test_an_own_kind_is_drafted_and_its_duty_is_in_the_record(opened: Programme) -> None:
    own_kind(opened.folder, "policy", OWN.format(duty="promise-policy-72h-supervisory_authority"))
    opened.ok("notice", "draft", "policy")
    letter = opened.json("notice", "show", "policy-en")
    assert (letter["duty"], letter["addressed_to"], letter["channel"], letter["annex"]) == (
        "promise-policy-72h-supervisory_authority", "authority", "email", None,
    )  # fmt: skip
    assert letter["subject"] == "Notice of SmartPact OÜ"
    assert "An access key to our database was published" in letter["text"]
    assert opened.json("notice", "check", "policy-en")["missing"] == []


def test_a_kind_changed_after_drafting_makes_the_letter_stale(opened: Programme) -> None:
    about = OWN.format(duty="eu-gdpr-art33-sa")
    own_kind(opened.folder, "own", about)
    opened.ok("notice", "draft", "own")
    (opened.folder / "templates" / "own" / "about.toml").write_text(about + "may_be_open = true\n", "utf-8")
    assert "The template or its phrases changed" in opened.run("notice", "check", "own-en").out


def test_a_duty_that_nobody_has_is_named(opened: Programme) -> None:
    own_kind(opened.folder, "own", OWN.format(duty="eu-gdpr-art33"))
    refused = opened.run("notice", "draft", "own")
    assert refused.code == 2
    assert 'templates/own/about.toml: there is no duty called "eu-gdpr-art33".' in refused.err


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ('addressed_to = "authority"', r"about\.toml, line 1: duty is missing"),
        ('duty = "x"\naddressed_to = "everybody"', "line 2: addressed_to must be one of people, authority"),
        ('duty = "x"\naddressed_to = "people"\nchannel = "portal"', "line 3: channel cannot be portal"),
        ('duty = "x"\naddressed_to = "authority"\nannex = ["name"]', "line 3: annex goes only with channel"),
        (
            'duty = "x"\naddressed_to = "authority"\nchannel = "portal"\nannex = ["phone"]',
            "annex must name columns of number, key, name, email",
        ),
        *(
            (
                f'duty = "x"\naddressed_to = "authority"\npart = {{ countries = {codes} }}',
                "countries must name countries",
            )
            for codes in ("[]", '["Russia"]', '["kz"]', '["UK"]', '["KZ", "EL"]', '["EU"]', '["ZZ"]', '["KAZ"]')
        ),
        (
            'duty = "x"\naddressed_to = "people"\npart = { countries = ["KZ"] }',
            r"own/about\.toml, line 3: part cannot stand in a letter to people",
        ),
        (
            'duty = "x"\naddressed_to = "authority"\nchannel = "portal"\nannex = ["name", "email", "name"]',
            "line 4: annex must name each column once",
        ),
        ('duty = "x"\naddressed_to = "authority"\nchanel = "email"', "did you mean channel"),
    ],
)
def test_what_is_wrong_with_a_kind_is_named_with_its_line(about: str, said: str, tmp_path: Path) -> None:
    own_kind(tmp_path, "own", about + "\n")
    with pytest.raises(UsageError, match=said):
        Library(tmp_path).kind("own")


def test_the_former_name_of_addressed_to_is_still_read_and_not_beside_the_new_one(tmp_path: Path) -> None:
    own_kind(tmp_path, "own", 'duty = "x"\naudience = "people"\n')
    assert Library(tmp_path).kind("own").is_to_people
    (tmp_path / "templates/own/about.toml").write_text('duty = "x"\naddressed_to = "people"\naudience = "authority"\n')
    with pytest.raises(UsageError, match=r"about\.toml, line 3: audience"):
        Library(tmp_path).kind("own")


def test_a_kind_without_its_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "templates" / "half").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"templates/half/about\.toml is missing"):
        Library(tmp_path).kind("half")


def test_a_languages_file_of_an_earlier_version_may_repeat_the_duty_and_not_change_it(tmp_path: Path) -> None:
    place = tmp_path / "templates" / "authority" / "en"
    place.mkdir(parents=True)
    for name in ("letter.md.j2", "subject.txt.j2"):
        (place / name).write_bytes((TEMPLATES / "authority" / "en" / name).read_bytes())
    (place / "about.toml").write_text('duty = "eu-gdpr-art33-sa"\nmay_be_open = true\n', "utf-8")
    assert Library(tmp_path).template("authority", "en").kind.duty == "eu-gdpr-art33-sa"
    (place / "about.toml").write_text('duty = "uk-gdpr-art33-sa"\n', "utf-8")
    with pytest.raises(UsageError, match=r"line 1: duty stands in templates/authority/about\.toml"):
        Library(tmp_path).template("authority", "en")


def done(ready: Ready) -> list[str]:
    return [str(event.body["duty"]) for event in ready.incident().events if event.kind == DutyDone.kind]


def test_a_letter_to_an_authority_meets_the_duty_of_its_kind_alone(tmp_path: Path) -> None:
    # The ministry is owed two notices here; the letter is one of them.
    _, rule = load_laws().rule("kz-pdl-authority")
    ministry = str(rule.versions[0].recipient)
    profile = PROFILE.replace('country = "EE"', 'country = "KZ"').replace("Andmekaitse Inspektsioon", ministry)
    ready = Ready(tmp_path / "ws", profile=profile)
    ready.append(FactStated("restricted_access_data", True, "exact"))
    own_kind(ready.folder, "ministry", OWN.format(duty="kz-pdl-authority"))
    ready.letter(kind="ministry", duty="kz-pdl-authority")
    workspace = ready.open()
    owed = duties_of(ready.incident(), workspace.organisation, load_laws(), now=NOW)
    workspace.close()
    assert {"kz-pdl-authority", "kz-179-incident"} <= {each.id for each in owed if each.recipient == ministry}
    send(ready, "ministry-en", Post())
    assert done(ready) == ["kz-pdl-authority"]


def test_the_gdpr_notice_also_keeps_the_promise_to_that_authority(tmp_path: Path) -> None:
    promise = (
        '[[promise]]\nid = "p"\nquote = "q"\nsource = "s"\npublished = 2026-01-01\n'
        'to = ["people", "supervisory_authority"]\nstarts_with = "awareness"\nhours = 72\n'
    )
    ready = Ready(tmp_path / "ws", profile=PROFILE + promise)
    ready.letter(kind="authority")
    send(ready, "authority-en", Post())
    assert sorted(done(ready)) == ["eu-gdpr-art33-sa", "promise-p-supervisory_authority"]


def two_kinds_to_people(folder: Path, profile: str = PROFILE) -> Ready:
    """A list of six in Estonia and the United Kingdom, the usual letter to them, and one of an own kind for the UK."""
    ready = Ready(folder / "ws", profile=profile.replace('["en", "et"]', '["en"]'))
    own_kind(ready.folder, "people-uk", 'duty = "uk-gdpr-art34-people"\naddressed_to = "people"\n')
    ready.append(
        FactStated("risk", "high", "exact"),
        FactStated("people_affected", 6, "exact"),
        FactStated("people_by_country", {"EE": 3, "GB": 3}, "exact"),
    )
    ready.seal(people(6, locales=("en",)))
    ready.letter(audience=("en",))
    ready.letter(kind="people-uk", duty="uk-gdpr-art34-people", audience=("en",))
    return ready


@pytest.mark.parametrize(("first", "second"), [("people", "people-uk"), ("people-uk", "people")])
def test_of_two_kinds_to_people_only_one_goes_to_a_list(first: str, second: str, tmp_path: Path) -> None:
    ready = two_kinds_to_people(tmp_path)
    post = Post()
    send(ready, f"{first}-en", post)
    with pytest.raises(RefusedError, match=f"{first}-en has begun to leave to s1, and this letter is of another kind"):
        send(ready, f"{second}-en", post)
    assert sorted(post.reached.values()) == [1] * 6


def test_a_letter_of_an_own_kind_to_people_meets_its_own_duty_alone(tmp_path: Path) -> None:
    ready = two_kinds_to_people(tmp_path)
    send(ready, "people-uk-en", Post())
    assert done(ready) == ["uk-gdpr-art34-people"]


def test_the_letter_to_all_readers_meets_every_duty_towards_them(tmp_path: Path) -> None:
    ready = two_kinds_to_people(tmp_path)
    send(ready, "people-en", Post())
    assert {"eu-gdpr-art34-people", "uk-gdpr-art34-people"} <= set(done(ready))


def test_people_by_language_is_printed_as_languages(opened: Programme) -> None:
    # "et" is Estonian and the code of Ethiopia, "ar" Arabic and that of Argentina.
    own_kind(opened.folder, "tongues", OWN.format(duty="eu-gdpr-art33-sa"), "{{ facts.people_by_language }}\n")
    opened.ok("fact", "people_by_language", "et=701,ar=3")
    opened.ok("notice", "draft", "tongues")
    assert opened.ok("notice", "show", "tongues-en", "--print", "md").out.strip() == "Estonian 701; Arabic 3"


@pytest.mark.parametrize("asked", ['of(("EE",))', "unknown", 'is_all_of(("EE",))', "countries", "countries_of_all"])
def test_where_people_live_is_asked_of_the_one_fact_that_says_it(asked: str, opened: Programme) -> None:
    body = f"# Notice\n\n{{% if facts.people_by_language.{asked} %}}x{{% endif %}}\n"
    own_kind(opened.folder, "tongues", OWN.format(duty="eu-gdpr-art33-sa"), body)
    opened.ok("fact", "people_by_language", "et=701")
    refused = opened.run("notice", "draft", "tongues")
    assert refused.code == 2
    assert (
        "line 3: people_by_language does not say in which countries people live; people_by_country does" in refused.err
    )


def test_what_changed_is_not_read_as_a_country_where_it_is_a_language(opened: Programme) -> None:
    about = OWN.format(duty="eu-gdpr-art33-sa") + 'part = { countries = ["ET"] }\n'
    changes = (
        "{% for change in (followup.changes if followup else ()) %}{{ change.fact }} {{ change.now }}\n{% endfor %}"
    )
    body = "{{ facts.people_by_language }} {{ facts.people_by_country.of(part.countries) }}\n\n" + changes
    own_kind(opened.folder, "tongues", about, body)
    opened.ok("fact", "people_by_country", "ET=2,EE=701")
    opened.ok("fact", "people_by_language", "et=701")
    opened.ok("notice", "draft", "tongues")
    append(opened, LetterSent("tongues-en", 1, "sha256:0", "post", 1))
    opened.ok("fact", "people_by_country", "ET=3,EE=701")
    opened.ok("fact", "people_by_language", "et=702")
    opened.ok("notice", "draft", "tongues")
    text = opened.ok("notice", "show", "tongues-en", "--print", "md").out
    assert text.replace("\\", "").endswith("people_by_country 3\n")
    assert "language" not in text
