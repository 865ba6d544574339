"""Screens with more duties than anybody reads one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incident.clock.duties import duties_of
from incident.clock.judging import Duty
from incident.clock.regimes import load_laws
from incident.clock.show import clock_lines
from incident.organisation.profile import Organisation
from incident.record.timeline import Incident

NOW = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
TALLINN = ZoneInfo("Europe/Tallinn")


def duties(laws: int) -> list[Duty]:
    """Three duties a law: two due at one time, one without a number."""
    first = Duty(
        id="l000-authority",
        law="l000",
        name="Notify the authority of 000",
        owed_to="supervisory_authority",
        recipient=None,
        state="running",
        starts_with="awareness",
        starts_at=NOW,
        period="72 hours",
        due_at=NOW + timedelta(hours=72),
        cite="Act 000",
        reasons=(),
        missing=(),
        confidence="verified",
        checked_on=None,
    )
    found = []
    for number in range(laws):
        law, due_at = f"l{number:03d}", NOW + timedelta(hours=72 + number)
        one = replace(
            first, id=f"{law}-authority", law=law, name=f"Notify the authority of {number:03d}", due_at=due_at
        )
        people = replace(one, id=f"{law}-people", name=f"Tell the people of {number:03d}")
        later = replace(one, id=f"{law}-public", name=f"Tell the public of {number:03d}", due_at=None)
        found += [one, people, replace(later, confidence="knowledge")]
    return sorted(found, key=lambda duty: (duty.due_at or datetime.max.replace(tzinfo=UTC), duty.id))


def screen(found: list[Duty], *, everything: bool = False) -> list[str]:
    return clock_lines(found, now=NOW, zone=TALLINN, everything=everything)


def test_150_duties_of_50_laws_fit_on_a_screen_and_none_is_left_out() -> None:
    found = duties(50)
    lines = screen(found)
    assert len(lines) < 70
    text = "\n".join(lines)
    assert all(duty.name in text for duty in found)


def test_the_next_three_still_come_first_and_in_full() -> None:
    lines = screen(duties(50))
    assert lines[2:4] == ["Next", "1. Notify the authority of 000 (l000-authority)"]
    assert lines[4].startswith("   running: 3 d 0 h left, due ")


def test_a_law_is_a_line_with_its_times_in_order_and_its_weakest_confidence() -> None:
    lines = screen(duties(50))
    assert "Then, law by law (--all shows each duty by itself, with its id)" in lines
    assert (
        "   l007  3 d 7 h left, Tue 2026-11-24 10:05 +02:00: Notify the authority of 007, Tell the people of 007; "
        "as soon as possible: Tell the public of 007 [NOT VERIFIED]"
    ) in lines
    laws = [line.split()[0] for line in lines if line.startswith("   l0")]
    assert laws == [f"l{number:03d}" for number in range(1, 50)] + ["l000"]


def test_what_is_late_says_so_in_its_line() -> None:
    found = [replace(duty, state="late") for duty in duties(20)]
    lines = clock_lines(found, now=NOW + timedelta(days=5), zone=TALLINN)
    assert any(line.startswith("   l007  1 d 17 h LATE, Tue 2026-11-24") for line in lines)


def test_all_shows_each_by_itself() -> None:
    lines = screen(duties(50), everything=True)
    assert "Then" in lines
    assert "As soon as possible" in lines
    assert len(lines) > 150


def test_a_few_are_not_folded() -> None:
    lines = screen(duties(4))
    assert "Then" in lines
    assert not any("law by law" in line for line in lines)


def test_the_lead_authority_and_the_countries_concerned_are_said(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    found = duties_of(incident(people_by_country={"EE": 2, "FI": 1}), organisation("EE"), load_laws(), now=NOW)
    assert "   It leads; those of FI are concerned, and hear of it from there." in screen(found)


def test_a_controller_outside_the_eea_reads_that_each_is_notified_and_who_disagrees(
    incident: Callable[..., Incident], organisation: Callable[..., Organisation]
) -> None:
    found = duties_of(incident(people_by_country={"EE": 2, "ES": 1}), organisation("TV"), load_laws(), now=NOW)
    text = "\n".join(screen(found))
    assert "Each of 2 is notified. EE: Andmekaitse Inspektsioon; ES: Agencia Española de Protección de Datos" in text
    assert text.count("EDPB Guidelines 9/2022 (2.0), para 73") >= 1
    assert "The AEPD's own page asks" in text
