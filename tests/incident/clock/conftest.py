"""Incidents and organisations made by hand, for rules that take them as values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incident.moments import stamp
from incident.organisation.profile import Authority, Organisation, Promise
from incident.record.events import DutyDone
from incident.record.ledger import FactVersion, Ledger
from incident.record.timeline import Awareness, Incident

OPENED = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
DECIDED = datetime(2026, 11, 20, 22, 40, tzinfo=UTC)


def ledger(**facts: Any) -> Ledger:
    """Facts as the ledger stores them; a datetime becomes its stamp, None an answer that cannot be had."""
    versions = {}
    for name, value in facts.items():
        stored = stamp(value) if isinstance(value, datetime) else value
        state = "exact" if value is not None else "unknowable"
        versions[name] = (FactVersion(name, 1, stored, state, None, "ann", OPENED, OPENED, None, 2),)
    return Ledger(versions)


def incident_with(aware: datetime | None = DECIDED, done: dict[str, datetime] | None = None, **facts: Any) -> Incident:
    decisions = (Awareness(aware, "the dump was checked", False, "ann"),) if aware else ()
    return Incident(
        "2026-001",
        "a token in a public repository",
        OPENED,
        "ann",
        ledger=ledger(**facts),
        awareness_decisions=decisions,
        duties_done={duty: (DutyDone(duty, at, "R-1"),) for duty, at in (done or {}).items()},
    )


def organisation_in(country: str | None = "EE", **fields: Any) -> Organisation:
    return Organisation(
        Path("organisation.toml"), "Sample OÜ", ZoneInfo("Europe/Tallinn"), ("en",), country=country, **fields
    )


ESTONIAN = Authority("Andmekaitse Inspektsioon", "EE")
PROMISE = Promise(
    "policy-72h",
    "we will tell you within 72 hours",
    "Privacy policy, section 9",
    None,
    ("people", "supervisory_authority"),
    "detection",
    72,
)


@pytest.fixture(scope="session")
def incident() -> Callable[..., Incident]:
    return incident_with


@pytest.fixture(scope="session")
def organisation() -> Callable[..., Organisation]:
    return organisation_in


@pytest.fixture(scope="session")
def studio() -> Organisation:
    """A controller in Tallinn with an authority and a promise of its own."""
    return organisation_in(authority=ESTONIAN, promises=(PROMISE,))
