"""A company without a seat in the EEA notifies the authority of each country where people live, one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from post import Post, send
from programme import Programme
from ready_to_send import NOW, PROFILE, Ready

from incident.clock.duties import Duty, duties_of
from incident.clock.regimes import load_laws
from incident.record.events import DutyDone, FactStated

DUTY = "eu-gdpr-art33-sa"
IN_KAZAKHSTAN = PROFILE.replace('country = "EE"\nzone', 'country = "KZ"\nzone')


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    """30 people in Germany, 30 in France, 3 in Estonia; the profile names Estonia's authority."""
    ready = Ready(tmp_path / "ws", profile=IN_KAZAKHSTAN)
    ready.append(
        FactStated("people_by_country", {"EE": 3, "DE": 30, "FR": 30}, "exact"),
        FactStated("people_affected", 63, "exact"),
    )
    return ready


@pytest.fixture
def programme(ready: Ready, capsys: pytest.CaptureFixture[str]) -> Programme:
    return Programme(ready.folder, capsys, actor="mari", clock=NOW)


def art33(ready: Ready) -> Duty:
    workspace = ready.open()
    duties = duties_of(ready.incident(), workspace.organisation, load_laws(), now=NOW)
    workspace.close()
    return next(duty for duty in duties if duty.id == DUTY)


def test_a_letter_that_was_sent_meets_it_for_the_authority_it_went_to_alone(ready: Ready) -> None:
    ready.letter(kind="authority")
    send(ready, "authority-en", Post())
    done = [event.body for event in ready.incident().events if event.kind == DutyDone.kind]
    assert [(each["duty"], each["recipient"], each["country"]) for each in done] == [
        (DUTY, "Andmekaitse Inspektsioon", "EE")
    ]
    assert (art33(ready).state, [one.country for one in art33(ready).remaining]) == ("running", ["DE", "FR"])


def test_a_record_by_hand_says_for_whom_and_is_asked_where_it_does_not(programme: Programme) -> None:
    refused = programme.run("done", DUTY, "--reference", "R-1")
    assert refused.code == 2
    assert f"{DUTY} is owed to each of 3 authorities, so it is recorded for one of them." in refused.err
    assert "FR: Commission nationale de l'informatique et des libertés" in refused.err.replace("’", "'")
    assert f"incident done {DUTY} --recipient DE" in refused.err
    assert programme.json("done", DUTY, "--recipient", "fr", "--reference", "CNIL-1")["remaining"] == ["DE", "EE"]
    berlin = "Berliner Beauftragte für Datenschutz und Informationsfreiheit"
    assert programme.json("done", DUTY, "--recipient", berlin)["remaining"] == ["EE"]
    met = programme.json("done", DUTY, "--recipient", "Andmekaitse Inspektsioon")
    assert (met["state"], met["remaining"]) == ("done", [])
    events = [event["body"] for event in programme.json("timeline")["events"] if event["kind"] == DutyDone.kind]
    assert [(each["recipient"], each["country"]) for each in events[1:]] == [
        (berlin, "DE"),
        ("Andmekaitse Inspektsioon", "EE"),
    ]


def test_an_authority_it_is_not_owed_to_is_refused_with_those_it_is(programme: Programme) -> None:
    refused = programme.run("done", DUTY, "--recipient", "IT")
    assert refused.code == 2
    assert f'{DUTY} is not owed to "IT".' in refused.err
    assert "Nothing was recorded." in refused.err
    assert "DE: " in refused.err


def test_where_there_is_one_authority_it_is_recorded_by_itself(opened: Programme) -> None:
    assert opened.json("done", DUTY)["state"] == "done"
    event = opened.json("timeline")["events"][-1]
    assert (event["body"]["recipient"], event["body"]["country"]) == ("Andmekaitse Inspektsioon", "EE")
