from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incident.errors import RefusedError, UsageError
from incident.organisation.profile import Organisation
from incident.record.events import FactStated
from incident.record.timeline import Incident
from notices.drafting import Draft, Occasion, draft
from notices.template_library import Library, Template

Build = Callable[..., Incident]
Facts = Mapping[str, Any]


@pytest.fixture
def write(organisation: Organisation, now: datetime) -> Callable[..., Draft]:
    def write_letter(
        incident: Incident,
        kind: str = "authority",
        language: str = "en",
        *,
        late: bool = False,
        body: str | None = None,
    ) -> Draft:
        template: Template = Library().template(kind, language)
        if body is not None:
            template = replace(template, body=body)
        due_at = now + timedelta(hours=-1 if late else 40)
        return draft(template, Occasion(incident, organisation, now, due_at))

    return write_letter


def without(facts: Facts, *names: str) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name.partition("@")[0] not in names}


def test_every_missing_fact_is_named_at_once_with_its_command(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    incident = incident_with(without(known, "likely_consequences", "data_categories"))
    with pytest.raises(RefusedError) as refusal:
        write(incident, "people", "et")
    message = "\n".join(refusal.value.lines())
    assert "2 things are missing for the people letter in et" in message
    assert 'Likely consequences: likely_consequences@et\n      incident fact likely_consequences@et "…"' in message
    assert "incident fact data_categories KEY,KEY" in message
    assert "No letter was written." in message


def test_a_preliminary_notice_says_what_is_not_yet_known_and_until_when(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    letter = write(incident_with(without(known, "root_cause", "records_affected")))
    assert "**preliminary** (Article 33(4))" in letter.text
    open_points = letter.text.partition("## 15. Not yet known")[2]
    assert "- Root cause" in open_points
    assert "- Number of records concerned" in open_points
    assert "1 December 2026" in open_points
    assert {each.fact for each in letter.still_open} == {"root_cause@en", "records_affected"}


def test_a_complete_notice_has_no_list_of_open_points(incident: Incident, write: Callable[..., Draft]) -> None:
    letter = write(incident)
    assert "New notification, complete" in letter.text
    assert "Not yet known" not in letter.text
    assert letter.still_open == ()


@pytest.mark.parametrize("fact", ["what_happened", "next_update_at"])
def test_even_a_preliminary_notice_cannot_do_without(
    fact: str, incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    with pytest.raises(RefusedError, match=fact):
        write(incident_with(without(known, fact, "root_cause")))


def test_a_notice_is_not_written_on_an_awareness_that_nobody_decided(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    with pytest.raises(RefusedError, match='incident aware WHEN --because "…"'):
        write(incident_with(known, aware=False))


def test_a_profile_without_an_address_is_named_with_its_key(
    incident: Incident, organisation: Organisation, now: datetime
) -> None:
    bare = replace(organisation, address=None, contact=None)
    with pytest.raises(RefusedError) as refusal:
        draft(Library().template("authority", "en"), Occasion(incident, bare, now))
    assert 'under [organisation], write address = "…"' in refusal.value.what
    assert 'under [contact], write name = "…" and email = "…"' in refusal.value.what


def test_a_text_that_exists_in_another_language_is_missing_and_not_unknown(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    facts = {name: value for name, value in known.items() if name != "root_cause@et"}
    with pytest.raises(RefusedError, match="root_cause@et"):
        write(incident_with(facts), "authority", "et")


def test_what_cannot_be_determined_is_said_without_our_own_note_why(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    minors = FactStated("minors_affected", None, "unknowable", "ages are <not> kept")
    letter = write(incident_with({**known, "minors_affected": minors}))
    assert "Minors among them\n:   cannot be determined\n" in letter.text
    assert "kept\\>" not in letter.text
    assert "are \\<not" not in letter.text


def test_approximate_numbers_and_times_say_so(incident_with: Build, known: Facts, write: Callable[..., Draft]) -> None:
    rough = {
        "people_affected": FactStated("people_affected", 41000, "approximate"),
        "occurred_at": FactStated("occurred_at", "2026-11-14T21:10:00Z", "approximate"),
    }
    letter = write(incident_with({**known, **rough}))
    assert "about 41,000" in letter.text
    assert "23:10 (Eastern European Standard Time, UTC+2) (approximate)" in letter.text


def test_numbers_are_grouped_as_the_language_does_it(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    incident = incident_with({**known, "people_affected": 41207})
    assert "41,207" in write(incident).text
    assert "41\N{NO-BREAK SPACE}207" in write(incident, "authority", "et").text


def test_a_late_notice_gives_its_reasons(incident_with: Build, known: Facts, write: Callable[..., Draft]) -> None:
    with pytest.raises(RefusedError, match="reasons_for_delay@en"):
        write(incident_with(known), late=True)
    incident = incident_with({**known, "reasons_for_delay@en": "The log was encrypted until 18 November."})
    assert "The log was encrypted until 18 November." in write(incident, late=True).text
    assert "Reasons for the delay" not in write(incident).text


def test_the_seal_learns_every_fact_that_was_read_and_those_that_were_not_there(
    incident: Incident, write: Callable[..., Draft]
) -> None:
    facts = write(incident).facts
    assert facts["people_affected"] == 1
    assert facts["awareness"] == 2
    assert facts["other_authorities@en"] == 0
    assert "actions_for_people@en" not in facts


@pytest.mark.parametrize(("language", "word"), [("en", "EXERCISE"), ("et", "ÕPPUS")])
@pytest.mark.parametrize("kind", ["authority", "people"])
def test_an_exercise_says_so_in_subject_and_text(
    kind: str, language: str, word: str, incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    drill = write(incident_with(known, exercise=True), kind, language)
    assert drill.subject.startswith(word)
    assert drill.text.startswith(f"::: exercise\n{word}")
    real = write(incident_with(known), kind, language)
    assert word not in real.subject + real.text


def test_an_invented_company_says_so_and_a_real_one_does_not(
    incident: Incident, organisation: Organisation, now: datetime
) -> None:
    template = Library().template("people", "en")
    assert "are invented." in draft(template, Occasion(incident, organisation, now)).text
    real = replace(organisation, invented=None)
    assert "invented" not in draft(template, Occasion(incident, real, now)).text


def test_hostile_facts_and_names_never_become_markup(
    incident_with: Build, known: Facts, organisation: Organisation, now: datetime
) -> None:
    incident = incident_with(
        {**known, "what_happened@en": "{{ 7*7 }} <b>x</b>\n# heading\n::: sender\n- item\n| a | b |"}
    )
    named = replace(organisation, name="*A* <B> {{ c }}")
    text = draft(Library().template("people", "en"), Occasion(incident, named, now)).text
    assert "{{ 7\\*7 }} \\<b\\>x\\</b\\>\\\n\\# heading\\\n\\::: sender\\\n\\- item\\\n\\| a \\| b \\|" in text
    assert "\\*A\\* \\<B\\> {{ c }}" in text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("one\ntwo {{ facts.no_such_fact }}", r"letter\.md\.j2, line 2: .*no_such_fact"),
        ("{{ nothing }}", r"line 1: 'nothing' is undefined"),
        ("a\n\n{% if %}", r"line 3: "),
        ("{{ ''.__class__.__mro__ }}", r"line 1: .*unsafe"),
        ("{{ field('birth') }}", r"\"birth\" is not declared in about\.toml"),
        ("{{ organisation.telephone }}", r"line 1: .*telephone"),
    ],
)
def test_a_broken_template_is_named_with_file_and_line(
    body: str, said: str, incident: Incident, write: Callable[..., Draft]
) -> None:
    with pytest.raises(UsageError, match=said):
        write(incident, body=body)


def test_people_read_the_bad_news_in_the_first_sentence(incident: Incident, write: Callable[..., Draft]) -> None:
    after_greeting = write(incident, "people", "en").text.partition("Dear «name»,")[2].strip()
    assert after_greeting.startswith("On 18 November 2026 we became certain that people without permission had reached")
    assert "**Your data are among them.**" in after_greeting.splitlines()[0]


def test_people_without_advice_of_our_own_get_the_first_step_for_each_kind_of_data(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    letter = write(incident_with(without(known, "actions_for_people")), "people", "en")
    steps = letter.text.partition("## What You Can Do")[2].partition("##")[0].strip().splitlines()
    assert steps[0].startswith("1. Change your password here")
    assert [step.split(".")[0] for step in steps] == ["1", "2", "3", "4", "5"]


def test_a_breach_that_goes_on_is_said_to_go_on(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    going_on = FactStated("contained_at", None, "pending")
    text = write(incident_with({**known, "contained_at": going_on}), "people", "en").text
    assert "It is not over yet." in text
    assert "We stopped it" not in text


def test_time_since_awareness_is_counted_across_a_clock_change(
    incident_with: Build, known: Facts, organisation: Organisation
) -> None:
    aware = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)
    occasion = Occasion(incident_with(known), organisation, aware + timedelta(hours=71, minutes=5))
    assert "2 days 23 hours" in draft(Library().template("authority", "en"), occasion).text


def test_a_breach_that_ended_before_it_was_stopped_says_both(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    text = write(incident_with(known), "people", "en").text
    assert "It ended on 17 November 2026. On 18 November 2026 we shut off what had made it possible." in text
    until_stopped = write(incident_with({**known, "occurred_until": known["contained_at"]}), "people", "en").text
    assert "We stopped it on 18 November 2026." in until_stopped
    assert "It ended on" not in until_stopped


@pytest.mark.parametrize("kind", ["authority", "people"])
def test_consequences_in_several_lines_are_a_list(
    kind: str, incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    several = {**known, "likely_consequences@en": "False messages.\nWeak passwords worked out."}
    assert "\n- False messages.\n- Weak passwords worked out.\n" in write(incident_with(several), kind).text


def test_the_table_of_countries_adds_up_to_the_people(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    stated = {**known, "people_by_country": {"EE": 701, "ZZ": 3}, "people_affected": 1000}
    text = write(incident_with(stated)).text
    assert "| Estonia | 701 |\n| country not known | 299 |\n" in text
    complete = write(incident_with({**known, "people_by_country": {"EE": 1204}})).text
    assert "country not known" not in complete


@pytest.mark.parametrize(("language", "other"), [("en", "et"), ("et", "en")])
def test_advice_stated_in_one_language_is_asked_for_in_the_other(
    language: str, other: str, incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    facts = {name: value for name, value in known.items() if name != f"actions_for_people@{language}"}
    with pytest.raises(RefusedError, match=f"actions_for_people@{language}"):
        write(incident_with(facts), "people", language)
    assert write(incident_with(facts), "people", other)


def test_a_letter_with_stock_advice_knows_that_nobody_stated_any(
    incident_with: Build, known: Facts, write: Callable[..., Draft]
) -> None:
    letter = write(incident_with(without(known, "actions_for_people")), "people", "en")
    assert letter.uses_stock_advice
    assert {letter.facts["actions_for_people@en"], letter.facts["actions_for_people@et"]} == {0}
    assert not write(incident_with(known), "people", "en").uses_stock_advice
